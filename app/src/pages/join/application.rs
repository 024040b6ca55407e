//! The page of the link in the mail: confirms an application, and then says what became of it.

use domain::applications::ApplicationStatus;
use engine::programs::applications::Confirmation;
use engine::programs::joined::Confirmed;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{FormActions, PublicFrame, PublicShell, TestNote};
use crate::forms::submission::{Redirect, Submission, finish};
use crate::layout::{link_is_over, title};
use crate::pages::page;
use crate::request::access::{Access, Refusal, engine, parameter};
use crate::request::site::Site;
use crate::routes;

const LINK_IS_OVER: &str = "A link to confirm an application works for 7 days. Apply again to get a new one.";

/// The page of the link in the mail. Opening it changes nothing, because scanners of mail
/// follow links, too.
#[component]
pub fn ApplicationPage() -> impl IntoView {
    page(application_page())
}

async fn application_page() -> Access<AnyView> {
    let token: String = parameter("token")?;
    let found = engine::programs::applications::confirmation(&engine(), &token).await?;
    let Some(found) = found else { return Ok(link_is_over(LINK_IS_OVER, None)) };
    let name = found.program.name.clone();
    let heading = match found.application.status {
        ApplicationStatus::Unconfirmed => "Confirm your application".to_owned(),
        ApplicationStatus::Pending => "Your application is confirmed".to_owned(),
        ApplicationStatus::Approved => format!("You are in {name}"),
        ApplicationStatus::Declined => "Application declined".to_owned(),
    };
    title(&format!("{heading} · {name}"), false);
    let frame = PublicFrame {
        logo: None,
        home: routes::join(&found.program.slug),
        website: found.program.website.clone(),
        program: name,
        merchant: found.merchant_name.clone(),
        test_bar: TestNote::of(&Site::current(), false),
    };
    let content = content(found, token);
    Ok(view! {
        <PublicShell frame>
            <section class="card apply one-column"><h1>{heading}</h1>{content}</section>
        </PublicShell>
    }
    .into_any())
}

fn content(found: Confirmation, token: String) -> AnyView {
    let Confirmation { application, program, merchant_name } = found;
    match application.status {
        ApplicationStatus::Unconfirmed => {
            let question = format!("Did you apply to {} with {}?", program.name, application.email);
            view! {
                <p>{question}</p>
                <form method="post" action=ConfirmApplication::PATH>
                    <input type="hidden" name="token" value=token/>
                    <FormActions submit="Confirm email address" wide=true/>
                </form>
            }
            .into_any()
        }
        ApplicationStatus::Pending => {
            let next = format!("{merchant_name} reviews it and writes to {}.", application.email);
            view! { <p>{next}</p> }.into_any()
        }
        ApplicationStatus::Approved => view! {
            <p>"We’ve mailed you your link. Sign in to see it, with your clicks and earnings."</p>
            <p class="actions">
                <a class="button program large wide" href=routes::SIGN_IN>"Sign in"</a>
            </p>
            <p class="muted small">
                "No password yet? "<a href=routes::FORGOT_PASSWORD>"Choose one"</a>
            </p>
        }
        .into_any(),
        ApplicationStatus::Declined => {
            let reason = application.reason.unwrap_or_default();
            view! { <p>{format!("{merchant_name} declined it. The reason: {reason}")}</p> }.into_any()
        }
    }
}

/// Confirms the address of an application.
#[server(prefix = "/do", endpoint = "join/confirm")]
pub async fn confirm_application(
    /// The secret of the link.
    #[server(default)]
    token: String,
) -> Result<(), ServerFnError> {
    let back = routes::confirm_application(&token);
    finish(Submission::new(ConfirmApplication::PATH, &back), async {
        match engine::programs::applications::confirm(&engine(), &token).await {
            Ok(Confirmed::Noted | Confirmed::In) => Ok(Redirect::to(back)),
            Ok(Confirmed::ChoosePassword(token)) => Ok(Redirect::to(routes::choose_password(&token))),
            Err(engine::Error::NotFound) => Err(Refusal::Elsewhere(back)),
            Err(error) => Err(error.into()),
        }
    })
    .await
}
