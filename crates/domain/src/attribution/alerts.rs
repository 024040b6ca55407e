//! Warnings and reviews of Stripe Radar: reasons to hold a commission.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::facts::{AlertFact, AlertKind, EventFacts};

use super::groups::Group;

/// For how long a warned payment can still be disputed (Stripe docs: disputes; cardholders
/// usually have 120 days).
const DISPUTABLE_DAYS: i64 = 120;

/// An alert that holds a commission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenAlert {
    /// What it is about.
    pub kind: AlertKind,
    /// Until when it holds by itself; absent when an event must end it.
    pub until: Option<Timestamp>,
}

/// The alert of a payment that holds longest, if there is one.
pub(super) fn open(group: &Group<'_>) -> Option<OpenAlert> {
    let mut newest: BTreeMap<&str, (&EventFacts, &AlertFact)> = BTreeMap::new();
    for (event, alert) in &group.alerts {
        let later = newest.get(alert.id.as_str()).is_none_or(|(old_event, old)| {
            // Of one second, the end is later than the beginning.
            (old_event.created, !old.open) <= (event.created, !alert.open)
        });
        if later {
            newest.insert(alert.id.as_str(), (*event, *alert));
        }
    }
    let holding =
        newest.into_values().filter(|(_, alert)| alert.open).map(|(event, alert)| match alert.alert {
            AlertKind::EarlyFraudWarning => {
                OpenAlert { kind: alert.alert, until: Some(event.created.plus_days(DISPUTABLE_DAYS)) }
            }
            AlertKind::Review => OpenAlert { kind: alert.alert, until: None },
        });
    holding.max_by_key(|alert| (alert.until.is_none(), alert.until))
}
