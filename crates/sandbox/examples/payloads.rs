//! Prints one event of every type in every API version, one JSON a line, for checking
//! against the published types of Stripe's own clients.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use domain::clock::{Clock, Random, Timestamp};
use sandbox::{
    ApiError, ApiVersion, Buyer, Cancel, CustomerChange, Duration, Event, Interval, Metadata, NewPayment,
    NewPrice, NewSession, Stripe, Verdict, render,
};

/// Noon of 1 November 2026, in seconds.
const NOW: i64 = 1_793_534_400;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stripe = Stripe::new(Clock::fixed(Timestamp::from_seconds(NOW)), Random::seeded(1));
    act(&stripe)?;
    let mut newest: BTreeMap<&str, Event> = BTreeMap::new();
    for event in stripe.events_after(0) {
        newest.insert(event.kind(), event);
    }
    let mut out = io::stdout().lock();
    for version in ApiVersion::all() {
        for event in newest.values().filter(|event| version.knows_event(event.kind())) {
            out.write_all(&render(event, version))?;
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}

/// Everything that can happen, once.
fn act(stripe: &Stripe) -> Result<(), ApiError> {
    let token: Metadata = [("honeyguide_click".to_owned(), "hgc_1".to_owned())].into();
    let ann = Buyer::new("ann@example.com", "Ann Example");
    let once = stripe.create_price(NewPrice::once("Lumen Atlas", 4_900, "usd"))?;
    let monthly = stripe.create_price(NewPrice::every(Interval::Month, "Lumen Pro", 2_000, "usd"))?;
    let team = stripe.create_price(NewPrice::every(Interval::Month, "Lumen Team", 5_000, "usd"))?;
    stripe.create_promotion_code("ADA20", 2_000, Duration::Forever)?;

    let later = Buyer { pay_later: true, ..ann.clone() };
    for succeed in [true, false] {
        let receipt = stripe.buy(NewSession::of(&once), &later)?;
        stripe.settle_async(&receipt.session.unwrap_or_default(), succeed)?;
    }
    let expiring = NewPayment {
        amount: 700,
        currency: "eur".to_owned(),
        metadata: token.clone(),
        manual_capture: true,
        ..NewPayment::default()
    };
    let authorized = stripe.pay(expiring)?;
    stripe.capture(&authorized.charge.unwrap_or_default(), Some(500))?;

    let subscribed = NewSession {
        subscription_metadata: token.clone(),
        metadata: token,
        promotion_code: Some("ADA20".to_owned()),
        client_reference_id: Some("hgc_1".to_owned()),
        tax_bps: 1_900,
        invoice_creation: true,
        ..NewSession::of(&monthly)
    };
    let bought = stripe.buy(NewSession { lines: vec![(once, 2)], ..subscribed.clone() }, &ann)?;
    let charge = bought.charge.unwrap_or_default();
    let refund = stripe.refund(&charge, Some(1_000))?;
    stripe.fail_refund(&refund)?;
    let dispute = stripe.open_dispute(&charge, None)?;
    stripe.close_dispute(&dispute, Verdict::Won)?;

    let customer = bought.customer.unwrap_or_default();
    let change = CustomerChange { email: Some("ann@example.org".to_owned()), ..Default::default() };
    stripe.update_customer(&customer, change)?;

    let receipt = stripe.buy(subscribed, &ann)?;
    let subscription = receipt.subscription.unwrap_or_default();
    stripe.renew(&subscription)?;
    stripe.change_price(&subscription, &team)?;
    stripe.cancel(&subscription, Cancel::AtPeriodEnd)?;
    stripe.renew(&subscription)?;
    Ok(())
}
