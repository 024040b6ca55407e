//! The state that the handlers of pages get.

use std::sync::Arc;

use axum::extract::FromRef;

use crate::shop::Shop;
use crate::stripe::Stripe;
use crate::tracking::Tracking;

/// Where the sandbox is and what its shop sells.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where browsers reach it, such as `http://localhost:3001`.
    pub base_url: String,
    /// The shop at `/shop`; none leaves it out.
    pub shop: Option<Shop>,
    /// The tracking that the shop's pages carry; none is a shop without any.
    pub tracking: Option<Tracking>,
}

/// What handlers are given.
#[derive(Clone)]
pub(super) struct Site {
    pub stripe: Stripe,
    pub settings: Arc<Settings>,
}

impl Site {
    /// The script of the shop's pages.
    pub(super) fn tracking(&self) -> Option<&Tracking> {
        self.settings.tracking.as_ref().or_else(|| self.stripe.world().tracking.get())
    }
}

impl FromRef<Site> for Stripe {
    fn from_ref(site: &Site) -> Self {
        site.stripe.clone()
    }
}
