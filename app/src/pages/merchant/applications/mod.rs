//! Affiliates > Applications: people who applied by the public page.

mod decide;
mod row;

use domain::applications::ApplicationStatus;
use engine::programs::applications::{self, Counts, Review};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub use decide::{DecideApplications, decide_applications};

use self::decide::bulk_form;
use self::row::row;
use crate::components::{
    EmptyState, ErrorSummary, Icon, MerchantShell, PageHead, Pager, PlainCard, Segment, Segments, Tabs,
};
use crate::forms::FormState;
use crate::forms::submission::take_form;
use crate::layout::{AffiliatesTab, ProgramPage, Section};
use crate::pages::page;
use crate::presenters::applications::list_name;
use crate::request::access::Access;
use crate::request::queries::{Parameters, cursor};
use crate::routes;
use crate::text::plural;

const ROWS: i64 = 50;

/// The lists, the one with work in it first.
const LISTS: [ApplicationStatus; 4] = [
    ApplicationStatus::Pending,
    ApplicationStatus::Approved,
    ApplicationStatus::Declined,
    ApplicationStatus::Unconfirmed,
];

/// A program's applications.
#[component]
pub fn Applications() -> impl IntoView {
    page(applications_page())
}

async fn applications_page() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let parameters = Parameters::of_request();
    let status = parameters.get("status").and_then(ApplicationStatus::from_word);
    let status = status.unwrap_or(ApplicationStatus::Pending);
    let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
    let before = parameters.place("before");
    let place = before.as_ref().map(|(at, id)| (*at, id.as_str()));
    let mut found = applications::list(engine, actor, program, status, place, ROWS + 1).await?;
    let counts = applications::counts(engine, actor, program).await?;
    let more = found.len() > ROWS as usize;
    found.truncate(ROWS as usize);
    let form = take_form(DecideApplications::PATH).await;
    page.title("Applications", form.has_errors());
    let path = page.routes().applications();
    let kept = parameters.only(&["status"]);
    let last = found.last().filter(|_| more).map(|last| &last.application);
    let next =
        last.map(|last| kept.clone().with("before", &cursor(last.accepted_at, last.id.as_str())).on(&path));
    let first = before.is_some().then(|| kept.on(&path));
    let content = if found.is_empty() && before.is_none() {
        nothing(status, &page).await?
    } else {
        list(&page, status, found, &form, (first, next))
    };
    let crumbs = page.crumbs(&[("Affiliates", page.routes().affiliates())], "Applications");
    let segments = segments(&path, status, &counts);
    let pending_affiliates = pending_affiliates(&page, &counts);
    let (lead, actions) = (lead(&page), actions(&page));
    let errors = form.errors().to_vec();
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Affiliates) crumbs>
            <PageHead title="Affiliates" lead_view=lead actions/>
            <Tabs label="Affiliates" tabs=page.affiliates_tabs(AffiliatesTab::Applications)/>
            <ErrorSummary errors/>
            {pending_affiliates}
            <section class="stack tight" aria-label="Applications">
                <div><Segments label="Applications by decision" items=segments/></div>
                {content}
            </section>
        </MerchantShell>
    }
    .into_any())
}

fn lead(page: &ProgramPage) -> AnyView {
    let words = if page.program.auto_approve {
        "New applications are approved automatically, except from people you declined before. "
    } else {
        "You decide on each new application. "
    };
    view! { {words}<a href=page.routes().settings().general()>"Change"</a> }.into_any()
}

fn actions(page: &ProgramPage) -> AnyView {
    view! {
        <a class="button" href=page.routes().settings().join_page()><Icon name="settings"/>"Join page"</a>
        <a class="button" href=page.routes().new_invitations()><Icon name="mail"/>"Invite"</a>
    }
    .into_any()
}

fn segments(path: &str, current: ApplicationStatus, counts: &Counts) -> Vec<Segment> {
    let count = |status| match status {
        ApplicationStatus::Pending => counts.pending,
        ApplicationStatus::Approved => counts.approved,
        ApplicationStatus::Declined => counts.declined,
        ApplicationStatus::Unconfirmed => counts.unconfirmed,
    };
    let segment = |status: ApplicationStatus| Segment {
        label: list_name(status).to_owned(),
        href: Parameters::default().with("status", status.word()).on(path),
        current: status == current,
        count: Some(count(status)),
        ..Segment::default()
    };
    LISTS.into_iter().map(segment).collect()
}

/// Affiliates that were set to pending have no application, but wait, too.
fn pending_affiliates(page: &ProgramPage, counts: &Counts) -> Option<AnyView> {
    let number = counts.pending_affiliates;
    (number > 0).then(|| {
        let words =
            plural(number, "affiliate without an application is", "affiliates without an application are");
        view! {
            <p>{format!("{words} pending. ")}<a href=page.routes().pending_affiliates()>"Review"</a></p>
        }
        .into_any()
    })
}

fn list(
    page: &ProgramPage,
    status: ApplicationStatus,
    found: Vec<Review>,
    form: &FormState,
    (newer, older): (Option<String>, Option<String>),
) -> AnyView {
    let is_pending = status == ApplicationStatus::Pending;
    let rows = found.into_iter().map(|review| row(page, review, form)).collect_view();
    let bulk = is_pending.then(|| bulk_form(page, form));
    let note = match status {
        ApplicationStatus::Unconfirmed => "Newest first. Deleted after 7 days",
        _ => "Newest first",
    };
    view! {
        <PlainCard>
            <ul class="apps" role="list">{rows}</ul>
            <Pager newer older note/>
        </PlainCard>
        {bulk}
    }
    .into_any()
}

/// Nothing in a list: for a program without a public page, what to do first.
async fn nothing(status: ApplicationStatus, page: &ProgramPage) -> Access<AnyView> {
    let join_page = engine::programs::join_page::get(&page.engine, &page.actor, &page.program.id).await?;
    if !join_page.is_on {
        let href = page.routes().settings().join_page();
        let actions = view! { <a class="button primary" href=href>"Set up the join page"</a> }.into_any();
        return Ok(view! {
            <PlainCard>
                <EmptyState
                    title="Let people apply"
                    text="Switch on a public page with your offer. Applications appear here."
                    first_use=true
                    actions
                />
            </PlainCard>
        }
        .into_any());
    }
    let (title, text) = match status {
        ApplicationStatus::Pending => (
            "No applications to review",
            "New applications appear here once their email address is confirmed.",
        ),
        ApplicationStatus::Approved => ("No approved applications", "Applications you approve appear here."),
        ApplicationStatus::Declined => ("No declined applications", "Applications you decline appear here."),
        ApplicationStatus::Unconfirmed => {
            ("No unconfirmed applications", "Applications whose email address is not confirmed appear here.")
        }
    };
    let href = routes::join(&page.program.slug);
    let actions = view! { <a class="button" href=href>"Open the join page"</a> }.into_any();
    Ok(view! { <PlainCard><EmptyState title text actions/></PlainCard> }.into_any())
}
