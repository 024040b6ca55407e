//! Payout methods: bank accounts, PayPal and others, and the file that each is paid with.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Rail;
use crate::emails::Email;
use crate::fields::line_of_text;
use crate::money::Currency;

crate::word_enum! {
    /// A kind of payout method.
    pub enum MethodKind {
        /// A bank account with an IBAN.
        Iban = "iban",
        /// An account at a bank in the United States.
        UsBank = "us_bank",
        /// A PayPal account.
        Paypal = "paypal",
        /// An email address at Wise.
        Wise = "wise",
        /// Something else that both sides agreed on.
        Other = "other",
    }
}

/// A bank account with an IBAN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankAccount {
    /// The name of its holder.
    pub holder: String,
    /// The IBAN, without spaces.
    pub iban: String,
    /// The bank's BIC, where it was given.
    pub bic: Option<String>,
}

/// How a person is paid. Stored encrypted, as JSON.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PayoutMethod {
    /// A bank account with an IBAN.
    Iban(BankAccount),
    /// An account at a bank in the United States.
    UsBank {
        /// The name of its holder.
        holder: String,
        /// The bank's ABA routing number, nine digits.
        routing: String,
        /// The number of the account.
        account: String,
    },
    /// A PayPal account.
    Paypal {
        /// Its address.
        email: Email,
    },
    /// An email address at Wise.
    Wise {
        /// The person's name.
        holder: String,
        /// The address.
        email: Email,
    },
    /// Something else.
    Other {
        /// What was agreed.
        text: String,
    },
}

/// What is wrong with a field of a method: the field, and a sentence that says what to do.
pub type MethodProblem = (&'static str, String);

/// The longest name of a holder: pain.001 takes 70 characters.
const LONGEST_HOLDER: usize = 70;
/// The longest text of another method.
const LONGEST_TEXT: usize = 140;
/// Digits of a US account number at most (Nacha's file format has 17 characters).
const LONGEST_US_ACCOUNT: usize = 17;

fn holder(text: &str) -> Result<String, MethodProblem> {
    line_of_text(text, "the account holder’s name", LONGEST_HOLDER).map_err(|problem| ("holder", problem))
}

fn digits(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

impl BankAccount {
    /// Reads a bank account.
    ///
    /// # Errors
    /// All fields that are wrong.
    pub fn parse(name: &str, iban: &str, bic: &str) -> Result<Self, Vec<MethodProblem>> {
        let name = holder(name);
        let iban = sepa::validate_iban(iban)
            .map(|iban| iban.as_str().to_owned())
            .map_err(|_| ("iban", "Check the IBAN: its check digits do not match".to_owned()));
        let bic = match bic.trim() {
            "" => Ok(None),
            bic => sepa::validate_bic(&bic.to_uppercase())
                .map(|bic| Some(bic.as_str().to_owned()))
                .map_err(|_| ("bic", "Enter a BIC of 8 or 11 characters, or leave it empty".to_owned())),
        };
        match (name, iban, bic) {
            (Ok(holder), Ok(iban), Ok(bic)) => Ok(Self { holder, iban, bic }),
            (name, iban, bic) => Err([name.err(), iban.err(), bic.err()].into_iter().flatten().collect()),
        }
    }

    /// The last four characters of the IBAN, all that is shown of it.
    pub fn last_four(&self) -> &str {
        last_four(&self.iban)
    }

    /// The country of the account, ISO 3166.
    pub fn country(&self) -> &str {
        self.iban.get(..2).unwrap_or_default()
    }
}

impl PayoutMethod {
    /// Reads an account at a bank in the United States.
    ///
    /// # Errors
    /// All fields that are wrong.
    pub fn us_bank(name: &str, routing: &str, account: &str) -> Result<Self, Vec<MethodProblem>> {
        let name = holder(name);
        let (routing, account) = (digits(routing), digits(account));
        let routing = if is_routing_number(&routing) {
            Ok(routing)
        } else {
            Err(("routing", "Enter the nine digits of the routing number".to_owned()))
        };
        let is_account = (4..=LONGEST_US_ACCOUNT).contains(&account.len())
            && account.bytes().all(|byte| byte.is_ascii_digit());
        let account = if is_account {
            Ok(account)
        } else {
            Err(("account", format!("Enter 4 to {LONGEST_US_ACCOUNT} digits")))
        };
        match (name, routing, account) {
            (Ok(holder), Ok(routing), Ok(account)) => Ok(Self::UsBank { holder, routing, account }),
            (name, routing, account) => {
                Err([name.err(), routing.err(), account.err()].into_iter().flatten().collect())
            }
        }
    }

    /// Reads a PayPal account.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn paypal(email: &str) -> Result<Self, Vec<MethodProblem>> {
        let email = email.parse().map_err(|error| vec![("email", format!("{error}"))])?;
        Ok(Self::Paypal { email })
    }

    /// Reads an address at Wise.
    ///
    /// # Errors
    /// All fields that are wrong.
    pub fn wise(name: &str, email: &str) -> Result<Self, Vec<MethodProblem>> {
        match (holder(name), email.parse::<Email>()) {
            (Ok(holder), Ok(email)) => Ok(Self::Wise { holder, email }),
            (name, email) => {
                let email = email.err().map(|error| ("email", error.to_string()));
                Err([name.err(), email].into_iter().flatten().collect())
            }
        }
    }

    /// Reads another method.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn other(text: &str) -> Result<Self, Vec<MethodProblem>> {
        let text = line_of_text(text, "how you are paid", LONGEST_TEXT);
        text.map(|text| Self::Other { text }).map_err(|problem| vec![("text", problem)])
    }

    /// Its kind.
    pub const fn kind(&self) -> MethodKind {
        match self {
            Self::Iban(_) => MethodKind::Iban,
            Self::UsBank { .. } => MethodKind::UsBank,
            Self::Paypal { .. } => MethodKind::Paypal,
            Self::Wise { .. } => MethodKind::Wise,
            Self::Other { .. } => MethodKind::Other,
        }
    }

    /// What may be shown of it: the last four digits of an account, or an address whose name is
    /// cut off after its first character.
    pub fn hint(&self) -> String {
        match self {
            Self::Iban(account) => account.last_four().to_owned(),
            Self::UsBank { account, .. } => last_four(account).to_owned(),
            Self::Paypal { email } | Self::Wise { email, .. } => masked(email),
            Self::Other { text } => text.clone(),
        }
    }

    /// How money in a currency is sent to it.
    pub fn rail(&self, currency: Currency) -> Rail {
        match self {
            Self::Iban(account) if currency == Currency::EUR && sepa::is_sepa_country(account.country()) => {
                Rail::Sepa
            }
            Self::Iban(_) => Rail::WiseIban,
            Self::Wise { .. } => Rail::WiseEmail,
            Self::Paypal { .. } => Rail::Paypal,
            Self::UsBank { .. } | Self::Other { .. } => Rail::Manual,
        }
    }
}

fn last_four(number: &str) -> &str {
    number.get(number.len().saturating_sub(4)..).unwrap_or_default()
}

/// An address of which only the first character and the domain are shown.
fn masked(email: &Email) -> String {
    let (name, domain) = email.as_str().split_once('@').unwrap_or_default();
    format!("{}•••@{domain}", name.chars().next().unwrap_or('•'))
}

/// Whether nine digits are an ABA routing number: weighted by 3, 7 and 1 they sum to a multiple of
/// ten (American Bankers Association, routing number policy).
fn is_routing_number(digits: &str) -> bool {
    digits.len() == 9
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits
            .bytes()
            .zip([3, 7, 1].into_iter().cycle())
            .map(|(d, weight)| u32::from(d - b'0') * weight)
            .sum::<u32>()
            % 10
            == 0
}

/// Shows its kind alone: the rest belongs into no log.
impl fmt::Debug for PayoutMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PayoutMethod({})", self.kind().word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let fields =
            |problems: Vec<MethodProblem>| problems.into_iter().map(|(field, _)| field).collect::<Vec<_>>();
        assert_eq!(fields(BankAccount::parse("", "DE00", "X").unwrap_err()), ["holder", "iban", "bic"]);
        assert_eq!(
            fields(PayoutMethod::us_bank(" ", "021000022", "1").unwrap_err()),
            ["holder", "routing", "account"]
        );
        assert_eq!(fields(PayoutMethod::wise("", "x").unwrap_err()), ["holder", "email"]);
        assert_eq!(fields(PayoutMethod::paypal("x").unwrap_err()), ["email"]);
        assert_eq!(fields(PayoutMethod::other("").unwrap_err()), ["text"]);
    }

    #[test]
    fn a_masked_payout_method_shows_the_last_digits_only() {
        let account = BankAccount::parse("Kenji Mori", "de89 3704 0044 0532 0130 00", "").unwrap();
        assert_eq!((account.iban.as_str(), account.country()), ("DE89370400440532013000", "DE"));
        assert_eq!(PayoutMethod::Iban(account).hint(), "3000");
        assert_eq!(PayoutMethod::paypal("priya@example.com").unwrap().hint(), "p•••@example.com");
        assert_eq!(PayoutMethod::us_bank("A", "021000021", "000123456789").unwrap().hint(), "6789");
        assert_eq!(format!("{:?}", PayoutMethod::other("secret").unwrap()), "PayoutMethod(other)");
    }

    #[test]
    fn euros_are_paid_by_sepa_where_possible() {
        let iban = |iban| PayoutMethod::Iban(BankAccount::parse("A", iban, "").unwrap());
        let (eur, usd) = ("eur".parse().unwrap(), "usd".parse().unwrap());
        assert_eq!(iban("DE89370400440532013000").rail(eur), Rail::Sepa);
        assert_eq!(iban("DE89370400440532013000").rail(usd), Rail::WiseIban);
        assert_eq!(iban("AE070331234567890123456").rail(eur), Rail::WiseIban);
        assert_eq!(PayoutMethod::other("credit").unwrap().rail(eur), Rail::Manual);
    }
}
