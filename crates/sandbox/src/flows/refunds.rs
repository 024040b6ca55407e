//! Refunds: created and failed, with their events.

use domain::facts::RefundStatus;

use super::customers::merge_metadata;
use crate::amounts::chargeable;
use crate::api_error::ApiError;
use crate::model::{Metadata, Object, Refund};
use crate::state::State;

impl State {
    /// Gives back all that is left of a charge, or a part.
    pub(crate) fn refund(
        &mut self,
        charge_id: &str,
        amount: Option<i64>,
        reason: Option<String>,
        metadata: Metadata,
    ) -> Result<String, ApiError> {
        let now = self.now();
        let charge =
            self.charges.get(charge_id).cloned().ok_or_else(|| ApiError::missing("charge", charge_id))?;
        if !charge.captured {
            return Err(ApiError::invalid("charge", format!("Charge {charge_id} has not been captured.")));
        }
        if charge.refundable() == 0 {
            return Err(ApiError::invalid(
                "charge",
                format!("Charge {charge_id} has already been refunded."),
            )
            .code("charge_already_refunded"));
        }
        let amount = chargeable(amount.unwrap_or(charge.refundable()))?;
        if amount > charge.refundable() {
            return Err(ApiError::invalid(
                "amount",
                format!(
                    "Refund amount ({amount}) is greater than unrefunded amount on charge ({}).",
                    charge.refundable()
                ),
            ));
        }
        let mut refund = Refund {
            id: self.ids.long("re_3"),
            amount,
            charge: charge.id.clone(),
            payment_intent: charge.payment_intent.clone(),
            customer: charge.customer.clone(),
            payment_method: charge.payment_method.clone(),
            currency: charge.currency.clone(),
            status: RefundStatus::Succeeded,
            reason,
            failure_reason: None,
            reference: None,
            balance_transaction: self.ids.long("txn_3"),
            metadata,
            created: now,
        };
        self.emit("refund.created", Object::from(&refund));
        self.change_refunded(charge_id, amount, "charge.refunded");
        let before = Object::from(&refund);
        refund.reference = Some(self.ids.letters(12).to_ascii_uppercase());
        self.emit_change("refund.updated", before, Object::from(&refund));
        let id = refund.id.clone();
        self.refunds.put(refund);
        Ok(id)
    }

    pub(crate) fn set_refund_metadata(&mut self, id: &str, change: Metadata) -> Result<(), ApiError> {
        let refund = self.refunds.get_mut(id).ok_or_else(|| ApiError::missing("refund", id))?;
        let before = Object::from(&*refund);
        merge_metadata(&mut refund.metadata, change);
        let after = Object::from(&*refund);
        self.emit_change("refund.updated", before.clone(), after.clone());
        self.emit_change("charge.refund.updated", before, after);
        Ok(())
    }

    /// The bank sends a refund back: the money is the merchant's again.
    pub(crate) fn fail_refund(&mut self, id: &str) -> Result<(), ApiError> {
        let refund = self.refunds.get_mut(id).ok_or_else(|| ApiError::missing("refund", id))?;
        if refund.status == RefundStatus::Failed {
            return Err(ApiError::invalid("", format!("Refund {id} has already failed.")));
        }
        let before = Object::from(&*refund);
        refund.status = RefundStatus::Failed;
        refund.failure_reason = Some("lost_or_stolen_card");
        let (after, charge, amount) = (Object::from(&*refund), refund.charge.clone(), refund.amount);
        self.emit_change("refund.updated", before, after.clone());
        self.emit("refund.failed", after);
        self.change_refunded(&charge, -amount, "charge.updated");
        Ok(())
    }

    fn change_refunded(&mut self, charge_id: &str, by: i64, kind: &'static str) {
        let Some(charge) = self.charges.get_mut(charge_id) else { return };
        let before = Object::from(&*charge);
        charge.amount_refunded += by;
        let after = Object::from(&*charge);
        self.emit_change(kind, before, after);
    }
}
