//! The page of an invitation: of one person by mail, or of a link that was handed out.

use domain::applications::ApplicationDraft;
use domain::fields::{Name, Problems};
use domain::ids::TermsId;
use engine::programs::invitations::{self, Invited};
use engine::programs::join_page::Offer;
use engine::programs::joined::Confirmed;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::frame::{frame, head, terms_card};
use crate::components::{
    Checkbox, EmailField, ErrorSummary, Flashes, PublicFrame, PublicShell, TestNote, TextField, TextKind,
};
use crate::forms::FormState;
use crate::forms::submission::{Redirect, Submission, finish, take_flashes, take_form};
use crate::layout::title;
use crate::pages::page;
use crate::presenters::terms::headline;
use crate::request::access::{Access, Refusal, engine, parameter};
use crate::request::queries::Parameters;
use crate::request::site::{ClientAddress, Site};
use crate::routes;

/// The parameter of the page after a form was sent.
const SENT: &str = "sent";

/// The page of an invitation. Opening it changes nothing, because scanners of mail follow links,
/// too.
#[component]
pub fn InvitePage() -> impl IntoView {
    page(invite_page())
}

async fn invite_page() -> Access<AnyView> {
    let token: String = parameter("token")?;
    let engine = engine();
    if let Some(invited) = invitations::invited(&engine, &token).await? {
        return personal(invited, token).await;
    }
    match invitations::link_of_token(&engine, &token).await? {
        Some(offer) if Parameters::of_request().get(SENT).is_some() => Ok(sent(&offer)),
        Some(offer) => by_link(offer, token).await,
        None => Ok(invitation_is_over()),
    }
}

/// The invitation of one person.
async fn personal(invited: Invited, token: String) -> Access<AnyView> {
    let Invited { invitation, is_accepted, offer } = invited;
    let form = take_form(AcceptInvite::PATH).await;
    if is_accepted {
        head(&offer, false);
        let heading = format!("You are in {}", offer.program.name);
        return Ok(sheet(
            &offer,
            &heading,
            view! {
                <p>"Sign in to see your link, with your clicks and earnings."</p>
                <p class="actions"><a class="button program large wide" href=routes::SIGN_IN>"Sign in"</a></p>
                <p class="muted small">"No password yet? "<a href=routes::FORGOT_PASSWORD>"Choose one"</a></p>
            }
            .into_any(),
        ));
    }
    let field = form.field("name", invitation.name.as_deref().unwrap_or_default());
    let email = invitation.email.to_string();
    let fields = view! {
        <TextField field label="Name" kind=TextKind::PersonName/>
        <p class="muted">"You sign in with "<b>{email}</b>"."</p>
    };
    Ok(joining(&offer, &form, AcceptInvite::PATH, token, fields.into_any()).await)
}

/// A link that anyone may have.
async fn by_link(offer: Offer, token: String) -> Access<AnyView> {
    let form = take_form(UseInvitationLink::PATH).await;
    let (name, email) = (form.field("name", ""), form.field("email", ""));
    let fields = view! {
        <TextField field=name label="Name" kind=TextKind::PersonName/>
        <EmailField field=email label="Email" hint="We’ll send you a link to confirm it"/>
    };
    Ok(joining(&offer, &form, UseInvitationLink::PATH, token, fields.into_any()).await)
}

/// The offer, the terms, and the form that accepts them.
async fn joining(
    offer: &Offer,
    form: &FormState,
    action: &'static str,
    token: String,
    fields: AnyView,
) -> AnyView {
    let Offer { program, merchant_name, terms, .. } = offer;
    head(offer, form.has_errors());
    let flashes = take_flashes().await;
    let heading = format!("Join {}", program.name);
    let lead = format!("{merchant_name} invites you. {}.", headline(&terms.terms, program.currency));
    let accept = form.field("accept", "");
    let is_accepted = form.is_checked("accept", false);
    let version = format!(", version {}", terms.version);
    let label = view! { "I accept the "<a href="#terms">"terms of the program"</a>{version} }.into_any();
    let (frame, terms_card) = (frame(offer), terms_card(offer));
    let terms = terms.id.to_string();
    let errors = form.errors().to_vec();
    view! {
        <PublicShell frame>
            <div class="one-column">
                <h1>{heading}</h1>
                <p class="lead">{lead}</p>
                <Flashes flashes/>
                <section class="card apply" aria-label="Join">
                    <ErrorSummary errors/>
                    <form class="form" method="post" action=action novalidate>
                        <input type="hidden" name="token" value=token/>
                        <input type="hidden" name="terms" value=terms/>
                        {fields}
                        <Checkbox field=accept checked=is_accepted label/>
                        <button class="button program large wide">"Join the program"</button>
                    </form>
                </section>
                {terms_card}
            </div>
        </PublicShell>
    }
    .into_any()
}

fn sent(offer: &Offer) -> AnyView {
    head(offer, false);
    sheet(
        offer,
        "Check your email",
        view! {
            <p>"We’ve sent a message to your address. Open the link in it to confirm it, and you are in. It works for 7 days."</p>
            <p>"No message after a few minutes? Look in your spam folder, or open the invitation again."</p>
        }
        .into_any(),
    )
}

fn sheet(offer: &Offer, heading: &str, content: AnyView) -> AnyView {
    let (frame, heading) = (frame(offer), heading.to_owned());
    view! {
        <PublicShell frame>
            <section class="card apply one-column"><h1>{heading}</h1>{content}</section>
        </PublicShell>
    }
    .into_any()
}

fn invitation_is_over() -> AnyView {
    title("This invitation has ended", false);
    let frame = PublicFrame {
        logo: None,
        program: "Honeyguide".to_owned(),
        merchant: String::new(),
        home: routes::START.to_owned(),
        website: String::new(),
        test_bar: TestNote::of(&Site::current(), false),
    };
    view! {
        <PublicShell frame>
            <section class="card apply one-column">
                <h1>"This invitation has ended"</h1>
                <p>"Ask whoever gave it to you for a new one. If you have joined before, sign in."</p>
                <p><a class="button" href=routes::SIGN_IN>"Go to sign-in"</a></p>
            </section>
        </PublicShell>
    }
    .into_any()
}

/// The terms that were accepted, or the problem of the box.
fn accepted(accept: &str, terms: &str) -> Result<TermsId, &'static str> {
    let terms = if accept.is_empty() { None } else { terms.parse().ok() };
    terms.ok_or("Accept the terms to join")
}

/// Accepts the invitation of a person.
#[server(prefix = "/do", endpoint = "invite/accept")]
pub async fn accept_invite(
    /// The secret of the invitation.
    #[server(default)]
    token: String,
    /// The person's name.
    #[server(default)]
    name: String,
    /// The version of the terms that the page showed.
    #[server(default)]
    terms: String,
    /// Not empty where the box is ticked.
    #[server(default)]
    accept: String,
) -> Result<(), ServerFnError> {
    let back = routes::invite(&token);
    let sent = Submission::new(AcceptInvite::PATH, &back).typed("name", &name).typed("accept", &accept);
    finish(sent, async {
        let mut problems = Problems::new();
        let name = problems.keep("name", Name::parse(&name, "your name"));
        let terms = problems.keep("accept", accepted(&accept, &terms));
        let (Some(name), Some(terms)) = (name, terms) else { return Err(Refusal::Engine(problems.into())) };
        match invitations::accept(&engine(), &token, &name, &terms).await {
            Ok(Confirmed::Noted | Confirmed::In) => Ok(Redirect::to(back)),
            Ok(Confirmed::ChoosePassword(token)) => Ok(Redirect::to(routes::choose_password(&token))),
            Err(engine::Error::NotFound) => Err(Refusal::Elsewhere(back)),
            Err(error) => Err(error.into()),
        }
    })
    .await
}

/// Joins by a link that was handed out: the address is confirmed by mail.
#[server(prefix = "/do", endpoint = "invite/join")]
pub async fn use_invitation_link(
    /// The secret of the link.
    #[server(default)]
    token: String,
    /// The person's name.
    #[server(default)]
    name: String,
    /// The person's address.
    #[server(default)]
    email: String,
    /// The version of the terms that the page showed.
    #[server(default)]
    terms: String,
    /// Not empty where the box is ticked.
    #[server(default)]
    accept: String,
) -> Result<(), ServerFnError> {
    let back = routes::invite(&token);
    let sent = Submission::new(UseInvitationLink::PATH, &back)
        .typed("name", &name)
        .typed("email", &email)
        .typed("accept", &accept);
    finish(sent, async {
        let mut problems = Problems::new();
        let name = problems.keep("name", Name::parse(&name, "your name"));
        let email = problems.keep("email", email.parse());
        let terms = problems.keep("accept", accepted(&accept, &terms));
        let (Some(name), Some(email), Some(terms)) = (name, email, terms) else {
            return Err(Refusal::Engine(problems.into()));
        };
        let draft = ApplicationDraft {
            name,
            email,
            website: None,
            promotion: None,
            terms,
            questions: String::new(),
            answers: Vec::new(),
        };
        let address = use_context::<ClientAddress>().unwrap_or_default();
        let taken =
            engine::programs::applications::apply_by_link(&engine(), &token, &draft, &address.0).await;
        match taken {
            Ok(()) => Ok(Redirect::to(format!("{back}?{SENT}=1"))),
            Err(engine::Error::NotFound) => Err(Refusal::Elsewhere(back)),
            Err(error) => Err(error.into()),
        }
    })
    .await
}
