//! `/programs/{programId}/commissions`: the entries of the commission ledger.

use domain::ids::{AffiliateId, ConversionId, EntryId};
use engine::ledger::commissions::StoredEntry;
use serde::Serialize;
use utoipa::ToSchema;

use super::affiliate_rows::{OfAffiliate, RowsOfAffiliate};
use super::document::ReadRefusals;
use super::enum_schemas;
use super::formats::{MoneyBody, Time};
use super::page::{List, Paging};
use super::paths::ProgramPath;
use super::problem::ApiResult;

/// An entry of the commission ledger. The ledger is append-only, and each affiliate's entries form a hash chain, so
/// anyone with the list can check that nothing was changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Entry)]
pub struct EntryBody {
    #[schema(value_type = String, example = "ent_01h455vb4pex5vsknk084sn02q")]
    id: EntryId,
    #[schema(value_type = String)]
    affiliate_id: AffiliateId,
    /// Null for a bonus or a correction.
    #[schema(value_type = Option<String>)]
    conversion_id: Option<ConversionId>,
    #[schema(value_type = enum_schemas::EntryKind)]
    kind: &'static str,
    /// Signed: amounts reversed are negative.
    amount: MoneyBody,
    /// The Stripe event that caused the entry, or the id of a job or an audit entry.
    #[schema(example = "evt_1Q0PsIJvEtkwdCNYMSaVuRz6")]
    cause: String,
    /// What caused the entry.
    #[schema(value_type = enum_schemas::CauseKind)]
    cause_kind: &'static str,
    /// The type of the Stripe event. Null if an event did not cause the entry.
    #[schema(example = "invoice.paid")]
    event_type: Option<String>,
    at: Time,
    /// The position among the affiliate's entries: 1, 2, 3, …
    sequence: i64,
    /// The hash of the previous entry. 64 zeros for the first.
    previous_hash: String,
    /// Hex SHA-256 of `previousHash|sequence|id|affiliateId|conversionId|kind|amount|currency|cause|at`, with
    /// `at` in milliseconds since 1970, and nothing in the place of a `conversionId` that is null.
    hash: String,
}

impl From<StoredEntry> for EntryBody {
    fn from(stored: StoredEntry) -> Self {
        let entry = stored.entry;
        Self {
            id: entry.id,
            affiliate_id: entry.affiliate_id,
            conversion_id: entry.conversion_id,
            kind: entry.kind.word(),
            amount: MoneyBody::of(entry.amount, entry.currency),
            cause: entry.cause.id,
            cause_kind: entry.cause.kind.word(),
            event_type: entry.cause.event_type,
            at: entry.at.into(),
            sequence: stored.sequence,
            previous_hash: stored.previous_hash,
            hash: stored.hash,
        }
    }
}

/// List ledger entries
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/programs/{programId}/commissions",
    tag = "money",
    operation_id = "listCommissions",
    params(ProgramPath, OfAffiliate, Paging),
    responses((status = 200, description = "A page of entries", body = List<EntryBody>), ReadRefusals),
)]
pub async fn list(rows: RowsOfAffiliate<EntryId>) -> ApiResult<List<EntryBody>> {
    let found = rows.fetch(engine::ledger::commissions::list).await?;
    Ok(rows.list(found, |stored| &stored.entry.id, EntryBody::from))
}
