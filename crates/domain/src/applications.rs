//! Applications of people who want to join a program.

use url::Url;

use crate::emails::Email;
use crate::fields::{Name, line_of_text, lines_of_text};
use crate::ids::TermsId;
use crate::programs::{AllowedDomains, parse_web_url, web_address};
use crate::questions::Answer;

/// Days until an application is deleted whose address was not confirmed. The link in the mail
/// works as long.
pub const UNCONFIRMED_DAYS: i64 = 7;
/// Days after which someone who was declined may apply again.
pub const REAPPLY_DAYS: i64 = 30;

crate::word_enum! {
    /// What became of an application.
    pub enum ApplicationStatus {
        /// The address is not confirmed yet.
        Unconfirmed = "unconfirmed",
        /// Waits for a decision.
        Pending = "pending",
        /// The applicant is in the program.
        Approved = "approved",
        /// The applicant was not accepted.
        Declined = "declined",
    }
}

/// What an application is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationDraft {
    /// The applicant's name.
    pub name: Name,
    /// The applicant's address.
    pub email: Email,
    /// Where the applicant publishes.
    pub website: Option<Website>,
    /// How the applicant will promote the program; people with an invitation link are not asked.
    pub promotion: Option<Promotion>,
    /// The version of the terms that was accepted.
    pub terms: TermsId,
    /// The version of the program's own questions that was answered.
    pub questions: String,
    /// The answers to them.
    pub answers: Vec<Answer>,
}

/// A website or channel as the applicant wrote it: an address, or words such as a channel's
/// name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Website(String);

impl Website {
    /// The longest one, in characters.
    const LONGEST: usize = 300;

    /// Reads a website or channel; `None` when nothing was entered.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        line_of_text(text, "a website", Self::LONGEST).map(|text| Some(Self(text)))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How an applicant will promote the program: several lines of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion(String);

impl Promotion {
    /// The longest answer, in characters.
    pub const LONGEST: usize = 1_000;

    /// Reads an answer.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn parse(text: &str) -> Result<Self, String> {
        lines_of_text(text, "a sentence on how you will promote the program", Self::LONGEST).map(Self)
    }

    /// The answer.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Something about an application that a person who decides should look at. None of it decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The address is one that anyone can throw away.
    DisposableAddress,
    /// The address is one of the company's own domains.
    OwnAddress,
    /// The website is one of the company's own.
    OwnWebsite,
    /// The address has applied before.
    AppliedBefore,
}

/// Domains of well-known providers of addresses that expire, one a line.
const DISPOSABLE: &str = include_str!("disposable_domains.txt");

/// What should be looked at. `own_domains` are those of the program.
pub fn marks(
    email: &Email,
    website: Option<&str>,
    applied_before: bool,
    own_domains: &AllowedDomains,
) -> Vec<Mark> {
    let host = email.host();
    let is_disposable = DISPOSABLE
        .lines()
        .any(|domain| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    let is_own = |url: &Url| own_domains.allow(url);
    let own_address = parse_web_url(&format!("https://{host}")).is_ok_and(|url| is_own(&url));
    let own_website = website.and_then(web_address).is_some_and(|url| is_own(&url));
    [
        (is_disposable, Mark::DisposableAddress),
        (own_address, Mark::OwnAddress),
        (own_website, Mark::OwnWebsite),
        (applied_before, Mark::AppliedBefore),
    ]
    .into_iter()
    .filter_map(|(holds, mark)| holds.then_some(mark))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payments_that_need_review_are_marked() {
        let own = AllowedDomains::of_website(&"https://lumennotes.example".parse().unwrap());
        let marks_of = |email: &str, website: Option<&str>, before| {
            marks(&email.parse().unwrap(), website, before, &own)
        };
        assert_eq!(marks_of("amara@slowpages.example", Some("slowpages.example"), false), []);
        assert_eq!(marks_of("x@mailinator.com", None, true), [Mark::DisposableAddress, Mark::AppliedBefore]);
        assert_eq!(marks_of("x@box.mailinator.com", None, false), [Mark::DisposableAddress]);
        assert_eq!(marks_of("x@notmailinator.com", None, false), []);
        let website = Some("lumennotes.example/compare");
        assert_eq!(
            marks_of("x@team.lumennotes.example", website, false),
            [Mark::OwnAddress, Mark::OwnWebsite]
        );
    }
}
