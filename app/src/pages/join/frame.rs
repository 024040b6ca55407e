//! What all public pages of a program have in common: the head of the document, the frame, and the
//! terms.

use engine::programs::join_page::Offer;
use leptos::prelude::*;

use crate::components::{Card, CardBody, Fact, Facts, PublicFrame, TestNote};
use crate::layout::{Preview, public_head};
use crate::presenters::terms::{explained, headline};
use crate::request::site::Site;
use crate::routes;
use crate::text::{Zone, plural};

/// Title, description and preview.
pub(super) fn head(offer: &Offer, has_errors: bool) {
    let Offer { program, merchant_name, page, terms, .. } = offer;
    let headline = headline(&terms.terms, program.currency);
    public_head(
        &format!("Join {} by {merchant_name}", program.name),
        has_errors,
        Preview {
            description: format!(
                "{headline} when you recommend {merchant_name}. Clicks count for {}.",
                plural(terms.terms.window_days, "day", "days"),
            ),
            title: format!("{headline} with {}", program.name),
            url: format!("{}{}", Site::current().base_url, routes::join(&program.slug)),
            image: format!("{}{}", Site::current().base_url, routes::join_image(&program.slug)),
            stylesheet: page.color.map(routes::program_colors),
        },
    );
}

/// The frame of all public pages of a program.
pub(super) fn frame(offer: &Offer) -> PublicFrame {
    PublicFrame {
        logo: offer.logo.as_ref().map(routes::logo),
        program: offer.program.name.clone(),
        merchant: offer.merchant_name.clone(),
        home: routes::join(&offer.program.slug),
        website: offer.program.website.clone(),
        test_bar: TestNote::of(&Site::current(), false),
    }
}

/// The card with the terms in force.
pub(super) fn terms_card(offer: &Offer) -> impl IntoView + use<> {
    let Offer { program, terms, .. } = offer;
    let items: Vec<Fact> = explained(&terms.terms, program.currency)
        .into_iter()
        .map(|(label, sentence)| Fact::new(label, sentence))
        .collect();
    let since = Zone::named(&program.time_zone).date(terms.starts_at).text;
    let version = format!("Version {}, in effect since {since}", terms.version);
    view! {
        <div id="terms">
            <Card id="terms-title" title="The terms" foot=view! { <span>{version}</span> }.into_any()>
                <CardBody><Facts items/></CardBody>
            </Card>
        </div>
    }
}
