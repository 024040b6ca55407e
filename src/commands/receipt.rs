//! `honeyguide verify --receipt FILE`

use std::path::Path;

use anyhow::{Context, bail};
use connect::receipt_key::ReceiptPublicKey;
use engine::ledger::receipts::{self, BrokenChain, Check, LARGEST_RECEIPT, Signature};

use super::say;
use crate::config::Config;
use crate::server;

/// Checks a receipt with the keys of the database, or with one given key and without a database.
pub async fn run(config: Config, file: &Path, key: Option<&str>) -> anyhow::Result<()> {
    let size = file.metadata().with_context(|| format!("cannot read {}", file.display()))?.len();
    if size > LARGEST_RECEIPT as u64 {
        bail!("{} is larger than any receipt", file.display());
    }
    let document =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let check = match key {
        Some(key) => {
            let key =
                ReceiptPublicKey::parse(key).context("--key is an Ed25519 public key: 32 bytes in base64")?;
            receipts::check_with(key, &document)
        }
        None => {
            let running = server::engine(&config).await?;
            let check = receipts::check(&running.engine, &document).await;
            running.stop().await;
            check?
        }
    };
    report(&check?)
}

fn report(check: &Check) -> anyhow::Result<()> {
    let receipt = &check.receipt;
    match check.signature {
        Signature::Genuine => {}
        Signature::Changed => {
            bail!("The signature does not match: the document was changed after it was issued.")
        }
        Signature::UnknownKey => {
            bail!("The key {} is unknown. The document says {} issued it.", receipt.key_id, receipt.issuer)
        }
    }
    match check.chain {
        Ok(()) => {}
        Err(BrokenChain::Hash(place)) => bail!("The hash of entry {place} does not match."),
        Err(BrokenChain::Order(place)) => bail!("Entry {place} does not follow the one before."),
        Err(BrokenChain::Sum) => bail!("The entries do not add up to the commission."),
    }
    let commission = domain::money::Money::new(receipt.commission, receipt.commission_currency);
    say(format!("Valid: signed by {}, unchanged.", receipt.issuer));
    say(format!("{commission} for {} in {}, {}.", receipt.affiliate, receipt.program, receipt.conversion_id));
    Ok(())
}
