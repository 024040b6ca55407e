//! What can be done with an affiliate: a link, a promotion code, an invitation, a state.

use domain::affiliates::AffiliateStatus;
use domain::ids::{AffiliateId, ProgramId};
use domain::links::LinkInput;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::*;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Flash, FormState};
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::routes;

/// The name under which an invitation link is shown once.
pub(super) const INVITATION: &str = "invitation";

/// Program and affiliate that a form names.
struct Whom {
    program: ProgramId,
    affiliate: AffiliateId,
}

impl Whom {
    fn parse(program: &str, affiliate: &str) -> Access<Self> {
        match (program.parse(), affiliate.parse()) {
            (Ok(program), Ok(affiliate)) => Ok(Self { program, affiliate }),
            _ => Err(Refusal::NotFound),
        }
    }

    fn path(&self) -> String {
        routes::program(&self.program).affiliate(&self.affiliate)
    }

    /// The page of the affiliate, or of all programs when the form names nobody.
    fn back(whom: &Access<Self>) -> String {
        whom.as_ref().map_or(routes::PROGRAMS.to_owned(), Self::path)
    }
}

/// Makes a link for an affiliate.
#[server(prefix = "/do", endpoint = "affiliate/link")]
pub async fn create_link(
    /// The program.
    #[server(default)]
    program: String,
    /// The affiliate.
    #[server(default)]
    affiliate: String,
    /// Code, landing page, sub-id.
    #[server(default)]
    link: LinkInput,
) -> Result<(), ServerFnError> {
    let whom = Whom::parse(&program, &affiliate);
    finish(Submission::new(CreateLink::PATH, Whom::back(&whom)).with_values("link", &link), async {
        let whom = whom?;
        let actor = merchant().await?;
        let made =
            engine::programs::links::create(&engine(), &actor, &whom.program, &whom.affiliate, &link).await?;
        let flash = Flash::done(format!("The link /r/{} is ready.", made.code.as_str()));
        Ok(Redirect::to(whom.path()).with_flash(flash))
    })
    .await
}

/// Gives a Stripe promotion code to an affiliate.
#[server(prefix = "/do", endpoint = "affiliate/coupon")]
pub async fn add_coupon(
    /// The program.
    #[server(default)]
    program: String,
    /// The affiliate.
    #[server(default)]
    affiliate: String,
    /// `promo_…`
    #[server(default)]
    promotion_code: String,
    /// As buyers type it.
    #[server(default)]
    code: String,
) -> Result<(), ServerFnError> {
    let whom = Whom::parse(&program, &affiliate);
    let sent = Submission::new(AddCoupon::PATH, Whom::back(&whom))
        .typed("promotion_code", &promotion_code)
        .typed("code", &code);
    finish(sent, async {
        let whom = whom?;
        let (engine, actor) = (engine(), merchant().await?);
        let added = engine::programs::coupons::add(
            &engine,
            &actor,
            &whom.program,
            &whom.affiliate,
            &promotion_code,
            &code,
        )
        .await?;
        let flash = Flash::done(format!("{} now leads to this affiliate.", added.code));
        Ok(Redirect::to(whom.path()).with_flash(flash))
    })
    .await
}

/// Makes a link with which an affiliate chooses a password.
#[server(prefix = "/do", endpoint = "affiliate/invite")]
pub async fn invite_affiliate(
    /// The program.
    #[server(default)]
    program: String,
    /// The affiliate.
    #[server(default)]
    affiliate: String,
) -> Result<(), ServerFnError> {
    let whom = Whom::parse(&program, &affiliate);
    finish(Submission::new(InviteAffiliate::PATH, Whom::back(&whom)), async {
        let whom = whom?;
        let actor = merchant().await?;
        let link =
            engine::programs::affiliates::invitation_link(&engine(), &actor, &whom.program, &whom.affiliate)
                .await?;
        Ok(match link {
            Some(link) => Redirect::to(whom.path()).showing_once(INVITATION, link),
            None => Redirect::to(whom.path()).with_flash(Flash::problem(
                "They have a password already and can sign in. No link was made.",
            )),
        })
    })
    .await
}

/// Lets an affiliate in, turns them down, suspends them or takes them back.
#[server(prefix = "/do", endpoint = "affiliate/status")]
pub async fn set_affiliate_status(
    /// The program.
    #[server(default)]
    program: String,
    /// The affiliate.
    #[server(default)]
    affiliate: String,
    /// `active`, `declined` or `suspended`.
    #[server(default)]
    status: String,
    /// Why, for the affiliate to read.
    #[server(default)]
    reason: String,
) -> Result<(), ServerFnError> {
    let whom = Whom::parse(&program, &affiliate);
    let sent = Submission::new(SetAffiliateStatus::PATH, Whom::back(&whom)).typed("reason", &reason);
    finish(sent, async {
        let whom = whom?;
        let status = AffiliateStatus::from_word(&status).ok_or(Refusal::NotFound)?;
        let (engine, actor) = (engine(), merchant().await?);
        engine::programs::affiliates::set_status(
            &engine,
            &actor,
            &whom.program,
            &whom.affiliate,
            status,
            &reason,
        )
        .await?;
        let text = match status {
            AffiliateStatus::Active => "They are in: clicks on their links count from now on.",
            AffiliateStatus::Pending => "They wait for an answer again.",
            AffiliateStatus::Declined => "They were turned down and can read why.",
            AffiliateStatus::Suspended => "They are suspended: clicks on their links no longer count.",
        };
        Ok(Redirect::to(whom.path()).with_flash(Flash::done(text)))
    })
    .await
}

/// The names of program and affiliate, in a form.
#[component]
pub(super) fn WhomFields(
    /// The program.
    #[prop(into)]
    program: String,
    /// The affiliate.
    #[prop(into)]
    affiliate: String,
) -> impl IntoView {
    view! {
        <input type="hidden" name="program" value=program/>
        <input type="hidden" name="affiliate" value=affiliate/>
    }
}

/// The form that makes a link, folded away unless it has problems.
pub(super) fn link_form(
    program: &ProgramId,
    affiliate: &AffiliateId,
    website: &str,
    form: FormState,
) -> impl IntoView + use<> {
    let field = |name: &str| form.field(&format!("link[{name}]"), "");
    let (code, landing, sub_id) = (field("code"), field("landing_url"), field("sub_id"));
    let hint = format!("Left empty, {website}");
    let (program, affiliate) = (program.to_string(), affiliate.to_string());
    view! {
        <div class="card-foot">
            <details class="more" open=form.has_errors()>
                <summary><Icon name="plus"/>"New link"</summary>
                <form class="form gap-top" method="post" action=CreateLink::PATH novalidate>
                    <WhomFields program affiliate/>
                    <TextField field=code label="Code" hint="Left empty, it is made from the name" optional=true code=true width=Width::Medium/>
                    <TextField field=landing label="Leads to" hint kind="url" optional=true code=true/>
                    <TextField field=sub_id label="Sub-id" hint="Stands beside each click, to tell places apart" optional=true code=true width=Width::Medium/>
                    <div class="form-actions"><button class="button primary">"Create link"</button></div>
                </form>
            </details>
        </div>
    }
}
