//! What the binary provides to every page, as contexts beside the engine.

use leptos::prelude::*;

/// The sandbox beside a demo.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// The dashboard of the stand-in for Stripe.
    pub dashboard_url: String,
    /// The sample shop.
    pub shop_url: String,
    /// The accounts of the demo, offered on the sign-in page.
    pub sign_ins: Vec<SignInHint>,
}

/// An account of the demo that any visitor may use.
#[derive(Clone, Debug)]
pub struct SignInHint {
    /// Its role, such as `Merchant`.
    pub who: String,
    /// Its email address.
    pub email: String,
    /// Its password, which is public.
    pub password: String,
}

/// This installation.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// The sandbox, when this is a demo.
    pub sandbox: Option<Sandbox>,
    /// Where it is reached, without a slash at the end.
    pub base_url: String,
}

/// The network address that a request came from, for rate limits; stored only as a fingerprint.
#[derive(Clone, Debug, Default)]
pub struct ClientAddress(pub String);

impl Site {
    /// This installation, as the binary provided it.
    pub fn current() -> Self {
        use_context::<Self>().unwrap_or_default()
    }
}
