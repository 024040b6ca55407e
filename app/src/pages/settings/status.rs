//! Pausing, archiving and resuming a program: what follows is said first.

use domain::programs::{ProgramChange, ProgramStatus};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{page_of, program_of};
use crate::components::{Card, CardBody, DangerCard, MerchantShell, PageHead};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::layout::{ProgramPage, Section, program_path};
use crate::presenters::labels::program_state;
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::request::queries::Parameters;
use crate::text::{money, plural};

/// The parameter that asks before the status is changed.
const ASK: &str = "change";

/// The cards at the foot of the page: what can be done to the whole program.
pub(super) fn status_cards(page: &ProgramPage) -> AnyView {
    let ask =
        |status: ProgramStatus| Parameters::default().with(ASK, status.word()).on(&page.path("settings"));
    let (pause, archive) = (ask(ProgramStatus::Paused), ask(ProgramStatus::Archived));
    let archive = view! {
        <DangerCard
            id="archive"
            title="Archive the program"
            consequence="Ends it: links lead to your site without a click, and payments earn nobody anything any more. What was earned stays owed."
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
                consequence="Clicks do not count while it is paused. Customers who are bound to an affiliate already go on earning for them."
            >
                <a class="button" href=pause>"Pause…"</a>
            </DangerCard>
            {archive}
        }
        .into_any(),
        ProgramStatus::Paused => {
            let resume = resume("Resume the program");
            view! {
            <DangerCard id="resume" title="The program is paused" consequence="Clicks do not count. Customers who were bound before go on earning for their affiliates.">
                {resume}
            </DangerCard>
            {archive}
        }
        .into_any()
        }
        ProgramStatus::Archived => {
            let resume = resume("Take it up again");
            view! {
            <DangerCard id="resume" title="The program is archived" consequence="Clicks do not count and payments earn nobody anything. Payments made meanwhile stay without a commission when you take it up again.">
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
    let stake = engine::programs::impact(&page.engine, &page.actor, &page.program.id).await?;
    let heading = format!("{verb} {}?", page.program.name);
    page.title(&heading, false);
    let (id, back) = (page.program.id.to_string(), page.path("settings"));
    let actions = view! {
        <div class="form-actions">
            <SetStatus program=id status words=format!("{verb} the program") class/>
            <a class="button quiet large" href=back>"Cancel"</a>
        </div>
    };
    let crumbs = page.crumbs(&[("Settings", "settings")], verb);
    let state = program_state(page.program.status);
    let consequences =
        consequences(status, &stake).into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    Ok(Some(
        view! {
            <MerchantShell frame=page.frame(Section::General) crumbs narrow=true>
                <PageHead title=heading state/>
                <Card id="consequences" title="What follows" foot=actions.into_any()>
                    <CardBody><ul class="stack tight">{consequences}</ul></CardBody>
                </Card>
            </MerchantShell>
        }
        .into_any(),
    ))
}

fn consequences(status: ProgramStatus, stake: &engine::programs::Impact) -> Vec<String> {
    let owed: Vec<String> = stake
        .owed
        .iter()
        .filter(|balance| balance.earned != 0)
        .map(|balance| money(balance.earned, balance.currency))
        .collect();
    let owed = if owed.is_empty() {
        "Nothing is owed at present.".to_owned()
    } else {
        format!("{} stay owed.", owed.join(" and "))
    };
    let affiliates = plural(stake.active_affiliates, "affiliate", "affiliates");
    let conversions = plural(stake.conversions, "conversion", "conversions");
    match status {
        ProgramStatus::Paused => vec![
            format!("The links of {affiliates} lead to your site, but new clicks do not count."),
            "Customers who are bound already, or who clicked before the pause, are credited as before."
                .to_owned(),
            format!("{conversions} and all balances stay. {owed}"),
            "You can resume it at any time. Clicks made meanwhile stay without effect.".to_owned(),
        ],
        _ => vec![
            format!("The links of {affiliates} lead to your site, but clicks do not count."),
            "No payment is credited any more, renewals of bound customers included.".to_owned(),
            format!("{conversions} and all balances stay. {owed}"),
            "Refunds and disputes of earlier payments are still followed.".to_owned(),
            "You can take it up again. Payments made meanwhile stay without a commission.".to_owned(),
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
    finish(Submission::new(SetProgramStatus::PATH, page_of(&program, "settings")), async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let status = ProgramStatus::from_word(&status).ok_or(Refusal::NotFound)?;
        engine::programs::change(&engine(), &actor, &id, &ProgramChange::status(status)).await?;
        let words = match status {
            ProgramStatus::Active => "The program runs. Clicks count from now on.",
            ProgramStatus::Paused => "The program is paused. New clicks do not count.",
            ProgramStatus::Archived => "The program is archived. Nothing is credited any more.",
        };
        Ok(Redirect::to(program_path(&id, "settings")).with_flash(Flash::done(words)))
    })
    .await
}
