//! The platform of the sandbox to which accounts are connected by OAuth.

use app::routes::STRIPE_CALLBACK;
use sandbox::{Platform, PlatformKeys, Stripe};

/// Creates a platform whose OAuth callback is that Honeyguide: its account and keys.
pub fn platform(stripe: &Stripe, honeyguide: &str) -> (Stripe, PlatformKeys) {
    let callback = format!("{}{STRIPE_CALLBACK}", honeyguide.trim_end_matches('/'));
    let cloud = stripe.new_account("Honeyguide Cloud");
    let keys = cloud.become_platform(Platform { redirect_uris: vec![callback], ..Platform::default() });
    (cloud, keys)
}
