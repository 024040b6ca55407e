//! The settings of a program.

use domain::connections::ConnectionMethod;
use domain::ids::{ProgramId, QuestionId};

use super::PROGRAMS;
use super::files::{self, csv, uploads};
use crate::trouble::Trouble;

/// The parameter of the Stripe settings that names a method of connecting.
pub const STRIPE_METHOD: &str = "method";

/// The settings of a program; made by [`Program::settings`](super::Program::settings).
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a>(&'a ProgramId);

impl<'a> Settings<'a> {
    pub(super) fn of(program: &'a ProgramId) -> Self {
        Self(program)
    }

    fn below(self, rest: impl std::fmt::Display) -> String {
        format!("{PROGRAMS}/{}/settings/{rest}", self.0)
    }

    /// Name, site, status.
    pub fn general(self) -> String {
        format!("{PROGRAMS}/{}/settings", self.0)
    }

    /// What affiliates earn.
    pub fn terms(self) -> String {
        self.below("terms")
    }

    /// All versions of the terms.
    pub fn terms_versions(self) -> String {
        self.below("terms#versions")
    }

    /// The Stripe connection.
    pub fn stripe(self) -> String {
        self.below("stripe")
    }

    /// One method of connecting Stripe.
    pub fn stripe_method(self, method: ConnectionMethod) -> String {
        self.below(format_args!("stripe?{STRIPE_METHOD}={}", method.word()))
    }

    /// Comparing Stripe's payments with the ledger.
    pub fn reconciliation(self) -> String {
        self.below("stripe/reconciliation")
    }

    /// The differences between Stripe and the ledger, as a file.
    pub fn reconciliation_csv(self) -> String {
        files::of(csv::RECONCILIATION, self.0)
    }

    /// Installing the tracking script.
    pub fn tracking(self) -> String {
        self.below("tracking")
    }

    /// The test sale.
    pub fn tracking_check(self) -> String {
        self.below("tracking#check")
    }

    /// The list of problems and their solutions.
    pub fn troubleshooting(self) -> String {
        self.below("tracking#troubleshooting")
    }

    /// What to do about one problem.
    pub fn trouble(self, trouble: Trouble) -> String {
        self.below(format_args!("tracking#{}", trouble.anchor()))
    }

    /// How payouts are made.
    pub fn payouts(self) -> String {
        self.below("payouts")
    }

    /// The public page.
    pub fn join_page(self) -> String {
        self.below("join-page")
    }

    /// Where a logo is posted.
    pub fn upload_logo(self) -> String {
        files::of(uploads::UPLOAD_LOGO, self.0)
    }

    /// A new question to applicants, or a present one.
    pub fn question(self, id: Option<&QuestionId>) -> String {
        match id {
            Some(id) => self.below(format_args!("join-page/question?question={id}")),
            None => self.below("join-page/question"),
        }
    }

    /// The emails that were sent in the program's name.
    pub fn emails(self) -> String {
        self.below("emails")
    }

    /// API keys.
    pub fn keys(self) -> String {
        self.below("keys")
    }
}
