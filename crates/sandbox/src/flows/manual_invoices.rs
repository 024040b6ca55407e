//! Invoices that a merchant writes: items, drafts, finalized, paid, voided.

use super::NewPrice;
use crate::api_error::ApiError;
use crate::model::{Invoice, InvoiceItem, InvoiceLine, InvoiceStatus, LineItem, Metadata, Object, Totals};
use crate::state::State;

impl State {
    /// Something to be billed with the customer's next invoice.
    pub(crate) fn create_invoice_item(
        &mut self,
        customer: String,
        amount: i64,
        currency: &str,
        description: Option<String>,
    ) -> Result<String, ApiError> {
        self.customers.get(&customer).ok_or_else(|| ApiError::missing("customer", &customer).status(400))?;
        let description = description.unwrap_or_else(|| "Item".to_owned());
        let price = self.create_price(NewPrice::once(&description, amount, currency))?;
        let price = self.prices.get(&price).cloned().ok_or_else(ApiError::amount)?;
        let item = InvoiceItem {
            id: self.ids.long("ii_1"),
            customer,
            description,
            price,
            invoice: None,
            created: self.now(),
        };
        let id = item.id.clone();
        self.invoice_items.put(item);
        Ok(id)
    }

    /// A draft; with the items of the customer that wait, if they are asked for.
    pub(crate) fn draft_invoice(&mut self, customer: &str, with_items: bool) -> Result<String, ApiError> {
        let now = self.now();
        let buyer = self
            .customers
            .get(customer)
            .cloned()
            .ok_or_else(|| ApiError::missing("customer", customer).status(400))?;
        let id = self.ids.long("in_1");
        let mut items = Vec::new();
        for item in self.invoice_items.iter_mut() {
            if with_items && item.customer == customer && item.invoice.is_none() {
                item.invoice = Some(id.clone());
                items.push(item.clone());
            }
        }
        let mut lines = Vec::with_capacity(items.len());
        for item in items {
            let line = LineItem { id: String::new(), price: item.price.clone(), quantity: 1 };
            lines.push(InvoiceLine {
                id: self.ids.long("il_1"),
                price: item.price,
                quantity: 1,
                description: item.description,
                totals: Totals::of_line(&line, None, 0)?,
                period: (now, now),
                metadata: Metadata::new(),
                subscription_item: None,
                invoice_item: Some(item.id),
                proration: false,
            });
        }
        let invoice = Invoice {
            id: id.clone(),
            number: self.invoice_number(),
            status: InvoiceStatus::Draft,
            billing_reason: "manual",
            currency: lines.first().map_or_else(|| "usd".to_owned(), |line| line.price.currency.clone()),
            customer: customer.to_owned(),
            customer_email: buyer.email,
            customer_name: buyer.name,
            subscription: None,
            subscription_metadata: Metadata::new(),
            payment_intent: None,
            charge: None,
            totals: Totals::sum(lines.iter().map(|line| line.totals))?,
            lines,
            discount: None,
            tax_rate: None,
            period: (now, now),
            metadata: Metadata::new(),
            created: now,
            paid_at: None,
        };
        self.emit("invoice.created", Object::from(&invoice));
        self.invoices.put(invoice);
        Ok(id)
    }

    /// Ends the draft: the invoice can be paid.
    pub(crate) fn finalize_invoice(&mut self, id: &str) -> Result<(), ApiError> {
        let mut invoice = self.invoice_in(id, &[InvoiceStatus::Draft])?;
        self.open_invoice(&mut invoice);
        self.invoices.put(invoice);
        Ok(())
    }

    /// Takes the money of an invoice.
    pub(crate) fn pay_invoice(&mut self, id: &str) -> Result<(), ApiError> {
        let mut invoice = self.invoice_in(id, &[InvoiceStatus::Draft, InvoiceStatus::Open])?;
        if invoice.status == InvoiceStatus::Draft {
            self.open_invoice(&mut invoice);
        }
        if invoice.amount_due() > 0 {
            self.collect(&mut invoice, "Payment for Invoice")?;
        }
        self.mark_paid(invoice);
        Ok(())
    }

    /// The card is declined: the invoice stays open.
    pub(crate) fn fail_invoice(&mut self, id: &str) -> Result<(), ApiError> {
        let mut invoice = self.invoice_in(id, &[InvoiceStatus::Draft, InvoiceStatus::Open])?;
        if invoice.status == InvoiceStatus::Draft {
            self.open_invoice(&mut invoice);
        }
        let intent = self.invoice_intent(&mut invoice, "Payment for Invoice")?;
        self.fail_intent(&intent);
        self.emit("invoice.payment_failed", Object::from(&invoice));
        self.invoices.put(invoice);
        Ok(())
    }

    /// Nobody has to pay the invoice anymore.
    pub(crate) fn close_invoice(&mut self, id: &str, status: InvoiceStatus) -> Result<(), ApiError> {
        let mut invoice = self.invoice_in(id, &[InvoiceStatus::Open])?;
        invoice.status = status;
        let kind = match status {
            InvoiceStatus::Void => "invoice.voided",
            _ => "invoice.marked_uncollectible",
        };
        self.emit(kind, Object::from(&invoice));
        self.invoices.put(invoice);
        Ok(())
    }

    fn open_invoice(&mut self, invoice: &mut Invoice) {
        invoice.status = InvoiceStatus::Open;
        self.emit("invoice.finalized", Object::from(&*invoice));
    }

    fn invoice_in(&self, id: &str, statuses: &[InvoiceStatus]) -> Result<Invoice, ApiError> {
        let invoice = self.invoices.get(id).ok_or_else(|| ApiError::missing("invoice", id))?;
        if !statuses.contains(&invoice.status) {
            return Err(ApiError::invalid("", format!("This invoice is {}.", invoice.status.name())));
        }
        Ok(invoice.clone())
    }
}
