//! Products and prices of invoice lines.

use super::*;

#[tokio::test]
async fn a_product_earns_on_its_own_lines() {
    let rest = || reward(Conditions::none(), 1_000);
    check_all(&[
        (
            "the whole invoice",
            vec![reward(of(&["prod_team"]), 3_000), rest()],
            &[invoice(0, 10_000, &[(10_000, "team")])],
            &["3000 usd"],
        ),
        (
            "by its price",
            vec![reward(of(&["price_team"]), 3_000), rest()],
            &[invoice(0, 10_000, &[(10_000, "team")])],
            &["3000 usd"],
        ),
        (
            "one line of two",
            vec![reward(of(&["prod_team"]), 3_000), rest()],
            &[invoice(0, 10_000, &[(6_000, "team"), (4_000, "solo")])],
            &["1800 usd"],
        ),
        (
            "a third, rounded once",
            vec![reward(of(&["prod_team"]), 1_000)],
            &[invoice(0, 10_000, &[(1_000, "team"), (2_000, "solo")])],
            &["333 usd"],
        ),
        (
            "another product has the next reward",
            vec![reward(of(&["prod_team"]), 3_000), rest()],
            &[invoice(0, 10_000, &[(10_000, "solo")])],
            &["1000 usd"],
        ),
        (
            "nothing for another product",
            vec![reward(of(&["prod_team"]), 3_000)],
            &[invoice(0, 10_000, &[(10_000, "solo")])],
            &["no_reward"],
        ),
        (
            "without the excluded line",
            vec![reward(without(&["prod_gift"]), 2_000)],
            &[invoice(0, 10_000, &[(7_500, "team"), (2_500, "gift")])],
            &["1500 usd"],
        ),
        (
            "only excluded lines",
            vec![reward(without(&["prod_gift"]), 2_000)],
            &[invoice(0, 10_000, &[(10_000, "gift")]), invoice(31, 10_000, &[(10_000, "team")])],
            &["no_reward", "2000 usd"],
        ),
        (
            "no invoice, no product",
            vec![reward(of(&["prod_team"]), 3_000), reward(without(&["prod_gift"]), 2_000)],
            &[direct(0, 10_000)],
            &["2000 usd"],
        ),
        (
            "an upgrade credits the old plan",
            vec![reward(of(&["prod_team"]), 3_000), rest()],
            &[invoice(0, 10_000, &[(15_000, "team"), (-5_000, "solo")])],
            &["3000 usd"],
        ),
        (
            "a refund takes its share of the product's commission",
            vec![reward(of(&["prod_team"]), 3_000)],
            &[refunded(5_000, invoice(0, 10_000, &[(6_000, "team"), (4_000, "solo")]))],
            &["900 usd"],
        ),
        (
            "a full refund takes all of it",
            vec![reward(of(&["prod_team"]), 3_000)],
            &[refunded(10_000, invoice(0, 10_000, &[(6_000, "team"), (4_000, "solo")]))],
            &["0 usd"],
        ),
        (
            "any: the country earns on all lines, the product on its own",
            vec![reward(
                Conditions { join: Join::Any, ..with_products(countries(&["US"]), &["prod_team"]) },
                1_000,
            )],
            &[
                within("US", invoice(0, 10_000, &[(6_000, "team"), (4_000, "solo")])),
                within("DE", invoice(31, 10_000, &[(6_000, "team"), (4_000, "solo")])),
                within("DE", invoice(62, 10_000, &[(10_000, "solo")])),
            ],
            &["1000 usd", "600 usd", "no_reward"],
        ),
        (
            "all: the product in the first year, by steps",
            vec![
                Reward { steps: steps(&[(3_000, YEAR), (1_000, LIFE)]), ..reward(of(&["prod_team"]), 1) },
                rest(),
            ],
            &[
                invoice(0, 10_000, &[(10_000, "team")]),
                invoice(31, 10_000, &[(10_000, "solo")]),
                invoice(400, 10_000, &[(10_000, "team")]),
            ],
            &["3000 usd", "1000 usd", "1000 usd"],
        ),
    ])
    .await;
}

fn with_products(conditions: Conditions, ids: &[&str]) -> Conditions {
    Conditions { products: products(ids), ..conditions }
}
