//! People who applied to the demo's first program and wait for an answer, and people who were invited.

use domain::applications::ApplicationStatus;
use domain::clock::{HOUR_MS, MINUTE_MS, Timestamp};
use domain::ids::{ApplicationId, ProgramId};
use domain::invitations::{InvitationLinkDraft, LinkLabel};
use domain::questions::{QuestionDraft, QuestionKind, Questions};
use engine::Engine;
use engine::identity::sessions::MerchantActor;
use engine::programs::applications::Application;
use engine::programs::invitations;

/// The company's own questions.
const USES_IT: [&str; 3] = ["Yes, most days", "I’ve tried it", "Not yet"];

/// Name, address, website, what they wrote, whether they use the product, how many read them, and
/// how many hours ago.
const APPLICANTS: [(&str, &str, &str, &str, &str, &str, i64); 4] = [
    (
        "Priscilla Teo",
        "pris@inkandtide.example",
        "inkandtide.example",
        "Stationery reviews with photographs, around 25,000 visits a month. A comparison of five note apps is half written.",
        USES_IT[1],
        "About 25,000 visits a month",
        92,
    ),
    (
        "Jonas Keller",
        "jonas@zettelundtee.example",
        "Zettel und Tee on YouTube",
        "A channel on note-taking for students, 38,000 subscribers. Two videos are planned for the new term, in German.",
        USES_IT[0],
        "38,000 subscribers",
        15,
    ),
    (
        "Nils Aldering",
        "nils.a@mailinator.com",
        "comparenotes.example/best",
        "I run comparison pages for note apps and rank well for most of them. I can start tomorrow.",
        USES_IT[2],
        "",
        5,
    ),
    (
        "Amara Nwosu",
        "amara@slowpages.example",
        "slowpages.example",
        "Slow Pages is a Sunday letter about paper, pens and attention, 11,400 readers.\n\nI would write about how I plan each issue in Lumen Notes.",
        USES_IT[0],
        "11,400 readers every Sunday",
        2,
    ),
];

/// Asks what the company wants to know.
async fn ask(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> anyhow::Result<Questions> {
    let none: &[&str] = &[];
    let asked = [
        ("Do you use Lumen Notes yourself?", QuestionKind::Choice, true, &USES_IT[..]),
        ("How many people read, hear or watch you?", QuestionKind::Text, false, none),
    ];
    let mut questions = Questions::default();
    for (question, kind, is_required, choices) in asked {
        let asks = QuestionDraft::parse(question, Some(kind), is_required, choices.iter().copied());
        let asks = asks.map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
        questions = engine::programs::questions::add(engine, actor, program, &asks).await?;
    }
    Ok(questions)
}

/// People who were invited, and a link that was handed out.
pub async fn invite(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    now: Timestamp,
) -> anyhow::Result<()> {
    const LIST: &str = "Oskar Lindh,oskar@uppsalastudy.example,uppsala\nMarta Ribeiro,marta@margens.example,margens\n\
                        team@notewell.example";
    invitations::invite(engine, actor, program, LIST).await?;
    let invited = invitations::list(engine, actor, program, None, 3).await?;
    if let Some(last) = invited.iter().find(|invited| invited.name.is_none()) {
        invitations::revoke(engine, actor, program, &last.id).await?;
    }
    let draft = InvitationLinkDraft {
        label: LinkLabel::parse("Paper & Pixels, the meetup").map_err(anyhow::Error::msg)?,
        most_uses: 20,
        expires_at: now.plus_days(30),
    };
    invitations::create_link(engine, actor, program, &draft).await?;
    Ok(())
}

/// Stores their applications, with a confirmed address.
pub async fn apply(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    now: Timestamp,
) -> anyhow::Result<()> {
    let terms = engine::programs::terms::list(engine, actor, program).await?;
    let Some(terms) = terms.first() else { anyhow::bail!("the program has no terms") };
    let questions = ask(engine, actor, program).await?;
    let mut conn = engine.db().write().await?;
    for (name, email, website, promotion, uses_it, readers, hours_ago) in APPLICANTS {
        let given = questions.as_slice().iter().map(|question| question.id.to_string());
        let given = given.zip([uses_it, readers].map(str::to_owned)).collect();
        let accepted_at = now.plus_ms(-hours_ago * HOUR_MS);
        let new = Application {
            id: ApplicationId::new(accepted_at, engine.random()),
            program_id: program.clone(),
            email: email.parse()?,
            name: name.to_owned(),
            website: Some(website.to_owned()),
            promotion: promotion.to_owned(),
            answers: questions.answers(&given).map_err(|problems| anyhow::anyhow!("{problems:?}"))?,
            terms_id: terms.id.clone(),
            accepted_at,
            confirmed_at: None,
            status: ApplicationStatus::Unconfirmed,
            reason: None,
            decided_at: None,
            decided_by: None,
            affiliate_id: None,
            invitation_link_id: None,
        };
        store::applications::put(&mut conn, &new).await?;
        store::applications::confirm(&mut conn, &new.id, accepted_at.plus_ms(MINUTE_MS)).await?;
    }
    Ok(())
}
