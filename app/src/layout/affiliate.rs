//! Pages of an affiliate: what they need, and the frame around them.

use domain::clock::Timestamp;
use engine::Engine;
use engine::identity::sessions::AffiliateActor;
use engine::programs::Program;
use engine::programs::affiliates::Affiliate;

use super::account::account_view;
use super::document::program_title;
use crate::components::{AccountView, SiteFrame, Tab, TestNote};
use crate::forms::Flash;
use crate::forms::submission::take_flashes;
use crate::request::access::{Access, Refusal, engine, parameter, person};
use crate::request::site::Site;
use crate::routes;
use crate::text::Zone;

/// A part of the affiliate's side: a tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the tabs by their names")]
pub enum AffiliateSection {
    Overview,
    Links,
    Earnings,
    Payouts,
    Clicks,
    Resources,
    Terms,
}

/// An affiliate's page above programs.
pub struct AffiliatePage {
    /// The engine.
    pub engine: Engine,
    /// The signed-in affiliate.
    pub actor: AffiliateActor,
    /// The time.
    pub now: Timestamp,
    is_member: bool,
    flashes: Vec<Flash>,
}

impl AffiliatePage {
    /// Loads the signed-in affiliate.
    pub async fn load() -> Access<Self> {
        let engine = engine();
        let person = person().await?;
        let is_member = person.merchant.is_some() || person.two_step_due.is_some();
        let actor = person.affiliate.ok_or(Refusal::NotFound)?;
        Ok(Self { now: engine.now(), engine, actor, is_member, flashes: take_flashes().await })
    }

    /// The frame, without a program.
    pub fn frame(&self) -> SiteFrame {
        SiteFrame {
            name: "Honeyguide".to_owned(),
            by: String::new(),
            home: routes::AFFILIATE_PROGRAMS.to_owned(),
            tabs: Vec::new(),
            account: Some(self.account()),
            foot: Vec::new(),
            test_bar: TestNote::of(&Site::current(), false),
            flashes: self.flashes.clone(),
        }
    }

    fn account(&self) -> AccountView {
        let mut links = Vec::new();
        if self.is_member {
            links.push(("Programs you run".to_owned(), routes::PROGRAMS.to_owned()));
        }
        account_view(self.actor.name(), "Affiliate", links)
    }
}

/// An affiliate's page in one program.
pub struct AffiliateProgramPage {
    /// The page above: engine, actor, time.
    pub page: AffiliatePage,
    /// The program of the path.
    pub program: Program,
    /// The company's name.
    pub merchant_name: String,
    /// The affiliate in the program.
    pub affiliate: Affiliate,
    /// The program's time zone.
    pub zone: Zone,
    /// Whether its Stripe connection is one of test data.
    pub is_test: bool,
}

impl AffiliateProgramPage {
    /// Loads the signed-in affiliate and the program of the path.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the affiliate is not in the program.
    pub async fn load() -> Access<Self> {
        let page = AffiliatePage::load().await?;
        let context =
            engine::programs::page_context::for_affiliate(&page.engine, &page.actor, &parameter("program")?)
                .await?;
        Ok(Self {
            zone: Zone::named(&context.program.time_zone),
            program: context.program,
            merchant_name: context.merchant_name,
            affiliate: context.affiliate,
            is_test: context.is_test,
            page,
        })
    }

    /// The addresses of the program's pages.
    pub fn routes(&self) -> routes::AffiliateProgram<'_> {
        routes::affiliate_program(&self.program.id)
    }

    /// Sets the title: "Earnings · Lumen Partners".
    pub fn title(&self, part: &str, has_errors: bool) {
        program_title(part, &self.program.name, has_errors);
    }

    /// The frame, with a tab as the current one.
    pub fn frame(&self, section: AffiliateSection) -> SiteFrame {
        let routes = self.routes();
        let tab = |of: AffiliateSection, label: &str, href: String| Tab {
            label: label.to_owned(),
            href,
            current: of == section,
            ..Tab::default()
        };
        SiteFrame {
            name: self.program.name.clone(),
            by: format!("by {}", self.merchant_name),
            home: routes.overview(),
            tabs: vec![
                tab(AffiliateSection::Overview, "Overview", routes.overview()),
                tab(AffiliateSection::Links, "Links", routes.links()),
                tab(AffiliateSection::Earnings, "Earnings", routes.earnings()),
                tab(AffiliateSection::Payouts, "Payouts", routes.payouts()),
                tab(AffiliateSection::Clicks, "Clicks", routes.clicks()),
                tab(AffiliateSection::Resources, "Resources", routes.resources()),
                tab(AffiliateSection::Terms, "Terms", routes.terms()),
            ],
            test_bar: TestNote::of(&Site::current(), self.is_test),
            ..self.page.frame()
        }
    }
}
