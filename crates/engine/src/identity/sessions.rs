//! Actors: who makes a request, by a session or an API key, and what they may do.

use domain::emails::Email;
use domain::ids::{AccountId, MerchantId, ProgramId};
use domain::members::Role;
use sha2::{Digest, Sha256};
use store::accounts::Account;
use store::db::Conn;
use store::merchants::Member;

use crate::engine::Engine;
use crate::error::{Error, Result};

/// A person who acts for a company. Only this module creates one.
#[derive(Debug, Clone)]
pub struct MerchantActor {
    account_id: AccountId,
    name: String,
    merchant_id: MerchantId,
    merchant_name: String,
    role: Role,
    only_program: Option<ProgramId>,
}

impl MerchantActor {
    /// The person.
    pub fn account_id(&self) -> &AccountId {
        &self.account_id
    }
    /// The person's name.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The company.
    pub fn merchant_id(&self) -> &MerchantId {
        &self.merchant_id
    }
    /// The company's name.
    pub fn merchant_name(&self) -> &str {
        &self.merchant_name
    }
    /// What the person may do.
    pub fn role(&self) -> Role {
        self.role
    }
    /// The one program that an API key is limited to.
    pub fn only_program(&self) -> Option<&ProgramId> {
        self.only_program.as_ref()
    }
    /// Rejects viewers.
    pub(crate) fn may_write(&self) -> Result<()> {
        match self.role {
            Role::Owner | Role::Manager => Ok(()),
            Role::Viewer => Err(Error::Forbidden("Viewers can’t make changes. Ask an owner or manager.")),
        }
    }
    /// Rejects everyone but owners, with a message for the person.
    pub(crate) fn may_own(&self, refusal: &'static str) -> Result<()> {
        if self.role == Role::Owner { Ok(()) } else { Err(Error::Forbidden(refusal)) }
    }
}

/// Software that acts for a company with an API key. Only this module creates one.
#[derive(Debug, Clone)]
pub struct ApiActor {
    key_id: domain::ids::ApiKeyId,
    merchant: MerchantActor,
}

impl ApiActor {
    /// The company that the key acts for.
    pub fn merchant(&self) -> &MerchantActor {
        &self.merchant
    }
    /// The key.
    pub fn key_id(&self) -> &domain::ids::ApiKeyId {
        &self.key_id
    }
}

/// Someone who promotes programs. Only this module creates one.
#[derive(Debug, Clone)]
pub struct AffiliateActor {
    account_id: AccountId,
    name: String,
    email: Email,
}

impl AffiliateActor {
    /// The person.
    pub fn account_id(&self) -> &AccountId {
        &self.account_id
    }
    /// The person's name.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The person's address.
    pub fn email(&self) -> &Email {
        &self.email
    }
}

/// A signed-in person, and what they can use: a company's pages, an affiliate's, or both.
#[derive(Debug, Clone)]
pub struct Person {
    /// For a company's pages, if they are a member of one.
    pub merchant: Option<MerchantActor>,
    /// For an affiliate's pages, if they are in a program.
    pub affiliate: Option<AffiliateActor>,
    /// The name of their company while it requires two-step sign-in and they have not set it up.
    /// Until they have, `merchant` is `None`.
    pub two_step_due: Option<String>,
}

/// The person of a signed-in account; `None` if the account was deleted.
///
/// Needs no actor: it creates the actors, for the account of a session.
pub async fn person(engine: &Engine, account: &AccountId) -> Result<Option<Person>> {
    let mut conn = engine.db().read().await?;
    let Some(account) = store::accounts::get(&mut conn, account).await? else { return Ok(None) };
    let member = store::merchants::of_account(&mut conn, &account.id).await?;
    let in_programs = store::affiliates::all_of_account(&mut conn, &account.id).await?;
    let is_due = |member: &Member| member.requires_two_step && !member.has_two_step;
    let two_step_due = member.as_ref().filter(|member| is_due(member));
    let two_step_due = two_step_due.map(|member| member.merchant_name.clone());
    let member = member.filter(|member| !is_due(member));
    let affiliate = (!in_programs.is_empty()).then(|| AffiliateActor {
        account_id: account.id.clone(),
        name: account.name.clone(),
        email: account.email.clone(),
    });
    let merchant = member.map(|member| actor(account, member, None));
    Ok(Some(Person { merchant, affiliate, two_step_due }))
}

fn actor(account: Account, member: Member, only_program: Option<ProgramId>) -> MerchantActor {
    MerchantActor {
        account_id: account.id,
        name: account.name,
        merchant_id: member.merchant_id,
        merchant_name: member.merchant_name,
        role: member.role,
        only_program,
    }
}

/// A member of a company at the machine's own terminal, where no code is asked for; `None` for an
/// address without an account or a company.
///
/// Needs no actor: it creates one, for commands, which anyone who can open the database may run.
pub async fn member(engine: &Engine, email: &Email) -> Result<Option<MerchantActor>> {
    let mut conn = engine.db().read().await?;
    let account = store::accounts::by_email(&mut conn, email).await?;
    match account {
        Some(account) => member_of(&mut conn, account).await,
        None => Ok(None),
    }
}

async fn member_of(conn: &mut Conn, account: Account) -> Result<Option<MerchantActor>> {
    let member = store::merchants::of_account(conn, &account.id).await?;
    Ok(member.map(|member| actor(account, member, None)))
}

/// The operator at the machine's own terminal, who sees a program as its owner does.
///
/// Needs no actor: it creates one, for commands, which anyone who can open the database may run.
pub async fn operator(engine: &Engine, program: &ProgramId) -> Result<Option<MerchantActor>> {
    let mut conn = engine.db().read().await?;
    let Some(program) = store::programs::get_unscoped(&mut conn, program).await? else { return Ok(None) };
    let Some(owner) = store::merchants::first_owner(&mut conn, &program.merchant_id).await? else {
        return Ok(None);
    };
    match store::accounts::get(&mut conn, &owner).await? {
        Some(account) => member_of(&mut conn, account).await,
        None => Ok(None),
    }
}

/// The SHA-256 of a secret, which is random and long, so that it needs no slow hash.
pub(crate) fn hash_of(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// The actor of an API key; `None` if the key is unknown or revoked.
///
/// Needs no actor: it creates one, and the key is the credential.
pub async fn api_actor(engine: &Engine, key: &str) -> Result<Option<ApiActor>> {
    const TOUCH_EVERY_MS: i64 = domain::clock::HOUR_MS;
    if !key.starts_with("hgk_") {
        return Ok(None);
    }
    let mut conn = engine.db().read().await?;
    let Some(key) = store::api_keys::by_hash(&mut conn, &hash_of(key)).await? else { return Ok(None) };
    let Some(account) = store::accounts::get(&mut conn, &key.account_id).await? else { return Ok(None) };
    let Some(member) = store::merchants::of_account(&mut conn, &account.id).await? else { return Ok(None) };
    if member.merchant_id != key.merchant_id {
        return Ok(None);
    }
    drop(conn);
    let now = engine.now();
    if key.last_used_at.is_none_or(|at| now.since_ms(at) > TOUCH_EVERY_MS) {
        store::api_keys::touch(&mut engine.db().write().await?, &key.id, now).await?;
    }
    Ok(Some(ApiActor { key_id: key.id, merchant: actor(account, member, key.program_id) }))
}

/// Ends all sessions of a person, including the current one.
///
/// Needs no actor: every account may end its own sessions; `account` comes from the session.
pub async fn sign_out_everywhere(engine: &Engine, account: &AccountId) -> Result<u64> {
    Ok(store::sessions::delete_all(&mut engine.db().write().await?, account).await?)
}

/// Ends all sessions of a person except the one with this handle, and returns how many.
///
/// Needs no actor: every account may end its own sessions.
pub async fn sign_out_elsewhere(engine: &Engine, account: &AccountId, handle: &str) -> Result<u64> {
    Ok(store::sessions::delete_others(&mut engine.db().write().await?, account, handle).await?)
}
