//! The frames around pages, filled from the request: who is signed in, which program,
//! what waits, what is to be said.

pub mod actions;
pub mod assets;
pub mod document;

use domain::clock::Timestamp;
use domain::ids::ProgramId;
use domain::members::Role;
use engine::Engine;
use engine::identity::sessions::{AffiliateActor, MerchantActor, Person};
use engine::programs::Program;
use engine::programs::affiliates::Affiliate;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{AccountView, Crumb, Frame, NavGroup, NavItem, ProgramChoice, SiteFrame, Tab};
use crate::forms::Flash;
use crate::forms::submission::take_flashes;
use crate::layout::actions::{EndSession, SetTheme};
use crate::layout::document::{PageTitle, Theme};
use crate::request::access::{Access, Refusal, engine, here, parameter, person};
use crate::request::site::Site;
use crate::text::Zone;

/// A part of the merchant's side: an entry of the sidebar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the entries by their names")]
pub enum Section {
    Overview,
    Affiliates,
    Applications,
    Conversions,
    Unattributed,
    Links,
    Events,
    General,
    Terms,
    Stripe,
    Tracking,
    Keys,
}

/// A part of the affiliate's side: a tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the tabs by their names")]
pub enum OwnSection {
    Overview,
    Links,
    Earnings,
    Clicks,
    Terms,
}

/// Sets the title of the page; `form` when it holds problems.
pub fn title(title: impl Into<String>, has_errors: bool) {
    let prefix = if has_errors { "Error: " } else { "" };
    if let Some(page) = use_context::<PageTitle>() {
        page.set(format!("{prefix}{}", title.into()));
    }
}

/// The account menu of whoever is signed in, on one of their sides.
pub fn account_view(name: &str, role: &str, links: Vec<(String, String)>) -> AccountView {
    let mut links = links;
    links.push(("Password".to_owned(), "/password".to_owned()));
    AccountView {
        name: name.to_owned(),
        role: role.to_owned(),
        links,
        sign_out: EndSession::PATH.to_owned(),
        set_theme: SetTheme::PATH.to_owned(),
        theme: Theme::of_request(),
        here: here(),
    }
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Manager => "Manager",
        Role::Viewer => "Viewer",
    }
}

/// A merchant's page above programs: the list, a new one, the password.
pub struct MerchantPage {
    /// What Honeyguide can do.
    pub engine: Engine,
    /// Who asks.
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
    Ok((person.merchant.ok_or(Refusal::NotFound)?, is_affiliate))
}

impl MerchantPage {
    /// Asks who it is and which programs they have.
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
            test_bar: Site::current().test_note(false),
            flashes: self.flashes.clone(),
        }
    }
}

fn merchant_account(actor: &MerchantActor, is_affiliate: bool) -> AccountView {
    let mut links = Vec::new();
    if is_affiliate {
        links.push(("Your affiliate programs".to_owned(), "/affiliate".to_owned()));
    }
    account_view(actor.name(), role_word(actor.role()), links)
}

fn choices(programs: &[Program], actor: &MerchantActor, current: Option<&ProgramId>) -> Vec<ProgramChoice> {
    let choice = |program: &Program| ProgramChoice {
        name: program.name.clone(),
        note: format!("{} · {}", actor.merchant_name(), program.currency),
        href: format!("/programs/{}", program.id),
        current: current == Some(&program.id),
    };
    programs.iter().map(choice).collect()
}

/// A merchant's page of one program.
pub struct ProgramPage {
    /// What Honeyguide can do.
    pub engine: Engine,
    /// Who asks.
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
    pending_affiliates: i64,
    is_affiliate: bool,
    flashes: Vec<Flash>,
}

impl ProgramPage {
    /// Asks who it is and whether the program of the path is theirs.
    pub async fn load() -> Access<Self> {
        let engine = engine();
        let (actor, is_affiliate) = split(person().await?)?;
        let around =
            engine::programs::page_context::for_merchant(&engine, &actor, &parameter("program")?).await?;
        Ok(Self {
            zone: Zone::named(&around.program.time_zone),
            now: engine.now(),
            program: around.program,
            programs: around.programs,
            pending_affiliates: around.pending_affiliates,
            is_test: around.is_test,
            is_affiliate,
            flashes: take_flashes().await,
            engine,
            actor,
        })
    }

    /// A path below the program: `conversions?status=pending`; empty for the overview.
    pub fn path(&self, rest: &str) -> String {
        program_path(&self.program.id, rest)
    }

    /// Breadcrumbs below the program's name; the last one is the page.
    pub fn crumbs(&self, above: &[(&str, &str)], here: impl Into<String>) -> Vec<Crumb> {
        let mut crumbs = vec![Crumb::link(self.program.name.clone(), self.path(""))];
        crumbs.extend(above.iter().map(|(label, rest)| Crumb::link(*label, self.path(rest))));
        crumbs.push(Crumb::here(here));
        crumbs
    }

    /// Sets the title: "Conversions · Lumen Partners".
    pub fn title(&self, part: &str, has_errors: bool) {
        title(format!("{part} · {}", self.program.name), has_errors);
    }

    /// The frame, with a part of the sidebar as the current one.
    pub fn frame(&self, section: Section) -> Frame {
        Frame {
            programs: choices(&self.programs, &self.actor, Some(&self.program.id)),
            groups: self.groups(section),
            account: merchant_account(&self.actor, self.is_affiliate),
            test_bar: Site::current().test_note(self.is_test),
            flashes: self.flashes.clone(),
        }
    }

    fn groups(&self, section: Section) -> Vec<NavGroup> {
        let item = |of: Section, label: &str, rest: &str, icon| {
            NavItem::new(label, self.path(rest), icon, of == section)
        };
        let group = |heading, items| NavGroup { heading, items, folds: heading == "Settings" };
        let mut affiliates = vec![item(Section::Affiliates, "All affiliates", "affiliates", "affiliates")];
        if self.pending_affiliates > 0 {
            affiliates.push(
                item(Section::Applications, "Applications", "affiliates?status=pending", "applications")
                    .waiting(self.pending_affiliates, "to review"),
            );
        }
        vec![
            group("Program", vec![item(Section::Overview, "Overview", "", "overview")]),
            group("Affiliates", affiliates),
            group(
                "Insights",
                vec![
                    item(Section::Conversions, "Conversions", "conversions", "conversions"),
                    item(Section::Unattributed, "Unattributed", "unattributed", "help"),
                    item(Section::Links, "Clicks and links", "links", "clicks"),
                ],
            ),
            group("Stripe", vec![item(Section::Events, "Events", "events", "events")]),
            group(
                "Settings",
                vec![
                    item(Section::General, "General", "settings", "settings"),
                    item(Section::Terms, "Terms", "settings/terms", "tag"),
                    item(Section::Stripe, "Stripe", "settings/stripe", "stripe"),
                    item(Section::Tracking, "Tracking", "settings/tracking", "tracking"),
                    item(Section::Keys, "API keys", "settings/keys", "key"),
                ],
            ),
        ]
    }
}

/// A path below a program on the merchant's side.
pub fn program_path(program: &ProgramId, rest: &str) -> String {
    if rest.is_empty() { format!("/programs/{program}") } else { format!("/programs/{program}/{rest}") }
}

/// An affiliate's page above programs.
pub struct AffiliatePage {
    /// What Honeyguide can do.
    pub engine: Engine,
    /// Who asks.
    pub actor: AffiliateActor,
    /// The time.
    pub now: Timestamp,
    is_member: bool,
    flashes: Vec<Flash>,
}

impl AffiliatePage {
    /// Asks who it is.
    pub async fn load() -> Access<Self> {
        let engine = engine();
        let person = person().await?;
        let is_member = person.merchant.is_some();
        let actor = person.affiliate.ok_or(Refusal::NotFound)?;
        Ok(Self { now: engine.now(), engine, actor, is_member, flashes: take_flashes().await })
    }

    /// The frame, without a program.
    pub fn frame(&self) -> SiteFrame {
        SiteFrame {
            name: "Honeyguide".to_owned(),
            by: String::new(),
            home: "/affiliate".to_owned(),
            tabs: Vec::new(),
            account: Some(self.account()),
            foot: Vec::new(),
            test_bar: Site::current().test_note(false),
            flashes: self.flashes.clone(),
        }
    }

    fn account(&self) -> AccountView {
        let mut links = Vec::new();
        if self.is_member {
            links.push(("The programs you run".to_owned(), "/programs".to_owned()));
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
    /// Oneself in the program.
    pub affiliate: Affiliate,
    /// The program's time zone.
    pub zone: Zone,
    /// Whether its Stripe connection is one of test data.
    pub is_test: bool,
}

impl AffiliateProgramPage {
    /// Asks who it is and whether they are in the program of the path.
    pub async fn load() -> Access<Self> {
        let page = AffiliatePage::load().await?;
        let around =
            engine::programs::page_context::for_affiliate(&page.engine, &page.actor, &parameter("program")?)
                .await?;
        Ok(Self {
            zone: Zone::named(&around.program.time_zone),
            program: around.program,
            merchant_name: around.merchant_name,
            affiliate: around.affiliate,
            is_test: around.is_test,
            page,
        })
    }

    /// A path below the program: `links`; empty for its home.
    pub fn path(&self, rest: &str) -> String {
        own_program_path(&self.program.id, rest)
    }

    /// Sets the title: "Earnings · Lumen Partners".
    pub fn title(&self, part: &str, has_errors: bool) {
        title(format!("{part} · {}", self.program.name), has_errors);
    }

    /// The frame, with a tab as the current one.
    pub fn frame(&self, section: OwnSection) -> SiteFrame {
        let tab = |of: OwnSection, label: &str, rest: &str| Tab {
            label: label.to_owned(),
            href: self.path(rest),
            current: of == section,
        };
        SiteFrame {
            name: self.program.name.clone(),
            by: format!("by {}", self.merchant_name),
            home: self.path(""),
            tabs: vec![
                tab(OwnSection::Overview, "Overview", ""),
                tab(OwnSection::Links, "Links", "links"),
                tab(OwnSection::Earnings, "Earnings", "earnings"),
                tab(OwnSection::Clicks, "Clicks", "clicks"),
                tab(OwnSection::Terms, "Terms", "terms"),
            ],
            test_bar: Site::current().test_note(self.is_test),
            ..self.page.frame()
        }
    }
}

/// A path below a program on the affiliate's side.
pub fn own_program_path(program: &ProgramId, rest: &str) -> String {
    if rest.is_empty() { format!("/affiliate/{program}") } else { format!("/affiliate/{program}/{rest}") }
}
