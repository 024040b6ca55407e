//! What a change of the terms would mean, before it is saved.

use domain::terms::{Terms, TermsVersion};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::Step;
use super::change::ChangeTerms;
use crate::components::{Card, CardBody, Column, MerchantShell, PageHead, Table, TableStyle};
use crate::forms::TermsForm;
use crate::layout::{ProgramPage, Section};
use crate::presenters::terms::lines;
use crate::text::money;

/// A payment that shows what a change does, in whole units of the currency.
const EXAMPLE_UNITS: i64 = 100;

/// The page that compares a change with what is in force.
pub(super) fn preview(
    page: &ProgramPage,
    current: &TermsVersion,
    versions: usize,
    proposed: &Terms,
) -> AnyView {
    let next = versions + 1;
    page.title("Preview of the terms", false);
    let difference = difference_card(page, current, proposed, next);
    let effect = effect_card(page, current, proposed, next);
    let crumbs = page.crumbs(
        &[("Settings", page.routes().settings().general()), ("Terms", page.routes().settings().terms())],
        "Preview",
    );
    view! {
        <MerchantShell frame=page.frame(Section::Terms) crumbs narrow=true>
            <PageHead title="Preview the change" lead="Nothing is saved yet."/>
            {difference}
            {effect}
        </MerchantShell>
    }
    .into_any()
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
    let hidden = TermsForm::of(proposed, page.program.currency)
        .fields()
        .map(|(name, value)| view! { <input type="hidden" name=format!("terms[{name}]") value=value/> })
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
    let earns = |terms: &Terms| {
        terms.commission_on(paid, currency, currency).map_or_else(String::new, |money| money.to_string())
    };
    let (before, after, paid) = (earns(before), earns(after), money(paid, currency));
    if before == after {
        format!("A payment of {paid} still earns {after}.")
    } else {
        format!("A payment of {paid} earns {after} instead of {before}.")
    }
}
