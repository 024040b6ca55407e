//! A program's pages, for the company that runs it.

use domain::affiliates::AffiliateStatus;
use domain::ids::{
    AffiliateId, ConversionId, InboxEventId, PaymentId, PayoutId, PayoutRunId, ProgramId, ResourceId,
};

use super::PROGRAMS;
use super::files::{self, INVITATION_LIST, LIVE, PAYOUT_RESULTS, csv, uploads};
use super::settings::Settings;

/// The pages of a program, for the company that runs it.
pub fn program(id: &ProgramId) -> Program<'_> {
    Program(id)
}

/// A page of the program that a form names, or the list of programs when it names none.
pub fn of_form(program: &str, page: impl FnOnce(Program<'_>) -> String) -> String {
    match program.parse() {
        Ok(id) => page(Program(&id)),
        Err(_) => PROGRAMS.to_owned(),
    }
}

/// Pages of one program on the merchant's side; made by [`program`].
#[derive(Clone, Copy, Debug)]
pub struct Program<'a>(&'a ProgramId);

impl<'a> Program<'a> {
    fn below(self, rest: impl std::fmt::Display) -> String {
        format!("{PROGRAMS}/{}/{rest}", self.0)
    }

    /// The overview.
    pub fn overview(self) -> String {
        format!("{PROGRAMS}/{}", self.0)
    }

    /// The stream of changes, for open pages.
    pub fn live(self) -> String {
        files::of(LIVE, self.0)
    }

    /// All affiliates.
    pub fn affiliates(self) -> String {
        self.below("affiliates")
    }

    /// Applications of people who want to join.
    pub fn applications(self) -> String {
        self.below("affiliates/applications")
    }

    /// Affiliates that wait for a decision, without an application.
    pub fn pending_affiliates(self) -> String {
        self.below(format_args!("affiliates?status={}", AffiliateStatus::Pending.word()))
    }

    /// People who were invited, and links by which people join.
    pub fn invitations(self) -> String {
        self.below("affiliates/invitations")
    }

    /// Inviting people: the form, and where it is posted.
    pub fn new_invitations(self) -> String {
        files::of(INVITATION_LIST, self.0)
    }

    /// Creating a link by which people join.
    pub fn new_invitation_link(self) -> String {
        self.below("affiliates/invitations/link")
    }

    /// Files and texts for affiliates.
    pub fn resources(self) -> String {
        self.below("resources")
    }

    /// A new text for affiliates, or a present one.
    pub fn resource_text(self, id: Option<&ResourceId>) -> String {
        match id {
            Some(id) => self.below(format_args!("resources/text?resource={id}")),
            None => self.below("resources/text"),
        }
    }

    /// Where a file for affiliates is posted.
    pub fn upload_resource(self) -> String {
        files::of(uploads::UPLOAD, self.0)
    }

    /// A file for affiliates.
    pub fn resource_file(self, id: &ResourceId) -> String {
        files::of(uploads::RESOURCE, self.0).replace("{resource}", id.as_str())
    }

    /// Adding an affiliate.
    pub fn new_affiliate(self) -> String {
        self.below("affiliates/new")
    }

    /// One affiliate.
    pub fn affiliate(self, id: &AffiliateId) -> String {
        self.below(format_args!("affiliates/{id}"))
    }

    /// All conversions.
    pub fn conversions(self) -> String {
        self.below("conversions")
    }

    /// One conversion.
    pub fn conversion(self, id: &ConversionId) -> String {
        self.below(format_args!("conversions/{id}"))
    }

    /// The receipt of a conversion.
    pub fn receipt(self, id: &ConversionId) -> String {
        self.below(format_args!("conversions/{id}/receipt"))
    }

    /// The receipt of a conversion, as a file.
    pub fn receipt_file(self, id: &ConversionId) -> String {
        format!("{}.json", self.receipt(id))
    }

    /// All conversions, as a file.
    pub fn conversions_csv(self) -> String {
        files::of(csv::CONVERSIONS, self.0)
    }

    /// The clicks on its links as a file.
    pub fn clicks_csv(self) -> String {
        files::of(csv::CLICKS, self.0)
    }

    /// What a search finds; without a text, the page that asks for one.
    pub fn search(self, text: &str) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", text).finish();
        let page = self.below("search");
        if text.is_empty() { page } else { format!("{page}?{query}") }
    }

    /// Payments without an affiliate.
    pub fn unattributed(self) -> String {
        self.below("unattributed")
    }

    /// One payment.
    pub fn payment(self, id: &PaymentId) -> String {
        self.below(format_args!("payments/{id}"))
    }

    /// Links of all affiliates, and their clicks.
    pub fn links(self) -> String {
        self.below("links")
    }

    /// Stripe's events.
    pub fn events(self) -> String {
        self.below("events")
    }

    /// One event.
    pub fn event(self, id: &InboxEventId) -> String {
        self.below(format_args!("events/{id}"))
    }

    /// Stripe's events, as a file.
    pub fn events_csv(self) -> String {
        files::of(csv::EVENTS, self.0)
    }

    /// Reading events again.
    pub fn replay(self) -> String {
        self.below("events/replay")
    }

    /// Reading one event again.
    pub fn replay_of(self, id: &InboxEventId) -> String {
        self.below(format_args!("events/replay?event={id}"))
    }

    /// Deliveries that were rejected.
    pub fn rejected_deliveries(self) -> String {
        self.below("events/rejected")
    }

    /// Who is due what.
    pub fn payouts(self) -> String {
        self.below("payouts")
    }

    /// Payout runs.
    pub fn payout_runs(self) -> String {
        self.below("payouts/runs")
    }

    /// One payout run.
    pub fn payout_run(self, id: &PayoutRunId) -> String {
        self.below(format_args!("payouts/runs/{id}"))
    }

    /// Who is due what, as a file.
    pub fn payouts_csv(self) -> String {
        files::of(csv::PAYOUTS_DUE, self.0)
    }

    /// The payouts of a run as a file.
    pub fn payouts_of_run_csv(self, id: &PayoutRunId) -> String {
        files::of(csv::PAYOUTS_OF_RUN, self.0).replace("{run}", id.as_str())
    }

    /// Where the result file of a payout run is posted.
    pub fn payout_results(self, id: &PayoutRunId) -> String {
        files::of(PAYOUT_RESULTS, self.0).replace("{run}", id.as_str())
    }

    /// A file of a payout run, such as `sepa-eur`.
    pub fn payout_file(self, id: &PayoutRunId, file: impl std::fmt::Display) -> String {
        self.below(format_args!("payouts/runs/{id}/files/{file}"))
    }

    /// Payouts that were paid.
    pub fn paid_payouts(self) -> String {
        self.below("payouts/paid")
    }

    /// The statement of a payout.
    pub fn statement(self, id: &PayoutId) -> String {
        self.below(format_args!("payouts/{id}"))
    }

    /// The settings.
    pub fn settings(self) -> Settings<'a> {
        Settings::of(self.0)
    }
}
