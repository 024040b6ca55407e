//! What a change of the terms would mean, before it is made.

use domain::fields::Problems;
use domain::terms::{Rules, RulesInput, TermsVersion};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::{Map, Value};

use super::change::ChangeTerms;
use crate::components::{Card, CardBody, Column, MerchantShell, PageHead, Table};
use crate::layout::{ProgramPage, Section};
use crate::presenters::terms::lines;
use crate::request::queries::Parameters;
use crate::text::money;

/// A payment that shows what a change does, in whole units of the currency.
const EXAMPLE_UNITS: i64 = 100;

/// The fields of the form, by name.
fn fields(input: &RulesInput) -> Map<String, Value> {
    match serde_json::to_value(input) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// The address of the preview of a change.
pub(super) fn preview_path(path: &str, input: &RulesInput) -> String {
    let filled = fields(input).into_iter().filter_map(|(name, value)| {
        let value = value.as_str()?.to_owned();
        (!value.is_empty()).then_some((name, value))
    });
    filled.fold(Parameters::default(), |all, (name, value)| all.with(&name, &value)).on(path)
}

/// The change that an address proposes; nothing when it proposes none.
pub(super) fn proposed(parameters: &Parameters) -> Option<RulesInput> {
    parameters.get("commission_kind")?;
    let names = fields(&RulesInput::default());
    let typed: Map<String, Value> = names
        .into_iter()
        .map(|(name, _)| {
            let value = Value::String(parameters.get(&name).unwrap_or_default().to_owned());
            (name, value)
        })
        .collect();
    serde_json::from_value(Value::Object(typed)).ok()
}

/// The page that shows a change beside what is in force. Nothing when the proposal cannot
/// be read, as in an address made by hand.
pub(super) fn preview(
    page: &ProgramPage,
    current: &TermsVersion,
    versions: usize,
    input: &RulesInput,
) -> Option<AnyView> {
    let rules = input.parse(page.program.currency, &mut Problems::new())?;
    let next = versions + 1;
    page.title("Preview of the terms", false);
    let difference = difference_card(page, current, &rules, next);
    let effect = effect_card(page, current, &rules, input, next);
    let crumbs = page.crumbs(
        &[("Settings", page.routes().settings().general()), ("Terms", page.routes().settings().terms())],
        "Preview",
    );
    Some(
        view! {
            <MerchantShell frame=page.frame(Section::Terms) crumbs narrow=true>
                <PageHead title="Preview the change" lead="Nothing is saved yet."/>
                {difference}
                {effect}
            </MerchantShell>
        }
        .into_any(),
    )
}

/// The rules that change, before and after.
fn difference_card(page: &ProgramPage, current: &TermsVersion, rules: &Rules, next: usize) -> AnyView {
    let currency = page.program.currency;
    let (before, after) = (lines(&current.rules, currency), lines(rules, currency));
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
        Column::text("Rule"),
        Column::text(format!("Version {}, now", current.version)),
        Column::text(format!("Version {next}, from now on")),
    ];
    view! {
        <Card id="difference" title="What changes">
            <Table caption="The rules that change, before and after" columns cards=true spaced=true>{rows}</Table>
        </Card>
    }
    .into_any()
}

/// What the change means, and the form that makes it.
fn effect_card(
    page: &ProgramPage,
    current: &TermsVersion,
    rules: &Rules,
    input: &RulesInput,
    next: usize,
) -> AnyView {
    let path = page.routes().settings().terms();
    let hidden = fields(input)
        .into_iter()
        .map(|(name, value)| {
            let value = value.as_str().unwrap_or_default().to_owned();
            view! { <input type="hidden" name=format!("rules[{name}]") value=value/> }
        })
        .collect_view();
    let actions = view! {
        <form class="form-actions" method="post" action=ChangeTerms::PATH>
            <input type="hidden" name="program" value=page.program.id.to_string()/>
            {hidden}
            <button class="button primary large">{format!("Save version {next}")}</button>
            <a class="button large" href=proposal_to_edit(&path, input)>"Edit"</a>
            <a class="button quiet large" href=path>"Discard"</a>
        </form>
    };
    let meanings = [
        format!("Affiliates read: “You earn {}”.", rules.offer(page.program.currency)),
        example(page, &current.rules, rules),
        format!("Version {next} counts for payments made from the moment you save it."),
        format!(
            "Conversions so far keep the version that they were made under: {} or earlier.",
            current.version
        ),
    ];
    let meanings = meanings.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    view! {
        <Card id="effect" title="What that means" foot=actions.into_any()>
            <CardBody><ul class="stack tight">{meanings}</ul></CardBody>
        </Card>
    }
    .into_any()
}

/// What a round payment earns, before and after.
fn example(page: &ProgramPage, before: &Rules, after: &Rules) -> String {
    let currency = page.program.currency;
    let paid = EXAMPLE_UNITS * 10_i64.pow(u32::from(currency.exponent()));
    let earns = |rules: &Rules| {
        rules.commission_on(paid, currency, currency).map_or_else(String::new, |money| money.to_string())
    };
    let (before, after, paid) = (earns(before), earns(after), money(paid, currency));
    if before == after {
        format!("A payment of {paid} goes on earning {after}.")
    } else {
        format!("A payment of {paid} earns {after} instead of {before}.")
    }
}

/// The form again, with the proposal in it.
fn proposal_to_edit(path: &str, input: &RulesInput) -> String {
    format!("{}&edit=1", preview_path(path, input))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_survives_its_address() {
        let input = RulesInput::from_rules(&Rules::default(), "usd".parse().unwrap());
        let path = preview_path("/terms", &input);
        let query = path.split_once('?').expect("a query").1;
        assert_eq!(proposed(&Parameters::parse(query)), Some(input));
        assert_eq!(proposed(&Parameters::parse("period=7d")), None);
    }
}
