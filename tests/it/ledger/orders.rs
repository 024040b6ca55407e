//! The same events in any order, with repetitions, processed at once or at the end, lead
//! to the same ledger.

use std::pin::Pin;

use domain::clock::MINUTE_MS;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use sandbox::{ApiVersion, Buyer, Cancel, NewPayment, NewSession, Verdict};

use super::shapes;
use crate::harness::{World, checkout, metadata};

type Play<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Something that happens at Stripe, and the expected ledger.
struct Script {
    name: &'static str,
    play: for<'a> fn(&'a World) -> Play<'a>,
    ledger: &'static [&'static str],
}

fn bought_and_refunded(w: &World) -> Play<'_> {
    Box::pin(async {
        let token = w.click("mira").await;
        let charge = w.buy(checkout(&w.once(4_900, "usd"), &token)).charge.unwrap();
        w.time.advance(MINUTE_MS);
        w.stripe.refund(&charge, Some(1_000)).unwrap();
    })
}

fn paid_directly_and_disputed(w: &World) -> Play<'_> {
    Box::pin(async {
        let token = w.click("mira").await;
        let metadata = metadata(&token);
        let payment =
            NewPayment { amount: 700, currency: "usd".to_owned(), metadata, ..NewPayment::default() };
        let charge = w.stripe.pay(payment).unwrap().charge.unwrap();
        w.time.advance(MINUTE_MS);
        let dispute = w.stripe.open_dispute(&charge, None).unwrap();
        w.time.advance(MINUTE_MS);
        w.stripe.close_dispute(&dispute, Verdict::Won).unwrap();
    })
}

fn lost(w: &World) -> Play<'_> {
    Box::pin(async {
        let token = w.click("mira").await;
        let charge = w.buy(checkout(&w.monthly(2_000, "usd"), &token)).charge.unwrap();
        w.time.days(2);
        let dispute = w.stripe.open_dispute(&charge, Some(1_000)).unwrap();
        w.time.days(9);
        w.stripe.close_dispute(&dispute, Verdict::Lost).unwrap();
    })
}

fn subscribed(w: &World) -> Play<'_> {
    Box::pin(async {
        let token = w.click("mira").await;
        let session =
            NewSession { client_reference_id: Some(token), ..NewSession::of(&w.monthly(2_000, "usd")) };
        w.buy(session);
    })
}

fn renewed_and_refunded(w: &World) -> Play<'_> {
    Box::pin(async {
        let token = w.click("mira").await;
        let session =
            NewSession { client_reference_id: Some(token), ..NewSession::of(&w.monthly(2_000, "usd")) };
        let bought = w.buy(session);
        w.time.days(31);
        w.stripe.renew(&bought.subscription.unwrap()).unwrap();
        w.stripe.refund(&bought.charge.unwrap(), Some(500)).unwrap();
    })
}

fn failed_refund(w: &World) -> Play<'_> {
    Box::pin(async {
        let token = w.click("mira").await;
        let session = checkout(&w.once(4_900, "usd"), &token);
        let charge = w.buy(NewSession { invoice_creation: true, ..session }).charge.unwrap();
        w.time.advance(MINUTE_MS);
        let refund = w.stripe.refund(&charge, Some(1_000)).unwrap();
        w.time.advance(MINUTE_MS);
        w.stripe.fail_refund(&refund).unwrap();
    })
}

fn tried_then_paid_then_canceled(w: &World) -> Play<'_> {
    Box::pin(async {
        let token = w.click("mira").await;
        let session = NewSession { trial_days: 40, ..checkout(&w.monthly(2_000, "usd"), &token) };
        let subscription = w.buy(session).subscription.unwrap();
        w.time.days(40);
        w.stripe.renew(&subscription).unwrap();
        w.time.days(1);
        w.stripe.cancel(&subscription, Cancel::Now).unwrap();
    })
}

fn settled_later(w: &World) -> Play<'_> {
    Box::pin(async {
        let token = w.click("mira").await;
        let later = Buyer { pay_later: true, ..Buyer::new(&w.buyer_email(), "Ann") };
        let receipt = w.stripe.buy(checkout(&w.monthly(2_000, "usd"), &token), &later).unwrap();
        w.time.days(3);
        w.stripe.settle_async(&receipt.session.unwrap(), true).unwrap();
    })
}

/// Two purchases of one customer by two affiliates' clicks: the first payment binds.
fn two_affiliates(w: &World) -> Play<'_> {
    Box::pin(async {
        let customer = w.stripe.create_customer(&w.buyer_email(), "Ann", sandbox::Metadata::new());
        for name in ["mira", "noah"] {
            w.time.advance(MINUTE_MS);
            let token = w.click(name).await;
            w.time.advance(MINUTE_MS);
            let session =
                NewSession { client_reference_id: Some(token), ..NewSession::of(&w.once(4_900, "usd")) };
            w.buy(NewSession { customer: Some(customer.clone()), ..session });
        }
    })
}

/// One customer's two subscriptions of the same price in the same minute.
fn twins(w: &World) -> Play<'_> {
    Box::pin(async {
        let token = w.click("mira").await;
        let customer = w.stripe.create_customer(&w.buyer_email(), "Ann", sandbox::Metadata::new());
        for _ in 0..2 {
            let session = checkout(&w.monthly(2_000, "usd"), &token);
            let charge = w.buy(NewSession { customer: Some(customer.clone()), ..session }).charge.unwrap();
            w.time.advance(1_000);
            w.stripe.refund(&charge, Some(500)).unwrap();
        }
    })
}

const SCRIPTS: [Script; 10] = [
    Script { name: "bought and refunded", play: bought_and_refunded, ledger: &["mira 780 usd by metadata"] },
    Script {
        name: "paid directly, disputed, won",
        play: paid_directly_and_disputed,
        ledger: &["mira 140 usd by metadata"],
    },
    Script { name: "subscribed", play: subscribed, ledger: &["mira 400 usd by client_reference"] },
    Script { name: "a lost dispute", play: lost, ledger: &["mira 200 usd by metadata"] },
    Script {
        name: "renewed and refunded",
        play: renewed_and_refunded,
        ledger: &["mira 300 usd by client_reference", "mira 400 usd by known_customer"],
    },
    Script { name: "a failed refund", play: failed_refund, ledger: &["mira 980 usd by metadata"] },
    Script {
        name: "tried, paid, canceled",
        play: tried_then_paid_then_canceled,
        ledger: &["no commission: amount_zero", "mira 400 usd by known_customer"],
    },
    Script { name: "settled later", play: settled_later, ledger: &["mira 400 usd by metadata"] },
    Script {
        name: "two affiliates",
        play: two_affiliates,
        ledger: &["mira 980 usd by client_reference", "mira 980 usd by known_customer"],
    },
    Script {
        name: "twins",
        play: twins,
        ledger: &["mira 300 usd by metadata", "mira 300 usd by known_customer"],
    },
];

/// Delivers a script's events in the order of the places given, which may repeat, and
/// tells whether the ledger is the script's.
async fn play_in_order(
    world: &mut World,
    script: &Script,
    version: ApiVersion,
    order: &[usize],
    at_once: bool,
) -> Result<(), String> {
    world.new_account();
    (script.play)(world).await;
    let events = world.events(version);
    for place in order.iter().filter(|place| **place < events.len()) {
        world.time.advance(1);
        world.deliver_event(&events[*place], version).await.expect("the event is taken");
        if at_once {
            world.work().await;
        }
    }
    world.wait_for_the_grace_period().await;
    let ledger = world.ledger().await;
    if ledger == script.ledger {
        return Ok(());
    }
    let order: Vec<&str> = order.iter().filter_map(|place| events.get(*place)).map(|e| e.kind()).collect();
    Err(format!("{} in {version}: {ledger:?} after {order:?} (processed at once: {at_once})", script.name))
}

/// All orders of so many places.
fn orders_of(places: usize) -> Vec<Vec<usize>> {
    if places == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for order in orders_of(places - 1) {
        for at in 0..places {
            let mut longer = order.clone();
            longer.insert(at, places - 1);
            all.push(longer);
        }
    }
    all
}

/// Every order of a script of at most five events, the first of them delivered twice.
async fn exhaustively(script: &Script, version: ApiVersion) {
    let mut world = World::new().await;
    world.new_account();
    (script.play)(&world).await;
    let count = world.events(version).len();
    assert!(count <= 5, "{} has {count} events in {version}", script.name);
    for (index, mut order) in orders_of(count).into_iter().enumerate() {
        order.push(order[0]);
        let outcome = play_in_order(&mut world, script, version, &order, index % 2 == 0).await;
        assert_eq!(outcome, Ok(()));
    }
    world.check_books().await;
}

#[tokio::test]
async fn a_refunded_purchase_in_every_order() {
    exhaustively(&SCRIPTS[0], ApiVersion::ACACIA).await;
}

#[tokio::test]
async fn a_won_dispute_in_every_order() {
    exhaustively(&SCRIPTS[1], ApiVersion::NEWEST).await;
}

#[tokio::test]
async fn a_subscription_in_every_order() {
    exhaustively(&SCRIPTS[2], ApiVersion::ACACIA).await;
}

#[tokio::test]
async fn a_subscription_whose_charge_names_no_invoice_in_every_order() {
    exhaustively(&SCRIPTS[2], shapes()[2]).await;
}

/// More than any script has.
const MOST_EVENTS: usize = 24;
/// Both databases do these within a minute.
const CASES: u32 = 100;

/// Any order of any script in any shape, with repetitions.
#[test]
fn the_order_of_events_does_not_matter() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = std::cell::RefCell::new(runtime.block_on(World::new()));
    let places = prop::collection::vec((any::<u16>(), any::<Option<u16>>()), MOST_EVENTS);
    let cases = (0..SCRIPTS.len(), 1..4_usize, places, any::<bool>());
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&cases, |(script, shape, places, at_once)| {
        let mut order: Vec<(u16, usize)> = Vec::new();
        for (place, (first, second)) in places.into_iter().enumerate() {
            order.push((first, place));
            order.extend(second.map(|second| (second, place)));
        }
        order.sort_unstable();
        let order: Vec<usize> = order.into_iter().map(|(_, place)| place).collect();
        let mut world = world.borrow_mut();
        let played = play_in_order(&mut world, &SCRIPTS[script], shapes()[shape], &order, at_once);
        runtime.block_on(played).map_err(TestCaseError::fail)
    });
    if let Err(TestError::Fail(why, _)) = outcome {
        panic!("{why}");
    }
    assert_eq!(outcome, Ok(()));
    let world = world.into_inner();
    runtime.block_on(world.check_books());
}
