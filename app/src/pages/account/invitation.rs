//! An invitation to an affiliate program, which the company has handed over.

use engine::identity::password_links::Invitation;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::Sheet;
use crate::components::FormActions;
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish, take_flashes};
use crate::layout::title;
use crate::pages::page;
use crate::request::access::{Access, Refusal, engine, parameter};
use crate::request::site::ClientAddress;
use crate::routes;

/// Leads to signing in. Someone without a password gets a link by mail: having the invitation
/// does not prove that the mailbox is theirs.
#[component]
pub fn InvitationPage() -> impl IntoView {
    page(invitation())
}

async fn invitation() -> Access<AnyView> {
    let token: String = parameter("token")?;
    let found = engine::identity::password_links::invitation(&engine(), &token).await?;
    let Some(Invitation { email, company, program, .. }) = found else { return Ok(invitation_is_over()) };
    let flashes = take_flashes().await;
    title(&format!("Invitation to {program}"), false);
    let lead = format!("{company} added {email} to its affiliate program.");
    Ok(view! {
        <Sheet title=format!("Join {program}") flashes lead>
            <form class="form" method="post" action=AcceptInvitation::PATH>
                <input type="hidden" name="token" value=token/>
                <p>"New here? We’ll send a link to this address to choose a password."</p>
                <FormActions submit="Send me the link" wide=true/>
            </form>
            <hr class="or"/>
            <a class="button large wide" href=routes::SIGN_IN>"I have a password"</a>
        </Sheet>
    }
    .into_any())
}

fn invitation_is_over() -> AnyView {
    title("This invitation has ended", false);
    view! {
        <Sheet
            title="This invitation has ended"
            lead="An invitation works for 14 days, until you choose a password. If you have one, sign in. Otherwise ask the company for a new invitation."
        >
            <a class="button" href=routes::SIGN_IN>"Go to sign-in"</a>
        </Sheet>
    }
    .into_any()
}

/// Sends the invited person a link to choose a password.
#[server(prefix = "/do", endpoint = "account/accept-invitation")]
pub async fn accept_invitation(
    /// The invitation's secret.
    #[server(default)]
    token: String,
) -> Result<(), ServerFnError> {
    let back = routes::invitation(&token);
    finish(Submission::new(AcceptInvitation::PATH, &back), async {
        let address = use_context::<ClientAddress>().unwrap_or_default();
        let sent = engine::identity::password_links::accept_invitation(&engine(), &token, &address.0).await;
        if let Err(engine::Error::NotFound) = sent {
            return Err(Refusal::Elsewhere(back.clone()));
        }
        sent?;
        let flash =
            Flash::done("Check your mail: we’ve sent a link to choose a password. It works for 30 minutes.");
        Ok(Redirect::to(&back).with_flash(flash))
    })
    .await
}
