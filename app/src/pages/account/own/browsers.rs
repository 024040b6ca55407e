//! The browsers on which the person is signed in.

use domain::ids::AccountId;
use engine::identity::browser_sessions::{self, BrowserSession};
use engine::identity::sessions::sign_out_elsewhere;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{Card, Column, Table, TableStyle, Time};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::layout::actions::EndAllSessions;
use crate::request::access::{Access, Refusal, account, browser_of_session, engine, session};
use crate::routes;
use crate::text::Zone;

/// The list, with a button to sign out on each.
pub(super) async fn browsers_card(account: &AccountId) -> Access<AnyView> {
    let sessions = browser_sessions::list(&engine(), account).await?;
    let here = session().await?.id().map(|id| browser_sessions::handle(&id.to_string()));
    let rows = sessions.into_iter().map(|session| row(session, here.as_deref())).collect_view();
    let columns = vec![
        Column::text("Browser"),
        Column::text("Signed in"),
        Column::text("Last used"),
        Column::number("Action"),
    ];
    let foot = view! {
        <div class="button-row">
            <form method="post" action=EndOtherSessions::PATH><button class="button">"Sign out everywhere else"</button></form>
            <form method="post" action=EndAllSessions::PATH><button class="button quiet">"Sign out everywhere"</button></form>
        </div>
    };
    Ok(view! {
        <Card id="browsers" title="Signed-in browsers" foot=foot.into_any()>
            <Table caption="Browsers, most recently used first" columns style=TableStyle::CARDS.spaced()>{rows}</Table>
        </Card>
    }
    .into_any())
}

fn row(session: BrowserSession, here: Option<&str>) -> AnyView {
    let (zone, now) = (Zone::named("UTC"), engine().now());
    let is_here = here == Some(session.handle.as_str());
    let name = browser_of_session(&session.data);
    let (note, end) = if is_here {
        (Some(view! { <small>"This browser"</small> }), None)
    } else {
        let form = view! {
            <form method="post" action=EndOneSession::PATH>
                <input type="hidden" name="handle" value=session.handle/>
                <button class="button quiet">"Sign out"</button>
            </form>
        };
        (None, Some(form))
    };
    view! {
        <tr>
            <th scope="row">{name}{note}</th>
            <td data-label="Signed in"><Time at=zone.date(session.created_at)/></td>
            <td data-label="Last used"><Time at=zone.ago(session.seen_at, now)/></td>
            <td class="num lead">{end}</td>
        </tr>
    }
    .into_any()
}

/// Signs out on one other browser.
#[server(prefix = "/do", endpoint = "session/end-one")]
pub async fn end_one_session(
    /// The session's handle.
    #[server(default)]
    handle: String,
) -> Result<(), ServerFnError> {
    finish(Submission::new(EndOneSession::PATH, routes::ACCOUNT), async {
        browser_sessions::end(&engine(), &account().await?, &handle).await?;
        Ok(Redirect::to(routes::ACCOUNT).with_flash(Flash::done("Signed out on that browser.")))
    })
    .await
}

/// Signs out on all other browsers.
#[server(prefix = "/do", endpoint = "session/end-others")]
pub async fn end_other_sessions() -> Result<(), ServerFnError> {
    finish(Submission::new(EndOtherSessions::PATH, routes::ACCOUNT), async {
        let account = account().await?;
        let here = session().await?.id().ok_or(Refusal::SignIn)?;
        let handle = browser_sessions::handle(&here.to_string());
        sign_out_elsewhere(&engine(), &account, &handle).await?;
        Ok(Redirect::to(routes::ACCOUNT).with_flash(Flash::done("Signed out everywhere else.")))
    })
    .await
}
