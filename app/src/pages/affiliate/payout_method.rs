//! How an affiliate is paid, and changing it.

use domain::ids::ProgramId;
use domain::payouts::MethodKind;
use engine::identity::two_step;
use engine::payouts::OwnPayouts;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::*;
use crate::forms::payouts::PayoutMethodForm;
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Flash, FormState};
use crate::layout::AffiliateProgramPage;
use crate::presenters::payouts::method_lines;
use crate::request::access::{Access, Refusal, affiliate, engine};
use crate::request::queries::Parameters;
use crate::routes;

/// The card with the method; `chosen` opens the form of that kind.
pub(super) async fn method_card(
    page: &AffiliateProgramPage,
    own: &OwnPayouts,
    chosen: Option<MethodKind>,
) -> Access<AnyView> {
    let form = take_form(ChangePayoutMethod::PATH).await;
    let sent = MethodKind::from_word(&form.value("method[kind]", ""));
    let current = own.method.as_ref().map(|method| method.kind);
    let kind = sent.or(chosen);
    let now = own.method.as_ref().map(|method| {
        let (name, sub) = method_lines(method.kind, &method.hint);
        let since = page.zone.date(method.changed_at).text;
        let sub = if sub == method.hint && !sub.is_empty() { sub } else { format!("{sub}, since {since}") };
        view! { <div class="payout-method"><span class="icon-box"><Icon name="payouts"/></span><b>{name}</b><small>{sub}</small></div> }
    });
    let missing =
        now.is_none().then(|| view! { <p>"Add how you want to be paid. It is stored encrypted."</p> });
    let days = own.method_hold_days;
    let note = (current.is_some() && days > 0)
        .then(|| view! { <p class="muted">{format!("A change holds payouts for {days} days.")}</p> });
    let change = kind.is_none().then(|| {
        let href = Parameters::default()
            .with("method", current.unwrap_or(MethodKind::Iban).word())
            .on(&page.routes().payouts());
        let words = if current.is_some() { "Change…" } else { "Add a payout method" };
        let class = if current.is_some() { "button" } else { "button primary" };
        view! { <p><a class=class href=format!("{href}#method")>{words}</a></p> }
    });
    let fields = match kind {
        Some(kind) => {
            let has_two_step =
                two_step::state(&page.page.engine, page.page.actor.account_id()).await?.is_some();
            Some(method_form(page, &form, kind, has_two_step))
        }
        None => None,
    };
    Ok(view! {
        <Card id="method" title="Payout method">
            <CardBody><div class="stack tight">{now}{missing}{note}{change}{fields}</div></CardBody>
        </Card>
    }
    .into_any())
}

fn kind_word(kind: MethodKind) -> &'static str {
    match kind {
        MethodKind::Iban => "IBAN",
        MethodKind::UsBank => "US bank",
        MethodKind::Paypal => "PayPal",
        MethodKind::Wise => "Wise",
        MethodKind::Other => "Other",
    }
}

fn method_form(
    page: &AffiliateProgramPage,
    form: &FormState,
    kind: MethodKind,
    has_two_step: bool,
) -> AnyView {
    let secret = if has_two_step { "Your password or a code" } else { "Your password" };
    let field = |name: &str| form.field(&format!("method[{name}]"), "");
    let holder = || view! { <TextField field=field("holder") label="Account holder"/> };
    let email = |label: &'static str| view! { <EmailField field=field("email") label autocomplete="email"/> };
    let fields = match kind {
        MethodKind::Iban => view! {
            {holder()}
            <TextField field=field("iban") label="IBAN" kind=TextKind::Code/>
            <TextField field=field("bic") label="BIC" optional=true kind=TextKind::Code/>
        }
        .into_any(),
        MethodKind::UsBank => view! {
            {holder()}
            <TextField field=field("routing") label="Routing number" kind=TextKind::Code/>
            <TextField field=field("account") label="Account number" kind=TextKind::Code/>
        }
        .into_any(),
        MethodKind::Paypal => email("PayPal email").into_any(),
        MethodKind::Wise => view! { {holder()}{email("Wise email")} }.into_any(),
        MethodKind::Other => view! {
            <TextField field=field("text") label="How you are paid" hint="As agreed with the program"/>
        }
        .into_any(),
    };
    let path = page.routes().payouts();
    let items = MethodKind::ALL
        .map(|one| Segment {
            label: kind_word(one).to_owned(),
            href: format!("{}#method", Parameters::default().with("method", one.word()).on(&path)),
            current: one == kind,
            ..Segment::default()
        })
        .to_vec();
    view! {
        <Segments label="Kind of method" items/>
        <ErrorSummary errors=form.errors().to_vec()/>
        <form class="form" method="post" action=ChangePayoutMethod::PATH novalidate>
            <input type="hidden" name="program" value=page.program.id.to_string()/>
            <input type="hidden" name="method[kind]" value=kind.word()/>
            {fields}
            <PasswordField field=form.field("password", "") label=secret hint="Asked again before money can go elsewhere"/>
            <FormActions submit="Save method" cancel=path.clone()/>
        </form>
    }
    .into_any()
}

/// Sets how the signed-in affiliate is paid.
#[server(prefix = "/do", endpoint = "affiliate/payout-method")]
pub async fn change_payout_method(
    /// The program whose page the form is on.
    #[server(default)]
    program: String,
    /// The method.
    #[server(default)]
    method: PayoutMethodForm,
    /// The password.
    #[server(default)]
    password: String,
) -> Result<(), ServerFnError> {
    let id: Option<ProgramId> = program.parse().ok();
    let back = id
        .as_ref()
        .map_or(routes::AFFILIATE_PROGRAMS.to_owned(), |id| routes::affiliate_program(id).payouts());
    // The name of the password field is known; what was typed into it is not kept.
    let sent = Submission::new(ChangePayoutMethod::PATH, format!("{back}?method={}#method", method.kind))
        .with_values("method", &method)
        .typed("password", "");
    finish(sent, async {
        let actor = affiliate().await?;
        id.ok_or(Refusal::NotFound)?;
        let new = method.method().map_err(engine::Error::from)?;
        engine::payouts::set_own_method(&engine(), &actor, &new, &password).await?;
        Ok(Redirect::to(back).with_flash(Flash::done("Payout method saved.")))
    })
    .await
}
