//! Caps per payment and per customer.

use super::*;

#[tokio::test]
async fn a_cap_limits_what_a_payment_and_a_customer_earn() {
    let capped = |caps: Caps| Terms { caps, ..TERMS };
    let paid: &[Paid] = &[
        refunded(5_000, direct(0, 10_000)),
        direct(31, 10_000),
        euro(direct(45, 10_000)),
        direct(61, 10_000),
        direct(92, 10_000),
    ];
    for (caps, earned) in [
        (
            Caps { per_payment: Some(1_500), per_customer: None },
            ["750 usd", "1500 usd", "2000 eur", "1500 usd", "1500 usd"],
        ),
        (
            Caps { per_payment: None, per_customer: Some(4_500) },
            ["1000 usd", "2000 usd", "2000 eur", "1500 usd", "cap_reached"],
        ),
        (
            Caps { per_payment: Some(1_500), per_customer: Some(3_000) },
            ["750 usd", "1500 usd", "2000 eur", "750 usd", "cap_reached"],
        ),
    ] {
        check_terms(capped(caps), paid, &earned).await;
    }
}
