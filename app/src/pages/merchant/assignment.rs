//! Assigning payments manually: the forms, and what points to each affiliate.

use domain::affiliates::AffiliateStatus;
use domain::candidates::{Candidate, Clue};
use domain::clock::{HOUR_MS, MINUTE_MS, Timestamp};
use domain::ids::{PaymentId, ProgramId};
use engine::ledger::payments::{Assignee, Payment};
use engine::programs::affiliates::Affiliate;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::*;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Field, Flash, FormState, Undo};
use crate::presenters::reasons::ledger_changes;
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::routes;
use crate::text::{Zone, plural};

/// The value for "not an affiliate sale".
const NOT_AFFILIATE_SALE: &str = "not_affiliate_sale";

struct About {
    program: ProgramId,
    payment: PaymentId,
}

impl About {
    fn parse(program: &str, payment: &str) -> Access<Self> {
        match (program.parse(), payment.parse()) {
            (Ok(program), Ok(payment)) => Ok(Self { program, payment }),
            _ => Err(Refusal::NotFound),
        }
    }

    fn path(&self) -> String {
        routes::program(&self.program).payment(&self.payment)
    }

    fn back(about: &Access<Self>) -> String {
        about.as_ref().map_or(routes::PROGRAMS.to_owned(), Self::path)
    }

    /// Back to the page that the form stood on.
    fn done(&self, in_list: bool) -> String {
        if in_list { routes::program(&self.program).unattributed() } else { self.path() }
    }
}

/// Assigns a payment to an affiliate, or marks it as not an affiliate sale.
#[server(prefix = "/do", endpoint = "payment/assign")]
pub async fn assign_payment(
    /// The program.
    #[server(default)]
    program: String,
    /// The payment.
    #[server(default)]
    payment: String,
    /// The affiliate's id, or `not_affiliate_sale`.
    #[server(default)]
    affiliate: String,
    /// Whether it covers the customer's later payments too.
    #[server(default)]
    later_payments: String,
    /// Not empty when the form was in the list.
    #[server(default)]
    in_list: String,
) -> Result<(), ServerFnError> {
    let about = About::parse(&program, &payment);
    let sent = Submission::new(AssignPayment::PATH, About::back(&about)).typed("affiliate", &affiliate);
    finish(sent, async {
        let about = about?;
        let assignee = match affiliate.as_str() {
            NOT_AFFILIATE_SALE => Assignee::NotAffiliateSale,
            id => Assignee::Affiliate(
                id.parse().map_err(|_| engine::Error::field("affiliate", "Choose an affiliate"))?,
            ),
        };
        let (engine, actor) = (engine(), merchant().await?);
        let later = !later_payments.is_empty();
        let changed = engine::ledger::payments::assign(
            &engine,
            &actor,
            &about.program,
            &about.payment,
            &assignee,
            later,
        )
        .await?;
        let text = match (&assignee, changed.is_empty()) {
            (Assignee::NotAffiliateSale, true) => "Marked as not an affiliate sale.".to_owned(),
            (Assignee::NotAffiliateSale, false) => {
                format!("Marked as not an affiliate sale. {}.", ledger_changes(&changed))
            }
            (Assignee::Affiliate(_), true) => {
                "Assigned, but the payment earns no commission. Its page says why.".to_owned()
            }
            (Assignee::Affiliate(_), false) => format!("Assigned: {}.", ledger_changes(&changed)),
        };
        let fields = [("program", &program), ("payment", &payment), ("in_list", &in_list)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.clone())).to_vec();
        let undo = Undo { action: UndoAssignment::PATH.to_owned(), fields };
        Ok(Redirect::to(about.done(!in_list.is_empty())).with_flash(Flash::done(text).with_undo(undo)))
    })
    .await
}

/// Undoes the assignment of a payment.
#[server(prefix = "/do", endpoint = "payment/undo-assignment")]
pub async fn undo_assignment(
    /// The program.
    #[server(default)]
    program: String,
    /// The payment.
    #[server(default)]
    payment: String,
    /// Not empty when the form was in the list.
    #[server(default)]
    in_list: String,
) -> Result<(), ServerFnError> {
    let about = About::parse(&program, &payment);
    finish(Submission::new(UndoAssignment::PATH, About::back(&about)), async {
        let about = about?;
        let (engine, actor) = (engine(), merchant().await?);
        let changed =
            engine::ledger::payments::unassign(&engine, &actor, &about.program, &about.payment).await?;
        let text = if changed.is_empty() {
            "Assignment undone. The checks decide again.".to_owned()
        } else {
            format!("Assignment undone. The checks decide again: {}.", ledger_changes(&changed))
        };
        Ok(Redirect::to(about.done(!in_list.is_empty())).with_flash(Flash::done(text)))
    })
    .await
}

/// What points to an affiliate, in a few words.
pub fn clue_words(clue: &Clue, paid_at: Timestamp, zone: &Zone, now: Timestamp) -> String {
    let day = |at: Timestamp| zone.short_date(at, now).text;
    match clue {
        Clue::OtherPayment { at } => format!("another payment by this buyer, on {}", day(*at)),
        Clue::Carried { at, link_code } => {
            format!("the checkout carried a click on /r/{link_code} from {}", day(*at))
        }
        Clue::Lead { at, link_code } => {
            format!("a lead with this address from /r/{link_code} on {}", day(*at))
        }
        Clue::Near { at, link_code, country } => {
            let country = country.as_ref().map(|code| format!(" from the same country ({code})"));
            let before = span_words(paid_at.since_ms(*at));
            format!("a click on /r/{link_code}{} {before} before", country.unwrap_or_default())
        }
    }
}

fn span_words(ms: i64) -> String {
    match ms {
        ..MINUTE_MS => "less than a minute".to_owned(),
        MINUTE_MS..HOUR_MS => plural(ms / MINUTE_MS, "minute", "minutes"),
        _ => plural(ms / HOUR_MS, "hour", "hours"),
    }
}

/// The program and payment of a form, and the page that it is on.
#[component]
fn AboutFields(
    /// The program.
    #[prop(into)]
    program: String,
    /// The payment.
    #[prop(into)]
    payment: String,
    /// Whether it is in the list.
    in_list: bool,
) -> impl IntoView {
    let in_list = in_list.then(|| view! { <input type="hidden" name="in_list" value="on"/> });
    view! {
        <input type="hidden" name="program" value=program/>
        <input type="hidden" name="payment" value=payment/>
        {in_list}
    }
}

/// One button that assigns a payment, and the renewals of its subscription too.
#[component]
pub fn AssignButton(
    /// The payment.
    payment: Payment,
    /// Who is credited; not an affiliate sale when left out.
    #[prop(optional)]
    candidate: Option<Candidate>,
    /// Whether it is in the list.
    #[prop(optional)]
    in_list: bool,
) -> impl IntoView {
    let (value, label) = match &candidate {
        Some(candidate) => (candidate.affiliate_id.to_string(), format!("Assign to {}", candidate.name)),
        None => (NOT_AFFILIATE_SALE.to_owned(), "Not an affiliate sale".to_owned()),
    };
    let class = if candidate.is_some() { "button" } else { "button quiet" };
    let later = (payment.subscription.is_some() && candidate.is_some())
        .then(|| view! { <input type="hidden" name="later_payments" value="on"/> });
    view! {
        <form method="post" action=AssignPayment::PATH>
            <AboutFields program=payment.program_id.to_string() payment=payment.id.to_string() in_list/>
            {later}
            <button class=class name="affiliate" value=value>{label}</button>
        </form>
    }
}

/// The button that undoes an assignment.
#[component]
pub fn UndoButton(
    /// The payment.
    payment: Payment,
) -> impl IntoView {
    view! {
        <form method="post" action=UndoAssignment::PATH>
            <AboutFields program=payment.program_id.to_string() payment=payment.id.to_string() in_list=false/>
            <button class="button">"Undo"</button>
        </form>
    }
}

/// The whole form: any affiliate, this payment or the later ones of its customer too.
#[component]
pub fn AssignForm(
    /// The payment.
    payment: Payment,
    /// Who may be credited.
    affiliates: Vec<Affiliate>,
    /// What was typed, where it had errors.
    form: FormState,
) -> impl IntoView {
    let mut choices = vec![Choice::plain("", "Choose…")];
    let may = |one: &Affiliate| matches!(one.status, AffiliateStatus::Active | AffiliateStatus::Suspended);
    choices.extend(affiliates.into_iter().filter(may).map(|one| Choice::plain(one.id.as_str(), one.name)));
    choices.push(Choice::plain(NOT_AFFILIATE_SALE, "Not an affiliate sale"));
    let field: Field = form.field("affiliate", "");
    let later = form.field("later_payments", "");
    let renews = payment.subscription.is_some();
    let errors = form.errors().to_vec();
    view! {
        <form class="form" method="post" action=AssignPayment::PATH novalidate>
            <ErrorSummary errors/>
            <AboutFields program=payment.program_id.to_string() payment=payment.id.to_string() in_list=false/>
            <SelectField field label="Affiliate" choices/>
            <Checkbox field=later checked=renews label="Also credit this customer’s later payments".into_any()/>
            <div class="form-actions"><button class="button primary">"Assign"</button></div>
        </form>
    }
}
