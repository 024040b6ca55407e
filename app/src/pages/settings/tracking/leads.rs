//! Leads: how to report them, what each way proves, and the secret that signs them.

use domain::leads::BrowserLeads;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::super::program_of;
use super::Sample;
use crate::components::{Card, CardBody, CopyField, Fact, Facts, Icon};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::layout::ProgramPage;
use crate::presenters::snippets::{LEAD_PAGE, LEAD_SIGNED, lead_server};
use crate::request::access::{Access, engine, merchant};
use crate::routes;

/// The ways to report leads.
pub(super) async fn leads_card(page: &ProgramPage, base: &str) -> Access<AnyView> {
    let program = page.program.id.as_str();
    let from_browsers = match page.program.browser_leads {
        BrowserLeads::Count => {
            "Counts if it arrives before the payment, from one of your domains, once per visitor, and if no other affiliate has a lead with the address. Otherwise the payment is listed under Unattributed, with the affiliates as suggestions"
        }
        BrowserLeads::Review => "Suggests an affiliate under Unattributed. You decide",
        BrowserLeads::Off => "Not accepted, as set under General",
    };
    let items = vec![
        Fact::new("Sent by your server", "Proof")
            .note("Counts at any time, and takes priority over leads from browsers"),
        Fact::new("Signed by your server", "Proof").note("Sent by the page, signed by your server"),
        Fact::new("Sent by the page", "Hint").note(from_browsers),
    ];
    let secret = match engine::tracking::leads::secret(&page.engine, &page.actor, &page.program.id).await {
        Ok(secret) => Some(view! { <Secret secret program=program.to_owned()/> }),
        Err(engine::Error::Forbidden(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let server = lead_server(base, program);
    let general = page.routes().settings().general();
    Ok(view! {
        <Card id="leads" title="Leads" aside=view! { <a href=general>"General"</a> }.into_any()>
            <CardBody>
                <p class="muted">"Report the email address when someone signs up. A payment with this address is then attributed even when the checkout carries no token, such as after a trial or on another device. Anyone can send a request from a browser, so it matters who reports it:"</p>
                <div class="gap-top"><Facts items/></div>
                <div class="stack tight gap-top">
                    <Sample id="lead-page" title="From the page" code=LEAD_PAGE open=true/>
                    <Sample id="lead-server" title="From your server" code=server/>
                    <Sample id="lead-signed" title="From the page, signed by your server" code=LEAD_SIGNED/>
                    {secret}
                    <p class="muted">"The address is only used to match payments. Affiliates never see it."</p>
                </div>
            </CardBody>
        </Card>
    }
    .into_any())
}

#[component]
fn Secret(secret: String, program: String) -> impl IntoView {
    view! {
        <details class="more">
            <summary><Icon name="right"/>"Lead secret"</summary>
            <div class="stack tight gap-top">
                <CopyField id="lead-secret" label="Lead secret" value=secret/>
                <p class="muted">"Signs leads. Keep it on your server. Replacing it makes earlier signatures invalid at once."</p>
                <form method="post" action=RenewLeadSecret::PATH>
                    <input type="hidden" name="program" value=program/>
                    <button class="button">"Replace secret"</button>
                </form>
            </div>
        </details>
    }
}

/// Replaces the secret that signs leads.
#[server(prefix = "/do", endpoint = "tracking/lead-secret")]
pub async fn renew_lead_secret(
    /// The program.
    #[server(default)]
    program: String,
) -> Result<(), ServerFnError> {
    let to = routes::of_form(&program, |program| program.settings().tracking());
    finish(Submission::new(RenewLeadSecret::PATH, to), async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        engine::tracking::leads::renew_secret(&engine(), &actor, &id).await?;
        let to = format!("{}#leads", routes::program(&id).settings().tracking());
        Ok(Redirect::to(to).with_flash(Flash::done("Lead secret replaced.")))
    })
    .await
}
