//! One affiliate: performance, balance, lists, and what can be done.

mod forms;
mod status;

use engine::ledger::conversions::{Filter as Narrowing, Page};
use engine::programs::affiliates::AffiliateDetail as Detail;
use leptos::prelude::*;

use crate::components::*;
use crate::forms::FormState;
use crate::forms::submission::{take_form, take_once};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::flags::flag_text;
use crate::presenters::labels::affiliate_state;
use crate::presenters::tables::{ClickTable, ConversionTable, EntryTable, LinkTable, RowFormat};
use crate::request::access::{Access, parameter};
use crate::request::queries::Parameters;
use crate::text::{amount, count, money, plural, share};

use forms::{AddCoupon, AdjustBalance, CreateLink, SetAffiliateStatus};

/// Rows of each list: enough for a look.
const ROWS: i64 = 10;

/// One affiliate.
#[component]
pub fn AffiliateDetail() -> impl IntoView {
    use leptos::server_fn::ServerFn;
    page(async {
        let page = ProgramPage::load().await?;
        let id = parameter("affiliate")?;
        let detail =
            engine::programs::affiliates::detail(&page.engine, &page.actor, &page.program.id, &id).await?;
        let link_form = take_form(CreateLink::PATH).await;
        let coupon_form = take_form(AddCoupon::PATH).await;
        let status_form = take_form(SetAffiliateStatus::PATH).await;
        let adjustment_form = take_form(AdjustBalance::PATH).await;
        let invitation = take_once(forms::INVITATION).await;
        let errors = [&link_form, &coupon_form, &status_form, &adjustment_form]
            .iter()
            .flat_map(|form| form.errors().to_vec())
            .collect::<Vec<_>>();
        page.title(&detail.affiliate.name, !errors.is_empty());
        let crumbs =
            page.crumbs(&[("Affiliates", page.routes().affiliates())], detail.affiliate.name.clone());
        let joined = page.zone.date(detail.affiliate.created_at).text;
        let lead = format!("{} · joined {joined}", detail.affiliate.email);
        let title = detail.affiliate.name.clone();
        let state = affiliate_state(detail.affiliate.status);
        let items = figures(&page, &detail);
        let reason = status::reason(&detail.affiliate);
        let flags =
            engine::tracking::flags::of_affiliate(&page.engine, &page.actor, &page.program.id, &id).await?;
        let flags = flags.iter().map(flag_text).map(|(title, text)| {
            view! { <Notice title tone=Tone::Warning>{text}</Notice> }
        });
        let flags = flags.collect_view();
        let refused = status::refused_address(&page, &detail);
        let lists = lists(&page, &detail, link_form).await?;
        let aside = view! {
            {balance(&page, &detail, adjustment_form)}
            {status::sign_in(&page, &detail, invitation)}
            {status::coupons(&page, &detail, coupon_form)}
            {status::status(&page, &detail, status_form)}
        };
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Affiliates) crumbs>
                <PageHead title state lead/>
                <ErrorSummary errors/>
                {reason}
                {refused}
                {flags}
                <Figures label="Performance and balance" items/>
                <Columns aside=aside.into_any()>{lists}</Columns>
            </MerchantShell>
        }
        .into_any())
    })
}

/// What was earned, where it stands, and adding to it.
fn balance(page: &ProgramPage, detail: &Detail, form: FormState) -> AnyView {
    let rows = detail.balances.iter().map(|balance| {
        let sum = |minor: i64| money(minor, balance.currency);
        let parts =
            [("In a payout", balance.in_payout), ("Paid", balance.paid), ("Earned in total", balance.earned)];
        parts.map(|(label, minor)| Fact::new(label, sum(minor)))
    });
    let items: Vec<Fact> = rows.flatten().collect();
    let facts = (!items.is_empty()).then(|| view! { <Facts compact=true items/> });
    let currency = page.program.currency.to_string();
    let form = forms::adjustment_form(&page.program.id, &detail.affiliate.id, &currency, form);
    let payouts = page.routes().payouts();
    view! {
        <Card id="balance" title="Balance" aside=view! { <a href=payouts>"Payouts"</a> }.into_any()>
            <CardBody><div class="stack tight">{facts}{form}</div></CardBody>
        </Card>
    }
    .into_any()
}

fn figures(page: &ProgramPage, detail: &Detail) -> Vec<Figure> {
    let currency = page.program.currency;
    let own = detail.balances.iter().find(|balance| balance.currency == currency);
    let (earned, on_hold, payable) = own.map_or((0, 0, 0), |b| (b.earned, b.on_hold, b.payable));
    let others: Vec<String> = detail
        .balances
        .iter()
        .filter(|balance| balance.currency != currency)
        .map(|balance| money(balance.earned, balance.currency))
        .collect();
    let all = [vec![format!("{} earned in total", money(earned, currency))], others].concat().join(", and ");
    let totals = &detail.totals;
    let unit = currency.to_string();
    let rate = share(totals.first_payments, detail.clicks);
    let renewals = totals.conversions - totals.first_payments;
    vec![
        Figure::new("On hold", amount(on_hold, currency)).unit(&unit).state(State::PENDING),
        Figure::new("Payable", amount(payable, currency)).unit(&unit).state(State::PAYABLE).detail(all),
        Figure::new("Conversions", count(totals.conversions)).detail(format!(
            "{}, {}",
            plural(totals.first_payments, "first payment", "first payments"),
            plural(renewals, "renewal", "renewals")
        )),
        Figure::new("Clicks", count(detail.clicks))
            .detail(rate.map(|rate| format!("{rate} led to a customer")).unwrap_or_default()),
    ]
}

async fn lists(page: &ProgramPage, detail: &Detail, link_form: FormState) -> Access<AnyView> {
    let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
    let id = &detail.affiliate.id;
    let narrowing = Narrowing { affiliate: Some(id.clone()), ..Narrowing::default() };
    let links = engine::programs::links::list(engine, actor, program, Some(id), None, 100).await?;
    let conversions =
        engine::ledger::conversions::list(engine, actor, program, &narrowing, &Page::First, ROWS).await?;
    let entries = engine::ledger::commissions::list(engine, actor, program, Some(id), None, ROWS).await?;
    let clicks = engine::tracking::clicks::list(engine, actor, program, Some(id), None, ROWS).await?;
    let format = RowFormat::of_one(page);
    let all = Parameters::default()
        .with("affiliate", id.as_str())
        .with("period", "12mo")
        .on(&page.routes().conversions());
    let all = view! { <a href=all>"View 12 months"</a> };
    let form = forms::link_form(&page.program.id, id, &page.program.website, link_form);
    let (in_links, in_conversions, in_entries, in_clicks) =
        (format.clone(), format.clone(), format.clone(), format);
    let site = page.engine.base_url().to_owned();
    let table = match links.is_empty() {
        true => view! { <CardBody><p class="muted">"No links yet."</p></CardBody> }.into_any(),
        false => view! { <LinkTable rows=links format=in_links site/> }.into_any(),
    };
    let none = |text: &'static str| view! { <CardBody><p class="muted">{text}</p></CardBody> }.into_any();
    let conversions = match conversions.is_empty() {
        true => none("No conversions yet."),
        false => view! { <ConversionTable rows=conversions format=in_conversions/> }.into_any(),
    };
    let entries = match entries.is_empty() {
        true => none("No ledger entries yet."),
        false => view! { <EntryTable rows=entries format=in_entries/> }.into_any(),
    };
    let clicks = match clicks.is_empty() {
        true => none("No clicks yet."),
        false => view! { <ClickTable rows=clicks format=in_clicks/> }.into_any(),
    };
    let newest = || view! { <p>"Newest"</p> }.into_any();
    Ok(view! {
        <Card id="links" title="Links">{table}{form}</Card>
        <Card id="conversions" title="Conversions" aside=all.into_any()>{conversions}</Card>
        <Card id="ledger" title="Ledger entries" aside=newest()>{entries}</Card>
        <Card id="clicks" title="Clicks" aside=newest()>{clicks}</Card>
    }
    .into_any())
}
