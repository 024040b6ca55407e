//! Search: affiliates, links, promotion codes, payments, and whatever a Stripe id means.

use domain::attribution::PaymentStatus;
use domain::no_commission::NoCommission;
use domain::search::{LONGEST_QUERY, Query};
use engine::ledger::payments::Payment;
use engine::programs::affiliates::Affiliate;
use engine::programs::affiliates::Coupon;
use engine::programs::links::LinkWithClicks;
use engine::search::{Hits, MOST_HITS};
use engine::stripe::events::InboxEvent;
use leptos::prelude::*;

use crate::components::*;
use crate::layout::ProgramPage;
use crate::pages::page;
use crate::presenters::labels::{affiliate_state, event_state, payment_label};
use crate::presenters::tables::RowFormat;
use crate::request::access::{Access, Refusal};
use crate::request::queries::Parameters;
use crate::text::plural;

/// What a search of a program found.
#[component]
pub fn Search() -> impl IntoView {
    page(search())
}

async fn search() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    page.title("Search", false);
    let parameters = Parameters::of_request();
    let text: String = parameters.get("q").unwrap_or_default().chars().take(LONGEST_QUERY).collect();
    let query = Query::parse(&text);
    let result = match &query {
        None if text.trim().is_empty() => None,
        None => Some(too_short()),
        Some(query) => {
            let hits = engine::search::search(&page.engine, &page.actor, &page.program.id, query).await?;
            if let Some(only) = only(&page, query, &hits) {
                return Err(Refusal::Elsewhere(only));
            }
            Some(found(&page, query, hits, &text))
        }
    };
    let action = page.routes().search("");
    let lead = "Affiliates, links and promotion codes by name, payments by the customer’s email address, \
                and anything by its Stripe ID.";
    Ok(view! {
        <MerchantShell frame=page.frame_of_search() crumbs=page.crumbs(&[], "Search") narrow=true>
            <PageHead title="Search" lead/>
            <form class="big-search" role="search" action=action>
                <label class="sr-only" for="query">"Search this program"</label>
                <input class="input" id="query" name="q" type="search" maxlength="200" value=text data-search/>
                <button class="button primary">"Search"</button>
            </form>
            {result}
        </MerchantShell>
    }
    .into_any())
}

/// The page of what a Stripe id means, where that is one thing.
fn only(page: &ProgramPage, query: &Query, hits: &Hits) -> Option<String> {
    let Query::StripeId(id) = query else { return None };
    match (hits.payments.as_slice(), hits.events.as_slice()) {
        ([], [event]) => Some(page.routes().event(&event.id)),
        (_, events) if id.starts_with("evt_") => {
            let event = events.iter().find(|event| event.event_id == *id)?;
            Some(page.routes().event(&event.id))
        }
        ([payment], _) if !id.starts_with("cus_") => Some(page.routes().payment(&payment.id)),
        _ => None,
    }
}

fn too_short() -> AnyView {
    view! {
        <PlainCard>
            <EmptyState title="Type at least two letters" text="Or paste an email address or an ID from Stripe."/>
        </PlainCard>
    }
    .into_any()
}

fn found(page: &ProgramPage, query: &Query, hits: Hits, text: &str) -> AnyView {
    if hits.is_empty() {
        let title = format!("Nothing found for “{}”", text.trim());
        let hint = match query {
            Query::StripeId(_) => "No event that this program received names this ID.",
            Query::Email(_) => "Customers are found by the address that they paid with.",
            Query::Words(_) => {
                "Names and codes are found by the beginnings of their words, customers by their whole email address."
            }
        };
        return view! { <PlainCard><EmptyState title text=hint/></PlainCard> }.into_any();
    }
    let words = query.words();
    let format = RowFormat::of(page);
    let Hits { affiliates, links, codes, payments, events } = hits;
    let card = |id: &'static str, title: &'static str, hits: Vec<Hit>| {
        let number = match hits.len() {
            MOST_HITS => format!("The newest {MOST_HITS}"),
            number => number.to_string(),
        };
        let words = words.clone();
        (!hits.is_empty()).then(|| {
            view! { <Card id title aside=view! { <p>{number}</p> }.into_any()><HitList hits words/></Card> }
        })
    };
    view! {
        <div class="stack">
            {card("affiliates", "Affiliates", affiliates.into_iter().map(|one| affiliate(page, one)).collect())}
            {card("payments", "Payments", payments.into_iter().map(|one| payment(page, one, &format)).collect())}
            {card("links", "Links", links.into_iter().map(|one| link(page, one)).collect())}
            {card("codes", "Promotion codes", codes.into_iter().map(|one| code(page, one)).collect())}
            {card("events", "Events", events.into_iter().map(|one| event(page, one)).collect())}
        </div>
    }
    .into_any()
}

fn affiliate(page: &ProgramPage, affiliate: Affiliate) -> Hit {
    Hit {
        href: page.routes().affiliate(&affiliate.id),
        sign: view! { <Avatar name=affiliate.name.clone() small=true/> }.into_any(),
        name: affiliate.name,
        note: affiliate.email.to_string(),
        end: affiliate_state(affiliate.status).word.to_owned(),
    }
}

fn link(page: &ProgramPage, found: LinkWithClicks) -> Hit {
    Hit {
        href: page.routes().affiliate(&found.link.affiliate_id),
        sign: view! { <Icon name="link"/> }.into_any(),
        name: format!("/r/{}", found.link.code.as_str()),
        note: found.affiliate_name,
        end: plural(found.clicks, "click", "clicks"),
    }
}

fn code(page: &ProgramPage, (coupon, affiliate): (Coupon, String)) -> Hit {
    Hit {
        href: page.routes().affiliate(&coupon.affiliate_id),
        sign: view! { <Icon name="tag"/> }.into_any(),
        name: coupon.code,
        note: affiliate,
        end: String::new(),
    }
}

fn payment(page: &ProgramPage, payment: Payment, format: &RowFormat) -> Hit {
    let (cell, word) = match (payment.status, payment.no_commission.as_ref().map(NoCommission::class)) {
        (PaymentStatus::Waiting, _) => (Cell::Pending, "waiting"),
        (PaymentStatus::Failed, _) => (Cell::X, "failed"),
        (PaymentStatus::Free | PaymentStatus::Merged, _) => (Cell::Empty, "nothing paid"),
        (PaymentStatus::Paid, None) => (Cell::Paid, "commission"),
        (PaymentStatus::Paid, Some(_)) => (Cell::Empty, "no commission"),
    };
    let date = format.zone.short_date(payment.paid_at, format.now).text;
    let amount = format.amount(payment.gross, payment.currency.unwrap_or(format.currency));
    let label = payment_label(payment.label.as_deref(), &payment.stripe_id);
    Hit {
        href: page.routes().payment(&payment.id),
        sign: view! { <CellIcon cell/> }.into_any(),
        name: payment.email.map_or_else(|| label.clone(), |email| email.to_string()),
        note: format!("{label} · {word}"),
        end: format!("{amount} · {date}"),
    }
}

fn event(page: &ProgramPage, event: InboxEvent) -> Hit {
    Hit {
        href: page.routes().event(&event.id),
        sign: view! { <CellIcon cell=event_state(event.status).cell/> }.into_any(),
        name: event.event_type,
        note: event_state(event.status).word.to_owned(),
        end: page.zone.date_and_time(event.received_at).text,
    }
}
