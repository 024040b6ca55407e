//! What the sample shop sells.

use crate::api_error::ApiError;
use crate::flows::{NewPaymentLink, NewPrice};
use crate::model::{Duration, Interval};
use crate::stripe::Stripe;

/// What Lumen Notes sells, by ids.
#[derive(Clone, Debug)]
pub struct Shop {
    /// The Payment Link of the one-time product.
    pub atlas_link: String,
    /// The one-time price behind it.
    pub atlas_price: String,
    /// The monthly price, sold by sessions that the shop's server makes.
    pub pro_price: String,
    /// The yearly price, sold with a trial.
    pub team_price: String,
}

impl Shop {
    /// Makes the products, and a promotion code `WELCOME10`.
    ///
    /// # Errors
    /// When the code is taken already.
    pub fn stock(stripe: &Stripe) -> Result<Self, ApiError> {
        let atlas_price = stripe.create_price(NewPrice::once("Lumen Atlas", 4_900, "usd"))?;
        let month = NewPrice::every(Interval::Month, "Lumen Pro", 2_000, "usd");
        let year = NewPrice::every(Interval::Year, "Lumen Team", 19_000, "usd");
        stripe.create_promotion_code("WELCOME10", 1_000, Duration::Once)?;
        Ok(Self {
            atlas_link: stripe.create_payment_link(NewPaymentLink {
                lines: vec![(atlas_price.clone(), 1)],
                allow_promotion_codes: true,
                ..NewPaymentLink::default()
            })?,
            atlas_price,
            pro_price: stripe.create_price(month)?,
            team_price: stripe.create_price(year)?,
        })
    }
}
