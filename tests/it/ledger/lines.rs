//! The ledger of a test world, one line per payment, and whether every sum matches it.

use std::collections::BTreeMap;

use domain::ids::{AffiliateId, PaymentId};
use store::conversions::{Filter, Page};
use store::sums::conversions::of_all_time;
use store::sums::{Amounts, Totals};

use crate::harness::World;

impl World {
    /// What each payment of this account earned, in order of payment:
    /// `mira 980 usd by metadata`, or `no commission: no_match`.
    pub async fn ledger(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (place, id) in self.payment_ids().await {
            let (paid_at, line) = self.line(&id).await;
            lines.push((paid_at, place, line));
        }
        lines.sort();
        lines.into_iter().map(|(.., line)| line).collect()
    }

    /// When a payment was made, and what it earned.
    pub async fn line(&self, id: &PaymentId) -> (domain::clock::Timestamp, String) {
        let mut conn = self.engine.db().read().await.unwrap();
        let payment = store::payments::get(&mut conn, &self.program.id, id).await.unwrap().unwrap();
        let conversion = store::conversions::of_payment(&mut conn, id).await.unwrap();
        let Some(conversion) = conversion.filter(|conversion| !conversion.canceled) else {
            return (payment.paid_at, format!("no commission: {}", payment.no_commission.unwrap().word()));
        };
        let mut credited = Vec::new();
        for line in store::commissions::balances_of(&mut conn, &[&conversion.id]).await.unwrap() {
            let (affiliate, currency, balance) = (line.affiliate_id, line.currency, line.balance);
            // An affiliate who was credited before has nothing left.
            if affiliate != conversion.affiliate_id || currency != conversion.commission_currency {
                assert_eq!(balance.net(), 0);
                continue;
            }
            let name = self.affiliates.iter().find(|(_, promoter)| promoter.id == affiliate).unwrap().0;
            let held = if conversion.hold.is_some() { ", held" } else { "" };
            let by = conversion.method.word();
            credited.push(format!("{name} {} {currency:?} by {by}{held}", balance.net()));
        }
        assert_eq!(credited.len(), 1, "one affiliate has it");
        (payment.paid_at, credited.remove(0))
    }

    /// Verifies all sums and hashes, and compares every sum with the conversions.
    pub async fn check_books(&self) {
        let report = engine::ledger::verify::ledger(&self.engine).await.unwrap();
        assert_eq!(report.problems, Vec::<String>::new());
        let mut conn = self.engine.db().read().await.unwrap();
        let (filter, now) = (Filter::default(), self.time.now());
        let rows =
            store::conversions::list(&mut conn, &self.program.id, &filter, &Page::First, 100_000, now).await;
        let mut expected: BTreeMap<AffiliateId, Totals> = BTreeMap::new();
        for c in rows.unwrap().into_iter().map(|row| row.conversion).filter(|c| !c.canceled) {
            let payment = Amounts { revenue: c.amount, refunded: c.refunded + c.disputed, commission: 0 };
            let commission = Amounts { commission: c.commission - c.reversed, ..Amounts::default() };
            let first_payments = i64::from(c.payment_number == 1);
            let sums = expected.entry(c.affiliate_id).or_default();
            let money = [(c.currency, payment)].into();
            sums.add(&Totals { conversions: 1, first_payments, money });
            let money = [(c.commission_currency, commission)].into();
            sums.add(&Totals { money, ..Totals::default() });
        }
        let mut of_program = Totals::default();
        for (affiliate, totals) in &expected {
            let stored = of_all_time(&mut conn, affiliate.as_str()).await.unwrap();
            assert_eq!(stored, *totals, "{affiliate}");
            of_program.add(totals);
        }
        assert_eq!(of_all_time(&mut conn, self.program.id.as_str()).await.unwrap(), of_program);
    }
}
