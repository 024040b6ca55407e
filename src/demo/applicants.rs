//! People who applied to the demo's first program and wait for an answer.

use domain::applications::ApplicationStatus;
use domain::clock::{HOUR_MS, MINUTE_MS, Timestamp};
use domain::ids::{ApplicationId, ProgramId};
use engine::Engine;
use engine::identity::sessions::MerchantActor;
use engine::programs::applications::Application;

/// Name, address, website, what they wrote, and how many hours ago.
const APPLICANTS: [(&str, &str, &str, &str, i64); 4] = [
    (
        "Priscilla Teo",
        "pris@inkandtide.example",
        "inkandtide.example",
        "Stationery reviews with photographs, around 25,000 visits a month. A comparison of five note apps is half written.",
        92,
    ),
    (
        "Jonas Keller",
        "jonas@zettelundtee.example",
        "Zettel und Tee on YouTube",
        "A channel on note-taking for students, 38,000 subscribers. Two videos are planned for the new term, in German.",
        15,
    ),
    (
        "Nils Aldering",
        "nils.a@mailinator.com",
        "comparenotes.example/best",
        "I run comparison pages for note apps and rank well for most of them. I can start tomorrow.",
        5,
    ),
    (
        "Amara Nwosu",
        "amara@slowpages.example",
        "slowpages.example",
        "Slow Pages is a Sunday letter about paper, pens and attention, 11,400 readers.\n\nI would write about how I plan each issue in Lumen Notes.",
        2,
    ),
];

/// Stores their applications, with a confirmed address.
pub async fn apply(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    now: Timestamp,
) -> anyhow::Result<()> {
    let terms = engine::programs::terms::list(engine, actor, program).await?;
    let Some(terms) = terms.first() else { anyhow::bail!("the program has no terms") };
    let mut conn = engine.db().write().await?;
    for (name, email, website, promotion, hours_ago) in APPLICANTS {
        let accepted_at = now.plus_ms(-hours_ago * HOUR_MS);
        let new = Application {
            id: ApplicationId::new(accepted_at, engine.random()),
            program_id: program.clone(),
            email: email.parse()?,
            name: name.to_owned(),
            website: Some(website.to_owned()),
            promotion: promotion.to_owned(),
            terms_id: terms.id.clone(),
            accepted_at,
            confirmed_at: None,
            status: ApplicationStatus::Unconfirmed,
            reason: None,
            decided_at: None,
            decided_by: None,
            affiliate_id: None,
        };
        store::applications::put(&mut conn, &new).await?;
        store::applications::confirm(&mut conn, &new.id, accepted_at.plus_ms(MINUTE_MS)).await?;
    }
    Ok(())
}
