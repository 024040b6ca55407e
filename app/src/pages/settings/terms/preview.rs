//! What a change of the terms would mean, before it is saved.

use domain::terms::{Step as RewardStep, Terms, TermsVersion};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::Step;
use super::change::ChangeTerms;
use super::what_if::what_if_card;
use crate::components::{Card, CardBody, Column, MerchantShell, PageHead, RewardList, Table, TableStyle};
use crate::forms::submission::flat_fields;
use crate::forms::{RewardForm, TermsForm};
use crate::layout::{ProgramPage, Section};
use crate::presenters::rewards::{has_list, reward_views};
use crate::presenters::terms::lines;
use crate::request::access::Access;
use crate::text::money;

/// A payment that shows what a change does, in whole units of the currency.
const EXAMPLE_UNITS: i64 = 100;

/// The page that compares a change with what is in force.
pub(super) async fn preview(
    page: &ProgramPage,
    current: &TermsVersion,
    versions: usize,
    proposed: &Terms,
) -> Access<AnyView> {
    let next = versions + 1;
    page.title("Preview of the terms", false);
    let difference = difference_card(page, current, proposed, next);
    let rewards = has_list(proposed).then(|| {
        let rewards = reward_views(proposed, page.program.currency);
        let aside = view! { <p>"The first that fits decides"</p> }.into_any();
        view! { <Card id="rewards" title="Rewards from now on" aside><RewardList rewards/></Card> }
    });
    let effect = effect_card(page, current, proposed, next);
    let what_if = what_if_card(page, proposed).await?;
    let crumbs = page.crumbs(
        &[("Settings", page.routes().settings().general()), ("Terms", page.routes().settings().terms())],
        "Preview",
    );
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Terms) crumbs narrow=true>
            <PageHead title="Preview the change" lead="Nothing is saved yet."/>
            {difference}
            {rewards}
            {what_if}
            {effect}
        </MerchantShell>
    }
    .into_any())
}

/// The terms that change, before and after.
fn difference_card(page: &ProgramPage, current: &TermsVersion, proposed: &Terms, next: usize) -> AnyView {
    let currency = page.program.currency;
    let (before, after) = (lines(&current.terms, currency), lines(proposed, currency));
    let rows = before
        .into_iter()
        .zip(after)
        .filter(|((_, before), (_, after))| before != after)
        .map(|((label, before), (_, after))| {
            view! {
                <tr>
                    <th scope="row">{label}</th>
                    <td data-label="Now"><span class="muted">{before}</span></td>
                    <td data-label="From now on"><b>{after}</b></td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![
        Column::text("Term"),
        Column::text(format!("Version {}, now", current.version)),
        Column::text(format!("Version {next}, from now on")),
    ];
    view! {
        <Card id="difference" title="What changes">
            <Table caption="The terms that change, before and after" columns style=TableStyle::CARDS.spaced()>{rows}</Table>
        </Card>
    }
    .into_any()
}

/// What the change means, and the form that saves it.
fn effect_card(page: &ProgramPage, current: &TermsVersion, proposed: &Terms, next: usize) -> AnyView {
    let path = page.routes().settings().terms();
    let currency = page.program.currency;
    let fields = TermsForm::of(proposed, currency).fields();
    let mut fields: Vec<(String, String)> =
        fields.into_iter().map(|(name, value)| (format!("terms[{name}]"), value)).collect();
    if proposed.rewards.simple_step().is_none() {
        fields.extend(flat_fields("rewards", &RewardForm::all_of(&proposed.rewards, currency)));
    }
    let hidden = fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view();
    let actions = view! {
        <form class="form-actions" method="post" action=ChangeTerms::PATH>
            <input type="hidden" name="program" value=page.program.id.to_string()/>
            {hidden}
            <button class="button primary large">{format!("Save version {next}")}</button>
            <a class="button large" href=Step::Edit.on(&path)>"Edit"</a>
            <a class="button quiet large" href=path>"Discard"</a>
        </form>
    };
    let meanings = [
        format!("Affiliates read: “You earn {}”.", proposed.offer(page.program.currency)),
        example(page, &current.terms, proposed),
        format!("Version {next} applies to payments from the moment you save it."),
        format!("Earlier conversions keep their version: {} or earlier.", current.version),
    ];
    let meanings = meanings.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    view! {
        <Card id="effect" title="What it means" foot=actions.into_any()>
            <CardBody><ul class="stack tight">{meanings}</ul></CardBody>
        </Card>
    }
    .into_any()
}

/// What a round payment earns, before and after.
fn example(page: &ProgramPage, before: &Terms, after: &Terms) -> String {
    let currency = page.program.currency;
    let paid = EXAMPLE_UNITS * 10_i64.pow(u32::from(currency.exponent()));
    let both = (before.rewards.simple_step(), after.rewards.simple_step());
    let (Some(before), Some(after)) = both else {
        return "The first reward whose conditions match a payment decides. Its lines alone count if it names products."
            .to_owned();
    };
    let earns = |step: RewardStep| {
        step.commission.on(paid, currency, currency).map_or_else(String::new, |money| money.to_string())
    };
    let (before, after, paid) = (earns(before), earns(after), money(paid, currency));
    if before == after {
        format!("A payment of {paid} still earns {after}.")
    } else {
        format!("A payment of {paid} earns {after} instead of {before}.")
    }
}
