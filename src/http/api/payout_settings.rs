//! `/programs/{programId}/payout-settings`: how a program pays.

use axum::extract::State;
use domain::fields::Problems;
use domain::money::Currency;
use domain::payouts::{BankAccount, PayerChange, PayoutSettingsChange, SettingsLimit};
use engine::Engine;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::extract::{Body, Ids};
use super::formats::{MinorUnits, Object};
use super::page::Item;
use super::paths::ProgramPath;
use super::problem::ApiResult;
use super::text_schemas;

/// How a program pays its affiliates.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PayoutSettings)]
pub struct SettingsBody {
    /// Runs above this sum need a second person to approve them. Minor units of `currency`. Null if one person is
    /// enough.
    second_approval: Option<i64>,
    /// The program's currency.
    #[schema(value_type = String, example = "usd")]
    currency: Currency,
    /// Days for which a payout waits after the affiliate changed how they are paid.
    method_hold_days: i64,
    /// The day of the month on which a run is drafted. Null if runs are drafted manually.
    draft_day: Option<i64>,
    /// The account that pays by SEPA transfer.
    payer: Option<PayerBody>,
}

/// The account that pays by SEPA transfer. The full IBAN is never returned.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Payer)]
struct PayerBody {
    holder: String,
    #[schema(example = "3000")]
    iban_last_four: String,
    bic: Option<String>,
}

impl From<BankAccount> for PayerBody {
    fn from(account: BankAccount) -> Self {
        Self { iban_last_four: account.last_four().to_owned(), holder: account.holder, bic: account.bic }
    }
}

async fn settings(engine: &Engine, actor: &Actor, path: &ProgramPath) -> ApiResult<Item<SettingsBody>> {
    let program = engine::programs::get(engine, actor.merchant(), &path.program_id).await?;
    let settings = engine::payouts::settings(engine, actor.merchant(), &program.id).await?;
    Ok(Item::of(SettingsBody {
        second_approval: settings.second_approval,
        currency: program.currency,
        method_hold_days: settings.method_hold_days,
        draft_day: settings.draft_day,
        payer: settings.payer.map(PayerBody::from),
    }))
}

/// Retrieve the payout settings
#[utoipa::path(
    get,
    path = "/programs/{programId}/payout-settings",
    tag = "payouts",
    operation_id = "getPayoutSettings",
    params(ProgramPath),
    responses((status = 200, description = "The settings", body = Item<SettingsBody>), ReadRefusals),
)]
pub async fn get(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
) -> ApiResult<Item<SettingsBody>> {
    settings(&engine, &actor, &path).await
}

/// The payout settings to replace the present ones.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"secondApproval": 100_000, "methodHoldDays": 3, "draftDay": 5}))]
pub struct PayoutSettingsInput {
    /// Runs above this sum need a second person to approve them. Minor units of the program's currency. Null or left
    /// out: one person is enough.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 999_999_999_999_i64)]
    second_approval: Option<MinorUnits>,
    /// Days for which a payout waits after the affiliate changed how they are paid, from 0 to 30.
    #[schema(required = true, nullable = false, minimum = 0, maximum = 30)]
    method_hold_days: Option<i64>,
    /// The day of the month on which a run is drafted, from 1 to 28. Null or left out: runs are drafted manually.
    #[schema(minimum = 1, maximum = 28)]
    draft_day: Option<i64>,
    /// The account that pays by SEPA transfer. Left out, the present one stays. Null removes it.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<PayerInput>)]
    payer: Option<Option<PayerInput>>,
}

/// The account that pays by SEPA transfer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PayerInput {
    /// Up to 70 characters.
    #[schema(required = true, nullable = false, value_type = text_schemas::HolderText)]
    holder: Option<String>,
    #[schema(required = true, nullable = false, example = "DE89370400440532013000")]
    iban: Option<String>,
    bic: Option<String>,
}

/// Tells a null from a field that was left out.
fn sent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<PayerInput>>, D::Error> {
    let payer: Option<Object<PayerInput>> = Option::deserialize(deserializer)?;
    Ok(Some(payer.map(|Object(payer)| payer)))
}

impl PayerInput {
    fn read(self, problems: &mut Problems) -> Option<BankAccount> {
        let (holder, iban, bic) = (self.holder, self.iban, self.bic);
        let parsed = BankAccount::parse(
            &holder.unwrap_or_default(),
            &iban.unwrap_or_default(),
            &bic.unwrap_or_default(),
        );
        parsed
            .map_err(|wrong| {
                for (field, message) in wrong {
                    problems.add(&format!("payer.{field}"), message);
                }
            })
            .ok()
    }
}

impl PayoutSettingsInput {
    fn read(self) -> Result<PayoutSettingsChange, Problems> {
        let mut problems = Problems::new();
        let mut within = |field, limit: SettingsLimit, number: Option<i64>| {
            number.and_then(|number| problems.keep(field, limit.check(number)))
        };
        let second_approval = within(
            "secondApproval",
            SettingsLimit::SECOND_APPROVAL,
            self.second_approval.map(|amount| amount.0),
        );
        let draft_day = within("draftDay", SettingsLimit::DRAFT_DAY, self.draft_day);
        // No number is outside of every limit, so that its sentence says what to enter.
        let days = self.method_hold_days.unwrap_or(-1);
        let method_hold_days = within("methodHoldDays", SettingsLimit::METHOD_HOLD_DAYS, Some(days));
        let payer = match self.payer {
            None => PayerChange::Keep,
            Some(payer) => PayerChange::Replace(payer.and_then(|payer| payer.read(&mut problems))),
        };
        let method_hold_days = method_hold_days.unwrap_or_default();
        problems.or(PayoutSettingsChange { second_approval, method_hold_days, draft_day, payer })
    }
}

/// Replace the payout settings
/// Only with the key of an owner. The account that pays stays unless it is sent.
#[utoipa::path(
    put,
    path = "/programs/{programId}/payout-settings",
    tag = "payouts",
    operation_id = "replacePayoutSettings",
    params(ProgramPath),
    request_body = PayoutSettingsInput,
    responses((status = 200, description = "The settings", body = Item<SettingsBody>), WriteRefusals),
)]
pub async fn change(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<PayoutSettingsInput>,
) -> ApiResult<Item<SettingsBody>> {
    // A program that is not yours is refused before the input.
    let merchant = actor.merchant();
    let program = engine::programs::get(&engine, merchant, &path.program_id).await?.id;
    engine::payouts::set_settings(&engine, merchant, &program, &input.read()?).await?;
    settings(&engine, &actor, &path).await
}
