//! The integration check: a line for each part of the way, a test sale, and what to do
//! when something does not work.

use domain::diagnostics::{Check, CheckVerdict, TestSaleStep};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::super::program_of;
use crate::components::{Card, CardBody, Cell, HealthItem, HealthList, Icon, Report, ReportStep, Tone};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish, take_once};
use crate::layout::ProgramPage;
use crate::presenters::diagnostics::{check_text, test_sale_text};
use crate::request::access::{Access, engine, merchant};
use crate::routes;

/// The session key of a test sale's steps, which are shown once.
const SALE: &str = "test-sale";

/// The card of the check, with the test sale that was just made.
pub(super) async fn check_card(page: &ProgramPage) -> Access<AnyView> {
    let checks =
        engine::diagnostics::checks::integration(&page.engine, &page.actor, &page.program.id).await?;
    let sale = take_once::<Vec<TestSaleStep>>(SALE).await.map(|steps| sale(&steps));
    let bad = checks.iter().filter(|check| check.verdict == CheckVerdict::Bad).count();
    let aside = (bad > 0).then(|| view! { <p>{format!("{bad} to fix")}</p> }).into_any();
    let items = checks.iter().map(health_item).collect();
    let id = page.program.id.to_string();
    Ok(view! {
        <Card id="check" title="Integration check" aside>
            <HealthList items/>
            <CardBody>
                <form class="stack tight" method="post" action=TestSale::PATH>
                    <input type="hidden" name="program" value=id/>
                    <p class="muted">"A test sale runs a click, a signed event and a conversion under your current terms. It uses a separate ledger that is deleted afterwards, so your numbers don’t change."</p>
                    <p><button class="button">"Make a test sale"</button></p>
                </form>
            </CardBody>
            {sale}
        </Card>
    }
    .into_any())
}

fn health_item(check: &Check) -> HealthItem {
    let text = check_text(check);
    let item = match check.verdict {
        CheckVerdict::Good => HealthItem::good(text.title, "in place"),
        CheckVerdict::Waiting => HealthItem::waiting(text.title, "not known yet"),
        CheckVerdict::Bad => HealthItem::bad(text.title, "to fix"),
    };
    let note = match text.remedy {
        Some(remedy) => format!("{} {remedy}", text.finding),
        None => text.finding,
    };
    item.note(note)
}

fn sale(steps: &[TestSaleStep]) -> AnyView {
    let steps = steps.iter().map(sale_step).collect();
    view! { <div id="test-sale"><Report steps/></div> }.into_any()
}

fn sale_step(step: &TestSaleStep) -> ReportStep {
    let (cell, tone, word) = if step.has_passed() {
        (Cell::Paid, Tone::Success, "passed")
    } else {
        (Cell::Alert, Tone::Danger, "failed")
    };
    let text = test_sale_text(step);
    let finding = text.finding;
    ReportStep { cell, tone, title: text.title.to_owned(), word: word.to_owned(), text: finding.into_any() }
}

/// Makes a test sale and shows its steps.
#[server(prefix = "/do", endpoint = "tracking/test-sale")]
pub async fn test_sale(
    /// The program.
    #[server(default)]
    program: String,
) -> Result<(), ServerFnError> {
    finish(
        Submission::new(TestSale::PATH, routes::of_form(&program, |program| program.settings().tracking())),
        async {
            let (actor, id) = (merchant().await?, program_of(&program)?);
            let steps = engine::diagnostics::test_sale::run(&engine(), &actor, &id).await?;
            let flash = if steps.iter().all(TestSaleStep::has_passed) {
                Flash::done("Test sale passed.")
            } else {
                Flash::problem("Test sale failed. The report below says where.")
            };
            let to = format!("{}#check", routes::program(&id).settings().tracking());
            Ok(Redirect::to(to).with_flash(flash).showing_once(SALE, &steps))
        },
    )
    .await
}

/// Common problems and their solutions.
#[component]
pub(super) fn Troubleshooting(stripe: String, events: String, unattributed: String) -> impl IntoView {
    let to = |href: &str, text: &'static str| view! { <a href=href.to_owned()>{text}</a> }.into_any();
    let settings = to(&stripe, "Settings > Stripe");
    let repair = to(&stripe, "Repair Webhooks");
    let secrets = to(&stripe, "Settings > Stripe");
    let unattributed = to(&unattributed, "unattributed payments");
    let log = to(&events, "Events");
    let sent = to(&events, "Events");
    view! {
        <Card id="troubleshooting" title="Troubleshooting">
            <CardBody>
                <div class="stack tight">
                    <Trouble title="Connecting with Stripe fails">
                        "Stripe shows its reason after you choose the account, and " {settings}
                        " repeats it with what to do. The usual causes: a different account was chosen than the one that sells, the page was open for more than ten minutes, or the account is controlled by another platform. A restricted key works for every account."
                    </Trouble>
                    <Trouble title="No webhook arrives">
                        "Stripe must be able to reach this server at a public https address. In Stripe, open Developers > Webhooks and look at the endpoint’s last attempts: a time-out or a redirect means that the address or a proxy is wrong. " {repair}
                        " finds an endpoint that is missing, disabled or sends elsewhere, and fetches missed events."
                    </Trouble>
                    <Trouble title="A sale does not appear as a conversion">
                        "Look for it among the " {unattributed}
                        ": each shows which checks ran and what would have helped. If it is not there either, its event has not arrived; see " {log} "."
                    </Trouble>
                    <Trouble title="You have several Stripe accounts">
                        "A program reads payments from one account, live or test. Connect the account that your checkout charges. For another account, create another program."
                    </Trouble>
                    <Trouble title="Stripe’s log shows 401">
                        "The signing secret stored here is not the endpoint’s. Paste the current one in " {secrets}
                        ", or press Repair Webhooks. A server clock that is off by more than five minutes has the same effect."
                    </Trouble>
                    <Trouble title="Sales are credited to the wrong affiliate">
                        "The first affiliate keeps a customer; later clicks on other links change nothing. Your terms say which click counts within the window and whether codes come before clicks. Each conversion names the check that decided. " {sent}
                        " shows what Stripe sent."
                    </Trouble>
                </div>
            </CardBody>
        </Card>
    }
}

#[component]
fn Trouble(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <details class="more">
            <summary><Icon name="right"/>{title}</summary>
            <p class="gap-top">{children()}</p>
        </details>
    }
}
