//! The card fields of the checkout page.

use domain::clock::Timestamp;

use super::html::Typed;

/// The card that always works.
const GOOD: &str = "4242424242424242";
/// The card that is always declined.
const DECLINED: &str = "4000000000000002";

/// Checks number, expiry and security code, each with its own message.
pub(super) fn check(typed: &mut Typed, now: Timestamp) {
    let number: String = typed.text("card").chars().filter(|it| !it.is_whitespace()).collect();
    match number.as_str() {
        GOOD => {}
        DECLINED => typed.blame("card", "Your card was declined. Try another card."),
        "" => typed.blame("card", "Type a card number; 4242 4242 4242 4242 works."),
        _ => typed.blame("card", "The sandbox takes 4242 4242 4242 4242 only."),
    }
    match end_of(typed.text("expiry")) {
        None => typed.blame("expiry", "Write month and year, such as 12 / 34."),
        Some(end) if end <= year_month(now) => typed.blame("expiry", "This card has expired."),
        Some(_) => {}
    }
    let cvc = typed.text("cvc");
    if !(3..=4).contains(&cvc.len()) || !cvc.bytes().all(|byte| byte.is_ascii_digit()) {
        typed.blame("cvc", "Three or four digits.");
    }
}

/// The month after which `MM / YY` no longer holds, as a count of months.
fn end_of(text: &str) -> Option<i32> {
    let (month, year) = text.split_once('/')?;
    let (month, year): (i32, i32) = (month.trim().parse().ok()?, year.trim().parse().ok()?);
    let year = if year < 100 { 2_000 + year } else { year };
    ((1..=12).contains(&month) && (2_000..3_000).contains(&year)).then_some(year * 12 + month)
}

fn year_month(at: Timestamp) -> i32 {
    let date =
        jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC).date();
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Params;

    /// 15 November 2026.
    const NOW: Timestamp = Timestamp::from_seconds(1_794_700_800);

    fn problems(form: &str) -> Vec<&'static str> {
        let params = Params::decode("", form.as_bytes()).unwrap();
        let mut typed = Typed { params, problems: Vec::new() };
        check(&mut typed, NOW);
        typed.problems.into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn a_valid_card_works_until_the_end_of_its_month() {
        assert!(problems("card=4242+4242+4242+4242&expiry=11/26&cvc=123").is_empty());
        assert!(problems("card=4242424242424242&expiry=12+/+2034&cvc=1234").is_empty());
        assert_eq!(problems("card=4242424242424242&expiry=10/26&cvc=123"), ["expiry"]);
    }

    #[test]
    fn every_wrong_field_is_named() {
        assert_eq!(problems("card=4000000000000002&expiry=12/34&cvc=123"), ["card"]);
        assert_eq!(problems("card=1&expiry=13/34&cvc=12"), ["card", "expiry", "cvc"]);
        assert_eq!(problems(""), ["card", "expiry", "cvc"]);
    }
}
