//! Requiring two-step sign-in of everyone in the company.

use engine::identity::two_step;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{Card, CardBody, Checkbox, FormActions};
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Flash, FormState};
use crate::request::access::{engine, merchant};
use crate::routes;

/// The setting, for an owner.
pub(super) fn team_card(is_required: bool, form: FormState) -> AnyView {
    view! {
        <Card id="team-sign-in" title="Team sign-in">
            <CardBody>
                <form class="form" method="post" action=RequireTwoStep::PATH novalidate>
                    <Checkbox
                        field=form.field("required", "")
                        checked=form.is_checked("required", is_required)
                        label="Require two-step sign-in".into_any()
                        hint="Members set it up before they see anything of the company. API keys work as before"
                    />
                    <FormActions submit="Save"/>
                </form>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// Sets whether everyone in the company must use two-step sign-in.
#[server(prefix = "/do", endpoint = "account/require-two-step")]
pub async fn require_two_step(
    /// Whether the box is ticked.
    #[server(default)]
    required: String,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(RequireTwoStep::PATH, routes::ACCOUNT).typed("required", &required);
    finish(sent, async {
        let required = !required.is_empty();
        two_step::require_of_team(&engine(), &merchant().await?, required).await?;
        let text =
            if required { "Two-step sign-in is now required." } else { "Two-step sign-in is now optional." };
        Ok(Redirect::to(routes::ACCOUNT).with_flash(Flash::done(text)))
    })
    .await
}
