//! Settings > Terms: the terms, their versions, and what a change would mean.

mod change;
mod preview;
mod proposal;
mod what_if;

use domain::terms::{Conditions, TermsVersion, in_force};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub use self::change::{ChangeTerms, PreviewTerms, change_terms, preview_terms};
use self::preview::preview;
use crate::components::{
    Card, CardBody, Column, Columns, EditButton, ErrorSummary, Fact, Facts, FormActions, MerchantShell,
    PageHead, RewardFields, RewardHeading, Table, TableStyle, TermsFields, Time,
};
use crate::forms::submission::take_form;
use crate::forms::{FormState, RewardEdit, RewardForm, TermsForm};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::rewards::conditions;
use crate::presenters::terms::facts;
use crate::request::access::{Access, Refusal};
use crate::request::queries::Parameters;
use crate::routes;
use crate::text::{money, plural};

/// Which step of a change the address asks for.
#[derive(Clone, Copy)]
enum Step {
    /// What the change would mean.
    Preview,
    /// The form again, with the change in it.
    Edit,
}

impl Step {
    const PARAMETER: &str = "step";

    const fn word(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Edit => "edit",
        }
    }

    fn of_request() -> Option<Self> {
        let parameters = Parameters::of_request();
        let word = parameters.get(Self::PARAMETER)?;
        [Self::Preview, Self::Edit].into_iter().find(|step| step.word() == word)
    }

    /// The address of the step.
    fn on(self, path: &str) -> String {
        Parameters::default().with(Self::PARAMETER, self.word()).on(path)
    }
}

/// Settings > Terms.
#[component]
pub fn SettingsTerms() -> impl IntoView {
    page(terms())
}

async fn terms() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let versions = engine::programs::terms::list(&page.engine, &page.actor, &page.program.id).await?;
    let current = in_force(&versions, page.now).ok_or(Refusal::NotFound)?;
    let currency = page.program.currency;
    let step = Step::of_request();
    let proposed = match step {
        Some(_) => proposal::proposed(&page.program.id).await?,
        None => None,
    };
    if let (Some(Step::Preview), Some(proposed)) = (step, &proposed) {
        return preview(&page, current, versions.len(), proposed).await;
    }
    let form = take_form(PreviewTerms::PATH).await;
    page.title("Terms", form.has_errors());
    let shown = proposed.as_ref().unwrap_or(&current.terms);
    let recorded = TermsForm::of(shown, currency);
    // What was entered comes first; one simple reward has fields of its own.
    let rewards = match RewardForm::entered(&form) {
        entered if !entered.is_empty() => entered,
        _ if form.entered("terms[commission_kind]").is_some_and(|kind| !kind.is_empty()) => Vec::new(),
        _ if shown.rewards.simple_step().is_some() => Vec::new(),
        _ => RewardForm::all_of(&shown.rewards, currency),
    };
    let rewards = match rewards.as_slice() {
        [] => None,
        _ => Some(reward_fields(&page, &form, rewards).await?),
    };
    let in_force = in_force_card(&page, current);
    let next = format!(
        "A change creates version {}, which applies to later payments. Earlier conversions keep their version. You see the difference before anything is saved.",
        versions.len() + 1,
    );
    let aside = view! {
        {in_force}
        <Card id="next" title="What a change does"><CardBody><p class="muted">{next}</p></CardBody></Card>
    };
    let history = history(&page, &versions, current);
    let program = page.program.id.to_string();
    let crumbs = page.crumbs(&[("Settings", page.routes().settings().general())], "Terms");
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Terms) crumbs narrow=true>
            <PageHead title="Terms" lead="A change creates a new version. Earlier conversions keep theirs."/>
            <Columns aside=aside.into_any()>
                <ChangeForm form recorded currency=currency.to_string() program rewards/>
            </Columns>
            <div class="form-section">{history}</div>
        </MerchantShell>
    }
    .into_any())
}

/// The list of rewards, with the products that were paid for.
async fn reward_fields(page: &ProgramPage, form: &FormState, rewards: Vec<RewardForm>) -> Access<AnyView> {
    let currency = page.program.currency;
    let seen = engine::programs::products::seen(&page.engine, &page.actor, &page.program.id).await?;
    let products: Vec<(String, String)> =
        seen.into_iter().map(|product| (product.id, product.name)).collect();
    let head = |(form, number): (&RewardForm, usize)| {
        let mut read = form.reward(currency);
        if let Some(reward) = &mut read {
            let Conditions { products: wanted, excluded, .. } = &mut reward.conditions;
            for product in wanted.iter_mut().chain(excluded) {
                product.name =
                    products.iter().find(|(id, _)| *id == product.id).map(|(_, name)| name.clone());
            }
        }
        let title = read.as_ref().map(|reward| reward.name.clone().unwrap_or_else(|| reward.offer(currency)));
        RewardHeading {
            title: title.unwrap_or_else(|| format!("Reward {number}")),
            conditions: read.map(|reward| conditions(&reward.conditions, currency)).unwrap_or_default(),
        }
    };
    let heads = rewards.iter().zip(1..).map(head).collect();
    let form = form.clone();
    Ok(view! { <RewardFields form rewards heads products currency=currency.to_string()/> }.into_any())
}

#[component]
fn ChangeForm(
    form: FormState,
    recorded: TermsForm,
    currency: String,
    program: String,
    rewards: Option<AnyView>,
) -> impl IntoView {
    let more = rewards.is_none().then(|| {
        view! {
            <p class="form-more">
                <EditButton edit=RewardEdit::AddStep(0) label="Change the rate over time".to_owned()/>
                <EditButton edit=RewardEdit::Add label="Add a reward".to_owned()/>
            </p>
        }
        .into_any()
    });
    let fields = match (rewards, more) {
        (Some(rewards), _) => view! { <TermsFields form=form.clone() recorded currency rewards/> }.into_any(),
        (None, Some(more)) => view! { <TermsFields form=form.clone() recorded currency more/> }.into_any(),
        (None, None) => view! { <TermsFields form=form.clone() recorded currency/> }.into_any(),
    };
    let cancel = routes::of_form(&program, |program| program.settings().terms());
    view! {
        <ErrorSummary errors=form.errors().to_vec()/>
        <form class="form" method="post" action=PreviewTerms::PATH novalidate>
            <input type="hidden" name="program" value=program/>
            // Enter in a field means this button, and not the first of the list.
            <button class="sr-only" tabindex="-1" aria-hidden="true">"Preview the change"</button>
            {fields}
            <FormActions submit="Preview the change" cancel/>
        </form>
    }
}

fn in_force_card(page: &ProgramPage, current: &TermsVersion) -> AnyView {
    let mut items =
        vec![Fact::new("In effect since", view! { <Time at=page.zone.date(current.starts_at)/> })];
    items.extend(facts(&current.terms, page.program.currency));
    let version = format!("Version {}", current.version);
    view! {
        <Card id="in-force" title="In effect now" aside=view! { <p>{version}</p> }.into_any()>
            <CardBody><Facts compact=true items/></CardBody>
        </Card>
    }
    .into_any()
}

fn history(page: &ProgramPage, versions: &[TermsVersion], current: &TermsVersion) -> AnyView {
    let rows = versions
        .iter()
        .rev()
        .map(|version| {
            let terms = &version.terms;
            let name = if version.id == current.id { "in effect" } else { "" };
            let since = page.zone.date_and_time(version.starts_at);
            let currency = page.program.currency;
            view! {
                <tr>
                    <th scope="row">{format!("Version {}", version.version)}<small>{name}</small></th>
                    <td data-label="Since"><Time at=since/></td>
                    <td class="full" data-label="Offer">{terms.offer(currency)}</td>
                    <td class="num" data-label="Window">{plural(terms.window_days, "day", "days")}</td>
                    <td class="num" data-label="Hold period">{plural(terms.hold_days, "day", "days")}</td>
                    <td class="num" data-label="Minimum">{money(terms.minimum_payout_minor, currency)}</td>
                </tr>
            }
        })
        .collect_view();
    let place = format!("{} time", page.zone.place());
    let columns = vec![
        Column::text("Version"),
        Column::text("Since"),
        Column::text("Offer"),
        Column::number("Window"),
        Column::number("Hold period"),
        Column::number("Minimum"),
    ];
    view! {
        <Card id="versions" title="Versions" aside=view! { <p>{place}</p> }.into_any()>
            <Table caption="All versions of the terms, newest first" columns style=TableStyle::WIDE.spaced()>{rows}</Table>
        </Card>
    }
    .into_any()
}
