//! Bonuses and corrections of an affiliate's balance.

use axum::extract::State;
use axum::http::StatusCode;
use domain::commissions::EntryKind;
use domain::fields::Problems;
use domain::ids::EntryId;
use domain::money::{Currency, Money};
use domain::payouts::Reason;
use engine::Engine;
use engine::payouts::Adjustment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids, Query};
use super::formats::{MinorUnits, MoneyBody, Time};
use super::idempotency::IdempotencyHeader;
use super::page::{Cursor, Item, List, Paging};
use super::paths::AffiliatePath;
use super::problem::ApiResult;
use super::text_schemas;

/// Adjustments that can be listed: people add them one by one.
const MOST: i64 = 1_000;

/// A bonus, or a correction of a balance.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Adjustment)]
pub struct AdjustmentBody {
    /// The ledger entry.
    #[schema(value_type = String, example = "ent_01h455vb4pex5vsknk084sn02q")]
    id: EntryId,
    #[schema(value_type = enum_schemas::AdjustmentKind)]
    kind: &'static str,
    /// Negative if a correction takes something back.
    amount: MoneyBody,
    /// Visible to the affiliate.
    reason: String,
    created_at: Time,
}

impl From<Adjustment> for AdjustmentBody {
    fn from(adjustment: Adjustment) -> Self {
        Self {
            id: adjustment.id,
            kind: adjustment.kind.word(),
            amount: adjustment.amount.into(),
            reason: adjustment.reason,
            created_at: adjustment.at.into(),
        }
    }
}

/// List an affiliate's bonuses and corrections
/// The latest 1,000, newest first. The ledger has all of them.
#[utoipa::path(
    get,
    path = "/programs/{programId}/affiliates/{affiliateId}/adjustments",
    tag = "payouts",
    operation_id = "listAdjustments",
    params(AffiliatePath, Paging),
    responses((status = 200, description = "A page of adjustments", body = List<AdjustmentBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<AffiliatePath>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<AdjustmentBody>> {
    let page = paging.read()?;
    let before: Option<EntryId> = page.after_id()?;
    let (merchant, program, affiliate) = (actor.merchant(), &path.program_id, &path.affiliate_id);
    let mut found = engine::payouts::adjustments(&engine, merchant, program, affiliate, MOST).await?;
    found.retain(|adjustment| before.as_ref().is_none_or(|before| adjustment.id < *before));
    Ok(List::of(found, &page, |adjustment| Cursor::by_id(&adjustment.id), AdjustmentBody::from))
}

/// A bonus or a correction to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"kind": "bonus", "amount": 5000, "reason": "Most sales in March"}))]
pub struct NewAdjustment {
    #[schema(value_type = enum_schemas::AdjustmentKind, required = true)]
    kind: Option<String>,
    /// Minor units, up to 100,000,000. Negative for a correction that takes something back.
    #[schema(value_type = i64, required = true, nullable = false, minimum = -100_000_000, maximum = 100_000_000, example = 5000)]
    amount: Option<MinorUnits>,
    /// The program's currency by default.
    #[schema(value_type = Option<text_schemas::CurrencyText>, example = "usd")]
    currency: Option<String>,
    /// Visible to the affiliate.
    #[schema(required = true, nullable = false, value_type = text_schemas::ReasonText)]
    reason: Option<String>,
}

impl NewAdjustment {
    fn read(self, currency: Currency) -> Result<(EntryKind, Money, Reason), Problems> {
        let mut problems = Problems::new();
        let kind = self.kind.as_deref().and_then(EntryKind::from_word);
        let kind = kind.filter(|kind| matches!(kind, EntryKind::Bonus | EntryKind::Correction));
        let kind = problems.keep("kind", kind.ok_or("Choose one of bonus, correction"));
        let amount = problems.keep("amount", self.amount.ok_or("Enter a whole number of minor units"));
        let currency = match self.currency {
            Some(code) => problems.keep("currency", code.parse()),
            None => Some(currency),
        };
        let reason = problems.keep("reason", Reason::parse(self.reason.as_deref().unwrap_or_default()));
        match (kind, amount, currency, reason) {
            (Some(kind), Some(amount), Some(currency), Some(reason)) => {
                Ok((kind, Money::new(amount.0, currency), reason))
            }
            _ => Err(problems),
        }
    }
}

/// Add a bonus or a correction
/// It can be paid immediately, without a hold period.
#[utoipa::path(
    post,
    path = "/programs/{programId}/affiliates/{affiliateId}/adjustments",
    tag = "payouts",
    operation_id = "addAdjustment",
    params(AffiliatePath, IdempotencyHeader),
    request_body = NewAdjustment,
    responses((status = 201, description = "The adjustment", body = Item<AdjustmentBody>), WriteRefusals),
)]
pub async fn add(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<AffiliatePath>,
    Body(input): Body<NewAdjustment>,
) -> ApiResult<(StatusCode, Item<AdjustmentBody>)> {
    let (merchant, affiliate) = (actor.merchant(), &path.affiliate_id);
    // A program that is not yours is refused before the input.
    let program = engine::programs::get(&engine, merchant, &path.program_id).await?;
    let (kind, amount, reason) = input.read(program.currency)?;
    let added =
        engine::payouts::adjust(&engine, merchant, &program.id, affiliate, kind, amount, &reason).await?;
    Ok((StatusCode::CREATED, Item::of(added.into())))
}
