//! Beside an affiliate's lists: sign-in, promotion codes and status.

use domain::affiliates::AffiliateStatus;
use engine::programs::affiliates::{Affiliate, AffiliateDetail as Detail};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::forms::{
    AddCoupon, AffiliateFields, EmailInvitation, InviteAffiliate, RemoveCoupon, SetAffiliateStatus,
};
use crate::components::*;
use crate::forms::FormState;
use crate::layout::ProgramPage;
use crate::presenters::mails::refused_text;
use crate::presenters::promotion_code;
use crate::request::queries::Parameters;

/// Why they are not active, unless they are.
pub(super) fn reason(affiliate: &Affiliate) -> Option<AnyView> {
    let title = match affiliate.status {
        AffiliateStatus::Active => return None,
        AffiliateStatus::Pending => "Application pending",
        AffiliateStatus::Declined => "Application declined",
        AffiliateStatus::Suspended => "Suspended",
    };
    let text = affiliate
        .status_reason
        .clone()
        .unwrap_or_else(|| "New clicks on their links aren’t tracked. Earned commissions stay.".to_owned());
    let state = crate::presenters::labels::affiliate_state(affiliate.status);
    Some(view! { <Notice title tone=state.tone cell=state.cell>{text}</Notice> }.into_any())
}

/// Why mail does not reach them.
pub(super) fn refused_address(page: &ProgramPage, detail: &Detail) -> Option<AnyView> {
    let refused = detail.refused_address.as_ref()?;
    let since = page.zone.ago(refused.at, page.now).text;
    let text = format!("{} ({since}). Ask them for another address.", refused_text(refused));
    let log = Parameters::default().with("to", refused.email.as_str()).on(&page.routes().settings().emails());
    let actions = view! { <a class="button" href=log>"See emails"</a> };
    Some(
        view! {
            <Notice title="Email doesn’t reach them" tone=Tone::Warning actions=actions.into_any()>{text}</Notice>
        }
        .into_any(),
    )
}

/// How to invite them to sign in.
pub(super) fn sign_in(page: &ProgramPage, detail: &Detail, invitation: Option<String>) -> AnyView {
    let (program, affiliate) = (page.program.id.to_string(), detail.affiliate.id.to_string());
    let content = match invitation {
        Some(link) => view! {
            <CopyField id="invitation" label="Invitation link" value=link/>
            <p class="muted">"Send it to them. It works for 14 days. You won’t see it again."</p>
        }
        .into_any(),
        None => view! {
            <p class="muted">"They sign in with their email address. With an invitation link, they can choose a password and see their earnings."</p>
            <form method="post" action=EmailInvitation::PATH>
                <AffiliateFields program=program.clone() affiliate=affiliate.clone()/>
                <button class="button"><Icon name="mail"/>"Email an invitation"</button>
            </form>
            <form method="post" action=InviteAffiliate::PATH>
                <AffiliateFields program affiliate/>
                <button class="button"><Icon name="link"/>"Create invitation link"</button>
            </form>
        }
        .into_any(),
    };
    view! {
        <Card id="sign-in" title="Sign-in"><CardBody><div class="stack tight">{content}</div></CardBody></Card>
    }
    .into_any()
}

/// Promotion codes, and the form for another.
pub(super) fn coupons(page: &ProgramPage, detail: &Detail, form: FormState) -> AnyView {
    let (program, affiliate) = (page.program.id.to_string(), detail.affiliate.id.to_string());
    let (promotion, code) = (form.field("promotion_code", ""), form.field("code", ""));
    let items: Vec<Fact> = detail
        .coupons
        .iter()
        .map(|coupon| {
            let added = page.zone.short_date(coupon.created_at, page.now);
            let (program, affiliate) = (program.clone(), affiliate.clone());
            let value = view! {
                {match coupon.status.problem_at(page.now) {
                    Some(problem) => promotion_code::problem_badge(problem),
                    None => view! { "added "<Time at=added/> }.into_any(),
                }}
                <form method="post" action=RemoveCoupon::PATH>
                    <AffiliateFields program affiliate/>
                    <input type="hidden" name="coupon" value=coupon.id.to_string()/>
                    <button class="button" aria-label=format!("Remove {}", coupon.code)>"Remove"</button>
                </form>
            };
            Fact::new(coupon.code.clone(), value)
        })
        .collect();
    let list = if items.is_empty() {
        view! { <p class="muted">"Attribute sales by Stripe promotion code."</p> }.into_any()
    } else {
        view! { <Facts items compact=true/> }.into_any()
    };
    view! {
        <Card id="coupons" title="Promotion codes">
            <CardBody>
                {list}
                <details class="more gap-top" open=form.has_errors()>
                    <summary><Icon name="plus"/>"Add a code"</summary>
                    <form class="form gap-top" method="post" action=AddCoupon::PATH novalidate>
                        <AffiliateFields program affiliate/>
                        <TextField field=promotion label="Promotion code ID" hint="It starts with promo_" kind=TextKind::Code/>
                        <TextField field=code label="Code" hint="As buyers enter it" kind=TextKind::Code/>
                        <div class="form-actions"><button class="button primary">"Add code"</button></div>
                    </form>
                </details>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// The statuses that can follow, with the text of their buttons.
fn changes(status: AffiliateStatus) -> Vec<(AffiliateStatus, &'static str)> {
    match status {
        AffiliateStatus::Pending => {
            vec![(AffiliateStatus::Active, "Approve"), (AffiliateStatus::Declined, "Decline")]
        }
        AffiliateStatus::Active => vec![(AffiliateStatus::Suspended, "Suspend")],
        AffiliateStatus::Declined => vec![(AffiliateStatus::Active, "Approve")],
        AffiliateStatus::Suspended => vec![(AffiliateStatus::Active, "Reinstate")],
    }
}

/// The form that changes the status, with the reason that the affiliate can read.
pub(super) fn status(page: &ProgramPage, detail: &Detail, form: FormState) -> AnyView {
    let (program, affiliate) = (page.program.id.to_string(), detail.affiliate.id.to_string());
    let now = detail.affiliate.status;
    let ends = changes(now)
        .iter()
        .any(|(to, _)| matches!(to, AffiliateStatus::Declined | AffiliateStatus::Suspended));
    let buttons = changes(now).into_iter().map(|(to, label)| {
        let class = match to {
            AffiliateStatus::Suspended | AffiliateStatus::Declined => "button danger",
            _ => "button primary",
        };
        view! { <button class=class name="status" value=to.word()>{label}</button> }
    });
    let buttons = buttons.collect_view();
    let text = match now {
        AffiliateStatus::Pending => "Once approved, clicks on their links count.",
        AffiliateStatus::Active => "Links keep working; new clicks aren’t tracked. Earned commissions stay.",
        AffiliateStatus::Declined | AffiliateStatus::Suspended => {
            "Once active, clicks on their links count again."
        }
    };
    let reason = form.field("reason", "");
    view! {
        <Card id="status" title="Status">
            <CardBody>
                <form class="form" method="post" action=SetAffiliateStatus::PATH novalidate>
                    <AffiliateFields program affiliate/>
                    <p class="muted">{text}</p>
                    <TextField field=reason label="Reason" hint="Visible to the affiliate" optional=!ends/>
                    <div class="form-actions">{buttons}</div>
                </form>
            </CardBody>
        </Card>
    }
    .into_any()
}
