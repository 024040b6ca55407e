//! Links that are sent to a person and work once.
//!
//! The token in a link is the row's id and an HMAC of it under the installation's key. So
//! neither the database nor a backup of it contains a token, and a mail that is sent again
//! contains the same one.

use domain::clock::Timestamp;
use domain::ids::{AccountId, AffiliateId, ApplicationId, SingleUseLinkId};
use domain::single_use_links::LinkPurpose;
use store::db::Conn;
use store::email_changes::EmailChange;
use store::single_use_links::SingleUseLink;

use crate::engine::Engine;
use crate::error::Result;

fn signed(id: &SingleUseLinkId) -> String {
    format!("single-use link {id}")
}

/// The token of a link.
pub(crate) fn token(engine: &Engine, id: &SingleUseLinkId) -> String {
    format!("{id}-{}", engine.key().fingerprint(&signed(id)))
}

/// The link of a token that still works and has this purpose.
pub(crate) async fn find(
    engine: &Engine,
    conn: &mut Conn,
    token: &str,
    purpose: LinkPurpose,
) -> Result<Option<SingleUseLink>> {
    let Some(id) = id_of(engine, token) else { return Ok(None) };
    let link = store::single_use_links::get(conn, &id, engine.now()).await?;
    Ok(link.filter(|link| link.purpose == purpose))
}

/// The link of a token that has not expired and has this purpose, also when it was used.
pub(crate) async fn find_even_if_used(
    engine: &Engine,
    conn: &mut Conn,
    token: &str,
    purpose: LinkPurpose,
) -> Result<Option<SingleUseLink>> {
    let Some(id) = id_of(engine, token) else { return Ok(None) };
    let link = store::single_use_links::get_even_if_used(conn, &id, engine.now()).await?;
    Ok(link.filter(|link| link.purpose == purpose))
}

/// The id in a token that we made.
fn id_of(engine: &Engine, token: &str) -> Option<SingleUseLinkId> {
    let (id, mac) = token.split_once('-')?;
    let id = id.parse::<SingleUseLinkId>().ok()?;
    engine.key().has_fingerprint(&signed(&id), mac).then_some(id)
}

/// Makes a link that works until `expires_at`.
pub(crate) async fn create(
    engine: &Engine,
    conn: &mut Conn,
    purpose: LinkPurpose,
    account_id: Option<AccountId>,
    affiliate_id: Option<AffiliateId>,
    expires_at: Timestamp,
) -> Result<SingleUseLink> {
    let id = SingleUseLinkId::new(engine.now(), engine.random());
    let link = SingleUseLink {
        id,
        purpose,
        account_id,
        affiliate_id,
        application_id: None,
        email_change_id: None,
        expires_at,
    };
    store::single_use_links::put(conn, &link).await?;
    Ok(link)
}

/// Makes a link that confirms the address of an application until `expires_at`.
pub(crate) async fn create_for_application(
    engine: &Engine,
    conn: &mut Conn,
    application: ApplicationId,
    expires_at: Timestamp,
) -> Result<SingleUseLink> {
    let link = SingleUseLink {
        id: SingleUseLinkId::new(engine.now(), engine.random()),
        purpose: LinkPurpose::Application,
        account_id: None,
        affiliate_id: None,
        application_id: Some(application),
        email_change_id: None,
        expires_at,
    };
    store::single_use_links::put(conn, &link).await?;
    Ok(link)
}

/// Makes a link that confirms or undoes the change of an account's address until `expires_at`.
pub(crate) async fn create_for_email_change(
    engine: &Engine,
    conn: &mut Conn,
    purpose: LinkPurpose,
    change: &EmailChange,
    expires_at: Timestamp,
) -> Result<SingleUseLink> {
    let link = SingleUseLink {
        id: SingleUseLinkId::new(engine.now(), engine.random()),
        purpose,
        account_id: Some(change.account_id.clone()),
        affiliate_id: None,
        application_id: None,
        email_change_id: Some(change.id.clone()),
        expires_at,
    };
    store::single_use_links::put(conn, &link).await?;
    Ok(link)
}

/// Removes links that stopped working a while ago, and changes of addresses of that time.
///
/// Needs no actor: it is part of the maintenance of the installation.
pub async fn delete_old(engine: &Engine) -> Result<u64> {
    const KEPT_MS: i64 = 30 * domain::clock::DAY_MS;
    let before = engine.now().plus_ms(-KEPT_MS);
    let mut conn = engine.db().write().await?;
    store::email_changes::delete_old(&mut conn, before).await?;
    Ok(store::single_use_links::delete_expired(&mut conn, before).await?)
}
