//! The offer in one line.

use super::{Commission, Recurrence, Reward, Step, Terms, rate_text};
use crate::money::{Currency, Money};

impl Terms {
    /// "25% of each payment for 12 months": the offer in one line. Several rewards are summed up
    /// as what the best of them pays at first.
    pub fn offer(&self, currency: Currency) -> String {
        if let Some(reward) = self.rewards.only() {
            return reward.offer(currency);
        }
        let first_steps = || self.rewards.iter().map(|reward| reward.steps.first().commission);
        let percent = first_steps().filter_map(|commission| match commission {
            Commission::Percent { rate_bps } => Some(rate_bps),
            Commission::Fixed { .. } => None,
        });
        let fixed = first_steps().filter_map(|commission| match commission {
            Commission::Percent { .. } => None,
            Commission::Fixed { amount_minor } => Some(amount_minor),
        });
        let rate = percent.max().map(rate_text);
        let sum = fixed.max().map(|minor| Money::new(minor, currency).to_string());
        match (rate, sum) {
            (Some(rate), None) => format!("up to {rate} of a payment"),
            (rate, sum) => {
                let highest: Vec<String> = [rate, sum].into_iter().flatten().collect();
                format!("up to {} for a payment", highest.join(" or "))
            }
        }
    }
}

impl Reward {
    /// "30% of each payment for 12 months, then 10%": what it pays, without its conditions.
    pub fn offer(&self, currency: Currency) -> String {
        let mut text = first(self.steps.first(), currency);
        for step in self.steps.iter().skip(1) {
            let what = step.commission.text(currency);
            text += &match step.recurrence {
                Recurrence::Months { months } => format!(", then {what} until month {months}"),
                Recurrence::FirstPayment | Recurrence::Lifetime => format!(", then {what}"),
            };
        }
        text
    }
}

fn first(step: &Step, currency: Currency) -> String {
    let what = step.commission.text(currency);
    let of = match step.commission {
        Commission::Percent { .. } => "of",
        Commission::Fixed { .. } => "for",
    };
    match step.recurrence {
        Recurrence::FirstPayment => format!("{what} {of} a customer’s first payment"),
        Recurrence::Months { months: 1 } => format!("{what} {of} each payment for 1 month"),
        Recurrence::Months { months } => format!("{what} {of} each payment for {months} months"),
        Recurrence::Lifetime => format!("{what} {of} each payment, for life"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::one_or_more::OneOrMore;

    fn percent(rate_bps: i64, recurrence: Recurrence) -> Step {
        Step { commission: Commission::Percent { rate_bps }, recurrence }
    }

    fn paying(steps: Vec<Step>) -> Reward {
        let simple = Reward::simple(Commission::Percent { rate_bps: 1 }, Recurrence::Lifetime);
        Reward { steps: OneOrMore::of(steps).unwrap(), ..simple }
    }

    #[test]
    fn every_step_is_in_the_offer_and_several_rewards_are_summed_up() {
        let usd: Currency = "usd".parse().unwrap();
        let year = percent(3_000, Recurrence::Months { months: 12 });
        let life = percent(1_000, Recurrence::Lifetime);
        let staggered = paying(vec![year, life]);
        assert_eq!(staggered.offer(usd), "30% of each payment for 12 months, then 10%");
        let ending = paying(vec![year, percent(1_000, Recurrence::Months { months: 24 })]);
        assert_eq!(ending.offer(usd), "30% of each payment for 12 months, then 10% until month 24");
        let first = paying(vec![percent(5_000, Recurrence::FirstPayment), life]);
        assert_eq!(first.offer(usd), "50% of a customer’s first payment, then 10%");
        let fixed = Reward::simple(Commission::Fixed { amount_minor: 1_500 }, Recurrence::FirstPayment);
        let terms = |rewards| Terms { rewards: OneOrMore::of(rewards).unwrap(), ..Terms::default() };
        assert_eq!(terms(vec![staggered.clone(), first.clone()]).offer(usd), "up to 50% of a payment");
        assert_eq!(terms(vec![staggered, fixed]).offer(usd), "up to 30% or 15.00 USD for a payment");
    }
}
