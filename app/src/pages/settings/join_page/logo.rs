//! The logo of a program: uploaded and removed.

use domain::files::FilePurpose;
use engine::programs::files::File;
use engine::programs::logos;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::program_of;
use crate::components::{Card, CardBody, UploadForm};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::layout::ProgramPage;
use crate::presenters::files::{accepted, file_note};
use crate::request::access::{engine, merchant};
use crate::routes;

/// The card with a program's logo.
pub(super) fn logo_card(page: &ProgramPage, logo: Option<File>) -> impl IntoView + use<> {
    let program = page.program.id.to_string();
    let present = logo.map(|file| {
        let alt = format!("Logo of {}", page.program.name);
        view! {
            <div class="present-logo">
                <img class="logo" src=routes::logo(&file.id) alt=alt/>
                <span class="muted small">{file_note(&file)}</span>
                <form method="post" action=RemoveLogo::PATH>
                    <input type="hidden" name="program" value=program/>
                    <button class="button quiet">"Remove"</button>
                </form>
            </div>
        }
    });
    let action = page.routes().settings().upload_logo();
    view! {
        <Card id="logo" title="Logo">
            <CardBody>
                {present}
                <UploadForm
                    action
                    label="Picture"
                    hint="PNG, JPEG or WebP, up to 256 KB. It is shown 32 pixels high"
                    accept=accepted(FilePurpose::Logo)
                    submit="Upload logo"
                />
            </CardBody>
        </Card>
    }
}

/// Removes the logo of a program.
#[server(prefix = "/do", endpoint = "join-page/remove-logo")]
pub async fn remove_logo(
    /// The program.
    #[server(default)]
    program: String,
) -> Result<(), ServerFnError> {
    let back = routes::of_form(&program, |program| program.settings().join_page());
    finish(Submission::new(RemoveLogo::PATH, &back), async {
        logos::remove(&engine(), &merchant().await?, &program_of(&program)?).await?;
        Ok(Redirect::to(&back).with_flash(Flash::done("Logo removed.")))
    })
    .await
}
