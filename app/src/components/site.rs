//! The frames of the affiliate's side and of sign-in.

use leptos::prelude::*;

use super::account::{AccountMenu, AccountView};
use super::{Brand, Flashes, ProgramLogo, SkipLink, Tab, Tabs, TestBar, TestNote};
use crate::forms::Flash;
use crate::request::href::safe_href;
use crate::routes;

/// What the frame of an affiliate's or a public page shows.
#[derive(Clone, Debug)]
pub struct SiteFrame {
    /// The program's name, or "Honeyguide" above programs.
    pub name: String,
    /// "by Lumen Notes"; may be empty.
    pub by: String,
    /// Where the name leads.
    pub home: String,
    /// The sections of the program.
    pub tabs: Vec<Tab>,
    /// Who is signed in; `None` on a public page, which offers to sign in.
    pub account: Option<AccountView>,
    /// Links of the foot: words and where they lead. They may come from the merchant.
    pub foot: Vec<(String, String)>,
    /// The bar that marks test data, when it is.
    pub test_bar: Option<TestNote>,
    /// Messages of the request before.
    pub flashes: Vec<Flash>,
}

/// The frame of an affiliate's or a public page.
#[component]
pub fn SiteShell(
    /// What the frame shows.
    frame: SiteFrame,
    /// Page head, then cards.
    children: Children,
) -> impl IntoView {
    let SiteFrame { name, by, home, tabs, account, foot, test_bar, flashes } = frame;
    let account = match account {
        Some(account) => {
            view! { <a href=routes::AFFILIATE_PROGRAMS>"All programs"</a><AccountMenu account/> }.into_any()
        }
        None => view! { <a href=routes::SIGN_IN>"Sign in"</a> }.into_any(),
    };
    view! {
        <SkipLink/>
        {test_bar.map(|note| view! { <TestBar note/> })}
        <SiteBar name by home tabs>{account}</SiteBar>
        <main class="site" id="content">
            <div class="page"><Flashes flashes/>{children()}</div>
        </main>
        <SiteFoot links=foot/>
    }
}

/// The bar at the top of an affiliate's or a public page.
#[component]
pub(super) fn SiteBar(
    /// The program's name.
    name: String,
    /// "by Lumen Notes"; may be empty.
    by: String,
    /// Where the name leads.
    home: String,
    /// The sections of the program.
    #[prop(optional)]
    tabs: Vec<Tab>,
    /// The address of the program's logo.
    #[prop(optional_no_strip)]
    logo: Option<String>,
    /// At its end.
    children: Children,
) -> impl IntoView {
    let logo = match logo {
        Some(src) => view! { <img class="logo" src=src alt=""/> }.into_any(),
        None => view! { <ProgramLogo name=name.clone()/> }.into_any(),
    };
    let by = (!by.is_empty()).then(|| view! { <small>{by}</small> });
    view! {
        <header class="bar">
            <div class="bar-inner">
                <a class="program-name" href=home>
                    {logo}
                    <span>{name}{by}</span>
                </a>
                <div class="account">{children()}</div>
                {(!tabs.is_empty()).then(|| view! { <Tabs label="Program" tabs/> })}
            </div>
        </header>
    }
}

/// The foot of an affiliate's or a public page.
#[component]
pub(super) fn SiteFoot(
    /// Words and where they lead. They may come from the merchant.
    links: Vec<(String, String)>,
) -> impl IntoView {
    let links =
        links.into_iter().map(|(label, href)| view! { <a href=safe_href(&href).to_owned()>{label}</a> });
    view! {
        <footer class="site-foot">
            <Brand href="/" size="small" words="Powered by Honeyguide"/>
            {links.collect_view()}
        </footer>
    }
}

/// One card in the middle: sign-in, set-up, password, errors.
#[component]
pub fn CenteredShell(
    /// The bar that marks test data, when it is.
    #[prop(optional_no_strip)]
    test_bar: Option<TestNote>,
    /// Messages of the request before.
    #[prop(optional)]
    flashes: Vec<Flash>,
    /// Below the card.
    #[prop(optional)]
    foot: Option<AnyView>,
    /// The card.
    children: Children,
) -> impl IntoView {
    view! {
        {test_bar.map(|note| view! { <TestBar note/> })}
        <main class="center" id="content">
            <div class="login-head"><Brand href="/" size="large"/></div>
            <Flashes flashes/>
            <section class="card apply">{children()}</section>
            {foot.map(|foot| view! { <p class="muted login-foot">{foot}</p> })}
        </main>
    }
}
