//! The integration check: a line for each part of the way, a test sale, and what to do
//! when something does not work.

use engine::diagnostics::checks::{Check, Verdict};
use engine::diagnostics::test_sale::Station;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::super::{page_of, program_of};
use crate::components::{Card, CardBody, Cell, HealthItem, HealthList, Icon, Report, ReportStep, Tone};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish, take_once};
use crate::layout::{ProgramPage, program_path};
use crate::request::access::{Access, engine, merchant};

/// Where the stations of a test sale are kept until they are shown.
const SALE: &str = "test-sale";

/// The card of the check, with the test sale that was just made.
pub(super) async fn check_card(page: &ProgramPage) -> Access<AnyView> {
    let checks =
        engine::diagnostics::checks::integration(&page.engine, &page.actor, &page.program.id).await?;
    let sale = take_once(SALE).await.map(|stations| sale(&stations));
    let bad = checks.iter().filter(|check| check.verdict == Verdict::Bad).count();
    let aside = (bad > 0).then(|| view! { <p>{format!("{bad} to fix")}</p> }).into_any();
    let items = checks.into_iter().map(health_item).collect();
    let id = page.program.id.to_string();
    Ok(view! {
        <Card id="check" title="Integration check" aside>
            <HealthList items/>
            <CardBody>
                <form class="stack tight" method="post" action=TestSale::PATH>
                    <input type="hidden" name="program" value=id/>
                    <p class="muted">"A test sale goes the whole way under your present terms: a click, a signed event, a conversion. It happens in a ledger of its own that is thrown away, so no number changes."</p>
                    <p><button class="button">"Make a test sale"</button></p>
                </form>
            </CardBody>
            {sale}
        </Card>
    }
    .into_any())
}

fn health_item(check: Check) -> HealthItem {
    let item = match check.verdict {
        Verdict::Good => HealthItem::good(check.title, "in place"),
        Verdict::Waiting => HealthItem::waiting(check.title, "not known yet"),
        Verdict::Bad => HealthItem::bad(check.title, "to fix"),
    };
    let note = match check.remedy {
        Some(remedy) => format!("{} {remedy}", check.found),
        None => check.found,
    };
    item.note(note)
}

/// The stations as the redirect brought them: a line each, title, verdict and finding
/// apart by tabs.
fn sale(stations: &str) -> AnyView {
    let steps: Vec<ReportStep> = stations
        .lines()
        .filter_map(|line| {
            let (title, rest) = line.split_once('\t')?;
            let (good, found) = rest.split_once('\t')?;
            let good = good == "good";
            Some(ReportStep {
                cell: if good { Cell::Paid } else { Cell::Alert },
                tone: if good { Tone::Success } else { Tone::Danger },
                title: title.to_owned(),
                word: if good { "good" } else { "failed" }.to_owned(),
                text: found.to_owned().into_any(),
            })
        })
        .collect();
    view! { <div id="test-sale"><Report steps/></div> }.into_any()
}

fn kept(stations: &[Station]) -> String {
    let line = |station: &Station| {
        let verdict = if station.good { "good" } else { "failed" };
        format!("{}\t{verdict}\t{}", station.title, station.found.replace(['\n', '\t'], " "))
    };
    stations.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Makes a test sale and shows its stations.
#[server(prefix = "/do", endpoint = "tracking/test-sale")]
pub async fn test_sale(
    /// The program.
    #[server(default)]
    program: String,
) -> Result<(), ServerFnError> {
    finish(Submission::new(TestSale::PATH, page_of(&program, "settings/tracking")), async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let stations = engine::diagnostics::test_sale::run(&engine(), &actor, &id).await?;
        let flash = if stations.iter().all(|station| station.good) {
            Flash::done("The test sale went the whole way.")
        } else {
            Flash::problem("The test sale got stuck. Its report says where.")
        };
        let to = format!("{}#check", program_path(&id, "settings/tracking"));
        Ok(Redirect::to(to).with_flash(flash).showing_once(SALE, kept(&stations)))
    })
    .await
}

/// What people stumble over, and the way out.
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
        <Card id="troubleshooting" title="When something does not work">
            <CardBody>
                <div class="stack tight">
                    <Trouble title="Connecting with Stripe fails">
                        "Stripe shows its own reason after you have chosen the account, and " {settings}
                        " repeats it with what to do. Most often another account was chosen than the one that sells, the page stood open for more than ten minutes, or the account is controlled by another platform. A restricted key works for every account."
                    </Trouble>
                    <Trouble title="No webhook arrives">
                        "Stripe must be able to reach this server under a public https address. In Stripe, open Developers > Webhooks and look at the endpoint’s last attempts: a time-out or a redirect means that the address or a proxy in front is wrong. " {repair}
                        " finds an endpoint that is missing, disabled or aimed elsewhere, and fetches what was missed."
                    </Trouble>
                    <Trouble title="A sale does not appear as a conversion">
                        "Look for it among the " {unattributed}
                        ": each says what its checks found and what would have helped. If it is not there either, its event has not come; see " {log} "."
                    </Trouble>
                    <Trouble title="You have several Stripe accounts">
                        "A program takes its payments from one account, live or test. Connect the account that the checkout charges; for another one make another program."
                    </Trouble>
                    <Trouble title="Stripe’s log shows 401">
                        "The signing secret here is not the endpoint’s. Paste the present one in " {secrets}
                        ", or press Repair Webhooks. A server clock that is off by more than five minutes gives the same answer."
                    </Trouble>
                    <Trouble title="Sales come, but not by the right affiliate">
                        "The first affiliate keeps a customer: later clicks on other links change nothing. Which click counts within the window, and whether codes come before clicks, is written in the terms; each conversion names the proof that decided. " {sent}
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
