//! Rewards in words: what they pay, for which payments, and why one does not apply.

use domain::money::Currency;
use domain::terms::{
    AppliedReward, CapKind, Capped, Commission, Conditions, Join, Mismatch, Order, Product, Recurrence,
    Reward, SkippedReward, Step, Terms,
};

use crate::components::{CheckItem, ReceiptLine, RewardView, StairStep, Verdict};
use crate::text::{amount, money};

/// The rewards of terms as a list.
pub fn reward_views(terms: &Terms, currency: Currency) -> Vec<RewardView> {
    let view = |(reward, number): (&Reward, usize)| {
        let offer = sentence_case(&reward.offer(currency));
        RewardView {
            number,
            title: reward.name.clone().unwrap_or_else(|| offer.clone()),
            pays: reward.name.as_ref().map(|_| offer),
            conditions: conditions(&reward.conditions, currency),
            steps: stairs(reward),
        }
    };
    terms.rewards.iter().zip(1..).map(view).collect()
}

/// Whether terms need more than the one line of their offer.
pub fn has_list(terms: &Terms) -> bool {
    terms.rewards.only().is_none_or(|reward| reward.name.is_some() || !reward.conditions.is_empty())
}

fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The heights are shares of the highest step; percentages and amounts cannot be compared.
fn stairs(reward: &Reward) -> Vec<StairStep> {
    let number = |step: &Step| match step.commission {
        Commission::Percent { rate_bps } => rate_bps,
        Commission::Fixed { amount_minor } => amount_minor,
    };
    let is_percent = |step: &Step| matches!(step.commission, Commission::Percent { .. });
    let first = is_percent(reward.steps.first());
    let comparable = reward.steps.iter().all(|step| is_percent(step) == first);
    let highest = reward.steps.iter().map(number).max().unwrap_or(1).max(1);
    let height = |step: &Step| {
        if comparable { number(step).saturating_mul(1_000) / highest } else { 700 }
    };
    let until = |step: &Step| match step.recurrence {
        Recurrence::FirstPayment => "first".to_owned(),
        Recurrence::Months { months } => format!("month {months}"),
        Recurrence::Lifetime => String::new(),
    };
    reward.steps.iter().map(|step| StairStep { height: height(step), until: until(step) }).collect()
}

/// Conditions one by one: what each is about, and what it says.
pub fn conditions(conditions: &Conditions, currency: Currency) -> Vec<(&'static str, String)> {
    let or = |texts: Vec<String>| texts.join(" or ");
    let titles = |products: &[Product]| products.iter().map(|one| one.title().to_owned()).collect::<Vec<_>>();
    let amount = match (conditions.amount.at_least, conditions.amount.at_most) {
        (Some(low), Some(high)) => Some(format!("{} to {}", money(low, currency), money(high, currency))),
        (Some(low), None) => Some(format!("{} or more", money(low, currency))),
        (None, Some(high)) => Some(format!("up to {}", money(high, currency))),
        (None, None) => None,
    };
    let order = conditions.order.map(|order| match order {
        Order::New => "first payment",
        Order::Renewal => "later payments",
    });
    let some = |texts: Vec<String>| (!texts.is_empty()).then(|| or(texts));
    let currencies = conditions.currencies.iter().map(ToString::to_string).collect();
    let join = match conditions.join {
        Join::Any if conditions.count() > 1 => Some("one of these".to_owned()),
        _ => None,
    };
    [
        ("If", join),
        ("Product", some(titles(&conditions.products))),
        ("Payment", amount),
        ("Currency", some(currencies)),
        ("Country", some(conditions.countries.clone())),
        ("Only", order.map(str::to_owned)),
        ("Without", some(titles(&conditions.excluded))),
    ]
    .into_iter()
    .filter_map(|(label, text)| text.map(|text| (label, text)))
    .collect()
}

/// "Team, 30% of each payment for 12 months (Product Lumen Team)"
pub fn reward_line(reward: &Reward, currency: Currency) -> String {
    let mut text = match &reward.name {
        Some(name) => format!("{name}: {}", reward.offer(currency)),
        None => reward.offer(currency),
    };
    let conditions = conditions(&reward.conditions, currency);
    if !conditions.is_empty() {
        let all: Vec<String> = conditions.iter().map(|(label, text)| format!("{label} {text}")).collect();
        text.push_str(&format!(" ({})", all.join("; ")));
    }
    text
}

/// Why a condition does not hold, in a sentence. Amounts are compared in the program's currency
/// alone, so that the payment's is the same one.
pub fn mismatch_sentence(reason: &Mismatch, currency: Currency) -> String {
    let products = |bought: &[String]| {
        if bought.is_empty() { "products without a name".to_owned() } else { bought.join(" and ") }
    };
    match reason {
        Mismatch::Product { bought } => format!("The payment was for {}.", products(bought)),
        Mismatch::ProductUnknown => "The payment has no invoice, so its products are not known.".to_owned(),
        Mismatch::Excluded { bought } => {
            format!("The payment was for {}, which is excluded.", products(bought))
        }
        Mismatch::NothingCharged { bought } => {
            format!("Nothing was charged for its product in this payment for {}.", products(bought))
        }
        Mismatch::Amount { base, range } => match (range.at_least, range.at_most) {
            (Some(low), _) if *base < low => {
                format!("{} is less than {}.", money(*base, currency), money(low, currency))
            }
            (_, Some(high)) => format!("{} is more than {}.", money(*base, currency), money(high, currency)),
            _ => format!("{} is out of bounds.", money(*base, currency)),
        },
        Mismatch::AmountCurrency { currency: paid } => {
            format!(
                "The payment was in {paid}, which is not compared with amounts in the program’s currency."
            )
        }
        Mismatch::Currency { currency } => format!("The payment was in {currency}."),
        Mismatch::Country { country: Some(country) } => format!("The customer is in {country}."),
        Mismatch::Country { country: None } => "The customer’s country is not known.".to_owned(),
        Mismatch::Order { wanted: Order::New } => "It was not the customer’s first payment.".to_owned(),
        Mismatch::Order { wanted: Order::Renewal } => "It was the customer’s first payment.".to_owned(),
    }
}

/// Why a reward does not apply.
pub fn skipped_sentence(skipped: &SkippedReward, currency: Currency) -> String {
    let all: Vec<String> = skipped.reasons.iter().map(|reason| mismatch_sentence(reason, currency)).collect();
    all.join(" ")
}

/// "Reward 2, Team"
pub fn reward_name(position: i64, name: Option<&str>) -> String {
    name.map_or_else(|| format!("Reward {position}"), |name| format!("Reward {position}, {name}"))
}

/// The rewards that were tried for a payment, in order.
pub fn reward_checks(applied: &AppliedReward, terms: &Terms, currency: Currency) -> Vec<CheckItem> {
    let mut items = skipped_checks(&applied.skipped, currency);
    let place = usize::try_from(applied.position).unwrap_or(1);
    let reward = terms.rewards.iter().nth(place.saturating_sub(1));
    let pays =
        reward.map_or_else(|| applied.commission.text(currency), |reward| reward_line(reward, currency));
    let step = match reward.map_or(1, |reward| reward.steps.count()) {
        1 => String::new(),
        steps => format!(
            " The customer is in step {} of {steps}: {}.",
            applied.step,
            applied.commission.text(currency)
        ),
    };
    let text = format!("{}.{step}", sentence_case(&pays));
    items.push(CheckItem::new(reward_name(applied.position, None), Verdict::Decided, text));
    items
}

/// What a cap took, as a line of the arithmetic.
pub fn cap_line(capped: &Capped) -> ReceiptLine {
    let title = match capped.cap {
        CapKind::Payment => "Over the limit per payment",
        CapKind::Customer => "Over the limit per customer",
    };
    let Capped { most, over, .. } = capped;
    ReceiptLine::new(title, amount(-over.minor, over.currency)).note(format!("{most} at most"))
}

/// Rewards that do not apply to a payment.
pub fn skipped_checks(skipped: &[SkippedReward], currency: Currency) -> Vec<CheckItem> {
    let item = |one: &SkippedReward| {
        let title = reward_name(one.position, one.name.as_deref());
        CheckItem::new(title, Verdict::NoMatch, skipped_sentence(one, currency))
    };
    skipped.iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use domain::one_or_more::OneOrMore;
    use domain::terms::{AmountRange, Rewards};

    use super::*;

    fn usd() -> Currency {
        "usd".parse().unwrap()
    }

    fn team() -> Reward {
        Reward {
            name: Some("Team".to_owned()),
            conditions: Conditions {
                join: Join::Any,
                products: vec![
                    Product { id: "prod_1".into(), name: Some("Lumen Team".into()) },
                    Product::new("price_2"),
                ],
                amount: AmountRange { at_least: Some(10_000), at_most: None },
                ..Conditions::none()
            },
            ..Reward::simple(Commission::Percent { rate_bps: 3_000 }, Recurrence::Lifetime)
        }
    }

    #[test]
    fn a_reward_says_what_it_pays_and_for_what() {
        assert_eq!(
            reward_line(&team(), usd()),
            "Team: 30% of each payment, for life (If one of these; Product Lumen Team or price_2; Payment 100.00 USD or more)"
        );
        let simple = Terms::default();
        assert!(!has_list(&simple));
        assert_eq!(reward_line(simple.rewards.first(), usd()), "20% of each payment for 12 months");
    }

    #[test]
    fn the_rewards_that_were_tried_come_before_the_one_that_decided() {
        let rewards: Rewards = OneOrMore::of(vec![team(), Terms::default().rewards.first().clone()]).unwrap();
        let terms = Terms { rewards, ..Terms::default() };
        assert!(has_list(&terms));
        let applied = AppliedReward {
            position: 2,
            skipped: vec![SkippedReward {
                position: 1,
                name: Some("Team".to_owned()),
                reasons: vec![
                    Mismatch::Product { bought: vec!["Lumen Pro".to_owned()] },
                    Mismatch::Amount {
                        base: 2_000,
                        range: AmountRange { at_least: Some(10_000), at_most: None },
                    },
                ],
            }],
            ..AppliedReward::simple(
                Commission::Percent { rate_bps: 2_000 },
                Recurrence::Months { months: 12 },
            )
        };
        let titles: Vec<String> =
            reward_checks(&applied, &terms, usd()).into_iter().map(|item| item.title).collect();
        assert_eq!(titles, ["Reward 1, Team", "Reward 2"]);
        assert_eq!(
            skipped_sentence(&applied.skipped[0], usd()),
            "The payment was for Lumen Pro. 20.00 USD is less than 100.00 USD."
        );
    }

    #[test]
    fn steps_are_as_high_as_they_pay() {
        let step = |rate_bps, recurrence| Step { commission: Commission::Percent { rate_bps }, recurrence };
        let steps = vec![step(3_000, Recurrence::Months { months: 12 }), step(1_500, Recurrence::Lifetime)];
        let reward = Reward { steps: OneOrMore::of(steps).unwrap(), ..team() };
        let drawn: Vec<(i64, String)> =
            stairs(&reward).into_iter().map(|one| (one.height, one.until)).collect();
        assert_eq!(drawn, [(1_000, "month 12".to_owned()), (500, String::new())]);
    }
}
