//! What a merchant sees of suspicious affiliates.

use domain::clock::MINUTE_MS;
use engine::tracking::flags::{self, Flag};

use super::{Setup, thief};
use crate::harness::checkout;

#[tokio::test]
async fn many_leads_and_a_click_with_many_buyers_are_flagged() {
    let mut setup = Setup::new().await;
    let click = setup.follow(&thief(), "noah").await;
    for number in 0..6 {
        let email = format!("{number}@buyers.example");
        setup.lead(&thief(), &click, &email).await;
        setup.world.time.advance(MINUTE_MS);
    }
    let price = setup.world.once(4_900, "usd");
    for name in ["bea", "cai", "dov"] {
        let buyer = sandbox::Buyer::new(&format!("{name}@buyers.example"), name);
        setup.world.stripe.buy(checkout(&price, &click.token), &buyer).unwrap();
    }
    setup.ledger().await;
    let (engine, merchant) = (&setup.world.engine, &setup.world.merchant);
    let noah = &setup.world.affiliates["noah"].id;
    let found = flags::of_affiliate(engine, merchant, &setup.world.program.id, noah).await.unwrap();
    let click = click.token.parse().unwrap();
    assert_eq!(
        found,
        [Flag::MoreLeadsThanClicks { leads: 5, clicks: 1 }, Flag::SharedClick { click, buyers: 3 }]
    );
    let mira = &setup.world.affiliates["mira"].id;
    assert_eq!(flags::of_affiliate(engine, merchant, &setup.world.program.id, mira).await.unwrap(), []);
}
