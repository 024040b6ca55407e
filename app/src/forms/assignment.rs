//! Deciding by hand whose a payment is: the forms, and what speaks for whom.

use domain::affiliates::AffiliateStatus;
use domain::candidates::{Candidate, Sign};
use domain::clock::{HOUR_MS, MINUTE_MS, Timestamp};
use domain::ids::{PaymentId, ProgramId};
use domain::money::Money;
use engine::ledger::payments::{Choice as Whose, Payment};
use engine::programs::affiliates::Affiliate;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::*;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Field, Flash, FormState, Undo};
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::routes;
use crate::text::{Zone, plural};

/// The value that stands for "not an affiliate sale".
const NOBODY: &str = "nobody";

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
    fn done(&self, inbox: bool) -> String {
        if inbox { routes::program(&self.program).unattributed() } else { self.path() }
    }
}

/// "9.80 USD for Mira Okafor; 9.80 USD taken back from Noah"
fn in_words(changed: &[(String, Money)]) -> String {
    let part = |(name, money): &(String, Money)| match money.minor {
        ..0 => format!("{} taken back from {name}", Money::new(money.minor.saturating_neg(), money.currency)),
        _ => format!("{money} for {name}"),
    };
    changed.iter().map(part).collect::<Vec<_>>().join("; ")
}

/// Assigns a payment to an affiliate, or to nobody.
#[server(prefix = "/do", endpoint = "payment/assign")]
pub async fn assign_payment(
    /// The program.
    #[server(default)]
    program: String,
    /// The payment.
    #[server(default)]
    payment: String,
    /// The affiliate's id, or `nobody`.
    #[server(default)]
    affiliate: String,
    /// Whether it holds for the customer's later payments too.
    #[server(default)]
    later: String,
    /// `inbox` when the form stood in the list.
    #[server(default)]
    from: String,
) -> Result<(), ServerFnError> {
    let about = About::parse(&program, &payment);
    let sent = Submission::new(AssignPayment::PATH, About::back(&about)).typed("affiliate", &affiliate);
    finish(sent, async {
        let about = about?;
        let whose = match affiliate.as_str() {
            NOBODY => Whose::Nobody,
            id => Whose::Affiliate(
                id.parse().map_err(|_| engine::Error::field("affiliate", "Choose an affiliate"))?,
            ),
        };
        let (engine, actor) = (engine(), merchant().await?);
        let later = !later.is_empty();
        let changed =
            engine::ledger::payments::decide(&engine, &actor, &about.program, &about.payment, &whose, later)
                .await?;
        let text = match (&whose, changed.is_empty()) {
            (Whose::Nobody, true) => "Noted: not an affiliate sale.".to_owned(),
            (Whose::Nobody, false) => format!("Noted: not an affiliate sale. {}.", in_words(&changed)),
            (Whose::Affiliate(_), true) => "Assigned. It earns nothing now; its page says why.".to_owned(),
            (Whose::Affiliate(_), false) => format!("Assigned: {}.", in_words(&changed)),
        };
        let fields = [("program", &program), ("payment", &payment), ("from", &from)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.clone())).to_vec();
        let undo = Undo { action: UndoAssignment::PATH.to_owned(), fields };
        Ok(Redirect::to(about.done(from == "inbox")).with_flash(Flash::done(text).with_undo(undo)))
    })
    .await
}

/// Takes back what was decided about a payment.
#[server(prefix = "/do", endpoint = "payment/undo-assignment")]
pub async fn undo_assignment(
    /// The program.
    #[server(default)]
    program: String,
    /// The payment.
    #[server(default)]
    payment: String,
    /// `inbox` when the form stood in the list.
    #[server(default)]
    from: String,
) -> Result<(), ServerFnError> {
    let about = About::parse(&program, &payment);
    finish(Submission::new(UndoAssignment::PATH, About::back(&about)), async {
        let about = about?;
        let (engine, actor) = (engine(), merchant().await?);
        let changed = engine::ledger::payments::undo(&engine, &actor, &about.program, &about.payment).await?;
        let text = if changed.is_empty() {
            "Taken back. The proofs decide again.".to_owned()
        } else {
            format!("Taken back. The proofs decide again: {}.", in_words(&changed))
        };
        Ok(Redirect::to(about.done(from == "inbox")).with_flash(Flash::done(text)))
    })
    .await
}

/// What speaks for somebody, in a few words.
pub fn sign_words(sign: &Sign, paid_at: Timestamp, zone: &Zone, now: Timestamp) -> String {
    let day = |at: Timestamp| zone.short_date(at, now).text;
    match sign {
        Sign::OtherPayment { at } => format!("another payment of this buyer, on {}", day(*at)),
        Sign::Carried { at, link_code } => {
            format!("the checkout carried a click on /r/{link_code}, {}", day(*at))
        }
        Sign::Lead { at, link_code } => format!("this address came by /r/{link_code} on {}", day(*at)),
        Sign::Near { at, link_code, country } => {
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

/// The names of program and payment in a form, and where it stands.
#[component]
fn AboutFields(
    /// The program.
    #[prop(into)]
    program: String,
    /// The payment.
    #[prop(into)]
    payment: String,
    /// Whether it stands in the list.
    inbox: bool,
) -> impl IntoView {
    let from = inbox.then(|| view! { <input type="hidden" name="from" value="inbox"/> });
    view! {
        <input type="hidden" name="program" value=program/>
        <input type="hidden" name="payment" value=payment/>
        {from}
    }
}

/// One button that assigns a payment. Where it belongs to a subscription, its renewals go
/// the same way.
#[component]
pub fn AssignButton(
    /// The payment.
    payment: Payment,
    /// Whose it becomes; nobody's when left out.
    #[prop(optional)]
    candidate: Option<Candidate>,
    /// Whether it stands in the list.
    #[prop(optional)]
    inbox: bool,
) -> impl IntoView {
    let (value, label) = match &candidate {
        Some(candidate) => (candidate.affiliate_id.to_string(), format!("Assign to {}", candidate.name)),
        None => (NOBODY.to_owned(), "Not an affiliate sale".to_owned()),
    };
    let class = if candidate.is_some() { "button" } else { "button quiet" };
    let later = (payment.subscription.is_some() && candidate.is_some())
        .then(|| view! { <input type="hidden" name="later" value="on"/> });
    view! {
        <form method="post" action=AssignPayment::PATH>
            <AboutFields program=payment.program_id.to_string() payment=payment.id.to_string() inbox/>
            {later}
            <button class=class name="affiliate" value=value>{label}</button>
        </form>
    }
}

/// The button that takes a decision back.
#[component]
pub fn UndoButton(
    /// The payment.
    payment: Payment,
) -> impl IntoView {
    view! {
        <form method="post" action=UndoAssignment::PATH>
            <AboutFields program=payment.program_id.to_string() payment=payment.id.to_string() inbox=false/>
            <button class="button">"Take back"</button>
        </form>
    }
}

/// The whole form: any affiliate, this payment or the customer's later ones too.
#[component]
pub fn AssignForm(
    /// The payment.
    payment: Payment,
    /// Who may be credited.
    affiliates: Vec<Affiliate>,
    /// What was typed, where it was refused.
    form: FormState,
) -> impl IntoView {
    let mut choices = vec![Choice::plain("", "Choose…")];
    let may = |one: &Affiliate| matches!(one.status, AffiliateStatus::Active | AffiliateStatus::Suspended);
    choices.extend(affiliates.into_iter().filter(may).map(|one| Choice::plain(one.id.as_str(), one.name)));
    choices.push(Choice::plain(NOBODY, "Nobody: not an affiliate sale"));
    let field: Field = form.field("affiliate", "");
    let later = form.field("later", "");
    let renews = payment.subscription.is_some();
    let errors = form.errors().to_vec();
    view! {
        <form class="form" method="post" action=AssignPayment::PATH novalidate>
            <ErrorSummary errors/>
            <AboutFields program=payment.program_id.to_string() payment=payment.id.to_string() inbox=false/>
            <SelectField field label="Whose payment is it?" choices/>
            <Checkbox field=later checked=renews label="Also credit this customer’s later payments".into_any()/>
            <div class="form-actions"><button class="button primary">"Assign"</button></div>
        </form>
    }
}
