//! What the affiliate's own data say about a sale.

use engine::ledger::referral_requests::{OwnChecks, RequestDraft};
use leptos::prelude::*;

use crate::components::{Card, Cell, CellIcon, Time};
use crate::layout::AffiliateProgramPage;
use crate::text::plural;

/// Clicks that are listed.
const SHOWN: usize = 5;

/// The card with the checks, in the order in which they are tried.
pub(super) fn checks_card(
    page: &AffiliateProgramPage,
    draft: &RequestDraft,
    own: OwnChecks,
) -> impl IntoView + use<> {
    let first = (
        Cell::Dashed,
        "Who came first".to_owned(),
        "First referral wins: a customer whom another affiliate referred before stays with them. You can’t see other affiliates’ referrals.".to_owned(),
    );
    let checks = [status(&own), clicks(page, &own), codes(&own), first];
    let who = draft.sought.masked();
    let day = page.zone.date(draft.bought_at);
    let items = checks.into_iter().map(|(cell, heading, sentence)| {
        view! { <li><CellIcon cell/><div><b>{heading}</b><span>{sentence}</span></div></li> }
    });
    let items = items.collect_view();
    let recent = recent(page, &own);
    let aside = view! { <p>{who}", "<Time at=day/></p> };
    view! {
        <Card id="checks" title="What your own data say" aside=aside.into_any()>
            <div class="card-body own-checks"><ol class="signals" role="list">{items}</ol>{recent}</div>
        </Card>
    }
}

fn status(own: &OwnChecks) -> (Cell, String, String) {
    if own.was_active && own.terms.is_some() {
        let sentence = "You were an active affiliate on that day.".to_owned();
        return (Cell::Paid, "Membership".to_owned(), sentence);
    }
    let sentence =
        "You were not an active affiliate of this program on that day, so the sale can’t be credited.";
    (Cell::X, "Membership".to_owned(), sentence.to_owned())
}

fn clicks(page: &AffiliateProgramPage, own: &OwnChecks) -> (Cell, String, String) {
    let window = own.terms.as_ref().map_or(0, |terms| terms.terms.window_days);
    let window = plural(window, "day", "days");
    let number = i64::try_from(own.clicks.len()).unwrap_or(i64::MAX);
    if number == 0 {
        let sentence = format!(
            "No click on your links in the {window} before. Without one, only a promotion code counts."
        );
        return (Cell::X, "Clicks".to_owned(), sentence);
    }
    let number =
        if number > 100 { "More than 100 clicks".to_owned() } else { plural(number, "click", "clicks") };
    let sentence = format!(
        "{number} on your links in the {window} before. {} can see whether the buyer’s was among them.",
        page.merchant_name
    );
    (Cell::Paid, "Clicks".to_owned(), sentence)
}

fn codes(own: &OwnChecks) -> (Cell, String, String) {
    if own.codes.is_empty() {
        let sentence = "You have no promotion code in this program.".to_owned();
        return (Cell::Empty, "Promotion codes".to_owned(), sentence);
    }
    let sentence = format!("A purchase with {} counts without a click.", own.codes.join(" or "));
    (Cell::Paid, "Promotion codes".to_owned(), sentence)
}

fn recent(page: &AffiliateProgramPage, own: &OwnChecks) -> Option<AnyView> {
    if own.clicks.is_empty() {
        return None;
    }
    let rows = own.clicks.iter().take(SHOWN).map(|click| {
        let at = page.zone.date_and_time(click.at);
        let code = format!("/r/{}", click.link_code);
        let from = click.referrer_host.clone().map(|host| format!(" from {host}")).unwrap_or_default();
        let placement = click.placement.clone().map(|name| format!(", {name}")).unwrap_or_default();
        view! { <li><Time at/>" "{code}{from}{placement}</li> }
    });
    Some(
        view! {
            <div class="stack tight">
                <h3>"Your latest clicks before the purchase"</h3>
                <ul role="list" class="own-clicks">{rows.collect_view()}</ul>
            </div>
        }
        .into_any(),
    )
}
