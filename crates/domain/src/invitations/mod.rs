//! Invitations to a program: one person by mail, or whoever has a link.

mod list;

use crate::clock::Timestamp;
use crate::emails::Email;
use crate::fields::{Name, line_of_text};
use crate::links::LinkCode;

pub use self::list::{LARGEST_LIST, LineProblem, ListError, ListLine, MOST_LINES, parse_list};

/// Days for which an invitation works after it was last sent.
pub const INVITATION_DAYS: i64 = 30;
/// Uses of an invitation link, at most.
pub const MOST_USES: i64 = 10_000;
/// Days until which an invitation link can end.
pub const LONGEST_LINK_DAYS: i64 = 366;

/// Who is invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationDraft {
    /// Their name, if it is known.
    pub name: Option<Name>,
    /// Their address.
    pub email: Email,
    /// The code of their first link; `None` makes one from the name.
    pub code: Option<LinkCode>,
}

crate::word_enum! {
    /// What became of an invitation.
    pub enum InvitationStatus {
        /// It was sent and waits for an answer.
        Open = "open",
        /// The person is in the program.
        Accepted = "accepted",
        /// It was not answered in time.
        Expired = "expired",
        /// It was taken back.
        Revoked = "revoked",
    }
}

impl InvitationStatus {
    /// The status of an invitation at a time.
    pub fn at(
        now: Timestamp,
        accepted_at: Option<Timestamp>,
        revoked_at: Option<Timestamp>,
        expires_at: Timestamp,
    ) -> Self {
        match (accepted_at, revoked_at) {
            (Some(_), _) => Self::Accepted,
            (None, Some(_)) => Self::Revoked,
            (None, None) if expires_at <= now => Self::Expired,
            (None, None) => Self::Open,
        }
    }
}

crate::word_enum! {
    /// Whether an invitation link can be used.
    pub enum InvitationLinkStatus {
        /// It can.
        Open = "open",
        /// As many people joined as it allows.
        UsedUp = "used_up",
        /// Its end has come.
        Expired = "expired",
        /// It was taken back.
        Revoked = "revoked",
    }
}

/// An invitation link to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationLinkDraft {
    /// What the company calls it.
    pub label: LinkLabel,
    /// How many people can join by it.
    pub most_uses: i64,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl InvitationLinkDraft {
    /// Checks how many people can join by a link.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn check_uses(uses: Option<i64>) -> Result<i64, String> {
        uses.filter(|uses| (1..=MOST_USES).contains(uses))
            .ok_or_else(|| "Enter a number of people from 1 to 10,000".to_owned())
    }

    /// Checks when a link ends.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn check_end(end: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, String> {
        end.filter(|end| *end > now && *end <= now.plus_days(LONGEST_LINK_DAYS))
            .ok_or_else(|| "Enter a day within the next 12 months".to_owned())
    }
}

/// What a company calls an invitation link, such as where it is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkLabel(String);

impl LinkLabel {
    /// The longest one, in characters.
    const LONGEST: usize = 80;

    /// Reads a label.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn parse(text: &str) -> Result<Self, String> {
        line_of_text(text, "a name for the link", Self::LONGEST).map(Self)
    }

    /// The label.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_more_than_the_end() {
        let at = |ms| Some(Timestamp(ms));
        for (accepted, revoked, expires, status) in [
            (None, None, 11, InvitationStatus::Open),
            (None, None, 10, InvitationStatus::Expired),
            (None, at(5), 11, InvitationStatus::Revoked),
            (at(5), None, 10, InvitationStatus::Accepted),
        ] {
            assert_eq!(InvitationStatus::at(Timestamp(10), accepted, revoked, Timestamp(expires)), status);
        }
    }

    #[test]
    fn a_link_has_a_limit_and_an_end() {
        for uses in [None, Some(0), Some(MOST_USES + 1)] {
            assert!(InvitationLinkDraft::check_uses(uses).is_err(), "{uses:?}");
        }
        assert_eq!(InvitationLinkDraft::check_uses(Some(1)), Ok(1));
        let now = Timestamp(1_000);
        for end in [None, Some(now), Some(now.plus_days(LONGEST_LINK_DAYS).plus_ms(1))] {
            assert!(InvitationLinkDraft::check_end(end, now).is_err(), "{end:?}");
        }
        assert_eq!(InvitationLinkDraft::check_end(Some(now.plus_days(1)), now), Ok(now.plus_days(1)));
    }
}
