//! The account menu.

use leptos::server_fn::ServerFn;

use crate::components::AccountView;
use crate::layout::actions::{EndSession, SetTheme};
use crate::request::access::here;
use crate::request::theme::Theme;
use crate::routes;

/// The menu of the signed-in account; `role` is what the person is on this side, and
/// `links` lead to the other one.
pub(super) fn account_view(name: &str, role: &str, mut links: Vec<(String, String)>) -> AccountView {
    links.push(("Your account".to_owned(), routes::ACCOUNT.to_owned()));
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
