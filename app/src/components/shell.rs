//! The merchant's frame: sidebar, top bar, breadcrumbs, and the page inside.

use leptos::prelude::*;

use super::account::{AccountMenu, AccountView};
use super::{Brand, Flashes, Icon, ProgramLogo, SearchBox};
use crate::forms::Flash;
use crate::request::href::safe_href;
use crate::request::site::Site;
use crate::routes;

/// An entry of the sidebar.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// Its words.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Its icon.
    pub icon: &'static str,
    /// Whether this is the page, or the part of the site that the page belongs to.
    pub current: bool,
    /// How many items need attention, and which kind: `(3, "to review")`. Nothing is shown for 0.
    pub waiting: (i64, &'static str),
}

impl NavItem {
    /// An entry without a count.
    pub fn new(label: impl Into<String>, href: impl Into<String>, icon: &'static str, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), icon, current, waiting: (0, "") }
    }

    /// With a count of items that need attention.
    #[must_use]
    pub fn waiting(self, number: i64, what: &'static str) -> Self {
        Self { waiting: (number, what), ..self }
    }
}

/// A group of the sidebar.
#[derive(Clone, Debug)]
pub struct NavGroup {
    /// Its heading.
    pub heading: &'static str,
    /// Its entries.
    pub items: Vec<NavItem>,
    /// Whether it folds away while the page is not in it.
    pub folds: bool,
}

/// A program in the switcher.
#[derive(Clone, Debug)]
pub struct ProgramChoice {
    /// The program's name.
    pub name: String,
    /// "Lumen Notes · USD"
    pub note: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is the one being looked at.
    pub current: bool,
}

/// What the frame shows on every page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The programs of the merchant. None of them is current on pages above programs.
    pub programs: Vec<ProgramChoice>,
    /// The sidebar.
    pub groups: Vec<NavGroup>,
    /// Who is signed in.
    pub account: AccountView,
    /// The bar that marks test data, when it is.
    pub test_bar: Option<TestNote>,
    /// The search page of the program.
    pub search: Option<String>,
    /// Messages of the request before.
    pub flashes: Vec<Flash>,
}

/// A step of the breadcrumbs; the last one is the page itself and has no link.
#[derive(Clone, Debug)]
pub struct Crumb {
    /// Its words.
    pub label: String,
    /// Where it leads.
    pub href: Option<String>,
}

impl Crumb {
    /// A step above the page.
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }

    /// The page itself.
    pub fn here(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }
}

/// The frame of every merchant's page.
#[component]
pub fn MerchantShell(
    /// What the frame shows.
    frame: Frame,
    /// The path from the program to the page.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// For settings: a narrower page.
    #[prop(optional)]
    narrow: bool,
    /// Page head, then cards.
    children: Children,
) -> impl IntoView {
    let page = if narrow { "page narrow" } else { "page" };
    view! {
        <SkipLink/>
        {frame.test_bar.map(|note| view! { <TestBar note/> })}
        <div class="shell">
            <header class="topbar">
                <button class="button quiet square" type="button" popovertarget="sidebar" aria-label="Menu">
                    <Icon name="menu"/>
                </button>
                <Brand href=routes::PROGRAMS/>
                {frame.search.clone().map(|href| view! {
                    <a class="button quiet square" href=href aria-label="Search" data-search-page=""><Icon name="search"/></a>
                })}
            </header>
            <aside class="sidebar" id="sidebar" aria-label="Honeyguide" popover="auto">
                <Brand href=routes::PROGRAMS/>
                <ProgramSwitcher programs=frame.programs/>
                {(!frame.groups.is_empty()).then(|| view! { <ProgramNav groups=frame.groups/> })}
                <div class="sidebar-foot"><AccountMenu account=frame.account up=true/></div>
            </aside>
            <main class="main" id="content">
                <div class=page>
                    {(!crumbs.is_empty() || frame.search.is_some()).then(|| view! {
                        <div class="utility-row">
                            <Breadcrumbs crumbs/>
                            {frame.search.map(|action| view! { <SearchBox action/> })}
                        </div>
                    })}
                    <Flashes flashes=frame.flashes/>
                    {children()}
                </div>
            </main>
        </div>
    }
}

/// The first stop of the Tab key.
#[component]
pub fn SkipLink() -> impl IntoView {
    view! { <a class="skip" href="#content">"Skip to content"</a> }
}

/// What the bar of test data says.
#[derive(Clone, Debug, Default)]
pub struct TestNote {
    /// "Sandbox: no real money moves"
    pub words: String,
    /// Words and where they lead.
    pub links: Vec<(String, String)>,
}

impl TestNote {
    /// The bar of a page: that this is the sandbox, or else that the data are test data.
    pub fn of(site: &Site, is_test: bool) -> Option<Self> {
        match &site.sandbox {
            Some(sandbox) => Some(Self {
                words: "Sandbox: no real money moves".to_owned(),
                links: vec![
                    ("Sample shop".to_owned(), sandbox.shop_url.clone()),
                    ("Sandbox dashboard".to_owned(), sandbox.dashboard_url.clone()),
                ],
            }),
            None => is_test.then(|| Self::new("Test data – no money moves")),
        }
    }

    /// Words without links.
    pub fn new(words: impl Into<String>) -> Self {
        Self { words: words.into(), links: Vec::new() }
    }
}

/// The bar that says that no real money moves.
#[component]
pub fn TestBar(
    /// What it says.
    note: TestNote,
) -> impl IntoView {
    let links = note
        .links
        .into_iter()
        .map(|(label, href)| view! { <a href=safe_href(&href).to_owned()>{label}</a> })
        .collect_view();
    view! { <aside class="test-bar" aria-label="Test data"><span>{note.words}</span>{links}</aside> }
}

/// The path from the program to the page.
#[component]
pub fn Breadcrumbs(
    /// From the program down to the page.
    crumbs: Vec<Crumb>,
) -> impl IntoView {
    let steps = crumbs.into_iter().map(|Crumb { label, href }| match href {
        Some(href) => view! { <li><a href=href>{label}</a></li> }.into_any(),
        None => view! { <li aria-current="page">{label}</li> }.into_any(),
    });
    view! { <nav class="crumbs" aria-label="Breadcrumbs"><ol>{steps.collect_view()}</ol></nav> }
}

#[component]
fn ProgramSwitcher(programs: Vec<ProgramChoice>) -> impl IntoView {
    let (name, note) = programs.iter().find(|program| program.current).map_or_else(
        || ("Programs".to_owned(), "Choose one".to_owned()),
        |program| (program.name.clone(), program.note.clone()),
    );
    let choices = programs.into_iter().map(|program| {
        view! {
            <a href=program.href aria-current=program.current.then_some("true")>
                <ProgramLogo name=program.name.clone()/>
                <span>{program.name}<small>{program.note}</small></span>
            </a>
        }
    });
    view! {
        <details class="switcher" data-menu>
            <summary>
                <ProgramLogo name=name.clone()/>
                <span class="names"><b>{name}</b><small>{note}</small></span>
                <Icon name="updown" small=true/>
            </summary>
            <div class="menu-panel">
                {choices.collect_view()}
                <hr/>
                <a href=routes::PROGRAMS><Icon name="overview"/>"All programs"</a>
                <a href=routes::NEW_PROGRAM><Icon name="plus"/>"New program"</a>
            </div>
        </details>
    }
}

#[component]
fn ProgramNav(groups: Vec<NavGroup>) -> impl IntoView {
    let groups = groups.into_iter().map(|group| {
        let open = group.items.iter().any(|item| item.current);
        let list = view! { <ul role="list">{group.items.into_iter().map(nav_entry).collect_view()}</ul> };
        if group.folds {
            view! { <details open=open><summary>{group.heading}<Icon name="right"/></summary>{list}</details> }.into_any()
        } else {
            view! { <div><h2>{group.heading}</h2>{list}</div> }.into_any()
        }
    });
    view! { <nav class="nav" aria-label="Program">{groups.collect_view()}</nav> }
}

fn nav_entry(item: NavItem) -> impl IntoView {
    let (number, what) = item.waiting;
    let count = (number > 0).then(
        || view! { <span class="count">{number}<span class="sr-only">{format!(" {what}")}</span></span> },
    );
    view! {
        <li>
            <a href=item.href aria-current=item.current.then_some("page")><Icon name=item.icon/>{item.label}{count}</a>
        </li>
    }
}
