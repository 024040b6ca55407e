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

/// Gives the products that conditions name by their ids alone the names of the payments, so that
/// affiliates read names too.
pub(super) async fn name(conn: &mut Conn, program: &ProgramId, rewards: &Rewards) -> Result<Rewards> {
    let products = |reward: &Reward| [reward.conditions.products.clone(), reward.conditions.excluded.clone()];
    if rewards.iter().flat_map(products).flatten().all(|product| product.name.is_some()) {
        return Ok(rewards.clone());
    }
    let seen = seen_in(conn, program).await?;
    let named = |product: Product| {
        let known = seen.iter().find(|seen| seen.id == product.id);
        Product { name: product.name.or_else(|| known.map(|known| known.name.clone())), ..product }
    };
    Ok(rewards.map(|reward| {
        let Conditions { products, excluded, .. } = &reward.conditions;
        let all = |products: &[Product]| products.iter().cloned().map(named).collect();
        let (products, excluded) = (all(products), all(excluded));
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
