//! What a change of the terms would mean, before it is made.

use domain::fields::Problems;
use domain::terms::{RulesInput, TermsVersion};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::{Map, Value};

use super::change::ChangeTerms;
use crate::components::{Card, CardBody, Column, MerchantShell, PageHead, Table};
use crate::frames::{ProgramPage, Section};
use crate::queries::Parameters;
use crate::rules::lines;

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
            let value = parameters.get(&name).unwrap_or_default();
            let value = Value::String(value.to_owned());
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
    let currency = page.program.currency;
    let rules = input.parse(currency, &mut Problems::new())?;
    let next = versions + 1;
    let path = page.path("settings/terms");
    page.title("Preview of the terms", false);
    let rows = lines(&current.rules, currency)
        .into_iter()
        .zip(lines(&rules, currency))
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
    let example = EXAMPLE_UNITS * 10_i64.pow(u32::from(currency.exponent()));
    let earns = |rules: &domain::terms::Rules| {
        rules.commission_on(example, currency, currency).map_or_else(String::new, |money| money.to_string())
    };
    let (before, after) = (earns(&current.rules), earns(&rules));
    let example = crate::text::money(example, currency);
    let sentence = if before == after {
        format!("A payment of {example} goes on earning {after}.")
    } else {
        format!("A payment of {example} earns {after} instead of {before}.")
    };
    let hidden = fields(input)
        .into_iter()
        .map(|(name, value)| {
            let value = value.as_str().unwrap_or_default().to_owned();
            view! { <input type="hidden" name=format!("rules[{name}]") value=value/> }
        })
        .collect_view();
    let edit = proposal_to_edit(&path, input);
    let offer = format!("Affiliates read: “You earn {}”.", rules.offer(currency));
    let kept = format!(
        "Conversions so far keep the version that they were made under: {} or earlier.",
        current.version
    );
    let id = page.program.id.to_string();
    let crumbs = page.crumbs(&[("Settings", "settings"), ("Terms", "settings/terms")], "Preview");
    let columns = vec![
        Column::text("Rule"),
        Column::text(format!("Version {}, now", current.version)),
        Column::text(format!("Version {next}, from now on")),
    ];
    Some(
        view! {
            <MerchantShell frame=page.frame(Section::Terms) crumbs narrow=true>
                <PageHead title="Preview the change" lead="Nothing is saved yet."/>
                <Card id="difference" title="What changes">
                    <Table caption="The rules that change, before and after" columns cards=true spaced=true>{rows}</Table>
                </Card>
                <Card id="effect" title="What that means">
                    <CardBody>
                        <ul class="stack tight">
                            <li>{offer}</li>
                            <li>{sentence}</li>
                            <li>{format!("Version {next} counts for payments made from the moment you save it.")}</li>
                            <li>{kept}</li>
                        </ul>
                        <form class="form-actions gap-top" method="post" action=ChangeTerms::PATH>
                            <input type="hidden" name="program" value=id/>
                            {hidden}
                            <button class="button primary large">{format!("Save version {next}")}</button>
                            <a class="button large" href=edit>"Edit"</a>
                            <a class="button quiet large" href=path>"Discard"</a>
                        </form>
                    </CardBody>
                </Card>
            </MerchantShell>
        }
        .into_any(),
    )
}

/// The form again, with the proposal in it.
fn proposal_to_edit(path: &str, input: &RulesInput) -> String {
    format!("{}&edit=1", preview_path(path, input))
}

#[cfg(test)]
mod tests {
    use domain::terms::Rules;

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
