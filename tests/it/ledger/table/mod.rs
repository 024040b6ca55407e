//! What each way of paying earns, to the minor unit, with events of each shape.

mod amounts;
mod checks;
mod payments;
mod refunds;

use domain::terms::{Commission, Recurrence, Terms};

use crate::harness::{World, checkout, paying};
use crate::ledger::shapes;

fn percent_12_5() -> Terms {
    paying(Commission::Percent { rate_bps: 1_250 }, Recurrence::Lifetime)
}

fn fixed() -> Terms {
    paying(Commission::Fixed { amount_minor: 500 }, Recurrence::Lifetime)
}

/// Makes payments in the sandbox, delivers their events in each shape, and compares the ledger
/// with the expected lines.
async fn check(terms: Terms, code: &str, expected: &[&str], pay: impl AsyncFn(&mut World)) {
    let first = World::with(terms.clone(), code).await;
    for version in shapes() {
        let mut world = first.another(terms.clone(), code).await;
        pay(&mut world).await;
        world.deliver(version).await;
        assert_eq!(world.ledger().await, expected, "in {version}");
        world.check_books().await;
    }
}

/// Buys the Atlas for 49.00 with a click and gives the charge.
async fn bought(w: &World) -> String {
    let token = w.click("mira").await;
    w.time.days(1);
    let receipt = w.buy(checkout(&w.once(4_900, "usd"), &token));
    w.time.days(1);
    receipt.charge.unwrap()
}

/// Subscribes for 20.00 with a click and gives the charge of the first invoice.
async fn subscribed(w: &World) -> String {
    let token = w.click("mira").await;
    w.time.days(1);
    let receipt = w.buy(checkout(&w.monthly(2_000, "usd"), &token));
    w.time.days(1);
    receipt.charge.unwrap()
}
