//! A form with a file. It posts to a route of its own, because its answer is no server function's.

use leptos::prelude::*;

/// A form that uploads a file.
#[component]
pub fn UploadForm(
    /// Where it is posted.
    #[prop(into)]
    action: String,
    /// What is uploaded: "Logo".
    #[prop(into)]
    label: String,
    /// What is accepted.
    #[prop(into)]
    hint: String,
    /// The types that a browser offers: a list of endings.
    accept: &'static str,
    /// The button: "Upload".
    #[prop(into)]
    submit: String,
) -> impl IntoView {
    view! {
        <form class="form upload" method="post" action=action enctype="multipart/form-data">
            <div class="field">
                <label for="file">{label}</label>
                <p class="hint" id="file-hint">{hint}</p>
                <input type="file" id="file" name="file" accept=accept required aria-describedby="file-hint"/>
            </div>
            <div class="form-actions"><button class="button">{submit}</button></div>
        </form>
    }
}
