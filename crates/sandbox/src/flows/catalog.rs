//! Creating and changing products, prices, coupons, promotion codes and Payment Links.

use crate::api_error::ApiError;
use crate::model::{
    Coupon, Discount, Duration, Interval, LineItem, Metadata, Object, PaymentLink, Price, Product,
    PromotionCode,
};
use crate::state::State;

/// A product to be sold at one price.
#[derive(Clone, Debug)]
pub struct NewPrice {
    /// The product's name, or its id when it exists already.
    pub product: String,
    /// Minor units for one piece.
    pub unit_amount: i64,
    /// ISO code in lower case.
    pub currency: String,
    /// How often it is due; none for a one-time price.
    pub interval: Option<Interval>,
    /// The merchant's own keys.
    pub metadata: Metadata,
}

impl NewPrice {
    /// A one-time price.
    pub fn once(product: &str, unit_amount: i64, currency: &str) -> Self {
        Self {
            product: product.to_owned(),
            unit_amount,
            currency: currency.to_owned(),
            interval: None,
            metadata: Metadata::new(),
        }
    }

    /// A recurring price.
    pub fn every(interval: Interval, product: &str, unit_amount: i64, currency: &str) -> Self {
        Self { interval: Some(interval), ..Self::once(product, unit_amount, currency) }
    }
}

/// A Payment Link to be made.
#[derive(Clone, Debug, Default)]
pub struct NewPaymentLink {
    /// Price ids and quantities.
    pub lines: Vec<(String, u32)>,
    /// Days before the first payment of a subscription.
    pub trial_days: u32,
    /// Copied to the sessions that the link opens.
    pub metadata: Metadata,
    /// Copied to the subscriptions that come of it.
    pub subscription_metadata: Metadata,
    /// Copied to the payment intents that come of it.
    pub payment_metadata: Metadata,
    /// Whether one-time payments get an invoice.
    pub invoice_creation: bool,
    /// Whether the page takes promotion codes.
    pub allow_promotion_codes: bool,
    /// Where buyers go afterwards; none shows a page of thanks.
    pub success_url: Option<String>,
}

impl State {
    pub(crate) fn create_product(
        &mut self,
        name: &str,
        description: Option<String>,
        metadata: Metadata,
    ) -> String {
        let product = Product {
            id: self.ids.short("prod_"),
            name: name.to_owned(),
            description,
            metadata,
            created: self.now(),
        };
        let id = product.id.clone();
        self.products.put(product);
        id
    }

    pub(crate) fn create_price(&mut self, new: NewPrice) -> Result<String, ApiError> {
        if new.unit_amount < 0 {
            return Err(ApiError::invalid("unit_amount", "This value must be greater than or equal to 0."));
        }
        if new.currency.len() != 3 || !new.currency.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Err(ApiError::invalid("currency", format!("Invalid currency: {}.", new.currency)));
        }
        let product = if self.products.get(&new.product).is_some() {
            new.product
        } else if new.product.starts_with("prod_") {
            return Err(ApiError::missing("product", &new.product).status(400));
        } else {
            self.create_product(&new.product, None, Metadata::new())
        };
        let price = Price {
            id: self.ids.long("price_1"),
            product_name: self.products.get(&product).map(|it| it.name.clone()).unwrap_or_default(),
            product,
            currency: new.currency.to_ascii_lowercase(),
            unit_amount: new.unit_amount,
            interval: new.interval,
            metadata: new.metadata,
            created: self.now(),
        };
        let id = price.id.clone();
        self.prices.put(price);
        Ok(id)
    }

    pub(crate) fn create_coupon(
        &mut self,
        id: Option<String>,
        name: Option<String>,
        percent_off_bps: i64,
        duration: Duration,
    ) -> Result<Coupon, ApiError> {
        if !(1..=10_000).contains(&percent_off_bps) {
            return Err(ApiError::invalid("percent_off", "Invalid percent_off. Must be between 0 and 100."));
        }
        let coupon = Coupon {
            id: id.unwrap_or_else(|| self.ids.letters(8)),
            name,
            percent_off_bps,
            duration,
            times_redeemed: 0,
            valid: true,
            created: self.now(),
        };
        self.coupons.put(coupon.clone());
        Ok(coupon)
    }

    pub(crate) fn create_promotion_code(
        &mut self,
        code: &str,
        coupon: Coupon,
        metadata: Metadata,
    ) -> Result<String, ApiError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if code.is_empty() || code.len() > 500 || !code.bytes().all(plain) {
            return Err(ApiError::invalid(
                "code",
                "Promotion codes may only contain letters, digits and dashes.",
            ));
        }
        if self.promotion_codes.iter().any(|it| it.active && it.code.eq_ignore_ascii_case(code)) {
            return Err(ApiError::invalid(
                "code",
                format!("An active promotion code with `code: {code}` already exists."),
            )
            .code("resource_already_exists"));
        }
        let promotion = PromotionCode {
            id: self.ids.long("promo_1"),
            code: code.to_owned(),
            coupon,
            active: true,
            times_redeemed: 0,
            metadata,
            created: self.now(),
        };
        let id = promotion.id.clone();
        self.promotion_codes.put(promotion);
        Ok(id)
    }

    /// Turns a promotion code on or off.
    pub(crate) fn set_promotion_code_active(&mut self, id: &str, active: bool) -> Result<(), ApiError> {
        let code = self.promotion_codes.get_mut(id).ok_or_else(|| ApiError::missing("promotion_code", id))?;
        code.active = active;
        let object = Object::from(&*code);
        self.emit("promotion_code.updated", object);
        Ok(())
    }

    /// Deletes a coupon. Its promotion codes cannot be used any more; discounts that are at work
    /// stay (Stripe docs: delete a coupon).
    pub(crate) fn delete_coupon(&mut self, id: &str) -> Result<(), ApiError> {
        let coupon = self.coupons.get_mut(id).filter(|coupon| coupon.valid);
        let coupon = coupon.ok_or_else(|| ApiError::missing("coupon", id))?;
        coupon.valid = false;
        let deleted = coupon.clone();
        for code in self.promotion_codes.iter_mut().filter(|code| code.coupon.id == deleted.id) {
            code.active = false;
            code.coupon.valid = false;
        }
        self.emit("coupon.deleted", Object::from(&deleted));
        Ok(())
    }

    /// Puts a promotion code, given by id or by its text in any case, to work.
    pub(crate) fn redeem(&mut self, code: &str) -> Result<Discount, ApiError> {
        let id = self
            .promotion_codes
            .iter()
            .find(|it| it.active && (it.id == code || it.code.eq_ignore_ascii_case(code)))
            .map(|it| it.id.clone());
        let now = self.now();
        let discount_id = self.ids.long("di_1");
        let promotion = id.and_then(|id| self.promotion_codes.get_mut(&id)).ok_or_else(|| {
            ApiError::invalid("promotion_code", "This promotion code is invalid.").code("resource_missing")
        })?;
        promotion.times_redeemed += 1;
        promotion.coupon.times_redeemed += 1;
        let discount = Discount {
            id: discount_id,
            coupon: promotion.coupon.clone(),
            promotion_code: Some(promotion.id.clone()),
            start: now,
        };
        self.coupons.put(discount.coupon.clone());
        Ok(discount)
    }

    pub(crate) fn line_items(&self, lines: &[(String, u32)]) -> Result<Vec<LineItem>, ApiError> {
        if lines.is_empty() {
            return Err(ApiError::required("line_items"));
        }
        let mut items: Vec<LineItem> = Vec::with_capacity(lines.len());
        for (price, quantity) in lines {
            let price =
                self.prices.get(price).ok_or_else(|| ApiError::missing("price", price).status(400))?;
            if *quantity == 0 {
                return Err(ApiError::invalid("line_items[0][quantity]", "Quantity must be at least 1."));
            }
            if items.first().is_some_and(|first| first.price.currency != price.currency) {
                return Err(ApiError::invalid("line_items", "All prices must use the same currency."));
            }
            items.push(LineItem { id: self.ids.long("li_1"), price: price.clone(), quantity: *quantity });
        }
        if items.iter().filter(|item| item.price.interval.is_some()).count() > 1 {
            return Err(ApiError::invalid(
                "line_items",
                "The sandbox takes one recurring price per session.",
            ));
        }
        Ok(items)
    }

    pub(crate) fn create_payment_link(&mut self, new: NewPaymentLink) -> Result<String, ApiError> {
        let lines = self.line_items(&new.lines)?;
        let link = PaymentLink {
            id: self.ids.long("plink_1"),
            slug: format!("test_{}", self.ids.letters(16)),
            lines,
            trial_days: new.trial_days,
            metadata: new.metadata,
            subscription_metadata: new.subscription_metadata,
            payment_metadata: new.payment_metadata,
            invoice_creation: new.invoice_creation,
            allow_promotion_codes: new.allow_promotion_codes,
            success_url: new.success_url,
            active: true,
        };
        let id = link.id.clone();
        self.payment_links.put(link);
        Ok(id)
    }
}
