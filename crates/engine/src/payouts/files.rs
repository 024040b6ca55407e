//! The files of a run: written when it is approved, kept encrypted, and downloaded byte for byte.

use std::collections::BTreeMap;

use domain::clock::Timestamp;
use domain::ids::{PayoutRunId, ProgramId};
use domain::money::Currency;
use domain::payouts::files::{FileError, FileHead, FilePayout, file};
use domain::payouts::{PayoutMethod, PayoutSettings, PayoutStatus, Rail, usable_from};
use sha2::{Digest, Sha256};
use store::db::Tx;
use store::payouts::{PayoutFile, PayoutRow, Run};
use store::programs::Program;

use super::methods;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// Payouts of one run at most: PayPal's files take 5,000, and a person must look at them.
pub(super) const MOST_PAYOUTS: usize = 5_000;

fn aad(run: &PayoutRunId, rail: Rail, currency: Currency) -> String {
    format!("payout_files.content.{run}.{}.{currency}", rail.word())
}

/// What a recipient reads on the bank statement: SEPA takes letters, digits and spaces, and
/// Wise 35 characters at most.
fn reference(program: &Program, run: &Run) -> String {
    let name: String =
        program.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let name: Vec<&str> = name.split_whitespace().collect();
    let name: String = name.join(" ").chars().take(24).collect();
    format!("{} run {}", name.trim_end(), run.number).trim_start().to_owned()
}

/// Records how each payout of a run is paid, and writes a file for each rail and currency.
///
/// # Errors
/// [`Error::Invalid`] when a payout method cannot be used yet: it was changed after the draft, or a
/// short time before, perhaps by someone who took an account over.
pub(super) async fn write(
    engine: &Engine,
    tx: &mut Tx,
    program: &Program,
    run: &Run,
    settings: &PayoutSettings,
    now: Timestamp,
) -> Result<()> {
    let rows = store::payouts::of_run(tx, &run.id, ("", ""), MOST_PAYOUTS as i64).await?;
    let mut files: BTreeMap<(Rail, Currency), Vec<FilePayout>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.payout.status == PayoutStatus::Open) {
        let method = match &row.account_id {
            Some(account) => methods::load(engine, tx, account).await?,
            None => None,
        };
        let method = match method {
            Some((_, changed_at)) if usable_from(changed_at, settings.method_hold_days) > now => {
                let why = format!(
                    "{} changed the payout method a short time ago. Remove this payout, or wait.",
                    row.name
                );
                return Err(Error::field("payout", why));
            }
            Some((method, _)) => {
                store::payouts::set_method(tx, &row.payout.id, method.kind(), &method.hint()).await?;
                Some(method)
            }
            None => None,
        };
        let rail = method.as_ref().map_or(Rail::Manual, |method| method.rail(row.payout.currency));
        files.entry((rail, row.payout.currency)).or_default().push(payout(program, run, row, method));
    }
    for ((rail, currency), payouts) in files {
        let head =
            FileHead { message_id: message_id(&run.id), at: now, payer: settings.payer.clone(), currency };
        let content = file(rail, &head, &payouts).map_err(unwritable)?;
        let written = PayoutFile {
            rail,
            currency,
            payouts: payouts.len() as i64,
            amount: payouts.iter().map(|payout| payout.amount).sum(),
            sha256: hex::encode(Sha256::digest(&content)),
        };
        let text = String::from_utf8(content).map_err(|error| Error::Broken(error.to_string()))?;
        let sealed = engine.key().seal(&text, &aad(&run.id, rail, currency), engine.random());
        store::payouts::put_file(tx, &run.id, &written, &sealed).await?;
    }
    Ok(())
}

/// What identifies the file of a run for a bank, which takes 35 characters and no underscore.
pub(super) fn message_id(run: &PayoutRunId) -> String {
    run.as_str().replace('_', "").to_uppercase()
}

fn payout(program: &Program, run: &Run, row: &PayoutRow, method: Option<PayoutMethod>) -> FilePayout {
    FilePayout {
        name: row.name.clone(),
        email: row.email.clone(),
        method,
        amount: row.payout.amount,
        reference: reference(program, run),
        id: row.payout.id.clone(),
    }
}

fn unwritable(error: FileError) -> Error {
    match error {
        FileError::NoPayer => {
            Error::Forbidden("Add the account that pays by SEPA transfer in Settings > Payouts first.")
        }
        FileError::Refused(why) => Error::Broken(why),
    }
}

/// A file to download.
#[derive(Debug, Clone)]
pub struct Download {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub content: String,
}

/// A file of a run, the same bytes each time.
pub async fn download(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    run: &PayoutRunId,
    rail: Rail,
    currency: Currency,
) -> Result<Download> {
    // The files have the bank accounts of people.
    actor.may_write()?;
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let run = store::payouts::run(&mut conn, &program.id, run).await?.ok_or(Error::NotFound)?;
    let sealed = store::payouts::file(&mut conn, &run.id, rail, currency).await?.ok_or(Error::NotFound)?;
    let content = engine
        .key()
        .open(&sealed, &aad(&run.id, rail, currency))
        .map_err(|error| Error::Broken(error.to_string()))?;
    let (extension, media_type) = match rail {
        Rail::Sepa => ("xml", "application/xml"),
        _ => ("csv", "text/csv; charset=utf-8"),
    };
    let name =
        format!("run-{}-{}-{}.{extension}", run.number, rail.word().replace('_', "-"), currency.code());
    Ok(Download { name, media_type, content })
}
