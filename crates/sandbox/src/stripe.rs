//! The account from outside: every method takes the lock once and does what Stripe does.

use std::sync::{Arc, PoisonError};

use domain::clock::{Clock, Random, Timestamp};
use serde_json::Value;

use crate::api_error::ApiError;
use crate::flows::{
    Buyer, Cancel, CustomerChange, NewPayment, NewPaymentLink, NewPrice, NewSession, Receipt, Verdict,
};
use crate::model::{Duration, Event, Metadata};
use crate::render;
use crate::state::State;
use crate::tracking::Tracking;
use crate::version::ApiVersion;
use crate::world::{Account, World};

/// An account at the sandbox, in one mode. Clones share the account, and accounts that
/// were made from one another share what connects accounts.
#[derive(Clone)]
pub struct Stripe {
    world: Arc<World>,
    account: Arc<Account>,
}

/// The result of an operation, with Stripe's error.
type Result<T> = std::result::Result<T, ApiError>;

impl Stripe {
    /// An empty account in test mode. With a seeded [`Random`] its ids come out the same
    /// every time.
    pub fn new(clock: Clock, random: Random) -> Self {
        let (world, account) = World::new(clock, random);
        Self { world, account }
    }

    pub(crate) fn of(world: &Arc<World>, account: Arc<Account>) -> Self {
        Self { world: world.clone(), account }
    }

    /// Whether both are the same account in the same mode.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.account, &other.account)
    }

    pub(crate) const fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// Runs under the lock, then tells platforms what happened and wakes the deliverer.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.account.state.lock().unwrap_or_else(PoisonError::into_inner);
        let result = work(&mut state);
        let ready = state.outbox.is_ready();
        let fresh = std::mem::take(&mut state.fresh);
        drop(state);
        let forwarded = !fresh.is_empty() && self.notify_platforms(&fresh);
        if ready || forwarded {
            self.world.post.notify_one();
        }
        result
    }

    /// The account's time.
    pub fn now(&self) -> Timestamp {
        self.with(|state| state.now())
    }

    /// The account's id, `acct_…`.
    pub fn account_id(&self) -> String {
        self.account.id.clone()
    }

    /// Whether this is the account's live mode.
    pub fn is_live(&self) -> bool {
        self.account.livemode
    }

    /// The version in which new events are born, and in which endpoints without a version
    /// of their own get them.
    pub fn api_version(&self) -> ApiVersion {
        self.with(|state| state.version)
    }

    /// Changes that version.
    pub fn set_api_version(&self, version: ApiVersion) {
        self.with(|state| state.version = version);
    }

    /// Replaces the clock of every account: sample data is made on its own clock, then
    /// time is real.
    pub fn set_clock(&self, clock: Clock) {
        for account in self.all_accounts() {
            account.with(|state| state.clock = clock.clone());
        }
    }

    /// Tells where the sandbox's pages are, for the URLs of sessions and links.
    pub fn set_base_url(&self, base_url: &str) {
        for account in self.all_accounts() {
            account.with(|state| state.base_url = base_url.trim_end_matches('/').to_owned());
        }
    }

    /// Puts an affiliate program's script on the shop's pages, when it was not known yet as
    /// the server began. The first one stays.
    pub fn track_shop(&self, tracking: Tracking) {
        self.world.tracking.get_or_init(|| tracking);
    }

    /// Creates a price, and its product when the name is new. Gives the price's id.
    ///
    /// # Errors
    /// When the amount or the currency is invalid.
    pub fn create_price(&self, new: NewPrice) -> Result<String> {
        self.with(|state| state.create_price(new))
    }

    /// Creates a promotion code that takes hundredths of a percent off. Gives its id.
    ///
    /// # Errors
    /// When the code is taken or the percentage is invalid.
    pub fn create_promotion_code(
        &self,
        code: &str,
        percent_off_bps: i64,
        duration: Duration,
    ) -> Result<String> {
        self.with(|state| {
            let coupon = state.create_coupon(None, Some(code.to_owned()), percent_off_bps, duration)?;
            state.create_promotion_code(code, coupon, Metadata::new())
        })
    }

    /// Turns a promotion code on or off.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn set_promotion_code_active(&self, id: &str, active: bool) -> Result<()> {
        self.with(|state| state.set_promotion_code_active(id, active))
    }

    /// Deletes the coupon of a promotion code.
    ///
    /// # Errors
    /// When the code does not exist, or its coupon was deleted before.
    pub fn delete_coupon_of(&self, promotion_code: &str) -> Result<()> {
        self.with(|state| {
            let code = state.promotion_codes.get(promotion_code);
            let code = code.ok_or_else(|| ApiError::missing("promotion_code", promotion_code))?;
            let coupon = code.coupon.id.clone();
            state.delete_coupon(&coupon)
        })
    }

    /// Creates a Payment Link. Gives its id.
    ///
    /// # Errors
    /// When a price does not exist.
    pub fn create_payment_link(&self, new: NewPaymentLink) -> Result<String> {
        self.with(|state| state.create_payment_link(new))
    }

    /// Creates a customer. Gives the id.
    pub fn create_customer(&self, email: &str, name: &str, metadata: Metadata) -> String {
        self.with(|state| state.create_customer(Some(email.to_owned()), Some(name.to_owned()), metadata))
    }

    /// Changes a customer.
    ///
    /// # Errors
    /// When there is no such customer.
    pub fn update_customer(&self, id: &str, change: CustomerChange) -> Result<()> {
        self.with(|state| state.update_customer(id, change))
    }

    /// Opens a Checkout Session. Gives its id.
    ///
    /// # Errors
    /// When a price, a customer or a promotion code does not exist.
    pub fn open_session(&self, new: NewSession) -> Result<String> {
        self.with(|state| state.open_session(new))
    }

    /// Completes an open session: pays, subscribes, or begins a trial.
    ///
    /// # Errors
    /// When the session is not open or the promotion code does not exist.
    pub fn complete_session(&self, id: &str, buyer: &Buyer) -> Result<Receipt> {
        self.with(|state| state.complete_session(id, buyer))
    }

    /// Opens a session and completes it.
    ///
    /// # Errors
    /// As for its two halves.
    pub fn buy(&self, new: NewSession, buyer: &Buyer) -> Result<Receipt> {
        self.with(|state| {
            let session = state.open_session(new)?;
            state.complete_session(&session, buyer)
        })
    }

    /// Decides an asynchronous payment.
    ///
    /// # Errors
    /// When the session is not waiting for one.
    pub fn settle_async(&self, session: &str, succeed: bool) -> Result<Receipt> {
        self.with(|state| state.settle_async(session, succeed))
    }

    /// Pays by a payment intent without a checkout page.
    ///
    /// # Errors
    /// When the amount is invalid or the customer does not exist.
    pub fn pay(&self, new: NewPayment) -> Result<Receipt> {
        self.with(|state| state.pay(new))
    }

    /// Captures an authorized charge, in full or in part.
    ///
    /// # Errors
    /// When it is captured already or the amount is too large.
    pub fn capture(&self, charge: &str, amount: Option<i64>) -> Result<()> {
        self.with(|state| state.capture(charge, amount))
    }

    /// Lets a subscription's next period begin.
    ///
    /// # Errors
    /// When it has ended.
    pub fn renew(&self, subscription: &str) -> Result<Receipt> {
        self.with(|state| state.renew(subscription))
    }

    /// Moves a subscription to another price, with prorations.
    ///
    /// # Errors
    /// When it has ended, or the price is of another interval or currency.
    pub fn change_price(&self, subscription: &str, price: &str) -> Result<Receipt> {
        self.with(|state| state.change_price(subscription, price))
    }

    /// Cancels a subscription, or undoes the cancellation.
    ///
    /// # Errors
    /// When it has ended.
    pub fn cancel(&self, subscription: &str, when: Cancel) -> Result<()> {
        self.with(|state| state.cancel(subscription, when))
    }

    /// Refunds all that is left of a charge, or a part. Gives the refund's id.
    ///
    /// # Errors
    /// When nothing, or less, is left.
    pub fn refund(&self, charge: &str, amount: Option<i64>) -> Result<String> {
        self.with(|state| state.refund(charge, amount, None, Metadata::new()))
    }

    /// Lets a refund fail at the bank.
    ///
    /// # Errors
    /// When there is none, or it failed before.
    pub fn fail_refund(&self, refund: &str) -> Result<()> {
        self.with(|state| state.fail_refund(refund))
    }

    /// Opens a dispute that takes the money (all of the charge, or a part). Gives its id.
    ///
    /// # Errors
    /// When the charge is disputed already or not captured.
    pub fn open_dispute(&self, charge: &str, amount: Option<i64>) -> Result<String> {
        self.with(|state| state.open_dispute(charge, amount, false))
    }

    /// Opens an inquiry, which moves no money. Gives the dispute's id.
    ///
    /// # Errors
    /// As for a dispute.
    pub fn open_inquiry(&self, charge: &str) -> Result<String> {
        self.with(|state| state.open_dispute(charge, None, true))
    }

    /// Closes a dispute; an inquiry closes without a winner, whatever the verdict.
    ///
    /// # Errors
    /// When it is closed already.
    pub fn close_dispute(&self, dispute: &str, verdict: Verdict) -> Result<()> {
        self.with(|state| state.close_dispute(dispute, verdict))
    }

    /// Events after that place in the log, oldest first. The log keeps the newest 50,000:
    /// a caller that makes more reads them in between.
    pub fn events_after(&self, sequence: u64) -> Vec<Event> {
        self.with(|state| {
            let start = state.events.partition_point(|event| event.sequence <= sequence);
            state.events.range(start..).cloned().collect()
        })
    }

    /// The object of that id as the API shows it in a version. What has no shape of its
    /// own, such as a session's line items, is not found.
    pub fn object(&self, id: &str, version: ApiVersion) -> Option<Value> {
        self.with(|state| render::by_id(state, id, version))
    }
}

impl std::fmt::Debug for Stripe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stripe")
    }
}
