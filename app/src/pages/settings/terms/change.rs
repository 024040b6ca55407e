//! The two steps of a change of the terms: previewed, then saved.

use domain::fields::Problems;
use domain::ids::ProgramId;
use domain::terms::Terms;
use engine::identity::sessions::MerchantActor;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::super::program_of;
use super::{Step, proposal};
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Flash, RewardEdit, RewardForm, TermsForm};
use crate::request::access::{Access, engine, merchant};
use crate::routes;

/// Reads the form in the currency of its program.
async fn read(
    form: &TermsForm,
    rewards: &[RewardForm],
    actor: &MerchantActor,
    program: &ProgramId,
) -> Access<Terms> {
    let currency = engine::programs::get(&engine(), actor, program).await?.currency;
    let mut problems = Problems::new();
    match form.terms(rewards, currency, &mut problems) {
        Some(terms) if problems.is_empty() => {
            Ok(engine::programs::terms::proposed(&engine(), actor, program, &terms.into()).await?)
        }
        _ => Err(engine::Error::from(problems).into()),
    }
}

/// The form, as it was sent.
fn sent(program: &str, terms: &TermsForm, rewards: &[RewardForm], place: &str) -> Submission {
    let page = routes::of_form(program, |program| program.settings().terms());
    Submission::new(PreviewTerms::PATH, format!("{page}{place}"))
        .with_values("terms", terms)
        .with_values("rewards", &rewards)
}

/// Shows the form again with a change of its rewards, at the one that it is about.
async fn edited(
    program: &str,
    terms: &TermsForm,
    mut rewards: Vec<RewardForm>,
    edit: RewardEdit,
) -> Result<(), ServerFnError> {
    if rewards.is_empty() {
        rewards.push(terms.as_reward());
    }
    let place = edit.apply(&mut rewards) + 1;
    let sent = sent(program, terms, &rewards, &format!("#reward-{place}"));
    finish(sent, async {
        merchant().await?;
        // Nothing is wrong: the form is shown again.
        Err(engine::Error::from(Problems::new()).into())
    })
    .await
}

/// Checks a change of the terms and shows what it would mean. Saves nothing.
#[server(prefix = "/do", endpoint = "terms/preview")]
pub async fn preview_terms(
    /// The program.
    #[server(default)]
    program: String,
    /// The form.
    #[server(default)]
    terms: TermsForm,
    /// The rewards; none where it is the one simple reward of the form.
    #[server(default)]
    rewards: Vec<RewardForm>,
    /// The button inside the list of rewards that sent it.
    #[server(default)]
    edit: String,
) -> Result<(), ServerFnError> {
    if let Some(edit) = RewardEdit::read(&edit) {
        return edited(&program, &terms, rewards, edit).await;
    }
    finish(sent(&program, &terms, &rewards, ""), async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let terms = read(&terms, &rewards, &actor, &id).await?;
        let path = routes::program(&id).settings().terms();
        let current = engine::programs::terms::current(&engine(), &actor, &id).await?;
        if current.terms == terms {
            let flash = Flash::done("These terms are already in effect. Nothing was changed.");
            return Ok(Redirect::to(path).with_flash(flash));
        }
        proposal::keep(&id, terms).await?;
        Ok(Redirect::to(Step::Preview.on(&path)))
    })
    .await
}

/// Adds a new version of the terms that starts now.
#[server(prefix = "/do", endpoint = "terms/change")]
pub async fn change_terms(
    /// The program.
    #[server(default)]
    program: String,
    /// The form, as it was previewed.
    #[server(default)]
    terms: TermsForm,
    /// The rewards, as they were previewed.
    #[server(default)]
    rewards: Vec<RewardForm>,
) -> Result<(), ServerFnError> {
    // The fields are in the form that asks for the preview, and so are their problems.
    finish(sent(&program, &terms, &rewards, ""), async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let terms = read(&terms, &rewards, &actor, &id).await?;
        let version = engine::programs::terms::change(&engine(), &actor, &id, &terms.into()).await?;
        proposal::discard().await?;
        let text = format!("Version {} of the terms is in effect.", version.version);
        Ok(Redirect::to(routes::program(&id).settings().terms()).with_flash(Flash::done(text)))
    })
    .await
}
