//! The rewards of the second program: by product, by the age of the customer, and the rest,
//! with a cap per payment.

use domain::ids::ProgramId;
use domain::one_or_more::OneOrMore;
use domain::terms::{Caps, Commission, Conditions, Order, Product, Recurrence, Reward, Step, TermsChange};
use engine::Engine;
use engine::identity::sessions::MerchantActor;
use engine::programs::terms;
use sandbox::Shop;

/// Changes the terms of a program whose customers buy from a shop.
pub async fn add(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    shop: &Shop,
) -> anyhow::Result<()> {
    let step = |rate_bps, recurrence| Step { commission: Commission::Percent { rate_bps }, recurrence };
    let of = |price: &str, name: &str| {
        let product = Product { id: price.to_owned(), name: Some(name.to_owned()) };
        Conditions { products: vec![product], ..Conditions::none() }
    };
    let year = Recurrence::Months { months: 12 };
    let rewards = [
        Reward {
            name: Some("Team plan".to_owned()),
            conditions: of(&shop.team_price, "Lumen Team"),
            steps: OneOrMore::of(vec![step(3_000, year), step(1_000, Recurrence::Lifetime)])
                .unwrap_or(OneOrMore::one(step(3_000, year))),
        },
        Reward {
            name: Some("New Pro customers".to_owned()),
            conditions: Conditions { order: Some(Order::New), ..of(&shop.pro_price, "Lumen Pro") },
            ..Reward::simple(Commission::Fixed { amount_minor: 1_000 }, Recurrence::FirstPayment)
        },
        Reward::simple(Commission::Percent { rate_bps: 1_500 }, year),
    ];
    let caps = Caps { per_payment: Some(5_000), per_customer: None };
    let change =
        TermsChange { rewards: OneOrMore::of(rewards.into()), caps: Some(caps), ..TermsChange::default() };
    terms::change(engine, actor, program, &change).await?;
    Ok(())
}
