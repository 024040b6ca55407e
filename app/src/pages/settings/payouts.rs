//! Settings > Payouts: when runs are drafted, who approves, and which account pays.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::program_of;
use crate::components::*;
use crate::forms::payouts::PayoutSettingsForm;
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Flash, FormState};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::request::access::{Access, engine, merchant};
use crate::routes;

/// Settings > Payouts.
#[component]
pub fn SettingsPayouts() -> impl IntoView {
    page(payouts())
}

async fn payouts() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let settings = engine::payouts::settings(&page.engine, &page.actor, &page.program.id).await?;
    let form = take_form(ChangePayoutSettings::PATH).await;
    page.title("Payout settings", form.has_errors());
    let recorded = PayoutSettingsForm::of(&settings, page.program.currency);
    let payer = settings.payer.map(|payer| format!("{}, IBAN ···· {}", payer.holder, payer.last_four()));
    let crumbs = page.crumbs(&[("Settings", page.routes().settings().general())], "Payouts");
    let (program, currency) = (page.program.id.to_string(), page.program.currency.to_string());
    Ok(view! {
        <MerchantShell frame=page.frame(Section::PayoutSettings) crumbs narrow=true>
            <PageHead title="Payouts" lead="When runs are drafted, who approves them, and which account pays."/>
            <SettingsForm form recorded payer program currency/>
        </MerchantShell>
    }
    .into_any())
}

#[component]
fn SettingsForm(
    form: FormState,
    recorded: PayoutSettingsForm,
    payer: Option<String>,
    program: String,
    currency: String,
) -> impl IntoView {
    let field = |name: &str, recorded: &str| form.field(&format!("settings[{name}]"), recorded);
    let present = payer.map(|payer| {
        let is_removed = form.is_checked("settings[remove_payer]", false);
        let hint = "Then no SEPA file can be made. To use another account, enter it below";
        view! {
            <p>{payer}</p>
            <Checkbox field=field("remove_payer", "") checked=is_removed label="Remove this account".into_any() hint/>
        }
    });
    view! {
        <ErrorSummary errors=form.errors().to_vec()/>
        <form class="form" method="post" action=ChangePayoutSettings::PATH novalidate>
            <input type="hidden" name="program" value=program/>
            <div class="form-section">
                <SelectField
                    field=field("draft_day", &recorded.draft_day)
                    label="Draft a run"
                    hint="Owners get an email and approve it"
                    choices=days()
                />
                <MoneyField
                    field=field("second_approval", &recorded.second_approval)
                    label="A second person approves runs above"
                    currency=currency
                    hint="Leave it empty if one person is enough"
                    optional=true
                />
                <NumberField
                    field=field("method_hold_days", &recorded.method_hold_days)
                    label="Wait after a changed payout method"
                    unit="days"
                    hint="Protects affiliates whose account was taken over"
                />
            </div>
            <div class="form-section">
                <h2>"SEPA transfers"</h2>
                <p class="muted">"The account that pays. It is stored encrypted and only used in SEPA files."</p>
                {present}
                <TextField field=field("holder", "") label="Account holder" optional=true/>
                <TextField field=field("iban", "") label="IBAN" optional=true kind=TextKind::Code/>
                <TextField field=field("bic", "") label="BIC" optional=true kind=TextKind::Code/>
            </div>
            <FormActions submit="Save changes"/>
        </form>
    }
}

/// Manually, or on a day that every month has.
fn days() -> Vec<Choice> {
    let day = |day: i64| Choice::plain(day.to_string(), format!("On day {day} of each month"));
    std::iter::once(Choice::plain("", "Manually")).chain((1..=28).map(day)).collect()
}

/// Changes how a program pays.
#[server(prefix = "/do", endpoint = "payouts/settings")]
pub async fn change_payout_settings(
    /// The program.
    #[server(default)]
    program: String,
    /// The form.
    #[server(default)]
    settings: PayoutSettingsForm,
) -> Result<(), ServerFnError> {
    let back = routes::of_form(&program, |program| program.settings().payouts());
    let sent = Submission::new(ChangePayoutSettings::PATH, back).with_values("settings", &settings);
    finish(sent, async {
        let (engine, actor, id) = (engine(), merchant().await?, program_of(&program)?);
        let program = engine::programs::get(&engine, &actor, &id).await?;
        let new = settings.change(program.currency).map_err(engine::Error::from)?;
        engine::payouts::set_settings(&engine, &actor, &id, &new).await?;
        let flash = Flash::done("Payout settings saved.");
        Ok(Redirect::to(routes::program(&id).settings().payouts()).with_flash(flash))
    })
    .await
}
