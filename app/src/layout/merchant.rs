//! Pages of the company that runs programs: what they need, and the frame around them.

use domain::clock::Timestamp;
use domain::ids::ProgramId;
use domain::members::Role;
use engine::Engine;
use engine::identity::sessions::{MerchantActor, Person};
use engine::programs::Program;

use super::account::account_view;
use super::document::program_title;
use crate::components::{AccountView, Crumb, Frame, NavGroup, NavItem, ProgramChoice, Tab, TestNote};
use crate::forms::Flash;
use crate::forms::submission::take_flashes;
use crate::request::access::{Access, engine, merchant_of, parameter, person};
use crate::request::site::Site;
use crate::routes;
use crate::text::Zone;

/// A part of the merchant's side: an entry of the sidebar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the entries by their names")]
pub enum Section {
    Overview,
    Affiliates,
    Resources,
    Conversions,
    Unattributed,
    Links,
    Payouts,
    Events,
    General,
    Terms,
    PayoutSettings,
    Stripe,
    Tracking,
    JoinPage,
    Emails,
    Keys,
}

/// A section of a program's affiliates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the tabs by their names")]
pub enum AffiliatesTab {
    All,
    Applications,
    Invitations,
}

/// A merchant's page above programs: the list, a new one, the password.
pub struct MerchantPage {
    /// The engine.
    pub engine: Engine,
    /// The signed-in member.
    pub actor: MerchantActor,
    /// The company's programs, oldest first.
    pub programs: Vec<Program>,
    /// The time.
    pub now: Timestamp,
    is_affiliate: bool,
    flashes: Vec<Flash>,
}

fn split(person: Person) -> Access<(MerchantActor, bool)> {
    let is_affiliate = person.affiliate.is_some();
    Ok((merchant_of(person)?, is_affiliate))
}

impl MerchantPage {
    /// Loads the signed-in member and the programs of the company.
    pub async fn load() -> Access<Self> {
        const MOST_PROGRAMS: i64 = 100;
        let engine = engine();
        let (actor, is_affiliate) = split(person().await?)?;
        let programs = engine::programs::list(&engine, &actor, "", MOST_PROGRAMS).await?;
        let now = engine.now();
        Ok(Self { engine, actor, programs, now, is_affiliate, flashes: take_flashes().await })
    }

    /// The frame, without a program.
    pub fn frame(&self) -> Frame {
        Frame {
            programs: choices(&self.programs, &self.actor, None),
            groups: Vec::new(),
            account: merchant_account(&self.actor, self.is_affiliate),
            test_bar: TestNote::of(&Site::current(), false),
            search: None,
            flashes: self.flashes.clone(),
        }
    }
}

fn merchant_account(actor: &MerchantActor, is_affiliate: bool) -> AccountView {
    let mut links = Vec::new();
    if is_affiliate {
        links.push(("Your affiliate programs".to_owned(), routes::AFFILIATE_PROGRAMS.to_owned()));
    }
    account_view(actor.name(), role_word(actor.role()), links)
}

fn choices(programs: &[Program], actor: &MerchantActor, current: Option<&ProgramId>) -> Vec<ProgramChoice> {
    let choice = |program: &Program| ProgramChoice {
        name: program.name.clone(),
        note: format!("{} · {}", actor.merchant_name(), program.currency),
        href: routes::program(&program.id).overview(),
        current: current == Some(&program.id),
    };
    programs.iter().map(choice).collect()
}

/// A merchant's page of one program.
pub struct ProgramPage {
    /// The engine.
    pub engine: Engine,
    /// The signed-in member.
    pub actor: MerchantActor,
    /// The program of the path.
    pub program: Program,
    /// Its time zone.
    pub zone: Zone,
    /// The time.
    pub now: Timestamp,
    /// Whether its Stripe connection is one of test data.
    pub is_test: bool,
    programs: Vec<Program>,
    /// Applications and affiliates that wait for a decision.
    pub waiting_applications: i64,
    is_affiliate: bool,
    flashes: Vec<Flash>,
}

impl ProgramPage {
    /// Loads the signed-in member and the program of the path.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the program belongs to another company.
    pub async fn load() -> Access<Self> {
        let engine = engine();
        let (actor, is_affiliate) = split(person().await?)?;
        let context =
            engine::programs::page_context::for_merchant(&engine, &actor, &parameter("program")?).await?;
        Ok(Self {
            zone: Zone::named(&context.program.time_zone),
            now: engine.now(),
            program: context.program,
            programs: context.programs,
            waiting_applications: context.waiting_applications,
            is_test: context.is_test,
            is_affiliate,
            flashes: take_flashes().await,
            engine,
            actor,
        })
    }

    /// The addresses of the program's pages.
    pub fn routes(&self) -> routes::Program<'_> {
        routes::program(&self.program.id)
    }

    /// Breadcrumbs below the program's name; the last one is the page.
    pub fn crumbs(&self, above: &[(&str, String)], here: impl Into<String>) -> Vec<Crumb> {
        let mut crumbs = vec![Crumb::link(self.program.name.clone(), self.routes().overview())];
        crumbs.extend(above.iter().map(|(label, href)| Crumb::link(*label, href)));
        crumbs.push(Crumb::here(here));
        crumbs
    }

    /// Sets the title: "Conversions · Lumen Partners".
    pub fn title(&self, part: &str, has_errors: bool) {
        program_title(part, &self.program.name, has_errors);
    }

    /// The frame of the search page, which has its own box and is no part of the sidebar.
    pub fn frame_of_search(&self) -> Frame {
        Frame { search: None, ..self.frame_of(None) }
    }

    /// The frame, with a part of the sidebar as the current one.
    pub fn frame(&self, section: Section) -> Frame {
        self.frame_of(Some(section))
    }

    fn frame_of(&self, section: Option<Section>) -> Frame {
        Frame {
            programs: choices(&self.programs, &self.actor, Some(&self.program.id)),
            groups: self.groups(section),
            account: merchant_account(&self.actor, self.is_affiliate),
            test_bar: TestNote::of(&Site::current(), self.is_test),
            search: Some(self.routes().search("")),
            flashes: self.flashes.clone(),
        }
    }

    /// The sections of the program's affiliates.
    pub fn affiliates_tabs(&self, current: AffiliatesTab) -> Vec<Tab> {
        let routes = self.routes();
        let waiting = Some(self.waiting_applications).filter(|number| *number > 0);
        let tab = |tab, label: &str, href: String, count| Tab {
            label: label.to_owned(),
            href,
            current: tab == current,
            count,
        };
        vec![
            tab(AffiliatesTab::All, "All", routes.affiliates(), None),
            tab(AffiliatesTab::Applications, "Applications", routes.applications(), waiting),
            tab(AffiliatesTab::Invitations, "Invitations", routes.invitations(), None),
        ]
    }

    fn groups(&self, section: Option<Section>) -> Vec<NavGroup> {
        let (routes, settings) = (self.routes(), self.routes().settings());
        let item = |of: Section, label: &str, href: String, icon| {
            NavItem::new(label, href, icon, Some(of) == section)
        };
        let group = |heading, items| NavGroup { heading, items, folds: heading == "Settings" };
        let affiliates = item(Section::Affiliates, "Affiliates", routes.affiliates(), "affiliates")
            .waiting(self.waiting_applications, "to review");
        vec![
            group(
                "Program",
                vec![
                    item(Section::Overview, "Overview", routes.overview(), "overview"),
                    affiliates,
                    item(Section::Resources, "Resources", routes.resources(), "file"),
                ],
            ),
            group(
                "Insights",
                vec![
                    item(Section::Conversions, "Conversions", routes.conversions(), "conversions"),
                    item(Section::Unattributed, "Unattributed", routes.unattributed(), "help"),
                    item(Section::Links, "Clicks and links", routes.links(), "clicks"),
                ],
            ),
            group("Payouts", vec![item(Section::Payouts, "Payouts", routes.payouts(), "payouts")]),
            group("Stripe", vec![item(Section::Events, "Events", routes.events(), "events")]),
            group(
                "Settings",
                vec![
                    item(Section::General, "General", settings.general(), "settings"),
                    item(Section::Terms, "Terms", settings.terms(), "tag"),
                    item(Section::PayoutSettings, "Payouts", settings.payouts(), "payouts"),
                    item(Section::Stripe, "Stripe", settings.stripe(), "stripe"),
                    item(Section::Tracking, "Tracking", settings.tracking(), "tracking"),
                    item(Section::JoinPage, "Join page", settings.join_page(), "external"),
                    item(Section::Emails, "Emails", settings.emails(), "mail"),
                    item(Section::Keys, "API keys", settings.keys(), "key"),
                ],
            ),
        ]
    }
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Manager => "Manager",
        Role::Viewer => "Viewer",
    }
}
