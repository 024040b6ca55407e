//! A large installation: many rows, written in bulk. The rows are as the engine would have
//! written them, and `honeyguide verify` finds nothing wrong; what Stripe said of them is not
//! there, so that nothing can be replayed.

mod history;
mod pages;

pub use pages::pages;

use anyhow::Context;
use domain::affiliates::AffiliateDraft;
use domain::clock::Random;
use domain::ids::{AffiliateId, ConnectionId, LinkId, ProgramId, TermsId};
use domain::programs::ProgramDraft;
use domain::terms::Terms;
use engine::Engine;
use engine::identity::accounts::{self, OwnerDraft};
use engine::identity::sessions::{self, MerchantActor};
use engine::programs::{self, affiliates};
use store::connections::Connection;

use super::people::SIGN_INS;

/// How much there is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Clicks of the large program, in the last 120 days.
    pub clicks: usize,
    /// Conversions of the large program, in the last 365 days.
    pub conversions: usize,
    /// Its affiliates, each with a link.
    pub affiliates: usize,
    /// Other programs.
    pub programs: usize,
}

impl Size {
    /// What `honeyguide demo --size large` makes.
    pub const LARGE: Self =
        Self { clicks: 10_000_000, conversions: 1_000_000, affiliates: 5_000, programs: 1_000 };
    /// A hundredth of it, for tests.
    pub const SMALL: Self = Self { clicks: 100_000, conversions: 10_000, affiliates: 200, programs: 10 };
}

/// Days with clicks: as many as are kept with a window of 60 days.
const CLICK_DAYS: i64 = 120;
/// Days with conversions.
const SALE_DAYS: i64 = 365;
/// Programs of a company.
const PROGRAMS_OF_COMPANY: usize = 100;
/// Tables whose indexes are made at the end.
const TABLES: [&str; 7] =
    ["clicks", "payments", "conversions", "entries", "customers", "stripe_ids", "inbox"];

/// The large program, and who is in it.
struct Large {
    program: ProgramId,
    terms: TermsId,
    connection: ConnectionId,
    affiliates: Vec<(AffiliateId, LinkId)>,
}

/// Fills a new database. Returns the large program.
pub async fn fill(engine: &Engine, size: Size) -> anyhow::Result<ProgramId> {
    let db = engine.db();
    db.begin_bulk(&TABLES).await?;
    let random = Random::seeded(super::SEED);
    let (_, email, password) = SIGN_INS[0];
    let actor = owner(engine, email, password, "Lumen Notes").await?;
    let large = large(engine, &actor, &random, size).await?;
    let (clicks_from, sales_from) = (engine.now().plus_days(-CLICK_DAYS), engine.now().plus_days(-SALE_DAYS));
    history::clicks(engine, &large, &random, size.clicks, clicks_from).await?;
    history::sales(engine, &large, &random, size.conversions, sales_from).await?;
    others(engine, size.programs).await?;
    db.end_bulk(&TABLES).await?;
    Ok(large.program)
}

/// The owner of a company, who is made where there is none.
async fn owner(engine: &Engine, email: &str, password: &str, company: &str) -> anyhow::Result<MerchantActor> {
    let draft = OwnerDraft {
        name: "Hanna Lindqvist".parse().map_err(anyhow::Error::msg)?,
        email: email.parse()?,
        password: password.to_owned(),
        company: company.parse().map_err(anyhow::Error::msg)?,
    };
    let account = accounts::add_owner(engine, &draft).await?;
    let person = sessions::person(engine, &account).await?.context("the owner")?;
    person.merchant.context("the company")
}

async fn large(engine: &Engine, actor: &MerchantActor, random: &Random, size: Size) -> anyhow::Result<Large> {
    let draft = ProgramDraft {
        time_zone: "America/New_York".parse()?,
        ..ProgramDraft::new(
            "Lumen Partners".parse().map_err(anyhow::Error::msg)?,
            "https://lumennotes.example/".parse()?,
            "usd".parse()?,
        )
    };
    let terms = Terms { window_days: 60, ..Terms::default() };
    let program = programs::create(engine, actor, &draft, &terms).await?.id;
    let terms =
        programs::terms::list(engine, actor, &program).await?.into_iter().next().context("the terms")?.id;
    let mut all = Vec::with_capacity(size.affiliates);
    for number in 0..size.affiliates {
        let draft = AffiliateDraft {
            name: format!("Affiliate {number}").parse().map_err(anyhow::Error::msg)?,
            email: format!("a{number}@affiliates.example").parse()?,
            code: Some(format!("link-{number}").parse()?),
        };
        let (affiliate, link) = affiliates::add(engine, actor, &program, &draft).await?;
        all.push((affiliate.id, link.id));
    }
    let id = ConnectionId::new(engine.now(), random);
    let connection = Connection::manual(id.clone(), &program, "large_installation", engine.now());
    store::connections::put(&mut engine.db().write().await?, &connection).await?;
    Ok(Large { program, terms, connection: id, affiliates: all })
}

/// Other companies with programs, as they are on the day after they were made.
async fn others(engine: &Engine, programs: usize) -> anyhow::Result<()> {
    let mut actor = None;
    for number in 0..programs {
        if number % PROGRAMS_OF_COMPANY == 0 {
            let company = number / PROGRAMS_OF_COMPANY;
            let email = format!("owner{company}@companies.example");
            actor = Some(owner(engine, &email, "paper-and-honey", &format!("Company {company}")).await?);
        }
        let actor = actor.as_ref().context("a company")?;
        let draft = ProgramDraft::new(
            format!("Program {number}").parse().map_err(anyhow::Error::msg)?,
            format!("https://program-{number}.example/").parse()?,
            "usd".parse()?,
        );
        let program = programs::create(engine, actor, &draft, &Terms::default()).await?;
        let draft = AffiliateDraft {
            name: "Mira Okafor".parse().map_err(anyhow::Error::msg)?,
            email: "mira@deskandmargin.example".parse()?,
            code: Some(format!("other-{number}").parse()?),
        };
        affiliates::add(engine, actor, &program.id, &draft).await?;
    }
    Ok(())
}
