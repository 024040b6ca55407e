//! Invoices: drafted, collected, paid.

use super::NewPayment;
use crate::api_error::ApiError;
use crate::model::{
    Invoice, InvoiceLine, InvoicePayment, InvoiceStatus, Metadata, Object, Session, Subscription, Totals,
};
use crate::state::State;

impl State {
    /// The invoice of a one-time session, already paid.
    pub(crate) fn invoice_for_session(
        &mut self,
        session: &Session,
        intent: &str,
        charge: &str,
    ) -> Result<String, ApiError> {
        let now = self.now();
        let mut lines = Vec::with_capacity(session.lines.len());
        for line in &session.lines {
            lines.push(InvoiceLine {
                id: self.ids.long("il_1"),
                price: line.price.clone(),
                quantity: line.quantity,
                description: line.price.product_name.clone(),
                totals: Totals::of_line(line, session.discount.as_ref(), session.tax_bps)?,
                period: (now, now),
                metadata: Metadata::new(),
                subscription_item: None,
                invoice_item: Some(self.ids.long("ii_1")),
                proration: false,
            });
        }
        let (email, name) = session.buyer.clone().unzip();
        let invoice = Invoice {
            id: self.ids.long("in_1"),
            number: self.invoice_number(),
            status: InvoiceStatus::Open,
            billing_reason: "manual",
            currency: session.currency.clone(),
            customer: session.customer.clone().unwrap_or_default(),
            customer_email: email,
            customer_name: name,
            subscription: None,
            subscription_metadata: Metadata::new(),
            payment_intent: Some(intent.to_owned()),
            charge: Some(charge.to_owned()),
            totals: Totals::sum(lines.iter().map(|line| line.totals))?,
            lines,
            discount: session.discount.clone(),
            tax_rate: (session.tax_bps > 0).then(|| self.ids.long("txr_1")),
            period: (now, now),
            metadata: Metadata::new(),
            created: now,
            paid_at: None,
        };
        let id = invoice.id.clone();
        self.mark_paid(invoice);
        Ok(id)
    }

    pub(super) fn draft(
        &mut self,
        subscription: &Subscription,
        billing_reason: &'static str,
        lines: Vec<InvoiceLine>,
    ) -> Result<Invoice, ApiError> {
        let customer = self.customers.get(&subscription.customer).cloned();
        Ok(Invoice {
            id: self.ids.long("in_1"),
            number: self.invoice_number(),
            status: InvoiceStatus::Open,
            billing_reason,
            currency: subscription.price.currency.clone(),
            customer: subscription.customer.clone(),
            customer_email: customer.as_ref().and_then(|it| it.email.clone()),
            customer_name: customer.and_then(|it| it.name),
            subscription: Some(subscription.id.clone()),
            subscription_metadata: subscription.metadata.clone(),
            payment_intent: None,
            charge: None,
            totals: Totals::sum(lines.iter().map(|line| line.totals))?,
            lines,
            discount: subscription.discount.clone(),
            tax_rate: subscription.tax_rate.clone(),
            period: subscription.period,
            metadata: Metadata::new(),
            created: self.now(),
            paid_at: None,
        })
    }

    pub(super) fn invoice_number(&mut self) -> String {
        let number = format!("5AND80X-{:04}", self.next_invoice);
        self.next_invoice += 1;
        number
    }

    pub(super) fn invoice_intent(
        &mut self,
        invoice: &mut Invoice,
        description: &str,
    ) -> Result<String, ApiError> {
        let payment = NewPayment {
            amount: invoice.amount_due(),
            currency: invoice.currency.clone(),
            customer: Some(invoice.customer.clone()),
            email: invoice.customer_email.clone(),
            name: invoice.customer_name.clone(),
            description: Some(description.to_owned()),
            metadata: Metadata::new(),
            manual_capture: false,
        };
        let intent = self.create_intent(payment, Some(invoice.id.clone()))?;
        invoice.payment_intent = Some(intent.clone());
        Ok(intent)
    }

    pub(super) fn collect(&mut self, invoice: &mut Invoice, description: &str) -> Result<String, ApiError> {
        let intent = self.invoice_intent(invoice, description)?;
        let charge = self.succeed_intent(&intent)?;
        invoice.charge = Some(charge.clone());
        Ok(charge)
    }

    pub(super) fn mark_paid(&mut self, mut invoice: Invoice) {
        let now = self.now();
        invoice.status = InvoiceStatus::Paid;
        invoice.paid_at = Some(now);
        self.emit("invoice.paid", Object::from(&invoice));
        self.emit("invoice.payment_succeeded", Object::from(&invoice));
        if let Some(intent) = &invoice.payment_intent {
            let payment = InvoicePayment {
                id: self.ids.long("inpay_1"),
                invoice: invoice.id.clone(),
                payment_intent: intent.clone(),
                amount: invoice.amount_due(),
                currency: invoice.currency.clone(),
                paid_at: Some(now),
                created: now,
            };
            self.emit("invoice_payment.paid", Object::from(&payment));
            self.invoice_payments.put(payment);
        }
        self.invoices.put(invoice);
    }
}
