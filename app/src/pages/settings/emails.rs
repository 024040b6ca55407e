//! Settings > Emails: what was sent in the program's name, and what became of it.

use domain::emails::Email;
use domain::ids::MailId;
use domain::mails::{LOG_DAYS, MailStatus};
use engine::mail_log::{self, LoggedMail, Narrowing};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::program_of;
use crate::components::*;
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::mails::{kind_word, status_note, status_state};
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::request::queries::Parameters;
use crate::routes;

const ROWS: i64 = 50;
/// The parameters of the page: a status, or an address.
const STATUS: &str = "status";
const TO: &str = "to";

/// Settings > Emails.
#[component]
pub fn SettingsEmails() -> impl IntoView {
    page(emails())
}

async fn emails() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    page.title("Emails", false);
    let parameters = Parameters::of_request();
    let status = parameters.get(STATUS).and_then(MailStatus::from_word);
    let to = parameters.get(TO).and_then(|text| text.parse::<Email>().ok());
    let before = parameters.get("before").and_then(|id| id.parse::<MailId>().ok());
    let narrowing = match (&to, status) {
        (Some(email), _) => Narrowing::To(email.clone()),
        (None, Some(status)) => Narrowing::Status(status),
        (None, None) => Narrowing::All,
    };
    let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
    let mut rows = mail_log::list(engine, actor, program, &narrowing, before.as_ref(), ROWS + 1).await?;
    let more = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let path = page.routes().settings().emails();
    let kept = parameters.only(&[STATUS, TO]);
    let next =
        rows.last().filter(|_| more).map(|last| kept.clone().with("before", last.id.as_str()).on(&path));
    let first = before.is_some().then(|| kept.on(&path));
    let is_empty = rows.is_empty() && before.is_none();
    let filter = to.map(|email| {
        let label = format!("Remove filter: to {email}");
        view! {
            <div class="chips">
                <div class="chip"><span>"To:"</span>" "{email.to_string()}<a href=path.clone() aria-label=label><Icon name="x"/></a></div>
            </div>
        }
    });
    let segments = (filter.is_none() && (!is_empty || status.is_some()))
        .then(|| view! { <Statuses path=path.clone() current=status/> });
    let content = if is_empty { empty(&narrowing, &path) } else { table(&page, rows, first, next) };
    let crumbs = page.crumbs(&[("Settings", page.routes().settings().general())], "Emails");
    let lead = format!(
        "Sent to affiliates, applicants and your team in the name of this program. Kept for {LOG_DAYS} days."
    );
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Emails) crumbs>
            <PageHead title="Emails" lead/>
            <section class="stack tight" aria-label="Emails">{segments}{filter}{content}</section>
        </MerchantShell>
    }
    .into_any())
}

#[component]
fn Statuses(path: String, current: Option<MailStatus>) -> impl IntoView {
    let mut items = vec![Segment {
        label: "All".to_owned(),
        href: path.clone(),
        current: current.is_none(),
        ..Segment::default()
    }];
    items.extend(MailStatus::ALL.map(|status| Segment {
        label: status_state(status).word.to_owned(),
        href: Parameters::default().with(STATUS, status.word()).on(&path),
        current: current == Some(status),
        ..Segment::default()
    }));
    view! { <div><Segments label="Status" items/></div> }
}

fn empty(narrowing: &Narrowing, path: &str) -> AnyView {
    let (title, text, first_use) = match narrowing {
        Narrowing::All => (
            "No emails yet",
            "Invitations, answers to applications and news of payouts appear here when they are sent.",
            true,
        ),
        Narrowing::Status(MailStatus::Waiting) => ("No waiting emails", "Everything was sent.", false),
        Narrowing::Status(MailStatus::Sent) => ("No sent emails", "Sent emails appear here.", false),
        Narrowing::Status(_) => {
            ("All emails were delivered", "Emails that a mail server rejects appear here.", false)
        }
        Narrowing::To(_) => ("No emails to this address", "Nothing was sent to it lately.", false),
    };
    if first_use {
        return view! { <PlainCard><EmptyState title text first_use=true/></PlainCard> }.into_any();
    }
    let actions = view! { <a class="button" href=path.to_owned()>"All emails"</a> };
    view! { <PlainCard><EmptyState title text actions=actions.into_any()/></PlainCard> }.into_any()
}

fn table(page: &ProgramPage, rows: Vec<LoggedMail>, first: Option<String>, next: Option<String>) -> AnyView {
    let columns = vec![
        Column::text("To"),
        Column::text("Subject"),
        Column::text("Date"),
        Column::text("Status"),
        Column::number("Action"),
    ];
    let rows = rows.into_iter().map(|mail| row(page, mail)).collect_view();
    view! {
        <PlainCard>
            <Table caption="Emails, newest first" columns style=TableStyle::WIDE>{rows}</Table>
            <Pager newer=first older=next note="Newest first"/>
        </PlainCard>
    }
    .into_any()
}

fn row(page: &ProgramPage, mail: LoggedMail) -> impl IntoView + use<> {
    let href = Parameters::default().with(TO, mail.email.as_str()).on(&page.routes().settings().emails());
    let (date, time) = (page.zone.short_date(mail.created_at, page.now), page.zone.time(mail.created_at));
    let (state, note) = (status_state(mail.status), status_note(&mail));
    let resend = mail_log::can_be_resent(&mail).then(|| {
        let label = format!("Send “{}” to {} again", mail.subject, mail.email);
        view! {
            <form method="post" action=ResendEmail::PATH>
                <input type="hidden" name="program" value=page.program.id.to_string()/>
                <input type="hidden" name="email" value=mail.id.to_string()/>
                <button class="button" aria-label=label>"Send again"</button>
            </form>
        }
    });
    view! {
        <tr>
            <th scope="row"><a class="plain" href=href>{mail.email.to_string()}</a></th>
            <td class="full">{mail.subject.clone()}<span class="sub">{kind_word(mail.kind)}</span></td>
            <td data-label="Date" class="nowrap"><Time at=date/><span class="sub">{time.text}</span></td>
            <td class="full"><Status state note/></td>
            <td class="num lead">{resend}</td>
        </tr>
    }
}

/// Sends an email again.
#[server(prefix = "/do", endpoint = "email/resend")]
pub async fn resend_email(
    /// The program.
    #[server(default)]
    program: String,
    /// The email.
    #[server(default)]
    email: String,
) -> Result<(), ServerFnError> {
    let back = routes::of_form(&program, |program| program.settings().emails());
    finish(Submission::new(ResendEmail::PATH, back.clone()), async {
        let (actor, program) = (merchant().await?, program_of(&program)?);
        let email: MailId = email.parse().map_err(|_| Refusal::NotFound)?;
        mail_log::resend(&engine(), &actor, &program, &email).await?;
        Ok(Redirect::to(back).with_flash(Flash::done("Sent again. It may take a minute to arrive.")))
    })
    .await
}
