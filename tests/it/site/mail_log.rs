//! The log of mails, sending them again, and addresses that take none; with a mail server that
//! rejects what a test wants.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use connect::mail::Mailer;
use domain::clock::DAY_MS;
use domain::mails::{MailKind, MailStatus};
use engine::mail_log::{self, LoggedMail, Narrowing};
use engine::programs::affiliates;
use engine::worker;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::{Browser, Merchant, Site, link_in_mails};
use crate::services::Services;

/// A mail server: what it answers to recipients, and the mails that it took.
#[derive(Clone, Default)]
pub struct MailServer {
    answers: Arc<Mutex<BTreeMap<String, String>>>,
    pub taken: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    /// Starts one, and gives its address.
    pub async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let server = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(server.clone().serve(stream));
            }
        });
        url
    }

    pub fn answer(&self, email: &str, answer: Option<&str>) {
        let mut answers = self.answers.lock().unwrap();
        match answer {
            Some(answer) => answers.insert(email.to_owned(), answer.to_owned()),
            None => answers.remove(email),
        };
    }

    async fn serve(self, stream: tokio::net::TcpStream) {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 ready\r\n").await.unwrap();
        let mut data: Option<String> = None;
        while let Ok(Some(line)) = lines.next_line().await {
            let answer = match (&mut data, line.as_str()) {
                (Some(mail), ".") => {
                    self.taken.lock().unwrap().push(std::mem::take(mail));
                    data = None;
                    "250 taken".to_owned()
                }
                (Some(mail), _) => {
                    mail.push_str(&line);
                    mail.push_str("\r\n");
                    continue;
                }
                (None, "DATA") => {
                    data = Some(String::new());
                    "354 go on".to_owned()
                }
                (None, line) if line.starts_with("RCPT") => {
                    let to = line.split(['<', '>']).nth(1).unwrap_or_default();
                    self.answers.lock().unwrap().get(to).cloned().unwrap_or_else(|| "250 ok".to_owned())
                }
                (None, line) if line.starts_with("QUIT") => return,
                (None, _) => "250 ok".to_owned(),
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        }
    }
}

async fn site_with(server: &MailServer) -> Site {
    let url = server.start().await;
    let mut services = Services::nowhere();
    services.mail_server = Some(Mailer::smtp(&url, "Honeyguide <hg@example.com>").unwrap());
    Site::with(services).await
}

async fn log(site: &Site, merchant: &Merchant) -> Vec<LoggedMail> {
    mail_log::list(&site.engine, &merchant.actor, &merchant.program.id, &Narrowing::All, None, 100)
        .await
        .unwrap()
}

async fn invite(site: &Site, merchant: &Merchant, id: &domain::ids::AffiliateId) {
    affiliates::email_invitation(&site.engine, &merchant.actor, &merchant.program.id, id).await.unwrap();
    worker::drain(&site.engine).await.unwrap();
}

#[tokio::test]
async fn what_was_sent_is_in_the_log_without_its_secret() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (affiliate, _) = site.affiliate(&merchant, "mira").await;
    invite(&site, &merchant, &affiliate.id).await;
    let lines = log(&site, &merchant).await;
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!((line.kind, line.status), (MailKind::Invitation, MailStatus::Sent));
    assert_eq!((&line.email, line.about.as_deref()), (&affiliate.email, Some(affiliate.id.as_str())));
    assert_eq!(line.letter, None, "a link that works once is not kept");
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let path = format!("/programs/{}/settings/emails", merchant.program.id);
    let page = browser.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    for text in [affiliate.email.as_str(), "Invitation to", "Sent", "Send again"] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    let token = link_in_mails(&site, "/invitation/");
    assert!(!page.body.contains(token.rsplit('/').next().unwrap()));
    let page = browser.get(&format!("{path}?status=refused")).await.body;
    assert!(page.contains("All emails were delivered"), "{page}");
    let page = browser.get(&format!("{path}?to=nobody@example.com")).await.body;
    assert!(page.contains("No emails to this address"), "{page}");
}

#[tokio::test]
async fn an_invitation_is_sent_again_with_a_new_link() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (affiliate, _) = site.affiliate(&merchant, "mira").await;
    invite(&site, &merchant, &affiliate.id).await;
    let first = link_in_mails(&site, "/invitation/");
    let line = log(&site, &merchant).await.remove(0);
    let browser = Browser::signed_in(&site, &merchant.email).await;
    site.advance(1_000);
    let fields = [("program", merchant.program.id.as_str()), ("email", line.id.as_str())];
    let answer = browser.post("/do/email/resend", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(browser.get(answer.location()).await.body.contains("Sent again"));
    worker::drain(&site.engine).await.unwrap();
    assert_ne!(link_in_mails(&site, "/invitation/"), first);
    let lines = log(&site, &merchant).await;
    assert_eq!(lines.len(), 2, "the new one is a mail of its own");
    assert!(lines[0].id > lines[1].id && lines[1] == line);
    // Nobody is pestered: there is an end for the day.
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let sent = mail_log::resend(&site.engine, &merchant.actor, &merchant.program.id, &line.id).await;
        statuses.push(sent.is_ok());
    }
    assert!(statuses.contains(&true) && statuses.ends_with(&[false]), "{statuses:?}");
    site.advance(DAY_MS + 1);
    mail_log::resend(&site.engine, &merchant.actor, &merchant.program.id, &line.id).await.unwrap();
}

#[tokio::test]
async fn an_address_that_takes_no_mail_is_shown_until_it_does() {
    let server = MailServer::default();
    let site = site_with(&server).await;
    let merchant = site.merchant("lumen").await;
    let (affiliate, _) = site.affiliate(&merchant, "mira").await;
    server.answer(affiliate.email.as_str(), Some("550 5.1.1 no such user"));
    invite(&site, &merchant, &affiliate.id).await;
    let line = log(&site, &merchant).await.remove(0);
    assert_eq!(line.status, MailStatus::Refused);
    assert_eq!(line.reply.as_ref().unwrap().to_string(), "550 5.1.1 no such user");
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let page = format!("/programs/{}/affiliates/{}", merchant.program.id, affiliate.id);
    let body = browser.get(&page).await.body;
    assert!(body.contains("Email doesn’t reach them") && body.contains("550 5.1.1 no such user"), "{body}");
    let emails = format!("/programs/{}/settings/emails?status=refused", merchant.program.id);
    let body = browser.get(&emails).await.body;
    assert!(body.contains("Rejected") && body.contains("550 5.1.1 no such user"), "{body}");
    // The mailbox works again.
    server.answer(affiliate.email.as_str(), None);
    mail_log::resend(&site.engine, &merchant.actor, &merchant.program.id, &line.id).await.unwrap();
    worker::drain(&site.engine).await.unwrap();
    assert_eq!(server.taken.lock().unwrap().len(), 1);
    assert!(!browser.get(&page).await.body.contains("Email doesn’t reach them"));
}

#[tokio::test]
async fn a_server_that_is_busy_gets_the_mail_later() {
    let server = MailServer::default();
    let site = site_with(&server).await;
    let merchant = site.merchant("lumen").await;
    let (affiliate, _) = site.affiliate(&merchant, "mira").await;
    server.answer(affiliate.email.as_str(), Some("451 4.7.1 greylisted"));
    invite(&site, &merchant, &affiliate.id).await;
    let line = log(&site, &merchant).await.remove(0);
    assert_eq!((line.status, line.settled_at), (MailStatus::Waiting, None));
    assert_eq!(line.reply.unwrap().code, 451);
    let refused = mail_log::resend(&site.engine, &merchant.actor, &merchant.program.id, &line.id).await;
    assert!(refused.is_err(), "it waits to be sent already");
    server.answer(affiliate.email.as_str(), None);
    site.advance(DAY_MS);
    worker::drain(&site.engine).await.unwrap();
    let lines = log(&site, &merchant).await;
    assert_eq!((lines.len(), lines[0].status, lines[0].reply.is_none()), (1, MailStatus::Sent, true));
    assert_eq!(server.taken.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_mail_that_is_never_taken_fails_in_the_end() {
    let server = MailServer::default();
    let site = site_with(&server).await;
    let merchant = site.merchant("lumen").await;
    let (affiliate, _) = site.affiliate(&merchant, "mira").await;
    server.answer(affiliate.email.as_str(), Some("451 later"));
    invite(&site, &merchant, &affiliate.id).await;
    for _ in 0..25 {
        site.advance(2 * domain::clock::HOUR_MS);
        worker::drain(&site.engine).await.unwrap();
    }
    let line = log(&site, &merchant).await.remove(0);
    assert_eq!((line.status, line.reply.unwrap().code), (MailStatus::Failed, 451));
}

#[tokio::test]
async fn the_log_ends_after_ninety_days() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (affiliate, _) = site.affiliate(&merchant, "mira").await;
    invite(&site, &merchant, &affiliate.id).await;
    site.advance(89 * DAY_MS);
    engine::retention::run(&site.engine).await.unwrap();
    assert_eq!(log(&site, &merchant).await.len(), 1);
    site.advance(2 * DAY_MS);
    engine::retention::run(&site.engine).await.unwrap();
    assert!(log(&site, &merchant).await.is_empty());
}
