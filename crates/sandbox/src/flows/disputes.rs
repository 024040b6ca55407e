//! Disputes and inquiries: opened, decided, with their events.

use domain::facts::DisputeStatus;

use super::customers::merge_metadata;
use crate::amounts::chargeable;
use crate::api_error::ApiError;
use crate::model::{Dispute, Metadata, Object};
use crate::state::State;

/// How the bank decides a dispute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The merchant gets the money back.
    Won,
    /// The buyer keeps it.
    Lost,
}

impl State {
    /// A chargeback takes the money at once; an inquiry only asks.
    pub(crate) fn open_dispute(
        &mut self,
        charge_id: &str,
        amount: Option<i64>,
        inquiry: bool,
    ) -> Result<String, ApiError> {
        let now = self.now();
        let id = self.ids.long("dp_1");
        let charge = self.charges.get_mut(charge_id).ok_or_else(|| ApiError::missing("charge", charge_id))?;
        if charge.disputed || !charge.captured {
            return Err(ApiError::invalid("charge", format!("Charge {charge_id} cannot be disputed.")));
        }
        let amount = chargeable(amount.unwrap_or(charge.amount_captured))?;
        if amount > charge.amount_captured {
            return Err(ApiError::invalid("amount", "The disputed amount is greater than the charge."));
        }
        let before = Object::from(&*charge);
        charge.disputed = true;
        let (after, charge) = (Object::from(&*charge), charge.clone());
        let mut dispute = Dispute {
            id: id.clone(),
            amount,
            charge: charge.id,
            payment_intent: charge.payment_intent,
            currency: charge.currency,
            metadata: Metadata::new(),
            status: if inquiry { DisputeStatus::WarningNeedsResponse } else { DisputeStatus::NeedsResponse },
            inquiry,
            bookings: Vec::new(),
            created: now,
        };
        self.emit_change("charge.updated", before, after);
        self.emit("charge.dispute.created", Object::from(&dispute));
        if !inquiry {
            dispute.bookings.push((self.ids.long("txn_1"), -amount, now));
            self.emit("charge.dispute.funds_withdrawn", Object::from(&dispute));
        }
        self.disputes.put(dispute);
        Ok(id)
    }

    pub(crate) fn set_dispute_metadata(&mut self, id: &str, change: Metadata) -> Result<(), ApiError> {
        let dispute = self.disputes.get_mut(id).ok_or_else(|| ApiError::missing("dispute", id))?;
        let before = Object::from(&*dispute);
        merge_metadata(&mut dispute.metadata, change);
        let after = Object::from(&*dispute);
        self.emit_change("charge.dispute.updated", before, after);
        Ok(())
    }

    /// The end of a dispute. An inquiry closes without a winner.
    pub(crate) fn close_dispute(&mut self, id: &str, verdict: Verdict) -> Result<(), ApiError> {
        let now = self.now();
        let booking = self.ids.long("txn_1");
        let dispute = self.disputes.get_mut(id).ok_or_else(|| ApiError::missing("dispute", id))?;
        if dispute.status.is_final() {
            return Err(ApiError::invalid("", "This dispute is already closed."));
        }
        let before = Object::from(&*dispute);
        dispute.status = match (dispute.inquiry, verdict) {
            (true, _) => DisputeStatus::WarningClosed,
            (false, Verdict::Won) => DisputeStatus::Won,
            (false, Verdict::Lost) => DisputeStatus::Lost,
        };
        let won = dispute.status == DisputeStatus::Won;
        if won {
            dispute.bookings.push((booking, dispute.amount, now));
        }
        let after = Object::from(&*dispute);
        self.emit_change("charge.dispute.closed", before, after.clone());
        if won {
            self.emit("charge.dispute.funds_reinstated", after);
        }
        Ok(())
    }
}
