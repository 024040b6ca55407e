//! The integration check: a line for each part of the way, a test sale, and what to do
//! when something does not work.

use domain::diagnostics::{Check, CheckVerdict, TestSaleStep};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::super::program_of;
use crate::components::{Card, CardBody, Cell, HealthItem, HealthList, Report, ReportStep, Tone};
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
