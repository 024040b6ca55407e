//! One payment: why it earns a commission or not, and the suggested affiliates.

use domain::attribution::PaymentStatus;
use domain::clock::Timestamp;
use domain::no_commission::{NoCommission, NoCommissionClass};
use domain::terms::{TermsVersion, in_force};
use engine::identity::audit::Line;
use engine::ledger::payments::{Candidate, PaymentDetail};
use engine::programs::affiliates::Affiliate;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::*;
use crate::forms::FormState;
use crate::forms::submission::take_form;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::audit::action_text;
use crate::presenters::customer::CustomerCard;
use crate::presenters::explanation::{attribution_terms, base_lines, checks};
use crate::presenters::reasons::no_commission_text;
use crate::presenters::remedies::{Advice, advice};
use crate::presenters::rewards::skipped_checks;
use crate::presenters::snippets;
use crate::presenters::stripe_links::{EventsCard, StripeIds};
use crate::request::access::{Access, parameter};
use crate::text::{amount, money, short_id};

use super::assignment::{AssignButton, AssignForm, AssignPayment, UndoButton, clue_words};

/// The number of affiliates that the form offers; the candidates are above it.
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
    history: Vec<(Line, Option<String>)>,
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
            history: engine::identity::audit::about(engine, actor, program, detail.payment.id.as_str())
                .await?,
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
    let crumbs = page.crumbs(&[("Unattributed", page.routes().unattributed())], short_id(id.as_str()));
    let email = payment.email.as_ref().map(ToString::to_string);
    let paid = page.zone.date_and_time(payment.paid_at).text;
    let lead =
        [payment.label.clone(), email, Some(paid)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let helped = helped(&page, &detail);
    let commission = match &detail.conversion {
        Some(id) => {
            let credited =
                engine::ledger::conversions::get(&page.engine, &page.actor, &page.program.id, id).await?;
            let (conversion, name) = (credited.conversion, credited.affiliate_name);
            let net = conversion.commission.saturating_sub(conversion.reversed);
            Some(format!("{} for {name}", money(net, conversion.commission_currency)))
        }
        None => None,
    };
    let (standing, checks) =
        (standing(&page, &detail, commission), checks_card(&page, &detail, around.terms.as_ref()));
    let history = history(&page, &around.history);
    let is_task = payment.no_commission.is_some() && detail.decision.is_none();
    let assign = assign_card(&page, &detail, around);
    // While no one is credited, assigning it is what the page is opened for.
    let (task, assign) = if is_task { (assign, None) } else { (None, assign) };
    let aside = view! {
        {computed(&detail)}
        {assign}
        <CustomerCard detail=detail.clone() zone=page.zone.clone() livemode=!page.is_test/>
        <StripeIds ids=detail.stripe_ids.clone() livemode=!page.is_test/>
    };
    let rewards = rewards_card(&page, &detail);
    let items = items_card(&detail);
    let main = view! {
        {task}
        {checks}
        {rewards}
        {items}
        {helped}
        {history}
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

/// Who decided what about it; nothing where no one did.
fn history(page: &ProgramPage, lines: &[(Line, Option<String>)]) -> Option<AnyView> {
    let item = |(line, by): &(Line, Option<String>)| {
        let fact = Fact::new(page.zone.date_and_time(line.at).text, action_text(&line.action));
        fact.note(by.clone().unwrap_or_default())
    };
    let items: Vec<Fact> = lines.iter().map(item).collect();
    (!items.is_empty()).then(|| {
        view! { <Card id="history" title="History"><CardBody><Facts items/></CardBody></Card> }.into_any()
    })
}

/// Its status.
fn standing(page: &ProgramPage, detail: &PaymentDetail, commission: Option<String>) -> AnyView {
    let payment = &detail.payment;
    if let Some(conversion) = &detail.conversion {
        let href = page.routes().conversion(conversion);
        if payment.no_commission.is_none() {
            let actions = view! { <a class="button" href=href>"See the commission"</a> };
            let title = commission.unwrap_or_else(|| "Credited to an affiliate".to_owned());
            return view! {
                <Notice title cell=Cell::Paid actions=actions.into_any()>"The commission that this payment earned."</Notice>
            }
            .into_any();
        }
    }
    let cell = if payment.status == PaymentStatus::Waiting { Cell::Pending } else { Cell::Empty };
    let title = match payment.status {
        PaymentStatus::Waiting => "Waiting for Stripe",
        PaymentStatus::Failed => "Payment failed",
        PaymentStatus::Free => "Nothing was paid",
        PaymentStatus::Merged => "Counted under another payment",
        PaymentStatus::Paid => match payment.no_commission.as_ref().map(NoCommission::class) {
            Some(NoCommissionClass::NotAffiliateSale) => "Not an affiliate sale",
            Some(NoCommissionClass::NotDue) => "No commission due",
            _ => "Unattributed",
        },
    };
    let reason = payment.no_commission.as_ref().map(|reason| no_commission_text(reason, &page.zone));
    let reason = reason.unwrap_or_else(|| "Not processed yet.".to_owned());
    let again = payment
        .reevaluate_at
        .map(|at| format!(" It is evaluated again on {}.", page.zone.date_and_time(at).text));
    view! {
        <Notice title cell>{format!("{reason}{}", again.unwrap_or_default())}</Notice>
    }
    .into_any()
}

fn checks_card(page: &ProgramPage, detail: &PaymentDetail, terms: Option<&TermsVersion>) -> AnyView {
    let made = &detail.payment.checks;
    if made.is_empty() {
        return view! {
            <Card id="checks" title="Checks">
                <CardBody><p class="muted">"Checks run once the payment arrives."</p></CardBody>
            </Card>
        }
        .into_any();
    }
    let credited = made.iter().any(|check| check.is_decisive() && check.reason.credits().is_some());
    let title = if credited { "Which check decided" } else { "Why no affiliate was credited" };
    let rules =
        terms.map(|terms| format!("Terms version {}: {}", terms.version, attribution_terms(&terms.terms)));
    let foot =
        view! { <span>{rules}</span><a href=page.routes().settings().terms_versions()>"See terms"</a> };
    let number = format!("{} checks, in order", made.len());
    let items = checks(made, &page.zone);
    view! {
        <Card id="checks" title aside=view! { <p>{number}</p> }.into_any() foot=foot.into_any()>
            <Checks items/>
        </Card>
    }
    .into_any()
}

/// What would have led to an affiliate.
fn helped(page: &ProgramPage, detail: &PaymentDetail) -> Option<AnyView> {
    let payment = &detail.payment;
    let class = payment.no_commission.as_ref().map(NoCommission::class);
    if payment.status != PaymentStatus::Paid || class == Some(NoCommissionClass::NotAffiliateSale) {
        return None;
    }
    let all = advice(payment);
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
            <Card id="advice" title="What would have matched">
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

/// Why no reward is for this payment.
fn rewards_card(page: &ProgramPage, detail: &PaymentDetail) -> Option<AnyView> {
    let Some(NoCommission::NoReward { skipped }) = &detail.payment.no_commission else { return None };
    let items = skipped_checks(skipped, detail.payment.currency.unwrap_or(page.program.currency));
    Some(view! { <Card id="rewards" title="Rewards tried"><Checks items/></Card> }.into_any())
}

/// The lines of its invoice, with the ids that conditions of rewards name.
fn items_card(detail: &PaymentDetail) -> Option<AnyView> {
    let payment = &detail.payment;
    let currency = payment.currency.filter(|_| !payment.items.is_empty())?;
    let rows = payment.items.iter().map(|item| {
        let name = item.name.clone().unwrap_or_else(|| "Other lines".to_owned());
        let ids = [item.product.clone(), item.price.clone()].into_iter().flatten().collect::<Vec<_>>();
        view! {
            <tr>
                <th scope="row">{name}<small>{ids.join(" · ")}</small></th>
                <td class="num">{amount(item.amount, currency)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let columns = vec![Column::text("Line"), Column::number("Amount")];
    Some(
        view! {
            <Card id="lines" title="What was bought" unit=currency.to_string()>
                <Table caption="The lines of the invoice, without tax" columns style=TableStyle::CARDS.spaced()>{rows}</Table>
            </Card>
        }
        .into_any(),
    )
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
        let word = if payment.dispute_open { "In dispute" } else { "Lost to a dispute" };
        lines.push(ReceiptLine::new(word, amount(-payment.disputed, currency)));
    }
    let caption = format!("What was paid, in {currency}");
    Some(
        view! { <Card id="sum" title="What was paid" unit=currency.to_string()><CardBody><Receipt caption lines/></CardBody></Card> }
            .into_any(),
    )
}

/// The assignment: what was decided, or the suggested affiliates and the form.
fn assign_card(page: &ProgramPage, detail: &PaymentDetail, around: Around) -> Option<AnyView> {
    let payment = detail.payment.clone();
    if matches!(payment.status, PaymentStatus::Failed | PaymentStatus::Merged) {
        return None;
    }
    if let Some(decision) = &detail.decision {
        let day = page.zone.date_and_time(decision.at).text;
        let later =
            if decision.later_payments { " It covers the customer’s later payments too." } else { "" };
        let text = format!(
            "Assigned by {} on {day}.{later} If you undo this, the checks decide again.",
            decision.by
        );
        return Some(
            view! {
                <Card id="decision" title="Assigned manually">
                    <CardBody><p class="muted">{text}</p><div class="gap-top"><UndoButton payment/></div></CardBody>
                </Card>
            }
            .into_any(),
        );
    }
    let elsewhere = detail.decided_at.as_ref().map(|id| {
        let href = page.routes().payment(id);
        view! { <p class="muted">"The customer’s later payments were assigned together with "<a href=href>"an earlier payment"</a>"."</p> }
    });
    let credited = payment.no_commission.is_none();
    let likely = (!credited).then(|| likely(page, &around.candidates, detail, payment.paid_at));
    let title = if credited { "Change who is credited" } else { "Suggested affiliate" };
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
        view! { <p class="muted">"No click, lead or other payment points to an affiliate."</p> }
    });
    let rows = candidates.iter().map(|candidate| {
        let clues = candidate.clues.iter();
        let clues: Vec<String> = clues.map(|clue| clue_words(clue, paid_at, &page.zone, page.now)).collect();
        let why = view! { <span class="sub">{clues.join("; ")}</span> };
        view! { <li><AssignButton payment=payment.clone() candidate=candidate.clone()/>{why}</li> }
    });
    let rows = rows.collect_view();
    let payment = payment.clone();
    view! { {none}<ul class="candidates">{rows}<li><AssignButton payment/></li></ul> }.into_any()
}
