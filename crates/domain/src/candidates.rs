//! The affiliates who may have referred an unattributed payment: what a person weighs
//! before they assign it. A suggestion, which by itself credits no one.

use crate::clock::{HOUR_MS, Timestamp};
use crate::ids::AffiliateId;

/// How long before a payment a click counts as near, milliseconds: a checkout takes minutes,
/// a decision to buy some hours.
pub const NEAR_MS: i64 = 3 * HOUR_MS;
/// Candidates for one payment. More are unlikely to help.
const MOST: usize = 3;

/// What points to an affiliate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clue {
    /// Another payment of the same customer, or under the same address, is credited to them.
    OtherPayment {
        /// When it was paid.
        at: Timestamp,
    },
    /// The payment carried a click on their link that does not count.
    Carried {
        /// When the click was made.
        at: Timestamp,
        /// The link's code.
        link_code: String,
    },
    /// The buyer's address was reported after a click on their link.
    Lead {
        /// When the click was made.
        at: Timestamp,
        /// The link's code.
        link_code: String,
    },
    /// Their link was followed shortly before the payment.
    Near {
        /// When.
        at: Timestamp,
        /// The link's code.
        link_code: String,
        /// The country that the visitor and the buyer have in common, where both are known.
        country: Option<String>,
    },
}

impl Clue {
    /// How much it says: the same person is more than the same evening, and a click from the
    /// same country more than one from anywhere.
    const fn weight(&self) -> u8 {
        match self {
            Self::OtherPayment { .. } => 5,
            Self::Carried { .. } => 4,
            Self::Lead { .. } => 3,
            Self::Near { country: Some(_), .. } => 2,
            Self::Near { country: None, .. } => 1,
        }
    }

    /// When it happened.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::OtherPayment { at }
            | Self::Carried { at, .. }
            | Self::Lead { at, .. }
            | Self::Near { at, .. } => *at,
        }
    }
}

/// A clue that was found, and the affiliate it points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indication {
    /// The affiliate.
    pub affiliate_id: AffiliateId,
    /// Their name.
    pub name: String,
    /// What points to them.
    pub clue: Clue,
}

/// An affiliate who may have referred a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The affiliate.
    pub affiliate_id: AffiliateId,
    /// Their name.
    pub name: String,
    /// What points to them, the strongest first; one of each kind, the latest.
    pub clues: Vec<Clue>,
}

/// The likeliest candidates, the likeliest first.
pub fn rank(found: Vec<Indication>) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for Indication { affiliate_id, name, clue } in found {
        match candidates.iter_mut().find(|candidate| candidate.affiliate_id == affiliate_id) {
            Some(candidate) => candidate.clues.push(clue),
            None => candidates.push(Candidate { affiliate_id, name, clues: vec![clue] }),
        }
    }
    for candidate in &mut candidates {
        candidate.clues.sort_by_key(|clue| std::cmp::Reverse((clue.weight(), clue.at())));
        candidate.clues.dedup_by_key(|clue| clue.weight());
    }
    let strength = |candidate: &Candidate| {
        let weights: Vec<u8> = candidate.clues.iter().map(Clue::weight).collect();
        (weights, candidate.clues.first().map(Clue::at))
    };
    candidates.sort_by(|a, b| (strength(b), &a.affiliate_id).cmp(&(strength(a), &b.affiliate_id)));
    candidates.truncate(MOST);
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Random;

    fn found(name: &str, clue: Clue) -> Indication {
        let affiliate_id = AffiliateId::new(Timestamp(0), &Random::seeded(name.len() as u64));
        Indication { affiliate_id, name: name.to_owned(), clue }
    }

    fn near(at: i64) -> Clue {
        Clue::Near { at: Timestamp(at), link_code: "code".to_owned(), country: None }
    }

    fn names(found: Vec<Indication>) -> Vec<String> {
        rank(found).into_iter().map(|candidate| candidate.name).collect()
    }

    #[test]
    fn the_same_visitor_ranks_above_a_click_near_in_time() {
        let lead = Clue::Lead { at: Timestamp(1), link_code: "code".to_owned() };
        let paid = Clue::OtherPayment { at: Timestamp(1) };
        let all = vec![found("mira", near(9)), found("ot", lead), found("noahs", paid), found("a", near(8))];
        assert_eq!(names(all), ["noahs", "ot", "mira"], "the fourth is unlikely");
    }

    #[test]
    fn evidence_of_one_kind_counts_once_and_the_latest_is_kept() {
        let all = rank(vec![found("mira", near(1)), found("mira", near(5)), found("mira", near(3))]);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].clues, [near(5)]);
    }

    #[test]
    fn a_click_from_the_buyers_country_comes_before_a_nearer_one() {
        let at_home =
            Clue::Near { at: Timestamp(1), link_code: "code".to_owned(), country: Some("DE".to_owned()) };
        assert_eq!(names(vec![found("mira", near(9)), found("noahs", at_home)]), ["noahs", "mira"]);
    }

    #[test]
    fn the_click_nearer_in_time_comes_first() {
        assert_eq!(names(vec![found("mira", near(1)), found("noahs", near(2))]), ["noahs", "mira"]);
    }
}
