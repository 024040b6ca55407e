use std::collections::BTreeSet;

use domain::clock::{Random, Timestamp};
use domain::connections::ConnectionMethod;
use domain::ids::{Id, Noun, ProgramId};
use leptos_axum::generate_route_list;

use super::files;
use super::*;
use crate::trouble::Trouble;

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
        invite("token"),
        join("slug"),
        apply("slug"),
        application_sent("slug"),
        confirm_application("token"),
        merchant.overview(),
        merchant.affiliates(),
        merchant.applications(),
        merchant.invitations(),
        merchant.resources(),
        merchant.resource_text(None),
        merchant.new_invitations(),
        merchant.new_invitation_link(),
        merchant.pending_affiliates(),
        merchant.new_affiliate(),
        merchant.affiliate(&id()),
        merchant.conversions(),
        merchant.conversion(&id()),
        merchant.receipt(&id()),
        merchant.search("mira@desk.example"),
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
        settings.question(None),
        settings.payouts(),
        settings.emails(),
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
        affiliate.resources(),
        affiliate.missing_referral(),
        affiliate.terms(),
    ]);
    pages
}

/// Whether an address has the form of a pattern such as `/programs/{program}`.
fn matches(pattern: &str, address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let (wanted, found): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
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
        let own =
            |page: &String| matches(pattern, page) && (!pattern.ends_with('}') || !page.ends_with("/new"));
        assert!(pages.iter().any(own), "no address for {pattern}");
    }
}

#[test]
fn the_address_of_a_file_is_that_of_its_table_with_an_ending() {
    let program_id = id();
    let (merchant, affiliate) = (program(&program_id), affiliate_program(&program_id));
    for (file, page) in [
        (files::of(csv::AFFILIATES, &program_id), merchant.affiliates()),
        (merchant.conversions_csv(), merchant.conversions()),
        (merchant.events_csv(), merchant.events()),
        (files::of(csv::LINKS, &program_id), merchant.links()),
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
