//! Rates that change with the age of the customer.

use super::*;

#[tokio::test]
async fn a_rate_changes_with_the_age_of_the_customer() {
    let staggered =
        |list: &[(i64, Recurrence)]| vec![Reward { steps: steps(list), ..Reward::simple(percent(1), LIFE) }];
    let year: &[Paid] = &[direct(0, 10_000), direct(364, 10_000), direct(366, 10_000), direct(900, 10_000)];
    check_all(&[
        (
            "30% in the first year, then 10%",
            staggered(&[(3_000, YEAR), (1_000, LIFE)]),
            year,
            &["3000 usd", "3000 usd", "1000 usd", "1000 usd"],
        ),
        (
            "30% in the first year, then 10% in the second",
            staggered(&[(3_000, YEAR), (1_000, Recurrence::Months { months: 24 })]),
            year,
            &["3000 usd", "3000 usd", "1000 usd", "recurrence_over"],
        ),
        (
            "half of the first payment, then 5%",
            staggered(&[(5_000, Recurrence::FirstPayment), (500, LIFE)]),
            &[direct(0, 10_000), direct(1, 10_000)],
            &["5000 usd", "500 usd"],
        ),
        (
            "three steps, the second refunded in part",
            staggered(&[(5_000, Recurrence::FirstPayment), (2_000, YEAR), (1_000, LIFE)]),
            &[direct(0, 10_000), refunded(2_500, direct(30, 10_000)), direct(400, 10_000)],
            &["5000 usd", "1500 usd", "1000 usd"],
        ),
    ])
    .await;
}
