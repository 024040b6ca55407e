//! Pausing, archiving and resuming a program, after showing the consequences.

use domain::programs::{ProgramChange, ProgramStatus};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::program_of;
use crate::components::{Card, CardBody, DangerCard, MerchantShell, PageHead};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::layout::{ProgramPage, Section};
use crate::presenters::labels::program_state;
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::request::queries::Parameters;
use crate::routes;
use crate::text::{money, plural};

/// The parameter that asks before the status is changed.
const ASK: &str = "change";

/// The cards at the foot of the page: what can be done to the whole program.
pub(super) fn status_cards(page: &ProgramPage) -> AnyView {
    let ask = |status: ProgramStatus| {
        Parameters::default().with(ASK, status.word()).on(&page.routes().settings().general())
    };
    let (pause, archive) = (ask(ProgramStatus::Paused), ask(ProgramStatus::Archived));
    let archive = view! {
        <DangerCard
            id="archive"
            title="Archive the program"
            consequence="Ends the program. Links keep working, but clicks aren’t tracked and payments earn no commission. You still owe what affiliates have earned."
        >
            <a class="button danger" href=archive>"Archive…"</a>
        </DangerCard>
    };
    let resume = |words: &'static str| {
        let program = page.program.id.to_string();
        view! { <SetStatus program status=ProgramStatus::Active words class="button"/> }
    };
    match page.program.status {
        ProgramStatus::Active => view! {
            <DangerCard
                id="pause"
                title="Pause the program"
                consequence="Clicks aren’t tracked while the program is paused. Affiliates keep earning on customers they already referred."
            >
                <a class="button" href=pause>"Pause…"</a>
            </DangerCard>
            {archive}
        }
        .into_any(),
        ProgramStatus::Paused => {
            let resume = resume("Resume the program");
            view! {
            <DangerCard id="resume" title="The program is paused" consequence="New clicks aren’t tracked. Affiliates keep earning on customers they already referred.">
                {resume}
            </DangerCard>
            {archive}
        }
        .into_any()
        }
        ProgramStatus::Archived => {
            let resume = resume("Reactivate the program");
            view! {
            <DangerCard id="resume" title="The program is archived" consequence="Clicks aren’t tracked and payments earn no commission. If you reactivate the program, payments made while it was archived still earn nothing.">
                {resume}
            </DangerCard>
        }
        .into_any()
        }
    }
}

/// The page that asks before a program is paused or archived; nothing when the address
/// asks for neither.
pub(super) async fn ask(page: &ProgramPage, parameters: &Parameters) -> Access<Option<AnyView>> {
    let wanted = parameters.get(ASK).and_then(ProgramStatus::from_word);
    let Some(status) = wanted.filter(|status| *status != page.program.status) else { return Ok(None) };
    let (verb, class) = match status {
        ProgramStatus::Paused => ("Pause", "button primary large"),
        ProgramStatus::Archived => ("Archive", "button danger large"),
        ProgramStatus::Active => return Ok(None),
    };
    let totals = engine::programs::totals(&page.engine, &page.actor, &page.program.id).await?;
    let heading = format!("{verb} {}?", page.program.name);
    page.title(&heading, false);
    let (id, back) = (page.program.id.to_string(), page.routes().settings().general());
    let actions = view! {
        <div class="form-actions">
            <SetStatus program=id status words=format!("{verb} the program") class/>
            <a class="button quiet large" href=back>"Cancel"</a>
        </div>
    };
    let crumbs = page.crumbs(&[("Settings", page.routes().settings().general())], verb);
    let state = program_state(page.program.status);
    let consequences =
        consequences(status, &totals).into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    Ok(Some(
        view! {
            <MerchantShell frame=page.frame(Section::General) crumbs narrow=true>
                <PageHead title=heading state/>
                <Card id="consequences" title="Consequences" foot=actions.into_any()>
                    <CardBody><ul class="stack tight">{consequences}</ul></CardBody>
                </Card>
            </MerchantShell>
        }
        .into_any(),
    ))
}

fn consequences(status: ProgramStatus, totals: &engine::programs::ProgramTotals) -> Vec<String> {
    let owed: Vec<String> = totals
        .owed
        .iter()
        .filter(|balance| balance.earned != 0)
        .map(|balance| money(balance.earned, balance.currency))
        .collect();
    let owed = if owed.is_empty() {
        "You owe nothing right now.".to_owned()
    } else {
        format!("You still owe {}.", owed.join(" and "))
    };
    let affiliates = plural(totals.active_affiliates, "affiliate", "affiliates");
    let conversions = plural(totals.conversions, "conversion", "conversions");
    match status {
        ProgramStatus::Paused => vec![
            format!("Links of {affiliates} keep working, but new clicks aren’t tracked."),
            "Affiliates keep earning on customers they already referred, and on clicks from before the pause."
                .to_owned(),
            format!("{conversions} and all balances are kept. {owed}"),
            "You can resume the program at any time. Clicks made while it is paused never count.".to_owned(),
        ],
        _ => vec![
            format!("Links of {affiliates} keep working, but clicks aren’t tracked."),
            "No payments are credited, including renewals by customers already referred.".to_owned(),
            format!("{conversions} and all balances are kept. {owed}"),
            "Refunds and disputes of earlier payments are still processed.".to_owned(),
            "You can reactivate the program. Payments made while it is archived never earn a commission."
                .to_owned(),
        ],
    }
}

#[component]
fn SetStatus(
    program: String,
    status: ProgramStatus,
    #[prop(into)] words: String,
    class: &'static str,
) -> impl IntoView {
    view! {
        <form method="post" action=SetProgramStatus::PATH>
            <input type="hidden" name="program" value=program/>
            <input type="hidden" name="status" value=status.word()/>
            <button class=class>{words}</button>
        </form>
    }
}

/// Pauses, archives or resumes a program.
#[server(prefix = "/do", endpoint = "program/status")]
pub async fn set_program_status(
    /// The program.
    #[server(default)]
    program: String,
    /// `active`, `paused` or `archived`.
    #[server(default)]
    status: String,
) -> Result<(), ServerFnError> {
    finish(
        Submission::new(
            SetProgramStatus::PATH,
            routes::of_form(&program, |program| program.settings().general()),
        ),
        async {
            let (actor, id) = (merchant().await?, program_of(&program)?);
            let status = ProgramStatus::from_word(&status).ok_or(Refusal::NotFound)?;
            engine::programs::change(&engine(), &actor, &id, &ProgramChange::status(status)).await?;
            let words = match status {
                ProgramStatus::Active => "The program is active. Clicks count from now on.",
                ProgramStatus::Paused => "The program is paused. New clicks aren’t tracked.",
                ProgramStatus::Archived => "The program is archived. New payments aren’t credited.",
            };
            Ok(Redirect::to(routes::program(&id).settings().general()).with_flash(Flash::done(words)))
        },
    )
    .await
}
