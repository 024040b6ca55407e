//! The ledger of a world, a line a payment, and whether every sum fits it.

use std::collections::BTreeMap;

use domain::ids::PaymentId;
use store::conversions::{Filter, Page};

use crate::harness::World;

impl World {
    /// What each payment of this account came to, in order of payment:
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

    /// When a payment was made, and what it came to.
    pub async fn line(&self, id: &PaymentId) -> (domain::clock::Timestamp, String) {
        let mut conn = self.engine.db().read().await.unwrap();
        let payment = store::payments::get(&mut conn, &self.program.id, id).await.unwrap().unwrap();
        let conversion = store::conversions::of_payment(&mut conn, id).await.unwrap();
        let Some(conversion) = conversion.filter(|conversion| !conversion.canceled) else {
            return (payment.paid_at, format!("no commission: {}", payment.no_commission.unwrap().word()));
        };
        let mut credited = Vec::new();
        for (affiliate, currency, balance) in
            store::commissions::balances_of_conversion(&mut conn, &conversion.id).await.unwrap()
        {
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

    /// Adds and hashes everything again, and compares every sum with the conversions.
    pub async fn check_books(&self) {
        let report = engine::ledger::verify::ledger(&self.engine).await.unwrap();
        assert_eq!(report.problems, Vec::<String>::new());
        let mut conn = self.engine.db().read().await.unwrap();
        let (filter, now) = (Filter::default(), self.time.now());
        let rows =
            store::conversions::list(&mut conn, &self.program.id, &filter, &Page::First, 100_000, now).await;
        let mut hours: BTreeMap<(i64, String), [i64; 5]> = BTreeMap::new();
        let mut of_affiliates: BTreeMap<(String, String), [i64; 4]> = BTreeMap::new();
        for c in rows.unwrap().into_iter().map(|row| row.conversion).filter(|c| !c.canceled) {
            let first = i64::from(c.number == 1);
            let in_its_own = [1, first, c.amount, c.refunded + c.disputed, 0];
            let commission = [0, 0, 0, 0, c.commission - c.reversed];
            for (code, sums) in [(c.currency, in_its_own), (c.commission_currency, commission)] {
                let hour = hours.entry((c.paid_at.utc_hour(), code.to_string())).or_default();
                hour.iter_mut().zip(sums).for_each(|(sum, part)| *sum += part);
                let key = (c.affiliate_id.to_string(), code.to_string());
                let sum = of_affiliates.entry(key).or_default();
                let parts = [sums[0], sums[1], sums[2], sums[4]];
                sum.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            }
        }
        let mut stored: BTreeMap<(i64, String), [i64; 5]> = BTreeMap::new();
        for h in store::reports::conversion_hours(&mut conn, &self.program.id, 0, i64::MAX).await.unwrap() {
            let sums = [h.conversions, h.first_payments, h.revenue, h.refunded, h.commission];
            if sums != [0; 5] {
                stored.insert((h.hour, h.currency.to_string()), sums);
            }
        }
        hours.retain(|_, sums| *sums != [0; 5]);
        assert_eq!(stored, hours, "the sums of the hours fit the conversions");
        for ((affiliate, code), sums) in of_affiliates {
            let (id, code) = (affiliate.parse().unwrap(), code.parse().unwrap());
            let all = (0, i64::MAX);
            let found = store::reports::of_affiliate(&mut conn, &self.program.id, &id, all, code).await;
            let s = found.unwrap().unwrap();
            assert_eq!([s.conversions, s.first_payments, s.revenue, s.commission], sums, "{affiliate}");
        }
    }
}
