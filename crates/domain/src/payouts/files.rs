//! The files that a bank or a payment service takes. Each is a pure function of its payouts, so
//! the same run always makes the same bytes.

use sepa::{
    CreditTransferEntry, CreditTransferGroup, IsoDate, IsoDateTime, Pain001Builder, validate_bic,
    validate_iban,
};

use super::Rail;
use super::method::{BankAccount, PayoutMethod};
use crate::clock::{DAY_MS, Timestamp};
use crate::ids::PayoutId;
use crate::money::{Currency, decimal_text};

/// One payment of a file.
#[derive(Debug, Clone)]
pub struct FilePayout {
    /// The affiliate's name in the program.
    pub name: String,
    /// Their address.
    pub email: String,
    /// How they are paid; absent where nothing is known.
    pub method: Option<PayoutMethod>,
    /// Minor units of the file's currency, above zero.
    pub amount: i64,
    /// What the recipient reads: up to 35 characters of A–Z, a–z, 0–9 and spaces.
    pub reference: String,
    /// Our id of the payout.
    pub id: PayoutId,
}

/// What a file says about itself.
#[derive(Debug, Clone)]
pub struct FileHead {
    /// Identifies the run for a bank, which takes no second file with the same: up to 35 characters.
    pub message_id: String,
    /// When the run was approved.
    pub at: Timestamp,
    /// The account that pays by SEPA transfer.
    pub payer: Option<BankAccount>,
    /// The currency of all payouts.
    pub currency: Currency,
}

/// Why a file cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// A SEPA file needs the account that pays.
    #[error("the account that pays by SEPA transfer is missing")]
    NoPayer,
    /// The library or the writer refused it.
    #[error("{0}")]
    Refused(String),
}

fn refused(error: impl std::fmt::Display) -> FileError {
    FileError::Refused(error.to_string())
}

/// The file of a rail.
///
/// # Errors
/// A SEPA file without a payer, or an amount or a name that the format does not take.
pub fn file(rail: Rail, head: &FileHead, payouts: &[FilePayout]) -> Result<Vec<u8>, FileError> {
    match rail {
        Rail::Sepa => sepa_file(head, payouts),
        Rail::WiseIban => wise(head, payouts, true),
        Rail::WiseEmail => wise(head, payouts, false),
        Rail::Paypal => paypal(head, payouts),
        Rail::Manual => manual(head, payouts),
    }
}

/// A SEPA credit transfer: pain.001.001.09, the version of the EPC's rulebook since 2023.
fn sepa_file(head: &FileHead, payouts: &[FilePayout]) -> Result<Vec<u8>, FileError> {
    let payer = head.payer.as_ref().ok_or(FileError::NoPayer)?;
    let date = IsoDate::from_epoch_days(head.at.0.div_euclid(DAY_MS)).map_err(refused)?;
    let seconds = head.at.0.rem_euclid(DAY_MS) / 1_000;
    let part = |number: i64| u8::try_from(number).map_err(refused);
    let created =
        IsoDateTime::new(date, part(seconds / 3_600)?, part(seconds / 60 % 60)?, part(seconds % 60)?)
            .map_err(refused)?;
    let iban = validate_iban(&payer.iban).map_err(refused)?;
    let mut group = CreditTransferGroup::new(&payer.holder, &iban, date);
    if let Some(bic) = &payer.bic {
        group = group.debtor_bic(validate_bic(bic).map_err(refused)?);
    }
    for payout in payouts {
        let Some(PayoutMethod::Iban(account)) = &payout.method else {
            return Err(FileError::Refused(format!("{} has no IBAN", payout.id)));
        };
        let iban = validate_iban(&account.iban).map_err(refused)?;
        let mut entry =
            CreditTransferEntry::new(&account.holder, iban, payout.amount, end_to_end_id(&payout.id))
                .with_description(&payout.reference);
        if let Some(bic) = &account.bic {
            entry = entry.with_bic(validate_bic(bic).map_err(refused)?);
        }
        group = group.add_entry(entry);
    }
    let builder = Pain001Builder::new(&payer.holder, &head.message_id).created_at(created).add_group(group);
    builder.build().map(String::into_bytes).map_err(refused)
}

/// A payout's id as a bank carries it to the end: without the underscore.
pub fn end_to_end_id(id: &PayoutId) -> String {
    id.as_str().replace('_', "")
}

/// Lines of a CSV file, with `\r\n` as RFC 4180 has it.
fn csv_lines(lines: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>, FileError> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(Vec::new());
    for line in lines {
        writer.write_record(line.iter().map(|cell| inert(cell))).map_err(refused)?;
    }
    writer.into_inner().map_err(refused)
}

/// A cell that no spreadsheet takes for a formula.
fn inert(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

/// Wise's template "Send to bank accounts" with an IBAN, or "Send by email" (wise.com/help, "How do
/// I fill in my batch template?"). `amountCurrency` is `target`, so the recipient gets the exact
/// amount.
fn wise(head: &FileHead, payouts: &[FilePayout], by_iban: bool) -> Result<Vec<u8>, FileError> {
    let mut columns: Vec<String> = [
        "name",
        "recipientEmail",
        "paymentReference",
        "receiverType",
        "amountCurrency",
        "amount",
        "sourceCurrency",
        "targetCurrency",
    ]
    .map(str::to_owned)
    .into();
    if by_iban {
        columns.push("IBAN".to_owned());
    }
    let code = head.currency.to_string();
    let line = |payout: &FilePayout| {
        let (name, email, iban) = match &payout.method {
            Some(PayoutMethod::Iban(account)) => (&account.holder, &payout.email, Some(account.iban.clone())),
            Some(PayoutMethod::Wise { holder, email }) => (holder, &email.as_str().to_owned(), None),
            _ => return Err(FileError::Refused(format!("{} is not paid by Wise", payout.id))),
        };
        let amount = decimal_text(payout.amount, head.currency);
        let mut line = vec![
            name.clone(),
            email.clone(),
            payout.reference.clone(),
            "PERSON".to_owned(),
            "target".to_owned(),
            amount,
            code.clone(),
            code.clone(),
        ];
        line.extend(iban);
        Ok(line)
    };
    let lines: Vec<_> = payouts.iter().map(line).collect::<Result<_, _>>()?;
    csv_lines(std::iter::once(columns).chain(lines))
}

/// PayPal's payouts by file: no header; address, amount, currency, our id, note and wallet
/// (docs.paypal.ai, "Send payouts" by `.csv`). Our id has no spaces and 30 characters at most.
fn paypal(head: &FileHead, payouts: &[FilePayout]) -> Result<Vec<u8>, FileError> {
    let line = |payout: &FilePayout| match &payout.method {
        Some(PayoutMethod::Paypal { email }) => Ok(vec![
            email.as_str().to_owned(),
            decimal_text(payout.amount, head.currency),
            head.currency.to_string(),
            payout.id.to_string(),
            payout.reference.clone(),
            "PAYPAL".to_owned(),
        ]),
        _ => Err(FileError::Refused(format!("{} is not paid by PayPal", payout.id))),
    };
    csv_lines(payouts.iter().map(line).collect::<Result<Vec<_>, _>>()?)
}

/// What a person needs who makes the transfers one by one.
fn manual(head: &FileHead, payouts: &[FilePayout]) -> Result<Vec<u8>, FileError> {
    let columns = [
        "name",
        "email",
        "method",
        "account_holder",
        "account",
        "routing_number",
        "note",
        "amount",
        "currency",
        "reference",
        "payout",
    ];
    let line = |payout: &FilePayout| {
        let empty = String::new;
        let (method, holder, account, routing, note) = match &payout.method {
            None => ("none", empty(), empty(), empty(), empty()),
            Some(PayoutMethod::Iban(account)) => {
                ("iban", account.holder.clone(), account.iban.clone(), empty(), empty())
            }
            Some(PayoutMethod::UsBank { holder, routing, account }) => {
                ("us_bank", holder.clone(), account.clone(), routing.clone(), empty())
            }
            Some(PayoutMethod::Paypal { email }) => {
                ("paypal", empty(), email.as_str().to_owned(), empty(), empty())
            }
            Some(PayoutMethod::Wise { holder, email }) => {
                ("wise", holder.clone(), email.as_str().to_owned(), empty(), empty())
            }
            Some(PayoutMethod::Other { text }) => ("other", empty(), empty(), empty(), text.clone()),
        };
        vec![
            payout.name.clone(),
            payout.email.clone(),
            method.to_owned(),
            holder,
            account,
            routing,
            note,
            decimal_text(payout.amount, head.currency),
            head.currency.to_string(),
            payout.reference.clone(),
            payout.id.to_string(),
        ]
    };
    csv_lines(std::iter::once(columns.map(str::to_owned).to_vec()).chain(payouts.iter().map(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(currency: &str) -> FileHead {
        FileHead {
            message_id: "HG-14".to_owned(),
            at: Timestamp(1_796_032_000_000),
            payer: BankAccount::parse("Lumen Notes Europe Ltd", "NL91ABNA0417164300", "").ok(),
            currency: currency.parse().unwrap(),
        }
    }

    fn payout(method: PayoutMethod, amount: i64) -> FilePayout {
        FilePayout {
            name: "Lucie Fabre".to_owned(),
            email: "lucie@example.com".to_owned(),
            method: Some(method),
            amount,
            reference: "Lumen Partners run 14".to_owned(),
            id: "pyo_01k00000000000000000000000".parse().unwrap(),
        }
    }

    fn text(rail: Rail, head: &FileHead, payouts: &[FilePayout]) -> String {
        String::from_utf8(file(rail, head, payouts).unwrap()).unwrap()
    }

    #[test]
    fn a_sepa_file_has_each_payment_and_the_sum() {
        let iban =
            PayoutMethod::Iban(BankAccount::parse("Lucie Fabre", "DE89370400440532013000", "").unwrap());
        let xml =
            text(Rail::Sepa, &head("eur"), &[payout(iban.clone(), 19_840), payout(iban.clone(), 11_400)]);
        assert!(xml.contains("pain.001.001.09"), "{xml}");
        assert!(xml.contains("<CtrlSum>312.40</CtrlSum>") && xml.contains(">198.40</InstdAmt>"), "{xml}");
        assert_eq!(
            xml,
            text(Rail::Sepa, &head("eur"), &[payout(iban.clone(), 19_840), payout(iban.clone(), 11_400)])
        );
        let without = FileHead { payer: None, ..head("eur") };
        assert_eq!(file(Rail::Sepa, &without, &[payout(iban, 1)]), Err(FileError::NoPayer));
    }

    #[test]
    fn wise_and_paypal_get_the_columns_of_their_templates() {
        let wise = PayoutMethod::wise("Mira Okafor", "mira@example.com").unwrap();
        assert_eq!(
            text(Rail::WiseEmail, &head("usd"), &[payout(wise, 61_250)]),
            "name,recipientEmail,paymentReference,receiverType,amountCurrency,amount,sourceCurrency,targetCurrency\r\n\
             Mira Okafor,mira@example.com,Lumen Partners run 14,PERSON,target,612.50,USD,USD\r\n"
        );
        let paypal = PayoutMethod::paypal("priya@example.com").unwrap();
        assert_eq!(
            text(Rail::Paypal, &head("jpy"), &[payout(paypal, 3_000)]),
            "priya@example.com,3000,JPY,pyo_01k00000000000000000000000,Lumen Partners run 14,PAYPAL\r\n"
        );
    }

    #[test]
    fn no_cell_is_a_formula() {
        let other = PayoutMethod::other("=HYPERLINK(\"http://x\")").unwrap();
        let csv = text(
            Rail::Manual,
            &head("usd"),
            &[FilePayout { name: "@SUM(A1)".to_owned(), ..payout(other, 1) }],
        );
        assert!(csv.contains("'@SUM(A1)") && csv.contains("'=HYPERLINK"), "{csv}");
    }
}
