//! The products that a program's customers paid for.

use domain::clock::Timestamp;
use domain::ids::ProgramId;
use domain::terms::{Conditions, Product, Reward, Rewards};
use store::db::Conn;

use crate::engine::Engine;
use crate::error::Result;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// How many of the newest payments are looked at: enough to meet every product that sells, and a
/// bounded read.
const PAYMENTS: i64 = 300;
/// The most products that are offered. A shop that makes a product for each sale has one in every
/// payment.
const MOST_PRODUCTS: usize = 40;

/// A product of Stripe's that was paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenProduct {
    /// Stripe's id (`prod_…`).
    pub id: String,
    /// What it was called on the newest invoice.
    pub name: String,
}

/// The products in a program's newest payments, by name.
pub async fn seen(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<Vec<SeenProduct>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    seen_in(&mut conn, &program.id).await
}

/// Gives the products that conditions name by their ids alone the names that the present rewards or
/// the newest payments have for them, so that affiliates read names too.
pub(super) async fn name(
    conn: &mut Conn,
    program: &ProgramId,
    present: &Rewards,
    rewards: &Rewards,
) -> Result<Rewards> {
    let products = |reward: &Reward| [reward.conditions.products.clone(), reward.conditions.excluded.clone()];
    let in_use = |rewards: &Rewards| rewards.iter().flat_map(products).flatten().collect::<Vec<Product>>();
    let known = in_use(present);
    let has_name = |product: &Product| {
        let named =
            product.name.as_ref().or_else(|| known.iter().find(|one| one.id == product.id)?.name.as_ref());
        named.is_some()
    };
    let payments = if in_use(rewards).iter().all(has_name) {
        Vec::new()
    } else {
        store::payments::recent(conn, program, Timestamp(0), PAYMENTS).await?
    };
    let named = |product: &Product| {
        let known = || known.iter().find(|one| one.id == product.id).and_then(|one| one.name.clone());
        let items = || payments.iter().flat_map(|payment| &payment.items).filter(|item| item.amount > 0);
        let bought = || items().find(|item| item.is(&product.id)).and_then(|item| item.name.clone());
        Product { name: product.name.clone().or_else(known).or_else(bought), ..product.clone() }
    };
    Ok(rewards.map(|reward| {
        let Conditions { products, excluded, .. } = &reward.conditions;
        let (products, excluded) =
            (products.iter().map(named).collect(), excluded.iter().map(named).collect());
        Reward {
            conditions: Conditions { products, excluded, ..reward.conditions.clone() },
            ..reward.clone()
        }
    }))
}

async fn seen_in(conn: &mut Conn, program: &ProgramId) -> Result<Vec<SeenProduct>> {
    let payments = store::payments::recent(conn, program, Timestamp(0), PAYMENTS).await?;
    let mut products: Vec<SeenProduct> = Vec::new();
    for item in payments.iter().flat_map(|payment| &payment.items) {
        // A credit is worded after what it takes back.
        let Some(id) = item.product.as_ref().filter(|_| item.amount > 0) else { continue };
        if products.len() < MOST_PRODUCTS && products.iter().all(|known| known.id != *id) {
            let name = item.name.clone().unwrap_or_else(|| id.clone());
            products.push(SeenProduct { id: id.clone(), name });
        }
    }
    products.sort_by(|a, b| (a.name.to_lowercase(), &a.id).cmp(&(b.name.to_lowercase(), &b.id)));
    Ok(products)
}
