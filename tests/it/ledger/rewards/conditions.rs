//! Conditions about the payment as a whole.

use super::*;

#[tokio::test]
async fn the_first_reward_that_fits_decides() {
    let rest = || reward(Conditions::none(), 1_000);
    check_all(&[
        (
            "by amount",
            vec![reward(amount(Some(5_000), None), 2_000), reward(amount(None, Some(999)), 500), rest()],
            &[direct(0, 4_999), direct(1, 5_000), direct(2, 999)],
            &["500 usd", "1000 usd", "50 usd"],
        ),
        (
            "an amount in another currency is not compared",
            vec![reward(amount(Some(1), None), 2_000), rest()],
            &[euro(direct(0, 10_000))],
            &["1000 eur"],
        ),
        (
            "by currency",
            vec![
                reward(Conditions { currencies: vec!["eur".parse().unwrap()], ..Conditions::none() }, 2_000),
                rest(),
            ],
            &[euro(direct(0, 10_000)), direct(1, 10_000)],
            &["2000 eur", "1000 usd"],
        ),
        (
            "by country",
            vec![reward(countries(&["US", "CA"]), 2_000), rest()],
            &[within("CA", direct(0, 10_000)), within("DE", direct(1, 10_000))],
            &["2000 usd", "1000 usd"],
        ),
        (
            "new and renewal",
            vec![reward(only(Order::New), 4_000), reward(only(Order::Renewal), 1_000)],
            &[direct(0, 10_000), direct(31, 10_000)],
            &["4000 usd", "1000 usd"],
        ),
        (
            "no reward for it",
            vec![reward(only(Order::Renewal), 1_000)],
            &[direct(0, 10_000), direct(31, 10_000)],
            &["no_reward", "1000 usd"],
        ),
        (
            "the first in order, although the second pays more",
            vec![reward(countries(&["US"]), 500), reward(amount(Some(5_000), None), 3_000)],
            &[within("US", direct(0, 10_000))],
            &["500 usd"],
        ),
        (
            "a reward that is over hides the ones after it",
            vec![
                Reward {
                    conditions: countries(&["US"]),
                    ..Reward::simple(percent(4_000), Recurrence::FirstPayment)
                },
                rest(),
            ],
            &[within("US", direct(0, 10_000)), within("US", direct(31, 10_000))],
            &["4000 usd", "not_first_payment"],
        ),
        (
            "all conditions, and any of them",
            vec![
                reward(Conditions { amount: amount(Some(5_000), None).amount, ..countries(&["US"]) }, 3_000),
                reward(
                    Conditions {
                        join: Join::Any,
                        amount: amount(Some(5_000), None).amount,
                        ..countries(&["US"])
                    },
                    2_000,
                ),
                rest(),
            ],
            &[
                within("US", direct(0, 10_000)),
                within("DE", direct(1, 10_000)),
                within("US", direct(2, 1_000)),
                within("DE", direct(3, 1_000)),
            ],
            &["3000 usd", "2000 usd", "200 usd", "100 usd"],
        ),
        (
            "a fixed sum",
            vec![
                Reward {
                    conditions: only(Order::New),
                    ..Reward::simple(Commission::Fixed { amount_minor: 2_500 }, LIFE)
                },
                rest(),
            ],
            &[refunded(5_000, direct(0, 10_000)), direct(31, 10_000)],
            &["1250 usd", "1000 usd"],
        ),
    ])
    .await;
}
