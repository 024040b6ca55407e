//! Sums that have several currencies: the program's first, then the others, never added up.

use domain::money::Currency;
use engine::ledger::reports::{Amounts, Totals};

use crate::text::{amount, money};

/// "10,054.80", or "10,054.80 and 300.00 EUR"; the first without its currency, which the heading
/// or the unit says.
pub fn in_all_currencies(totals: &Totals, currency: Currency, value: fn(&Amounts) -> i64) -> String {
    let own = amount(value(&totals.in_currency(currency)), currency);
    match others(totals, currency, value) {
        Some(others) => format!("{own} and {others}"),
        None => own,
    }
}

/// "300.00 EUR, 12.00 GBP": the sums in other currencies than the program's, if there are any.
pub fn others(totals: &Totals, currency: Currency, value: fn(&Amounts) -> i64) -> Option<String> {
    let others = totals.money.iter().filter(|(other, amounts)| **other != currency && value(amounts) != 0);
    let texts: Vec<String> = others.map(|(other, amounts)| money(value(amounts), *other)).collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_different_currencies_are_never_added() {
        let [usd, eur, gbp] = ["usd", "eur", "gbp"].map(|code| code.parse::<Currency>().unwrap());
        let of = |revenue| Amounts { revenue, ..Amounts::default() };
        let mut totals = Totals { money: [(usd, of(1_000))].into(), ..Totals::default() };
        assert_eq!(in_all_currencies(&totals, usd, |a| a.revenue), amount(1_000, usd));
        totals.money.extend([(eur, of(200)), (gbp, of(0))]);
        let text = format!("{} and {}", amount(1_000, usd), money(200, eur));
        assert_eq!(in_all_currencies(&totals, usd, |a| a.revenue), text);
        assert_eq!(others(&totals, eur, |a| a.revenue), Some(money(1_000, usd)));
    }
}
