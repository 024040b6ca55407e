//! A program's pages, for an affiliate in it.

use domain::ids::{ConversionId, LinkId, PayoutId, ProgramId, ResourceId};

use super::AFFILIATE_PROGRAMS;
use super::files::{self, csv, uploads};

/// The pages of a program, for an affiliate in it.
pub fn affiliate_program(id: &ProgramId) -> AffiliateProgram<'_> {
    AffiliateProgram(id)
}

/// Pages of one program on the affiliate's side; made by [`affiliate_program`].
#[derive(Clone, Copy, Debug)]
pub struct AffiliateProgram<'a>(&'a ProgramId);

impl AffiliateProgram<'_> {
    fn below(self, rest: impl std::fmt::Display) -> String {
        format!("{AFFILIATE_PROGRAMS}/{}/{rest}", self.0)
    }

    /// The overview.
    pub fn overview(self) -> String {
        format!("{AFFILIATE_PROGRAMS}/{}", self.0)
    }

    /// The affiliate's links.
    pub fn links(self) -> String {
        self.below("links")
    }

    /// The form that creates a link.
    pub fn new_link(self) -> String {
        self.below("links#new")
    }

    /// One of the affiliate's links.
    pub fn link(self, id: &LinkId) -> String {
        self.below(format_args!("links/{id}"))
    }

    /// The QR code of a link: as `svg` or as `png`.
    pub fn link_code(self, id: &LinkId, ending: &str) -> String {
        format!("{}/qr.{ending}", self.link(id))
    }

    /// What the affiliate earned.
    pub fn earnings(self) -> String {
        self.below("earnings")
    }

    /// What the affiliate earned by one conversion.
    pub fn earning(self, id: &ConversionId) -> String {
        self.below(format_args!("earnings/{id}"))
    }

    /// The receipt of what the affiliate earned by one conversion.
    pub fn receipt(self, id: &ConversionId) -> String {
        self.below(format_args!("earnings/{id}/receipt"))
    }

    /// The same receipt, as a file.
    pub fn receipt_file(self, id: &ConversionId) -> String {
        format!("{}.json", self.receipt(id))
    }

    /// What the affiliate earned, as a file.
    pub fn earnings_csv(self) -> String {
        files::of(csv::AFFILIATE_EARNINGS, self.0)
    }

    /// What the affiliate was paid, and will be.
    pub fn payouts(self) -> String {
        self.below("payouts")
    }

    /// The statement of one of the affiliate's payouts.
    pub fn statement(self, id: &PayoutId) -> String {
        self.below(format_args!("payouts/{id}"))
    }

    /// Clicks on the affiliate's links.
    pub fn clicks(self) -> String {
        self.below("clicks")
    }

    /// Clicks on the affiliate's links, as a file.
    pub fn clicks_csv(self) -> String {
        files::of(csv::AFFILIATE_CLICKS, self.0)
    }

    /// Missing a referral?
    pub fn missing_referral(self) -> String {
        self.below("missing-referral")
    }

    /// What the affiliate can promote the program with.
    pub fn resources(self) -> String {
        self.below("resources")
    }

    /// A file for affiliates.
    pub fn resource_file(self, id: &ResourceId) -> String {
        files::of(uploads::OWN_RESOURCE, self.0).replace("{resource}", id.as_str())
    }

    /// The terms that the affiliate earns under.
    pub fn terms(self) -> String {
        self.below("terms")
    }
}
