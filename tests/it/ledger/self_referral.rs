//! Sales to the affiliate's own addresses.

use sandbox::{ApiVersion, Buyer};

use crate::harness::{World, checkout};

/// Somebody with an address buys after a click on mira's link; what the payment earned.
async fn sold_to(world: &mut World, email: &str) -> String {
    world.new_account();
    let token = world.click("mira").await;
    let price = world.once(4_900, "usd");
    world.stripe.buy(checkout(&price, &token), &Buyer::new(email, "Ann")).unwrap();
    world.deliver(ApiVersion::NEWEST).await;
    world.ledger().await.join("; ")
}

#[tokio::test]
async fn both_addresses_count_when_the_account_has_another_one_than_the_program_knows() {
    const NEW: &str = "mira@studio.example";
    let mut world = World::new().await;
    assert!(sold_to(&mut world, "mira@affiliates.example").await.ends_with("held"));
    assert!(!sold_to(&mut world, NEW).await.ends_with("held"));

    let mut conn = world.engine.db().write().await.unwrap();
    let known = "mira@affiliates.example".parse().unwrap();
    let account = store::accounts::by_email(&mut conn, &known).await.unwrap().unwrap();
    store::accounts::set_email(&mut conn, &account.id, &NEW.parse().unwrap()).await.unwrap();
    drop(conn);
    for own in ["mira@affiliates.example", NEW, "Mira+shop@studio.example"] {
        let line = sold_to(&mut world, own).await;
        assert!(line.starts_with("mira 980 usd") && line.ends_with("held"), "{own}: {line}");
    }
    let line = sold_to(&mut world, "ann@buyers.example").await;
    assert!(line.starts_with("mira 980 usd") && !line.ends_with("held"), "{line}");
    world.check_books().await;
}
