//! The account menu: links, theme, sign-out.

use leptos::prelude::*;

use super::{Avatar, Icon};
use crate::request::theme::Theme;

/// Who is signed in, and what the menu offers. Each form is a plain POST.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// The person's name, or the email where there is none.
    pub name: String,
    /// "Owner", "Affiliate".
    pub role: String,
    /// Further entries: words and where they lead.
    pub links: Vec<(String, String)>,
    /// The path of the server function that signs out.
    pub sign_out: String,
    /// The path of the server function that sets the theme; takes `theme` and `back`.
    pub set_theme: String,
    /// The chosen theme.
    pub theme: Theme,
    /// The path of this page, to come back to.
    pub here: String,
}

/// The account menu.
#[component]
pub fn AccountMenu(
    /// Who is signed in.
    account: AccountView,
    /// At the foot of the sidebar: the name is shown, the panel opens upward.
    #[prop(optional)]
    up: bool,
) -> impl IntoView {
    let label = format!("Account of {}", account.name);
    let panel = view! { <AccountPanel account=account.clone()/> };
    if up {
        view! {
            <Avatar name=account.name.clone()/>
            <div>{account.name}<small>{account.role}</small></div>
            <details class="menu up" data-menu>
                <summary class="button quiet square" aria-label="Account menu"><Icon name="updown"/></summary>
                {panel}
            </details>
        }
        .into_any()
    } else {
        view! {
            <details class="menu end" data-menu>
                <summary class="button quiet square"><Avatar name=account.name/><span class="sr-only">{label}</span></summary>
                {panel}
            </details>
        }
        .into_any()
    }
}

#[component]
fn AccountPanel(account: AccountView) -> impl IntoView {
    let links =
        account.links.into_iter().map(|(label, href)| view! { <a href=href>{label}</a> }).collect_view();
    let themes = Theme::ALL.map(|theme| {
        let word = match theme {
            Theme::System => "System",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        };
        let pressed = if theme == account.theme { "true" } else { "false" };
        view! { <button name="theme" value=theme.name() aria-pressed=pressed>{word}</button> }
    });
    view! {
        <div class="menu-panel">
            {links}
            <form method="post" action=account.set_theme>
                <input type="hidden" name="back" value=account.here/>
                <p class="menu-title" id="theme-label">"Theme"</p>
                <div class="menu-switch" role="group" aria-labelledby="theme-label">{themes.into_iter().collect_view()}</div>
            </form>
            <hr/>
            <form method="post" action=account.sign_out><button>"Sign out"</button></form>
        </div>
    }
}
