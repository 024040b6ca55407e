//! Payment intents and charges: created, captured, failed, with their events.

use super::Receipt;
use crate::amounts::chargeable;
use crate::api_error::ApiError;
use crate::model::{Charge, IntentStatus, Metadata, Object, PaymentIntent};
use crate::state::State;

/// A payment without a checkout page.
#[derive(Clone, Debug, Default)]
pub struct NewPayment {
    /// Minor units.
    pub amount: i64,
    /// ISO code in lower case.
    pub currency: String,
    /// An existing customer.
    pub customer: Option<String>,
    /// The buyer's email address.
    pub email: Option<String>,
    /// The buyer's name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Copied from the payment intent to its charge.
    pub metadata: Metadata,
    /// Authorize only; [`crate::Stripe::capture`] takes the money.
    pub manual_capture: bool,
}

impl State {
    pub(crate) fn create_intent(
        &mut self,
        new: NewPayment,
        invoice: Option<String>,
    ) -> Result<String, ApiError> {
        if let Some(customer) = &new.customer {
            self.customers
                .get(customer)
                .ok_or_else(|| ApiError::missing("customer", customer).status(400))?;
        }
        let id = self.ids.long("pi_3");
        let intent = PaymentIntent {
            secret: format!("{id}_secret_{}", self.ids.letters(25)),
            id: id.clone(),
            amount: chargeable(new.amount)?,
            amount_received: 0,
            amount_capturable: 0,
            currency: new.currency.to_ascii_lowercase(),
            customer: new.customer,
            description: new.description,
            metadata: new.metadata,
            status: IntentStatus::RequiresPaymentMethod,
            manual_capture: new.manual_capture,
            latest_charge: None,
            invoice,
            payment_method: None,
            receipt_email: new.email,
            buyer_name: new.name,
            created: self.now(),
        };
        self.emit("payment_intent.created", Object::from(&intent));
        self.intents.put(intent);
        Ok(id)
    }

    /// The card is good: the charge appears, captured or only authorized.
    pub(crate) fn succeed_intent(&mut self, id: &str) -> Result<String, ApiError> {
        let now = self.now();
        let mut intent =
            self.intents.get(id).cloned().ok_or_else(|| ApiError::missing("payment_intent", id))?;
        if intent.latest_charge.is_some() {
            return Err(ApiError::invalid(
                "",
                format!(
                    "You cannot confirm this PaymentIntent because it has a status of {}.",
                    intent.status.word()
                ),
            )
            .code("payment_intent_unexpected_state"));
        }
        let captured = !intent.manual_capture;
        let payment_method = intent.payment_method.clone().unwrap_or_else(|| self.ids.long("pm_1"));
        let charge = Charge {
            id: self.ids.long("ch_3"),
            amount: intent.amount,
            amount_captured: if captured { intent.amount } else { 0 },
            amount_refunded: 0,
            captured,
            disputed: false,
            currency: intent.currency.clone(),
            customer: intent.customer.clone(),
            description: intent.description.clone(),
            metadata: intent.metadata.clone(),
            payment_intent: Some(intent.id.clone()),
            payment_method: payment_method.clone(),
            balance_transaction: captured.then(|| self.ids.long("txn_3")),
            invoice: intent.invoice.clone(),
            email: intent.receipt_email.clone(),
            name: intent.buyer_name.clone(),
            created: now,
        };
        intent.payment_method = Some(payment_method);
        intent.latest_charge = Some(charge.id.clone());
        if captured {
            intent.status = IntentStatus::Succeeded;
            intent.amount_received = intent.amount;
        } else {
            intent.status = IntentStatus::RequiresCapture;
            intent.amount_capturable = intent.amount;
        }
        let charge_id = charge.id.clone();
        self.emit("charge.succeeded", Object::from(&charge));
        let next =
            if captured { "payment_intent.succeeded" } else { "payment_intent.amount_capturable_updated" };
        self.emit(next, Object::from(&intent));
        self.charges.put(charge);
        self.intents.put(intent);
        Ok(charge_id)
    }

    pub(crate) fn fail_intent(&mut self, id: &str) {
        if let Some(intent) = self.intents.get_mut(id) {
            intent.status = IntentStatus::RequiresPaymentMethod;
            let object = Object::from(&*intent);
            self.emit("payment_intent.payment_failed", object);
        }
    }

    pub(crate) fn set_intent_status(&mut self, id: &str, status: IntentStatus) {
        if let Some(intent) = self.intents.get_mut(id) {
            intent.status = status;
        }
    }

    pub(crate) fn pay(&mut self, new: NewPayment) -> Result<Receipt, ApiError> {
        let customer = new.customer.clone();
        let intent = self.create_intent(new, None)?;
        let charge = self.succeed_intent(&intent)?;
        Ok(Receipt { payment_intent: Some(intent), charge: Some(charge), customer, ..Receipt::default() })
    }

    /// Takes an authorized amount, or a part of it; the rest is released, which Stripe
    /// shows as refunded.
    pub(crate) fn capture(&mut self, charge_id: &str, amount: Option<i64>) -> Result<(), ApiError> {
        let balance_transaction = self.ids.long("txn_3");
        let charge = self.charges.get_mut(charge_id).ok_or_else(|| ApiError::missing("charge", charge_id))?;
        if charge.captured {
            return Err(ApiError::invalid("", format!("Charge {charge_id} has already been captured."))
                .code("charge_already_captured"));
        }
        let amount = chargeable(amount.unwrap_or(charge.amount))?;
        if amount > charge.amount {
            return Err(ApiError::invalid(
                "amount_to_capture",
                "The amount to capture is greater than the authorized amount.",
            )
            .code("amount_too_large"));
        }
        let before = Object::from(&*charge);
        charge.captured = true;
        charge.amount_captured = amount;
        charge.amount_refunded = charge.amount - amount;
        charge.balance_transaction = Some(balance_transaction);
        let after = Object::from(&*charge);
        let intent_id = charge.payment_intent.clone();
        self.emit_change("charge.captured", before, after);
        if let Some(intent) = intent_id.and_then(|id| self.intents.get_mut(&id)) {
            intent.status = IntentStatus::Succeeded;
            intent.amount_received = amount;
            intent.amount_capturable = 0;
            let object = Object::from(&*intent);
            self.emit("payment_intent.succeeded", object);
        }
        Ok(())
    }
}
