//! Emails that were sent in a program's name.

use axum::extract::State;
use domain::emails::Email;
use domain::ids::{MailId, ProgramId};
use domain::mails::MailStatus;
use engine::Engine;
use engine::mail_log::{self, LoggedMail, Narrowing};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Ids, Query};
use super::formats::Time;
use super::idempotency::IdempotencyHeader;
use super::page::{Cursor, Item, List, Paging};
use super::paths::{EmailPath, ProgramPath};
use super::problem::{ApiResult, Problem};

/// An email that was sent in a program's name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Email)]
pub struct EmailBody {
    #[schema(value_type = String, example = "eml_01h455vb4pex5vsknk084sn02q")]
    id: MailId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    #[schema(value_type = enum_schemas::EmailKind)]
    kind: &'static str,
    /// The recipient.
    #[schema(value_type = String, example = "mira@deskandmargin.example")]
    to: Email,
    #[schema(example = "You were paid 120.00 USD by Lumen Partners")]
    subject: String,
    #[schema(value_type = enum_schemas::EmailStatus)]
    status: &'static str,
    /// What the mail server answered when it didn't take the email.
    #[schema(example = "550 5.1.1 no such user")]
    reply: Option<String>,
    /// Whether it can be sent again.
    resendable: bool,
    created_at: Time,
    /// When the mail server took or rejected it.
    settled_at: Option<Time>,
}

impl From<LoggedMail> for EmailBody {
    fn from(mail: LoggedMail) -> Self {
        Self {
            resendable: mail_log::can_be_resent(&mail),
            id: mail.id,
            program_id: mail.program_id,
            kind: mail.kind.word(),
            to: mail.email,
            subject: mail.subject,
            status: mail.status.word(),
            reply: mail.reply.map(|reply| reply.to_string()),
            created_at: mail.created_at.into(),
            settled_at: mail.settled_at.map(Time::from),
        }
    }
}

/// Filters of the list of emails.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EmailFilter {
    /// Only emails with this status.
    #[param(value_type = Option<enum_schemas::EmailStatus>, inline)]
    status: Option<String>,
    /// Only emails to this address. Can't be combined with `status`.
    #[param(value_type = Option<String>)]
    to: Option<String>,
}

impl EmailFilter {
    fn read(&self) -> ApiResult<Narrowing> {
        match (&self.status, &self.to) {
            (Some(_), Some(_)) => {
                Err(Problem::parameter("to", "Filter by status or by address, not by both"))
            }
            (Some(word), None) => MailStatus::from_word(word)
                .map(Narrowing::Status)
                .ok_or_else(|| Problem::parameter("status", "Choose one of waiting, sent, refused, failed")),
            (None, Some(to)) => {
                let email =
                    to.parse::<Email>().map_err(|error| Problem::parameter("to", error.to_string()))?;
                Ok(Narrowing::To(email))
            }
            (None, None) => Ok(Narrowing::All),
        }
    }
}

/// List emails
/// Newest first, for 90 days. Emails about a person's own account, such as links to sign in, are not
/// listed.
#[utoipa::path(
    get,
    path = "/programs/{programId}/emails",
    tag = "programs",
    operation_id = "listEmails",
    params(ProgramPath, EmailFilter, Paging),
    responses((status = 200, description = "A page of emails", body = List<EmailBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(filter): Query<EmailFilter>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<EmailBody>> {
    let page = paging.read()?;
    let (narrowing, before) = (filter.read()?, page.after_id::<MailId>()?);
    let (merchant, program) = (actor.merchant(), &path.program_id);
    let rows = mail_log::list(&engine, merchant, program, &narrowing, before.as_ref(), page.fetch()).await?;
    Ok(List::of(rows, &page, |row| Cursor::by_id(&row.id), EmailBody::from))
}

/// Send an email again
/// An invitation gets a new link, and appears in the list as a new email.
#[utoipa::path(
    post,
    path = "/programs/{programId}/emails/{emailId}/resend",
    tag = "programs",
    operation_id = "resendEmail",
    params(EmailPath, IdempotencyHeader),
    responses((status = 200, description = "The email", body = Item<EmailBody>), WriteRefusals),
)]
pub async fn resend(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<EmailPath>,
) -> ApiResult<Item<EmailBody>> {
    let mail = mail_log::resend(&engine, actor.merchant(), &path.program_id, &path.email_id).await?;
    Ok(Item::of(mail.into()))
}
