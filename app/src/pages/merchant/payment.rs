//! One payment: why it earns somebody something, or nobody anything, and whose it may be.

use domain::clock::Timestamp;
use domain::explain::Verdict as Found;
use domain::terms::{TermsVersion, in_force};
use engine::ledger::payments::{Candidate, PaymentDetail};
use engine::programs::affiliates::Affiliate;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::*;
use crate::forms::FormState;
use crate::forms::assignment::{AssignButton, AssignForm, AssignPayment, UndoButton, sign_words};
use crate::forms::submission::take_form;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::explanation::{base_lines, proofs, rules_of_attribution};
use crate::presenters::remedies::{Advice, advice};
use crate::presenters::snippets;
use crate::presenters::stripe_links::{EventsCard, StripeIds};
use crate::request::access::{Access, parameter};
use crate::text::{amount, money, short_id};

/// So many affiliates the form offers; the candidates stand above it.
const OFFERED: i64 = 200;

/// One payment.
#[component]
pub fn Payment() -> impl IntoView {
    page(payment())
}

/// What the page shows beside the payment itself.
struct Around {
    candidates: Vec<Candidate>,
    affiliates: Vec<Affiliate>,
    terms: Option<TermsVersion>,
    form: FormState,
}

impl Around {
    async fn load(page: &ProgramPage, detail: &PaymentDetail) -> Access<Self> {
        let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
        let payment = std::slice::from_ref(&detail.payment);
        let mut candidates = engine::ledger::payments::candidates(engine, actor, program, payment).await?;
        let versions = engine::programs::terms::list(engine, actor, program).await?;
        Ok(Self {
            candidates: candidates.remove(&detail.payment.id).unwrap_or_default(),
            affiliates: engine::programs::affiliates::list(engine, actor, program, None, "", OFFERED).await?,
            terms: in_force(&versions, detail.payment.paid_at).cloned(),
            form: take_form(AssignPayment::PATH).await,
        })
    }
}

async fn payment() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let id = parameter("payment")?;
    let detail = engine::ledger::payments::detail(&page.engine, &page.actor, &page.program.id, &id).await?;
    let around = Around::load(&page, &detail).await?;
    let payment = &detail.payment;
    let title = match payment.currency {
        Some(currency) => format!("Payment of {}", money(payment.gross, currency)),
        None => "Payment".to_owned(),
    };
    page.title(&title, around.form.has_errors());
    let crumbs =
        page.crumbs(&[("Without an affiliate", page.routes().unattributed())], short_id(id.as_str()));
    let email = payment.email.as_ref().map(ToString::to_string);
    let paid = page.zone.date_and_time(payment.paid_at).text;
    let lead =
        [payment.label.clone(), email, Some(paid)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let helped = helped(&page, &detail, &around);
    let whose = match &detail.conversion {
        Some(id) => {
            let credited =
                engine::ledger::conversions::get(&page.engine, &page.actor, &page.program.id, id).await?;
            let (conversion, name) = (credited.conversion, credited.affiliate_name);
            let net = conversion.commission.saturating_sub(conversion.reversed);
            Some(format!("{} for {name}", money(net, conversion.commission_currency)))
        }
        None => None,
    };
    let (standing, tried) = (standing(&page, &detail, whose), tried(&page, &detail, around.terms.as_ref()));
    let is_task = payment.reason.is_some() && detail.decision.is_none();
    let deciding = deciding(&page, &detail, around);
    // While nobody is credited, deciding is what the page is opened for.
    let (task, deciding) = if is_task { (deciding, None) } else { (None, deciding) };
    let aside = view! {
        {computed(&detail)}
        {deciding}
        <StripeIds ids=detail.stripe_ids.clone() livemode=!page.is_test/>
    };
    let main = view! {
        {task}
        {tried}
        {helped}
        <EventsCard events=detail.events.clone() program=page.program.id.clone() zone=page.zone.clone()/>
    };
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Unattributed) crumbs>
            <PageHead title lead/>
            {standing}
            <Columns aside=aside.into_any()>{main}</Columns>
        </MerchantShell>
    }
    .into_any())
}

/// What became of it.
fn standing(page: &ProgramPage, detail: &PaymentDetail, whose: Option<String>) -> AnyView {
    let payment = &detail.payment;
    if let Some(conversion) = &detail.conversion {
        let href = page.routes().conversion(conversion);
        if payment.reason.is_none() {
            let actions = view! { <a class="button" href=href>"See the commission"</a> };
            let title = whose.unwrap_or_else(|| "Credited to an affiliate".to_owned());
            return view! {
                <Notice title cell=Cell::Paid actions=actions.into_any()>"The commission that this payment earned."</Notice>
            }
            .into_any();
        }
    }
    let cell = if payment.state == "waiting" { Cell::Pending } else { Cell::Empty };
    let title = match (payment.state.as_str(), payment.reason.as_deref()) {
        ("waiting", _) => "Waits for more from Stripe",
        ("failed", _) => "Did not go through",
        ("free", _) => "Nothing was paid",
        ("merged", _) => "Counted under another payment",
        (_, Some("not_affiliate_sale")) => "Not an affiliate sale",
        _ => "Credited to nobody",
    };
    let reason = payment.reason_text.clone().unwrap_or_else(|| "It is not understood yet.".to_owned());
    let again = payment
        .reevaluate_at
        .map(|at| format!(" It is looked at again on {}.", page.zone.date_and_time(at).text));
    view! {
        <Notice title cell>{format!("{reason}{}", again.unwrap_or_default())}</Notice>
    }
    .into_any()
}

fn tried(page: &ProgramPage, detail: &PaymentDetail, terms: Option<&TermsVersion>) -> AnyView {
    let tried = &detail.payment.proofs;
    if tried.is_empty() {
        return view! {
            <Card id="proofs" title="Proofs">
                <CardBody><p class="muted">"Proofs are tried when the money is there."</p></CardBody>
            </Card>
        }
        .into_any();
    }
    let decided = tried.iter().any(|one| one.verdict == Found::Decided);
    let title = if decided { "Which proof decided" } else { "Why nobody was credited" };
    let rules =
        terms.map(|terms| format!("Terms version {}: {}", terms.version, rules_of_attribution(&terms.terms)));
    let foot =
        view! { <span>{rules}</span><a href=page.routes().settings().terms_versions()>"See terms"</a> };
    let number = format!("{} proofs, tried in this order", tried.len());
    let items = proofs(tried);
    view! {
        <Card id="proofs" title aside=view! { <p>{number}</p> }.into_any() foot=foot.into_any()>
            <Proofs items/>
        </Card>
    }
    .into_any()
}

/// What would have led it to an affiliate.
fn helped(page: &ProgramPage, detail: &PaymentDetail, around: &Around) -> Option<AnyView> {
    if detail.payment.state != "paid" || detail.payment.reason.as_deref() == Some("not_affiliate_sale") {
        return None;
    }
    let all = advice(&detail.payment, &around.candidates);
    if all.is_empty() {
        return None;
    }
    let has_sample = all.iter().any(|one| one.sample);
    let rows = all.into_iter().map(|one| piece(page, one)).collect_view();
    let sample = has_sample.then(|| {
        view! {
            <details class="more gap-top">
                <summary><Icon name="right"/>"Sample code"</summary>
                <div class="gap-top"><CodeBlock id="sample" label="A checkout that carries the click" code=snippets::NODE/></div>
            </details>
        }
    });
    Some(
        view! {
            <Card id="advice" title="What would have made it match">
                <CardBody><ol class="advice">{rows}</ol>{sample}</CardBody>
            </Card>
        }
        .into_any(),
    )
}

fn piece(page: &ProgramPage, one: Advice) -> impl IntoView + use<> {
    let place = one.place.map(|place| {
        view! { " "<a href=place.address(page.routes())>{place.name()}</a> }
    });
    view! { <li><h3>{one.title}</h3><p>{one.text}{place}</p></li> }
}

fn computed(detail: &PaymentDetail) -> Option<AnyView> {
    let payment = &detail.payment;
    let currency = payment.currency?;
    let mut lines = base_lines("Paid by the customer", payment.gross, payment.base, currency);
    lines.push(ReceiptLine::new("Base", amount(payment.base, currency)).sum());
    if payment.refunded > 0 {
        lines.push(ReceiptLine::new("Refunded", amount(-payment.refunded, currency)));
    }
    if payment.disputed > 0 {
        let word = if payment.dispute_open { "Disputed, not decided yet" } else { "Lost to a dispute" };
        lines.push(ReceiptLine::new(word, amount(-payment.disputed, currency)));
    }
    let caption = format!("What was paid, in {currency}");
    Some(
        view! { <Card id="sum" title="What was paid" unit=currency.to_string()><CardBody><Receipt caption lines/></CardBody></Card> }
            .into_any(),
    )
}

/// Whose it is: what was decided, or who may have brought the buyer and the form.
fn deciding(page: &ProgramPage, detail: &PaymentDetail, around: Around) -> Option<AnyView> {
    let payment = detail.payment.clone();
    if !matches!(payment.state.as_str(), "paid" | "waiting" | "free") {
        return None;
    }
    if let Some(decision) = &detail.decision {
        let day = page.zone.date_and_time(decision.at).text;
        let later = if decision.later { " It holds for the customer’s later payments too." } else { "" };
        let text = format!(
            "Decided by {} on {day}.{later} If you take this back, the proofs decide again.",
            decision.by
        );
        return Some(
            view! {
                <Card id="decision" title="Decided by hand">
                    <CardBody><p class="muted">{text}</p><div class="gap-top"><UndoButton payment/></div></CardBody>
                </Card>
            }
            .into_any(),
        );
    }
    let elsewhere = detail.decided_at.as_ref().map(|id| {
        let href = page.routes().payment(id);
        view! { <p class="muted">"Decided for all later payments at "<a href=href>"an earlier one"</a>"."</p> }
    });
    let credited = payment.reason.is_none();
    let likely = (!credited).then(|| likely(page, &around.candidates, detail, payment.paid_at));
    let title = if credited { "Change who is credited" } else { "Whose it may be" };
    let (affiliates, form) = (around.affiliates, around.form);
    let open = form.has_errors();
    let folded = view! {
        <details class="more" open=open>
            <summary><Icon name="right"/>"Choose an affiliate"</summary>
            <div class="gap-top"><AssignForm payment affiliates form/></div>
        </details>
    };
    Some(view! { <Card id="assign" title><CardBody>{elsewhere}{likely}{folded}</CardBody></Card> }.into_any())
}

fn likely(
    page: &ProgramPage,
    candidates: &[Candidate],
    detail: &PaymentDetail,
    paid_at: Timestamp,
) -> AnyView {
    let payment = &detail.payment;
    let none = candidates.is_empty().then(|| {
        view! { <p class="muted">"No click, lead or other payment points to somebody."</p> }
    });
    let rows = candidates.iter().map(|candidate| {
        let signs = candidate.signs.iter();
        let signs: Vec<String> = signs.map(|sign| sign_words(sign, paid_at, &page.zone, page.now)).collect();
        let why = view! { <span class="sub">{signs.join("; ")}</span> };
        view! { <li><AssignButton payment=payment.clone() candidate=candidate.clone()/>{why}</li> }
    });
    let rows = rows.collect_view();
    let payment = payment.clone();
    view! { {none}<ul class="candidates">{rows}<li><AssignButton payment/></li></ul> }.into_any()
}
