//! Subscriptions: begun, renewed, changed, ended.

use domain::clock::Timestamp;
use domain::facts::SubscriptionStatus;

use super::customers::merge_metadata;
use super::{Buyer, NewSession, Receipt};
use crate::api_error::ApiError;
use crate::model::{
    Duration, IntentStatus, Invoice, LineItem, Metadata, Object, Session, SessionPayment, Subscription,
};
use crate::state::State;

/// When a subscription ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cancel {
    /// At once.
    Now,
    /// When the paid period is over.
    AtPeriodEnd,
    /// Not at all: takes an `AtPeriodEnd` back.
    Never,
}

impl State {
    /// The subscription part of completing a session. Gives the charge, if any.
    pub(crate) fn start_subscription(
        &mut self,
        session: &mut Session,
        buyer: &Buyer,
    ) -> Result<Option<String>, ApiError> {
        let now = self.now();
        let recurring = session
            .lines
            .iter()
            .find(|line| line.price.interval.is_some())
            .cloned()
            .ok_or_else(|| ApiError::invalid("line_items", "A subscription needs a recurring price."))?;
        let trial_end = now.plus_days(i64::from(session.trial_days));
        let trialing = session.trial_days > 0;
        let mut subscription = Subscription {
            id: self.ids.long("sub_1"),
            item: self.ids.short("si_"),
            customer: session.customer.clone().unwrap_or_default(),
            status: if trialing { SubscriptionStatus::Trialing } else { SubscriptionStatus::Active },
            quantity: recurring.quantity,
            metadata: session.subscription_metadata.clone(),
            discount: session.discount.clone(),
            tax_bps: session.tax_bps,
            tax_rate: (session.tax_bps > 0).then(|| self.ids.long("txr_1")),
            period: (now, if trialing { trial_end } else { period_end(&recurring, now) }),
            trial: trialing.then_some((now, trial_end)),
            cancel_at_period_end: false,
            canceled_at: None,
            ended_at: None,
            latest_invoice: None,
            payment_method: self.ids.long("pm_1"),
            price: recurring.price.clone(),
            created: now,
        };
        let mut lines = Vec::with_capacity(session.lines.len());
        for line in &session.lines {
            lines.push(self.first_line(line, &subscription)?);
        }
        let mut invoice = self.draft(&subscription, "subscription_create", lines)?;
        subscription.latest_invoice = Some(invoice.id.clone());
        let due = invoice.amount_due();
        let charge = if due > 0 && buyer.pay_later {
            let intent = self.invoice_intent(&mut invoice, "Subscription creation")?;
            self.set_intent_status(&intent, IntentStatus::Processing);
            None
        } else if due > 0 {
            Some(self.collect(&mut invoice, "Subscription creation")?)
        } else {
            None
        };
        self.emit("customer.subscription.created", Object::from(&subscription));
        session.payment_status = match (due, &charge) {
            (0, _) => SessionPayment::NotRequired,
            (_, Some(_)) => SessionPayment::Paid,
            (_, None) => SessionPayment::Unpaid,
        };
        session.invoice = Some(invoice.id.clone());
        session.subscription = Some(subscription.id.clone());
        if session.payment_status == SessionPayment::Unpaid {
            self.invoices.put(invoice);
        } else {
            self.mark_paid(invoice);
        }
        self.subscriptions.put(subscription);
        Ok(charge)
    }

    /// A subscription without a checkout.
    pub(crate) fn create_subscription(&mut self, new: NewSession) -> Result<String, ApiError> {
        let customer = new.customer.as_deref().ok_or_else(|| ApiError::required("customer"))?;
        let customer = self.customers.get(customer).cloned();
        let (email, name) = customer.map_or((None, None), |customer| (customer.email, customer.name));
        let buyer = Buyer::new(&email.unwrap_or_default(), &name.unwrap_or_default());
        let mut session = self.new_session(new)?;
        self.start_subscription(&mut session, &buyer)?;
        session.subscription.ok_or_else(|| ApiError::required("items"))
    }

    /// The asynchronous first payment of a subscription arrives.
    pub(crate) fn settle_subscription(
        &mut self,
        session: &mut Session,
        intent: &str,
    ) -> Result<String, ApiError> {
        let charge = self.succeed_intent(intent)?;
        session.payment_status = SessionPayment::Paid;
        let invoice = session.invoice.as_deref().and_then(|id| self.invoices.get(id)).cloned();
        if let Some(mut invoice) = invoice {
            invoice.charge = Some(charge.clone());
            self.mark_paid(invoice);
        }
        Ok(charge)
    }

    /// The asynchronous first payment fails: the subscription stays, but is past due.
    pub(crate) fn fail_subscription(&mut self, session: &Session) {
        let id = session.subscription.as_deref();
        let Some(subscription) = id.and_then(|id| self.subscriptions.get_mut(id)) else { return };
        let before = Object::from(&*subscription);
        subscription.status = SubscriptionStatus::PastDue;
        let after = Object::from(&*subscription);
        self.emit_change("customer.subscription.updated", before, after);
    }

    /// The next period begins: a trial ends, an invoice is due, or a cancellation at the
    /// period's end takes effect.
    pub(crate) fn renew(&mut self, id: &str) -> Result<Receipt, ApiError> {
        let mut subscription = self.running(id)?;
        if subscription.cancel_at_period_end {
            self.end(subscription);
            return Ok(Receipt { subscription: Some(id.to_owned()), ..Receipt::default() });
        }
        let before = Object::from(&subscription);
        let start = subscription.period.1;
        let line = LineItem {
            id: String::new(),
            price: subscription.price.clone(),
            quantity: subscription.quantity,
        };
        subscription.period = (start, period_end(&line, start));
        subscription.status = SubscriptionStatus::Active;
        if subscription.discount.as_ref().is_some_and(|it| it.coupon.duration == Duration::Once)
            && subscription.trial.is_none_or(|(_, end)| end < start)
        {
            subscription.discount = None;
        }
        let lines = vec![self.period_line(&line, &subscription)?];
        let mut invoice = self.draft(&subscription, "subscription_cycle", lines)?;
        subscription.latest_invoice = Some(invoice.id.clone());
        self.emit_change("customer.subscription.updated", before, Object::from(&subscription));
        let receipt = self.pay_update(&mut invoice)?;
        self.mark_paid(invoice);
        self.subscriptions.put(subscription);
        Ok(receipt)
    }

    pub(crate) fn cancel(&mut self, id: &str, when: Cancel) -> Result<(), ApiError> {
        let now = self.now();
        let mut subscription = self.running(id)?;
        if when == Cancel::Now {
            subscription.canceled_at = Some(now);
            self.end(subscription);
            return Ok(());
        }
        let before = Object::from(&subscription);
        subscription.cancel_at_period_end = when == Cancel::AtPeriodEnd;
        subscription.canceled_at = subscription.cancel_at_period_end.then_some(now);
        self.emit_change("customer.subscription.updated", before, Object::from(&subscription));
        self.subscriptions.put(subscription);
        Ok(())
    }

    pub(crate) fn set_subscription_metadata(&mut self, id: &str, change: Metadata) -> Result<(), ApiError> {
        let mut subscription = self.running(id)?;
        let before = Object::from(&subscription);
        merge_metadata(&mut subscription.metadata, change);
        self.emit_change("customer.subscription.updated", before, Object::from(&subscription));
        self.subscriptions.put(subscription);
        Ok(())
    }

    /// Moves a subscription to another price at once: what is left of the old price is
    /// credited, what is left at the new one charged.
    pub(crate) fn change_price(&mut self, id: &str, price: &str) -> Result<Receipt, ApiError> {
        let now = self.now();
        let mut subscription = self.running(id)?;
        let price =
            self.prices.get(price).cloned().ok_or_else(|| ApiError::missing("price", price).status(400))?;
        if price.interval != subscription.price.interval || price.currency != subscription.price.currency {
            return Err(ApiError::invalid(
                "items[0][price]",
                "The sandbox changes prices only within one interval and currency.",
            ));
        }
        let before = Object::from(&subscription);
        let credit = self.proration_line(&subscription, now, -1)?;
        subscription.price = price;
        let debit = self.proration_line(&subscription, now, 1)?;
        let mut invoice = self.draft(&subscription, "subscription_update", vec![credit, debit])?;
        subscription.latest_invoice = Some(invoice.id.clone());
        self.emit_change("customer.subscription.updated", before, Object::from(&subscription));
        let receipt = self.pay_update(&mut invoice)?;
        self.mark_paid(invoice);
        self.subscriptions.put(subscription);
        Ok(receipt)
    }

    /// Takes the money of a later invoice, unless nothing is due.
    fn pay_update(&mut self, invoice: &mut Invoice) -> Result<Receipt, ApiError> {
        let charge = match invoice.amount_due() {
            0 => None,
            _ => Some(self.collect(invoice, "Subscription update")?),
        };
        Ok(Receipt {
            session: None,
            payment_intent: invoice.payment_intent.clone(),
            charge,
            invoice: Some(invoice.id.clone()),
            subscription: invoice.subscription.clone(),
            customer: Some(invoice.customer.clone()),
        })
    }

    fn running(&self, id: &str) -> Result<Subscription, ApiError> {
        let subscription = self.subscriptions.get(id).ok_or_else(|| ApiError::missing("subscription", id))?;
        if subscription.ended_at.is_some() {
            return Err(ApiError::missing("subscription", id).status(400));
        }
        Ok(subscription.clone())
    }

    fn end(&mut self, mut subscription: Subscription) {
        let now = self.now();
        subscription.status = SubscriptionStatus::Canceled;
        subscription.canceled_at = subscription.canceled_at.or(Some(now));
        subscription.ended_at = Some(now);
        self.emit("customer.subscription.deleted", Object::from(&subscription));
        self.subscriptions.put(subscription);
    }
}

fn period_end(line: &LineItem, start: Timestamp) -> Timestamp {
    line.price.interval.map_or(start, |interval| interval.after(start))
}
