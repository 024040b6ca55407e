//! Signed receipts: issuing them, and checking what someone shows.
//!
//! A receipt is made anew each time it is opened, and says what was so at that time. Nothing of it
//! is stored but the public key, so a receipt stays valid whatever happens later.

pub mod compact;

use connect::receipt_key::{ReceiptKey, ReceiptPublicKey};
use domain::ids::{AffiliateId, ConversionId, ProgramId};
pub use domain::receipts::{BrokenChain, LARGEST_RECEIPT, Receipt, ReceiptEntry, Unreadable};
use domain::receipts::{FORMAT, MOST_ENTRIES};
use store::db::again;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::sessions::{AffiliateActor, MerchantActor};
use crate::ledger::conversions::{self, ConversionDetail};

/// What a document proved to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What it says, whether it is true or not.
    pub receipt: Receipt,
    /// Whether this installation signed it.
    pub signature: Signature,
    /// Whether the hashes of its entries follow from what they say.
    pub chain: std::result::Result<(), BrokenChain>,
}

/// Whether a signature is genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// The key signed exactly this.
    Genuine,
    /// The key is known, and signed something else.
    Changed,
    /// The key is none of this installation.
    UnknownKey,
}

impl Check {
    /// Whether all of it is as it was issued.
    pub fn is_valid(&self) -> bool {
        self.signature == Signature::Genuine && self.chain.is_ok()
    }

    fn with(document: &str, key: Option<ReceiptPublicKey>) -> std::result::Result<Self, Unreadable> {
        let read = Receipt::read(document)?;
        let signature = match key {
            None => Signature::UnknownKey,
            Some(key) if key.id() != read.receipt.key_id => Signature::UnknownKey,
            Some(key) if key.has_signed(&read.signed_bytes, &read.receipt.signature) => Signature::Genuine,
            Some(_) => Signature::Changed,
        };
        Ok(Self { signature, chain: read.receipt.check_chain(), receipt: read.receipt })
    }
}

/// The receipt of one of one's own earnings.
pub async fn own(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    id: &ConversionId,
) -> Result<Receipt> {
    let detail = conversions::detail_for_affiliate(engine, actor, program, id).await?;
    issue(engine, detail).await
}

/// The receipt of a conversion, for the company: the one that its affiliate has.
pub async fn of_conversion(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &ConversionId,
) -> Result<Receipt> {
    let detail = conversions::detail(engine, actor, program, id).await?;
    issue(engine, detail).await
}

async fn issue(engine: &Engine, detail: ConversionDetail) -> Result<Receipt> {
    let key = engine.key().receipts();
    note_key(engine, &key.public()).await?;
    let mut conn = engine.db().read().await?;
    let program_id = detail.row.conversion.program_id.clone();
    let program = store::programs::get_unscoped(&mut conn, &program_id).await?.ok_or(Error::NotFound)?;
    let merchant = store::merchants::name(&mut conn, &program.merchant_id).await?.unwrap_or_default();
    Ok(signed(key, engine, detail, program.name, merchant))
}

fn signed(
    key: &ReceiptKey,
    engine: &Engine,
    detail: ConversionDetail,
    program: String,
    merchant: String,
) -> Receipt {
    let ConversionDetail { row, terms, entries, .. } = detail;
    let conversion = row.conversion;
    let entries = own_entries(entries, &conversion.affiliate_id);
    let mut receipt = Receipt {
        format: FORMAT.to_owned(),
        issuer: engine.base_url().to_owned(),
        key_id: key.public().id(),
        issued_at: engine.now(),
        program_id: conversion.program_id,
        program,
        merchant,
        affiliate_id: conversion.affiliate_id,
        affiliate: row.affiliate_name,
        conversion_id: conversion.id,
        customer: row.email.map(|email| email.masked()),
        label: row.label,
        paid_at: conversion.paid_at,
        currency: conversion.currency,
        amount: conversion.amount,
        base: conversion.base,
        rate: conversion.reward.commission,
        terms_version: terms.version,
        commission_currency: conversion.commission_currency,
        commission: entries.iter().map(|entry| entry.amount).fold(0, i64::saturating_add),
        status: row.status,
        entries,
        signature: String::new(),
    };
    receipt.signature = key.sign(&receipt.signed_bytes());
    receipt
}

/// The entries of one affiliate in the order of their chain: another may have been credited before.
fn own_entries(entries: Vec<conversions::StoredEntry>, affiliate: &AffiliateId) -> Vec<ReceiptEntry> {
    let own = entries.into_iter().filter(|stored| stored.entry.affiliate_id == *affiliate);
    let mut own: Vec<ReceiptEntry> = own
        .map(|stored| ReceiptEntry {
            id: stored.entry.id,
            sequence: stored.sequence,
            kind: stored.entry.kind,
            amount: stored.entry.amount,
            cause: stored.entry.cause.id,
            at: stored.entry.at,
            previous_hash: stored.previous_hash,
            hash: stored.hash,
        })
        .collect();
    own.sort_by_key(|entry| entry.sequence);
    own.truncate(MOST_ENTRIES);
    own
}

/// Stores the public key with the first receipt that it signs.
async fn note_key(engine: &Engine, key: &ReceiptPublicKey) -> Result<()> {
    let id = key.id();
    if store::receipt_keys::get(&mut engine.db().read().await?, &id).await?.is_some() {
        return Ok(());
    }
    again(|| async {
        let mut tx = engine.db().begin().await?;
        store::receipt_keys::put_first(&mut tx, &id, &key.base64(), engine.now()).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// The public keys of this installation: the one in use, then those before.
///
/// Needs no actor: public keys are public.
pub async fn keys(engine: &Engine) -> Result<Vec<ReceiptPublicKey>> {
    let current = engine.key().receipts().public();
    let stored = store::receipt_keys::list(&mut engine.db().read().await?).await?;
    let before = stored.iter().filter_map(|key| ReceiptPublicKey::parse(key)).filter(|key| *key != current);
    Ok(std::iter::once(current).chain(before).collect())
}

/// Checks a document with the keys of this installation. Says nothing that the document does not.
///
/// Needs no actor: whoever has a receipt may check it.
pub async fn check(engine: &Engine, document: &str) -> Result<std::result::Result<Check, Unreadable>> {
    let key_id = match Receipt::read(document) {
        Ok(read) => read.receipt.key_id,
        Err(unreadable) => return Ok(Err(unreadable)),
    };
    let current = engine.key().receipts().public();
    let key = if current.id() == key_id {
        Some(current)
    } else {
        let stored = store::receipt_keys::get(&mut engine.db().read().await?, &key_id).await?;
        stored.as_deref().and_then(ReceiptPublicKey::parse)
    };
    Ok(Check::with(document, key))
}

/// Checks a document with a public key, without a database.
pub fn check_with(key: ReceiptPublicKey, document: &str) -> std::result::Result<Check, Unreadable> {
    Check::with(document, Some(key))
}
