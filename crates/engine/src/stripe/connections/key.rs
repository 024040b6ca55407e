//! With a restricted key: the merchant creates it with few permissions, and Honeyguide
//! creates its own endpoint on the account with it.

use connect::secret::Secret;
use connect::stripe::client::{API_VERSION, Access, Caller};
use connect::stripe::endpoints::{self as at_stripe, Endpoint};
use connect::stripe::{ErrorKind, StripeError, account};
use domain::audit::AuditAction;
use domain::ids::{ConnectionId, ProgramId};
use store::connections::{Connection, ConnectionKind};
use store::db::{Conn, again};
use tokio::task::JoinSet;

use super::rows::{
    AccountToConnect, TargetRow, fetch_later, last_four, other_program_message, put_secret, recognize,
    target_row, webhook_url,
};
use super::{Status, status};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::settings;
use crate::stripe::credentials;
use crate::stripe::endpoints::{self, CONNECTION, INSTANCE};

/// The name of the field.
const FIELD: &str = "restricted_key";

/// A permission that a restricted key needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// What Stripe's page calls it.
    pub name: &'static str,
    /// `Read` or `Write`.
    pub level: &'static str,
    /// How a link to Stripe's page names it.
    pub slug: &'static str,
    /// The list that can be read with it.
    list: &'static str,
}

const fn reads(name: &'static str, slug: &'static str, list: &'static str) -> Permission {
    Permission { name, level: "Read", slug, list }
}

/// What a restricted key needs (Stripe docs: keys; the permission table of events).
pub const PERMISSIONS: [Permission; 13] = [
    Permission {
        name: "Webhook Endpoints",
        level: "Write",
        slug: "rak_webhook_write",
        list: "/webhook_endpoints",
    },
    reads("Events", "rak_event_read", "/events"),
    reads("Checkout Sessions", "rak_checkout_session_read", "/checkout/sessions"),
    reads("Charges and Refunds", "rak_charge_read", "/charges"),
    reads("PaymentIntents", "rak_payment_intent_read", "/payment_intents"),
    reads("Invoices", "rak_invoice_read", "/invoices"),
    reads("Subscriptions", "rak_subscription_read", "/subscriptions"),
    reads("Customers", "rak_customer_read", "/customers"),
    reads("Disputes", "rak_dispute_read", "/disputes"),
    reads("Coupons", "rak_coupon_read", "/coupons"),
    reads("Promotion Codes", "rak_promotion_code_read", "/promotion_codes"),
    reads("Products", "rak_product_read", "/products"),
    reads("Prices", "rak_plan_read", "/prices"),
];
/// For the account's name; good to have.
pub const ACCOUNT: Permission = reads("Connected account basics", "rak_connected_account_read", "/account");

/// Reads a pasted key: the key, and whether it is live.
fn parse_key(text: &str) -> Result<(Secret, bool)> {
    let trimmed = text.trim();
    let refuse = |sentence: &str| Err(Error::field(FIELD, sentence));
    if trimmed.starts_with("sk_") {
        return refuse(
            "This is a secret key, which can charge, refund and move money. Honeyguide must not have that access. Create a restricted key. It starts with rk_",
        );
    }
    if trimmed.starts_with("pk_") {
        return refuse(
            "This is a publishable key, which can’t read payments. Paste a restricted key. It starts with rk_",
        );
    }
    if trimmed.starts_with("whsec_") {
        return refuse("This is a signing secret. Paste a restricted key. It starts with rk_");
    }
    let plausible = (12..=255).contains(&trimmed.len()) && trimmed.bytes().all(|b| b.is_ascii_graphic());
    match (trimmed.starts_with("rk_live_"), trimmed.starts_with("rk_test_")) {
        (true, _) if plausible => Ok((Secret::new(trimmed.to_owned()), true)),
        (_, true) if plausible => Ok((Secret::new(trimmed.to_owned()), false)),
        _ => refuse("Paste the restricted key as Stripe shows it. It starts with rk_live_ or rk_test_"),
    }
}

/// The message when Stripe rejects the key, or does not respond.
fn unusable(error: &StripeError) -> Error {
    let sentence = match error.kind {
        ErrorKind::Unauthorized => {
            format!("Stripe doesn’t recognize this key. It may be deleted or expired. Stripe says: {error}")
        }
        ErrorKind::Forbidden => format!("The key does not allow this. Stripe says: {error}"),
        ErrorKind::Invalid | ErrorKind::Missing => format!("Stripe rejected it: {error}"),
        _ => format!("Stripe did not answer. Nothing was changed. Try again in a moment. {error}"),
    };
    Error::field(FIELD, sentence)
}

/// What was found about a key before anything is changed.
struct Probed {
    account: Option<account::Account>,
    endpoints: Vec<Endpoint>,
}

async fn probe(caller: &Caller) -> Result<Probed> {
    let account = match account::account(caller).await {
        Ok(account) => Some(account),
        Err(error) if error.kind == ErrorKind::Forbidden => None,
        Err(error) => return Err(unusable(&error)),
    };
    let mut probes = JoinSet::new();
    for permission in PERMISSIONS {
        let caller = caller.clone();
        probes.spawn(async move { (permission, caller.probe(permission.list).await) });
    }
    let mut missing: Vec<Permission> = Vec::new();
    while let Some(probe) = probes.join_next().await {
        let (permission, answer) = probe.map_err(|error| Error::Broken(error.to_string()))?;
        match answer {
            Err(error) if error.kind == ErrorKind::Forbidden => missing.push(permission),
            Err(error) if error.kind == ErrorKind::Unauthorized || error.is_temporary() => {
                return Err(unusable(&error));
            }
            // A list that Stripe does not offer to the account is not a missing permission.
            _ => {}
        }
    }
    if !missing.is_empty() {
        return Err(lacks(&missing));
    }
    let endpoints = at_stripe::list_all(caller).await.map_err(|error| unusable(&error))?;
    Ok(Probed { account, endpoints })
}

/// More missing permissions than a person wants to tick one by one.
const MANY_PERMISSIONS: usize = 4;

fn lacks(missing: &[Permission]) -> Error {
    let named: Vec<String> = PERMISSIONS
        .iter()
        .filter(|permission| missing.contains(permission))
        .map(|permission| format!("{}: {}", permission.name, permission.level))
        .collect();
    let (noun, them) =
        if named.len() == 1 { ("this permission", "it") } else { ("these permissions", "them") };
    // Where nearly everything is missing, a new key is less work than a dozen ticks.
    let remedy = match named.len() {
        ..=MANY_PERMISSIONS => format!("Add {them} to the key in Stripe, then paste it again"),
        _ => "Create a new key with the link above, which selects all of them".to_owned(),
    };
    Error::field(FIELD, format!("The key is missing {noun}: {}. {remedy}", named.join(", ")))
}

fn other_account(current: &Connection) -> Error {
    let name = current.stripe_account.as_deref().unwrap_or("another account");
    Error::field(
        FIELD,
        format!("This program is connected to {name}. Disconnect it first, then connect the other account"),
    )
}

/// Connects a program with a restricted key. The key is tried at once: what it lacks is
/// named, and nothing is stored. Then our own endpoint is created, and stored together with
/// the key, or deleted again.
///
/// # Errors
/// [`Error::Invalid`] at `restricted_key` with what is wrong and what to do.
pub async fn connect_with_key(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    restricted_key: &str,
) -> Result<Status> {
    actor.may_write()?;
    let program = scope::program(&mut engine.db().read().await?, actor, program).await?.id;
    let (key, livemode) = parse_key(restricted_key)?;
    let caller = engine.stripe().with(&Access { key: key.clone(), account: None });
    let probed = probe(&caller).await?;
    let instance = settings::instance(engine).await?;
    let recognized = known_endpoint(engine, actor, &probed.endpoints, &instance, &program).await?;
    let recognized = match recognized {
        None => recognize(engine, &caller, &program).await?,
        known => known,
    };
    let target = AccountToConnect {
        account: probed.account.as_ref().map(|account| account.id.as_str()),
        livemode,
        recognized: recognized.as_ref(),
    };
    let (row, is_new) = {
        let mut conn = engine.db().read().await?;
        let found = target_row(engine, &mut conn, actor, &program, &target).await?;
        row_of(&mut conn, actor, found).await?
    };
    let url = webhook_url(engine, &row.endpoint_token);
    let owner = row.id.to_string();
    let kept = probed.endpoints.iter().find(|endpoint| is_up_to_date(endpoint, &row, &url)).cloned();
    let endpoint = match kept {
        Some(endpoint) => endpoint,
        None => {
            endpoints::create(&caller, &instance, &owner, &url, &hex::encode(engine.random().bytes::<12>()))
                .await
                .map_err(|error| {
                    if error.kind == ErrorKind::Forbidden {
                        lacks(&PERMISSIONS[..1])
                    } else {
                        unusable(&error)
                    }
                })?
        }
    };
    let row = Connection {
        stripe_account: probed.account.as_ref().map(|account| account.id.clone()),
        account_name: probed.account.as_ref().and_then(|account| account.name.clone()),
        livemode: Some(livemode),
        connected_at: engine.now(),
        checked_at: Some(engine.now()),
        connected_by: Some(actor.account_id().clone()),
        kind: ConnectionKind::Key {
            sealed: Some(credentials::seal_key(engine, &row.id, &key)),
            last_four: Some(last_four(key.reveal())),
            endpoint: Some(endpoints::stored(&endpoint)),
        },
        ..row
    };
    let ending = last_four(key.reveal());
    if let Err(error) = keep(engine, actor, &target, (&row, is_new), &endpoint, &ending).await {
        if endpoint.secret.is_some()
            && let Err(left) = at_stripe::delete(&caller, &endpoint.id).await
        {
            tracing::warn!(endpoint = endpoint.id, error = %left, "an endpoint without a secret stays at Stripe");
        }
        return Err(error);
    }
    for other in probed.endpoints.iter().filter(|other| other.id != endpoint.id) {
        if endpoints::is_ours(other, &instance, &owner, &url)
            && let Err(error) = at_stripe::delete(&caller, &other.id).await
        {
            tracing::warn!(endpoint = other.id, %error, "a leftover endpoint stays at Stripe");
        }
    }
    status(engine, actor, &program).await
}

/// The row that was found and whether it is new, or an error that says why there is none.
async fn row_of(conn: &mut Conn, actor: &MerchantActor, found: TargetRow) -> Result<(Connection, bool)> {
    match found {
        TargetRow::Row { row, is_new } => Ok((*row, is_new)),
        TargetRow::OtherProgram(other) => {
            Err(Error::field(FIELD, other_program_message(conn, actor, &other).await?))
        }
        TargetRow::OtherAccount(current) => Err(other_account(&current)),
    }
}

/// The row that an endpoint of ours on the account names. This identifies the account even
/// for a key that may not read the account's id.
async fn known_endpoint(
    engine: &Engine,
    actor: &MerchantActor,
    endpoints: &[Endpoint],
    instance: &str,
    program: &ProgramId,
) -> Result<Option<ConnectionId>> {
    let mut conn = engine.db().read().await?;
    let ours = endpoints.iter().filter(|e| e.metadata.get(INSTANCE).is_some_and(|found| found == instance));
    for id in ours.filter_map(|endpoint| endpoint.metadata.get(CONNECTION)?.parse::<ConnectionId>().ok()) {
        let Some(row) = store::connections::get(&mut conn, &id).await? else { continue };
        if row.program_id == *program {
            return Ok(Some(id));
        }
        if row.is_connected() {
            return Err(Error::field(FIELD, other_program_message(&mut conn, actor, &row.program_id).await?));
        }
    }
    Ok(None)
}

/// Whether an endpoint is the row's own and needs no change: then only the key is replaced.
fn is_up_to_date(endpoint: &Endpoint, row: &Connection, url: &str) -> bool {
    let has = |kind: &&str| endpoint.enabled_events.iter().any(|enabled| enabled == kind);
    row.own_endpoint().is_some_and(|own| own.id == endpoint.id)
        && endpoint.is_enabled()
        && endpoint.url == url
        && endpoint.api_version.as_deref() == Some(API_VERSION)
        && endpoints::required_types(false).iter().all(has)
}

async fn keep(
    engine: &Engine,
    actor: &MerchantActor,
    target: &AccountToConnect<'_>,
    (row, is_new): (&Connection, bool),
    endpoint: &Endpoint,
    ending: &str,
) -> Result<()> {
    let program = &row.program_id;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        // It may have been connected in between.
        let found = target_row(engine, &mut tx, actor, program, target).await?;
        let (found, _) = row_of(&mut tx, actor, found).await?;
        if is_new {
            store::connections::put(&mut tx, row).await?;
        } else if found.id == row.id {
            store::connections::reconnect(&mut tx, row).await?;
        } else {
            return Err(Error::field(FIELD, "The connection was changed in the meantime. Try again"));
        }
        if let Some(secret) = &endpoint.secret {
            put_secret(engine, &mut tx, &row.id, secret, now).await?;
        }
        fetch_later(engine, &mut tx, &row.id).await?;
        let action =
            AuditAction::ConnectedByKey { last_four: ending.to_owned(), endpoint: endpoint.id.clone() };
        let line = audit::line(program.as_str(), action);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(program)).await?;
        tx.commit().await?;
        engine.caches().endpoints.clear();
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_restricted_keys_are_accepted_and_others_are_not_repeated() {
        assert!(parse_key(" rk_live_canary123456 \n").is_ok_and(|(_, livemode)| livemode));
        assert!(parse_key("rk_test_canary123456").is_ok_and(|(_, livemode)| !livemode));
        for (text, word) in [
            ("sk_live_canary123456", "secret key"),
            ("sk_test_canary123456", "secret key"),
            ("pk_live_canary123456", "publishable"),
            ("whsec_canary123456", "signing secret"),
            ("rk_live_", "as Stripe shows it"),
            ("rk_live_canary 123456", "as Stripe shows it"),
            ("canary", "as Stripe shows it"),
            ("", "as Stripe shows it"),
        ] {
            let Err(Error::Invalid(problems)) = parse_key(text) else { panic!("{text} was taken") };
            assert_eq!(problems.0[0].field, FIELD);
            assert!(problems.0[0].message.contains(word), "{text}: {}", problems.0[0].message);
            assert!(!problems.0[0].message.contains("canary"));
        }
    }

    #[test]
    fn missing_permissions_are_named_in_order() {
        let Error::Invalid(problems) = lacks(&[PERMISSIONS[3], PERMISSIONS[1]]) else { panic!() };
        assert!(problems.0[0].message.contains("Events: Read, Charges and Refunds: Read"));
    }
}
