//! The whole state of a sandbox account, behind one lock.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::clock::{Clock, Random, Timestamp};

use crate::idempotency::IdempotencyKeys;
use crate::ids::Ids;
use crate::model::{
    Charge, Coupon, Customer, Dispute, Endpoint, Event, Invoice, InvoiceItem, InvoicePayment, Object,
    PaymentIntent, PaymentLink, PaymentMethod, Price, Product, PromotionCode, Refund, Session, Subscription,
};
use crate::outbox::Outbox;
use crate::table::Table;
use crate::version::ApiVersion;

/// Events kept; at one to two kilobytes each this is under 100 MB, and ninety days of a
/// busy sample program fit several times.
pub(crate) const MAX_EVENTS: usize = 50_000;

/// The base URL of pages while no server is running.
const NO_SERVER: &str = "https://stripe.invalid";

/// The account's name by default.
const FIRST_NAME: &str = "Lumen Notes";

pub(crate) struct State {
    pub clock: Clock,
    pub ids: Ids,
    pub account: String,
    /// The display name.
    pub name: String,
    pub livemode: bool,
    pub version: ApiVersion,
    /// The base URL of the sandbox's pages, without a slash at the end.
    pub base_url: String,
    /// The id of the current API request, for the events that it causes.
    pub request: Option<String>,
    pub products: Table<Product>,
    pub prices: Table<Price>,
    pub coupons: Table<Coupon>,
    pub promotion_codes: Table<PromotionCode>,
    pub payment_links: Table<PaymentLink>,
    pub customers: Table<Customer>,
    pub sessions: Table<Session>,
    pub intents: Table<PaymentIntent>,
    pub charges: Table<Charge>,
    pub payment_methods: Table<PaymentMethod>,
    pub invoices: Table<Invoice>,
    pub invoice_items: Table<InvoiceItem>,
    pub invoice_payments: Table<InvoicePayment>,
    pub subscriptions: Table<Subscription>,
    pub refunds: Table<Refund>,
    pub disputes: Table<Dispute>,
    pub endpoints: Table<Endpoint>,
    pub events: VecDeque<Event>,
    pub next_event: u64,
    /// Events since the lock was taken, for the platforms that this account is connected to.
    pub fresh: Vec<Event>,
    pub next_invoice: u64,
    pub outbox: Outbox,
    pub answers: IdempotencyKeys,
}

impl State {
    pub(crate) fn new(clock: Clock, random: Random) -> Self {
        let ids = Ids::new(random);
        Self {
            account: format!("acct_1{}", ids.letters(15)),
            name: FIRST_NAME.to_owned(),
            livemode: false,
            ids,
            clock,
            version: ApiVersion::NEWEST,
            base_url: NO_SERVER.to_owned(),
            request: None,
            products: Table::default(),
            prices: Table::default(),
            coupons: Table::default(),
            promotion_codes: Table::default(),
            payment_links: Table::default(),
            customers: Table::default(),
            sessions: Table::default(),
            intents: Table::default(),
            charges: Table::default(),
            payment_methods: Table::default(),
            invoices: Table::default(),
            invoice_items: Table::default(),
            invoice_payments: Table::default(),
            subscriptions: Table::default(),
            refunds: Table::default(),
            disputes: Table::default(),
            endpoints: Table::default(),
            events: VecDeque::new(),
            next_event: 1,
            fresh: Vec::new(),
            next_invoice: 1,
            outbox: Outbox::default(),
            answers: IdempotencyKeys::default(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Records that an object was created.
    pub(crate) fn emit(&mut self, kind: &'static str, object: Object) {
        self.record(kind, object, None);
    }

    /// Records that an object changed.
    pub(crate) fn emit_change(&mut self, kind: &'static str, before: Object, after: Object) {
        self.record(kind, after, Some(Arc::new(before)));
    }

    fn record(&mut self, kind: &'static str, object: Object, before: Option<Arc<Object>>) {
        let wanted_by = self.endpoints_for(kind, false);
        let event = Event {
            sequence: self.next_event,
            id: self.ids.long("evt_1"),
            kind,
            created: self.now(),
            born_in: self.version,
            livemode: self.livemode,
            request: self.request.clone(),
            pending_webhooks: wanted_by.len(),
            object: Arc::new(object),
            before,
        };
        self.next_event += 1;
        for endpoint in wanted_by {
            self.outbox.add(&event, endpoint, None);
        }
        self.fresh.push(event.clone());
        if self.events.len() == MAX_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    /// The enabled endpoints that want such an event: the account's own, or those for
    /// connected accounts.
    pub(crate) fn endpoints_for(&self, kind: &str, connect: bool) -> Vec<String> {
        self.endpoints
            .iter()
            .filter(|endpoint| endpoint.connect == connect && !endpoint.disabled && endpoint.wants(kind))
            .filter(|endpoint| endpoint.api_version.unwrap_or(self.version).knows_event(kind))
            .map(|endpoint| endpoint.id.clone())
            .collect()
    }

    pub(crate) fn event(&self, id: &str) -> Option<&Event> {
        self.events.iter().rev().find(|event| event.id == id)
    }
}
