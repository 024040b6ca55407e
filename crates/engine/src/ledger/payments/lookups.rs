//! What the rules look up for some buyers, loaded before they run, in a number of statements
//! that does not depend on how many buyers there are.

use std::collections::{BTreeMap, BTreeSet};

use domain::affiliates::AffiliateStatus;
use domain::attribution::{AffiliateSeen, ClickSeen, Context, CouponSeen, LeadSeen};
use domain::clicks::ClickToken;
use domain::emails::Email;
use domain::facts::EventFacts;
use domain::ids::{AffiliateId, ProgramId};
use domain::money::Currency;
use domain::programs::{History, ProgramStatus};
use domain::terms::TermsVersion;
use store::db::Conn;

use crate::error::{Error, Result};

use super::buyer::Buyer;

/// What is looked up: the names and rules that events may refer to.
#[derive(Default)]
pub(super) struct LookupKeys {
    programs: BTreeSet<ProgramId>,
    tokens: BTreeSet<ClickToken>,
    emails: BTreeSet<(ProgramId, Email)>,
    codes: BTreeSet<(ProgramId, String)>,
    affiliates: BTreeSet<(ProgramId, AffiliateId)>,
}

impl LookupKeys {
    /// What a stored buyer needs.
    pub(super) fn add_buyer(&mut self, buyer: &Buyer) {
        let program = &buyer.connection.program_id;
        self.add_facts(program, &buyer.facts);
        let decided = buyer.decisions.iter().filter_map(|decision| decision.affiliate_id.clone());
        let booked = buyer.balances.values().flatten().map(|((affiliate, _), _)| affiliate.clone());
        self.affiliates.extend(decided.chain(booked).map(|affiliate| (program.clone(), affiliate)));
    }

    /// What the facts of events need.
    pub(super) fn add_facts<'a>(
        &mut self,
        program: &ProgramId,
        facts: impl IntoIterator<Item = &'a EventFacts>,
    ) {
        self.programs.insert(program.clone());
        for hints in facts.into_iter().filter_map(|event| event.fact.hints()) {
            self.tokens.extend(hints.tokens.iter().map(|carried| carried.token.clone()));
            self.emails.extend(hints.emails.iter().map(|email| (program.clone(), email.clone())));
            self.codes.extend(hints.promotion_codes.iter().map(|code| (program.clone(), code.clone())));
        }
    }
}

/// A program, as far as the rules ask.
#[derive(PartialEq)]
struct ProgramSeen {
    currency: Currency,
    history: History<ProgramStatus>,
    terms: Vec<TermsVersion>,
}

/// What was found. Two that are equal give the same results.
#[derive(PartialEq)]
pub(super) struct Lookups {
    programs: BTreeMap<ProgramId, ProgramSeen>,
    clicks: BTreeMap<ClickToken, ClickSeen>,
    leads: BTreeMap<(ProgramId, Email), Vec<LeadSeen>>,
    coupons: BTreeMap<(ProgramId, String), Vec<CouponSeen>>,
    /// Of the program that they are asked for: another program's affiliate is not found, and so
    /// never credited.
    affiliates: BTreeMap<(ProgramId, AffiliateId), AffiliateSeen>,
}

impl Lookups {
    /// Loads what the keys name.
    pub(super) async fn load(conn: &mut Conn, keys: &LookupKeys) -> Result<Self> {
        let mut programs = BTreeMap::new();
        for id in &keys.programs {
            programs.insert(id.clone(), program(conn, id).await?);
        }
        let mut leads: BTreeMap<(ProgramId, Email), Vec<LeadSeen>> = BTreeMap::new();
        let addresses = keys.emails.iter().map(|(program, email)| (program, email));
        for (program, lead) in store::leads::of_addresses(conn, addresses).await? {
            leads.entry((program, lead.email.clone())).or_default().push(lead);
        }
        let reported = leads.values().flatten().map(|lead| &lead.click);
        let tokens: BTreeSet<&ClickToken> = keys.tokens.iter().chain(reported).collect();
        let clicks: BTreeMap<_, _> = store::clicks::seen(conn, tokens).await?.into_iter().collect();
        let mut coupons: BTreeMap<(ProgramId, String), Vec<CouponSeen>> = BTreeMap::new();
        let codes = keys.codes.iter().map(|(program, code)| (program, code.as_str()));
        for coupon in store::coupons::by_promotion_codes(conn, codes).await? {
            coupons.entry((coupon.program_id, coupon.promotion_code)).or_default().push(CouponSeen {
                affiliate_id: coupon.affiliate_id,
                code: coupon.code,
                since: coupon.created_at,
                until: coupon.removed_at,
            });
        }
        let mut named = keys.affiliates.clone();
        named.extend(clicks.values().map(|click| (click.program_id.clone(), click.affiliate_id.clone())));
        named.extend(coupons.iter().flat_map(|((program, _), owners)| {
            owners.iter().map(|coupon| (program.clone(), coupon.affiliate_id.clone()))
        }));
        let affiliates = affiliates(conn, &named).await?;
        Ok(Self { programs, clicks, leads, coupons, affiliates })
    }

    /// What there is for one buyer, as their facts are now.
    ///
    /// # Errors
    /// Facts of another program than was asked for.
    pub(super) fn context(&self, buyer: &Buyer, link_grace_ms: i64) -> Result<Context> {
        let id = &buyer.connection.program_id;
        let program = self.programs.get(id).ok_or_else(|| Error::Broken(format!("not loaded: {id}")))?;
        let mut keys = LookupKeys::default();
        keys.add_buyer(buyer);
        let leads: Vec<LeadSeen> =
            keys.emails.iter().filter_map(|address| self.leads.get(address)).flatten().cloned().collect();
        let tokens: BTreeSet<&ClickToken> =
            keys.tokens.iter().chain(leads.iter().map(|lead| &lead.click)).collect();
        let clicks: BTreeMap<ClickToken, ClickSeen> = tokens
            .into_iter()
            .filter_map(|token| Some((token.clone(), self.clicks.get(token)?.clone())))
            .collect();
        let coupons: BTreeMap<String, Vec<CouponSeen>> = keys
            .codes
            .iter()
            .map(|code| (code.1.clone(), self.coupons.get(code).cloned().unwrap_or_default()))
            .collect();
        let mut named = keys.affiliates;
        named.extend(clicks.values().map(|click| (id.clone(), click.affiliate_id.clone())));
        named.extend(coupons.values().flatten().map(|coupon| (id.clone(), coupon.affiliate_id.clone())));
        let affiliates = named
            .into_iter()
            .filter_map(|key| self.affiliates.get(&key).map(|seen| (key.1, seen.clone())))
            .collect();
        Ok(Context {
            program_id: id.clone(),
            currency: program.currency,
            program_history: program.history.clone(),
            terms: program.terms.clone(),
            clicks,
            leads,
            coupons,
            decisions: buyer.decisions.clone(),
            affiliates,
            link_grace_ms,
        })
    }
}

async fn program(conn: &mut Conn, id: &ProgramId) -> Result<ProgramSeen> {
    let program = store::programs::get_unscoped(conn, id).await?;
    let program = program.ok_or_else(|| Error::Broken(format!("connection without a program: {id}")))?;
    Ok(ProgramSeen {
        currency: program.currency,
        history: store::programs::history(conn, id).await?,
        terms: store::terms::list(conn, id).await?,
    })
}

async fn affiliates(
    conn: &mut Conn,
    named: &BTreeSet<(ProgramId, AffiliateId)>,
) -> Result<BTreeMap<(ProgramId, AffiliateId), AffiliateSeen>> {
    let ids = named.iter().map(|(program, id)| (program, id));
    let found = store::affiliates::of_ids(conn, ids).await?;
    let mut signed_in_with =
        store::affiliates::account_emails(conn, found.iter().map(|affiliate| &affiliate.id)).await?;
    let mut histories: BTreeMap<AffiliateId, History<AffiliateStatus>> =
        store::affiliates::histories(conn, found.iter().map(|affiliate| &affiliate.id)).await?;
    Ok(found
        .into_iter()
        .map(|affiliate| {
            let history = histories.remove(&affiliate.id).unwrap_or_else(|| History::new(Vec::new()));
            let account = signed_in_with.remove(&affiliate.id).filter(|email| *email != affiliate.email);
            let emails = [affiliate.email].into_iter().chain(account).collect();
            let seen = AffiliateSeen { name: affiliate.name, emails, history };
            ((affiliate.program_id, affiliate.id), seen)
        })
        .collect())
}
