//! A program whose random clicks and sales are stored, and its conversions.

use std::collections::BTreeSet;

use domain::attribution::{EvaluatedPayment, EvaluatedStatus, PaymentKind};
use domain::checks::CheckKind;
use domain::clicks::ClickToken;
use domain::clock::{Random, Timestamp};
use domain::commissions::{Cause, Entry, LedgerBalance, difference};
use domain::ids::{AffiliateId, ConversionId, CustomerId, EntryId, LinkId, PaymentId, ProgramId};
use domain::money::Currency;
use domain::programs::ProgramDraft;
use domain::terms::{AppliedReward, Commission, Recurrence, Terms};
use engine::ledger::conversions::{Filter, Page};
use engine::programs;
use engine::tracking::clicks::NewClick;
use store::connections::Connection;
use store::conversions::Conversion;
use store::customers::NewState;
use store::payments::Payment;

use super::history::{CURRENCIES, Sale, Then};
use crate::site::{Merchant, START, Site};

/// A program with three affiliates, in one time zone.
pub(super) struct Shop<'s> {
    pub(super) site: &'s Site,
    pub(super) merchant: &'s Merchant,
    pub(super) random: &'s Random,
    pub(super) program: ProgramId,
    pub(super) affiliates: Vec<(AffiliateId, LinkId)>,
    pub(super) terms: domain::ids::TermsId,
    pub(super) connection: domain::ids::ConnectionId,
}

impl<'s> Shop<'s> {
    pub(super) async fn open(site: &'s Site, merchant: &'s Merchant, random: &'s Random, zone: &str) -> Self {
        let draft = ProgramDraft {
            time_zone: zone.parse().unwrap(),
            ..ProgramDraft::new(
                "Shop".parse().unwrap(),
                "https://lumen.example/".parse().unwrap(),
                "usd".parse().unwrap(),
            )
        };
        let program =
            programs::create(&site.engine, &merchant.actor, &draft, &Terms::default()).await.unwrap().id;
        let terms =
            programs::terms::list(&site.engine, &merchant.actor, &program).await.unwrap().remove(0).id;
        let mut affiliates = Vec::new();
        for number in 0..3 {
            let draft = domain::affiliates::AffiliateDraft {
                name: format!("Affiliate {number}").parse().unwrap(),
                email: format!("a{number}@affiliates.example").parse().unwrap(),
                code: None,
            };
            let added =
                programs::affiliates::add(&site.engine, &merchant.actor, &program, &draft).await.unwrap();
            affiliates.push((added.0.id, added.1.id));
        }
        let id = domain::ids::ConnectionId::new(START, random);
        let connection = Connection::manual(id.clone(), &program, id.as_str(), START);
        let mut conn = site.db.db.write().await.unwrap();
        store::connections::put(&mut conn, &connection).await.unwrap();
        Self { site, merchant, random, program, affiliates, terms, connection: id }
    }

    pub(super) fn click(&self, at: Timestamp, affiliate: usize, bot: bool) -> NewClick {
        let (affiliate_id, link_id) = self.affiliates[affiliate].clone();
        NewClick {
            bot,
            ..NewClick::plain(
                ClickToken::new(at, self.random),
                &self.program,
                (&affiliate_id, &link_id),
                at,
                "https://lumen.example/",
            )
        }
    }

    /// Stores a payment, its conversion and what became of it, as the ledger's writer does.
    pub(super) async fn sell(&self, sale: &Sale, now: Timestamp) {
        let paid_at = now.plus_ms(-sale.ago);
        let currency = |index: usize| CURRENCIES[index].parse::<Currency>().unwrap();
        let mut tx = self.site.db.db.begin().await.unwrap();
        let customer = CustomerId::new(now, self.random);
        let unknown = NewState::unknown(&customer, &self.connection, &self.program);
        store::customers::save(&mut tx, &[unknown], now).await.unwrap();
        let payment = PaymentId::new(now, self.random);
        let owner = (&self.program, &self.connection, &customer);
        let evaluated = paid(payment.as_str(), paid_at, currency(sale.currency), sale.amount);
        store::payments::save(&mut tx, [&Payment::new(&payment, owner, &evaluated)], now).await.unwrap();
        let first = Conversion {
            id: ConversionId::new(now, self.random),
            program_id: self.program.clone(),
            payment_id: payment,
            customer_id: customer,
            affiliate_id: self.affiliates[sale.affiliate].0.clone(),
            link_id: Some(self.affiliates[sale.affiliate].1.clone()),
            terms_id: self.terms.clone(),
            method: CheckKind::Metadata,
            click_token: None,
            currency: currency(sale.currency),
            payment_number: if sale.is_first { 1 } else { 2 },
            amount: sale.amount,
            reward: AppliedReward::simple(Commission::Percent { rate_bps: 2_000 }, Recurrence::Lifetime),
            base: sale.amount,
            refunded: 0,
            commission_currency: currency(sale.commission_currency),
            commission: sale.amount / 5,
            reversed: 0,
            hold: None,
            disputed: 0,
            canceled: false,
            hold_until: paid_at.plus_days(30),
            paid_at,
        };
        let then = match sale.then {
            Then::Nothing => first.clone(),
            Then::Refunded(amount) => Conversion { refunded: amount, reversed: amount / 5, ..first.clone() },
            Then::Disputed => {
                let hold = Some(domain::commissions::HoldReason::Dispute);
                Conversion { disputed: sale.amount, hold, ..first.clone() }
            }
            Then::Canceled => Conversion { canceled: true, ..first.clone() },
            Then::Moved(to) => {
                let (affiliate_id, link) = self.affiliates[to].clone();
                Conversion { affiliate_id, link_id: Some(link), ..first.clone() }
            }
        };
        for (old, new) in [(None, &first), (Some(&first), &then)] {
            store::conversions::save(&mut tx, [new], now).await.unwrap();
            store::sums::conversions::replace(&mut tx, old, Some(new)).await.unwrap();
            let entries = self.entries(old, new, now);
            let with_program = entries.iter().map(|entry| (&self.program, entry));
            store::commissions::append(&mut tx, with_program, [&new.affiliate_id]).await.unwrap();
            store::commissions::refresh(&mut tx, [&new.id], now).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// The entries that lead from one state of a conversion to the next.
    fn entries(&self, old: Option<&Conversion>, new: &Conversion, now: Timestamp) -> Vec<Entry> {
        let booked = |c: Option<&Conversion>, affiliate: &AffiliateId| {
            let own = c.filter(|c| c.affiliate_id == *affiliate && !c.canceled);
            own.map_or((0, 0), |c| (c.commission, c.reversed))
        };
        let affiliates: BTreeSet<&AffiliateId> =
            old.into_iter().chain([new]).map(|c| &c.affiliate_id).collect();
        let mut entries = Vec::new();
        for affiliate in affiliates {
            let ((earned, taken_back), (commission, reversed)) =
                (booked(old, affiliate), booked(Some(new), affiliate));
            let balance = LedgerBalance { earned, taken_back: -taken_back };
            for (kind, amount) in difference(balance, commission, reversed) {
                entries.push(Entry {
                    id: EntryId::new(now, self.random),
                    affiliate_id: affiliate.clone(),
                    conversion_id: Some(new.id.clone()),
                    kind,
                    amount,
                    currency: new.commission_currency,
                    cause: Cause::event("evt_1", "invoice.paid"),
                    at: now,
                });
            }
        }
        entries
    }

    /// All rows of a list of conversions, in pages.
    pub(super) async fn rows(&self, filter: &Filter) -> Vec<Conversion> {
        let (mut rows, mut page) = (Vec::new(), Page::First);
        loop {
            let found = engine::ledger::conversions::list(
                &self.site.engine,
                &self.merchant.actor,
                &self.program,
                filter,
                &page,
                7,
            );
            let found = found.await.unwrap();
            let Some(last) = found.last() else { return rows };
            page = Page::Before(last.conversion.paid_at, last.conversion.id.to_string());
            rows.extend(found.into_iter().map(|row| row.conversion));
        }
    }
}

fn paid(id: &str, paid_at: Timestamp, currency: Currency, amount: i64) -> EvaluatedPayment {
    EvaluatedPayment {
        kind: PaymentKind::PaymentIntent,
        canonical_id: id.to_owned(),
        aliases: [id.to_owned()].into(),
        status: EvaluatedStatus::Paid,
        currency: Some(currency),
        gross: amount,
        base: amount,
        captured: amount,
        refunded: 0,
        disputed: 0,
        dispute_open: false,
        alert: None,
        outside_stripe: false,
        paid_at,
        ordered_at: paid_at,
        completed_at: None,
        evidence_until: paid_at,
        period_start: None,
        latest_period_start: None,
        subscription: None,
        billing_reason: None,
        label: None,
        items: Vec::new(),
        country: None,
        email: None,
        payment_number: 1,
        checks: Vec::new(),
        credit: None,
        no_commission: None,
    }
}
