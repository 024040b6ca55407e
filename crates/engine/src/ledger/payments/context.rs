//! Everything that the rules look up for one customer, loaded before they run.

use std::collections::{BTreeMap, BTreeSet};

use domain::attribution::{AffiliateSeen, Context, CouponSeen};
use domain::clicks::ClickToken;
use domain::facts::EventFacts;
use domain::ids::{AffiliateId, CustomerId};
use store::db::Tx;
use store::programs::Program;

use crate::engine::Engine;
use crate::error::{Error, Result};

/// Loads the program, its terms, and the clicks, leads, codes and affiliates that the
/// facts name, and what was decided about the customer's payments.
pub(super) async fn load(
    engine: &Engine,
    tx: &mut Tx,
    customer: &CustomerId,
    facts: &[EventFacts],
    program: &Program,
) -> Result<Context> {
    let hints = || facts.iter().filter_map(|event| event.fact.hints());
    let mut tokens: BTreeSet<ClickToken> = hints().flat_map(|h| &h.tokens).map(|c| c.token.clone()).collect();
    let emails: BTreeSet<_> = hints().flat_map(|h| &h.emails).collect();
    let codes: BTreeSet<_> = hints().flat_map(|h| &h.promotion_codes).collect();

    let mut leads = Vec::new();
    for email in emails {
        leads.extend(store::leads::of_address(tx, &program.id, email).await?);
    }
    tokens.extend(leads.iter().map(|lead| lead.click.clone()));
    let mut clicks = BTreeMap::new();
    for token in tokens {
        if let Some(click) = store::clicks::seen(tx, &token).await? {
            clicks.insert(token, click);
        }
    }
    let mut coupons = BTreeMap::new();
    for code in codes {
        let owned = store::coupons::by_promotion_code(tx, &program.id, code).await?;
        let seen = owned.into_iter().map(|coupon| CouponSeen {
            affiliate_id: coupon.affiliate_id,
            code: coupon.code,
            since: coupon.created_at,
            until: coupon.removed_at,
        });
        coupons.insert(code.clone(), seen.collect::<Vec<_>>());
    }
    let decisions = store::decisions::of_customer(tx, customer).await?;
    let named: BTreeSet<AffiliateId> = clicks
        .values()
        .map(|click| click.affiliate_id.clone())
        .chain(coupons.values().flatten().map(|coupon| coupon.affiliate_id.clone()))
        .chain(decisions.iter().filter_map(|decision| decision.affiliate_id.clone()))
        .collect();
    let mut affiliates = BTreeMap::new();
    for id in named {
        // An affiliate of another program is not found here, and so never credited.
        if let Some(affiliate) = store::affiliates::get(tx, &program.id, &id).await? {
            let history = store::affiliates::history(tx, &id).await?;
            affiliates
                .insert(id, AffiliateSeen { name: affiliate.name, email: Some(affiliate.email), history });
        }
    }
    Ok(Context {
        program_id: program.id.clone(),
        currency: program.currency,
        program_history: store::programs::history(tx, &program.id).await?,
        terms: store::terms::list(tx, &program.id).await?,
        clicks,
        leads,
        coupons,
        decisions,
        affiliates,
        link_grace_ms: engine.link_grace_ms(),
    })
}

/// The program of a connection.
pub(super) async fn program_of(tx: &mut Tx, connection: &store::connections::Connection) -> Result<Program> {
    store::programs::get_unscoped(tx, &connection.program_id)
        .await?
        .ok_or_else(|| Error::Broken(format!("connection without a program: {}", connection.id)))
}
