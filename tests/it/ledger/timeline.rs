//! Timelines of events that the sandbox cannot make, such as bank debits that take days, payments
//! outside Stripe, and usage billed in arrears, in each shape.

use std::collections::BTreeMap;

use domain::clock::{DAY_MS, Timestamp};
use domain::terms::Terms;
use engine::ledger::payments::PaymentFilter;
use serde_json::{Value, json};

use crate::harness::{START, World};

/// One shape that events come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    Floor,
    Acacia,
    Clover,
    Endive,
}

impl Shape {
    pub const ALL: [Self; 4] = [Self::Floor, Self::Acacia, Self::Clover, Self::Endive];

    const fn version(self) -> &'static str {
        match self {
            Self::Floor => "2023-10-16",
            Self::Acacia => "2025-02-24.acacia",
            Self::Clover => "2025-10-29.clover",
            Self::Endive => "2026-11-18.endive",
        }
    }

    /// Whether charge and invoice name each other.
    pub fn names_invoice(self) -> bool {
        self <= Self::Acacia
    }
}

/// So many days after the fifth day of the program, in Stripe’s seconds.
pub const fn day(days: i64) -> i64 {
    START.seconds() + (days + 5) * DAY_MS / 1_000
}

/// An object with the fields of another added or replaced.
pub fn with(mut object: Value, fields: Value) -> Value {
    let (Value::Object(all), Value::Object(more)) = (&mut object, fields) else { panic!("two objects") };
    all.extend(more);
    object
}

/// Events in one shape, in the order in which they happened.
pub struct Timeline {
    pub shape: Shape,
    events: Vec<(i64, Value)>,
}

impl Timeline {
    pub fn new(shape: Shape) -> Self {
        Self { shape, events: Vec::new() }
    }

    /// The events as they are sent, and when each happened.
    pub fn bodies(&self) -> impl Iterator<Item = (i64, Vec<u8>)> {
        self.events.iter().map(|(at, event)| (*at, serde_json::to_vec(event).expect("JSON")))
    }

    /// Adds an event at a time, in seconds.
    pub fn add(&mut self, at: i64, kind: &str, object: Value) {
        let event = json!({
            "id": format!("evt_{}", self.events.len()),
            "object": "event",
            "api_version": self.shape.version(),
            "created": at,
            "livemode": false,
            "pending_webhooks": 1,
            "request": null,
            "type": kind,
            "data": {"object": object},
        });
        self.events.push((at, event));
    }

    /// Adds an event whose envelope has further fields.
    pub fn add_with(&mut self, at: i64, fields: Value, object: Value) {
        self.add(at, "", object);
        let (_, event) = self.events.last_mut().expect("the event just added");
        *event = with(event.take(), fields);
    }

    /// A session of a one-time sale without an invoice.
    pub fn session(&self, number: u32, amount: i64, created: i64) -> Value {
        json!({
            "id": format!("cs_{number}"), "object": "checkout.session", "mode": "payment", "status": "complete",
            "payment_status": "paid", "amount_total": amount, "amount_subtotal": amount, "currency": "usd",
            "created": created, "customer": "cus_1", "customer_details": {"email": "ann@buyers.example"},
            "invoice": null, "payment_intent": format!("pi_{number}"), "subscription": null, "metadata": {},
            "client_reference_id": null, "total_details": {"amount_tax": 0, "amount_shipping": 0, "amount_discount": 0},
        })
    }

    /// A session that began a subscription with an invoice.
    pub fn subscription_session(&self, number: u32, amount: i64, created: i64) -> Value {
        let fields = json!({
            "mode": "subscription", "invoice": format!("in_{number}"), "subscription": "sub_1", "payment_intent": null,
        });
        with(self.session(number, amount, created), fields)
    }

    /// A captured charge of an intent, for an invoice or none.
    pub fn charge(&self, number: u32, amount: i64, created: i64, invoice: Option<&str>) -> Value {
        let charge = json!({
            "id": format!("ch_{number}"), "object": "charge", "status": "succeeded", "paid": true, "captured": true,
            "amount": amount, "amount_captured": amount, "amount_refunded": 0, "refunded": false, "currency": "usd",
            "created": created, "customer": "cus_1", "payment_intent": format!("pi_{number}"), "metadata": {},
            "billing_details": {"email": "ann@buyers.example"},
        });
        if self.shape.names_invoice() { with(charge, json!({"invoice": invoice})) } else { charge }
    }

    /// A paid invoice of a subscription, for a month from a day on.
    pub fn invoice(&self, number: u32, amount: i64, paid_at: i64, reason: &str) -> Value {
        let invoice = with(self.manual_invoice(number, amount, paid_at), json!({"billing_reason": reason}));
        let fields = if self.shape.names_invoice() {
            json!({"subscription": "sub_1"})
        } else {
            json!({"parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}})
        };
        with(invoice, fields)
    }

    /// A paid invoice without a subscription.
    pub fn manual_invoice(&self, number: u32, amount: i64, paid_at: i64) -> Value {
        let invoice = json!({
            "id": format!("in_{number}"), "object": "invoice", "status": "paid", "currency": "usd",
            "customer": "cus_1", "customer_email": "ann@buyers.example", "billing_reason": "manual",
            "created": paid_at, "amount_due": amount, "amount_paid": amount, "amount_remaining": 0,
            "total": amount, "subtotal": amount, "total_excluding_tax": amount, "starting_balance": 0,
            "amount_shipping": 0, "status_transitions": {"paid_at": paid_at}, "metadata": {},
            "lines": {"object": "list", "has_more": false, "data": [line(amount, paid_at)]},
        });
        let fields = match self.shape {
            Shape::Floor | Shape::Acacia => json!({
                "subscription": null, "paid": true, "paid_out_of_band": false,
                "payment_intent": format!("pi_{number}"), "charge": format!("ch_{number}"),
            }),
            Shape::Clover => json!({"parent": null, "amount_overpaid": 0}),
            Shape::Endive => json!({"parent": null, "amount_overpaid": 0, "amount_paid_off_stripe": 0}),
        };
        with(invoice, fields)
    }

    /// An invoice marked as paid outside Stripe.
    pub fn out_of_band(&self, invoice: Value) -> Value {
        let amount = invoice["amount_due"].as_i64().expect("an amount");
        let fields = match self.shape {
            Shape::Floor | Shape::Acacia => {
                json!({"amount_paid": 0, "amount_remaining": amount, "paid_out_of_band": true, "charge": null})
            }
            Shape::Clover => json!({}),
            Shape::Endive => json!({"amount_paid_off_stripe": amount}),
        };
        with(invoice, fields)
    }

    /// Adds the event that links an invoice with a payment, from basil on.
    pub fn add_link(&mut self, at: i64, number: u32, invoice: u32, amount: i64, payment: Value) {
        if !self.shape.names_invoice() {
            let link = json!({
                "id": format!("inpay_{number}"), "object": "invoice_payment", "invoice": format!("in_{invoice}"),
                "amount_paid": amount, "amount_requested": amount, "is_default": true, "status": "paid",
                "currency": "usd", "created": at, "payment": payment,
            });
            self.add(at, "invoice_payment.paid", link);
        }
    }

    /// A subscription that began on a day.
    pub fn subscription(&self, status: &str, created: i64) -> Value {
        json!({
            "id": "sub_1", "object": "subscription", "status": status, "customer": "cus_1", "created": created,
            "start_date": created, "metadata": {}, "ended_at": null, "canceled_at": null,
        })
    }

    /// A dispute of a charge.
    pub fn dispute(&self, charge: u32, amount: i64, status: &str) -> Value {
        json!({
            "id": "dp_1", "object": "dispute", "charge": format!("ch_{charge}"), "payment_intent": format!("pi_{charge}"),
            "amount": amount, "currency": "usd", "status": status, "balance_transactions": [],
        })
    }
}

/// A line of an invoice whose period begins at a second.
pub fn line(amount: i64, start: i64) -> Value {
    json!({"id": "il_1", "object": "line_item", "amount": amount, "currency": "usd", "metadata": {},
           "period": {"start": start, "end": start + 30 * DAY_MS / 1_000}})
}

/// The tokens of clicks, by name.
pub type Clicks = BTreeMap<&'static str, String>;

/// The order and the times at which events are delivered.
#[derive(Debug, Clone, Copy)]
enum Delivery {
    /// Each at its own time, processed before the next.
    Moving,
    /// All at the end, the newest first, each processed before the next.
    Backwards,
    /// All at the end, each twice, shuffled, processed together.
    Shuffled,
}

/// Builds a timeline in every shape, delivers its events in several orders, and compares what
/// each payment earned. `clicks` (name, affiliate, second) are made before.
pub async fn check(
    terms: Terms,
    clicks: &[(&'static str, &'static str, i64)],
    expected: impl Fn(Shape) -> Vec<&'static str>,
    add: impl Fn(&mut Timeline, &Clicks),
) {
    let first = World::with(terms.clone(), "usd").await;
    for shape in Shape::ALL {
        for delivery in [Delivery::Moving, Delivery::Backwards, Delivery::Shuffled] {
            let world = first.another(terms.clone(), "usd").await;
            let mut tokens = Clicks::new();
            for (name, affiliate, at) in clicks {
                world.time.set(Timestamp::from_seconds(*at));
                tokens.insert(name, world.click(affiliate).await);
            }
            let mut timeline = Timeline::new(shape);
            add(&mut timeline, &tokens);
            deliver(&world, &timeline, delivery).await;
            assert_eq!(lines(&world).await, expected(shape), "{delivery:?} in {shape:?}");
            world.check_books().await;
        }
    }
}

async fn deliver(world: &World, timeline: &Timeline, delivery: Delivery) {
    let end = timeline.events.iter().map(|(at, _)| *at).max().expect("events") + 2;
    let mut order: Vec<usize> = (0..timeline.events.len()).collect();
    match delivery {
        Delivery::Moving => {}
        Delivery::Backwards => order.reverse(),
        Delivery::Shuffled => {
            order.extend(order.clone());
            order.sort_by_key(|place| (place * 7 + 3) % 5);
        }
    }
    for place in order {
        let (at, event) = &timeline.events[place];
        let is_moving = matches!(delivery, Delivery::Moving);
        world.time.set(Timestamp::from_seconds(if is_moving { *at + 1 } else { end }));
        let body = serde_json::to_vec(event).expect("JSON");
        world.deliver_body(&world.engine, &body).await.expect("the event is taken");
        if !matches!(delivery, Delivery::Shuffled) {
            world.work().await;
        }
    }
    world.wait_for_the_grace_period().await;
}

/// What each payment of the program earned, in order of payment.
pub async fn lines(world: &World) -> Vec<String> {
    let (merchant, program) = (&world.merchant, &world.program.id);
    let payments =
        engine::ledger::payments::list(&world.engine, merchant, program, PaymentFilter::All, None, 100);
    let mut lines = Vec::new();
    for payment in payments.await.expect("payments") {
        let (paid_at, line) = world.line(&payment.id).await;
        lines.push((paid_at, payment.stripe_id, line));
    }
    lines.sort();
    lines.into_iter().map(|(.., line)| line).collect()
}
