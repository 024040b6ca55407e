//! What Stripe reported that may lead to an affiliate, and when.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Timestamp;
use crate::emails::Email;
use crate::facts::{Carried, EventFacts};

use super::{Context, LeadSeen};

/// Everything the customer's facts carry, each with the time at which Stripe first reported it.
pub(super) struct Evidence {
    tokens: BTreeMap<Carried, Timestamp>,
    pub codes: BTreeSet<String>,
    emails: BTreeMap<Email, Timestamp>,
}

impl Evidence {
    pub(super) fn of(facts: &[&EventFacts]) -> Self {
        let mut evidence = Self { tokens: BTreeMap::new(), codes: BTreeSet::new(), emails: BTreeMap::new() };
        // In order of time: the first entry is the earliest.
        for event in facts {
            let Some(hints) = event.fact.hints() else { continue };
            for carried in &hints.tokens {
                evidence.tokens.entry(carried.clone()).or_insert(event.created);
            }
            for email in &hints.emails {
                evidence.emails.entry(email.clone()).or_insert(event.created);
            }
            evidence.codes.extend(hints.promotion_codes.iter().cloned());
        }
        evidence
    }

    /// What was known at a moment.
    pub(super) const fn known_at(&self, until: Timestamp) -> KnownEvidence<'_> {
        KnownEvidence { evidence: self, until }
    }

    /// The moments after one at which something became known that may lead to an affiliate.
    pub(super) fn later_than(&self, moment: Timestamp, context: &Context) -> BTreeSet<Timestamp> {
        let tokens = self.tokens.iter().filter(|(carried, _)| context.clicks.contains_key(&carried.token));
        let leads = context.leads.iter().filter_map(|lead| self.reported_at(lead));
        tokens.map(|(_, at)| *at).chain(leads).filter(|at| *at > moment).collect()
    }

    /// When a lead and its address were both known.
    fn reported_at(&self, lead: &LeadSeen) -> Option<Timestamp> {
        self.emails.get(&lead.email).map(|at| lead.at.max(*at))
    }
}

/// What was known at a moment.
pub(super) struct KnownEvidence<'a> {
    evidence: &'a Evidence,
    until: Timestamp,
}

impl KnownEvidence<'_> {
    pub(super) fn tokens(&self) -> impl Iterator<Item = &Carried> {
        self.evidence.tokens.iter().filter(|(_, at)| **at <= self.until).map(|(carried, _)| carried)
    }

    pub(super) fn knows_an_address(&self) -> bool {
        self.evidence.emails.values().any(|at| *at <= self.until)
    }

    pub(super) fn knows(&self, lead: &LeadSeen) -> bool {
        self.evidence.reported_at(lead).is_some_and(|at| at <= self.until)
    }
}
