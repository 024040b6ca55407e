//! Files, as axum patterns. A program's own address of one comes from [`Program`](super::Program)
//! or [`AffiliateProgram`](super::AffiliateProgram).

use domain::ids::ProgramId;

/// Where the result file of a payout run is posted.
pub const PAYOUT_RESULTS: &str = "/programs/{program}/payouts/runs/{run}/results";

/// Files that companies uploaded, and where they are posted.
pub mod uploads {
    /// Where a file for affiliates is posted.
    pub const UPLOAD: &str = "/programs/{program}/resources/files";
    /// Where a logo is posted.
    pub const UPLOAD_LOGO: &str = "/programs/{program}/settings/join-page/logo";
    /// A file for affiliates, for the company.
    pub const RESOURCE: &str = "/programs/{program}/resources/{resource}/file";
    /// The same file, for an affiliate.
    pub const OWN_RESOURCE: &str = "/affiliate/{program}/resources/{resource}/file";
    /// The logo of a program, for everyone.
    pub const LOGO: &str = "/logos/{file}";
}

/// Where a list of people to invite is posted: the page of the form itself.
pub const INVITATION_LIST: &str = "/programs/{program}/affiliates/invitations/new";

/// The stream of changes to a program, for open pages.
pub const LIVE: &str = "/programs/{program}/live";

/// Signed receipts as files, as axum patterns.
pub mod receipt_files {
    /// The receipt of a conversion, for the company.
    pub const MERCHANT: &str = "/programs/{program}/conversions/{conversion}/receipt.json";
    /// The receipt of one of the signed-in affiliate's earnings.
    pub const AFFILIATE: &str = "/affiliate/{program}/earnings/{conversion}/receipt.json";
}

/// The QR code of one of the signed-in affiliate's links, as axum patterns.
pub mod link_codes {
    /// As SVG.
    pub const SVG: &str = "/affiliate/{program}/links/{link}/qr.svg";
    /// As PNG.
    pub const PNG: &str = "/affiliate/{program}/links/{link}/qr.png";
}

/// Tables as files.
pub mod csv {
    /// A program's conversions.
    pub const CONVERSIONS: &str = "/programs/{program}/conversions.csv";
    /// A program's affiliates.
    pub const AFFILIATES: &str = "/programs/{program}/affiliates.csv";
    /// Stripe's events of a program.
    pub const EVENTS: &str = "/programs/{program}/events.csv";
    /// The links of all affiliates of a program.
    pub const LINKS: &str = "/programs/{program}/links.csv";
    /// The clicks on a program's links.
    pub const CLICKS: &str = "/programs/{program}/clicks.csv";
    /// The differences between Stripe and the ledger.
    pub const RECONCILIATION: &str = "/programs/{program}/settings/stripe/reconciliation.csv";
    /// Who is due what.
    pub const PAYOUTS_DUE: &str = "/programs/{program}/payouts.csv";
    /// The payouts of a run.
    pub const PAYOUTS_OF_RUN: &str = "/programs/{program}/payouts/runs/{run}/payouts.csv";
    /// A file of a payout run for a bank or a payment service.
    pub const PAYOUT_FILE: &str = "/programs/{program}/payouts/runs/{run}/files/{file}";
    /// What the signed-in affiliate earned in a program.
    pub const AFFILIATE_EARNINGS: &str = "/affiliate/{program}/earnings.csv";
    /// Clicks on the links of the signed-in affiliate.
    pub const AFFILIATE_CLICKS: &str = "/affiliate/{program}/clicks.csv";
}

/// The address that a pattern gives a program.
pub(super) fn of(pattern: &str, program: &ProgramId) -> String {
    pattern.replace("{program}", program.as_str())
}
