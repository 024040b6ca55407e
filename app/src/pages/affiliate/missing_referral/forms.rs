//! Checking one's own clicks, and asking the company.

use domain::ids::ProgramId;
use engine::Engine;
use engine::identity::sessions::AffiliateActor;
use engine::ledger::referral_requests::{self, RequestDraft};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::ASKED;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Flash, ReferralForm};
use crate::request::access::{Access, Refusal, affiliate, engine};
use crate::routes;
use crate::text::Zone;

fn page_of(program: &str) -> String {
    match program.parse() {
        Ok(id) => routes::affiliate_program(&id).missing_referral(),
        Err(_) => routes::AFFILIATE_PROGRAMS.to_owned(),
    }
}

/// The signed-in affiliate of the program, and the form as they sent it.
async fn read(
    engine: &Engine,
    program: &str,
    form: &ReferralForm,
) -> Access<(AffiliateActor, ProgramId, RequestDraft)> {
    let (actor, program) = (affiliate().await?, program.parse().map_err(|_| Refusal::NotFound)?);
    let context = engine::programs::page_context::for_affiliate(engine, &actor, &program).await?;
    let zone = Zone::named(&context.program.time_zone);
    let draft = form.draft(&zone, engine.now()).map_err(engine::Error::from)?;
    Ok((actor, program, draft))
}

/// Shows what the affiliate's own clicks say about a sale.
#[server(prefix = "/do", endpoint = "missing-referral/check")]
pub async fn check_referral(
    /// The program.
    #[server(default)]
    program: String,
    /// The form.
    #[server(default)]
    referral: ReferralForm,
) -> Result<(), ServerFnError> {
    let back = page_of(&program);
    let sent = Submission::new(CheckReferral::PATH, &back).with_values("referral", &referral);
    finish(sent, async {
        read(&engine(), &program, &referral).await?;
        Ok(Redirect::to(back).showing_once(ASKED, &referral))
    })
    .await
}

/// Asks the company to look for a sale.
#[server(prefix = "/do", endpoint = "missing-referral/ask")]
pub async fn ask_for_referral(
    /// The program.
    #[server(default)]
    program: String,
    /// The form.
    #[server(default)]
    referral: ReferralForm,
) -> Result<(), ServerFnError> {
    let back = page_of(&program);
    // A problem is shown by the form that checks, with everything that was entered.
    let sent = Submission::new(CheckReferral::PATH, &back).with_values("referral", &referral);
    finish(sent, async {
        let engine = engine();
        let (actor, program, draft) = read(&engine, &program, &referral).await?;
        referral_requests::send(&engine, &actor, &program, &draft).await?;
        Ok(Redirect::to(back).with_flash(Flash::done("Request sent. The answer appears below.")))
    })
    .await
}
