//! The account an API key belongs to.

use domain::ids::{AccountId, ApiKeyId, MerchantId, ProgramId};
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::ReadRefusals;
use super::enum_schemas;
use super::page::Item;

/// The account an API key belongs to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Me)]
pub struct MeBody {
    /// The company the key belongs to.
    merchant: MerchantBody,
    /// The person who created the key. The key has their role.
    account: AccountBody,
    /// The key itself.
    key: KeyBody,
}

/// A company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Merchant)]
struct MerchantBody {
    #[schema(value_type = String, example = "mer_01h455vb4pex5vsknk084sn02q")]
    id: MerchantId,
    #[schema(example = "Acme Inc.")]
    name: String,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
struct AccountBody {
    #[schema(value_type = String, example = "usr_01h455vb4pex5vsknk084sn02q")]
    id: AccountId,
    name: String,
    #[schema(value_type = enum_schemas::Role)]
    role: &'static str,
}

/// A key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Key)]
struct KeyBody {
    #[schema(value_type = String, example = "key_01h455vb4pex5vsknk084sn02q")]
    id: ApiKeyId,
    /// The program the key is limited to. Null if it can access all programs.
    #[schema(value_type = Option<String>)]
    program_id: Option<ProgramId>,
}

/// Retrieve the account of the key
#[utoipa::path(
    get,
    path = "/me",
    tag = "me",
    operation_id = "getMe",
    responses((status = 200, description = "The company, the person and the key", body = Item<MeBody>), ReadRefusals),
)]
pub async fn get(actor: Actor) -> Item<MeBody> {
    let merchant = actor.merchant();
    Item::of(MeBody {
        merchant: MerchantBody {
            id: merchant.merchant_id().clone(),
            name: merchant.merchant_name().to_owned(),
        },
        account: AccountBody {
            id: merchant.account_id().clone(),
            name: merchant.name().to_owned(),
            role: merchant.role().word(),
        },
        key: KeyBody { id: actor.0.key_id().clone(), program_id: merchant.only_program().cloned() },
    })
}
