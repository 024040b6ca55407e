//! Creating a link by which people join.

use domain::clock::Timestamp;
use domain::ids::ProgramId;
use domain::invitations::{InvitationLinkDraft, LinkLabel};
use engine::programs::invitations;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{
    ErrorSummary, FormActions, MerchantShell, NumberField, PageHead, TextField, TextKind, Width,
};
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Flash, InvitationLinkForm};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::routes;
use crate::text::Zone;

/// Days after which a link ends, unless another day is chosen.
const USUAL_DAYS: i64 = 30;
const USUAL_USES: &str = "20";

/// The form of a link.
#[component]
pub fn NewInvitationLink() -> impl IntoView {
    page(link_page())
}

async fn link_page() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let form = take_form(CreateInvitationLink::PATH).await;
    page.title("Create an invitation link", form.has_errors());
    let routes = page.routes();
    let crumbs = page.crumbs(
        &[("Affiliates", routes.affiliates()), ("Invitations", routes.invitations())],
        "Create an invitation link",
    );
    let end = page.zone.day(page.now.plus_days(USUAL_DAYS)).map(|day| day.to_string()).unwrap_or_default();
    let field = |name: &str, usual: &str| form.field(&format!("link[{name}]"), usual);
    let (label, uses, until) = (field("label", ""), field("uses", USUAL_USES), field("until", &end));
    let (program, cancel) = (page.program.id.to_string(), routes.invitations());
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Affiliates) crumbs narrow=true>
            <PageHead
                title="Create an invitation link"
                lead="Whoever has it can join without a decision, once they confirm their email address."
            />
            <ErrorSummary errors=form.errors().to_vec()/>
            <form class="form" method="post" action=CreateInvitationLink::PATH novalidate>
                <input type="hidden" name="program" value=program/>
                <TextField field=label label="Name" hint="For you, such as where you hand it out"/>
                <NumberField field=uses label="Limit" unit="people" hint="How many can join by it"/>
                <TextField field=until label="Last day" kind=TextKind::Date width=Width::Medium/>
                <FormActions submit="Create link" cancel/>
            </form>
        </MerchantShell>
    }
    .into_any())
}

/// Creates a link by which people join.
#[server(prefix = "/do", endpoint = "invitations/create-link")]
pub async fn create_invitation_link(
    /// The program.
    #[server(default)]
    program: String,
    /// The form.
    #[server(default)]
    link: InvitationLinkForm,
) -> Result<(), ServerFnError> {
    let back = routes::of_form(&program, |program| program.new_invitation_link());
    let done = routes::of_form(&program, |program| program.invitations());
    let sent = Submission::new(CreateInvitationLink::PATH, &back).with_values("link", &link);
    finish(sent, async {
        let (actor, id) = (merchant().await?, program.parse::<ProgramId>().map_err(|_| Refusal::NotFound)?);
        let program = engine::programs::get(&engine(), &actor, &id).await?;
        let draft = draft(&link, &Zone::named(&program.time_zone), engine().now())?;
        let created = invitations::create_link(&engine(), &actor, &id, &draft).await?;
        let text = format!("Link “{}” created. Copy it below.", created.label);
        Ok(Redirect::to(format!("{done}#links")).with_flash(Flash::done(text)))
    })
    .await
}

fn draft(form: &InvitationLinkForm, zone: &Zone, now: Timestamp) -> Access<InvitationLinkDraft> {
    let mut problems = domain::fields::Problems::new();
    let label = problems.keep("label", LinkLabel::parse(&form.label));
    let uses = problems.keep("uses", InvitationLinkDraft::check_uses(form.uses.trim().parse().ok()));
    let until = problems.keep("until", InvitationLinkDraft::check_end(zone.end_of_day(&form.until), now));
    match (label, uses, until) {
        (Some(label), Some(most_uses), Some(expires_at)) => {
            Ok(InvitationLinkDraft { label, most_uses, expires_at })
        }
        _ => Err(Refusal::Engine(problems.into())),
    }
}
