//! Signed receipts: what an affiliate earned by one payment, as a document that anyone can check.
//!
//! A receipt is a JSON object. Its signature covers the *canonical* form of all other fields:
//! UTF-8 without spaces, keys in alphabetical order at every level, numbers are integers (the form
//! of RFC 8785 for such a document). So a file may be indented or reordered and stays valid, and a
//! change of any value does not.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::commissions::{Cause, CauseKind, CommissionStatus, Entry, EntryKind};
use crate::ids::{AffiliateId, ConversionId, EntryId, ProgramId};
use crate::money::Currency;
use crate::terms::Commission;

/// The name of this version of the document.
pub const FORMAT: &str = "honeyguide-receipt/1";

/// The largest document, in bytes: the most entries of one conversion, with room to spare.
pub const LARGEST_RECEIPT: usize = 200 * 1024;

/// The most entries in a receipt. The ledger shows no more of one conversion either.
pub const MOST_ENTRIES: usize = 500;

/// The field that holds the signature, which the signature does not cover.
const SIGNATURE: &str = "signature";

/// A receipt: what one payment earned an affiliate by the time it was issued. Times are Unix
/// milliseconds, amounts are minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// [`FORMAT`].
    pub format: String,
    /// The address of the installation that issued it.
    pub issuer: String,
    /// Which of the installation's keys signed it.
    pub key_id: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The program.
    pub program_id: ProgramId,
    /// Its name.
    pub program: String,
    /// The company that runs it.
    pub merchant: String,
    /// The affiliate.
    pub affiliate_id: AffiliateId,
    /// Their name.
    pub affiliate: String,
    /// The payment that was credited.
    pub conversion_id: ConversionId,
    /// Whose payment, masked: `m•••@•••`.
    pub customer: Option<String>,
    /// What was bought, if Stripe said so.
    pub label: Option<String>,
    /// When the customer paid.
    pub paid_at: Timestamp,
    /// The currency of `amount` and `base`.
    pub currency: Currency,
    /// What the customer paid.
    pub amount: i64,
    /// The part that the commission is computed from.
    pub base: i64,
    /// The rule that the terms of the time had.
    pub rate: Commission,
    /// The version of those terms.
    pub terms_version: i64,
    /// The currency of `commission` and of the entries.
    pub commission_currency: Currency,
    /// What the affiliate earned: the sum of the entries.
    pub commission: i64,
    /// The state of the commission.
    pub status: CommissionStatus,
    /// The entries of the ledger, oldest first.
    pub entries: Vec<ReceiptEntry>,
    /// Ed25519 over the canonical form of all other fields, in base64; empty until it is signed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub signature: String,
}

/// An entry of the ledger in a receipt. Affiliate, conversion and currency are the receipt's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptEntry {
    /// The entry's id.
    pub id: EntryId,
    /// Its place among all entries of the affiliate: 1, 2, 3, …
    pub sequence: i64,
    /// What it does.
    pub kind: EntryKind,
    /// The change.
    pub amount: i64,
    /// What led to it: Stripe's id of the event, or ours of a job or an audit line.
    pub cause: String,
    /// When it was written.
    pub at: Timestamp,
    /// The hash of the affiliate's entry before.
    pub previous_hash: String,
    /// SHA-256 over the previous hash and this entry, see [`Entry::chain_text`].
    pub hash: String,
}

/// A receipt as read from a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadReceipt {
    /// What it says.
    pub receipt: Receipt,
    /// The bytes that the signature must cover.
    pub signed_bytes: Vec<u8>,
}

/// Why a document cannot be read as a receipt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Longer than any receipt.
    #[error("This is larger than any receipt.")]
    TooLarge,
    /// Not JSON, or cut off.
    #[error("This is not a receipt: it is not complete JSON.")]
    NotJson,
    /// JSON with other fields.
    #[error("This is not a receipt: its fields are not those of one.")]
    NotAReceipt,
    /// A receipt of a later version.
    #[error("This receipt has a format that this version of Honeyguide does not know.")]
    UnknownFormat,
}

/// Why the entries of a receipt do not prove its amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokenChain {
    /// The hash of the entry at this place does not follow from what it says.
    Hash(i64),
    /// The entry at this place does not follow the one before.
    Order(i64),
    /// The entries do not add up to the commission.
    Sum,
}

impl Receipt {
    /// Reads a document. A field that is there twice is refused, because programs disagree on
    /// which one counts.
    pub fn read(text: &str) -> Result<ReadReceipt, Unreadable> {
        if text.len() > LARGEST_RECEIPT {
            return Err(Unreadable::TooLarge);
        }
        let value: Value = serde_json::from_str(text).map_err(|_| Unreadable::NotJson)?;
        let format = value.get("format").and_then(Value::as_str).ok_or(Unreadable::NotAReceipt)?;
        if format != FORMAT {
            return Err(Unreadable::UnknownFormat);
        }
        let receipt: Self = serde_json::from_str(text).map_err(|_| Unreadable::NotAReceipt)?;
        if receipt.entries.len() > MOST_ENTRIES {
            return Err(Unreadable::TooLarge);
        }
        Ok(ReadReceipt { receipt, signed_bytes: canonical(value) })
    }

    /// The bytes that are signed.
    pub fn signed_bytes(&self) -> Vec<u8> {
        canonical(serde_json::to_value(self).expect("a receipt has a JSON form"))
    }

    /// The document, indented.
    pub fn document(&self) -> String {
        serde_json::to_string_pretty(self).expect("a receipt has a JSON form")
    }

    /// Checks the hashes of the entries, their order, and their sum. Between two entries of one
    /// conversion the affiliate's chain has others, which a receipt does not show; entries that
    /// follow each other must agree.
    pub fn check_chain(&self) -> Result<(), BrokenChain> {
        let mut before: Option<&ReceiptEntry> = None;
        let mut sum = 0_i64;
        for entry in &self.entries {
            if self.entry(entry).hash(entry.sequence, &entry.previous_hash) != entry.hash {
                return Err(BrokenChain::Hash(entry.sequence));
            }
            let follows = before.is_none_or(|before| {
                entry.sequence > before.sequence
                    && (entry.sequence != before.sequence + 1 || entry.previous_hash == before.hash)
            });
            if entry.sequence < 1 || !follows {
                return Err(BrokenChain::Order(entry.sequence));
            }
            sum = sum.checked_add(entry.amount).ok_or(BrokenChain::Sum)?;
            before = Some(entry);
        }
        if sum == self.commission { Ok(()) } else { Err(BrokenChain::Sum) }
    }

    fn entry(&self, entry: &ReceiptEntry) -> Entry {
        Entry {
            id: entry.id.clone(),
            affiliate_id: self.affiliate_id.clone(),
            conversion_id: Some(self.conversion_id.clone()),
            kind: entry.kind,
            amount: entry.amount,
            currency: self.commission_currency,
            // Its kind is not part of the hash.
            cause: Cause::own(CauseKind::Payment, entry.cause.clone()),
            at: entry.at,
        }
    }
}

/// The canonical form of a document without its signature.
fn canonical(mut document: Value) -> Vec<u8> {
    if let Some(fields) = document.as_object_mut() {
        fields.remove(SIGNATURE);
    }
    document.sort_all_objects();
    document.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Random;
    use crate::commissions::CHAIN_START;

    /// A payment of 144.00 USD at 25%, of which a sixth was refunded. Another payment's entry
    /// stands between the two.
    fn receipt() -> Receipt {
        let (now, random) = (Timestamp(1_790_000_000_000), Random::seeded(1));
        let mut receipt = Receipt {
            format: FORMAT.to_owned(),
            issuer: "https://partners.lumennotes.example".to_owned(),
            key_id: "7f3c91ab00112233".to_owned(),
            issued_at: now.plus_days(9),
            program_id: ProgramId::new(now, &random),
            program: "Lumen Partners".to_owned(),
            merchant: "Lumen Notes".to_owned(),
            affiliate_id: AffiliateId::new(now, &random),
            affiliate: "Kenji “K” Mori".to_owned(),
            conversion_id: ConversionId::new(now, &random),
            customer: Some("l•••@•••".to_owned()),
            label: None,
            paid_at: now,
            currency: "usd".parse().unwrap(),
            amount: 17_136,
            base: 14_400,
            rate: Commission::Percent { rate_bps: 2_500 },
            terms_version: 3,
            commission_currency: "usd".parse().unwrap(),
            commission: 3_000,
            status: CommissionStatus::PartlyRefunded,
            entries: Vec::new(),
            signature: String::new(),
        };
        let places =
            [(1, EntryKind::Earn, 3_600, CHAIN_START), (3, EntryKind::Reverse, -600, &"a".repeat(64))];
        for (sequence, kind, amount, previous) in places {
            let mut entry = ReceiptEntry {
                id: EntryId::new(now, &random),
                sequence,
                kind,
                amount,
                cause: format!("evt_{sequence}"),
                at: now.plus_days(sequence),
                previous_hash: previous.to_owned(),
                hash: String::new(),
            };
            entry.hash = receipt.entry(&entry).hash(sequence, previous);
            receipt.entries.push(entry);
        }
        receipt
    }

    #[test]
    fn order_and_spaces_do_not_change_what_is_signed_and_every_value_does() {
        let receipt = receipt();
        let read = Receipt::read(&receipt.document()).unwrap();
        assert_eq!(read.receipt, receipt);
        assert_eq!(read.signed_bytes, receipt.signed_bytes());
        let text = String::from_utf8(receipt.signed_bytes()).unwrap();
        assert!(text.starts_with(r#"{"affiliate":"Kenji “K” Mori","affiliate_id":"aff_"#), "{text}");
        assert!(!text.contains("signature"), "{text}");
        let other = Receipt { signature: "AAAA".to_owned(), ..receipt.clone() };
        assert_eq!(other.signed_bytes(), receipt.signed_bytes());
        let other = Receipt { commission: 3_001, ..receipt.clone() };
        assert_ne!(other.signed_bytes(), receipt.signed_bytes());
        // A currency in capitals reads the same and is other bytes.
        let capitals = receipt.document().replace("\"usd\"", "\"USD\"");
        assert_ne!(Receipt::read(&capitals).unwrap().signed_bytes, receipt.signed_bytes());
    }

    #[test]
    fn what_is_no_receipt_is_refused() {
        let document = receipt().document();
        let refused = |text: &str| Receipt::read(text).unwrap_err();
        assert_eq!(refused(""), Unreadable::NotJson);
        assert_eq!(refused(&document[..document.len() - 3]), Unreadable::NotJson);
        assert_eq!(refused("[]"), Unreadable::NotAReceipt);
        assert_eq!(refused(&document.replace("receipt/1", "receipt/2")), Unreadable::UnknownFormat);
        assert_eq!(refused(&document.replacen('{', "{\"amount\": 1, ", 1)), Unreadable::NotAReceipt);
        assert_eq!(refused(&document.replacen('{', "{\"extra\": 1, ", 1)), Unreadable::NotAReceipt);
        assert_eq!(refused(&" ".repeat(LARGEST_RECEIPT + 1)), Unreadable::TooLarge);
    }

    #[test]
    fn the_chain_names_the_entry_that_does_not_fit() {
        let receipt = receipt();
        assert_eq!(receipt.check_chain(), Ok(()));
        let with = |change: fn(&mut Receipt)| {
            let mut receipt = receipt.clone();
            change(&mut receipt);
            receipt.check_chain()
        };
        assert_eq!(with(|receipt| receipt.entries[1].amount = -500), Err(BrokenChain::Hash(3)));
        assert_eq!(with(|receipt| receipt.entries.swap(0, 1)), Err(BrokenChain::Order(1)));
        assert_eq!(with(|receipt| receipt.commission = 3_600), Err(BrokenChain::Sum));
        assert_eq!(with(|receipt| drop(receipt.entries.pop())), Err(BrokenChain::Sum));
        assert_eq!(
            with(|receipt| {
                receipt.entries[1].sequence = 2;
                receipt.entries[1].hash = receipt.entry(&receipt.entries[1]).hash(2, &"a".repeat(64));
            }),
            Err(BrokenChain::Order(2))
        );
    }
}
