//! Checkout Sessions: opened by a merchant or a Payment Link, completed by a buyer.

use super::{NewPayment, Receipt};
use crate::api_error::ApiError;
use crate::model::{IntentStatus, Metadata, Mode, Object, Session, SessionPayment, SessionStatus, Totals};
use crate::state::State;

/// Stripe's limit for `client_reference_id`.
const MAX_REFERENCE: usize = 200;

/// A Checkout Session to be opened.
#[derive(Clone, Debug, Default)]
pub struct NewSession {
    /// Price ids and quantities. A recurring price makes it a subscription.
    pub lines: Vec<(String, u32)>,
    /// The merchant's own reference: with Honeyguide the click token.
    pub client_reference_id: Option<String>,
    /// Keys on the session alone.
    pub metadata: Metadata,
    /// Keys copied to the subscription and its invoices.
    pub subscription_metadata: Metadata,
    /// Keys copied to the payment intent and its charge.
    pub payment_metadata: Metadata,
    /// Days before the first payment of a subscription.
    pub trial_days: u32,
    /// A promotion code applied beforehand, by id or text.
    pub promotion_code: Option<String>,
    /// Whether the buyer may type a promotion code.
    pub allow_promotion_codes: bool,
    /// Exclusive tax in basis points.
    pub tax_bps: u32,
    /// An existing customer.
    pub customer: Option<String>,
    /// The email address to prefill.
    pub customer_email: Option<String>,
    /// Make a customer even for one-time payments, which otherwise are by guests.
    pub always_create_customer: bool,
    /// Make an invoice for a one-time payment.
    pub invoice_creation: bool,
    /// The Payment Link that opened it.
    pub payment_link: Option<String>,
    /// Where the buyer goes afterwards.
    pub success_url: Option<String>,
    /// Where a buyer who cancels goes.
    pub cancel_url: Option<String>,
}

impl NewSession {
    /// One piece of one price.
    pub fn of(price: &str) -> Self {
        Self { lines: vec![(price.to_owned(), 1)], ..Self::default() }
    }
}

/// Who completes a checkout, and how.
#[derive(Clone, Debug, Default)]
pub struct Buyer {
    /// Email address.
    pub email: String,
    /// Name on the card.
    pub name: String,
    /// A promotion code typed on the page.
    pub promotion_code: Option<String>,
    /// Pay by a method that settles later: the session completes unpaid.
    pub pay_later: bool,
}

impl Buyer {
    /// A buyer who pays by card.
    pub fn new(email: &str, name: &str) -> Self {
        Self { email: email.to_owned(), name: name.to_owned(), ..Self::default() }
    }
}

impl State {
    pub(crate) fn open_session(&mut self, new: NewSession) -> Result<String, ApiError> {
        let session = self.new_session(new)?;
        let id = session.id.clone();
        self.sessions.put(session);
        Ok(id)
    }

    pub(super) fn new_session(&mut self, new: NewSession) -> Result<Session, ApiError> {
        let lines = self.line_items(&new.lines)?;
        if let Some(reference) = &new.client_reference_id
            && (reference.is_empty() || reference.len() > MAX_REFERENCE)
        {
            return Err(ApiError::invalid(
                "client_reference_id",
                "Invalid string: client_reference_id must have 1 to 200 characters.",
            ));
        }
        if let Some(customer) = &new.customer {
            self.customers
                .get(customer)
                .ok_or_else(|| ApiError::missing("customer", customer).status(400))?;
        }
        let discount = new.promotion_code.as_deref().map(|code| self.redeem(code)).transpose()?;
        let recurring = lines.iter().any(|line| line.price.interval.is_some());
        let id = self.ids.session(self.livemode);
        let mut session = Session {
            url: Some(format!("{}/c/{id}", self.base_url)),
            id,
            mode: if recurring { Mode::Subscription } else { Mode::Payment },
            status: SessionStatus::Open,
            payment_status: SessionPayment::Unpaid,
            currency: lines.first().map(|line| line.price.currency.clone()).unwrap_or_default(),
            totals: Totals::default(),
            lines,
            tax_bps: new.tax_bps,
            discount,
            allow_promotion_codes: new.allow_promotion_codes,
            trial_days: new.trial_days,
            client_reference_id: new.client_reference_id,
            metadata: new.metadata,
            subscription_metadata: new.subscription_metadata,
            payment_metadata: new.payment_metadata,
            invoice_creation: new.invoice_creation,
            always_create_customer: new.always_create_customer,
            customer: new.customer,
            customer_email: new.customer_email,
            buyer: None,
            payment_intent: None,
            invoice: None,
            subscription: None,
            payment_link: new.payment_link,
            success_url: new.success_url,
            cancel_url: new.cancel_url,
            created: self.now(),
        };
        session.totals = session_totals(&session)?;
        Ok(session)
    }

    pub(crate) fn complete_session(&mut self, id: &str, buyer: &Buyer) -> Result<Receipt, ApiError> {
        let mut session =
            self.sessions.get(id).cloned().ok_or_else(|| ApiError::missing("checkout.session", id))?;
        if session.status != SessionStatus::Open {
            return Err(ApiError::invalid("", "This checkout session is no longer open."));
        }
        if let Some(code) = &buyer.promotion_code {
            session.discount = Some(self.redeem(code)?);
        }
        session.totals = session_totals(&session)?;
        session.buyer = Some((buyer.email.clone(), buyer.name.clone()));
        session.status = SessionStatus::Complete;
        let needs_customer =
            session.mode == Mode::Subscription || session.always_create_customer || session.invoice_creation;
        if session.customer.is_none() && needs_customer {
            session.customer = Some(self.customer_for(buyer));
        }
        let charge = match session.mode {
            Mode::Payment => self.complete_payment(&mut session, buyer)?,
            Mode::Subscription => self.start_subscription(&mut session, buyer)?,
        };
        self.emit("checkout.session.completed", Object::from(&session));
        let receipt = Receipt { charge, ..receipt_of(&session) };
        self.sessions.put(session);
        Ok(receipt)
    }

    fn complete_payment(&mut self, session: &mut Session, buyer: &Buyer) -> Result<Option<String>, ApiError> {
        if session.totals.total == 0 {
            session.payment_status = SessionPayment::NotRequired;
            return Ok(None);
        }
        let payment = NewPayment {
            amount: session.totals.total,
            currency: session.currency.clone(),
            customer: session.customer.clone(),
            email: Some(buyer.email.clone()),
            name: Some(buyer.name.clone()),
            description: None,
            metadata: session.payment_metadata.clone(),
            manual_capture: false,
        };
        let intent = self.create_intent(payment, None)?;
        session.payment_intent = Some(intent.clone());
        if buyer.pay_later {
            self.set_intent_status(&intent, IntentStatus::Processing);
            return Ok(None);
        }
        self.settle_payment(session, &intent).map(Some)
    }

    /// The money of a one-time session arrives.
    fn settle_payment(&mut self, session: &mut Session, intent: &str) -> Result<String, ApiError> {
        let charge = self.succeed_intent(intent)?;
        session.payment_status = SessionPayment::Paid;
        if session.invoice_creation {
            session.invoice = Some(self.invoice_for_session(session, intent, &charge)?);
        }
        Ok(charge)
    }

    /// An asynchronous payment is decided.
    pub(crate) fn settle_async(&mut self, id: &str, succeed: bool) -> Result<Receipt, ApiError> {
        let mut session =
            self.sessions.get(id).cloned().ok_or_else(|| ApiError::missing("checkout.session", id))?;
        let waiting =
            session.status == SessionStatus::Complete && session.payment_status == SessionPayment::Unpaid;
        let intent = self
            .waiting_intent(&session)
            .filter(|_| waiting)
            .ok_or_else(|| ApiError::invalid("", "This checkout session is not waiting for a payment."))?;
        let mut charge = None;
        if !succeed {
            self.fail_intent(&intent);
            self.fail_subscription(&session);
            self.emit("checkout.session.async_payment_failed", Object::from(&session));
        } else {
            charge = Some(match session.mode {
                Mode::Payment => self.settle_payment(&mut session, &intent)?,
                Mode::Subscription => self.settle_subscription(&mut session, &intent)?,
            });
            self.emit("checkout.session.async_payment_succeeded", Object::from(&session));
        }
        let receipt = Receipt { charge, ..receipt_of(&session) };
        self.sessions.put(session);
        Ok(receipt)
    }

    /// The intent of an unpaid session, as long as it may still succeed.
    fn waiting_intent(&self, session: &Session) -> Option<String> {
        let through_invoice = || {
            let invoice = self.invoices.get(session.invoice.as_deref()?)?;
            invoice.payment_intent.clone()
        };
        let intent = session.payment_intent.clone().or_else(through_invoice)?;
        (self.intents.get(&intent)?.status == IntentStatus::Processing).then_some(intent)
    }

    pub(crate) fn expire_session(&mut self, id: &str) -> Result<(), ApiError> {
        let session = self.sessions.get_mut(id).ok_or_else(|| ApiError::missing("checkout.session", id))?;
        if session.status != SessionStatus::Open {
            return Err(ApiError::invalid(
                "",
                format!(
                    "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of {}.",
                    session.status.name()
                ),
            ));
        }
        session.status = SessionStatus::Expired;
        session.url = None;
        let object = Object::from(&*session);
        self.emit("checkout.session.expired", object);
        Ok(())
    }
}

/// What is due on the day of the checkout: a trial makes the recurring line free.
pub(crate) fn session_totals(session: &Session) -> Result<Totals, ApiError> {
    let mut parts = Vec::with_capacity(session.lines.len());
    for line in &session.lines {
        let free = session.trial_days > 0 && line.price.interval.is_some();
        parts.push(if free {
            Totals::default()
        } else {
            Totals::of_line(line, session.discount.as_ref(), session.tax_bps)?
        });
    }
    Totals::sum(parts)
}

fn receipt_of(session: &Session) -> Receipt {
    Receipt {
        session: Some(session.id.clone()),
        payment_intent: session.payment_intent.clone(),
        charge: None,
        invoice: session.invoice.clone(),
        subscription: session.subscription.clone(),
        customer: session.customer.clone(),
    }
}
