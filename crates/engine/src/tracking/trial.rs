//! Trying a link: where an address leads, and whether a click on it would count.

use domain::affiliates::AffiliateStatus;
use domain::ids::ProgramId;
use domain::links::LinkCode;
use domain::programs::{ProgramStatus, parse_web_url};
use url::Url;

use super::landing::CODE_PARAMETER;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::AffiliateActor;

/// What became of the trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Where a visitor arrives; absent when the address is not one of the affiliate's.
    pub destination: Option<String>,
    /// Why a click would not count; absent when it would.
    pub problem: Option<TrialProblem>,
    /// Whether it counts only once the visitor has agreed to be tracked.
    pub needs_consent: bool,
}

/// Why a click on an address would not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrialProblem {
    /// No web address.
    NotAnAddress,
    /// Neither a link of this installation, nor an address of the program's site.
    ForeignSite,
    /// It names no code.
    NoCode,
    /// There is no such link among the affiliate's.
    NotYours,
    /// The affiliate is not active.
    AffiliateNotActive,
    /// The program is paused or over.
    ProgramNotActive,
}

impl Trial {
    fn refused(problem: TrialProblem) -> Self {
        Self { destination: None, problem: Some(problem), needs_consent: false }
    }
}

/// Tries an address as a visitor would, without a click: a link of the affiliate who is signed in,
/// or an address of the program's site with a code.
pub async fn try_own(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    address: &str,
) -> Result<Trial> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    let program = store::programs::get_unscoped(&mut conn, program).await?.ok_or(Error::NotFound)?;
    let Ok(url) = parse_web_url(address) else { return Ok(Trial::refused(TrialProblem::NotAnAddress)) };
    let own_site = Url::parse(engine.base_url()).is_ok_and(|base| base.origin() == url.origin());
    let code = if own_site {
        url.path().strip_prefix("/r/").map(str::to_owned)
    } else if program.allowed_domains.check(&url).is_ok() {
        url.query_pairs().find(|(name, _)| name == CODE_PARAMETER).map(|(_, code)| code.into_owned())
    } else {
        return Ok(Trial::refused(TrialProblem::ForeignSite));
    };
    let Some(code) = code.filter(|code| !code.is_empty()) else {
        return Ok(Trial::refused(TrialProblem::NoCode));
    };
    let target = match code.parse::<LinkCode>() {
        Ok(code) => store::links::target(&mut conn, &code).await?,
        Err(_) => None,
    };
    // Somebody else's link and none are the same answer.
    let Some(target) = target.filter(|target| target.link.affiliate_id == affiliate.id) else {
        return Ok(Trial::refused(TrialProblem::NotYours));
    };
    let landing = target.allowed_domains.destination(&target.link.destination_url);
    let destination = if own_site {
        landing.map_or_else(|_| target.website.clone(), |url| url.to_string())
    } else {
        url.to_string()
    };
    let problem = if target.affiliate_status != AffiliateStatus::Active {
        Some(TrialProblem::AffiliateNotActive)
    } else if target.program_status != ProgramStatus::Active {
        Some(TrialProblem::ProgramNotActive)
    } else {
        None
    };
    Ok(Trial { destination: Some(destination), problem, needs_consent: target.require_consent })
}
