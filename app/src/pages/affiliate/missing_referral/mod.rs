//! "Missing a referral?": what the affiliate's own data say, and the request to the company.
//!
//! Nothing on this page depends on whether a payment exists.

mod checks;
mod forms;

use domain::referral_requests::RequestStatus;
use engine::ledger::referral_requests::{self, ReferralRequest};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub use forms::{AskForReferral, CheckReferral, ask_for_referral, check_referral};

use self::checks::checks_card;
use super::status::status_notice;
use crate::components::{
    Badge, Card, CardBody, ErrorSummary, FormActions, PageHead, SiteShell, TextArea, TextField, TextKind,
    Time, Width,
};
use crate::forms::submission::{take_form, take_once};
use crate::forms::{FormState, ReferralForm};
use crate::layout::{AffiliateProgramPage, AffiliateSection};
use crate::pages::page;
use crate::presenters::labels::request_state;
use crate::request::access::Access;

/// What was asked for, for the page that follows.
const ASKED: &str = "missing_referral";
/// Requests that are shown.
const ROWS: i64 = 30;

/// Missing a referral?
#[component]
pub fn MissingReferral() -> impl IntoView {
    page(missing_referral())
}

async fn missing_referral() -> Access<AnyView> {
    let page = AffiliateProgramPage::load().await?;
    let (engine, actor, program) = (&page.page.engine, &page.page.actor, &page.program.id);
    let form = take_form(CheckReferral::PATH).await;
    let asked = take_once::<ReferralForm>(ASKED).await;
    let checked = match &asked {
        Some(asked) => match asked.draft(&page.zone, page.page.now) {
            Ok(draft) => {
                let own = referral_requests::own_checks(engine, actor, program, draft.bought_at).await?;
                Some((draft, own))
            }
            Err(_) => None,
        },
        None => None,
    };
    let requests = referral_requests::own(engine, actor, program, ROWS).await?;
    page.title("Missing a referral?", form.has_errors());
    let result = match (asked, checked) {
        (Some(asked), Some((draft, own))) => {
            let checks = checks_card(&page, &draft, own);
            let ask = ask_form(&page, &asked);
            view! { {checks}{ask} }.into_any()
        }
        _ => check_form(&page, &form),
    };
    let requests = (!requests.is_empty()).then(|| requests_card(&page, requests));
    let notice = status_notice(&page);
    Ok(view! {
        <SiteShell frame=page.frame(AffiliateSection::Earnings)>
            <PageHead
                title="Missing a referral?"
                lead="See what your clicks say about a sale. If you are sure that it was yours, ask for it to be checked."
            />
            {notice}
            <ErrorSummary errors=form.errors().to_vec()/>
            {result}
            {requests}
        </SiteShell>
    }
    .into_any())
}

fn check_form(page: &AffiliateProgramPage, form: &FormState) -> AnyView {
    let field = |name: &str| form.field(&format!("referral[{name}]"), "");
    let (sought, day) = (field("sought"), field("day"));
    let program = page.program.id.to_string();
    view! {
        <Card id="check" title="Which sale?">
            <CardBody>
                <form class="form" method="post" action=CheckReferral::PATH novalidate>
                    <input type="hidden" name="program" value=program/>
                    <TextField
                        field=sought
                        label="Email address of the buyer, or order id"
                        hint="Whatever the buyer told you"
                        kind=TextKind::Code
                    />
                    <TextField field=day label="Day of the purchase" kind=TextKind::Date width=Width::Medium/>
                    <FormActions submit="Check my clicks"/>
                </form>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// One tap sends the request; a note is optional.
fn ask_form(page: &AffiliateProgramPage, asked: &ReferralForm) -> AnyView {
    let program = page.program.id.to_string();
    let (sought, day) = (asked.sought.clone(), asked.day.clone());
    let title = format!("Ask {} to check", page.merchant_name);
    let lead = format!(
        "{} looks for the payment and answers here. For the privacy of buyers, this page can’t say whether it exists.",
        page.merchant_name
    );
    let field = FormState::default().field("referral[note]", &asked.note);
    let cancel = page.routes().missing_referral();
    view! {
        <Card id="ask" title=title>
            <CardBody>
                <form class="form" method="post" action=AskForReferral::PATH novalidate>
                    <p class="muted">{lead}</p>
                    <input type="hidden" name="program" value=program/>
                    <input type="hidden" name="referral[sought]" value=sought/>
                    <input type="hidden" name="referral[day]" value=day/>
                    <TextArea field label="Note" hint="Such as how you know the buyer" optional=true/>
                    <FormActions submit="Send request" cancel/>
                </form>
            </CardBody>
        </Card>
    }
    .into_any()
}

fn requests_card(page: &AffiliateProgramPage, requests: Vec<ReferralRequest>) -> impl IntoView + use<> {
    let company = page.merchant_name.clone();
    let rows = requests.into_iter().map(|request| {
        let sent = page.zone.ago(request.created_at, page.page.now);
        let day = page.zone.date(request.bought_at);
        let answer = match (request.status, request.answer.filter(|answer| !answer.is_empty())) {
            (RequestStatus::Open, _) => format!("{company} has not answered yet."),
            (_, Some(answer)) => answer,
            (_, None) => "The commission is under Earnings.".to_owned(),
        };
        view! {
            <li>
                <div class="stacked">
                    <b>{request.sought.masked()}</b>
                    <small>"Bought "<Time at=day/>", sent "<Time at=sent/></small>
                    <span class="lines">{answer}</span>
                </div>
                <Badge state=request_state(request.status)/>
            </li>
        }
    });
    let rows = rows.collect_view();
    view! {
        <Card id="requests" title="Your requests"><ul class="resources" role="list">{rows}</ul></Card>
    }
}
