//! Beside an affiliate's lists: their sign-in, their codes, their state.

use domain::affiliates::AffiliateStatus;
use engine::programs::affiliates::{Affiliate, AffiliateDetail as Detail};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::forms::{AddCoupon, InviteAffiliate, SetAffiliateStatus, WhomFields};
use crate::components::*;
use crate::forms::FormState;
use crate::layout::ProgramPage;

/// Why they are out, where they are.
pub(super) fn reason(affiliate: &Affiliate) -> Option<AnyView> {
    let title = match affiliate.status {
        AffiliateStatus::Active => return None,
        AffiliateStatus::Pending => "Waits to be let in",
        AffiliateStatus::Declined => "Was turned down",
        AffiliateStatus::Suspended => "Is suspended",
    };
    let text = affiliate
        .status_reason
        .clone()
        .unwrap_or_else(|| "Clicks on their links do not count. What they earned stays.".to_owned());
    let state = crate::presenters::labels::affiliate_state(affiliate.status);
    Some(view! { <Notice title tone=state.tone cell=state.cell>{text}</Notice> }.into_any())
}

/// Whether they can sign in, and a link with which they can.
pub(super) fn sign_in(page: &ProgramPage, detail: &Detail, invitation: Option<String>) -> AnyView {
    let (program, affiliate) = (page.program.id.to_string(), detail.affiliate.id.to_string());
    let content = match (invitation, detail.has_password) {
        (Some(link), _) => view! {
            <CopyField id="invitation" label="Invitation link" value=link/>
            <p class="muted">"Send it to them. It is shown once, works once, and for 14 days."</p>
        }
        .into_any(),
        (None, true) => view! { <p class="muted">"They have a password and sign in with their e-mail address."</p> }.into_any(),
        (None, false) => view! {
            <p class="muted">"They have no password yet. With an invitation link they choose one and see what they earned."</p>
            <form method="post" action=InviteAffiliate::PATH>
                <WhomFields program affiliate/>
                <button class="button"><Icon name="link"/>"Make an invitation link"</button>
            </form>
        }
        .into_any(),
    };
    view! {
        <Card id="sign-in" title="Sign-in"><CardBody><div class="stack tight">{content}</div></CardBody></Card>
    }
    .into_any()
}

/// Their promotion codes, and the form for another.
pub(super) fn coupons(page: &ProgramPage, detail: &Detail, form: FormState) -> AnyView {
    let (program, affiliate) = (page.program.id.to_string(), detail.affiliate.id.to_string());
    let (promotion, code) = (form.field("promotion_code", ""), form.field("code", ""));
    let items: Vec<Fact> = detail
        .coupons
        .iter()
        .map(|coupon| {
            let since = page.zone.short_date(coupon.created_at, page.now);
            Fact::new(coupon.code.clone(), view! { "since "<Time at=since/> })
        })
        .collect();
    let list = if items.is_empty() {
        view! { <p class="muted">"A promotion code of Stripe can lead to them, also without a click."</p> }
            .into_any()
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
                        <WhomFields program affiliate/>
                        <TextField field=promotion label="Id in Stripe" hint="It begins with promo_" code=true/>
                        <TextField field=code label="Code" hint="As buyers type it" code=true/>
                        <div class="form-actions"><button class="button primary">"Add code"</button></div>
                    </form>
                </details>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// What can be changed from a state: the status, the button, what follows.
fn changes(status: AffiliateStatus) -> Vec<(AffiliateStatus, &'static str)> {
    match status {
        AffiliateStatus::Pending => {
            vec![(AffiliateStatus::Active, "Let in"), (AffiliateStatus::Declined, "Turn down")]
        }
        AffiliateStatus::Active => vec![(AffiliateStatus::Suspended, "Suspend")],
        AffiliateStatus::Declined => vec![(AffiliateStatus::Active, "Let in after all")],
        AffiliateStatus::Suspended => vec![(AffiliateStatus::Active, "Take back")],
    }
}

/// The form that changes the state, with the reason that they can read.
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
        AffiliateStatus::Pending => "Once in, clicks on their links count.",
        AffiliateStatus::Active => {
            "Suspended, clicks on their links still lead to your site and no longer count. What they earned stays."
        }
        AffiliateStatus::Declined | AffiliateStatus::Suspended => {
            "Back in, clicks on their links count again from then on."
        }
    };
    let reason = form.field("reason", "");
    view! {
        <Card id="status" title="State">
            <CardBody>
                <form class="form" method="post" action=SetAffiliateStatus::PATH novalidate>
                    <WhomFields program affiliate/>
                    <p class="muted">{text}</p>
                    <TextField field=reason label="Reason" hint="They can read it" optional=!ends/>
                    <div class="form-actions">{buttons}</div>
                </form>
            </CardBody>
        </Card>
    }
    .into_any()
}
