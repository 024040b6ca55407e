//! A program's terms in plain words: for the merchant who sets them and the affiliate who
//! earns under them.

use domain::money::Currency;
use domain::terms::{
    AttributionPriority, Caps, ClickModel, Commission, Recurrence, Reward, Terms, rate_text,
};

use super::rewards::{has_list, reward_line};
use crate::components::Fact;
use crate::text::{money, plural};

/// The terms one by one: what each is about, and what it says. Always the same ones in the
/// same order, so that two versions can be compared.
pub fn lines(terms: &Terms, currency: Currency) -> Vec<(&'static str, String)> {
    let (commission, payments) = match terms.rewards.simple_step() {
        Some(step) => {
            let commission = match step.commission {
                Commission::Percent { rate_bps } => format!("{} of the payment", rate_text(rate_bps)),
                Commission::Fixed { amount_minor } => {
                    format!("{} per payment", money(amount_minor, currency))
                }
            };
            let payments = match step.recurrence {
                Recurrence::FirstPayment => "First payment only".to_owned(),
                Recurrence::Months { months } => format!("All for {}", plural(months, "month", "months")),
                Recurrence::Lifetime => "Lifetime".to_owned(),
            };
            (commission, payments)
        }
        None => (reward_lines(terms, currency), "As each reward says".to_owned()),
    };
    let clicks = match terms.click_model {
        ClickModel::First => "First click wins",
        ClickModel::Last => "Last click wins",
    };
    let order = match terms.attribution_priority {
        AttributionPriority::PromotionCode => "Promotion code wins",
        AttributionPriority::Click => "Click wins",
    };
    let outside = if terms.outside_stripe { "Earn a commission" } else { "Earn nothing" };
    vec![
        ("Commission", commission),
        ("Payments", payments),
        ("Cookie window", plural(terms.window_days, "day", "days")),
        ("Several clicks", clicks.to_owned()),
        ("Code or click", order.to_owned()),
        ("Hold period", hold(terms)),
        ("Minimum payout", minimum(terms, currency)),
        ("Invoices paid outside Stripe", outside.to_owned()),
        ("Limits", caps(terms, currency).unwrap_or_else(|| "None".to_owned())),
    ]
}

/// "1. Team: 30% of each payment, for life (Product Lumen Team). 2. 20% of each payment, for life."
fn reward_lines(terms: &Terms, currency: Currency) -> String {
    if let Some(reward) = terms.rewards.only() {
        return reward_line(reward, currency);
    }
    let line = |(reward, number): (&Reward, i64)| format!("{number}. {}.", reward_line(reward, currency));
    terms.rewards.iter().zip(1..).map(line).collect::<Vec<_>>().join(" ")
}

/// "Earn 25% of each payment for 12 months"
pub fn headline(terms: &Terms, currency: Currency) -> String {
    format!("Earn {}", terms.offer(currency))
}

/// "50.00 USD per payment, 200.00 USD per customer"; `None` without a cap.
fn caps(terms: &Terms, currency: Currency) -> Option<String> {
    let Caps { per_payment, per_customer } = terms.caps;
    let all = [
        per_payment.map(|minor| format!("{} per payment", money(minor, currency))),
        per_customer.map(|minor| format!("{} per customer", money(minor, currency))),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn hold(terms: &Terms) -> String {
    if terms.hold_days == 0 { "None".to_owned() } else { plural(terms.hold_days, "day", "days") }
}

fn minimum(terms: &Terms, currency: Currency) -> String {
    if terms.minimum_payout_minor == 0 {
        "None".to_owned()
    } else {
        money(terms.minimum_payout_minor, currency)
    }
}

/// The terms as labels and values.
pub fn facts(terms: &Terms, currency: Currency) -> Vec<Fact> {
    // A list of rewards is shown as one.
    let short = |(label, value): (&'static str, String)| match label {
        "Commission" if has_list(terms) => Fact::new(label, terms.offer(currency)),
        _ => Fact::new(label, value),
    };
    lines(terms, currency).into_iter().map(short).collect()
}

/// The terms that an affiliate asks about first, in a row: "60-day window".
pub fn chips(terms: &Terms, currency: Currency) -> Vec<String> {
    let mut chips = vec![format!("{}-day window", terms.window_days)];
    if terms.hold_days > 0 {
        chips.push(format!("{}-day hold", terms.hold_days));
    }
    if terms.minimum_payout_minor > 0 {
        chips.push(format!("{} minimum", money(terms.minimum_payout_minor, currency)));
    }
    chips
}

/// How a payment finds its affiliate, and what it then earns: a sentence each.
pub fn explained(terms: &Terms, currency: Currency) -> Vec<(&'static str, String)> {
    let which = match terms.click_model {
        ClickModel::First => "If a buyer clicked several links, the first one counts.",
        ClickModel::Last => "If a buyer clicked several links, the last one counts.",
    };
    let order = match terms.attribution_priority {
        AttributionPriority::PromotionCode => "An affiliate’s promotion code counts before any click.",
        AttributionPriority::Click => "An affiliate’s promotion code counts only if there is no click.",
    };
    let step = terms.rewards.simple_step();
    let after = match step.map(|step| step.recurrence) {
        Some(Recurrence::FirstPayment) => "Only a customer’s first payment earns a commission.".to_owned(),
        Some(Recurrence::Months { months }) => format!(
            "Payments within {} of a customer’s first one earn a commission, counted by the periods of the \
             subscription.",
            plural(months, "month", "months"),
        ),
        Some(Recurrence::Lifetime) => "All payments of a customer earn a commission.".to_owned(),
        None => "Months are counted from a customer’s first payment, by the periods of the subscription."
            .to_owned(),
    };
    let what = match (step.map(|step| step.commission), terms.rewards.only()) {
        (Some(Commission::Percent { rate_bps }), _) => {
            format!("{} of what was paid, after discounts, credit and tax.", rate_text(rate_bps))
        }
        (Some(Commission::Fixed { amount_minor }), _) => {
            format!("{} for each eligible payment.", money(amount_minor, currency))
        }
        (None, Some(reward)) => {
            format!("{}. Counted after discounts, credit and tax.", reward_line(reward, currency))
        }
        (None, None) => {
            "The first of the rewards that fits a payment. Counted after discounts, credit and tax, \
                         on the products that the reward is for."
                .to_owned()
        }
    };
    let hold = match terms.hold_days {
        0 => "Commissions are payable immediately. Refunds reduce them proportionally.".to_owned(),
        days => format!(
            "Commissions are payable {} after the payment. Refunds reduce them proportionally.",
            plural(days, "day", "days"),
        ),
    };
    let minimum = match terms.minimum_payout_minor {
        0 => "Any payable balance can be paid out.".to_owned(),
        minor => format!("Balances of {} or more can be paid out.", money(minor, currency)),
    };
    let outside = if terms.outside_stripe {
        "Invoices paid outside Stripe earn a commission too."
    } else {
        "Invoices paid entirely outside Stripe earn nothing."
    };
    let limits = caps(terms, currency).map(|caps| ("The limits", format!("At most {caps}.")));
    let all = vec![
        (
            "The click",
            format!(
                "A first purchase counts if it is ordered within {} of a click on a link, even if it is paid later. {which}",
                plural(terms.window_days, "day", "days"),
            ),
        ),
        ("The code", order.to_owned()),
        (
            "The customer",
            format!(
                "The first referral wins: after a customer’s first payment, their affiliate doesn’t change. {after}"
            ),
        ),
        ("Outside Stripe", outside.to_owned()),
        ("The commission", what),
        ("The hold", hold),
        ("The payout", minimum),
    ];
    all.into_iter().chain(limits).collect()
}

#[cfg(test)]
mod tests {
    use domain::terms::Rewards;

    use super::*;

    fn usd() -> Currency {
        "usd".parse().unwrap()
    }

    #[test]
    fn two_versions_can_be_compared() {
        let fixed = Terms {
            rewards: Rewards::simple(Commission::Fixed { amount_minor: 1_500 }, Recurrence::FirstPayment),
            hold_days: 0,
            minimum_payout_minor: 0,
            ..Terms::default()
        };
        let (one, two) = (lines(&Terms::default(), usd()), lines(&fixed, usd()));
        let labels = |lines: &[(&'static str, String)]| lines.iter().map(|line| line.0).collect::<Vec<_>>();
        assert_eq!(labels(&one), labels(&two));
        assert_eq!(one[0].1, "20% of the payment");
        assert_eq!(two[0].1, "15.00 USD per payment");
        assert_eq!(two[5].1, "None");
    }

    #[test]
    fn absent_terms_are_not_described() {
        let free = Terms { hold_days: 0, minimum_payout_minor: 0, ..Terms::default() };
        assert_eq!(chips(&free, usd()), ["30-day window"]);
        assert_eq!(chips(&Terms::default(), usd()), ["30-day window", "30-day hold", "50.00 USD minimum"]);
        assert!(explained(&free, usd()).iter().all(|(_, sentence)| !sentence.contains("0.00")));
    }
}
