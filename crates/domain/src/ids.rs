//! Ids: a prefix that names the type, and a lowercase ULID.
//!
//! The ULID begins with the time, so later rows sort later and inserts go to the
//! right edge of their index.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::clock::{Random, Timestamp};

/// A type of thing that has ids.
pub trait Noun {
    /// The prefix of its ids, with the underscore.
    const PREFIX: &'static str;
}

/// The id of one `T`.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id<T: Noun>(String, PhantomData<fn() -> T>);

/// The text is not an id of the expected type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id that starts with {expected}")]
pub struct WrongId {
    /// The expected prefix.
    pub expected: &'static str,
}

/// Length of a ULID in its text form.
const ULID_LENGTH: usize = 26;

/// A lowercase ULID of a moment and 80 random bits.
pub(crate) fn ulid(now: Timestamp, random: &Random) -> String {
    let mut bytes = [0; 16];
    bytes[6..].copy_from_slice(&random.bytes::<10>());
    let time = u64::try_from(now.0).unwrap_or(0);
    ulid::Ulid::from_parts(time, u128::from_be_bytes(bytes)).to_string().to_lowercase()
}

impl<T: Noun> Id<T> {
    /// A new id.
    pub fn new(now: Timestamp, random: &Random) -> Self {
        Self(format!("{}{}", T::PREFIX, ulid(now, random)), PhantomData)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: Noun> FromStr for Id<T> {
    type Err = WrongId;

    fn from_str(text: &str) -> Result<Self, WrongId> {
        let valid = text.strip_prefix(T::PREFIX).is_some_and(|rest| {
            rest.len() == ULID_LENGTH && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
        });
        if valid { Ok(Self(text.to_owned(), PhantomData)) } else { Err(WrongId { expected: T::PREFIX }) }
    }
}

impl<T: Noun> TryFrom<String> for Id<T> {
    type Error = WrongId;
    fn try_from(text: String) -> Result<Self, WrongId> {
        text.parse()
    }
}

impl<T: Noun> From<Id<T>> for String {
    fn from(id: Id<T>) -> Self {
        id.0
    }
}

impl<T: Noun> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl<T: Noun> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl<T: Noun> Clone for Id<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}
impl<T: Noun> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T: Noun> Eq for Id<T> {}
impl<T: Noun> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T: Noun> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T: Noun> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

macro_rules! nouns {
    ($($noun:ident, $alias:ident, $prefix:literal, $what:literal;)*) => {$(
        #[doc = $what]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $noun {}
        impl Noun for $noun { const PREFIX: &'static str = $prefix; }
        #[doc = concat!("The id of ", $what)]
        pub type $alias = Id<$noun>;
    )*};
}

nouns! {
    Account, AccountId, "usr_", "A person who signs in.";
    Merchant, MerchantId, "mer_", "A company that runs programs.";
    Program, ProgramId, "prg_", "An affiliate program.";
    Terms, TermsId, "trm_", "One version of a program's rules.";
    Affiliate, AffiliateId, "aff_", "A person in a program.";
    Application, ApplicationId, "app_", "An application to join a program.";
    Invitation, InvitationId, "inv_", "An invitation of a person to a program.";
    InvitationLink, InvitationLinkId, "ivl_", "A link by which people join a program.";
    File, FileId, "fil_", "A file that a company uploaded.";
    Resource, ResourceId, "res_", "A file or a text for affiliates.";
    ReferralRequest, ReferralRequestId, "rrq_", "A request of an affiliate to look for a payment.";
    Question, QuestionId, "qst_", "A question that a program asks applicants.";
    Link, LinkId, "lnk_", "A tracking link.";
    Coupon, CouponId, "cpn_", "A Stripe promotion code that belongs to an affiliate.";
    Lead, LeadId, "led_", "An email address that a site reported for a click.";
    Connection, ConnectionId, "con_", "A program's Stripe connection.";
    Secret, SecretId, "sec_", "A signing secret of a connection.";
    InboxEvent, InboxEventId, "evi_", "A Stripe event as received.";
    Rejection, RejectionId, "rej_", "A rejected delivery.";
    Payment, PaymentId, "pmt_", "One real-world payment.";
    Customer, CustomerId, "cst_", "A buyer.";
    Conversion, ConversionId, "cnv_", "A payment credited to an affiliate.";
    Entry, EntryId, "ent_", "One line of the commission ledger.";
    Job, JobId, "job_", "Something to be done after a commit.";
    SingleUseLink, SingleUseLinkId, "sul_", "A link that is sent to a person and works once.";
    Mail, MailId, "eml_", "A mail that was sent in the name of a program.";
    EmailChange, EmailChangeId, "emc_", "A change of the address that an account signs in with.";
    ApiKey, ApiKeyId, "key_", "A key of the REST API.";
    AuditEvent, AuditEventId, "aud_", "A line of the audit trail.";
    Repair, RepairId, "rep_", "A repair of a Stripe connection.";
    PayoutRun, PayoutRunId, "run_", "Payouts that are sent together.";
    Payout, PayoutId, "pyo_", "What an affiliate is paid by a run.";
    Reconciliation, ReconciliationId, "rec_", "A comparison of Stripe's charges with our payments.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_only_read_under_its_own_prefix() {
        let id = ProgramId::new(Timestamp(1_700_000_000_000), &Random::seeded(1));
        assert!(id.as_str().starts_with("prg_01h"));
        assert_eq!(id.as_str().parse::<ProgramId>(), Ok(id.clone()));
        assert_eq!(id.as_str().parse::<AffiliateId>(), Err(WrongId { expected: "aff_" }));
        assert!("prg_".parse::<ProgramId>().is_err());
        assert!("prg_01HZZZZZZZZZZZZZZZZZZZZZZZ".parse::<ProgramId>().is_err());
    }

    #[test]
    fn later_ids_sort_later() {
        let random = Random::seeded(1);
        let early = LinkId::new(Timestamp(1_000), &random);
        let late = LinkId::new(Timestamp(2_000), &random);
        assert!(early < late);
    }
}
