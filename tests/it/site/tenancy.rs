//! Nobody sees the data of others: a second company and a second affiliate try every page and
//! every form of the first.

use app::App;
use axum::http::StatusCode;
use domain::commissions::EntryKind;
use domain::ids::{
    AffiliateId, ConversionId, InboxEventId, InvitationId, InvitationLinkId, LinkId, PaymentId, PayoutId,
    PayoutRunId, ReferralRequestId, ResourceId,
};
use domain::money::Money;
use domain::payouts::Reason;
use engine::ledger::conversions;
use engine::ledger::conversions::{Filter, Page};
use engine::ledger::payments;
use engine::ledger::referral_requests;
use engine::payouts::{self, Chosen};
use engine::programs;
use engine::programs::affiliates;
use engine::programs::terms;
use engine::stripe::connections;
use engine::stripe::events;
use engine::worker;
use leptos_axum::generate_route_list;

use super::webhooks::{SECRET, charge, connect, deliver, signature};
use super::{Browser, Merchant, START, Site};

/// A word that is in everything of the first company and nowhere else.
const CANARY: &str = "zanzibar";

struct First {
    merchant: Merchant,
    affiliate: affiliates::Affiliate,
    conversion: ConversionId,
    payment: PaymentId,
    event: InboxEventId,
    link: LinkId,
    resource: ResourceId,
    request: ReferralRequestId,
    invitation: InvitationId,
    invitation_link: InvitationLinkId,
    run: PayoutRunId,
    payout: PayoutId,
}

async fn first(site: &Site) -> First {
    let merchant = site.merchant(CANARY).await;
    let (affiliate, link) = site.affiliate(&merchant, "mira-zanzibar").await;
    let path = connect(site, &merchant).await;
    let visit =
        engine::tracking::clicks::Visit { user_agent: "Mozilla/5.0 Firefox".into(), ..Default::default() };
    let redirect =
        engine::tracking::clicks::follow(&site.engine, "mira-zanzibar", &visit).await.unwrap().unwrap();
    let body = charge("evt_first", redirect.token.unwrap().as_str());
    assert_eq!(
        deliver(site, &path, Some(&signature(SECRET, &body, START)), &body).await.status,
        StatusCode::OK
    );
    worker::drain(&site.engine).await.unwrap();
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let rows = conversions::list(engine, actor, program, &Filter::default(), &Page::First, 10).await.unwrap();
    let row = rows.first().expect("the payment was credited");
    let events = events::list(engine, actor, program, &events::Filter::default(), None, 10).await.unwrap();
    let (run, payout) = paid(site, &merchant, &affiliate.id).await;
    let (invitation, invitation_link) = invited(site, &merchant).await;
    let resource = resource(site, &merchant).await;
    let request = referral_request(site, &merchant, &affiliate).await;
    First {
        request,
        resource,
        invitation,
        invitation_link,
        run,
        payout,
        conversion: row.conversion.id.clone(),
        payment: row.conversion.payment_id.clone(),
        event: events[0].id.clone(),
        link: link.id,
        affiliate,
        merchant,
    }
}

/// A person who was invited, and a link by which people join.
async fn invited(site: &Site, merchant: &Merchant) -> (InvitationId, InvitationLinkId) {
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    programs::invitations::invite(engine, actor, program, "Zoe,zoe@zanzibar.example").await.unwrap();
    let invited = programs::invitations::list(engine, actor, program, None, 1).await.unwrap().remove(0);
    let draft = domain::invitations::InvitationLinkDraft {
        label: domain::invitations::LinkLabel::parse("Fair in Zanzibar").unwrap(),
        most_uses: 5,
        expires_at: engine.now().plus_days(9),
    };
    let link = programs::invitations::create_link(engine, actor, program, &draft).await.unwrap();
    (invited.id, link.id)
}

/// A request of the affiliate to look for a payment.
async fn referral_request(
    site: &Site,
    merchant: &Merchant,
    affiliate: &affiliates::Affiliate,
) -> ReferralRequestId {
    let (engine, program) = (&site.engine, &merchant.program.id);
    let account = affiliate.account_id.as_ref().unwrap();
    let person = engine::identity::sessions::person(engine, account).await.unwrap().unwrap();
    let draft = referral_requests::RequestDraft {
        sought: domain::referral_requests::Sought::parse("zoe@zanzibar.example").unwrap(),
        bought_at: engine.now(),
        note: domain::referral_requests::Remark::default(),
    };
    referral_requests::send(engine, &person.affiliate.unwrap(), program, &draft).await.unwrap();
    requests(site, merchant).await.remove(0).request.id
}

async fn requests(site: &Site, merchant: &Merchant) -> Vec<referral_requests::RequestRow> {
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let open = domain::referral_requests::RequestStatus::Open;
    referral_requests::list(engine, actor, program, open, "", 10).await.unwrap()
}

/// A file for affiliates.
async fn resource(site: &Site, merchant: &Merchant) -> ResourceId {
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let purpose = domain::files::FilePurpose::Resource;
    let mut upload =
        programs::files::Upload::begin(engine, actor, program, purpose, "zanzibar.pdf").await.unwrap();
    upload.write(b"%PDF-1.7 zanzibar").await.unwrap();
    programs::resources::put_file(engine, actor, program, upload).await.unwrap().resource.id
}

/// A bonus that was paid.
async fn paid(site: &Site, merchant: &Merchant, affiliate: &AffiliateId) -> (PayoutRunId, PayoutId) {
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let usd = "usd".parse().unwrap();
    let (bonus, reason) = (Money::new(7_700, usd), Reason::parse("a bonus of zanzibar").unwrap());
    payouts::adjust(engine, actor, program, affiliate, EntryKind::Bonus, bonus, &reason).await.unwrap();
    let chosen = Chosen::Some(vec![(affiliate.clone(), usd)]);
    let run = payouts::draft(engine, actor, program, &chosen, None).await.unwrap();
    payouts::approve(engine, actor, program, &run).await.unwrap();
    payouts::mark_paid(engine, actor, program, &run, None).await.unwrap();
    let rows = payouts::payouts_of(engine, actor, program, &run, None, 10).await.unwrap();
    (run, rows[0].payout.id.clone())
}

/// Every page of the router, with the first company's ids filled in.
fn pages(first: &First) -> Vec<String> {
    let mut pages: Vec<String> = generate_route_list(App)
        .iter()
        .map(|route| {
            route
                .path()
                .replace("{program}", first.merchant.program.id.as_str())
                .replace("{conversion}", first.conversion.as_str())
                .replace("{payment}", first.payment.as_str())
                .replace("{affiliate}", first.affiliate.id.as_str())
                .replace("{event}", first.event.as_str())
                .replace("{run}", first.run.as_str())
                .replace("{payout}", first.payout.as_str())
                .replace("{link}", first.link.as_str())
                .replace("{token}", "unknown")
                .replace("{slug}", "unknown")
        })
        .collect();
    for file in [
        "conversions.csv",
        "affiliates.csv",
        "events.csv",
        "links.csv",
        "payouts.csv",
        "settings/stripe/reconciliation.csv",
    ] {
        pages.push(format!("/programs/{}/{file}", first.merchant.program.id));
    }
    for file in ["earnings.csv", "clicks.csv"] {
        pages.push(format!("/affiliate/{}/{file}", first.merchant.program.id));
    }
    let (program, conversion) = (&first.merchant.program.id, &first.conversion);
    pages.push(format!("/programs/{program}/conversions/{conversion}/receipt.json"));
    pages.push(format!("/affiliate/{program}/earnings/{conversion}/receipt.json"));
    for ending in ["svg", "png"] {
        pages.push(format!("/affiliate/{program}/links/{}/qr.{ending}", first.link));
    }
    let (routes, own) = (app::routes::program(program), app::routes::affiliate_program(program));
    pages.extend([routes.resource_file(&first.resource), own.resource_file(&first.resource)]);
    let (program, run) = (&first.merchant.program.id, &first.run);
    pages.push(format!("/programs/{program}/payouts/runs/{run}/files/manual-usd"));
    pages.push(format!("/programs/{program}/payouts/runs/{run}/payouts.csv"));
    assert!(pages.iter().all(|path| !path.contains('{')), "a route has a part without an id here: {pages:?}");
    pages
}

fn is_of_the_first(path: &str, first: &First) -> bool {
    path.contains(first.merchant.program.id.as_str())
}

#[tokio::test]
async fn the_owner_sees_every_page() {
    let site = Site::new().await;
    let first = first(&site).await;
    let owner = Browser::signed_in(&site, &first.merchant.email).await;
    let affiliate = Browser::signed_in(&site, first.affiliate.email.as_str()).await;
    for path in pages(&first).iter().filter(|path| is_of_the_first(path, &first)) {
        let browser = if path.starts_with("/affiliate") { &affiliate } else { &owner };
        let answer = browser.get(path).await;
        // The affiliate's own conversion is at the same id under another path.
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.location());
    }
}

#[tokio::test]
async fn other_actors_see_no_page() {
    let site = Site::new().await;
    let first = first(&site).await;
    let second = site.merchant("second").await;
    let (stranger, _) = site.affiliate(&second, "stranger").await;
    let nobody = Browser::new(&site);
    let owner = Browser::signed_in(&site, &second.email).await;
    let affiliate = Browser::signed_in(&site, stranger.email.as_str()).await;
    let own_affiliate = Browser::signed_in(&site, first.affiliate.email.as_str()).await;
    for path in pages(&first) {
        for (who, browser) in
            [("nobody", &nobody), ("second owner", &owner), ("second affiliate", &affiliate)]
        {
            let answer = browser.get(&path).await;
            assert!(
                !answer.body.to_lowercase().contains(CANARY),
                "{who} reads the first company's data at {path}"
            );
            if is_of_the_first(&path, &first) {
                let refused = matches!(
                    answer.status,
                    StatusCode::NOT_FOUND | StatusCode::SEE_OTHER | StatusCode::FORBIDDEN
                );
                assert!(refused, "{who} at {path}: {}", answer.status);
            }
        }
        // The first company's own affiliate is no member of the company.
        if path.starts_with("/programs/prg_") {
            let answer = own_affiliate.get(&path).await;
            assert_ne!(answer.status, StatusCode::OK, "an affiliate at {path}");
        }
    }
}

#[tokio::test]
async fn affiliates_see_no_customer() {
    let site = Site::new().await;
    let first = first(&site).await;
    let affiliate = Browser::signed_in(&site, first.affiliate.email.as_str()).await;
    for path in pages(&first).iter().filter(|path| path.starts_with("/affiliate")) {
        let body = affiliate.get(path).await.body;
        assert!(!body.contains("ana@buyers.example"), "the customer's address is at {path}");
        assert!(!body.contains("ch_evt_first"), "Stripe's id is at {path}");
    }
}

/// Forms by endpoint, with the first company's ids. A new endpoint without a line here
/// fails the test below.
fn forms(first: &First) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let program = || ("program", first.merchant.program.id.to_string());
    let affiliate = || ("affiliate", first.affiliate.id.to_string());
    let payment = || ("payment", first.payment.to_string());
    let link = || ("link", first.link.to_string());
    let run = || ("run", first.run.to_string());
    let payout = || ("payout", first.payout.to_string());
    let text = |name: &'static str, value: &str| (name, value.to_owned());
    vec![
        ("/do/program/change", vec![program(), text("settings[name]", "Taken over")]),
        ("/do/join-page/change", vec![program(), text("page[is_on]", "on")]),
        (
            "/do/join-page/question",
            vec![program(), text("question[question]", "Mine?"), text("question[kind]", "text")],
        ),
        (
            "/do/join-page/arrange-question",
            vec![program(), text("id", "qst_01h00000000000000000000000"), text("action", "remove")],
        ),
        (
            "/do/applications/decide",
            vec![
                program(),
                text("decision", "approve"),
                text("subject", "bulk"),
                text("applications[]", "app_01h00000000000000000000000"),
            ],
        ),
        (
            "/do/invitations/change",
            vec![program(), text("invitation", first.invitation.as_str()), text("action", "revoke")],
        ),
        (
            "/do/invitations/create-link",
            vec![
                program(),
                text("link[label]", "Mine"),
                text("link[uses]", "5"),
                text("link[until]", "2026-03-31"),
            ],
        ),
        ("/do/invitations/revoke-link", vec![program(), text("link", first.invitation_link.as_str())]),
        ("/do/join-page/remove-logo", vec![program()]),
        ("/do/resources/delete", vec![program(), text("resource", first.resource.as_str())]),
        ("/do/resources/text", vec![program(), text("text[title]", "Mine"), text("text[text]", "x")]),
        (
            "/do/referral-requests/answer",
            vec![program(), text("request", first.request.as_str()), text("decision", "credit"), payment()],
        ),
        (
            "/do/missing-referral/check",
            vec![
                program(),
                text("referral[sought]", "ana@buyers.example"),
                text("referral[day]", "2026-03-01"),
            ],
        ),
        (
            "/do/missing-referral/ask",
            vec![
                program(),
                text("referral[sought]", "ana@buyers.example"),
                text("referral[day]", "2026-03-01"),
            ],
        ),
        ("/do/program/status", vec![program(), text("status", "archived")]),
        ("/do/terms/change", vec![program(), text("terms[window_days]", "1")]),
        ("/do/terms/preview", vec![program()]),
        ("/do/stripe/connect", vec![program(), text("webhook_secret", "whsec_taken_over")]),
        ("/do/stripe/key", vec![program(), text("restricted_key", "rk_test_taken_over_1234")]),
        ("/do/stripe/authorize", vec![program(), text("mode", "test")]),
        ("/do/stripe/disconnect", vec![program()]),
        ("/do/stripe/account", vec![program(), text("account", "acct_taken_over")]),
        ("/do/stripe/repair", vec![program()]),
        ("/do/stripe/compare", vec![program(), text("from", "2026-03-01"), text("to", "2026-03-02")]),
        ("/do/stripe/import", vec![program(), text("reconciliation", "rec_01h00000000000000000000000")]),
        ("/do/tracking/test-sale", vec![program()]),
        ("/do/tracking/lead-secret", vec![program()]),
        ("/do/event/replay", vec![program(), text("query", "status=processed")]),
        ("/do/payment/assign", vec![program(), payment(), affiliate(), text("later_payments", "on")]),
        ("/do/payment/undo-assignment", vec![program(), payment()]),
        ("/do/email/resend", vec![program(), text("email", "eml_01h00000000000000000000000")]),
        ("/do/key/create", vec![program(), text("scope", "program")]),
        ("/do/key/revoke", vec![program(), text("id", "key_01h00000000000000000000000")]),
        (
            "/do/affiliate/add",
            vec![program(), text("affiliate[name]", "X"), text("affiliate[email]", "x@example.com")],
        ),
        ("/do/affiliate/link", vec![program(), affiliate(), text("link[code]", "taken-over")]),
        (
            "/do/affiliate/coupon",
            vec![program(), affiliate(), text("promotion_code", "promo_taken1"), text("code", "X")],
        ),
        (
            "/do/affiliate/remove-coupon",
            vec![program(), affiliate(), text("coupon", "cpn_01h00000000000000000000000")],
        ),
        ("/do/affiliate/invite", vec![program(), affiliate()]),
        ("/do/affiliate/email-invitation", vec![program(), affiliate()]),
        (
            "/do/affiliate/status",
            vec![program(), affiliate(), text("status", "suspended"), text("reason", "x")],
        ),
        (
            "/do/affiliate/adjust",
            vec![
                program(),
                affiliate(),
                text("adjustment[kind]", "bonus"),
                text("adjustment[amount]", "5"),
                text("adjustment[reason]", "x"),
            ],
        ),
        ("/do/payouts/draft", vec![program(), text("all", "yes")]),
        ("/do/payouts/approve", vec![program(), run()]),
        ("/do/payouts/discard", vec![program(), run()]),
        ("/do/payouts/sent", vec![program(), run()]),
        ("/do/payouts/paid", vec![program(), run()]),
        ("/do/payouts/failed", vec![program(), run(), payout(), text("reason", "x")]),
        ("/do/payouts/remove", vec![program(), run(), payout()]),
        ("/do/payouts/settings", vec![program(), text("settings[method_hold_days]", "9")]),
        ("/do/own-link/create", vec![program(), text("link[code]", "taken-over")]),
        ("/do/own-link/archive", vec![program(), link(), text("archive", "yes")]),
    ]
}

/// Forms that concern nobody but the one who sends them.
const OWN: [&str; 30] = [
    "/do/account/accept-invitation",
    "/do/account/choose-password",
    "/do/account/company",
    "/do/account/confirm-email",
    "/do/account/email",
    "/do/account/forgot",
    "/do/account/name",
    "/do/account/password",
    "/do/account/recovery-codes",
    "/do/account/require-two-step",
    "/do/account/set-up",
    "/do/account/two-step-begin",
    "/do/account/two-step-off",
    "/do/account/two-step-on",
    "/do/account/undo-email",
    "/do/affiliate/payout-method",
    "/do/invite/accept",
    "/do/invite/join",
    "/do/join/apply",
    "/do/join/confirm",
    "/do/program/create",
    "/do/session/code",
    "/do/session/start",
    "/do/session/end",
    "/do/session/end-all",
    "/do/session/end-one",
    "/do/session/end-others",
    "/do/session/mail-link",
    "/do/session/use-link",
    "/do/session/theme",
];

#[tokio::test]
async fn other_actors_cannot_change_anything() {
    let site = Site::new().await;
    let first = first(&site).await;
    let second = site.merchant("second").await;
    let (stranger, _) = site.affiliate(&second, "stranger").await;
    let owner = Browser::signed_in(&site, &second.email).await;
    let affiliate = Browser::signed_in(&site, stranger.email.as_str()).await;
    let nobody = Browser::new(&site);
    let before = state(&site, &first).await;
    for (endpoint, fields) in forms(&first) {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for browser in [&nobody, &owner, &affiliate] {
            let answer = browser.post(endpoint, &fields).await;
            assert_ne!(answer.status, StatusCode::OK, "{endpoint}");
            assert!(!answer.body.to_lowercase().contains(CANARY), "{endpoint}");
        }
    }
    assert_eq!(state(&site, &first).await, before);
}

/// Everything of the first company that a form could change.
async fn state(site: &Site, first: &First) -> String {
    let (engine, actor, program) = (&site.engine, &first.merchant.actor, &first.merchant.program.id);
    let program_row = programs::get(engine, actor, program).await.unwrap();
    let versions = terms::list(engine, actor, program).await.unwrap();
    let people = affiliates::list(engine, actor, program, None, "", 100).await.unwrap();
    let detail = affiliates::detail(engine, actor, program, &first.affiliate.id).await.unwrap();
    let links = programs::links::list(engine, actor, program, None, None, 100).await.unwrap();
    let stripe = connections::status(engine, actor, program).await.unwrap();
    let join_page = programs::join_page::get(engine, actor, program).await.unwrap();
    let questions = programs::questions::list(engine, actor, program).await.unwrap();
    let invited = programs::invitations::list(engine, actor, program, None, 10).await.unwrap();
    let join_links = programs::invitations::links(engine, actor, program, None, 10).await.unwrap();
    let files = programs::resources::list(engine, actor, program, "", 10).await.unwrap();
    let asked = requests(site, &first.merchant).await;
    let keys = engine::identity::api_keys::list(engine, actor).await.unwrap();
    let payment = payments::detail(engine, actor, program, &first.payment).await.unwrap();
    let runs = payouts::list(engine, actor, program, None, 10).await.unwrap();
    let settings = payouts::settings(engine, actor, program).await.unwrap();
    let secrets: Vec<&str> = stripe.secrets.iter().map(|secret| secret.last_four.as_str()).collect();
    format!(
        "{program_row:?}{join_page:?}{questions:?}{invited:?}{join_links:?}{files:?}{asked:?}{versions:?}{people:?}{detail:?}{links:?}{secrets:?}{}{keys:?}{payment:?}{runs:?}{settings:?}",
        stripe.is_connected()
    )
}

#[tokio::test]
async fn every_form_is_in_the_table() {
    let site = Site::new().await;
    let first = first(&site).await;
    let mut known: Vec<String> =
        forms(&first).iter().map(|(path, _)| *path).chain(OWN).map(str::to_owned).collect();
    let mut registered: Vec<String> =
        leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    known.sort();
    registered.sort();
    assert_eq!(registered, known);
}
