//! The forms of payouts: how a program pays, and how a person is paid.

use domain::commissions::EntryKind;
use domain::fields::Problems;
use domain::money::{Currency, Money, decimal_text, parse_amount};
use domain::payouts::{
    BankAccount, MethodKind, MethodProblem, PayerChange, PayoutMethod, PayoutSettings, PayoutSettingsChange,
    Reason, SettingsLimit,
};
use serde::{Deserialize, Serialize};

/// How a program pays, as it was entered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PayoutSettingsForm {
    /// The day of the month on which a run is drafted; may be empty.
    pub draft_day: String,
    /// The sum above which a second person must approve; may be empty.
    pub second_approval: String,
    /// Days for which a changed method waits.
    pub method_hold_days: String,
    /// Not empty to remove the account that pays.
    pub remove_payer: String,
    /// The holder of another account that pays; empty, as the two below, where it stays.
    pub holder: String,
    /// Its IBAN; may be empty.
    pub iban: String,
    /// Its BIC; may be empty.
    pub bic: String,
}

impl PayoutSettingsForm {
    /// The form filled with settings. The account that pays is not in it.
    pub fn of(settings: &PayoutSettings, currency: Currency) -> Self {
        let number = |number: Option<i64>| number.map_or(String::new(), |number| number.to_string());
        Self {
            draft_day: number(settings.draft_day),
            second_approval: settings
                .second_approval
                .map_or(String::new(), |minor| decimal_text(minor, currency)),
            method_hold_days: settings.method_hold_days.to_string(),
            ..Self::default()
        }
    }

    /// Reads the form.
    ///
    /// # Errors
    /// The problems, by field.
    pub fn change(&self, currency: Currency) -> Result<PayoutSettingsChange, Problems> {
        let mut problems = Problems::new();
        let draft_day = optional(&self.draft_day, SettingsLimit::DRAFT_DAY);
        let draft_day = problems.keep("draft_day", draft_day).flatten();
        let hold = optional(&self.method_hold_days, SettingsLimit::METHOD_HOLD_DAYS);
        let method_hold_days = problems.keep("method_hold_days", hold).flatten().unwrap_or(0);
        let second = match self.second_approval.trim() {
            "" => Ok(None),
            text => parse_amount(text, currency)
                .map_err(|error| error.to_string())
                .and_then(|minor| SettingsLimit::SECOND_APPROVAL.check(minor).map_err(str::to_owned))
                .map(Some),
        };
        let second_approval = problems.keep("second_approval", second).flatten();
        let is_entered = [&self.holder, &self.iban, &self.bic].iter().any(|text| !text.trim().is_empty());
        let payer = match (is_entered, self.remove_payer.is_empty()) {
            (true, _) => match BankAccount::parse(&self.holder, &self.iban, &self.bic) {
                Ok(payer) => PayerChange::Replace(Some(payer)),
                Err(wrong) => {
                    wrong.into_iter().for_each(|(field, message)| problems.add(field, message));
                    PayerChange::Keep
                }
            },
            (false, true) => PayerChange::Keep,
            (false, false) => PayerChange::Replace(None),
        };
        problems.or(PayoutSettingsChange { second_approval, method_hold_days, draft_day, payer })
    }
}

fn optional(text: &str, limit: SettingsLimit) -> Result<Option<i64>, String> {
    match text.trim() {
        "" => Ok(None),
        text => {
            let number = text.parse().unwrap_or(-1);
            limit.check(number).map(Some).map_err(str::to_owned)
        }
    }
}

/// How a person is paid, as it was entered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PayoutMethodForm {
    /// The kind: `iban`, `us_bank`, `paypal`, `wise` or `other`.
    pub kind: String,
    /// The account holder's name.
    pub holder: String,
    /// The IBAN.
    pub iban: String,
    /// The BIC; may be empty.
    pub bic: String,
    /// The routing number.
    pub routing: String,
    /// The account number.
    pub account: String,
    /// An address at PayPal or Wise.
    pub email: String,
    /// What was agreed.
    pub text: String,
}

impl PayoutMethodForm {
    /// Reads the form. Only the fields of the chosen kind count.
    ///
    /// # Errors
    /// The problems, by field.
    pub fn method(&self) -> Result<PayoutMethod, Problems> {
        let problems = |wrong: Vec<MethodProblem>| {
            let mut problems = Problems::new();
            wrong.into_iter().for_each(|(field, message)| problems.add(field, message));
            problems
        };
        match MethodKind::from_word(&self.kind) {
            None => Err(Problems::one("kind", "Choose how you are paid")),
            Some(MethodKind::Iban) => BankAccount::parse(&self.holder, &self.iban, &self.bic)
                .map(PayoutMethod::Iban)
                .map_err(problems),
            Some(MethodKind::UsBank) => {
                PayoutMethod::us_bank(&self.holder, &self.routing, &self.account).map_err(problems)
            }
            Some(MethodKind::Paypal) => PayoutMethod::paypal(&self.email).map_err(problems),
            Some(MethodKind::Wise) => PayoutMethod::wise(&self.holder, &self.email).map_err(problems),
            Some(MethodKind::Other) => PayoutMethod::other(&self.text).map_err(problems),
        }
    }
}

/// A bonus or a correction, as it was entered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AdjustmentForm {
    /// `bonus` or `correction`.
    pub kind: String,
    /// The amount; below zero for what is taken off.
    pub amount: String,
    /// Why.
    pub reason: String,
}

/// A bonus or a correction.
#[derive(Debug)]
pub struct AdjustmentDraft {
    /// Which of the two.
    pub kind: EntryKind,
    /// The change.
    pub amount: Money,
    /// Why.
    pub reason: Reason,
}

impl AdjustmentForm {
    /// Reads the form.
    ///
    /// # Errors
    /// The problems, by field.
    pub fn adjustment(&self, currency: Currency) -> Result<AdjustmentDraft, Problems> {
        let mut problems = Problems::new();
        let kind = EntryKind::from_word(&self.kind).ok_or("Choose a bonus or a correction");
        let kind = problems.keep("kind", kind);
        let (sign, digits) = match self.amount.trim().strip_prefix(['-', '−']) {
            Some(rest) => (-1, rest),
            None => (1, self.amount.trim()),
        };
        let minor = problems.keep("amount", parse_amount(digits, currency));
        let reason = problems.keep("reason", Reason::parse(&self.reason));
        match (kind, minor, reason) {
            (Some(kind), Some(minor), Some(reason)) => {
                Ok(AdjustmentDraft { kind, amount: Money::new(sign * minor, currency), reason })
            }
            _ => Err(problems),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_of_the_settings_is_named() {
        let wrong = PayoutSettingsForm {
            draft_day: "31".into(),
            second_approval: "x".into(),
            method_hold_days: "99".into(),
            iban: "DE00".into(),
            ..Default::default()
        };
        let usd = "usd".parse().unwrap();
        let fields: Vec<String> = wrong.change(usd).unwrap_err().0.into_iter().map(|p| p.field).collect();
        assert_eq!(fields, ["draft_day", "method_hold_days", "second_approval", "holder", "iban"]);
    }

    #[test]
    fn the_paying_account_is_kept_unless_it_is_in_the_request() {
        let usd = "usd".parse().unwrap();
        let payer = BankAccount::parse("Lumen", "NL91ABNA0417164300", "ABNANL2A").unwrap();
        let settings = PayoutSettings {
            second_approval: Some(100_000),
            method_hold_days: 5,
            draft_day: Some(1),
            payer: Some(payer.clone()),
        };
        let form = PayoutSettingsForm::of(&settings, usd);
        assert!(form.iban.is_empty(), "the number is not shown");
        let change = form.change(usd).unwrap();
        assert_eq!(change, PayoutSettingsChange { payer: PayerChange::Keep, ..settings.clone().into() });
        let removed = PayoutSettingsForm { remove_payer: "on".into(), ..form.clone() };
        assert_eq!(removed.change(usd).unwrap().payer, PayerChange::Replace(None));
        let another = PayoutSettingsForm {
            holder: payer.holder.clone(),
            iban: payer.iban.clone(),
            bic: "ABNANL2A".into(),
            ..form
        };
        assert_eq!(another.change(usd), Ok(settings.into()));
    }

    #[test]
    fn a_correction_may_be_below_zero() {
        let usd = "usd".parse().unwrap();
        let form = |kind: &str, amount: &str| AdjustmentForm {
            kind: kind.into(),
            amount: amount.into(),
            reason: "x".into(),
        };
        assert_eq!(form("correction", "-5.50").adjustment(usd).unwrap().amount.minor, -550);
        let fields: Vec<String> =
            AdjustmentForm::default().adjustment(usd).unwrap_err().0.into_iter().map(|p| p.field).collect();
        assert_eq!(fields, ["kind", "amount", "reason"]);
    }

    #[test]
    fn only_the_fields_of_the_chosen_kind_are_read() {
        let form =
            PayoutMethodForm { kind: "paypal".into(), email: "a@b.example".into(), ..Default::default() };
        assert_eq!(form.method().map(|method| method.kind()), Ok(MethodKind::Paypal));
        assert_eq!(PayoutMethodForm::default().method().unwrap_err().0[0].field, "kind");
    }
}
