//! `GET /stripe/callback`: back from Stripe's page, with a code or an error.

use domain::connections::{ConnectionMethod, OAuthOutcome};
use engine::stripe::connections::{CallbackOutcome, CallbackResult, OAuthCallback};
use leptos::prelude::*;

use super::callback_text::text;
use crate::components::{CenteredShell, TestNote};
use crate::forms::Flash;
use crate::forms::submission::keep_flash;
use crate::layout::title;
use crate::pages::page;
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::request::queries::Parameters;
use crate::request::site::Site;
use crate::routes;
use crate::trouble::Trouble;

/// Back from Stripe.
#[component]
pub fn StripeCallback() -> impl IntoView {
    page(returned())
}

async fn returned() -> Access<AnyView> {
    let parameters = Parameters::of_request();
    // Signed out on the way: the sign-in page leads back here with everything.
    let actor = merchant().await?;
    let callback = OAuthCallback::of(
        parameters.get("code"),
        parameters.get("error"),
        parameters.get("error_description"),
    );
    let state = parameters.get("state").unwrap_or_default();
    let result = engine::stripe::connections::complete(&engine(), &actor, state, callback).await?;
    if let (CallbackOutcome::Finished(OAuthOutcome::Connected), Some(program)) =
        (&result.outcome, &result.program)
    {
        let mode = if result.livemode { "" } else { " It sends test data; no real money moves." };
        keep_flash(Flash::done(format!("Stripe is connected.{mode}"))).await;
        return Err(Refusal::Elsewhere(routes::program(&program.id).settings().stripe()));
    }
    Ok(sheet(&result))
}

/// What happened, and what to do.
fn sheet(result: &CallbackResult) -> AnyView {
    let text = text(result);
    title(text.heading, false);
    let said = text.quote.map(|said| {
        view! { <p class="muted">"Stripe says: "<q>{said}</q></p> }
    });
    let again = result.program.as_ref().filter(|_| text.again).map(|program| {
        let path = routes::program(&program.id).settings().stripe_method(ConnectionMethod::OAuth);
        view! { <a class="button primary" href=path>"Try again"</a> }
    });
    let other = result.other_program.as_ref().map(|other| {
        let path = routes::program(&other.id).settings().stripe();
        view! { <a class="button" href=path>{format!("Go to {}’s settings", other.name)}</a> }
    });
    let back = result.program.as_ref().map_or_else(
        || (routes::PROGRAMS.to_owned(), "Go to your programs".to_owned()),
        |program| {
            (routes::program(&program.id).settings().stripe(), format!("Go to {}’s settings", program.name))
        },
    );
    let help = result.program.as_ref().map(|program| {
        let href = routes::program(&program.id).settings().trouble(Trouble::Connecting);
        view! { " "<a href=href>"Learn more"</a> }
    });
    view! {
        <CenteredShell test_bar=TestNote::of(&Site::current(), false)>
            <h1>{text.heading}</h1>
            <div class="stack">
                <p>{text.happened}</p>
                {said}
                <p>{text.what_to_do}{help}</p>
                <p class="button-row">{again}{other}<a class="button" href=back.0>{back.1}</a></p>
            </div>
        </CenteredShell>
    }
    .into_any()
}
