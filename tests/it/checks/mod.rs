//! The integration check of a program, and its test sale.

use app::presenters::diagnostics::{check_text, test_sale_text};
use connect::stripe::{sample, signature};
use domain::diagnostics::{CheckKind, CheckReason, CheckVerdict};
use domain::programs::ProgramChange;
use domain::terms::{Commission, Recurrence, TermsChange};
use engine::diagnostics::{checks, test_sale};
use engine::ledger::verify;
use engine::stripe::connections;
use engine::stripe::webhooks;
use engine::worker;

use crate::harness::{TERMS, World, currency, paying};

async fn verdicts(world: &World) -> Vec<(CheckKind, CheckVerdict)> {
    let checks = checks::integration(&world.engine, &world.merchant, &world.program.id).await.unwrap();
    assert!(
        checks
            .iter()
            .all(|check| (check.verdict == CheckVerdict::Good) == check_text(check).remedy.is_none()),
        "whatever is not good says what to do: {checks:?}"
    );
    checks.iter().map(|check| (check.kind, check.verdict)).collect()
}

#[tokio::test]
async fn a_new_program_waits_and_passes_its_checks_after_a_sale() {
    let world = World::new().await;
    let before = verdicts(&world).await;
    let waiting = [
        CheckKind::Script,
        CheckKind::Metadata,
        CheckKind::Secret,
        CheckKind::EventTypes,
        CheckKind::ApiVersion,
    ];
    assert!(waiting.iter().all(|kind| before.contains(&(*kind, CheckVerdict::Waiting))), "{before:?}");

    let origin = "https://www.lumen.example";
    engine::tracking::clicks::script_seen(&world.engine, &world.program.id, origin).await.unwrap();
    let token = world.click("mira").await;
    deliver(&world, &token).await;
    let after = verdicts(&world).await;
    assert!(after.iter().all(|(_, verdict)| *verdict == CheckVerdict::Good), "{after:?}");
}

#[tokio::test]
async fn failed_checks_are_marked() {
    let world = World::new().await;
    deliver(&world, "a-reference-of-the-merchants-own").await;
    world.time.advance(1_000);
    let event = sample::paid_checkout("x", 500, currency("usd"), world.time.now());
    let forged = signature::header("whsec_of_somebody_else", event.as_bytes(), world.time.now());
    webhooks::receive(&world.engine, &world.endpoint, Some(forged.as_bytes()), event.as_bytes())
        .await
        .unwrap_err();
    let further = vec!["lumen-shop.example".parse().unwrap()];
    let change = ProgramChange { further_domains: Some(further), ..ProgramChange::default() };
    engine::programs::change(&world.engine, &world.merchant, &world.program.id, &change).await.unwrap();
    let verdicts = verdicts(&world).await;
    for kind in [CheckKind::Secret, CheckKind::Metadata, CheckKind::Cookie] {
        assert!(verdicts.contains(&(kind, CheckVerdict::Bad)), "{kind:?}: {verdicts:?}");
    }
    connections::disconnect(&world.engine, &world.merchant, &world.program.id).await.unwrap();
    let checks = checks::integration(&world.engine, &world.merchant, &world.program.id).await.unwrap();
    let secret = checks.iter().find(|check| check.kind == CheckKind::Secret).unwrap();
    assert_eq!((secret.verdict, &secret.reason), (CheckVerdict::Bad, &CheckReason::NotConnected));
}

#[tokio::test]
async fn a_test_sale_passes_and_leaves_no_trace() {
    let fixed = paying(Commission::Fixed { amount_minor: 1_250 }, Recurrence::FirstPayment);
    for (terms, code, earned) in
        [(TERMS, "usd", "20.00 USD"), (TERMS, "jpy", "2,000 JPY"), (fixed, "eur", "12.50 EUR")]
    {
        let world = World::with(terms, code).await;
        let before = verify::rows(&world.engine).await.unwrap();
        let steps = test_sale::run(&world.engine, &world.merchant, &world.program.id).await.unwrap();
        let titles: Vec<_> =
            steps.iter().map(|step| (test_sale_text(step).title, step.has_passed())).collect();
        assert_eq!(
            titles,
            [("Click", true), ("Signed event", true), ("Conversion", true), ("Ledger", true)],
            "{steps:?}"
        );
        let finding = test_sale_text(&steps[2]).finding;
        assert!(finding.contains(earned), "{finding}");
        assert_eq!(verify::rows(&world.engine).await.unwrap(), before, "nothing of it is here");
        let ledger = verify::ledger(&world.engine).await.unwrap();
        assert_eq!((ledger.entries, ledger.problems), (0, Vec::new()));
    }
}

/// What Stripe sells as merchant of record may be refunded by Link for 60 days.
#[tokio::test]
async fn a_hold_period_shorter_than_the_refunds_of_managed_payments_is_marked() {
    let world = World::new().await;
    let hold = async |world: &World| {
        let found = verdicts(world).await;
        found.into_iter().find(|(kind, _)| *kind == CheckKind::HoldPeriod).map(|(_, verdict)| verdict)
    };
    deliver(&world, "a").await;
    assert_eq!(hold(&world).await, None, "it is no question where the merchant sells");
    let now = world.time.now();
    let event = sample::paid_checkout("a", 10_000, world.program.currency, now);
    let managed = event
        .replace("_test_sale", "_managed")
        .replace("\"mode\":", "\"managed_payments\":{\"enabled\":true},\"mode\":");
    world.time.advance(1_000);
    deliver_body(&world, &managed).await;
    assert_eq!(hold(&world).await, Some(CheckVerdict::Bad));
    let (engine, merchant, program) = (&world.engine, &world.merchant, &world.program.id);
    let longer = TermsChange { hold_days: Some(60), ..TermsChange::default() };
    engine::programs::terms::change(engine, merchant, program, &longer).await.unwrap();
    assert_eq!(hold(&world).await, Some(CheckVerdict::Good));
}

/// A paid checkout with a reference arrives and is understood.
async fn deliver(world: &World, reference: &str) {
    let event = sample::paid_checkout(reference, 10_000, world.program.currency, world.time.now());
    deliver_body(world, &event).await;
}

async fn deliver_body(world: &World, event: &str) {
    let now = world.time.now();
    let header = signature::header(crate::harness::SECRET, event.as_bytes(), now);
    webhooks::receive(&world.engine, &world.endpoint, Some(header.as_bytes()), event.as_bytes())
        .await
        .unwrap();
    worker::drain(&world.engine).await.unwrap();
}
