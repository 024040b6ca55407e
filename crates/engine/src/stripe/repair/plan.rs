//! From what was found at Stripe to what is to be done: a pure function.

use connect::stripe::endpoints::Endpoint;

/// Stripe's limit of endpoints per account (Stripe docs: webhooks).
pub(super) const MOST_ENDPOINTS: usize = 16;

/// How our endpoint shall be.
pub(super) struct Wanted<'a> {
    /// Whether an endpoint is ours.
    pub is_ours: &'a (dyn Fn(&Endpoint) -> bool + Sync),
    /// Where events shall be sent.
    pub url: &'a str,
    /// The types that are needed.
    pub types: &'a [&'static str],
    /// The version that events shall be written in.
    pub version: &'a str,
    /// The endpoint whose signing secret is here and can be opened.
    pub held: Option<&'a str>,
    /// Whether what it sends is refused for its signature again and again.
    pub signatures_fail: bool,
}

/// Why an endpoint has to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// There is none of ours.
    Missing,
    /// Its secret is not here, and Stripe tells it only once.
    SecretLost,
    /// It writes events in another version, which cannot be changed.
    OtherVersion,
    /// It signs with a secret that is not ours: somebody has rolled it.
    SignaturesFail,
}

/// Something that can be put right at the endpoint itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mend {
    /// It is switched off.
    SwitchOn,
    /// It sends to another address, this one.
    Address(String),
    /// It does not send these types; the second list is what it shall send.
    Types(Vec<String>, Vec<String>),
}

/// What is to be done, in this order: make room, make, mend, delete.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Plan {
    /// The endpoint of ours that is kept.
    pub keep: Option<String>,
    /// Whether one has to be made, and why.
    pub make: Option<Reason>,
    /// An endpoint of ours that must go first, because the account has as many as it may.
    pub make_room: Option<String>,
    /// What is put right at the one that is kept.
    pub mends: Vec<Mend>,
    /// Those of ours that nobody needs afterwards.
    pub leftovers: Vec<String>,
    /// How many endpoints of the account are somebody else's.
    pub strangers: usize,
}

/// What is to be done about the endpoints of an account.
pub(super) fn plan(found: &[Endpoint], wanted: &Wanted<'_>) -> Plan {
    let (ours, others): (Vec<&Endpoint>, Vec<&Endpoint>) =
        found.iter().partition(|endpoint| (wanted.is_ours)(endpoint));
    let held = ours.iter().find(|endpoint| Some(endpoint.id.as_str()) == wanted.held);
    let make = match held {
        None if ours.is_empty() => Some(Reason::Missing),
        None => Some(Reason::SecretLost),
        Some(held) if held.api_version.as_deref() != Some(wanted.version) => Some(Reason::OtherVersion),
        Some(_) if wanted.signatures_fail => Some(Reason::SignaturesFail),
        Some(_) => None,
    };
    let keep = held.filter(|_| make.is_none());
    let mut leftovers: Vec<String> = ours
        .iter()
        .filter(|endpoint| keep.is_none_or(|keep| keep.id != endpoint.id))
        .map(|e| e.id.clone())
        .collect();
    // What a held one sends is still good; the others' is refused whatever happens.
    leftovers.sort_by_key(|id| Some(id.as_str()) == wanted.held);
    let is_full = found.len() >= MOST_ENDPOINTS;
    let make_room =
        if make.is_some() && is_full && !leftovers.is_empty() { Some(leftovers.remove(0)) } else { None };
    Plan {
        keep: keep.map(|endpoint| endpoint.id.clone()),
        mends: keep.map(|endpoint| mends(endpoint, wanted)).unwrap_or_default(),
        strangers: others.len(),
        make,
        make_room,
        leftovers,
    }
}

fn mends(endpoint: &Endpoint, wanted: &Wanted<'_>) -> Vec<Mend> {
    let mut mends = Vec::new();
    if endpoint.url != wanted.url {
        mends.push(Mend::Address(endpoint.url.clone()));
    }
    let sends = |kind: &str| endpoint.enabled_events.iter().any(|enabled| enabled == kind || enabled == "*");
    let missing: Vec<String> =
        wanted.types.iter().filter(|kind| !sends(kind)).map(|kind| (*kind).to_owned()).collect();
    if !missing.is_empty() {
        let mut all = endpoint.enabled_events.clone();
        all.extend(missing.iter().cloned());
        mends.push(Mend::Types(missing, all));
    }
    // Last: what is switched on shall be right.
    if !endpoint.is_enabled() {
        mends.push(Mend::SwitchOn);
    }
    mends
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

    fn stranger(number: usize) -> Endpoint {
        Endpoint { url: "https://shop.example/hook".to_owned(), ..endpoint(&format!("we_x{number}")) }
    }

    fn judge(found: &[Endpoint], held: Option<&str>, signatures_fail: bool) -> Plan {
        let is_ours = |endpoint: &Endpoint| !endpoint.id.starts_with("we_x");
        let version = "2025-02-24.acacia";
        plan(found, &Wanted { is_ours: &is_ours, url: URL, types: &TYPES, version, held, signatures_fail })
    }

    fn kept(id: &str, mends: Vec<Mend>) -> Plan {
        Plan { keep: Some(id.to_owned()), mends, ..Plan::default() }
    }

    fn made(reason: Reason, leftovers: &[&str]) -> Plan {
        let leftovers = leftovers.iter().map(|id| (*id).to_owned()).collect();
        Plan { make: Some(reason), leftovers, ..Plan::default() }
    }

    #[test]
    fn each_defect_has_its_remedy() {
        let off = Endpoint { status: "disabled".to_owned(), ..endpoint("we_1") };
        let elsewhere = Endpoint { url: "https://old.example".to_owned(), ..endpoint("we_1") };
        let deaf = Endpoint {
            enabled_events: vec!["invoice.paid".to_owned(), "x.y".to_owned()],
            ..endpoint("we_1")
        };
        let all = Endpoint { enabled_events: vec!["*".to_owned()], ..endpoint("we_1") };
        let other = Endpoint { api_version: Some("2023-10-16".to_owned()), ..endpoint("we_1") };
        let unpinned = Endpoint { api_version: None, ..endpoint("we_1") };
        let held = Some("we_1");
        let types = Mend::Types(
            vec!["charge.refunded".to_owned()],
            ["invoice.paid", "x.y", "charge.refunded"].map(str::to_owned).to_vec(),
        );
        let cases = [
            (vec![], held, made(Reason::Missing, &[])),
            (vec![endpoint("we_1")], held, kept("we_1", vec![])),
            (vec![off], held, kept("we_1", vec![Mend::SwitchOn])),
            (vec![elsewhere], held, kept("we_1", vec![Mend::Address("https://old.example".to_owned())])),
            (vec![deaf], held, kept("we_1", vec![types])),
            (vec![all], held, kept("we_1", vec![])),
            (vec![other], held, made(Reason::OtherVersion, &["we_1"])),
            (vec![unpinned], held, made(Reason::OtherVersion, &["we_1"])),
            (vec![endpoint("we_1")], None, made(Reason::SecretLost, &["we_1"])),
            (vec![endpoint("we_2")], held, made(Reason::SecretLost, &["we_2"])),
        ];
        for (found, held, expected) in cases {
            assert_eq!(judge(&found, held, false), expected, "{found:?}");
        }
        assert_eq!(judge(&[endpoint("we_1")], held, true), made(Reason::SignaturesFail, &["we_1"]));
    }

    #[test]
    fn of_several_the_one_whose_secret_is_here_stays_and_others_of_the_account_are_left_alone() {
        let found = [endpoint("we_3"), stranger(1), endpoint("we_2"), endpoint("we_1"), stranger(2)];
        let plan = judge(&found, Some("we_2"), false);
        assert_eq!(plan.keep.as_deref(), Some("we_2"));
        assert_eq!((plan.leftovers, plan.strangers), (vec!["we_3".to_owned(), "we_1".to_owned()], 2));
    }

    #[test]
    fn several_defects_are_put_right_together_and_it_is_switched_on_last() {
        let found = Endpoint {
            status: "disabled".to_owned(),
            url: "https://old.example".to_owned(),
            enabled_events: vec![],
            ..endpoint("we_1")
        };
        let mends = judge(&[found], Some("we_1"), false).mends;
        assert_eq!(mends.len(), 3);
        assert_eq!(mends.last(), Some(&Mend::SwitchOn));
    }

    #[test]
    fn room_is_made_only_by_what_is_ours_and_first_by_what_is_refused_anyway() {
        let mut found: Vec<Endpoint> = (0..16).map(stranger).collect();
        let plan = judge(&found, None, false);
        assert_eq!((plan.make, plan.make_room), (Some(Reason::Missing), None));

        found[0] = Endpoint { api_version: None, ..endpoint("we_held") };
        found[1] = endpoint("we_left");
        let plan = judge(&found, Some("we_held"), false);
        assert_eq!(plan.make, Some(Reason::OtherVersion));
        assert_eq!(plan.make_room.as_deref(), Some("we_left"));
        assert_eq!(plan.leftovers, ["we_held"]);
    }
}
