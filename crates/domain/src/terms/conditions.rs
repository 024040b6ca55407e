//! When a reward applies to a payment, and to how much of it.

use serde::{Deserialize, Serialize};

use super::{AmountRange, Join, Limit, Mismatch, Order, Product};
use crate::clicks;
use crate::fields::Problems;
use crate::items::Item;
use crate::money::{Currency, share};

/// The most products, currencies or countries in one condition: more are better served by what
/// they have in common, and every value is shown where the reward is.
pub const MOST_VALUES: usize = 50;

/// When a reward applies. What is empty is no condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    /// How the conditions are joined. What is excluded never counts, however they are joined.
    #[serde(default)]
    pub join: Join,
    /// Stripe's ids of products or prices, one of which the payment is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<Product>,
    /// The amount that the payment's base must have.
    #[serde(default, skip_serializing_if = "AmountRange::is_open")]
    pub amount: AmountRange,
    /// The currencies, one of which the payment is in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub currencies: Vec<Currency>,
    /// The countries, one of which the customer is in: ISO 3166-1 codes of two capitals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// Whether it is for first payments, or for later ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// Stripe's ids of products or prices that earn nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<Product>,
}

/// A payment, as far as conditions ask.
#[derive(Debug, Clone, Copy)]
pub struct Sale<'a> {
    /// What was paid without tax and shipping, in minor units.
    pub base: i64,
    /// The currency that it was paid in.
    pub currency: Currency,
    /// The program's currency.
    pub program: Currency,
    /// The customer's country.
    pub country: Option<&'a str>,
    /// Whether it is the customer's first payment.
    pub is_first: bool,
    /// The lines of its invoice. A payment without an invoice has none, and no known products.
    pub items: &'a [Item],
}

impl Default for Conditions {
    fn default() -> Self {
        Self::none()
    }
}

impl Conditions {
    /// Every payment.
    pub const fn none() -> Self {
        Self {
            join: Join::All,
            products: Vec::new(),
            amount: AmountRange { at_least: None, at_most: None },
            currencies: Vec::new(),
            countries: Vec::new(),
            order: None,
            excluded: Vec::new(),
        }
    }

    /// Whether they hold for every payment, and for all of it.
    pub const fn is_empty(&self) -> bool {
        self.count() == 0 && self.excluded.is_empty()
    }

    /// How many conditions are joined.
    pub const fn count(&self) -> usize {
        !self.products.is_empty() as usize
            + !self.amount.is_open() as usize
            + !self.currencies.is_empty() as usize
            + !self.countries.is_empty() as usize
            + self.order.is_some() as usize
    }

    /// What of a payment's base the reward is for: the share of the lines that count. All of it
    /// where every line counts, or where no line is known.
    ///
    /// # Errors
    /// Why the reward is not for this payment: the first condition that does not hold, or all of
    /// them where one would be enough.
    pub fn base_of(&self, sale: &Sale<'_>) -> Result<i64, Vec<Mismatch>> {
        let mut misses: Vec<Mismatch> = self.misses(sale).collect();
        let asks_products = !self.products.is_empty();
        let of_payment = self.count() - usize::from(asks_products);
        let by_products = match self.join {
            Join::All if !misses.is_empty() => {
                misses.truncate(1);
                return Err(misses);
            }
            Join::All => asks_products,
            Join::Any if misses.len() < of_payment => false,
            Join::Any if !asks_products && of_payment > 0 => return Err(misses),
            Join::Any => asks_products,
        };
        self.of_items(sale, by_products).map_err(|miss| {
            misses.push(miss);
            misses
        })
    }

    /// The conditions about the payment as a whole that do not hold.
    fn misses(&self, sale: &Sale<'_>) -> impl Iterator<Item = Mismatch> {
        let amount = (!self.amount.is_open()).then(|| {
            if sale.currency != sale.program {
                return Some(Mismatch::AmountCurrency { currency: sale.currency });
            }
            let miss = Mismatch::Amount { base: sale.base, range: self.amount };
            (!self.amount.holds(sale.base)).then_some(miss)
        });
        let currency = (!self.currencies.is_empty()).then(|| {
            let miss = Mismatch::Currency { currency: sale.currency };
            (!self.currencies.contains(&sale.currency)).then_some(miss)
        });
        let country = (!self.countries.is_empty()).then(|| {
            let is_in = |country: &str| self.countries.iter().any(|one| one == country);
            let miss = Mismatch::Country { country: sale.country.map(str::to_owned) };
            (!sale.country.is_some_and(is_in)).then_some(miss)
        });
        let order = self.order.map(|order| {
            let is = if sale.is_first { Order::New } else { Order::Renewal };
            (is != order).then_some(Mismatch::Order { wanted: order })
        });
        [amount, currency, country, order].into_iter().flatten().flatten()
    }

    fn of_items(&self, sale: &Sale<'_>, by_products: bool) -> Result<i64, Mismatch> {
        if sale.items.is_empty() {
            return if by_products { Err(Mismatch::ProductUnknown) } else { Ok(sale.base) };
        }
        let is_wanted = |item: &Item| !by_products || self.products.iter().any(|one| item.is(&one.id));
        let is_excluded = |item: &Item| self.excluded.iter().any(|one| item.is(&one.id));
        let counts = |item: &&Item| is_wanted(item) && !is_excluded(item);
        let counting = sale.items.iter().filter(counts).count();
        if counting == sale.items.len() {
            return Ok(sale.base);
        }
        if counting == 0 {
            let bought = Mismatch::bought(sale.items);
            let excluded = sale.items.iter().any(is_wanted);
            return Err(if excluded { Mismatch::Excluded { bought } } else { Mismatch::Product { bought } });
        }
        let sum = |amount: i64, item: &Item| amount.saturating_add(item.amount);
        let whole = sale.items.iter().fold(0, sum);
        let part = sale.items.iter().filter(counts).fold(0, sum).clamp(0, whole.max(0));
        match share(sale.base, part, whole, 1) {
            Some(base) if base > 0 => Ok(base),
            _ => Err(Mismatch::NothingCharged { bought: Mismatch::bought(sale.items) }),
        }
    }
}

impl Conditions {
    pub(super) fn check(&self, at: &str, problems: &mut Problems) {
        let lists = [
            ("products", self.products.len()),
            ("currencies", self.currencies.len()),
            ("countries", self.countries.len()),
            ("excluded", self.excluded.len()),
        ];
        for (field, count) in lists {
            if count > MOST_VALUES {
                problems.add(&format!("{at}.{field}"), format!("Use {MOST_VALUES} at most"));
            }
        }
        for (field, products) in [("products", &self.products), ("excluded", &self.excluded)] {
            if let Some(wrong) = products.iter().find(|one| !is_product_id(&one.id)) {
                let message = format!("“{}” is not the ID of a product or price", wrong.id);
                problems.add(&format!("{at}.{field}"), message);
            }
        }
        for country in &self.countries {
            if clicks::country(country).as_ref() != Some(country) {
                let message = format!("“{country}” is not a country code, such as US");
                problems.add(&format!("{at}.countries"), message);
            }
        }
        for (field, bound) in [("at_least", self.amount.at_least), ("at_most", self.amount.at_most)] {
            if let Some(bound) = bound {
                problems.keep(&format!("{at}.{field}"), Limit::AMOUNT_BOUND.check(bound));
            }
        }
        if let AmountRange { at_least: Some(low), at_most: Some(high) } = self.amount
            && low > high
        {
            problems.add(&format!("{at}.at_most"), "Enter an amount that is not below the smallest one");
        }
    }
}

/// The longest id that Stripe documents.
const LONGEST_ID: usize = 255;

/// Whether a text can be Stripe's id of a product or price. Ids of products and plans may be
/// chosen freely, so that only their characters are checked.
fn is_product_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_graphic() && b != b',';
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(plain)
}
