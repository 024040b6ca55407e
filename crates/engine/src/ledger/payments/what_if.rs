//! What a draft of terms would have paid: the real rules over the stored facts, without writing
//! anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::attribution::{Context, EvaluatedPayment, EvaluatedStatus, evaluate};
use domain::clock::Timestamp;
use domain::ids::{AffiliateId, CustomerId, ProgramId, TermsId};
use domain::money::Currency;
use domain::no_commission::NoCommission;
use domain::terms::{Terms, TermsVersion};
use store::connections::Connection;

use super::buyers::{self, Buyers};
use super::lookups::{LookupKeys, Lookups};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// The most payments that a draft is tried on: about a second of work.
pub const MOST_PAYMENTS: i64 = 2_000;
/// Customers that are loaded together.
const BATCH: usize = 100;

/// What one affiliate would have earned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIfLine {
    /// The affiliate.
    pub affiliate_id: AffiliateId,
    /// Their name.
    pub name: String,
    /// The currency of the sums.
    pub currency: Currency,
    /// What they have earned by now.
    pub was: i64,
    /// What they would have earned.
    pub would_be: i64,
}

/// What a draft of terms would have paid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WhatIf {
    /// The payments since then were compared.
    pub since: Timestamp,
    /// Whether there were more payments in the period than [`MOST_PAYMENTS`]; the newest count.
    pub is_cut: bool,
    /// How many payments were compared.
    pub payments: i64,
    /// How many of them would have earned something else.
    pub changed: i64,
    /// Commissions over a cap of the draft, in the program's currency.
    pub over_caps: i64,
    /// What each affiliate would have earned, the largest difference first.
    pub lines: Vec<WhatIfLine>,
}

impl WhatIf {
    /// What was earned and would have been, by currency.
    pub fn totals(&self) -> BTreeMap<Currency, (i64, i64)> {
        let mut totals: BTreeMap<Currency, (i64, i64)> = BTreeMap::new();
        for line in &self.lines {
            let total = totals.entry(line.currency).or_default();
            *total = (total.0.saturating_add(line.was), total.1.saturating_add(line.would_be));
        }
        totals
    }
}

/// Tries terms on the payments of the last days, as if they had been in force from the first of
/// them on.
///
/// # Errors
/// [`Error::Unavailable`] while others are being tried.
pub async fn what_if(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    terms: &Terms,
    days: i64,
) -> Result<WhatIf> {
    let Ok(_turn) = engine.what_ifs().try_acquire() else { return Err(Error::Unavailable) };
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let since = engine.now().plus_days(-days);
    let payers = store::payments::newest_payers(&mut conn, &program.id, since, MOST_PAYMENTS + 1).await?;
    let is_cut = payers.len() as i64 > MOST_PAYMENTS;
    let newest = usize::try_from(MOST_PAYMENTS).unwrap_or(usize::MAX);
    let since =
        payers.iter().take(newest).next_back().filter(|_| is_cut).map_or(since, |(.., paid_at)| *paid_at);
    let draft = TermsVersion {
        id: TermsId::new(engine.now(), engine.random()),
        program_id: program.id.clone(),
        version: i64::MAX,
        terms: terms.clone(),
        starts_at: since,
    };
    let mut connections: BTreeMap<_, Arc<Connection>> = BTreeMap::new();
    let mut customers: BTreeMap<CustomerId, Arc<Connection>> = BTreeMap::new();
    for (customer, connection, _) in payers.into_iter().take(newest) {
        let known = match connections.get(&connection) {
            Some(known) => Arc::clone(known),
            None => {
                let found = buyers::connection(&mut conn, &connection).await?;
                connections.insert(connection, Arc::clone(&found));
                found
            }
        };
        customers.insert(customer, known);
    }
    let mut comparison = Comparison::new(draft, program.currency);
    let customers: Vec<_> = customers.into_iter().collect();
    for some in customers.chunks(BATCH) {
        let mut buyers = Buyers::default();
        buyers.load(&mut conn, some.iter().cloned().collect()).await?;
        let mut keys = LookupKeys::default();
        buyers.all.iter().for_each(|buyer| keys.add_buyer(buyer));
        let lookups = Lookups::load(&mut conn, &keys).await?;
        let (grace, now) = (engine.link_grace_ms(), engine.now());
        // On its own thread: visitors are answered meanwhile.
        let compared = tokio::task::spawn_blocking(move || {
            for buyer in &buyers.all {
                let context = lookups.context(buyer, grace)?;
                comparison.add(&buyer.facts, context, now);
            }
            Ok::<_, Error>(comparison)
        });
        comparison = compared.await.map_err(|error| Error::Broken(format!("a comparison: {error}")))??;
    }
    Ok(WhatIf { is_cut, ..comparison.finish() })
}

/// The sums so far.
struct Comparison {
    draft: TermsVersion,
    currency: Currency,
    payments: i64,
    changed: i64,
    over_caps: i64,
    names: BTreeMap<AffiliateId, String>,
    sums: BTreeMap<(AffiliateId, Currency), (i64, i64)>,
}

impl Comparison {
    fn new(draft: TermsVersion, currency: Currency) -> Self {
        let (names, sums) = (BTreeMap::new(), BTreeMap::new());
        Self { draft, currency, payments: 0, changed: 0, over_caps: 0, names, sums }
    }

    /// Compares a customer's payments.
    fn add(&mut self, facts: &[domain::facts::EventFacts], context: Context, now: Timestamp) {
        let since = self.draft.starts_at;
        let before = evaluate(facts, &context, now);
        self.names.extend(context.affiliates.iter().map(|(id, seen)| (id.clone(), seen.name.clone())));
        let mut terms = context.terms.clone();
        terms.retain(|version| version.starts_at < since);
        terms.push(self.draft.clone());
        let after = evaluate(facts, &Context { terms, ..context }, now);
        for (was, would_be) in before.payments.iter().zip(&after.payments) {
            if was.paid_at < since || was.status != EvaluatedStatus::Paid {
                continue;
            }
            self.payments += 1;
            self.changed += i64::from(net(was) != net(would_be));
            if let Some((key, minor)) = net(was) {
                let sum = self.sums.entry(key).or_default();
                sum.0 = sum.0.saturating_add(minor);
            }
            if let Some((key, minor)) = net(would_be) {
                let sum = self.sums.entry(key).or_default();
                sum.1 = sum.1.saturating_add(minor);
            }
            let capped = match (&would_be.credit, &would_be.no_commission) {
                (Some(credit), _) => credit.reward.capped,
                (None, Some(NoCommission::CapReached { capped })) => Some(*capped),
                _ => None,
            };
            let over = capped.map(|capped| capped.over).filter(|over| over.currency == self.currency);
            self.over_caps = self.over_caps.saturating_add(over.map_or(0, |over| over.minor));
        }
    }

    fn finish(self) -> WhatIf {
        let names = self.names;
        let line = |((affiliate_id, currency), (was, would_be)): ((AffiliateId, Currency), (i64, i64))| {
            let name = names.get(&affiliate_id).cloned().unwrap_or_else(|| affiliate_id.to_string());
            WhatIfLine { affiliate_id, name, currency, was, would_be }
        };
        let mut lines: Vec<WhatIfLine> = self.sums.into_iter().map(line).collect();
        lines.sort_by(|a, b| {
            let size = |line: &WhatIfLine| line.would_be.saturating_sub(line.was);
            size(b).cmp(&size(a)).then_with(|| (&a.name, &a.affiliate_id).cmp(&(&b.name, &b.affiliate_id)))
        });
        WhatIf {
            since: self.draft.starts_at,
            is_cut: false,
            payments: self.payments,
            changed: self.changed,
            over_caps: self.over_caps,
            lines,
        }
    }
}

/// Who earned what of a payment, after refunds.
fn net(payment: &EvaluatedPayment) -> Option<((AffiliateId, Currency), i64)> {
    let credit = payment.credit.as_ref()?;
    Some(((credit.affiliate_id.clone(), credit.currency), credit.commission - credit.reversed))
}
