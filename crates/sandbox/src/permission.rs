//! What a restricted key may do, in Stripe's words.

/// A resource that a restricted key may read or write.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Permission {
    /// The account's own name and country.
    Account,
    /// Charges and refunds.
    Charges,
    /// Checkout Sessions.
    CheckoutSessions,
    /// Coupons.
    Coupons,
    /// Customers.
    Customers,
    /// Disputes.
    Disputes,
    /// Events.
    Events,
    /// Invoices and their payments.
    Invoices,
    /// Payment intents.
    PaymentIntents,
    /// Payment Links.
    PaymentLinks,
    /// Prices.
    Prices,
    /// Products.
    Products,
    /// Promotion codes.
    PromotionCodes,
    /// Subscriptions.
    Subscriptions,
    /// Webhook endpoints.
    WebhookEndpoints,
}

/// How far a permission goes; writing includes reading.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Looking.
    Read,
    /// Looking and changing.
    Write,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 15] = [
        Self::Account,
        Self::Charges,
        Self::CheckoutSessions,
        Self::Coupons,
        Self::Customers,
        Self::Disputes,
        Self::Events,
        Self::Invoices,
        Self::PaymentIntents,
        Self::PaymentLinks,
        Self::Prices,
        Self::Products,
        Self::PromotionCodes,
        Self::Subscriptions,
        Self::WebhookEndpoints,
    ];

    /// What a reader of payments needs who keeps its own endpoint.
    pub fn of_a_reader() -> Vec<(Self, Level)> {
        let level = |it| if it == Self::WebhookEndpoints { Level::Write } else { Level::Read };
        Self::ALL.into_iter().map(|it| (it, level(it))).collect()
    }

    /// The name in Stripe's messages, without its level.
    const fn resource(self) -> &'static str {
        match self {
            Self::Account => "rak_accounts_kyc_basic",
            Self::Charges => "rak_charge",
            Self::CheckoutSessions => "rak_checkout_session",
            Self::Coupons => "rak_coupon",
            Self::Customers => "rak_customer",
            Self::Disputes => "rak_dispute",
            Self::Events => "rak_event",
            Self::Invoices => "rak_invoice",
            Self::PaymentIntents => "rak_payment_intent",
            Self::PaymentLinks => "rak_payment_link",
            // Stripe's own names for it are older than prices.
            Self::Prices => "rak_plan",
            Self::Products => "rak_product",
            Self::PromotionCodes => "rak_promotion_code",
            Self::Subscriptions => "rak_subscription",
            Self::WebhookEndpoints => "rak_webhook",
        }
    }

    /// The name in Stripe's messages and in links to its key page, such as
    /// `rak_webhook_write`.
    pub fn name(self, level: Level) -> String {
        let level = match level {
            Level::Read => "read",
            Level::Write => "write",
        };
        format!("{}_{level}", self.resource())
    }

    /// The permission and its level by that name.
    pub fn parse(name: &str) -> Option<(Self, Level)> {
        let (resource, level) = name.rsplit_once('_')?;
        let level = match level {
            "read" => Level::Read,
            "write" => Level::Write,
            _ => return None,
        };
        // Links to the key page name the account otherwise than messages do.
        let resource = if resource == "rak_connected_account" { Self::Account.resource() } else { resource };
        Self::ALL.into_iter().find(|it| it.resource() == resource).map(|it| (it, level))
    }

    /// The name that people read on Stripe's key page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Account => "Account details",
            Self::Charges => "Charges and refunds",
            Self::CheckoutSessions => "Checkout Sessions",
            Self::Coupons => "Coupons",
            Self::Customers => "Customers",
            Self::Disputes => "Disputes",
            Self::Events => "Events",
            Self::Invoices => "Invoices",
            Self::PaymentIntents => "PaymentIntents",
            Self::PaymentLinks => "Payment Links",
            Self::Prices => "Prices",
            Self::Products => "Products",
            Self::PromotionCodes => "Promotion Codes",
            Self::Subscriptions => "Subscriptions",
            Self::WebhookEndpoints => "Webhook Endpoints",
        }
    }

    /// What a call needs, by the first part of its path; none for what does not exist.
    pub(crate) fn needed(method: &str, path: &[&str]) -> Option<(Self, Level)> {
        let resource = match path.first()? {
            &"account" | &"accounts" => Self::Account,
            &"charges" | &"refunds" | &"payment_methods" => Self::Charges,
            &"checkout" | &"payment_pages" => Self::CheckoutSessions,
            &"coupons" => Self::Coupons,
            &"customers" => Self::Customers,
            &"disputes" => Self::Disputes,
            &"events" => Self::Events,
            &"invoices" | &"invoiceitems" | &"invoice_payments" => Self::Invoices,
            &"payment_intents" => Self::PaymentIntents,
            &"payment_links" => Self::PaymentLinks,
            &"prices" => Self::Prices,
            &"products" => Self::Products,
            &"promotion_codes" => Self::PromotionCodes,
            &"subscriptions" => Self::Subscriptions,
            &"webhook_endpoints" => Self::WebhookEndpoints,
            _ => return None,
        };
        Some((resource, if method == "GET" { Level::Read } else { Level::Write }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_is_found_by_its_name() {
        for permission in Permission::ALL {
            for level in [Level::Read, Level::Write] {
                assert_eq!(Permission::parse(&permission.name(level)), Some((permission, level)));
            }
        }
        let by_link = Permission::parse("rak_connected_account_read");
        assert_eq!(by_link, Some((Permission::Account, Level::Read)));
        assert_eq!(Permission::parse("rak_webhook"), None);
        assert_eq!(Permission::parse("rak_nothing_read"), None);
    }
}
