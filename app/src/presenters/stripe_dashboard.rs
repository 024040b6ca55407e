//! Links into Stripe's dashboard: wherever a page names a thing of Stripe's, it is one
//! click away.

use leptos::prelude::*;

use crate::components::Icon;
use crate::request::site::Site;

const DASHBOARD: &str = "https://dashboard.stripe.com";

/// The part of the dashboard where a thing of a prefix is shown, followed by its id.
const PLACES: [(&str, &str); 11] = [
    ("acct_", "/settings/account?"),
    ("we_", "/webhooks/"),
    ("evt_", "/events/"),
    ("pi_", "/payments/"),
    ("ch_", "/payments/"),
    ("py_", "/payments/"),
    ("in_", "/invoices/"),
    ("sub_", "/subscriptions/"),
    ("cus_", "/customers/"),
    ("dp_", "/disputes/"),
    ("du_", "/disputes/"),
];

/// A page of the dashboard, live or test: `page(true, "/apikeys")`. Beside a demo it is the
/// sandbox's own, which has its pages at the same places.
pub fn page(livemode: bool, path: &str) -> String {
    let sandbox = Site::current().sandbox.map(|sandbox| sandbox.dashboard_url);
    let mode = if livemode { "" } else { "/test" };
    format!("{}{mode}{path}", sandbox.as_deref().unwrap_or(DASHBOARD))
}

/// Where the dashboard shows a thing, if it has a page for its kind.
pub fn link(livemode: bool, id: &str) -> Option<String> {
    let (_, place) = PLACES.iter().find(|(prefix, _)| id.starts_with(prefix))?;
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let path = match place.strip_suffix('?') {
        Some(only) => only.to_owned(),
        None => format!("{place}{id}"),
    };
    plain.then(|| page(livemode, &path))
}

/// An id of Stripe's, with the way to it in the dashboard.
#[component]
pub fn StripeId(
    /// `we_…`, `evt_…`, `pi_…`
    #[prop(into)]
    id: String,
    /// Live or test.
    livemode: bool,
) -> impl IntoView {
    let link = link(livemode, &id).map(|href| {
        view! {
            <a class="outward" href=href target="_blank" rel="noopener" title="Open in Stripe">
                <Icon name="external"/>
                <span class="sr-only">{format!("Open {id} in Stripe")}</span>
            </a>
        }
    });
    view! { <span class="mono">{id.clone()}</span>" "{link} }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_found_only_in_their_mode() {
        assert_eq!(link(true, "pi_1").as_deref(), Some("https://dashboard.stripe.com/payments/pi_1"));
        assert_eq!(link(false, "we_1").as_deref(), Some("https://dashboard.stripe.com/test/webhooks/we_1"));
        assert_eq!(
            link(false, "acct_1").as_deref(),
            Some("https://dashboard.stripe.com/test/settings/account")
        );
        for id in ["nonsense", "", "pi_1/../../x", "pi_\"onclick"] {
            assert_eq!(link(true, id), None, "{id}");
        }
    }
}
