//! A program's rules in plain words: for the merchant who sets them and the affiliate who
//! earns under them.

use domain::money::Currency;
use domain::terms::{ClickModel, Commission, ProofOrder, Recurrence, Rules, rate_text};

use crate::components::Fact;
use crate::text::{money, plural};

/// The rules one by one: what each is about, and what it says. Always the same ones in the
/// same order, so that two versions can stand side by side.
pub fn lines(rules: &Rules, currency: Currency) -> Vec<(&'static str, String)> {
    let commission = match rules.commission {
        Commission::Percent { rate_bps } => format!("{} of the payment", rate_text(rate_bps)),
        Commission::Fixed { amount_minor } => format!("{} for a payment", money(amount_minor, currency)),
    };
    let payments = match rules.recurrence {
        Recurrence::FirstPayment => "The first one only".to_owned(),
        Recurrence::Months { months } => format!("All for {}", plural(months, "month", "months")),
        Recurrence::Lifetime => "All, for good".to_owned(),
    };
    let clicks = match rules.click_model {
        ClickModel::First => "The first click wins",
        ClickModel::Last => "The last click wins",
    };
    let order = match rules.proof_order {
        ProofOrder::CouponFirst => "The code wins",
        ProofOrder::ClickFirst => "The click wins",
    };
    vec![
        ("Commission", commission),
        ("Payments", payments),
        ("Cookie window", plural(rules.window_days, "day", "days")),
        ("Several clicks", clicks.to_owned()),
        ("Code or click", order.to_owned()),
        ("Hold", hold(rules)),
        ("Minimum payout", minimum(rules, currency)),
    ]
}

fn hold(rules: &Rules) -> String {
    if rules.hold_days == 0 { "None".to_owned() } else { plural(rules.hold_days, "day", "days") }
}

fn minimum(rules: &Rules, currency: Currency) -> String {
    if rules.minimum_payout_minor == 0 {
        "None".to_owned()
    } else {
        money(rules.minimum_payout_minor, currency)
    }
}

/// The rules as labels and values.
pub fn facts(rules: &Rules, currency: Currency) -> Vec<Fact> {
    lines(rules, currency).into_iter().map(|(label, value)| Fact::new(label, value)).collect()
}

/// The rules that an affiliate asks about first, in a row: "60-day window".
pub fn chips(rules: &Rules, currency: Currency) -> Vec<String> {
    let mut chips = vec![format!("{}-day window", rules.window_days)];
    if rules.hold_days > 0 {
        chips.push(format!("{}-day hold", rules.hold_days));
    }
    if rules.minimum_payout_minor > 0 {
        chips.push(format!("{} minimum", money(rules.minimum_payout_minor, currency)));
    }
    chips
}

/// How a payment finds its affiliate, and what it then earns: a sentence each.
pub fn explained(rules: &Rules, currency: Currency) -> Vec<(&'static str, String)> {
    let which = match rules.click_model {
        ClickModel::First => "Where a buyer came by several links, the first one counts.",
        ClickModel::Last => "Where a buyer came by several links, the last one counts.",
    };
    let order = match rules.proof_order {
        ProofOrder::CouponFirst => "A promotion code that belongs to an affiliate comes before any click.",
        ProofOrder::ClickFirst => {
            "A promotion code that belongs to an affiliate counts where no click is known."
        }
    };
    let after = match rules.recurrence {
        Recurrence::FirstPayment => "Only a customer’s first payment earns something.".to_owned(),
        Recurrence::Months { months } => format!(
            "Payments within {} of a customer’s first one earn something.",
            plural(months, "month", "months"),
        ),
        Recurrence::Lifetime => "All payments of a customer earn something, as long as they pay.".to_owned(),
    };
    let what = match rules.commission {
        Commission::Percent { rate_bps } => {
            format!("{} of what was paid, after discounts, credit and tax.", rate_text(rate_bps),)
        }
        Commission::Fixed { amount_minor } => {
            format!("{} for each payment that counts.", money(amount_minor, currency))
        }
    };
    let hold = match rules.hold_days {
        0 => "A commission is payable at once. A refund takes back its share.".to_owned(),
        days => format!(
            "A commission is payable {} after the payment. A refund takes back its share.",
            plural(days, "day", "days"),
        ),
    };
    let minimum = match rules.minimum_payout_minor {
        0 => "Any payable balance can be paid out.".to_owned(),
        minor => format!("A balance is paid out from {} on; a smaller one waits.", money(minor, currency)),
    };
    vec![
        (
            "The click",
            format!(
                "A first payment counts when it comes within {} of a click on a link. {which}",
                plural(rules.window_days, "day", "days"),
            ),
        ),
        ("The code", order.to_owned()),
        ("The customer", format!("Whoever brought a customer first keeps them. {after}")),
        ("The commission", what),
        ("The hold", hold),
        ("The payout", minimum),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd() -> Currency {
        "usd".parse().unwrap()
    }

    #[test]
    fn two_versions_can_stand_side_by_side() {
        let fixed = Rules {
            commission: Commission::Fixed { amount_minor: 1_500 },
            recurrence: Recurrence::FirstPayment,
            hold_days: 0,
            minimum_payout_minor: 0,
            ..Rules::default()
        };
        let (one, two) = (lines(&Rules::default(), usd()), lines(&fixed, usd()));
        let labels = |lines: &[(&'static str, String)]| lines.iter().map(|line| line.0).collect::<Vec<_>>();
        assert_eq!(labels(&one), labels(&two));
        assert_eq!(one[0].1, "20 % of the payment");
        assert_eq!(two[0].1, "15.00 USD for a payment");
        assert_eq!(two[5].1, "None");
    }

    #[test]
    fn nothing_is_said_of_what_there_is_not() {
        let free = Rules { hold_days: 0, minimum_payout_minor: 0, ..Rules::default() };
        assert_eq!(chips(&free, usd()), ["30-day window"]);
        assert_eq!(chips(&Rules::default(), usd()), ["30-day window", "30-day hold", "50.00 USD minimum"]);
        assert!(explained(&free, usd()).iter().all(|(_, sentence)| !sentence.contains("0.00")));
    }
}
