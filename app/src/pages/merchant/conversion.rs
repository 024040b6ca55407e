//! Why a payment was credited: checks, ledger, arithmetic, what happened.

use domain::commissions::{CommissionStatus, HoldReason};
use engine::ledger::conversions::ConversionDetail;
use leptos::prelude::*;

use crate::components::*;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::customer::CustomerCard;
use crate::presenters::explanation::{attribution_terms, checks, receipt, timeline};
use crate::presenters::flags::{flag_text, shared_click};
use crate::presenters::labels::{commission_left, commission_note, commission_state};
use crate::presenters::rewards::reward_checks;
use crate::presenters::stripe_links::{EventsCard, StripeIds};
use crate::presenters::tables::{EntryTable, RowFormat};
use crate::request::access::parameter;
use crate::text::{money, short_id};

/// One conversion.
#[component]
pub fn Conversion() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        let id = parameter("conversion")?;
        let detail =
            engine::ledger::conversions::detail(&page.engine, &page.actor, &page.program.id, &id).await?;
        let c = &detail.row.conversion;
        let title =
            format!("{} for {}", money(commission_left(c), c.commission_currency), detail.row.affiliate_name);
        page.title(&title, false);
        let crumbs = page.crumbs(&[("Conversions", page.routes().conversions())], short_id(id.as_str()));
        let aside = aside(&page, &detail);
        let standing = standing(&page, &detail);
        let flag = shared_click(detail.click.as_ref(), detail.buyers_of_click).map(|flag| {
            let (title, text) = flag_text(&flag);
            view! { <Notice title tone=Tone::Warning>{text}</Notice> }
        });
        let main = view! { {why(&page, &detail)}{reward(&page, &detail)}{ledger(&page, &detail)} };
        let payment = page.routes().payment(&c.payment_id);
        let receipt = page.routes().receipt(&c.id);
        let actions = view! {
            <a class="button" href=receipt>"Receipt"</a>
            <a class="button" href=payment>"Change who is credited"</a>
            <a class="button" href=page.routes().affiliate(&c.affiliate_id)><Icon name="user"/>{detail.row.affiliate_name.clone()}</a>
        };
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Conversions) crumbs>
                <PageHead title lead=lead(&page, &detail) actions=actions.into_any()/>
                {standing}
                {flag}
                <Columns aside>{main}</Columns>
            </MerchantShell>
        }
        .into_any())
    })
}

fn lead(page: &ProgramPage, detail: &ConversionDetail) -> String {
    let row = &detail.row;
    let email = row.email.as_ref().map(ToString::to_string);
    let paid = page.zone.date_and_time(row.conversion.paid_at).text;
    let parts = [row.label.clone(), email, Some(paid)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The status of the commission, in a sentence with a date.
fn standing(page: &ProgramPage, detail: &ConversionDetail) -> AnyView {
    let row = &detail.row;
    let c = &row.conversion;
    let state = commission_state(row.status);
    let hold = page.zone.date(c.hold_until).text;
    let left = money(commission_left(c), c.commission_currency);
    let on_hold = c.hold_until > page.now;
    let back = money(c.refunded.saturating_add(c.disputed), c.currency);
    let reversed = money(c.reversed, c.commission_currency);
    let (title, text) = match row.status {
        CommissionStatus::Pending => (
            format!("Pending, payable on {hold}"),
            "On hold until then. Refunds reduce the commission proportionally.".to_string(),
        ),
        CommissionStatus::OnHold => (
            "On hold".to_owned(),
            format!("{}.", commission_note(row, &page.zone, page.now)),
        ),
        CommissionStatus::Payable => {
            (format!("Payable since {hold}"), format!("The hold period is over. {left} awaits a payout."))
        }
        CommissionStatus::InPayout => {
            ("In a payout".to_owned(), format!("{left} is part of a payout that is not paid yet."))
        }
        CommissionStatus::Paid => ("Paid".to_owned(), format!("{left} was paid out.")),
        CommissionStatus::PartlyRefunded => (
            format!("Partly refunded, {} {hold}", if on_hold { "payable on" } else { "payable since" }),
            format!(
                "{back} of the payment was refunded, so {reversed} of the commission was reversed. {left} remains."
            ),
        ),
        CommissionStatus::Refunded => (
            "Refunded".to_owned(),
            format!("{back} was refunded, so all of the commission was reversed."),
        ),
        CommissionStatus::Disputed if c.hold == Some(HoldReason::Dispute) => (
            "Disputed, on hold until the bank decides".to_owned(),
            match commission_left(c) {
                0 => "The buyer’s bank wants the money back. The commission was reversed and will be restored if the dispute is won.".to_owned(),
                _ => format!("The buyer’s bank wants the money back. The remaining {left} is on hold until the dispute is decided."),
            },
        ),
        CommissionStatus::Disputed => (
            "Dispute lost".to_owned(),
            format!(
                "{back} returned to the buyer, so {reversed} of the commission was reversed. {left} remains."
            ),
        ),
        CommissionStatus::Canceled => {
            ("Canceled".to_owned(), "The credit was withdrawn. Nothing is owed for this payment.".to_owned())
        }
    };
    // Only a dispute needs attention at once.
    let tone = if state == State::DISPUTED { Tone::Danger } else { Tone::Neutral };
    view! { <Notice title tone cell=state.cell>{text}</Notice> }.into_any()
}

fn why(page: &ProgramPage, detail: &ConversionDetail) -> AnyView {
    let made = &detail.payment.payment.checks;
    let number = format!("{} checks, in order", made.len());
    let items = checks(made, &page.zone);
    let terms = format!("Terms version {}: {}", detail.terms.version, attribution_terms(&detail.terms.terms));
    let foot =
        view! { <span>{terms}</span><a href=page.routes().settings().terms_versions()>"See terms"</a> };
    view! {
        <Card
            id="checks"
            title=format!("Why {} was credited", detail.row.affiliate_name)
            aside=view! { <p>{number}</p> }.into_any()
            foot=foot.into_any()
        >
            <Checks items/>
        </Card>
    }
    .into_any()
}

/// Which reward decided, where there was a choice.
fn reward(page: &ProgramPage, detail: &ConversionDetail) -> Option<AnyView> {
    let terms = &detail.terms.terms;
    if terms.rewards.simple_step().is_some() || detail.row.conversion.canceled {
        return None;
    }
    let items = reward_checks(&detail.row.conversion.reward, terms, page.program.currency);
    let title = if terms.rewards.only().is_some() { "Reward" } else { "Why this reward" };
    Some(view! { <Card id="reward" title><Checks items/></Card> }.into_any())
}

fn ledger(page: &ProgramPage, detail: &ConversionDetail) -> AnyView {
    let c = &detail.row.conversion;
    let sum = detail.entries.iter().fold(0i64, |sum, stored| sum.saturating_add(stored.entry.amount));
    let sum = (sum, c.commission_currency);
    let (rows, format) = (detail.entries.clone(), RowFormat::of(page));
    view! {
        <Card id="ledger" title="Ledger entries" aside=view! { <p>"Append-only"</p> }.into_any()>
            <EntryTable rows format sum/>
        </Card>
        <EventsCard events=detail.payment.events.clone() program=page.program.id.clone() zone=page.zone.clone()/>
    }
    .into_any()
}

fn aside(page: &ProgramPage, detail: &ConversionDetail) -> AnyView {
    let c = &detail.row.conversion;
    let caption = format!("From the payment to the commission, in {}", c.currency);
    let (lines, items) = (receipt(detail), timeline(detail, &page.zone, page.now));
    view! {
        <Card id="sum" title="How it was computed">
            <CardBody><Receipt caption lines/></CardBody>
        </Card>
        <Card id="time" title="What happened">
            <CardBody><Timeline items/></CardBody>
        </Card>
        <CustomerCard detail=detail.payment.clone() zone=page.zone.clone() livemode=!page.is_test/>
        <StripeIds ids=detail.payment.stripe_ids.clone() livemode=!page.is_test/>
    }
    .into_any()
}
