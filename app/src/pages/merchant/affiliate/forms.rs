//! What can be done with an affiliate: a link, a promotion code, an invitation, a status.

use domain::affiliates::{AffiliateStatus, StatusReason};
use domain::coupons::{CheckoutCode, CouponDraft};
use domain::fields::Problems;
use domain::ids::{AffiliateId, ProgramId};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::*;
use crate::forms::payouts::AdjustmentForm;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Flash, FormState, LinkForm};
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::routes;
use crate::text::money;

/// The name under which an invitation link is shown once.
pub(super) const INVITATION: &str = "invitation";

/// The program and the affiliate that a form is about.
struct Subject {
    program: ProgramId,
    affiliate: AffiliateId,
}

impl Subject {
    fn parse(program: &str, affiliate: &str) -> Access<Self> {
        match (program.parse(), affiliate.parse()) {
            (Ok(program), Ok(affiliate)) => Ok(Self { program, affiliate }),
            _ => Err(Refusal::NotFound),
        }
    }

    fn path(&self) -> String {
        routes::program(&self.program).affiliate(&self.affiliate)
    }

    /// The page of the affiliate, or of all programs when the form does not name one.
    fn back(subject: &Access<Self>) -> String {
        subject.as_ref().map_or(routes::PROGRAMS.to_owned(), Self::path)
    }
}

/// Creates a link for an affiliate.
#[server(prefix = "/do", endpoint = "affiliate/link")]
pub async fn create_link(
    /// The program.
    #[server(default)]
    program: String,
    /// The affiliate.
    #[server(default)]
    affiliate: String,
    /// Code, destination, placement.
    #[server(default)]
    link: LinkForm,
) -> Result<(), ServerFnError> {
    let subject = Subject::parse(&program, &affiliate);
    finish(Submission::new(CreateLink::PATH, Subject::back(&subject)).with_values("link", &link), async {
        let subject = subject?;
        let actor = merchant().await?;
        let draft = link.draft().map_err(engine::Error::from)?;
        let (program, affiliate) = (&subject.program, &subject.affiliate);
        let created = engine::programs::links::create(&engine(), &actor, program, affiliate, &draft).await?;
        let flash = Flash::done(format!("The link /r/{} is ready.", created.code));
        Ok(Redirect::to(subject.path()).with_flash(flash))
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
    /// As buyers enter it.
    #[server(default)]
    code: String,
) -> Result<(), ServerFnError> {
    let subject = Subject::parse(&program, &affiliate);
    let sent = Submission::new(AddCoupon::PATH, Subject::back(&subject))
        .typed("promotion_code", &promotion_code)
        .typed("code", &code);
    finish(sent, async {
        let subject = subject?;
        let (engine, actor) = (engine(), merchant().await?);
        let mut problems = Problems::new();
        let promotion_code = problems.keep("promotion_code", promotion_code.parse());
        let code = problems.keep("code", CheckoutCode::parse(&code));
        let (Some(promotion_code), Some(code)) = (promotion_code, code) else {
            return Err(engine::Error::from(problems).into());
        };
        let draft = CouponDraft { promotion_code, code };
        let (program, affiliate) = (&subject.program, &subject.affiliate);
        let added = engine::programs::coupons::add(&engine, &actor, program, affiliate, &draft).await?;
        let flash = Flash::done(format!("{} added. It now credits this affiliate.", added.code));
        Ok(Redirect::to(subject.path()).with_flash(flash))
    })
    .await
}

/// Takes a promotion code away from an affiliate.
#[server(prefix = "/do", endpoint = "affiliate/remove-coupon")]
pub async fn remove_coupon(
    /// The program.
    #[server(default)]
    program: String,
    /// The affiliate.
    #[server(default)]
    affiliate: String,
    /// The code's id.
    #[server(default)]
    coupon: String,
) -> Result<(), ServerFnError> {
    let subject = Subject::parse(&program, &affiliate);
    finish(Submission::new(RemoveCoupon::PATH, Subject::back(&subject)), async {
        let subject = subject?;
        let coupon = coupon.parse().map_err(|_| Refusal::NotFound)?;
        let (engine, actor) = (engine(), merchant().await?);
        let (program, affiliate) = (&subject.program, &subject.affiliate);
        let removed = engine::programs::coupons::remove(&engine, &actor, program, affiliate, &coupon).await?;
        let text = format!("{} removed. Earlier payments stay credited.", removed.code);
        Ok(Redirect::to(subject.path()).with_flash(Flash::done(text)))
    })
    .await
}

/// Creates an invitation link for an affiliate.
#[server(prefix = "/do", endpoint = "affiliate/invite")]
pub async fn invite_affiliate(
    /// The program.
    #[server(default)]
    program: String,
    /// The affiliate.
    #[server(default)]
    affiliate: String,
) -> Result<(), ServerFnError> {
    let subject = Subject::parse(&program, &affiliate);
    finish(Submission::new(InviteAffiliate::PATH, Subject::back(&subject)), async {
        let subject = subject?;
        let actor = merchant().await?;
        let link = engine::programs::affiliates::invitation_link(
            &engine(),
            &actor,
            &subject.program,
            &subject.affiliate,
        )
        .await?;
        Ok(Redirect::to(subject.path()).showing_once(INVITATION, &link))
    })
    .await
}

/// Mails an invitation to an affiliate.
#[server(prefix = "/do", endpoint = "affiliate/email-invitation")]
pub async fn email_invitation(
    /// The program.
    #[server(default)]
    program: String,
    /// The affiliate.
    #[server(default)]
    affiliate: String,
) -> Result<(), ServerFnError> {
    let subject = Subject::parse(&program, &affiliate);
    finish(Submission::new(EmailInvitation::PATH, Subject::back(&subject)), async {
        let subject = subject?;
        let (engine, actor) = (engine(), merchant().await?);
        let (program, affiliate) = (&subject.program, &subject.affiliate);
        engine::programs::affiliates::email_invitation(&engine, &actor, program, affiliate).await?;
        Ok(Redirect::to(subject.path()).with_flash(Flash::done("Invitation sent. It works for 14 days.")))
    })
    .await
}

/// Approves, declines, suspends or reinstates an affiliate.
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
    /// Why; visible to the affiliate.
    #[server(default)]
    reason: String,
) -> Result<(), ServerFnError> {
    let subject = Subject::parse(&program, &affiliate);
    let sent = Submission::new(SetAffiliateStatus::PATH, Subject::back(&subject)).typed("reason", &reason);
    finish(sent, async {
        let subject = subject?;
        let status = AffiliateStatus::from_word(&status).ok_or(Refusal::NotFound)?;
        let reason =
            StatusReason::parse(&reason).map_err(|message| engine::Error::field("reason", message))?;
        let (engine, actor) = (engine(), merchant().await?);
        engine::programs::affiliates::set_status(
            &engine,
            &actor,
            &subject.program,
            &subject.affiliate,
            status,
            reason.as_ref(),
        )
        .await?;
        let text = match status {
            AffiliateStatus::Active => "Affiliate active. Clicks on their links count from now on.",
            AffiliateStatus::Pending => "Application pending again.",
            AffiliateStatus::Declined => "Application declined. The reason is visible to the affiliate.",
            AffiliateStatus::Suspended => "Affiliate suspended. New clicks on their links aren’t tracked.",
        };
        Ok(Redirect::to(subject.path()).with_flash(Flash::done(text)))
    })
    .await
}

/// Adds a bonus or a correction to an affiliate's balance.
#[server(prefix = "/do", endpoint = "affiliate/adjust")]
pub async fn adjust_balance(
    /// The program.
    #[server(default)]
    program: String,
    /// The affiliate.
    #[server(default)]
    affiliate: String,
    /// Kind, amount, reason.
    #[server(default)]
    adjustment: AdjustmentForm,
) -> Result<(), ServerFnError> {
    let subject = Subject::parse(&program, &affiliate);
    let sent =
        Submission::new(AdjustBalance::PATH, Subject::back(&subject)).with_values("adjustment", &adjustment);
    finish(sent, async {
        let subject = subject?;
        let (engine, actor) = (engine(), merchant().await?);
        let program = engine::programs::get(&engine, &actor, &subject.program).await?;
        let adjustment = adjustment.adjustment(program.currency).map_err(engine::Error::from)?;
        let (kind, amount, reason) = (adjustment.kind, adjustment.amount, &adjustment.reason);
        engine::payouts::adjust(&engine, &actor, &program.id, &subject.affiliate, kind, amount, reason)
            .await?;
        let flash = Flash::done(format!(
            "{} added. The affiliate sees the reason.",
            money(amount.minor, amount.currency)
        ));
        Ok(Redirect::to(subject.path()).with_flash(flash))
    })
    .await
}

/// The form that adds a bonus or a correction, folded unless it has problems.
pub(super) fn adjustment_form(
    program: &ProgramId,
    affiliate: &AffiliateId,
    currency: &str,
    form: FormState,
) -> impl IntoView + use<> {
    let field = |name: &str, preset: &str| form.field(&format!("adjustment[{name}]"), preset);
    let kinds = vec![
        Choice::new("bonus", "Bonus", "Something extra"),
        Choice::new("correction", "Correction", "Above or below zero"),
    ];
    let (program, affiliate, currency) = (program.to_string(), affiliate.to_string(), currency.to_owned());
    view! {
        <details class="more" open=form.has_errors()>
            <summary><Icon name="plus"/>"Bonus or correction"</summary>
            <form class="form gap-top" method="post" action=AdjustBalance::PATH novalidate>
                <AffiliateFields program affiliate/>
                <ChoiceField field=field("kind", "bonus") label="Kind" choices=kinds/>
                <MoneyField field=field("amount", "") label="Amount" currency hint="Payable at once"/>
                <TextField field=field("reason", "") label="Note for the affiliate" hint="Why, such as a launch newsletter"/>
                <div class="form-actions"><button class="button primary">"Add"</button></div>
            </form>
        </details>
    }
}

/// The ids of program and affiliate, in a form.
#[component]
pub(super) fn AffiliateFields(
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

/// The form that creates a link, folded unless it has problems.
pub(super) fn link_form(
    program: &ProgramId,
    affiliate: &AffiliateId,
    website: &str,
    form: FormState,
) -> impl IntoView + use<> {
    let field = |name: &str| form.field(&format!("link[{name}]"), "");
    let (code, destination, placement) = (field("code"), field("destination_url"), field("placement"));
    let hint = format!("Default: {website}");
    let (program, affiliate) = (program.to_string(), affiliate.to_string());
    view! {
        <div class="card-foot">
            <details class="more" open=form.has_errors()>
                <summary><Icon name="plus"/>"New link"</summary>
                <form class="form gap-top" method="post" action=CreateLink::PATH novalidate>
                    <AffiliateFields program affiliate/>
                    <TextField field=code label="Code" hint="Default: based on the name" optional=true kind=TextKind::Code width=Width::Medium/>
                    <TextField field=destination label="Destination" hint kind=TextKind::Url optional=true/>
                    <TextField field=placement label="Placement" hint="Where the link is used, such as newsletter" optional=true kind=TextKind::Code width=Width::Medium/>
                    <div class="form-actions"><button class="button primary">"Create link"</button></div>
                </form>
            </details>
        </div>
    }
}
