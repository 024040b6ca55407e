//! From what was found at Stripe to what has to be done: a pure function.

use connect::stripe::endpoints::Endpoint;
use domain::repairs::EndpointVerdict;

/// Stripe's limit of endpoints per account (Stripe docs: webhooks).
pub(super) const MOST_ENDPOINTS: usize = 16;

/// How our endpoint must be.
pub(super) struct RequiredEndpoint<'a> {
    /// Whether an endpoint is ours.
    pub is_ours: &'a (dyn Fn(&Endpoint) -> bool + Sync),
    /// Where events must be sent.
    pub url: &'a str,
    /// The event types that are needed.
    pub types: &'a [&'static str],
    /// The API version that events must be written in.
    pub version: &'a str,
    /// The endpoint whose signing secret is stored here and can be opened.
    pub held: Option<&'a str>,
    /// Whether what it sends is rejected for its signature again and again.
    pub signatures_fail: bool,
}

/// Why an endpoint has to be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CreateReason {
    /// There is none of ours.
    Missing,
    /// Its secret is not stored here, and Stripe shows it only once.
    SecretLost,
    /// It writes events in another version, which cannot be changed.
    OtherVersion,
    /// It signs with a secret that is not ours: it was rolled in Stripe.
    SecretRolled,
}

/// Something that can be fixed at the endpoint itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PlannedFix {
    /// It is switched off.
    Enable,
    /// It sends to another address, this one.
    Url(String),
    /// It does not send all types.
    EventTypes {
        /// Those that it does not send.
        missing: Vec<String>,
        /// Those that it must send: what it sends now and what is missing.
        all: Vec<String>,
    },
}

/// What has to be done, in this order: delete for space, create, fix, delete.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Plan {
    /// The endpoint of ours that is kept.
    pub keep: Option<String>,
    /// Whether one has to be created, and why.
    pub create: Option<CreateReason>,
    /// An endpoint of ours that must go first, because the account has as many as it may.
    pub make_room: Option<String>,
    /// What is fixed at the one that is kept.
    pub fixes: Vec<PlannedFix>,
    /// Those of ours that are not needed afterwards.
    pub leftovers: Vec<String>,
    /// How many endpoints of the account are not ours.
    pub unrelated: usize,
}

impl Plan {
    /// What was found, for the report.
    pub(super) fn verdict(&self, version: &str) -> EndpointVerdict {
        match (&self.keep, self.create) {
            (Some(id), _) if self.fixes.is_empty() => EndpointVerdict::Healthy { endpoint: id.clone() },
            (Some(id), _) => EndpointVerdict::Defective { endpoint: id.clone() },
            (None, Some(CreateReason::Missing) | None) => EndpointVerdict::Missing,
            (None, Some(CreateReason::SecretLost)) => EndpointVerdict::SecretLost,
            (None, Some(CreateReason::OtherVersion)) => {
                EndpointVerdict::OtherVersion { needed: version.to_owned() }
            }
            (None, Some(CreateReason::SecretRolled)) => EndpointVerdict::SecretRolled,
        }
    }
}

/// What has to be done about the endpoints of an account.
pub(super) fn plan(found: &[Endpoint], required: &RequiredEndpoint<'_>) -> Plan {
    let (ours, others): (Vec<&Endpoint>, Vec<&Endpoint>) =
        found.iter().partition(|endpoint| (required.is_ours)(endpoint));
    let held = ours.iter().find(|endpoint| Some(endpoint.id.as_str()) == required.held);
    let create = match held {
        None if ours.is_empty() => Some(CreateReason::Missing),
        None => Some(CreateReason::SecretLost),
        Some(held) if held.api_version.as_deref() != Some(required.version) => {
            Some(CreateReason::OtherVersion)
        }
        Some(_) if required.signatures_fail => Some(CreateReason::SecretRolled),
        Some(_) => None,
    };
    let keep = held.filter(|_| create.is_none());
    let mut leftovers: Vec<String> = ours
        .iter()
        .filter(|endpoint| keep.is_none_or(|keep| keep.id != endpoint.id))
        .map(|e| e.id.clone())
        .collect();
    // What the held one sends is still accepted; what the others send is rejected anyway.
    leftovers.sort_by_key(|id| Some(id.as_str()) == required.held);
    let is_full = found.len() >= MOST_ENDPOINTS;
    let make_room =
        if create.is_some() && is_full && !leftovers.is_empty() { Some(leftovers.remove(0)) } else { None };
    Plan {
        keep: keep.map(|endpoint| endpoint.id.clone()),
        fixes: keep.map(|endpoint| fixes(endpoint, required)).unwrap_or_default(),
        unrelated: others.len(),
        create,
        make_room,
        leftovers,
    }
}

fn fixes(endpoint: &Endpoint, required: &RequiredEndpoint<'_>) -> Vec<PlannedFix> {
    let mut fixes = Vec::new();
    if endpoint.url != required.url {
        fixes.push(PlannedFix::Url(endpoint.url.clone()));
    }
    let sends = |kind: &str| endpoint.enabled_events.iter().any(|enabled| enabled == kind || enabled == "*");
    let missing: Vec<String> =
        required.types.iter().filter(|kind| !sends(kind)).map(|kind| (*kind).to_owned()).collect();
    if !missing.is_empty() {
        let mut all = endpoint.enabled_events.clone();
        all.extend(missing.iter().cloned());
        fixes.push(PlannedFix::EventTypes { missing, all });
    }
    // Last, so that it sends nothing before it is right.
    if !endpoint.is_enabled() {
        fixes.push(PlannedFix::Enable);
    }
    fixes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const URL: &str = "https://hg.example/webhooks/stripe/t";
    const TYPES: [&str; 2] = ["invoice.paid", "charge.refunded"];

    fn endpoint(id: &str) -> Endpoint {
        Endpoint {
            id: id.to_owned(),
            url: URL.to_owned(),
            status: "enabled".to_owned(),
            api_version: Some("2025-02-24.acacia".to_owned()),
            enabled_events: TYPES.map(str::to_owned).to_vec(),
            metadata: BTreeMap::new(),
            livemode: false,
            application: None,
            secret: None,
        }
    }

    fn unrelated(number: usize) -> Endpoint {
        Endpoint { url: "https://shop.example/hook".to_owned(), ..endpoint(&format!("we_x{number}")) }
    }

    fn judge(found: &[Endpoint], held: Option<&str>, signatures_fail: bool) -> Plan {
        let is_ours = |endpoint: &Endpoint| !endpoint.id.starts_with("we_x");
        let version = "2025-02-24.acacia";
        plan(
            found,
            &RequiredEndpoint { is_ours: &is_ours, url: URL, types: &TYPES, version, held, signatures_fail },
        )
    }

    fn kept(id: &str, fixes: Vec<PlannedFix>) -> Plan {
        Plan { keep: Some(id.to_owned()), fixes, ..Plan::default() }
    }

    fn created(reason: CreateReason, leftovers: &[&str]) -> Plan {
        let leftovers = leftovers.iter().map(|id| (*id).to_owned()).collect();
        Plan { create: Some(reason), leftovers, ..Plan::default() }
    }

    #[test]
    fn each_defect_has_its_remedy() {
        let off = Endpoint { status: "disabled".to_owned(), ..endpoint("we_1") };
        let elsewhere = Endpoint { url: "https://old.example".to_owned(), ..endpoint("we_1") };
        let partial = Endpoint {
            enabled_events: vec!["invoice.paid".to_owned(), "x.y".to_owned()],
            ..endpoint("we_1")
        };
        let all = Endpoint { enabled_events: vec!["*".to_owned()], ..endpoint("we_1") };
        let other = Endpoint { api_version: Some("2023-10-16".to_owned()), ..endpoint("we_1") };
        let unpinned = Endpoint { api_version: None, ..endpoint("we_1") };
        let held = Some("we_1");
        let types = PlannedFix::EventTypes {
            missing: vec!["charge.refunded".to_owned()],
            all: ["invoice.paid", "x.y", "charge.refunded"].map(str::to_owned).to_vec(),
        };
        let cases = [
            (vec![], held, created(CreateReason::Missing, &[])),
            (vec![endpoint("we_1")], held, kept("we_1", vec![])),
            (vec![off], held, kept("we_1", vec![PlannedFix::Enable])),
            (vec![elsewhere], held, kept("we_1", vec![PlannedFix::Url("https://old.example".to_owned())])),
            (vec![partial], held, kept("we_1", vec![types])),
            (vec![all], held, kept("we_1", vec![])),
            (vec![other], held, created(CreateReason::OtherVersion, &["we_1"])),
            (vec![unpinned], held, created(CreateReason::OtherVersion, &["we_1"])),
            (vec![endpoint("we_1")], None, created(CreateReason::SecretLost, &["we_1"])),
            (vec![endpoint("we_2")], held, created(CreateReason::SecretLost, &["we_2"])),
        ];
        for (found, held, expected) in cases {
            assert_eq!(judge(&found, held, false), expected, "{found:?}");
        }
        assert_eq!(judge(&[endpoint("we_1")], held, true), created(CreateReason::SecretRolled, &["we_1"]));
    }

    #[test]
    fn of_several_endpoints_the_one_with_a_known_secret_is_kept() {
        let found = [endpoint("we_3"), unrelated(1), endpoint("we_2"), endpoint("we_1"), unrelated(2)];
        let plan = judge(&found, Some("we_2"), false);
        assert_eq!(plan.keep.as_deref(), Some("we_2"));
        assert_eq!((plan.leftovers, plan.unrelated), (vec!["we_3".to_owned(), "we_1".to_owned()], 2));
    }

    #[test]
    fn several_defects_are_fixed_together_and_it_is_enabled_last() {
        let found = Endpoint {
            status: "disabled".to_owned(),
            url: "https://old.example".to_owned(),
            enabled_events: vec![],
            ..endpoint("we_1")
        };
        let fixes = judge(&[found], Some("we_1"), false).fixes;
        assert_eq!(fixes.len(), 3);
        assert_eq!(fixes.last(), Some(&PlannedFix::Enable));
    }

    #[test]
    fn only_our_own_endpoints_are_deleted_to_make_space() {
        let mut found: Vec<Endpoint> = (0..16).map(unrelated).collect();
        let plan = judge(&found, None, false);
        assert_eq!((plan.create, plan.make_room), (Some(CreateReason::Missing), None));

        found[0] = Endpoint { api_version: None, ..endpoint("we_held") };
        found[1] = endpoint("we_left");
        let plan = judge(&found, Some("we_held"), false);
        assert_eq!(plan.create, Some(CreateReason::OtherVersion));
        assert_eq!(plan.make_room.as_deref(), Some("we_left"));
        assert_eq!(plan.leftovers, ["we_held"]);
    }
}
