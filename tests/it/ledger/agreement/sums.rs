//! Sums of the rows of a list, of a file and of the API.

use std::collections::BTreeMap;

use domain::money::Currency;
use engine::ledger::reports::{Amounts, Totals};
use store::conversions::Conversion;

/// The sum of the rows of a list.
pub(super) fn sum<'a>(rows: impl IntoIterator<Item = &'a Conversion>) -> Totals {
    let mut sum = Totals::default();
    for c in rows.into_iter().filter(|c| !c.canceled) {
        let payment = Amounts { revenue: c.amount, refunded: c.refunded + c.disputed, commission: 0 };
        let commission = Amounts { commission: c.commission - c.reversed, ..Amounts::default() };
        let first_payments = i64::from(c.payment_number == 1);
        sum.add(&Totals { conversions: 1, first_payments, money: [(c.currency, payment)].into() });
        sum.add(&Totals { money: [(c.commission_currency, commission)].into(), ..Totals::default() });
    }
    sum
}

/// Revenue, refunds and commission of the rows of a file.
pub(super) fn sum_of_csv(text: &str) -> BTreeMap<Currency, Amounts> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let mut sum = Totals::default();
    for row in reader.records().map(Result::unwrap) {
        let cell = |name: &str| row.get(heads.iter().position(|head| head == name).unwrap()).unwrap();
        if cell("status") == "canceled" {
            continue;
        }
        let minor = |name: &str| cell(name).replace('.', "").parse::<i64>().unwrap();
        let payment = Amounts {
            revenue: minor("amount"),
            refunded: minor("refunded") + minor("disputed"),
            commission: 0,
        };
        let commission = Amounts { commission: minor("commission"), ..Amounts::default() };
        for (currency, amounts) in [("currency", payment), ("commission_currency", commission)] {
            let money = [(cell(currency).to_lowercase().parse().unwrap(), amounts)].into();
            sum.add(&Totals { money, ..Totals::default() });
        }
    }
    sum.money
}

/// The same of the items of the API.
pub(super) fn sum_of_api(items: &[serde_json::Value]) -> BTreeMap<Currency, Amounts> {
    let mut sum = Totals::default();
    for item in items.iter().filter(|item| item["status"] != "canceled") {
        let minor = |name: &str| item[name]["amount"].as_i64().unwrap();
        let currency = |name: &str| item[name]["currency"].as_str().unwrap().parse::<Currency>().unwrap();
        let refunded = minor("refunded") + minor("disputed");
        let payment = Amounts { revenue: minor("amount"), refunded, commission: 0 };
        let commission = Amounts { commission: minor("commission"), ..Amounts::default() };
        for (currency, amounts) in [(currency("amount"), payment), (currency("commission"), commission)] {
            sum.add(&Totals { money: [(currency, amounts)].into(), ..Totals::default() });
        }
    }
    sum.money
}
