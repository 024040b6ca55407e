//! What anyone may read of a program: the offer, the terms, the way to apply.

use engine::programs::join_page::Offer;
use http::header::{CACHE_CONTROL, HeaderValue, VARY};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::calculator::calculator;
use super::form::apply_card;
use super::frame::{frame, head, terms_card};
use crate::components::{Card, OfferHero, PlainText, PublicShell, RewardList, Steps};
use crate::forms::FormState;
use crate::pages::page;
use crate::presenters::rewards::{has_list, reward_views};
use crate::presenters::terms::headline;
use crate::request::access::{Access, engine, parameter};
use crate::text::{money, plural};

/// Caches may answer for a minute. The theme comes from a cookie.
const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=60");
const BY_COOKIE: HeaderValue = HeaderValue::from_static("Cookie");

/// A program's public page. It needs no session and sets no cookie.
#[component]
pub fn JoinPage() -> impl IntoView {
    page(join_page())
}

async fn join_page() -> Access<AnyView> {
    let slug: String = parameter("slug")?;
    let offer = engine::programs::join_page::offer(&engine(), &slug).await?;
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(CACHE_CONTROL, CACHED);
        response.append_header(VARY, BY_COOKIE);
    }
    head(&offer, false);
    let Offer { program, merchant_name, page, terms, .. } = &offer;
    let currency = program.currency;
    let terms_of_day = &terms.terms;
    let introduction = page.introduction.as_str().to_owned();
    let introduction =
        (!introduction.is_empty()).then(|| view! { <section class="join-block" aria-label="Introduction"><PlainText text=introduction/></section> });
    let rewards = has_list(terms_of_day).then(|| {
        let rewards = reward_views(terms_of_day, currency);
        let aside = view! { <p>"The first that fits decides"</p> }.into_any();
        view! { <section class="join-block" aria-label="Rewards"><Card id="rewards" title="What each payment earns" aside><RewardList rewards/></Card></section> }
    });
    let heading = headline(terms_of_day, currency);
    let lead = format!("Recommend {merchant_name} and earn a commission on what your referrals pay.");
    let calculator = calculator(terms_of_day, currency);
    let (frame, steps, facts) = (frame(&offer), steps(&offer), facts(&offer));
    let actions = view! {
        <a class="button program large" href="#apply">"Apply to join"</a>
        <a href="#how">"How it works"</a>
    };
    let actions = actions.into_any();
    let terms_card = terms_card(&offer);
    let apply = apply_card(&offer, &FormState::default());
    let action = view! { <a class="button program" href="#apply">"Apply"</a> }.into_any();
    let hero = view! { <OfferHero heading lead actions facts>{calculator}</OfferHero> };
    Ok(view! {
        <PublicShell frame offer=hero.into_any() action>
            {introduction}
            <section class="join-block" id="how" aria-labelledby="how-title">
                <h2 id="how-title">"How it works"</h2>
                <Steps steps/>
            </section>
            {rewards}
            <div class="join-block">
                <div class="split">
                    {terms_card}
                    {apply}
                </div>
            </div>
        </PublicShell>
    }
    .into_any())
}

fn facts(offer: &Offer) -> Vec<(String, String)> {
    let terms = &offer.terms.terms;
    let days = |number: i64| plural(number, "day", "days");
    let hold = if terms.hold_days == 0 { "None".to_owned() } else { days(terms.hold_days) };
    let minimum = match terms.minimum_payout_minor {
        0 => "None".to_owned(),
        minor => money(minor, offer.program.currency),
    };
    vec![
        ("cookie window".to_owned(), days(terms.window_days)),
        ("hold period".to_owned(), hold),
        ("minimum payout".to_owned(), minimum),
    ]
}

fn steps(offer: &Offer) -> Vec<(&'static str, String)> {
    let Offer { program, merchant_name, terms, .. } = offer;
    let apply = if program.auto_approve {
        "Tell us who you are and confirm your email address.".to_owned()
    } else {
        format!(
            "Tell us who you are and confirm your email address. {merchant_name} reviews your application."
        )
    };
    let window = plural(terms.terms.window_days, "day", "days");
    let paid = match terms.terms.hold_days {
        0 => "Commissions are payable immediately. Refunds reduce them proportionally.".to_owned(),
        days => format!(
            "Each commission is held for {} in case of a refund. Then it is payable.",
            plural(days, "day", "days"),
        ),
    };
    vec![
        ("Apply", apply),
        (
            "Share your link",
            format!("You get your own link. A purchase counts if it is ordered within {window} of a click."),
        ),
        ("Get paid", paid),
    ]
}
