//! Charges that are made directly, as before payment intents.

use super::NewPayment;
use crate::amounts::chargeable;
use crate::api_error::ApiError;
use crate::model::{Charge, Object};
use crate::state::State;

impl State {
    /// A charge without a payment intent.
    pub(crate) fn create_charge(&mut self, new: NewPayment) -> Result<String, ApiError> {
        if let Some(customer) = &new.customer {
            self.customers
                .get(customer)
                .ok_or_else(|| ApiError::missing("customer", customer).status(400))?;
        }
        let (amount, captured) = (chargeable(new.amount)?, !new.manual_capture);
        let charge = Charge {
            id: self.ids.long("ch_1"),
            amount,
            amount_captured: if captured { amount } else { 0 },
            amount_refunded: 0,
            captured,
            disputed: false,
            currency: new.currency.to_ascii_lowercase(),
            customer: new.customer,
            description: new.description,
            metadata: new.metadata,
            payment_intent: None,
            payment_method: self.ids.long("card_1"),
            balance_transaction: captured.then(|| self.ids.long("txn_1")),
            invoice: None,
            email: new.email,
            name: new.name,
            created: self.now(),
        };
        let id = charge.id.clone();
        self.emit("charge.succeeded", Object::from(&charge));
        self.charges.put(charge);
        Ok(id)
    }
}
