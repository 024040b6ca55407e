//! Which parameters the calls take that Honeyguide makes, and of what kind.
//!
//! From Stripe's published request schema (stripe/openapi, v127) and, for what is newer,
//! the types of npm stripe 23. Calls that are not listed take what their handlers read.

use crate::api_error::ApiError;
use crate::form::Params;

/// What a parameter holds.
enum Kind {
    Text,
    Integer,
    Boolean,
    /// `name[]=…`
    List,
    /// `name[key]=…`, or empty to clear it.
    Map,
    /// A number, or bounds.
    Range,
    /// Names of its own.
    Group(&'static [(&'static str, Kind)]),
}

use Kind::{Boolean, Group, Integer, List, Map, Range, Text};

type Names = &'static [(&'static str, Kind)];

/// Every list takes these.
const PAGES: Names =
    &[("ending_before", Text), ("expand", List), ("limit", Integer), ("starting_after", Text)];
const ONE: Names = &[("expand", List)];
const BOUNDS: Names = &[("gt", Integer), ("gte", Integer), ("lt", Integer), ("lte", Integer)];

/// Method, path with `*` for an id, the parameters, and those that every call of its sort
/// takes.
const CALLS: &[(&str, &[&str], Names, Names)] = &[
    ("GET", &["account"], &[], ONE),
    (
        "GET",
        &["events"],
        &[("created", Range), ("delivery_success", Boolean), ("type", Text), ("types", List)],
        PAGES,
    ),
    ("GET", &["events", "*"], &[], ONE),
    ("GET", &["webhook_endpoints"], &[], PAGES),
    ("GET", &["webhook_endpoints", "*"], &[], ONE),
    (
        "POST",
        &["webhook_endpoints"],
        &[
            ("api_version", Text),
            ("connect", Boolean),
            ("description", Text),
            ("enabled_events", List),
            ("metadata", Map),
            ("url", Text),
        ],
        ONE,
    ),
    (
        "POST",
        &["webhook_endpoints", "*"],
        &[
            ("description", Text),
            ("disabled", Boolean),
            ("enabled_events", List),
            ("metadata", Map),
            ("url", Text),
        ],
        ONE,
    ),
    ("DELETE", &["webhook_endpoints", "*"], &[], &[]),
    (
        "GET",
        &["charges"],
        &[("created", Range), ("customer", Text), ("payment_intent", Text), ("transfer_group", Text)],
        PAGES,
    ),
    ("GET", &["charges", "*"], &[], ONE),
    (
        "GET",
        &["invoice_payments"],
        &[
            ("created", Range),
            ("invoice", Text),
            ("payment", Group(&[("payment_intent", Text), ("payment_record", Text), ("type", Text)])),
            ("status", Text),
        ],
        PAGES,
    ),
    ("GET", &["invoice_payments", "*"], &[], ONE),
    (
        "GET",
        &["promotion_codes"],
        &[
            ("active", Boolean),
            ("code", Text),
            ("coupon", Text),
            ("created", Range),
            ("customer", Text),
            ("customer_account", Text),
        ],
        PAGES,
    ),
    ("GET", &["promotion_codes", "*"], &[], ONE),
    ("GET", &["payment_intents", "*"], &[("client_secret", Text)], ONE),
    ("GET", &["invoices", "*"], &[], ONE),
    ("GET", &["subscriptions", "*"], &[], ONE),
    ("GET", &["customers", "*"], &[], ONE),
    ("GET", &["refunds"], &[("charge", Text), ("created", Range), ("payment_intent", Text)], PAGES),
    ("GET", &["disputes", "*"], &[], ONE),
];

/// Whether the parameters of such a call are known here, so that wrong ones are refused.
/// The path begins with `/v1/`.
pub fn is_checked(method: &str, path: &str) -> bool {
    let path = path.strip_prefix("/v1/").unwrap_or_default();
    find(method, &path.split('/').collect::<Vec<_>>()).is_some()
}

fn find(method: &str, path: &[&str]) -> Option<(Names, Names)> {
    let is_it = |pattern: &[&str]| {
        pattern.len() == path.len()
            && pattern.iter().zip(path).all(|(want, part)| *want == "*" || want == part)
    };
    let call = CALLS.iter().find(|(verb, pattern, ..)| *verb == method && is_it(pattern));
    call.map(|(_, _, own, common)| (*own, *common))
}

/// Refuses what Stripe does not know, in its words.
pub(super) fn check(method: &str, path: &[&str], params: &Params) -> Result<(), ApiError> {
    match find(method, path) {
        None => Ok(()),
        Some((own, common)) => check_names(params, "", &[own, common]),
    }
}

fn check_names(params: &Params, under: &str, known: &[Names]) -> Result<(), ApiError> {
    for name in params.names(under) {
        let path = if under.is_empty() { name.to_owned() } else { format!("{under}[{name}]") };
        let kind = known.iter().flat_map(|names| names.iter()).find(|(it, _)| *it == name);
        match kind {
            None => {
                return Err(ApiError::invalid(&path, format!("Received unknown parameter: {path}"))
                    .code("parameter_unknown"));
            }
            Some((_, kind)) => check_kind(params, &path, kind)?,
        }
    }
    Ok(())
}

fn check_kind(params: &Params, path: &str, kind: &Kind) -> Result<(), ApiError> {
    let is_text = params.text(path).is_some();
    match kind {
        Text if !is_text => Err(ApiError::invalid(path, format!("Invalid string: {path}"))),
        Text => Ok(()),
        Integer if !is_text => Err(ApiError::invalid(path, format!("Invalid integer: {path}"))),
        Integer => params.integer(path).map(drop),
        Boolean if !is_text => Err(ApiError::invalid(path, format!("Invalid boolean: {path}"))),
        Boolean => params.boolean(path).map(drop),
        List if is_text => Err(ApiError::invalid(path, "Invalid array")),
        Map if params.text(path).is_some_and(|text| !text.is_empty()) => {
            Err(ApiError::invalid(path, "Invalid object"))
        }
        List | Map => Ok(()),
        Range if is_text => params.integer(path).map(drop),
        Range => check_names(params, path, &[BOUNDS]),
        Group(_) if is_text => Err(ApiError::invalid(path, "Invalid object")),
        Group(names) => check_names(params, path, &[names]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(method: &str, path: &[&str], form: &str) -> Option<String> {
        let params = Params::decode("", form.as_bytes()).unwrap();
        check(method, path, &params).err().map(|error| error.message)
    }

    #[test]
    fn documented_parameters_are_accepted() {
        let create = "url=https%3A%2F%2Fa.example&enabled_events[0]=invoice.paid&connect=true\
            &api_version=2025-02-24.acacia&metadata[a]=b&description=x";
        assert_eq!(refused("POST", &["webhook_endpoints"], create), None);
        let list =
            "types[0]=a.b&created[gte]=1&created[lt]=2&limit=100&starting_after=evt_1&delivery_success=false";
        assert_eq!(refused("GET", &["events"], list), None);
        let payments = "payment[type]=payment_intent&payment[payment_intent]=pi_1&expand[]=data.invoice";
        assert_eq!(refused("GET", &["invoice_payments"], payments), None);
        assert_eq!(refused("POST", &["customers"], "anything=goes"), None);
    }

    #[test]
    fn what_it_does_not_know_is_named() {
        let unknown = |name: &str| Some(format!("Received unknown parameter: {name}"));
        assert_eq!(refused("POST", &["webhook_endpoints", "we_1"], "api_version=x"), unknown("api_version"));
        assert_eq!(refused("GET", &["events"], "created[from]=1"), unknown("created[from]"));
        assert_eq!(refused("GET", &["invoice_payments"], "payment[charge]=ch_1"), unknown("payment[charge]"));
        assert_eq!(refused("GET", &["events"], "limit=ten"), Some("Invalid integer: ten".to_owned()));
        assert_eq!(refused("GET", &["events"], "types=a.b"), Some("Invalid array".to_owned()));
        assert_eq!(
            refused("POST", &["webhook_endpoints"], "connect=1"),
            Some("Invalid boolean: 1".to_owned())
        );
    }
}
