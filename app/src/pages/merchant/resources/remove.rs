//! Deleting a resource.

use engine::programs::resources;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::request::access::{Refusal, engine, merchant};
use crate::routes;

/// Deletes a file or a text.
#[server(prefix = "/do", endpoint = "resources/delete")]
pub async fn delete_resource(
    /// The program.
    #[server(default)]
    program: String,
    /// The resource.
    #[server(default)]
    resource: String,
) -> Result<(), ServerFnError> {
    let back = routes::of_form(&program, |program| program.resources());
    finish(Submission::new(DeleteResource::PATH, &back), async {
        let (actor, program) = (merchant().await?, program.parse().map_err(|_| Refusal::NotFound)?);
        let id = resource.parse().map_err(|_| Refusal::NotFound)?;
        let deleted = resources::delete(&engine(), &actor, &program, &id).await?;
        Ok(Redirect::to(&back).with_flash(Flash::done(format!("{} deleted.", deleted.title))))
    })
    .await
}
