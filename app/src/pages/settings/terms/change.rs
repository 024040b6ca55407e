//! The two steps of a change: looked at, then made.

use domain::fields::Problems;
use domain::terms::RulesInput;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::super::program_of;
use super::preview::preview_path;
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::request::access::{Refusal, engine, merchant};
use crate::routes;

/// Checks a change of the terms and shows what it would mean. Saves nothing.
#[server(prefix = "/do", endpoint = "terms/preview")]
pub async fn preview_terms(
    /// The program.
    #[server(default)]
    program: String,
    /// The form.
    #[server(default)]
    rules: RulesInput,
) -> Result<(), ServerFnError> {
    let sent =
        Submission::new(PreviewTerms::PATH, routes::of_form(&program, |program| program.settings().terms()))
            .with_values("rules", &rules);
    finish(sent, async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let recorded = engine::programs::get(&engine(), &actor, &id).await?;
        let mut problems = Problems::new();
        let Some(wished) = rules.parse(recorded.currency, &mut problems) else {
            return Err(Refusal::Engine(problems.into()));
        };
        let path = routes::program(&id).settings().terms();
        let current = engine::programs::terms::current(&engine(), &actor, &id).await?;
        if current.rules == wished {
            let flash = Flash::done("These are the terms in force. Nothing was changed.");
            return Ok(Redirect::to(path).with_flash(flash));
        }
        Ok(Redirect::to(preview_path(&path, &RulesInput::from_rules(&wished, recorded.currency))))
    })
    .await
}

/// Makes a new version of the terms that counts from now on.
#[server(prefix = "/do", endpoint = "terms/change")]
pub async fn change_terms(
    /// The program.
    #[server(default)]
    program: String,
    /// The form.
    #[server(default)]
    rules: RulesInput,
) -> Result<(), ServerFnError> {
    // The fields stand on the form of the preview, and so do their problems.
    let sent =
        Submission::new(PreviewTerms::PATH, routes::of_form(&program, |program| program.settings().terms()))
            .with_values("rules", &rules);
    finish(sent, async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let terms = engine::programs::terms::change(&engine(), &actor, &id, &rules).await?;
        let words = format!("Version {} of the terms is in force.", terms.version);
        Ok(Redirect::to(routes::program(&id).settings().terms()).with_flash(Flash::done(words)))
    })
    .await
}
