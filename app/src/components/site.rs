//! The frames of the affiliate's side, of public pages and of sign-in.

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
    let by = (!frame.by.is_empty()).then(|| view! { <small>{frame.by}</small> });
    let account = match frame.account {
        Some(account) => {
            view! { <a href=routes::AFFILIATE_PROGRAMS>"All programs"</a><AccountMenu account/> }.into_any()
        }
        None => view! { <a href=routes::SIGN_IN>"Sign in"</a> }.into_any(),
    };
    let foot =
        frame.foot.into_iter().map(|(label, href)| view! { <a href=safe_href(&href).to_owned()>{label}</a> });
    view! {
        <SkipLink/>
        {frame.test_bar.map(|note| view! { <TestBar note/> })}
        <header class="bar">
            <div class="bar-inner">
                <a class="program-name" href=frame.home>
                    <ProgramLogo name=frame.name.clone()/>
                    <span>{frame.name}{by}</span>
                </a>
                <div class="account">{account}</div>
                {(!frame.tabs.is_empty()).then(|| view! { <Tabs label="Program" tabs=frame.tabs/> })}
            </div>
        </header>
        <main class="site" id="content">
            <div class="page"><Flashes flashes=frame.flashes/>{children()}</div>
        </main>
        <footer class="site-foot"><Brand href="/" size="small" words="Powered by Honeyguide"/>{foot.collect_view()}</footer>
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
