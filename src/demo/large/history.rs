//! Clicks and sales of the large program, in the order of time.

use domain::attribution::{EvaluatedPayment, EvaluatedStatus, PaymentKind};
use domain::checks::CheckKind;
use domain::clicks::ClickToken;
use domain::clock::{MINUTE_MS, Random, Timestamp};
use domain::commissions::{Cause, Entry, EntryKind};
use domain::events::EventOutcome;
use domain::ids::{ConversionId, CustomerId, EntryId, InboxEventId, JobId, PaymentId};
use domain::money::Currency;
use domain::no_commission::NoCommission;
use domain::terms::{AppliedReward, Commission, Recurrence};
use engine::Engine;
use store::clicks::NewClick;
use store::conversions::Conversion;
use store::customers::NewState;
use store::payments::Payment;
use store::sums::clicks::Added;
use store::sums::conversions::Changes;

use super::Large;

/// Rows of a transaction.
const BATCH: usize = 20_000;
/// One in this many payments has no affiliate.
const UNATTRIBUTED: usize = 20;
/// One in this many payments is refunded.
const REFUNDED: usize = 25;
/// Payments of a customer.
const PAYMENTS_OF_CUSTOMER: usize = 3;
/// One in this many payments has its event in the log.
const WITH_EVENT: usize = 5;

/// Few affiliates have most of it, as in life.
fn somebody(large: &Large, random: &Random) -> usize {
    let (count, one) = (large.affiliates.len() as u64, 1_u64 << 20);
    let draw = random.below(one);
    let place = (u128::from(draw) * u128::from(draw) * u128::from(count)) >> 40;
    usize::try_from(place).unwrap_or(0).min(large.affiliates.len() - 1)
}

/// Moments from a time to now, as many as wanted, in order.
fn moments(engine: &Engine, from: Timestamp, count: usize) -> impl Iterator<Item = Timestamp> {
    let span = engine.now().since_ms(from);
    (0..count).map(move |index| from.plus_ms((i128::from(span) * index as i128 / count as i128) as i64))
}

pub(super) async fn clicks(
    engine: &Engine,
    large: &Large,
    random: &Random,
    count: usize,
    from: Timestamp,
) -> anyhow::Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    let mut sums = Added::default();
    let mut added = 0;
    for at in moments(engine, from, count) {
        let (affiliate_id, link_id) = large.affiliates[somebody(large, random)].clone();
        sums.add(&large.program, &affiliate_id, &link_id, at);
        batch.push(NewClick {
            referrer_host: Some("deskandmargin.example".to_owned()),
            ..NewClick::plain(
                ClickToken::new(at, random),
                &large.program,
                (&affiliate_id, &link_id),
                at,
                "https://lumennotes.example/",
            )
        });
        added += 1;
        if batch.len() == BATCH || added == count {
            let mut tx = engine.db().begin_batch().await?;
            store::clicks::put_rows(&mut tx, &batch).await?;
            // Sums are collected over several batches: they are rows of affiliates and quarters.
            if sums.len() > 1_000_000 || added == count {
                std::mem::take(&mut sums).write(&mut tx).await?;
            }
            tx.commit().await?;
            batch.clear();
        }
    }
    Ok(())
}

/// The rows of some payments.
#[derive(Default)]
struct Rows {
    customers: Vec<CustomerId>,
    stripe_ids: Vec<(String, CustomerId, PaymentId)>,
    payments: Vec<Payment>,
    conversions: Vec<Conversion>,
    entries: Vec<Entry>,
    events: Vec<store::inbox::NewEvent>,
}

pub(super) async fn sales(
    engine: &Engine,
    large: &Large,
    random: &Random,
    count: usize,
    from: Timestamp,
) -> anyhow::Result<()> {
    let mut rows = Rows::default();
    let mut sums = Changes::default();
    let mut customer = CustomerId::new(from, random);
    let (mut number, mut written) = (0, 0);
    for (index, at) in moments(engine, from, count).enumerate() {
        let in_order = index % PAYMENTS_OF_CUSTOMER;
        if in_order == 0 {
            customer = CustomerId::new(at, random);
            rows.customers.push(customer.clone());
        }
        number += 1;
        let payment = PaymentId::new(at, random);
        let evaluated = paid(number, at, in_order as i64 + 1, 900 + random.below(9_000) as i64);
        rows.stripe_ids.push((format!("pi_{number:09}"), customer.clone(), payment.clone()));
        if index % WITH_EVENT == 0 {
            rows.events.push(event(large, random, number, at));
        }
        let evaluated = if index % UNATTRIBUTED == 0 {
            EvaluatedPayment { no_commission: Some(NoCommission::NoMatch), ..evaluated }
        } else {
            let c = conversion(large, random, &customer, &payment, &evaluated, index % REFUNDED == 1);
            sums.replace(None, Some(&c));
            rows.entries.extend(entries(random, &c, number));
            rows.conversions.push(c);
            evaluated
        };
        let owner = (&large.program, &large.connection, &customer);
        rows.payments.push(Payment::new(&payment, owner, &evaluated));
        written += 1;
        if rows.payments.len() == BATCH || written == count {
            write(engine, large, std::mem::take(&mut rows), std::mem::take(&mut sums)).await?;
        }
    }
    Ok(())
}

async fn write(engine: &Engine, large: &Large, rows: Rows, sums: Changes) -> anyhow::Result<()> {
    let now = engine.now();
    let mut tx = engine.db().begin_batch().await?;
    let unknown = |id| NewState::unknown(id, &large.connection, &large.program);
    let customers: Vec<NewState<'_>> = rows.customers.iter().map(unknown).collect();
    store::customers::save(&mut tx, &customers, now).await?;
    store::payments::save(&mut tx, &rows.payments, now).await?;
    let ids: Vec<_> =
        rows.stripe_ids.iter().map(|(id, c, p)| (&large.connection, id.as_str(), c, Some(p))).collect();
    store::customers::put_stripe_ids(&mut tx, ids).await?;
    store::conversions::save(&mut tx, &rows.conversions, now).await?;
    let entries: Vec<_> = rows.entries.iter().map(|entry| (&large.program, entry)).collect();
    store::commissions::append(&mut tx, entries, []).await?;
    store::commissions::refresh(&mut tx, rows.conversions.iter().map(|c| &c.id), now).await?;
    sums.write(&mut tx).await?;
    store::inbox::put_history(&mut tx, &rows.events).await?;
    let outcome = EventOutcome::LedgerChanged { changes: Vec::new() };
    let done: Vec<_> = rows.events.iter().map(|e| (&e.id, &outcome, Some(e.event_id.as_str()))).collect();
    store::inbox::record_outcomes(&mut tx, done, now).await?;
    Ok(tx.commit().await?)
}

fn paid(number: usize, at: Timestamp, in_order: i64, amount: i64) -> EvaluatedPayment {
    let id = format!("pi_{number:09}");
    EvaluatedPayment {
        kind: PaymentKind::PaymentIntent,
        aliases: [id.clone()].into(),
        canonical_id: id,
        status: EvaluatedStatus::Paid,
        currency: Some(currency()),
        gross: amount,
        base: amount,
        captured: amount,
        refunded: 0,
        disputed: 0,
        dispute_open: false,
        alert: None,
        outside_stripe: false,
        paid_at: at,
        ordered_at: at,
        completed_at: None,
        evidence_until: at,
        period_start: None,
        latest_period_start: None,
        subscription: None,
        billing_reason: None,
        label: Some("Atlas".to_owned()),
        items: Vec::new(),
        country: None,
        email: format!("buyer{number}@buyers.example").parse().ok(),
        payment_number: in_order,
        checks: Vec::new(),
        credit: None,
        no_commission: None,
    }
}

fn currency() -> Currency {
    "usd".parse().expect("a currency")
}

fn conversion(
    large: &Large,
    random: &Random,
    customer: &CustomerId,
    payment: &PaymentId,
    evaluated: &EvaluatedPayment,
    is_refunded: bool,
) -> Conversion {
    let (affiliate_id, link_id) = large.affiliates[somebody(large, random)].clone();
    let (amount, commission) = (evaluated.gross, evaluated.gross / 5);
    Conversion {
        id: ConversionId::new(evaluated.paid_at, random),
        program_id: large.program.clone(),
        payment_id: payment.clone(),
        customer_id: customer.clone(),
        affiliate_id,
        link_id: Some(link_id),
        terms_id: large.terms.clone(),
        method: CheckKind::Metadata,
        click_token: None,
        currency: currency(),
        payment_number: evaluated.payment_number,
        amount,
        reward: AppliedReward::simple(Commission::Percent { rate_bps: 2_000 }, Recurrence::Lifetime),
        base: amount,
        refunded: if is_refunded { amount } else { 0 },
        commission_currency: currency(),
        commission,
        reversed: if is_refunded { commission } else { 0 },
        hold: None,
        disputed: 0,
        canceled: false,
        hold_until: evaluated.paid_at.plus_days(30),
        paid_at: evaluated.paid_at,
    }
}

/// What was earned, and what was reversed.
fn entries(random: &Random, c: &Conversion, number: usize) -> Vec<Entry> {
    let earned = (EntryKind::Earn, c.commission, "payment_intent.succeeded", format!("evt_{number:09}"));
    let taken_back = (EntryKind::Reverse, -c.reversed, "charge.refunded", format!("evt_{number:09}_refund"));
    [earned, taken_back]
        .into_iter()
        .filter(|(_, amount, ..)| *amount != 0)
        .map(|(kind, amount, event_type, cause)| Entry {
            id: EntryId::new(c.paid_at, random),
            affiliate_id: c.affiliate_id.clone(),
            conversion_id: Some(c.id.clone()),
            kind,
            amount,
            currency: c.commission_currency,
            cause: Cause::event(cause, event_type),
            at: c.paid_at.plus_ms(MINUTE_MS),
        })
        .collect()
}

fn event(large: &Large, random: &Random, number: usize, at: Timestamp) -> store::inbox::NewEvent {
    use domain::deliveries::EventSource;
    use domain::events::BodyEncoding;
    store::inbox::NewEvent {
        id: InboxEventId::new(at, random),
        job_id: JobId::new(at, random),
        connection_id: large.connection.clone(),
        program_id: large.program.clone(),
        event_id: format!("evt_{number:09}"),
        event_type: "payment_intent.succeeded".to_owned(),
        account: None,
        livemode: Some(true),
        api_version: Some("2025-02-24.acacia".to_owned()),
        event_created_at: at,
        received_at: at,
        source: EventSource::Webhook,
        // As if its time were over: bodies are emptied after 90 days.
        body: String::new(),
        body_encoding: BodyEncoding::Utf8,
    }
}
