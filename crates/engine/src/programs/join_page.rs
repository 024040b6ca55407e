//! A program's public page, where people read the offer and apply.

use domain::audit::AuditAction;
use domain::ids::{FileId, ProgramId};
use domain::join_pages::JoinPage;
use domain::programs::ProgramStatus;
use domain::questions::Questions;
use domain::terms::TermsVersion;
use store::db::{Conn, again};
use store::programs::Program;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// What anyone may read of a program.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The program.
    pub program: Program,
    /// The company's name.
    pub merchant_name: String,
    /// What the company set of the page.
    pub page: JoinPage,
    /// Its logo.
    pub logo: Option<FileId>,
    /// What it asks applicants.
    pub questions: Questions,
    /// The terms in force.
    pub terms: TermsVersion,
}

/// The offer of a program whose public page is on.
///
/// Needs no actor: the page is public.
///
/// # Errors
/// [`Error::NotFound`] when there is no such program, its page is off, or it does not run.
pub async fn offer(engine: &Engine, slug: &str) -> Result<Offer> {
    offer_of(engine, &mut engine.db().read().await?, slug).await
}

pub(crate) async fn offer_of(engine: &Engine, conn: &mut Conn, slug: &str) -> Result<Offer> {
    let program = store::programs::by_slug(conn, slug).await?.ok_or(Error::NotFound)?;
    let offer = offer_with(engine, conn, program).await?;
    offer.filter(|offer| offer.page.is_on).ok_or(Error::NotFound)
}

/// What a program offers to people who were invited, whether or not its page is on; `None` when it
/// does not run.
pub(crate) async fn offer_of_program(
    engine: &Engine,
    conn: &mut Conn,
    id: &ProgramId,
) -> Result<Option<Offer>> {
    match store::programs::get_unscoped(conn, id).await? {
        Some(program) => offer_with(engine, conn, program).await,
        None => Ok(None),
    }
}

async fn offer_with(engine: &Engine, conn: &mut Conn, program: Program) -> Result<Option<Offer>> {
    if program.status != ProgramStatus::Active {
        return Ok(None);
    }
    let (page, questions) = store::join_pages::with_questions(conn, &program.id).await?;
    let logo = store::join_pages::logo(conn, &program.id).await?;
    let terms = store::terms::in_force(conn, &program.id, engine.now()).await?;
    Ok(Some(Offer {
        merchant_name: store::merchants::name(conn, &program.merchant_id).await?.unwrap_or_default(),
        terms: terms.ok_or_else(|| Error::Broken(format!("{} has no terms", program.id)))?,
        page,
        logo,
        questions,
        program,
    }))
}

/// The settings of a program's public page.
pub async fn get(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<JoinPage> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    Ok(store::join_pages::get(&mut conn, &program.id).await?)
}

/// Changes the settings of a program's public page.
pub async fn change(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    page: &JoinPage,
) -> Result<()> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        store::join_pages::put(&mut tx, &program.id, page).await?;
        let line = audit::line(program.id.as_str(), AuditAction::JoinPageChanged { is_on: page.is_on });
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}
