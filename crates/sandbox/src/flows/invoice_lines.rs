//! Computes the lines of subscription invoices, with proration.

use domain::clock::Timestamp;

use crate::api_error::ApiError;
use crate::model::{InvoiceLine, LineItem, Metadata, Subscription, Totals};
use crate::state::State;

impl State {
    /// A line of the first invoice: free while on trial, and one-time prices beside it.
    pub(super) fn first_line(
        &self,
        line: &LineItem,
        subscription: &Subscription,
    ) -> Result<InvoiceLine, ApiError> {
        let mut first = self.period_line(line, subscription)?;
        if line.price.interval.is_none() {
            first.description = line.price.product_name.clone();
            first.subscription_item = None;
            first.invoice_item = Some(self.ids.long("ii_1"));
            first.metadata = Metadata::new();
        } else if subscription.trial.is_some() {
            first.description = format!("Trial period for {}", line.price.product_name);
            first.totals = Totals::default();
        }
        Ok(first)
    }

    pub(super) fn period_line(
        &self,
        line: &LineItem,
        subscription: &Subscription,
    ) -> Result<InvoiceLine, ApiError> {
        Ok(InvoiceLine {
            id: self.ids.long("il_1"),
            price: line.price.clone(),
            quantity: line.quantity,
            description: format!("{} × {}", line.quantity, line.price.product_name),
            totals: Totals::of_line(line, subscription.discount.as_ref(), subscription.tax_bps)?,
            period: subscription.period,
            metadata: subscription.metadata.clone(),
            subscription_item: Some(subscription.item.clone()),
            invoice_item: None,
            proration: false,
        })
    }

    /// The share of the price for what is left of the period, charged or credited.
    pub(super) fn proration_line(
        &self,
        subscription: &Subscription,
        now: Timestamp,
        sign: i64,
    ) -> Result<InvoiceLine, ApiError> {
        let (start, end) = subscription.period;
        let whole = end.since_ms(start).max(1);
        let left = end.since_ms(now).clamp(0, whole);
        let share = i128::from(subscription.price.unit_amount) * i128::from(left) / i128::from(whole);
        let unit_amount = i64::try_from(share).map_err(|_| ApiError::amount())? * sign;
        let off = subscription.discount.as_ref().map_or(0, |it| it.coupon.percent_off_bps);
        let word = if sign < 0 { "Unused" } else { "Remaining" };
        Ok(InvoiceLine {
            id: self.ids.long("il_1"),
            price: subscription.price.clone(),
            quantity: subscription.quantity,
            description: format!("{word} time on {}", subscription.price.product_name),
            totals: Totals::of(unit_amount, subscription.quantity, off, subscription.tax_bps)?,
            period: (now, end),
            metadata: subscription.metadata.clone(),
            subscription_item: Some(subscription.item.clone()),
            invoice_item: None,
            proration: true,
        })
    }
}
