//! Changing the address that the person signs in with.

use engine::identity::email_change::{self, EmailChange};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

use crate::components::{Card, CardBody, EmailField, FormActions, PasswordField};
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Flash, FormState};
use crate::request::access::{account, engine};
use crate::routes;

/// The form, and the change that waits to be confirmed.
pub(super) fn email_card(pending: Option<EmailChange>, has_two_step: bool, form: FormState) -> AnyView {
    let pending = pending.map(|change| {
        view! { <p>{format!("We’ve sent {} a link. The change holds when you confirm it there.", change.to)}</p> }
    });
    view! {
        <Card id="email" title="Email">
            <CardBody>
                <div class="stack tight">
                    {pending}
                    <form class="form" method="post" action=ChangeEmail::PATH novalidate>
                        <EmailField field=form.field("address[email]", "") label="New email"/>
                        <PasswordField field=form.field("address[password]", "") label=super::secret_label(has_two_step)/>
                        <FormActions submit="Change email"/>
                    </form>
                </div>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// The fields of the form.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EmailForm {
    /// The new address.
    pub email: String,
    /// The password or a code; never kept.
    pub password: String,
}

/// Asks for another address: it holds when it is confirmed from its mailbox.
#[server(prefix = "/do", endpoint = "account/email")]
pub async fn change_email(
    /// The form.
    #[server(default)]
    address: EmailForm,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(ChangeEmail::PATH, routes::ACCOUNT).with_values("address", &address);
    finish(sent, async {
        email_change::request(&engine(), &account().await?, &address.email, &address.password).await?;
        let flash = Flash::done("Check your new mailbox: the change holds when you confirm it there.");
        Ok(Redirect::to(routes::ACCOUNT).with_flash(flash))
    })
    .await
}
