//! Requests of affiliates who miss a referral, beside the payments that they may mean.

use domain::fields::Problems;
use domain::referral_requests::{Remark, RequestStatus};
use engine::ledger::payments::Payment;
use engine::ledger::referral_requests::{self, RequestRow};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{Card, CardBody, Icon, TextArea, Time};
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Flash, FormState};
use crate::layout::ProgramPage;
use crate::presenters::labels::payment_label;
use crate::presenters::reasons::no_commission_sentence;
use crate::presenters::tables::RowFormat;
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::routes;

/// Open requests that are shown, oldest first; each has its payments, which cost some queries.
const ROWS: i64 = 20;
const CREDIT: &str = "credit";
const DECLINE: &str = "decline";

/// The card with the open requests; `None` when there are none.
pub async fn requests_card(page: &ProgramPage, form: &FormState) -> Access<Option<AnyView>> {
    let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
    let rows = referral_requests::list(engine, actor, program, RequestStatus::Open, "", ROWS).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = RowFormat::of(page);
    let rows = rows.into_iter().map(|row| request(row, &format, form)).collect_view();
    Ok(Some(
        view! {
            <Card id="requests" title="Affiliates miss a referral">
                <CardBody><ul class="referral-requests" role="list">{rows}</ul></CardBody>
            </Card>
        }
        .into_any(),
    ))
}

fn answer_field(id: &str) -> String {
    format!("answers[{id}]")
}

fn request(row: RequestRow, format: &RowFormat, form: &FormState) -> impl IntoView + use<> {
    let RequestRow { request, affiliate_name, matches } = row;
    let routes = routes::program(&format.program);
    let who = routes.affiliate(&request.affiliate_id);
    let (id, program) = (request.id.to_string(), format.program.to_string());
    let day = format.zone.short_date(request.bought_at, format.now);
    let note = (!request.note.is_empty()).then(|| view! { <p class="lines">{request.note.clone()}</p> });
    let found = if matches.is_empty() {
        view! { <p class="muted">"No payment with this address or id. It may have been made with another one."</p> }
            .into_any()
    } else {
        let payments = matches.into_iter().map(|payment| matched(payment, &id, &affiliate_name, format));
        view! { <ul class="candidates">{payments.collect_view()}</ul> }.into_any()
    };
    let field = form.field(&answer_field(&id), "");
    let is_open = field.error.is_some();
    let label = format!("Answer to {affiliate_name}");
    view! {
        <li>
            <p>
                <a href=who>{affiliate_name}</a>" asks for "<b>{request.sought.to_string()}</b>", bought "<Time at=day/>
            </p>
            {note}
            {found}
            <details class="more" open=is_open>
                <summary><Icon name="right"/>"Decline…"</summary>
                <form class="form" method="post" action=AnswerReferralRequest::PATH novalidate>
                    <input type="hidden" name="program" value=program/>
                    <input type="hidden" name="request" value=id.clone()/>
                    <input type="hidden" name="decision" value=DECLINE/>
                    <TextArea field label hint="They can read it. Don’t name other people"/>
                    <div class="form-actions"><button class="button danger">"Decline and answer"</button></div>
                </form>
            </details>
        </li>
    }
}

/// A payment that a request may mean, and the button that credits it.
fn matched(payment: Payment, request: &str, affiliate: &str, format: &RowFormat) -> impl IntoView + use<> {
    let label = payment_label(payment.label.as_deref(), &payment.stripe_id);
    let href = routes::program(&format.program).payment(&payment.id);
    let paid = format.zone.short_date(payment.paid_at, format.now);
    let amount = format.amount(payment.gross, payment.currency.unwrap_or(format.currency));
    let why = match &payment.no_commission {
        Some(reason) => no_commission_sentence(reason, &format.zone).into_any(),
        None => "Credited already: open it to see to whom.".into_any(),
    };
    let credit = payment.no_commission.is_some().then(|| {
        let words = format!("Credit to {affiliate}");
        view! {
            <form method="post" action=AnswerReferralRequest::PATH>
                <input type="hidden" name="program" value=format.program.to_string()/>
                <input type="hidden" name="request" value=request.to_owned()/>
                <input type="hidden" name="payment" value=payment.id.to_string()/>
                <input type="hidden" name="decision" value=CREDIT/>
                <button class="button"><Icon name="check"/>{words}</button>
            </form>
        }
    });
    view! {
        <li>
            {credit}
            <span><a href=href>{label}</a>", "{amount}", "<Time at=paid/></span>
            <span class="sub">{why}</span>
        </li>
    }
}

/// Credits a payment to the affiliate who asked, or declines with an answer.
#[server(prefix = "/do", endpoint = "referral-requests/answer")]
pub async fn answer_referral_request(
    /// The program.
    #[server(default)]
    program: String,
    /// The request.
    #[server(default)]
    request: String,
    /// The payment, to credit.
    #[server(default)]
    payment: String,
    /// `credit` or `decline`.
    #[server(default)]
    decision: String,
    /// The answer, by the request.
    #[server(default)]
    answers: std::collections::BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let back = routes::of_form(&program, |program| program.unattributed());
    let answer = answers.get(&request).cloned().unwrap_or_default();
    let sent = Submission::new(AnswerReferralRequest::PATH, &back).typed(&answer_field(&request), &answer);
    finish(sent, async {
        let (actor, program) = (merchant().await?, program.parse().map_err(|_| Refusal::NotFound)?);
        let id = request.parse().map_err(|_| Refusal::NotFound)?;
        let at_field =
            |message: String| Refusal::Engine(engine::Error::from(Problems::one(&request, message)));
        let remark = Remark::parse(&answer).map_err(at_field)?;
        let engine = engine();
        let (done, text) = match decision.as_str() {
            CREDIT => {
                let payment = payment.parse().map_err(|_| Refusal::NotFound)?;
                let done = referral_requests::credit(&engine, &actor, &program, &id, &payment, &remark).await;
                (done, "Credited. The affiliate sees it.")
            }
            DECLINE => {
                (referral_requests::decline(&engine, &actor, &program, &id, &remark).await, "Declined.")
            }
            _ => return Err(Refusal::NotFound),
        };
        match done {
            Ok(()) => Ok(Redirect::to(&back).with_flash(Flash::done(text))),
            Err(engine::Error::Invalid(problems)) => {
                let message = problems.0.into_iter().map(|problem| problem.message).next();
                Err(at_field(message.unwrap_or_default()))
            }
            Err(error) => Err(error.into()),
        }
    })
    .await
}
