//! What a bank or a payment service says became of the payments of a run: a status report of a
//! bank (ISO 20022 pain.002), or a CSV file of PayPal or Wise.

use std::collections::BTreeMap;

use sepa::{OriginalMessageType, PaymentStatus, parse_pain002};

use super::Reason;
use crate::ids::PayoutId;

/// The largest file that is read, bytes.
pub const LARGEST_RESULT: usize = 2 << 20;

/// What became of one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentResult {
    /// The money has left, or has arrived.
    Paid,
    /// It was refused or came back, and why.
    Failed(Reason),
    /// It is not decided yet.
    Pending,
}

/// A result file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Results {
    /// The payouts that it names.
    pub of_payouts: BTreeMap<PayoutId, PaymentResult>,
    /// The message that a bank's report answers: [`super::files::FileHead::message_id`].
    pub message_id: Option<String>,
    /// What a bank's report says of all payments of the message, where it decides them.
    pub of_all: Option<PaymentResult>,
    /// Words for a status that are not known.
    pub unknown_statuses: Vec<String>,
}

/// Why a file cannot be read. Each message says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResultFileError {
    /// Nothing was chosen.
    #[error("Choose a file")]
    Empty,
    /// It is larger than [`LARGEST_RESULT`].
    #[error("This file is larger than 2 MB. Split it")]
    TooLarge,
    /// It is not text.
    #[error("This file isn’t text. Upload the XML or CSV file as you got it")]
    NotText,
    /// It is XML, but no status report.
    #[error("This XML file isn’t a payment status report (pain.002)")]
    NoStatusReport,
    /// The report answers something else than a credit transfer.
    #[error("This report isn’t about credit transfers")]
    OtherMessage,
    /// A CSV file without a column for the status.
    #[error("This CSV file has no column named “status”")]
    NoStatusColumn,
    /// No line of a CSV file has an id of a payout.
    #[error("No line of this file has a payout id such as pyo_01h455vb4pex5vsknk084sn02q")]
    NoIds,
}

impl Results {
    /// Reads a file.
    ///
    /// # Errors
    /// A file that is neither.
    pub fn read(bytes: &[u8]) -> Result<Self, ResultFileError> {
        if bytes.is_empty() {
            return Err(ResultFileError::Empty);
        }
        if bytes.len() > LARGEST_RESULT {
            return Err(ResultFileError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ResultFileError::NotText)?;
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.contains('\0') {
            Err(ResultFileError::NotText)
        } else if text.starts_with('<') {
            status_report(text)
        } else {
            csv_results(text)
        }
    }

    fn add(&mut self, id: PayoutId, result: PaymentResult) {
        // A payment that is named twice failed if one line says so: money that came back.
        let entry = self.of_payouts.entry(id).or_insert_with(|| result.clone());
        if matches!(result, PaymentResult::Failed(_)) || *entry == PaymentResult::Pending {
            *entry = result;
        }
    }
}

/// A status of ISO 20022 (ExternalPaymentTransactionStatus1Code): settled is paid, rejected has
/// failed, and every acceptance before settlement is pending.
fn of_status(status: &PaymentStatus, why: impl Fn() -> String) -> PaymentResult {
    match status {
        PaymentStatus::Acsc => PaymentResult::Paid,
        PaymentStatus::Other(code) if code == "ACCC" => PaymentResult::Paid,
        PaymentStatus::Rjct => PaymentResult::Failed(Reason::clipped(&why())),
        _ => PaymentResult::Pending,
    }
}

fn why(codes: &[sepa::ReasonCode], texts: &[String]) -> String {
    let codes: Vec<&str> = codes.iter().map(sepa::ReasonCode::as_code).collect();
    match (texts.join(" "), codes.join(", ")) {
        (text, codes) if text.is_empty() => {
            if codes.is_empty() {
                "Rejected by the bank".to_owned()
            } else {
                format!("Rejected by the bank ({codes})")
            }
        }
        (text, codes) if codes.is_empty() => text,
        (text, codes) => format!("{text} ({codes})"),
    }
}

fn status_report(text: &str) -> Result<Results, ResultFileError> {
    let report = parse_pain002(text).map_err(|_| ResultFileError::NoStatusReport)?;
    if report.original_msg_type.as_ref().is_some_and(|of| *of != OriginalMessageType::CreditTransfer) {
        return Err(ResultFileError::OtherMessage);
    }
    let mut results = Results { message_id: Some(report.original_msg_id.clone()), ..Results::default() };
    let mut whole = report
        .group_status
        .clone()
        .map(|status| (status, why(&report.group_reason_codes, &report.group_additional_info)));
    for group in &report.payment_info_statuses {
        if let Some(status) = &group.status {
            whole = Some((status.clone(), why(&group.reason_codes, &group.additional_info)));
        }
        for payment in &group.transactions {
            let id = payment.original_end_to_end_id.as_deref().and_then(of_end_to_end);
            let status = payment.status.as_ref().or(group.status.as_ref());
            if let (Some(id), Some(status)) = (id, status) {
                results.add(id, of_status(status, || why(&payment.reason_codes, &payment.additional_info)));
            }
        }
    }
    results.of_all = whole
        .map(|(status, words)| of_status(&status, || words.clone()))
        .filter(|result| *result != PaymentResult::Pending);
    Ok(results)
}

/// A payout's id as our SEPA files carry it: without the underscore.
fn of_end_to_end(text: &str) -> Option<PayoutId> {
    let rest = text.strip_prefix("pyo")?;
    format!("pyo_{}", rest.trim_start_matches('_')).parse().ok()
}

/// What PayPal and Wise call a status (PayPal: Payouts, "Batch and item status"; Wise: transfer
/// status in exported batches), and plain words that people write themselves.
fn of_word(word: &str) -> Option<fn(Reason) -> PaymentResult> {
    let word = word.trim().to_lowercase().replace([' ', '-'], "_");
    Some(match word.as_str() {
        "success" | "completed" | "complete" | "paid" | "sent" | "outgoing_payment_sent" => {
            |_| PaymentResult::Paid
        }
        "failed" | "denied" | "blocked" | "returned" | "refunded" | "reversed" | "cancelled" | "canceled"
        | "bounced_back" | "funds_refunded" | "rejected" => PaymentResult::Failed,
        "pending"
        | "unclaimed"
        | "onhold"
        | "on_hold"
        | "processing"
        | "new"
        | "processed"
        | "incoming_payment_waiting"
        | "funds_converted" => |_| PaymentResult::Pending,
        _ => return None,
    })
}

fn csv_results(text: &str) -> Result<Results, ResultFileError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let heads: Vec<String> = reader
        .headers()
        .map_err(|_| ResultFileError::NotText)?
        .iter()
        .map(|head| head.trim().to_lowercase())
        .collect();
    let status = heads
        .iter()
        .position(|head| head == "status")
        .or_else(|| heads.iter().position(|head| head.ends_with("status")))
        .ok_or(ResultFileError::NoStatusColumn)?;
    let reasons = ["reason", "error", "failure", "comment"];
    let why = heads.iter().position(|head| reasons.iter().any(|word| head.contains(word)));
    let (mut results, mut ids) = (Results::default(), 0);
    for line in reader.records().filter_map(Result::ok) {
        let Some(id) = line.iter().find_map(|cell| cell.trim().parse::<PayoutId>().ok()) else { continue };
        ids += 1;
        let word = line.get(status).unwrap_or_default();
        match of_word(word) {
            Some(result) => {
                let words = why.and_then(|at| line.get(at)).filter(|words| !words.trim().is_empty());
                results.add(id, result(Reason::clipped(words.unwrap_or(word))));
            }
            None if !results.unknown_statuses.iter().any(|known| known == word) => {
                results.unknown_statuses.push(word.to_owned());
            }
            None => {}
        }
    }
    if ids == 0 { Err(ResultFileError::NoIds) } else { Ok(results) }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ID: &str = "pyo_01k00000000000000000000000";

    fn id() -> PayoutId {
        ID.parse().unwrap()
    }

    fn report(inside: &str) -> String {
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>B-1</MsgId><CreDtTm>2026-12-02T08:00:00</CreDtTm></GrpHdr>{inside}</CstmrPmtStsRpt></Document>"#
        )
    }

    const HEAD: &str = "<OrgnlMsgId>RUN1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>";

    fn failed(words: &str) -> PaymentResult {
        PaymentResult::Failed(Reason::parse(words).unwrap())
    }

    #[rstest]
    #[case("ACSC", "", PaymentResult::Paid)]
    #[case("ACCC", "", PaymentResult::Paid)]
    #[case("ACSP", "", PaymentResult::Pending)]
    #[case("RCVC", "", PaymentResult::Pending)]
    #[case(
        "RJCT",
        "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Account closed</AddtlInf></StsRsnInf>",
        failed("Account closed (AC04)")
    )]
    #[case("RJCT", "<StsRsnInf><Rsn><Cd>AC01</Cd></Rsn></StsRsnInf>", failed("Rejected by the bank (AC01)"))]
    #[case("RJCT", "", failed("Rejected by the bank"))]
    fn a_bank_reports_on_each_payment(
        #[case] status: &str,
        #[case] why: &str,
        #[case] expected: PaymentResult,
    ) {
        let xml = report(&format!(
            "<OrgnlGrpInfAndSts>{HEAD}</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>P</OrgnlPmtInfId>\
             <TxInfAndSts><OrgnlEndToEndId>{}</OrgnlEndToEndId><TxSts>{status}</TxSts>{why}</TxInfAndSts>\
             <TxInfAndSts><OrgnlEndToEndId>NOT-OURS</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>",
            ID.replace('_', "")
        ));
        let results = Results::read(xml.as_bytes()).unwrap();
        assert_eq!(results.message_id.as_deref(), Some("RUN1"));
        assert_eq!(results.of_payouts, [(id(), expected)].into());
        assert_eq!(results.of_all, None);
    }

    #[test]
    fn a_bank_may_reject_a_whole_file() {
        let group = "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>DUPL</Cd></Rsn></StsRsnInf>";
        let xml = report(&format!("<OrgnlGrpInfAndSts>{HEAD}{group}</OrgnlGrpInfAndSts>"));
        let results = Results::read(xml.as_bytes()).unwrap();
        assert_eq!(
            (results.of_payouts.len(), results.of_all),
            (0, Some(failed("Rejected by the bank (DUPL)")))
        );
    }

    #[test]
    fn csv_files_are_read_by_id_and_status() {
        let other = "pyo_01k00000000000000000000001";
        let csv = format!(
            "\u{feff}Recipient,Amount,Unique ID,Transaction status,Reason\r\n\
             a@b.example,5.00,{ID},Success,\r\nc@d.example,6.00,{other},Returned,\"The account, is closed\"\r\n\
             c@d.example,6.00,{other},Success,\r\nTotal,11.00,,,\r\n"
        );
        let results = Results::read(csv.as_bytes()).unwrap();
        let expected =
            [(id(), PaymentResult::Paid), (other.parse().unwrap(), failed("The account, is closed"))];
        assert_eq!(results.of_payouts, expected.into());
        let odd = Results::read(format!("id,status\n{ID},who knows\n").as_bytes()).unwrap();
        assert_eq!((odd.of_payouts.len(), odd.unknown_statuses), (0, vec!["who knows".to_owned()]));
    }

    #[rstest]
    #[case(b"id,state\npyo_01k00000000000000000000000,paid".as_slice(), ResultFileError::NoStatusColumn)]
    #[case(b"id,status\n1,paid".as_slice(), ResultFileError::NoIds)]
    #[case(b"".as_slice(), ResultFileError::Empty)]
    #[case(b"<a/>".as_slice(), ResultFileError::NoStatusReport)]
    #[case(b"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>".as_slice(), ResultFileError::NoStatusReport)]
    #[case(b"\xff\xfe".as_slice(), ResultFileError::NotText)]
    #[case(&[b'a'; LARGEST_RESULT + 1], ResultFileError::TooLarge)]
    fn what_cannot_be_read_says_what_to_do(#[case] file: &[u8], #[case] expected: ResultFileError) {
        assert_eq!(Results::read(file), Err(expected));
    }

    #[test]
    fn a_report_about_direct_debits_is_refused() {
        let head = HEAD.replace("pain.001.001.09", "pain.008.001.08");
        let xml = report(&format!("<OrgnlGrpInfAndSts>{head}</OrgnlGrpInfAndSts>"));
        assert_eq!(Results::read(xml.as_bytes()), Err(ResultFileError::OtherMessage));
    }
}
