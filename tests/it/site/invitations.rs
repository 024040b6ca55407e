//! Inviting people: lists with a preview, mails, links with a limit, and what became of each.

use axum::http::StatusCode;
use domain::affiliates::{AffiliateStatus, StatusReason};
use domain::clock::DAY_MS;
use domain::ids::InvitationId;
use domain::invitations::{
    INVITATION_DAYS, InvitationLinkDraft, InvitationLinkStatus, InvitationStatus, LinkLabel,
};
use domain::programs::{ProgramChange, ProgramStatus};
use engine::programs::invitations::{self, Invitation, InvitationLink, MAILS_A_DAY, MOST_RUNNING_LINKS};
use engine::programs::{affiliates, join_page};

use super::applications::{affiliates_of, confirm, link, mails};
use super::{Browser, Merchant, PASSWORD, Site, link_in_mails};

const LIST: &str = "Amara,amara@slowpages.example,slowpages\nno address\nMira,mira@affiliates.example\n\
                    Jonas,jonas@zettel.example,mira\nAgain,AMARA@slowpages.example";

fn list_path(merchant: &Merchant) -> String {
    app::routes::program(&merchant.program.id).new_invitations()
}

async fn invitations_of(site: &Site, merchant: &Merchant) -> Vec<Invitation> {
    invitations::list(&site.engine, &merchant.actor, &merchant.program.id, None, 100).await.unwrap()
}

/// Sends a confirmed list and gives the page that follows.
async fn send(browser: &Browser<'_>, merchant: &Merchant, list: &str) -> String {
    let answer = browser.upload_with(&list_path(merchant), &[("list", list), ("confirm", "yes")], None).await;
    if answer.status == StatusCode::SEE_OTHER {
        browser.get(answer.location()).await.body
    } else {
        answer.body
    }
}

/// Invites one person and gives the path of the link in the mail.
async fn invited(site: &Site, merchant: &Merchant, line: &str) -> String {
    let browser = Browser::signed_in(site, &merchant.email).await;
    let page = send(&browser, merchant, line).await;
    assert!(page.contains("1 invitation sent."), "{page}");
    mails(site).await;
    link_in_mails(site, "/invite/")
}

async fn accept(site: &Site, browser: &Browser<'_>, merchant: &Merchant, path: &str) -> String {
    let terms = engine::programs::terms::list(&site.engine, &merchant.actor, &merchant.program.id).await;
    let terms = terms.unwrap()[0].id.to_string();
    let token = path.rsplit('/').next().unwrap();
    let fields = [("token", token), ("name", "Amara Nwosu"), ("terms", &terms), ("accept", "on")];
    let answer = browser.post("/do/invite/accept", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

#[tokio::test]
async fn a_list_is_shown_with_what_is_wrong_with_each_line_before_anything_is_sent() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    site.affiliate(&merchant, "mira").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    for page in [
        browser.upload_with(&list_path(&merchant), &[("list", LIST)], None).await,
        browser.upload(&list_path(&merchant), LIST.as_bytes()).await,
    ] {
        assert_eq!(page.status, StatusCode::OK);
        for text in [
            "This is not an email address",
            "Already in the program",
            "This code is taken",
            "The same address is on line 1",
            "4 lines have a problem",
            "Send 1 invitation",
        ] {
            assert!(page.body.contains(text), "{text}: {}", page.body);
        }
    }
    assert!(mails(&site).await.is_empty() && invitations_of(&site, &merchant).await.is_empty());

    let page = send(&browser, &merchant, LIST).await;
    assert!(page.contains("1 invitation sent. 4 lines were left out."), "{page}");
    assert!(page.contains("amara@slowpages.example") && page.contains("Invited"), "{page}");
    let mails = mails(&site).await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("Company lumen invites you to Program lumen"), "{mails:?}");
    let page = browser.upload_with(&list_path(&merchant), &[("list", LIST)], None).await.body;
    assert!(page.contains("Has an open invitation"), "{page}");
}

#[tokio::test]
async fn a_list_that_cannot_be_read_comes_back() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let many: String = (0..501).map(|number| format!("a{number}@x.example\n")).collect();
    for (list, says) in [
        (" ", "Enter at least one email address"),
        (many.as_str(), "Invite 500 people at most at once"),
        ("a\0b@x.example", "Remove the NUL character"),
    ] {
        let page = browser.upload_with(&list_path(&merchant), &[("list", list)], None).await;
        assert!(page.status == StatusCode::OK && page.body.contains(says), "{says}: {}", page.body);
    }
    let page = browser.upload(&list_path(&merchant), b"\xff\xfe\0a").await.body;
    assert!(page.contains("not text in UTF-8"), "{page}");
    let page = send(&browser, &merchant, "nobody").await;
    assert!(page.contains("This is not an email address") && page.contains("nobody"), "{page}");

    let change = ProgramChange::status(ProgramStatus::Paused);
    let (actor, program) = (&merchant.actor, &merchant.program.id);
    engine::programs::change(&site.engine, actor, program, &change).await.unwrap();
    let page = send(&browser, &merchant, "a@x.example").await;
    assert!(page.contains("Start the program before you invite people"), "{page}");
    assert!(page.contains("a@x.example"), "{page}");
    assert!(invitations_of(&site, &merchant).await.is_empty());
}

#[tokio::test]
async fn people_invited_within_a_day_are_limited() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let list = |from: i64| -> String { (from..from + 500).map(|n| format!("a{n}@x.example\n")).collect() };
    for round in 0..invitations::INVITATIONS_A_DAY / 500 {
        invitations::invite(engine, actor, program, &list(round * 500)).await.unwrap();
    }
    let refused = invitations::invite(engine, actor, program, "more@x.example").await;
    assert!(matches!(refused, Err(engine::Error::Invalid(_))), "{refused:?}");
    site.advance(DAY_MS + 1);
    invitations::invite(engine, actor, program, "more@x.example").await.unwrap();
}

#[tokio::test]
async fn an_invited_person_joins_with_the_chosen_code_and_a_password() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = invited(&site, &merchant, "Amara,amara@slowpages.example,slowpages").await;
    let browser = Browser::new(&site);
    // A scanner of mail opens the link, more than once.
    for _ in 0..2 {
        let page = browser.get(&path).await.body;
        for text in
            ["Join Program lumen", "Company lumen invites you", "amara@slowpages.example", "version 1"]
        {
            assert!(page.contains(text), "{text}: {page}");
        }
    }
    assert!(affiliates_of(&site, &merchant).await.is_empty());
    let token = path.rsplit('/').next().unwrap();
    let answer = browser.post("/do/invite/accept", &[("token", token), ("name", "")]).await;
    let page = browser.get(answer.location()).await.body;
    assert!(page.contains("Enter your name") && page.contains("Accept the terms to join"), "{page}");

    let choose = accept(&site, &browser, &merchant, &path).await;
    assert!(choose.starts_with("/password/choose/"), "{choose}");
    let password = [("token", choose.rsplit('/').next().unwrap()), ("password", PASSWORD)];
    browser.post("/do/account/choose-password", &password).await;
    let page = browser.get(&app::routes::affiliate_program(&merchant.program.id).links()).await.body;
    assert!(page.replace("<wbr>", "").contains("/r/slowpages"), "{page}");
    assert_eq!(accept(&site, &Browser::new(&site), &merchant, &path).await, path, "pressed twice");
    assert!(site.get(&path).await.body.contains("You are in Program lumen"));
    let people = affiliates_of(&site, &merchant).await;
    assert_eq!((people.len(), people[0].status), (1, AffiliateStatus::Active));
    let invitation = &invitations_of(&site, &merchant).await[0];
    assert_eq!(invitation.affiliate_id.as_ref(), Some(&people[0].id));
    let owner = Browser::signed_in(&site, &merchant.email).await;
    let page = owner.get(&app::routes::program(&merchant.program.id).invitations()).await.body;
    assert!(page.contains("Joined") && page.contains(people[0].id.as_str()), "{page}");
}

#[tokio::test]
async fn a_code_that_was_taken_meanwhile_is_replaced() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = invited(&site, &merchant, "Amara,amara@slowpages.example,slowpages").await;
    site.affiliate(&merchant, "slowpages").await;
    accept(&site, &Browser::new(&site), &merchant, &path).await;
    let people = affiliates_of(&site, &merchant).await;
    assert_eq!(people.len(), 2);
}

#[tokio::test]
async fn a_decision_after_the_invitation_counts() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = invited(&site, &merchant, "mira@affiliates.example").await;
    let (affiliate, _) = site.affiliate(&merchant, "mira").await;
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let reason = StatusReason::parse("Bids on our name").unwrap();
    let suspended = AffiliateStatus::Suspended;
    affiliates::set_status(engine, actor, program, &affiliate.id, suspended, reason.as_ref()).await.unwrap();
    assert_eq!(accept(&site, &Browser::new(&site), &merchant, &path).await, path);
    assert_eq!(affiliates_of(&site, &merchant).await[0].status, suspended);
    assert_eq!(invitations_of(&site, &merchant).await[0].accepted_at, None);
}

#[tokio::test]
async fn an_invitation_is_sent_again_some_times_and_taken_back() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = invited(&site, &merchant, "amara@slowpages.example").await;
    let id = invitations_of(&site, &merchant).await[0].id.clone();
    let change = async |action: &str| {
        // Sessions end sooner than invitations.
        let owner = Browser::signed_in(&site, &merchant.email).await;
        let fields =
            [("program", merchant.program.id.as_str()), ("invitation", id.as_str()), ("action", action)];
        let answer = owner.post("/do/invitations/change", &fields).await;
        owner.get(answer.location()).await.body
    };
    // The first mail counts, too.
    for _ in 1..MAILS_A_DAY {
        assert!(change("resend").await.contains("sent to amara@slowpages.example again"));
    }
    assert!(change("resend").await.contains("Too many attempts"));
    assert_eq!(mails(&site).await.len() as i64, MAILS_A_DAY);
    assert_eq!(link_in_mails(&site, "/invite/"), path, "the same link works on");

    site.advance((INVITATION_DAYS + 1) * DAY_MS);
    assert!(site.get(&path).await.body.contains("This invitation has ended"));
    assert_eq!(status(&site, &merchant, &id).await, InvitationStatus::Expired);
    change("resend").await;
    assert!(site.get(&path).await.body.contains("Join Program lumen"));

    assert!(change("revoke").await.contains("Invitation of amara@slowpages.example revoked."));
    assert!(site.get(&path).await.body.contains("This invitation has ended"));
    assert_eq!(accept(&site, &Browser::new(&site), &merchant, &path).await, path);
    assert!(affiliates_of(&site, &merchant).await.is_empty());
    assert!(change("resend").await.contains("This invitation was accepted or revoked before"));
    assert_eq!(status(&site, &merchant, &id).await, InvitationStatus::Revoked);
}

async fn status(site: &Site, merchant: &Merchant, id: &InvitationId) -> InvitationStatus {
    let all = invitations_of(site, merchant).await;
    all.iter().find(|one| one.id == *id).unwrap().status(site.engine.now())
}

#[tokio::test]
async fn a_mail_that_waits_is_not_sent_after_the_invitation_was_taken_back() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    invitations::invite(engine, actor, program, "a@x.example").await.unwrap();
    let id = invitations_of(&site, &merchant).await[0].id.clone();
    invitations::revoke(engine, actor, program, &id).await.unwrap();
    assert!(mails(&site).await.is_empty());
}

async fn create_link(site: &Site, merchant: &Merchant, uses: &str, until: &str) -> String {
    let browser = Browser::signed_in(site, &merchant.email).await;
    let fields = [
        ("program", merchant.program.id.as_str()),
        ("link[label]", "Conference"),
        ("link[uses]", uses),
        ("link[until]", until),
    ];
    let answer = browser.post("/do/invitations/create-link", &fields).await;
    browser.get(answer.location().split('#').next().unwrap()).await.body
}

async fn only_link(site: &Site, merchant: &Merchant) -> InvitationLink {
    let links =
        invitations::links(&site.engine, &merchant.actor, &merchant.program.id, None, 10).await.unwrap();
    links.into_iter().next().expect("a link")
}

/// Sends the form of a link and gives where it leads.
async fn join_by(site: &Site, browser: &Browser<'_>, merchant: &Merchant, path: &str, email: &str) -> String {
    let terms = engine::programs::terms::list(&site.engine, &merchant.actor, &merchant.program.id).await;
    let terms = terms.unwrap()[0].id.to_string();
    let token = path.rsplit('/').next().unwrap();
    let fields = [("token", token), ("name", "Jonas"), ("email", email), ("terms", &terms), ("accept", "on")];
    let answer = browser.post("/do/invite/join", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

#[tokio::test]
async fn people_join_by_a_link_until_it_is_used_up() {
    let site = Site::new().await;
    // The public page is off, and applications are reviewed.
    let merchant = site.merchant("lumen").await;
    let change = ProgramChange { auto_approve: Some(false), ..ProgramChange::default() };
    let (actor, program) = (&merchant.actor, &merchant.program.id);
    engine::programs::change(&site.engine, actor, program, &change).await.unwrap();
    assert!(join_page::offer(&site.engine, &merchant.program.slug).await.is_err());
    let page = create_link(&site, &merchant, "1", "2026-03-31").await;
    assert!(page.contains("Link “Conference” created.") && page.contains("0 of 1 joined"), "{page}");
    let url = invitations::address(&site.engine, &only_link(&site, &merchant).await);
    assert!(page.contains(&url), "{page}");
    let path = url.strip_prefix("http://hg.test").unwrap();

    // Both apply while it can be used; whoever confirms first is in.
    let mut confirmations = Vec::new();
    for email in ["jonas@zettel.example", "late@zettel.example"] {
        let browser = Browser::new(&site);
        assert!(browser.get(path).await.body.contains("Join Program lumen"));
        let to = join_by(&site, &browser, &merchant, path, email).await;
        assert!(browser.get(&to).await.body.contains("Check your email"), "{to}");
        confirmations.push(link(&site).await);
    }
    let choose = confirm(&Browser::new(&site), &confirmations[0]).await;
    assert!(choose.starts_with("/password/choose/"), "{choose}");
    assert_eq!(confirm(&Browser::new(&site), &confirmations[1]).await, confirmations[1]);
    assert_eq!(affiliates_of(&site, &merchant).await.len(), 1);
    let used = only_link(&site, &merchant).await;
    assert_eq!((used.uses, used.status(site.engine.now())), (1, InvitationLinkStatus::UsedUp));
    assert!(site.get(path).await.body.contains("This invitation has ended"));
    let owner = Browser::signed_in(&site, &merchant.email).await;
    let page = owner.get(&app::routes::program(&merchant.program.id).applications()).await.body;
    assert!(page.contains("late@zettel.example") && page.contains("With an invitation link that"), "{page}");
    assert_eq!(join_by(&site, &Browser::new(&site), &merchant, path, "x@zettel.example").await, path);
}

#[tokio::test]
async fn a_link_ends_on_its_day_or_when_it_is_taken_back() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    for (uses, until, says) in [
        ("0", "2026-03-31", "Enter a number of people from 1 to 10,000"),
        ("10001", "2026-03-31", "Enter a number of people from 1 to 10,000"),
        ("5", "2026-03-01", "Enter a day within the next 12 months"),
        ("5", "2028-01-01", "Enter a day within the next 12 months"),
        ("5", "soon", "Enter a day within the next 12 months"),
    ] {
        let page = create_link(&site, &merchant, uses, until).await;
        assert!(page.contains(says), "{uses} {until}: {page}");
    }
    create_link(&site, &merchant, "5", "2026-03-04").await;
    let first = only_link(&site, &merchant).await;
    let url = invitations::address(&site.engine, &first);
    let path = url.strip_prefix("http://hg.test").unwrap();
    assert!(site.get(path).await.body.contains("Join Program lumen"));
    site.advance(4 * DAY_MS);
    assert!(site.get(path).await.body.contains("This invitation has ended"));

    create_link(&site, &merchant, "5", "2026-03-31").await;
    let second = only_link(&site, &merchant).await;
    let url = invitations::address(&site.engine, &second);
    let path = url.strip_prefix("http://hg.test").unwrap();
    let owner = Browser::signed_in(&site, &merchant.email).await;
    let fields = [("program", merchant.program.id.as_str()), ("link", second.id.as_str())];
    let answer = owner.post("/do/invitations/revoke-link", &fields).await;
    assert!(owner.get(answer.location()).await.body.contains("Link “Conference” revoked."));
    assert!(site.get(path).await.body.contains("This invitation has ended"));
}

#[tokio::test]
async fn nobody_who_was_suspended_comes_back_by_a_link() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    create_link(&site, &merchant, "5", "2026-03-31").await;
    let url = invitations::address(&site.engine, &only_link(&site, &merchant).await);
    let path = url.strip_prefix("http://hg.test").unwrap();
    join_by(&site, &Browser::new(&site), &merchant, path, "mira@affiliates.example").await;
    let confirmation = link(&site).await;
    let (affiliate, _) = site.affiliate(&merchant, "mira").await;
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let reason = StatusReason::parse("Bids on our name").unwrap();
    let suspended = AffiliateStatus::Suspended;
    affiliates::set_status(engine, actor, program, &affiliate.id, suspended, reason.as_ref()).await.unwrap();
    confirm(&Browser::new(&site), &confirmation).await;
    assert_eq!(affiliates_of(&site, &merchant).await[0].status, suspended);
    assert_eq!(only_link(&site, &merchant).await.uses, 0);
}

#[tokio::test]
async fn links_at_once_are_limited() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let draft = InvitationLinkDraft {
        label: LinkLabel::parse("One of many").unwrap(),
        most_uses: 1,
        expires_at: engine.now().plus_days(1),
    };
    for _ in 0..MOST_RUNNING_LINKS {
        invitations::create_link(engine, actor, program, &draft).await.unwrap();
    }
    assert!(invitations::create_link(engine, actor, program, &draft).await.is_err());
    site.advance(DAY_MS + 1);
    let draft = InvitationLinkDraft { expires_at: engine.now().plus_days(1), ..draft };
    invitations::create_link(engine, actor, program, &draft).await.unwrap();
}

#[tokio::test]
async fn a_list_is_taken_from_members_of_the_company_only() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let other = site.merchant("other").await;
    let (affiliate, _) = site.affiliate(&merchant, "mira").await;
    let path = list_path(&merchant);
    let fields = [("list", "a@x.example"), ("confirm", "yes")];
    for email in [other.email.as_str(), affiliate.email.as_str()] {
        let answer = Browser::signed_in(&site, email).await.upload_with(&path, &fields, None).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{email}");
        assert!(!answer.body.contains("lumen"), "{}", answer.body);
    }
    assert_eq!(Browser::new(&site).upload_with(&path, &fields, None).await.location(), "/login");
    assert!(invitations_of(&site, &merchant).await.is_empty());
    for token in ["unknown", "inv_01h00000000000000000000000-x", "ivl_01h00000000000000000000000-x"] {
        let page = site.get(&app::routes::invite(token)).await.body;
        assert!(page.contains("This invitation has ended"), "{token}");
    }
}
