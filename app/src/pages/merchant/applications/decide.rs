//! Deciding on applications: one from its row, or several that were selected.

use std::collections::BTreeMap;

use domain::affiliates::StatusReason;
use domain::ids::ApplicationId;
use engine::programs::applications::{self, Application};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{Icon, TextArea};
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Flash, FormState};
use crate::layout::ProgramPage;
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::routes;
use crate::text::plural;

/// The subject of the form for the selected applications.
const BULK: &str = "bulk";
const APPROVE: &str = "approve";
const DECLINE: &str = "decline";

const REASON_HINT: &str = "We mail it to the applicant, who can apply again after 30 days";

/// The name of the field with the reason for a subject.
fn reason_field(subject: &str) -> String {
    format!("reasons[{subject}]")
}

/// The forms of one application: approve, and decline with a reason.
pub(super) fn decision_forms(
    page: &ProgramPage,
    application: &Application,
    form: &FormState,
) -> impl IntoView + use<> {
    let program = page.program.id.to_string();
    let id = application.id.to_string();
    let hidden = |decision: &'static str| {
        view! {
            <input type="hidden" name="program" value=program.clone()/>
            <input type="hidden" name="subject" value=id.clone()/>
            <input type="hidden" name="applications[]" value=id.clone()/>
            <input type="hidden" name="decision" value=decision/>
        }
    };
    let reason = form.field(&reason_field(&id), "");
    let label = format!("Reason to decline {}", application.name);
    view! {
        <div class="verdict">
            <form method="post" action=DecideApplications::PATH>
                {hidden(APPROVE)}
                <button class="button"><Icon name="check"/>"Approve"</button>
            </form>
            <form class="form" method="post" action=DecideApplications::PATH novalidate>
                {hidden(DECLINE)}
                <TextArea field=reason label hint=REASON_HINT/>
                <div class="form-actions"><button class="button danger">"Decline and send"</button></div>
            </form>
        </div>
    }
}

/// The form for all selected applications.
pub(super) fn bulk_form(page: &ProgramPage, form: &FormState) -> impl IntoView + use<> {
    let reason = form.field(&reason_field(BULK), "");
    let is_open = reason.error.is_some();
    view! {
        <form class="bulk" id="bulk" method="post" action=DecideApplications::PATH novalidate>
            <input type="hidden" name="program" value=page.program.id.to_string()/>
            <input type="hidden" name="subject" value=BULK/>
            <b>"Selected applications"</b>
            <button class="button" name="decision" value=APPROVE><Icon name="check"/>"Approve"</button>
            <details open=is_open>
                <summary class="button">"Decline…"</summary>
                <div class="form">
                    <TextArea field=reason label="Reason to decline them" hint=REASON_HINT/>
                    <button class="button danger" name="decision" value=DECLINE>"Decline and send"</button>
                </div>
            </details>
        </form>
    }
}

/// Approves or declines applications.
#[server(prefix = "/do", endpoint = "applications/decide")]
pub async fn decide_applications(
    /// The program.
    #[server(default)]
    program: String,
    /// The applications.
    #[server(default)]
    applications: Vec<String>,
    /// `approve` or `decline`.
    #[server(default)]
    decision: String,
    /// The form's own application, or `bulk`.
    #[server(default)]
    subject: String,
    /// Why they are declined, by the subject.
    #[server(default)]
    reasons: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let back = routes::of_form(&program, |program| program.applications());
    let reason = reasons.get(&subject).cloned().unwrap_or_default();
    let sent = Submission::new(DecideApplications::PATH, &back)
        .typed("subject", &subject)
        .typed(&reason_field(&subject), &reason);
    finish(sent, async {
        let (actor, program) = (merchant().await?, program.parse().map_err(|_| Refusal::NotFound)?);
        let ids: Vec<ApplicationId> = applications
            .iter()
            .map(|id| id.parse())
            .collect::<Result<_, _>>()
            .map_err(|_| Refusal::NotFound)?;
        if ids.is_empty() {
            return Ok(Redirect::to(&back).with_flash(Flash::problem("Select at least one application.")));
        }
        let done = match decision.as_str() {
            APPROVE => {
                let number = applications::approve(&engine(), &actor, &program, &ids).await?;
                format!("{} approved.", applications_text(number))
            }
            DECLINE => {
                let reason = reason_of(&subject, &reason)?;
                let number = applications::decline(&engine(), &actor, &program, &ids, &reason).await?;
                format!("{} declined.", applications_text(number))
            }
            _ => return Err(Refusal::NotFound),
        };
        Ok(Redirect::to(&back).with_flash(Flash::done(done)))
    })
    .await
}

/// The reason, or its problem at the subject's own field.
fn reason_of(subject: &str, reason: &str) -> Access<StatusReason> {
    let problem = |message: String| Refusal::Engine(engine::Error::field(subject, message));
    let reason = StatusReason::parse(reason).map_err(problem)?;
    reason.ok_or_else(|| problem(StatusReason::ASK_APPLICANT.to_owned()))
}

fn applications_text(number: usize) -> String {
    plural(i64::try_from(number).unwrap_or(i64::MAX), "application", "applications")
}
