//! What an event did.

use domain::clock::Timestamp;
use domain::commissions::LedgerChange;
use domain::events::{EventOutcome, EventSubject};
use domain::money::Money;
use domain::no_commission::{NoCommission, WaitReason};

use super::no_commission::{no_commission_sentence, no_commission_text};
use crate::text::Zone;

/// What an event did, or why it did nothing, in one sentence.
pub fn outcome_sentence(outcome: &EventOutcome, zone: &Zone) -> String {
    match outcome {
        EventOutcome::LedgerChanged { changes } => ledger_changes(changes),
        EventOutcome::CustomerAttributed { affiliate_name, .. } => {
            format!("The customer is now attributed to {affiliate_name}.")
        }
        EventOutcome::ConnectionRevoked => {
            "The merchant revoked access in Stripe, so the connection is revoked.".to_owned()
        }
        // This stays in the log: it is true before the invoice comes and after.
        EventOutcome::NoCommission {
            reason: NoCommission::Waiting { reason: WaitReason::Invoice, until: None },
        } => "Counted on its invoice.".to_owned(),
        EventOutcome::NoCommission { reason } => no_commission_sentence(reason, zone),
        EventOutcome::AlreadyCounted { stripe_id } => {
            format!("This payment is already counted, {}.", counted_words(stripe_id))
        }
        EventOutcome::SubscriptionEnded { ended_at } => subscription_ended(*ended_at, zone),
        EventOutcome::NoPayment { subject } => subject_sentence(*subject).to_owned(),
        EventOutcome::BodyDeleted => {
            "Its payload was deleted after 90 days. The parsed fields are kept, so nothing changes."
                .to_owned()
        }
        EventOutcome::Duplicate => "This event says nothing new.".to_owned(),
        EventOutcome::TypeNotHandled => "Honeyguide does not need events of this type.".to_owned(),
        EventOutcome::ThinEventFetched => {
            "A thin event. The full event is fetched from Stripe and processed separately.".to_owned()
        }
        EventOutcome::ThinEvent => {
            "A thin event, which carries no object. In Stripe, under Workbench > Event destinations, choose \
             snapshot payloads for this endpoint."
                .to_owned()
        }
        EventOutcome::OtherAccount { account } => {
            format!(
                "An event from the account {account}, which this connection does not count. It is stored."
            )
        }
        EventOutcome::WrongMode { livemode: true } => "A live event on a test connection.".to_owned(),
        EventOutcome::WrongMode { livemode: false } => "A test event on a live connection.".to_owned(),
        EventOutcome::ReconnectedSince => {
            "Stripe was connected again since then, so nothing changed.".to_owned()
        }
        EventOutcome::NotJson => "The delivery was signed but is not valid JSON. Nothing changed.".to_owned(),
        EventOutcome::FieldMissing { field } => {
            format!("The field {field} is missing or malformed, so the event could not be read.")
        }
        EventOutcome::Retrying => "Processing this event failed and will be tried again.".to_owned(),
        EventOutcome::GaveUp => {
            "Processing this event failed repeatedly. It is kept and can be replayed.".to_owned()
        }
    }
}

/// By which object of Stripe a payment is counted.
fn counted_words(stripe_id: &str) -> &'static str {
    match stripe_id.split('_').next().unwrap_or_default() {
        "in" => "with its invoice",
        "cs" => "with its checkout",
        _ => "with its charge",
    }
}

/// The end of a subscription, and what it means for commissions.
pub fn subscription_ended(ended_at: Timestamp, zone: &Zone) -> String {
    format!("The subscription ended on {}. Later periods earn nothing.", zone.date(ended_at).text)
}

/// What an event means that is not about a payment.
const fn subject_sentence(subject: EventSubject) -> &'static str {
    match subject {
        EventSubject::Customer => "Customer details changed. No payment changed.",
        EventSubject::Trial => "A trial is running. The first payment comes when it ends.",
        EventSubject::Subscription => {
            "The subscription was created or changed. Its payments come with its invoices."
        }
        EventSubject::PaymentOfInvoice => "Links a payment to its invoice. No amount changed.",
        EventSubject::Checkout => "A checkout without a payment, such as one that saves a card.",
        EventSubject::PromotionCode => "Whether a promotion code can be used. No payment changed.",
        EventSubject::UnknownPayment => {
            "Its payment has not arrived yet. It counts once the payment arrives."
        }
    }
}

/// The same with what follows from it.
pub fn outcome_text(outcome: &EventOutcome, zone: &Zone) -> String {
    let sentence = outcome_sentence(outcome, zone);
    match outcome {
        EventOutcome::CustomerAttributed { no_commission: Some(reason), .. } => {
            format!("{sentence} {}", no_commission_sentence(reason, zone))
        }
        EventOutcome::NoCommission { reason: NoCommission::Waiting { until: Some(_), .. } } => {
            format!("{sentence} It is evaluated again within the hour.")
        }
        EventOutcome::NoCommission { reason } if *reason == NoCommission::NoMatch => {
            no_commission_text(reason, zone)
        }
        _ => sentence,
    }
}

/// "9.80 USD for Mira Okafor; 9.80 USD reversed for Noah"
pub fn ledger_changes(changes: &[LedgerChange]) -> String {
    let part = |LedgerChange { affiliate_name, amount }: &LedgerChange| match amount.minor {
        ..0 => {
            let taken = Money::new(amount.minor.saturating_neg(), amount.currency);
            format!("{taken} reversed for {affiliate_name}")
        }
        _ => format!("{amount} for {affiliate_name}"),
    };
    changes.iter().map(part).collect::<Vec<_>>().join("; ")
}
