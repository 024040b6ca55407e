//! The public page that checks a receipt. It needs no session, sets no cookie, stores nothing, and
//! says nothing that the document does not say itself.

use engine::ledger::receipts::compact::expand;
use engine::ledger::receipts::{self, BrokenChain, Check, LARGEST_RECEIPT, Signature};
use leptos::prelude::*;

use crate::components::{
    Card, CardBody, Cell, CellIcon, PublicFrame, PublicShell, Report, ReportStep, TestNote, TextArea, Tone,
};
use crate::forms::Field;
use crate::layout::title;
use crate::pages::page;
use crate::presenters::receipt::ReceiptSheet;
use crate::request::access::{Access, engine};
use crate::request::queries::Parameters;
use crate::request::site::Site;
use crate::routes;

/// The document that a visitor posted to the page; the binary provides it as a context.
#[derive(Clone, Debug)]
pub enum SubmittedReceipt {
    /// What the file or the field had.
    Document(String),
    /// More than any receipt has, or nothing that can be read as text.
    Unreadable(&'static str),
}

/// The public check.
#[component]
pub fn ReceiptCheck() -> impl IntoView {
    page(receipt_check())
}

/// What there is to say about a document.
enum Outcome {
    /// The form alone.
    Nothing,
    /// It isn’t a receipt, and why.
    NoReceipt(String),
    /// It is one; true or not.
    Checked(Box<Check>),
}

async fn receipt_check() -> Access<AnyView> {
    let parameters = Parameters::of_request();
    let compact = parameters.get(routes::RECEIPT_PARAMETER);
    let (document, outcome) = match (use_context::<SubmittedReceipt>(), compact) {
        (Some(SubmittedReceipt::Document(document)), _) => checked(document).await?,
        (Some(SubmittedReceipt::Unreadable(why)), _) => (String::new(), Outcome::NoReceipt(why.to_owned())),
        (None, Some(compact)) => match expand(compact) {
            Some(document) => checked(document).await?,
            None => {
                let why = "The address is incomplete. Scan the code again, or upload the file.";
                (String::new(), Outcome::NoReceipt(why.to_owned()))
            }
        },
        (None, None) => (String::new(), Outcome::Nothing),
    };
    let (heading, shown, is_refused) = match outcome {
        Outcome::Nothing => ("Check a receipt", None, false),
        Outcome::NoReceipt(why) => {
            ("Not a receipt", Some(verdict(false, "Not a receipt".to_owned(), why)), true)
        }
        Outcome::Checked(check) => {
            let heading = if check.is_valid() { "Valid receipt" } else { "Not valid: receipt" };
            let is_refused = !check.is_valid();
            (heading, Some(result(*check)), is_refused)
        }
    };
    title(heading, false);
    let frame = PublicFrame {
        logo: None,
        program: "Honeyguide".to_owned(),
        merchant: String::new(),
        home: routes::RECEIPT.to_owned(),
        website: String::new(),
        test_bar: TestNote::of(&Site::current(), false),
    };
    // What was pasted stays in the form when it was refused, so that nothing typed is lost.
    let form = form(shown.is_some(), if is_refused { document } else { String::new() });
    Ok(view! { <PublicShell frame><div class="receipt-page">{shown}{form}</div></PublicShell> }.into_any())
}

async fn checked(document: String) -> Access<(String, Outcome)> {
    let outcome = match receipts::check(&engine(), &document).await? {
        Ok(check) => Outcome::Checked(Box::new(check)),
        Err(unreadable) => Outcome::NoReceipt(unreadable.to_string()),
    };
    Ok((document, outcome))
}

fn verdict(is_valid: bool, heading: String, text: String) -> AnyView {
    let (tone, cell, role) = if is_valid {
        (None, Cell::Paid, "status")
    } else {
        (Some(Tone::Danger.name()), Cell::Alert, "alert")
    };
    view! {
        <div class="verdict-bar" data-tone=tone role=role>
            <CellIcon cell/>
            <div><h1>{heading}</h1><p>{text}</p></div>
        </div>
    }
    .into_any()
}

fn result(check: Check) -> AnyView {
    let receipt = &check.receipt;
    let host = receipt.issuer.split_once("://").map_or(receipt.issuer.as_str(), |(_, host)| host).to_owned();
    let (heading, text) = match (check.signature, check.chain) {
        (Signature::Genuine, Ok(())) => (
            format!("Valid: signed by {host}, unchanged"),
            "The signature, the ledger entries and the amounts agree.".to_owned(),
        ),
        (Signature::Genuine, Err(_)) => (
            "Not valid: its ledger entries do not agree".to_owned(),
            "The document was signed like this, but the ledger it was made from was changed. Ask the issuer.".to_owned(),
        ),
        (Signature::Changed, _) => (
            "Not valid: changed after it was issued".to_owned(),
            "The signature does not match: the document was changed after it was issued. Don’t rely on these amounts.".to_owned(),
        ),
        (Signature::UnknownKey, _) => (
            "Not valid here: signed with an unknown key".to_owned(),
            format!("This installation has no key {}. The document says it was issued by {}.", receipt.key_id, receipt.issuer),
        ),
    };
    let bar = verdict(check.is_valid(), heading, text);
    let steps = steps(&check, &host);
    let is_genuine = check.is_valid();
    view! {
        {bar}
        <div class="no-print"><Card id="checks" title="Three checks"><Report steps/></Card></div>
        <ReceiptSheet receipt=check.receipt is_genuine/>
    }
    .into_any()
}

fn steps(check: &Check, host: &str) -> Vec<ReportStep> {
    let step = |passed: bool, title: &str, text: String| ReportStep {
        cell: if passed { Cell::Paid } else { Cell::X },
        tone: if passed { Tone::Success } else { Tone::Danger },
        title: title.to_owned(),
        word: if passed { "passed" } else { "failed" }.to_owned(),
        text: text.into_any(),
    };
    let signature = match check.signature {
        Signature::Genuine => format!("Ed25519, by the key {} of {host}", check.receipt.key_id),
        Signature::Changed => format!("The key {} signed other content", check.receipt.key_id),
        Signature::UnknownKey => format!("The key {} is not known here", check.receipt.key_id),
    };
    let (chain, sum) = match check.chain {
        Ok(()) => (None, None),
        Err(BrokenChain::Hash(place)) => {
            (Some(format!("Entry {place} does not have the hash that follows from it")), None)
        }
        Err(BrokenChain::Order(place)) => {
            (Some(format!("Entry {place} does not follow the one before")), None)
        }
        Err(BrokenChain::Sum) => (None, Some("The entries add up to another amount".to_owned())),
    };
    let entries = "Each hash follows from its entry and the hash before".to_owned();
    let amounts = match check.chain {
        Err(BrokenChain::Hash(_) | BrokenChain::Order(_)) => ReportStep {
            cell: Cell::Dashed,
            tone: Tone::Neutral,
            word: "not tried".to_owned(),
            ..step(false, "Amounts", "Checked only when the entries agree".to_owned())
        },
        _ => step(
            sum.is_none(),
            "Amounts",
            sum.unwrap_or_else(|| "The entries add up to the commission".to_owned()),
        ),
    };
    vec![
        step(check.signature == Signature::Genuine, "Signature", signature),
        step(chain.is_none(), "Ledger entries", chain.unwrap_or(entries)),
        amounts,
    ]
}

fn form(is_another: bool, pasted: String) -> AnyView {
    let heading = if is_another { "Check another receipt" } else { "The receipt" };
    let head = (!is_another).then(|| {
        view! {
            <div class="titles">
                <h1>"Check a receipt"</h1>
                <p class="muted">"A receipt shows what an affiliate earned by one payment. This page tells whether it is genuine and unchanged."</p>
            </div>
        }
    });
    let pasted = Field::with_value("document", pasted);
    let limit = format!("At most {} KB.", LARGEST_RECEIPT / 1024);
    view! {
        {head}
        <div class="no-print">
            <Card id="another" title=heading>
                <CardBody>
                    <form class="another" method="post" action=routes::RECEIPT enctype="multipart/form-data">
                        <p class="muted">"Nothing is stored, and you don’t need an account. Offline: "<code>"honeyguide verify --receipt FILE"</code></p>
                        <div class="field">
                            <label for="file">"JSON file"</label>
                            <p class="hint" id="file-hint">{limit}</p>
                            <input class="input" id="file" name="file" type="file" accept="application/json,.json" aria-describedby="file-hint"/>
                        </div>
                        <TextArea field=pasted label="Or paste it" optional=true/>
                        <div><button class="button primary">"Check"</button></div>
                    </form>
                </CardBody>
            </Card>
        </div>
    }
    .into_any()
}
