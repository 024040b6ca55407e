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
use crate::forms::{Flash, TermsForm};
use crate::request::access::{Access, engine, merchant};
use crate::routes;

/// Reads the form in the currency of its program.
async fn read(form: &TermsForm, actor: &MerchantActor, program: &ProgramId) -> Access<Terms> {
    let currency = engine::programs::get(&engine(), actor, program).await?.currency;
    let mut problems = Problems::new();
    match form.terms(currency, &mut problems) {
        Some(terms) => Ok(terms),
        None => Err(engine::Error::from(problems).into()),
    }
}

/// The form that was sent. The fields are in the form that asks for the preview, and so are their
/// problems.
fn submission(program: &str, terms: &TermsForm) -> Submission {
    let back = routes::of_form(program, |program| program.settings().terms());
    Submission::new(PreviewTerms::PATH, back).with_values("terms", terms)
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
) -> Result<(), ServerFnError> {
    finish(submission(&program, &terms), async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let terms = read(&terms, &actor, &id).await?;
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
) -> Result<(), ServerFnError> {
    finish(submission(&program, &terms), async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let terms = read(&terms, &actor, &id).await?;
        let version = engine::programs::terms::change(&engine(), &actor, &id, &terms.into()).await?;
        proposal::discard().await?;
        let text = format!("Version {} of the terms is in effect.", version.version);
        Ok(Redirect::to(routes::program(&id).settings().terms()).with_flash(Flash::done(text)))
    })
    .await
}
