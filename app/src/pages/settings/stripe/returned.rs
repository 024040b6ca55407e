//! `GET /stripe/callback`: back from Stripe's page, with a code or a no.

use engine::stripe::connections::{Answer, Outcome, Returned};
use leptos::prelude::*;

use super::outcomes::words;
use super::{SIGN_IN, way_of};
use crate::components::CentredShell;
use crate::forms::Flash;
use crate::forms::submission::keep_flash;
use crate::layout::title;
use crate::pages::page;
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::request::queries::Parameters;
use crate::request::site::Site;
use crate::routes;

/// Back from Stripe.
#[component]
pub fn StripeCallback() -> impl IntoView {
    page(returned())
}

async fn returned() -> Access<AnyView> {
    let parameters = Parameters::of_request();
    // Signed out on the way: the sign-in page leads back here with everything.
    let actor = merchant().await?;
    let answer =
        Answer::of(parameters.get("code"), parameters.get("error"), parameters.get("error_description"));
    let state = parameters.get("state").unwrap_or_default();
    let returned = engine::stripe::connections::complete(&engine(), &actor, state, answer).await?;
    if let (Outcome::Connected, Some(program)) = (returned.outcome, &returned.program) {
        let mode = if returned.livemode { "" } else { " It sends test data; no real money moves." };
        keep_flash(Flash::done(format!("Stripe is connected.{mode}"))).await;
        return Err(Refusal::Elsewhere(routes::program(&program.id).settings().stripe()));
    }
    Ok(sheet(&returned))
}

/// What happened, and what to do.
fn sheet(returned: &Returned) -> AnyView {
    let words = words(returned);
    title(words.heading, false);
    let said = returned.said.clone().filter(|_| words.quotes).map(|said| {
        view! { <p class="muted">"Stripe says: "<q>{said}</q></p> }
    });
    let again = returned.program.as_ref().filter(|_| words.again).map(|program| {
        let path = way_of(&routes::program(&program.id).settings().stripe(), SIGN_IN);
        view! { <a class="button primary" href=path>"Try again"</a> }
    });
    let back = returned.program.as_ref().map_or_else(
        || (routes::PROGRAMS.to_owned(), "To your programs".to_owned()),
        |program| {
            (routes::program(&program.id).settings().stripe(), format!("To the settings of {}", program.name))
        },
    );
    view! {
        <CentredShell test_bar=Site::current().test_note(false)>
            <h1>{words.heading}</h1>
            <div class="stack">
                <p>{words.happened}</p>
                {said}
                <p>{words.what_to_do}</p>
                <p class="button-row">{again}<a class="button" href=back.0>{back.1}</a></p>
            </div>
        </CentredShell>
    }
    .into_any()
}
