//! Sign-in, set-up, invitations, and a person's own account.

mod code;
mod device;
mod email_links;
mod forgot;
mod invitation;
mod new_password;
mod own;
mod set_up;
mod sign_in;
mod sign_in_link;
mod start;

use domain::ids::AccountId;
use engine::identity::second_step::{Entry, SignedIn};

pub use code::{EnterCode, SignInCode, enter_code};
pub use email_links::{ConfirmEmail, ConfirmEmailPage, UndoEmail, UndoEmailPage, confirm_email, undo_email};
pub use forgot::{Forgot, ForgotPassword, forgot_password};
pub use invitation::{AcceptInvitation, InvitationPage, accept_invitation};
pub use new_password::{ChoosePassword, NewPassword, choose_password};
pub use own::{AccountPage, TwoStepPage};
pub use set_up::{SetUp, SetUpForm, SetUpOwner, set_up_owner};
pub use sign_in::{SignIn, StartSession, start_session};
pub use sign_in_link::{
    MailSignInLink, SignInByLink, SignInLink, SignInWithLink, mail_sign_in_link, sign_in_with_link,
};
pub use start::Start;

use crate::forms::submission::Redirect;
use crate::layout::Sheet;
use crate::request::access::{Access, FirstStep, Refusal, engine, keep_first_step, remember};
use crate::request::queries::Parameters;
use crate::routes;

/// The parameter that says that a page of signing in was reached by a form: a browser that
/// then shows no session keeps none.
const SENT: &str = "sent";

/// The first page of a person who is signed in: the programs that they run, or else those
/// that they promote.
async fn home(account: &AccountId) -> Access<Option<&'static str>> {
    let person = engine::identity::sessions::person(&engine(), account).await?.ok_or(Refusal::SignIn)?;
    if person.two_step_due.is_some() {
        return Ok(Some(routes::TWO_STEP));
    }
    Ok(match (person.merchant, person.affiliate) {
        (Some(_), _) => Some(routes::PROGRAMS),
        (None, Some(_)) => Some(routes::AFFILIATE_PROGRAMS),
        (None, None) => None,
    })
}

/// Goes on after the first step of signing in: the person is in, or a code is asked for.
async fn enter(entry: Entry, next: Option<&str>) -> Access<Redirect> {
    match entry {
        Entry::In(signed_in) => welcome_in(&signed_in, next).await,
        Entry::Code { ticket } => {
            keep_first_step(&FirstStep { ticket, next: next.map(str::to_owned) }).await?;
            Ok(Redirect::to(Parameters::default().with(SENT, "1").on(routes::SIGN_IN_CODE)))
        }
    }
}

/// Signs a person in and goes by way of the sign-in page, which sees whether the browser
/// kept the session.
async fn welcome_in(signed_in: &SignedIn, next: Option<&str>) -> Access<Redirect> {
    device::remember(&signed_in.device);
    remember(&signed_in.account).await?;
    Ok(Redirect::to(sign_in_path(next)))
}

/// The sign-in page as a target of forms.
fn sign_in_path(next: Option<&str>) -> String {
    let parameters = next.into_iter().fold(Parameters::default(), |all, next| all.with("next", next));
    parameters.with(SENT, "1").on(routes::SIGN_IN)
}

/// The hint at the field of a new password.
fn password_hint() -> String {
    format!("At least {} characters. 15 or more are better", engine::identity::passwords::SHORTEST)
}
