//! Affiliates > Invitations: who was invited and what became of it, and links by which people join.

mod link;
mod new;
mod revise;

use domain::invitations::{InvitationLinkStatus, InvitationStatus};
use engine::programs::invitations::{self, Invitation, InvitationLink};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub use link::{CreateInvitationLink, NewInvitationLink, create_invitation_link};
pub use new::{NewInvitations, SubmittedList};
pub use revise::{ChangeInvitation, RevokeInvitationLink, change_invitation, revoke_invitation_link};

use crate::components::{
    Badge, Card, CardBody, Column, CopyField, EmptyState, Icon, MerchantShell, PageHead, Pager, PlainCard,
    Table, TableStyle, Tabs, Time,
};
use crate::layout::{AffiliatesTab, ProgramPage, Section};
use crate::pages::page;
use crate::presenters::labels::{invitation_link_state, invitation_state};
use crate::request::access::Access;
use crate::request::queries::{Parameters, cursor};
use crate::text::count;

const ROWS: i64 = 50;

/// A program's invitations.
#[component]
pub fn Invitations() -> impl IntoView {
    page(invitations_page())
}

async fn invitations_page() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let parameters = Parameters::of_request();
    let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
    let before = parameters.place("before");
    let place = before.as_ref().map(|(at, id)| (*at, id.as_str()));
    let mut found = invitations::list(engine, actor, program, place, ROWS + 1).await?;
    let more = found.len() > ROWS as usize;
    found.truncate(ROWS as usize);
    let links = invitations::links(engine, actor, program, None, ROWS).await?;
    page.title("Invitations", false);
    let path = page.routes().invitations();
    let next = found.last().filter(|_| more).map(|last| {
        Parameters::default().with("before", &cursor(last.created_at, last.id.as_str())).on(&path)
    });
    let first = before.is_some().then(|| path.clone());
    let people =
        if found.is_empty() && first.is_none() { nobody(&page) } else { people(&page, found, first, next) };
    let links = links_card(&page, links);
    let crumbs = page.crumbs(&[("Affiliates", page.routes().affiliates())], "Invitations");
    let actions = view! {
        <a class="button primary" href=page.routes().new_invitations()><Icon name="mail"/>"Invite"</a>
    };
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Affiliates) crumbs>
            <PageHead
                title="Affiliates"
                lead="People you invite join without a decision, once they accept your terms."
                actions=actions.into_any()
            />
            <Tabs label="Affiliates" tabs=page.affiliates_tabs(AffiliatesTab::Invitations)/>
            {people}
            {links}
        </MerchantShell>
    }
    .into_any())
}

fn nobody(page: &ProgramPage) -> AnyView {
    let actions =
        view! { <a class="button primary" href=page.routes().new_invitations()>"Invite people"</a> }
            .into_any();
    view! {
        <PlainCard>
            <EmptyState
                title="Nobody was invited yet"
                text="Invite one person or a whole list. You see here who joined."
                first_use=true
                actions
            />
        </PlainCard>
    }
    .into_any()
}

fn people(
    page: &ProgramPage,
    found: Vec<Invitation>,
    newer: Option<String>,
    older: Option<String>,
) -> AnyView {
    let columns = vec![
        Column::text("Person"),
        Column::text("Status"),
        Column::text("Link"),
        Column::text("Sent"),
        Column::text("Actions"),
    ];
    let rows = found.into_iter().map(|invitation| person(page, invitation)).collect_view();
    view! {
        <PlainCard>
            <Table caption="Invitations, newest first" columns style=TableStyle::CARDS.even()>{rows}</Table>
            <Pager newer older note="Newest first"/>
        </PlainCard>
    }
    .into_any()
}

fn person(page: &ProgramPage, invitation: Invitation) -> impl IntoView + use<> {
    let status = invitation.status(page.now);
    let email = invitation.email.to_string();
    let name = match (&invitation.name, &invitation.affiliate_id) {
        (name, Some(affiliate)) => {
            let name = name.clone().unwrap_or_else(|| email.clone());
            view! { <a href=page.routes().affiliate(affiliate)>{name}</a> }.into_any()
        }
        (Some(name), None) => view! { <b>{name.clone()}</b> }.into_any(),
        (None, None) => view! { <b>{email.clone()}</b> }.into_any(),
    };
    let note = invitation.name.is_some().then(|| view! { <small>{email.clone()}</small> });
    let code = invitation.code.map_or_else(|| "–".to_owned(), |code| format!("/r/{code}"));
    let sent = page.zone.ago(invitation.sent_at, page.now);
    let is_open = matches!(status, InvitationStatus::Open | InvitationStatus::Expired);
    let program = page.program.id.to_string();
    let actions = is_open.then(|| {
        let (resend, revoke) = (format!("Resend to {email}"), format!("Revoke the invitation of {email}"));
        view! {
            <form class="row-actions" method="post" action=ChangeInvitation::PATH>
                <input type="hidden" name="program" value=program/>
                <input type="hidden" name="invitation" value=invitation.id.to_string()/>
                <button class="button" name="action" value="resend" aria-label=resend>"Resend"</button>
                <button class="button quiet" name="action" value="revoke" aria-label=revoke>"Revoke"</button>
            </form>
        }
    });
    view! {
        <tr>
            <th scope="row"><span class="stacked">{name}{note}</span></th>
            <td data-label="Status"><Badge state=invitation_state(status)/></td>
            <td data-label="Link">{code}</td>
            <td data-label="Sent" class="nowrap"><Time at=sent/></td>
            <td class="full num">{actions}</td>
        </tr>
    }
}

fn links_card(page: &ProgramPage, links: Vec<InvitationLink>) -> impl IntoView + use<> {
    let is_empty = links.is_empty();
    let rows = links.into_iter().map(|link| link_row(page, link)).collect_view();
    let content = if is_empty {
        view! {
            <CardBody>
                <p class="muted">
                    "A link that you hand out yourself, in a community or at an event. It has a limit and an end."
                </p>
            </CardBody>
        }
        .into_any()
    } else {
        view! { <ul class="invitation-links" role="list">{rows}</ul> }.into_any()
    };
    let aside = view! {
        <a class="button" href=page.routes().new_invitation_link()><Icon name="plus"/>"Create a link"</a>
    };
    view! { <Card id="links" title="Invitation links" aside=aside.into_any()>{content}</Card> }
}

fn link_row(page: &ProgramPage, link: InvitationLink) -> impl IntoView + use<> {
    let status = link.status(page.now);
    let is_open = status == InvitationLinkStatus::Open;
    let used = format!("{} of {} joined", count(link.uses), count(link.most_uses));
    let ends = page.zone.date(link.expires_at);
    let end_word = if link.expires_at > page.now { "Ends " } else { "Ended " };
    let (id, label) = (link.id.to_string(), link.label.clone());
    let program = page.program.id.to_string();
    let handed_out = is_open.then(|| {
        let value = invitations::address(&page.engine, &link);
        let revoke = format!("Revoke {label}");
        view! {
            <CopyField id=format!("address-{id}") label=format!("Address of {label}") value/>
            <form method="post" action=RevokeInvitationLink::PATH>
                <input type="hidden" name="program" value=program/>
                <input type="hidden" name="link" value=id.clone()/>
                <button class="button quiet" aria-label=revoke>"Revoke"</button>
            </form>
        }
    });
    view! {
        <li>
            <div class="stacked"><b>{link.label}</b><small>{used}". "{end_word}<Time at=ends/></small></div>
            <Badge state=invitation_link_state(status)/>
            {handed_out}
        </li>
    }
}
