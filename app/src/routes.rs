//! The address of every page, in one place: links, redirects and tests are made of these.
//!
//! The route table in [`crate::App`] spells the same paths as patterns; a test compares the two.

use domain::affiliates::AffiliateStatus;
use domain::colors::Color;
use domain::connections::ConnectionMethod;
use domain::ids::{
    AffiliateId, ConversionId, InboxEventId, LinkId, PaymentId, PayoutId, PayoutRunId, ProgramId,
};
use domain::links::LinkCode;

use crate::trouble::Trouble;

/// Redirects to the first page of a person.
pub const START: &str = "/";
/// Signing in.
pub const SIGN_IN: &str = "/login";
/// Entering the code of two-step sign-in, after the password.
pub const SIGN_IN_CODE: &str = "/login/code";
/// Asking for a link to sign in by mail.
pub const SIGN_IN_LINK: &str = "/login/link";
/// The signed-in person's name, address, password and sessions.
pub const ACCOUNT: &str = "/account";
/// Setting up two-step sign-in, its recovery codes, and turning it off.
pub const TWO_STEP: &str = "/account/two-step";
/// Asking for a link to choose another password.
pub const FORGOT_PASSWORD: &str = "/password/forgot";
/// The programs that a company runs.
pub const PROGRAMS: &str = "/programs";
/// Creating a program.
pub const NEW_PROGRAM: &str = "/programs/new";
/// The programs that an affiliate promotes.
pub const AFFILIATE_PROGRAMS: &str = "/affiliate";
/// Where Stripe sends merchants back who signed in there.
pub const STRIPE_CALLBACK: &str = "/stripe/callback";
/// The parameter of the Stripe settings that names a method of connecting.
pub const STRIPE_METHOD: &str = "method";
/// Where the result file of a payout run is posted, as an axum pattern.
pub const PAYOUT_RESULTS: &str = "/programs/{program}/payouts/runs/{run}/results";
/// The description of the REST API.
pub const OPENAPI: &str = "/api/v1/openapi.json";

/// The public check of a receipt.
pub const RECEIPT: &str = "/receipt";
/// The parameter of the public check that holds a receipt in its compact form.
pub const RECEIPT_PARAMETER: &str = "r";
/// The public keys of receipts.
pub const RECEIPT_KEYS: &str = "/.well-known/honeyguide-receipt-key";

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

/// The link that an affiliate shares, below the address of the installation.
pub fn link_url(base_url: &str, code: &LinkCode) -> String {
    format!("{base_url}/r/{code}")
}

/// The public check of a receipt in its compact form.
pub fn receipt_of(compact: &str) -> String {
    format!("{RECEIPT}?{RECEIPT_PARAMETER}={compact}")
}

/// Tables as files, as axum patterns. A program's own address of one comes from
/// [`Program`] or [`AffiliateProgram`].
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

    /// The address that a pattern gives a program.
    pub(super) fn of(pattern: &str, program: &super::ProgramId) -> String {
        pattern.replace("{program}", program.as_str())
    }
}

/// The page of a setup link, where the first owner creates an account.
pub fn setup(token: &str) -> String {
    format!("/setup/{token}")
}

/// The page of a link to choose a password.
pub fn choose_password(token: &str) -> String {
    format!("/password/choose/{token}")
}

/// The page of a link to sign in.
pub fn sign_in_by_link(token: &str) -> String {
    format!("{SIGN_IN_LINK}/{token}")
}

/// The page of a link that confirms the new address of an account.
pub fn confirm_email(token: &str) -> String {
    format!("/email/confirm/{token}")
}

/// The page of a link that undoes the change of an account's address.
pub fn undo_email(token: &str) -> String {
    format!("/email/undo/{token}")
}

/// The page of an invitation to a program.
pub fn invitation(token: &str) -> String {
    format!("/invitation/{token}")
}

/// A program's public page.
pub fn join(slug: &str) -> String {
    format!("/join/{slug}")
}

/// The preview of a program's public page, as an axum pattern.
pub const JOIN_IMAGE: &str = "/join/{slug}/image.png";

/// The preview of a program's public page.
pub fn join_image(slug: &str) -> String {
    JOIN_IMAGE.replace("{slug}", slug)
}

/// The form of a program's public page, on a page of its own.
pub fn apply(slug: &str) -> String {
    format!("/join/{slug}/apply")
}

/// The page after an application was sent.
pub fn application_sent(slug: &str) -> String {
    format!("/join/{slug}/sent")
}

/// The page of a link that confirms the address of an application.
pub fn confirm_application(token: &str) -> String {
    format!("/application/{token}")
}

/// The stylesheet with the shades of a program's color, as an axum pattern.
pub const PROGRAM_COLORS: &str = "/colors/{file}";

/// The stylesheet with the shades of a program's color.
pub fn program_colors(color: Color) -> String {
    PROGRAM_COLORS.replace("{file}", &format!("{}.css", color.digits()))
}

/// The pages of a program, for the company that runs it.
pub fn program(id: &ProgramId) -> Program<'_> {
    Program(id)
}

/// The pages of a program, for an affiliate in it.
pub fn affiliate_program(id: &ProgramId) -> AffiliateProgram<'_> {
    AffiliateProgram(id)
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
        csv::of(csv::CONVERSIONS, self.0)
    }

    /// The clicks on its links as a file.
    pub fn clicks_csv(self) -> String {
        csv::of(csv::CLICKS, self.0)
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
        csv::of(csv::EVENTS, self.0)
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
        csv::of(csv::PAYOUTS_DUE, self.0)
    }

    /// The payouts of a run as a file.
    pub fn payouts_of_run_csv(self, id: &PayoutRunId) -> String {
        csv::of(csv::PAYOUTS_OF_RUN, self.0).replace("{run}", id.as_str())
    }

    /// Where the result file of a payout run is posted.
    pub fn payout_results(self, id: &PayoutRunId) -> String {
        csv::of(PAYOUT_RESULTS, self.0).replace("{run}", id.as_str())
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
        Settings(self)
    }
}

/// The settings of a program; made by [`Program::settings`].
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a>(Program<'a>);

impl Settings<'_> {
    /// Name, site, status.
    pub fn general(self) -> String {
        self.0.below("settings")
    }

    /// What affiliates earn.
    pub fn terms(self) -> String {
        self.0.below("settings/terms")
    }

    /// All versions of the terms.
    pub fn terms_versions(self) -> String {
        self.0.below("settings/terms#versions")
    }

    /// The Stripe connection.
    pub fn stripe(self) -> String {
        self.0.below("settings/stripe")
    }

    /// One method of connecting Stripe.
    pub fn stripe_method(self, method: ConnectionMethod) -> String {
        self.0.below(format_args!("settings/stripe?{STRIPE_METHOD}={}", method.word()))
    }

    /// Comparing Stripe's payments with the ledger.
    pub fn reconciliation(self) -> String {
        self.0.below("settings/stripe/reconciliation")
    }

    /// The differences between Stripe and the ledger, as a file.
    pub fn reconciliation_csv(self) -> String {
        csv::of(csv::RECONCILIATION, self.0.0)
    }

    /// Installing the tracking script.
    pub fn tracking(self) -> String {
        self.0.below("settings/tracking")
    }

    /// The test sale.
    pub fn tracking_check(self) -> String {
        self.0.below("settings/tracking#check")
    }

    /// The list of problems and their solutions.
    pub fn troubleshooting(self) -> String {
        self.0.below("settings/tracking#troubleshooting")
    }

    /// What to do about one problem.
    pub fn trouble(self, trouble: Trouble) -> String {
        self.0.below(format_args!("settings/tracking#{}", trouble.anchor()))
    }

    /// How payouts are made.
    pub fn payouts(self) -> String {
        self.0.below("settings/payouts")
    }

    /// The public page.
    pub fn join_page(self) -> String {
        self.0.below("settings/join-page")
    }

    /// API keys.
    pub fn keys(self) -> String {
        self.0.below("settings/keys")
    }
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
        csv::of(csv::AFFILIATE_EARNINGS, self.0)
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
        csv::of(csv::AFFILIATE_CLICKS, self.0)
    }

    /// The terms that the affiliate earns under.
    pub fn terms(self) -> String {
        self.below("terms")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::clock::{Random, Timestamp};
    use domain::connections::ConnectionMethod;
    use domain::ids::{Id, Noun};
    use leptos_axum::generate_route_list;

    use super::*;

    fn id<T: Noun>() -> Id<T> {
        Id::new(Timestamp(1_795_000_000_000), &Random::seeded(1))
    }

    /// Every address that this module gives to a page.
    fn pages() -> Vec<String> {
        let (program_id, event) = (id(), id());
        let merchant = program(&program_id);
        let (settings, affiliate) = (merchant.settings(), affiliate_program(&program_id));
        let fixed = [
            START,
            SIGN_IN,
            SIGN_IN_CODE,
            SIGN_IN_LINK,
            ACCOUNT,
            TWO_STEP,
            FORGOT_PASSWORD,
            PROGRAMS,
            NEW_PROGRAM,
            AFFILIATE_PROGRAMS,
            STRIPE_CALLBACK,
            RECEIPT,
        ];
        let mut pages: Vec<String> = fixed.iter().map(|&path| path.to_owned()).collect();
        pages.extend([
            setup("token"),
            choose_password("token"),
            sign_in_by_link("token"),
            confirm_email("token"),
            undo_email("token"),
            invitation("token"),
            join("slug"),
            apply("slug"),
            application_sent("slug"),
            confirm_application("token"),
            merchant.overview(),
            merchant.affiliates(),
            merchant.applications(),
            merchant.pending_affiliates(),
            merchant.new_affiliate(),
            merchant.affiliate(&id()),
            merchant.conversions(),
            merchant.conversion(&id()),
            merchant.receipt(&id()),
            merchant.unattributed(),
            merchant.payment(&id()),
            merchant.payouts(),
            merchant.payout_runs(),
            merchant.payout_run(&id()),
            merchant.paid_payouts(),
            merchant.statement(&id()),
            merchant.links(),
            merchant.events(),
            merchant.event(&event),
            merchant.replay(),
            merchant.replay_of(&event),
            merchant.rejected_deliveries(),
            settings.general(),
            settings.terms(),
            settings.terms_versions(),
            settings.stripe(),
            settings.stripe_method(ConnectionMethod::OAuth),
            settings.reconciliation(),
            settings.tracking(),
            settings.tracking_check(),
            settings.troubleshooting(),
            settings.trouble(Trouble::NoWebhook),
            settings.join_page(),
            settings.payouts(),
            settings.keys(),
            affiliate.overview(),
            affiliate.links(),
            affiliate.new_link(),
            affiliate.link(&id()),
            affiliate.earnings(),
            affiliate.earning(&id()),
            affiliate.receipt(&id()),
            affiliate.payouts(),
            affiliate.statement(&id()),
            affiliate.clicks(),
            affiliate.terms(),
        ]);
        pages
    }

    /// Whether an address has the form of a pattern such as `/programs/{program}`.
    fn matches(pattern: &str, address: &str) -> bool {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let (wanted, found): (Vec<&str>, Vec<&str>) =
            (pattern.split('/').collect(), path.split('/').collect());
        let same = |(want, have): (&&str, &&str)| want == have || (want.starts_with('{') && !have.is_empty());
        wanted.len() == found.len() && wanted.iter().zip(&found).all(same)
    }

    #[tokio::test]
    async fn addresses_and_the_route_table_agree() {
        let _ = any_spawner::Executor::init_tokio();
        let table: BTreeSet<String> =
            generate_route_list(crate::App).iter().map(|route| route.path().to_owned()).collect();
        let pages = pages();
        for page in &pages {
            assert!(table.iter().any(|pattern| matches(pattern, page)), "no page at {page}: {table:?}");
        }
        for pattern in &table {
            // `/programs/new` has the form of `/programs/{program}`, too, but is not a page of a program.
            let own = |page: &String| {
                matches(pattern, page) && (!pattern.ends_with('}') || !page.ends_with("/new"))
            };
            assert!(pages.iter().any(own), "no address for {pattern}");
        }
    }

    #[test]
    fn files_lie_beside_their_tables() {
        let program_id = id();
        let (merchant, affiliate) = (program(&program_id), affiliate_program(&program_id));
        for (file, page) in [
            (csv::of(csv::AFFILIATES, &program_id), merchant.affiliates()),
            (merchant.conversions_csv(), merchant.conversions()),
            (merchant.events_csv(), merchant.events()),
            (csv::of(csv::LINKS, &program_id), merchant.links()),
            (merchant.payouts_csv(), merchant.payouts()),
            (merchant.settings().reconciliation_csv(), merchant.settings().reconciliation()),
            (affiliate.earnings_csv(), affiliate.earnings()),
            (affiliate.clicks_csv(), affiliate.clicks()),
        ] {
            assert_eq!(file, format!("{page}.csv"));
        }
    }

    #[test]
    fn a_form_without_a_program_leads_to_the_list() {
        let id: ProgramId = id();
        let page = |text: &str| of_form(text, |program| program.settings().keys());
        assert_eq!(page(id.as_str()), format!("/programs/{id}/settings/keys"));
        assert_eq!(page("prg_1"), PROGRAMS);
    }
}
