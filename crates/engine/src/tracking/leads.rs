//! Leads: an email address that a site reports for a click.
//!
//! What the merchant's server reports, or signs, is proved and counts. What a page reports is
//! a hint that anyone could send: it is kept with what makes it doubtful, and
//! `domain::attribution` decides what it is worth for a payment.

use domain::audit::AuditAction;
use domain::clicks::ClickToken;
use domain::emails::Email;
use domain::ids::{LeadId, ProgramId};
use domain::jobs::Queue;
use domain::leads::{BrowserLeads, LeadDoubt, LeadProof};
use domain::programs::parse_web_url;
use store::clicks::ClickEvidence;
use store::db::{AFTER_ALL_IDS, Conn, Tx, again};
pub use store::leads::Lead;
use store::programs::Program;

use super::{verifiers, visitors};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::jobs;
use crate::ledger::payments::ReevaluateAddress;

/// Hints of one address that count: more affiliates than a buyer meets.
const MOST_HINTS: i64 = 50;
/// Doubtful hints of one address; they have their own limit, so that a flood of them keeps
/// no other out.
const MOST_DOUBTFUL: i64 = 20;
/// Leads that name one click: its own, and a few doubtful ones to show.
const MOST_OF_CLICK: i64 = 5;
/// Proved leads of one address: a server that sends one for each click of a buyer.
const MOST_PROVED: i64 = 100;

/// What a page reports.
#[derive(Debug, Clone, Default)]
pub struct PageReport {
    /// The click's token.
    pub token: String,
    /// The click's verifier.
    pub verifier: String,
    /// The address.
    pub email: String,
    /// The merchant's signature, if there is one.
    pub signature: Option<String>,
    /// `Origin`: the page that sends it.
    pub origin: String,
    /// The network that sends it, where it is known.
    pub network: Option<String>,
}

/// Why a page's report is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageReportRefusal {
    /// The address is invalid, or the token names no click of the program.
    UnknownClickOrAddress,
    /// The signature does not match.
    WrongSignature,
    /// The program takes no leads from pages.
    Off,
}

/// Takes a lead from a page. The result is not reported: the sender learns nothing
/// about the address.
///
/// Needs no actor: the tracking script is public, and what it sends is judged as a hint.
pub async fn report(
    engine: &Engine,
    program: &ProgramId,
    report: &PageReport,
) -> Result<std::result::Result<(), PageReportRefusal>> {
    let (Ok(token), Ok(email)) = (report.token.parse::<ClickToken>(), report.email.parse::<Email>()) else {
        return Ok(Err(PageReportRefusal::UnknownClickOrAddress));
    };
    let sender = visitors::of(engine, program, report.network.as_deref(), "").await;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = store::programs::get_unscoped(&mut tx, program).await?;
        let click = store::clicks::evidence(&mut tx, &token).await?;
        let (Some(program), Some(click)) = (program, click) else {
            return Ok(Err(PageReportRefusal::UnknownClickOrAddress));
        };
        if click.program_id != program.id {
            return Ok(Err(PageReportRefusal::UnknownClickOrAddress));
        }
        let proof = match &report.signature {
            Some(signature) if is_signed(engine, &program, &token, &email, signature) => LeadProof::Signed,
            Some(_) => return Ok(Err(PageReportRefusal::WrongSignature)),
            None if program.browser_leads == BrowserLeads::Off => return Ok(Err(PageReportRefusal::Off)),
            None => LeadProof::Browser,
        };
        let mut lead = lead(engine, &token, &email, click, proof);
        if proof == LeadProof::Browser {
            lead.sender = sender.as_ref().map(|sender| sender.network.clone());
            lead.doubt = doubt(engine, &mut tx, &program, &lead, report).await?;
            put_hint(engine, &mut tx, &lead).await?;
        } else {
            put_proved(engine, &mut tx, &lead).await?;
        }
        tx.commit().await?;
        engine.wake(Queue::Local);
        Ok(Ok(()))
    })
    .await
}

/// Takes a lead from the merchant's own server. The same one again changes nothing.
///
/// # Errors
/// [`Error::Invalid`] when the token names no click of the program.
pub async fn record(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    token: &ClickToken,
    email: &Email,
) -> Result<Lead> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let click = store::clicks::evidence(&mut tx, token).await?;
        let click = click
            .filter(|click| click.program_id == program.id)
            .ok_or_else(|| Error::field("click_token", "Enter the token of a click of this program"))?;
        let lead = lead(engine, token, email, click, LeadProof::Server);
        let lead = put_proved(engine, &mut tx, &lead).await?;
        tx.commit().await?;
        engine.wake(Queue::Local);
        Ok(lead)
    })
    .await
}

fn lead(engine: &Engine, token: &ClickToken, email: &Email, click: ClickEvidence, proof: LeadProof) -> Lead {
    let now = engine.now();
    Lead {
        id: LeadId::new(now, engine.random()),
        program_id: click.program_id,
        email: email.clone(),
        affiliate_id: click.affiliate_id,
        click: token.clone(),
        at: now,
        proof,
        doubt: None,
        visitor: click.visitor,
        sender: None,
    }
}

/// What makes a hint implausible; the first that is found.
async fn doubt(
    engine: &Engine,
    conn: &mut Conn,
    program: &Program,
    lead: &Lead,
    report: &PageReport,
) -> Result<Option<LeadDoubt>> {
    let is_own_page = parse_web_url(&report.origin).is_ok_and(|page| program.allowed_domains.allow(&page));
    Ok(if !is_own_page {
        Some(LeadDoubt::ForeignOrigin)
    } else if !verifiers::is_of(engine, &lead.click, &report.verifier) {
        Some(LeadDoubt::NoVerifier)
    } else if store::leads::is_click_used(conn, &lead.click, &lead.email).await? {
        Some(LeadDoubt::ClickUsed)
    } else if store::leads::is_visitor_used(conn, lead).await? {
        Some(LeadDoubt::VisitorUsed)
    } else if program.browser_leads == BrowserLeads::Review {
        Some(LeadDoubt::Reviewed)
    } else {
        None
    })
}

/// Stores a hint. The first one of an address and affiliate stays, because payments may rest
/// on it, unless it was doubtful and this one is not, or its click is too old for any payment
/// and the address has not bought yet.
async fn put_hint(engine: &Engine, tx: &mut Tx, lead: &Lead) -> Result<()> {
    let (program, email) = (&lead.program_id, &lead.email);
    match store::leads::by_page(tx, program, email, &lead.affiliate_id).await? {
        Some(earlier) => {
            let is_cleared = earlier.doubt.is_some() && lead.doubt.is_none();
            if !is_cleared && !is_outdated(tx, &earlier, lead).await? {
                return Ok(());
            }
            store::leads::replace(tx, &earlier.id, lead).await?;
        }
        None => {
            let (counting, doubtful) = store::leads::count_of_address(tx, program, email).await?;
            let is_full = match lead.doubt {
                Some(_) => {
                    doubtful >= MOST_DOUBTFUL
                        || store::leads::count_of_click(tx, &lead.click).await? >= MOST_OF_CLICK
                }
                None => counting >= MOST_HINTS + MOST_PROVED,
            };
            if is_full {
                return Ok(());
            }
            store::leads::put(tx, lead).await?;
        }
    }
    if lead.doubt.is_none() {
        reevaluate(engine, tx, lead).await?;
    }
    Ok(())
}

/// Whether no payment depends on an earlier hint, now or later.
async fn is_outdated(tx: &mut Tx, earlier: &Lead, lead: &Lead) -> Result<bool> {
    if lead.doubt.is_some() || earlier.click == lead.click {
        return Ok(false);
    }
    let Some(terms) = store::terms::in_force(tx, &lead.program_id, lead.at).await? else { return Ok(false) };
    let clicked = store::clicks::evidence(tx, &earlier.click).await?.map(|click| click.at);
    let is_over = clicked.is_none_or(|at| at.plus_days(terms.terms.window_days) < lead.at);
    Ok(is_over && store::customers::with_email(tx, &lead.program_id, &lead.email).await?.is_empty())
}

/// Stores a proved lead and answers with the one that is stored now.
async fn put_proved(engine: &Engine, tx: &mut Tx, lead: &Lead) -> Result<Lead> {
    let (program, email) = (&lead.program_id, &lead.email);
    if let Some(earlier) = store::leads::proved(tx, program, email, &lead.click).await? {
        return Ok(earlier);
    }
    if store::leads::count_of_address(tx, program, email).await?.0 >= MOST_HINTS + MOST_PROVED {
        return Err(Error::field("email", "This address has reached the maximum number of leads"));
    }
    store::leads::put(tx, lead).await?;
    reevaluate(engine, tx, lead).await?;
    Ok(lead.clone())
}

/// Has the customers with the lead's address evaluated again.
async fn reevaluate(engine: &Engine, tx: &mut Tx, lead: &Lead) -> Result<()> {
    let address = ReevaluateAddress { program: lead.program_id.clone(), email: lead.email.clone() };
    jobs::enqueue(engine, tx, &address, lead.at).await?;
    Ok(())
}

/// Whether the merchant's server signed a lead: an HMAC-SHA-256 in hex under the program's
/// lead secret over token, dot and address, the address in lowercase without spaces around.
fn is_signed(engine: &Engine, program: &Program, token: &ClickToken, email: &Email, sent: &str) -> bool {
    let secret = secret_of(engine, program);
    let parts = [token.as_str().as_bytes(), b".", email.as_str().as_bytes()];
    connect::mac::is_equal(sent, &connect::mac::hmac_hex(secret.as_bytes(), &parts))
}

/// The secret with which a program's server signs leads. It is made from the installation's
/// key and stored nowhere.
fn secret_of(engine: &Engine, program: &Program) -> String {
    let text = format!("lead secret {} {}", program.id, program.lead_secret_version);
    format!("hgl_{}", engine.key().fingerprint(&text))
}

/// The secret with which the merchant's server signs leads.
pub async fn secret(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<String> {
    actor.may_write()?;
    let program = scope::program(&mut engine.db().read().await?, actor, program).await?;
    Ok(secret_of(engine, &program))
}

/// Makes the secret a new one; signatures of the earlier one are refused from now on.
pub async fn renew_secret(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<()> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        store::programs::renew_lead_secret(&mut tx, &program.id).await?;
        let line = audit::line(program.id.as_str(), AuditAction::LeadSecretReplaced);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// A page of a program's leads, newest first.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    before: Option<&LeadId>,
    limit: i64,
) -> Result<Vec<Lead>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let before = before.map_or(AFTER_ALL_IDS, LeadId::as_str);
    Ok(store::leads::list(&mut conn, &program.id, before, limit).await?)
}
