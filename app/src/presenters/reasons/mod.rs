//! Reasons in words: what a check found, why a payment earns no commission, what an event did.
//!
//! The only place where reasons become sentences; the API and the CSV use it too.

mod checks;
mod no_commission;
mod outcomes;
mod words;

pub use self::checks::{carrier_words, check_sentence, check_sentences, check_title};
pub use self::no_commission::{no_commission_sentence, no_commission_text};
pub use self::outcomes::{ledger_changes, outcome_sentence, outcome_text, subscription_ended};

#[cfg(test)]
mod tests {
    use domain::checks::{Check, CheckKind, CheckReason, NamedAffiliate, Verdict};
    use domain::clock::Timestamp;
    use domain::commissions::LedgerChange;
    use domain::events::EventOutcome;
    use domain::money::Money;
    use domain::no_commission::NoCommission;

    use super::*;
    use crate::text::Zone;

    /// 2 March 2026, 9:00 in UTC.
    const AT: Timestamp = Timestamp::from_seconds(1_772_442_000);

    fn zone() -> Zone {
        Zone::named("UTC")
    }

    fn named(letter: char) -> NamedAffiliate {
        let id = format!("aff_{}", "0".repeat(26)).parse().unwrap();
        NamedAffiliate { id, name: format!("Affiliate {letter}") }
    }

    #[test]
    fn an_expired_click_says_how_late_it_was() {
        let reason = CheckReason::ClickExpired {
            link_code: "mira".to_owned(),
            clicked_at: AT.plus_days(-41),
            ordered_at: AT.plus_ms(1),
            window_days: 30,
        };
        assert_eq!(
            check_sentence(CheckKind::Metadata, &reason, &zone()),
            "The click on /r/mira was made 41 days before the order, which came 11 days after the 30-day window ended."
        );
    }

    #[test]
    fn a_decision_says_who_made_it_when_and_for_what() {
        let (by, at) = ("Hanna".to_owned(), AT);
        let one = CheckReason::Assigned { affiliate: named('m'), by: by.clone(), at, later_payments: false };
        let all = CheckReason::NotAffiliateSale { by, at, at_earlier_payment: true };
        let sentence = |reason| check_sentence(CheckKind::Assignment, reason, &zone());
        assert_eq!(sentence(&one), "Hanna assigned this payment to Affiliate m on 2 Mar 2026.");
        assert_eq!(
            sentence(&all),
            "Hanna marked this customer’s payments as not affiliate sales on 2 Mar 2026."
        );
    }

    #[test]
    fn a_check_after_the_deciding_one_says_whether_it_agrees() {
        let code = || CheckReason::CodeFound { code: "SPRING".to_owned(), affiliate: named('m') };
        let checks = [
            Check::new(CheckKind::KnownCustomer, CheckReason::NotAttributed),
            Check::new(CheckKind::PromotionCode, code()),
            Check::not_needed(CheckKind::Metadata, code()),
            Check::not_needed(CheckKind::LeadEmail, CheckReason::NoLead),
        ];
        assert_eq!(checks[2].verdict, Verdict::NotNeeded);
        assert_eq!(
            check_sentences(&checks, &zone()),
            [
                "This customer had no affiliate.",
                "SPRING belongs to Affiliate m.",
                "SPRING belongs to Affiliate m. It would have led to the same affiliate.",
                "No lead with this address was tracked.",
            ]
        );
        let decided =
            CheckReason::NotAffiliateSale { by: "Hanna".to_owned(), at: AT, at_earlier_payment: false };
        let checks =
            [Check::new(CheckKind::Assignment, decided), Check::not_needed(CheckKind::PromotionCode, code())];
        assert_eq!(
            check_sentences(&checks, &zone())[1],
            "SPRING belongs to Affiliate m. An earlier check decided."
        );
    }

    #[test]
    fn an_event_shows_the_commissions_it_changed() {
        let usd = "usd".parse().unwrap();
        let change = |name: &str, minor| LedgerChange {
            affiliate_name: name.to_owned(),
            amount: Money::new(minor, usd),
        };
        let outcome =
            EventOutcome::LedgerChanged { changes: vec![change("Noah", -980), change("Mira", 980)] };
        assert_eq!(outcome_text(&outcome, &zone()), "9.80 USD reversed for Noah; 9.80 USD for Mira");
    }

    #[test]
    fn an_unattributed_payment_says_what_would_have_helped() {
        let reason = NoCommission::NoMatch;
        assert_eq!(no_commission_sentence(&reason, &zone()), "No check matched.");
        assert!(no_commission_text(&reason, &zone()).starts_with("No check matched. A click token"));
    }
}
