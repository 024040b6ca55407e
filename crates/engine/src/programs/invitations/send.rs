//! Checking a list of people and inviting them.

use std::collections::BTreeSet;

use domain::audit::AuditAction;
use domain::clock::DAY_MS;
use domain::emails::Email;
use domain::fields::WHOLE_FORM;
use domain::ids::{InvitationId, ProgramId};
use domain::invitations::{INVITATION_DAYS, InvitationDraft, LineProblem, ListLine, parse_list};
use domain::jobs::Queue;
use domain::links::LinkCode;
use domain::programs::ProgramStatus;
use store::db::{Conn, Tx, again};
use store::invitations::Invitation;
use store::programs::Program;

use super::SendProgramInvitation;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::jobs;

/// People whom a program invites within a day: the readers of a large mailing in a few days, and not
/// so many that an installation is taken for a sender of spam.
pub const INVITATIONS_A_DAY: i64 = 2_000;

/// Reads a list of people and says what is wrong with each line, without inviting anyone.
///
/// # Errors
/// [`Error::Invalid`] when the list cannot be read at all.
pub async fn preview(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    list: &str,
) -> Result<Vec<ListLine>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    checked(engine, &mut conn, &program, list).await
}

async fn checked(engine: &Engine, conn: &mut Conn, program: &Program, list: &str) -> Result<Vec<ListLine>> {
    let mut lines = parse_list(list).map_err(|error| Error::field("list", error.to_string()))?;
    let drafts = || lines.iter().filter_map(|line| line.draft.as_ref().ok());
    let known = Known::of(engine, conn, program, drafts()).await?;
    for line in &mut lines {
        let Ok(draft) = &line.draft else { continue };
        for problem in known.problems(draft) {
            line.refuse(problem);
        }
    }
    Ok(lines)
}

/// What a program knows of some people and codes.
struct Known {
    present: BTreeSet<Email>,
    invited: BTreeSet<Email>,
    taken: BTreeSet<LinkCode>,
}

impl Known {
    async fn of(
        engine: &Engine,
        conn: &mut Conn,
        program: &Program,
        drafts: impl Iterator<Item = &InvitationDraft> + Clone,
    ) -> Result<Self> {
        let emails: Vec<Email> = drafts.clone().map(|draft| draft.email.clone()).collect();
        let codes: Vec<LinkCode> = drafts.filter_map(|draft| draft.code.clone()).collect();
        Ok(Self {
            present: store::affiliates::present(conn, &program.id, &emails).await?,
            invited: store::invitations::open_for(conn, &program.id, &emails, engine.now()).await?,
            taken: store::links::taken(conn, &codes).await?,
        })
    }

    fn problems(&self, draft: &InvitationDraft) -> Vec<LineProblem> {
        [
            (self.present.contains(&draft.email), LineProblem::InProgram),
            (self.invited.contains(&draft.email), LineProblem::Invited),
            (draft.code.as_ref().is_some_and(|code| self.taken.contains(code)), LineProblem::CodeTaken),
        ]
        .into_iter()
        .filter_map(|(holds, problem)| holds.then_some(problem))
        .collect()
    }
}

/// What inviting a list did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// People who get a mail.
    pub invited: usize,
    /// Lines with a problem, which were left out.
    pub left_out: usize,
}

/// Invites everyone on a list whose line has no problem.
///
/// # Errors
/// [`Error::Invalid`] when the list cannot be read at all, nobody on it can be invited, or the
/// program is not active; [`Error::TooMany`] after too many invitations.
pub async fn invite(engine: &Engine, actor: &MerchantActor, program: &ProgramId, list: &str) -> Result<Sent> {
    actor.may_write()?;
    let sent = again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let lines = checked(engine, &mut tx, &program, list).await?;
        let number = lines.len();
        let drafts: Vec<InvitationDraft> = lines.into_iter().filter_map(|line| line.draft.ok()).collect();
        if drafts.is_empty() {
            return Err(Error::field("list", "Nobody on this list can be invited"));
        }
        let sent = Sent { invited: drafts.len(), left_out: number - drafts.len() };
        put(engine, &mut tx, actor, &program, &drafts).await?;
        tx.commit().await?;
        Ok(sent)
    })
    .await?;
    engine.wake(Queue::External);
    Ok(sent)
}

/// Invites one person.
///
/// # Errors
/// [`Error::Invalid`] when the person cannot be invited, or the program is not active;
/// [`Error::TooMany`] after too many invitations.
pub async fn invite_one(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    draft: &InvitationDraft,
) -> Result<Invitation> {
    actor.may_write()?;
    let invitation = again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let drafts = std::slice::from_ref(draft);
        let known = Known::of(engine, &mut tx, &program, drafts.iter()).await?;
        if let Some(problem) = known.problems(draft).first() {
            return Err(match problem {
                LineProblem::InProgram => Error::field("email", "This address is already in the program"),
                LineProblem::CodeTaken => Error::field("code", "This code is taken. Choose another"),
                _ => Error::field("email", "This address has an open invitation"),
            });
        }
        let mut sent = put(engine, &mut tx, actor, &program, drafts).await?;
        tx.commit().await?;
        sent.pop().ok_or_else(|| Error::Broken("an invitation was not stored".to_owned()))
    })
    .await?;
    engine.wake(Queue::External);
    Ok(invitation)
}

async fn put(
    engine: &Engine,
    tx: &mut Tx,
    actor: &MerchantActor,
    program: &Program,
    drafts: &[InvitationDraft],
) -> Result<Vec<Invitation>> {
    let now = engine.now();
    if program.status != ProgramStatus::Active {
        return Err(Error::field(WHOLE_FORM, "Start the program before you invite people"));
    }
    let before = store::invitations::count_since(tx, &program.id, now.plus_ms(-DAY_MS)).await?;
    let number = i64::try_from(drafts.len()).unwrap_or(i64::MAX);
    if before.saturating_add(number) > INVITATIONS_A_DAY {
        let message = format!("A program can invite {INVITATIONS_A_DAY} people a day. Continue tomorrow");
        return Err(Error::field(WHOLE_FORM, message));
    }
    let invitation = |draft: &InvitationDraft| Invitation {
        id: InvitationId::new(now, engine.random()),
        program_id: program.id.clone(),
        email: draft.email.clone(),
        name: draft.name.as_ref().map(ToString::to_string),
        code: draft.code.clone(),
        created_at: now,
        created_by: Some(actor.account_id().clone()),
        sent_at: now,
        expires_at: now.plus_days(INVITATION_DAYS),
        revoked_at: None,
        accepted_at: None,
        terms_id: None,
        affiliate_id: None,
    };
    let invitations: Vec<Invitation> = drafts.iter().map(invitation).collect();
    store::invitations::put(tx, &invitations).await?;
    for invitation in &invitations {
        let job = SendProgramInvitation { invitation: invitation.id.clone(), sent_at: now };
        jobs::enqueue(engine, tx, &job, now).await?;
    }
    let line = audit::line(program.id.as_str(), AuditAction::PeopleInvited { number });
    audit::put(engine, tx, line.by_actor(actor).of_program(&program.id)).await?;
    Ok(invitations)
}
