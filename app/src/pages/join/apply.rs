//! The form of an application on its own page, and the page after it was sent.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::form::{SendApplication, apply_card};
use super::frame::{frame, head};
use crate::components::{Flashes, PublicShell};
use crate::forms::submission::{take_flashes, take_form};
use crate::pages::page;
use crate::request::access::{Access, engine, parameter};
use crate::routes;

/// The form alone. A form with problems comes back here, because the public page may be one
/// from a cache.
#[component]
pub fn ApplyPage() -> impl IntoView {
    page(apply_page())
}

async fn apply_page() -> Access<AnyView> {
    let slug: String = parameter("slug")?;
    let offer = engine::programs::join_page::offer(&engine(), &slug).await?;
    let form = take_form(SendApplication::PATH).await;
    let flashes = take_flashes().await;
    head(&offer, form.has_errors());
    let heading = format!("Join {}", offer.program.name);
    let (frame, card) = (frame(&offer), apply_card(&offer, &form));
    Ok(view! {
        <PublicShell frame>
            <div class="one-column">
                <h1>{heading}</h1>
                <Flashes flashes/>
                {card}
            </div>
        </PublicShell>
    }
    .into_any())
}

/// After an application was sent: the same for everyone.
#[component]
pub fn ApplicationSent() -> impl IntoView {
    page(sent())
}

async fn sent() -> Access<AnyView> {
    let slug: String = parameter("slug")?;
    let offer = engine::programs::join_page::offer(&engine(), &slug).await?;
    head(&offer, false);
    let (frame, back) = (frame(&offer), routes::join(&slug));
    Ok(view! {
        <PublicShell frame>
            <section class="card apply one-column">
                <h1>"Check your email"</h1>
                <p>"We’ve sent a message to your address. Open the link in it to confirm your application. It works for 7 days."</p>
                <p>"No message after a few minutes? Look in your spam folder, or apply again."</p>
                <a class="button" href=back>"Back to the program"</a>
            </section>
        </PublicShell>
    }
    .into_any())
}
