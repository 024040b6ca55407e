//! What the facts of an event did to payments, customer and ledger.

use domain::commissions::LedgerChange;
use domain::events::{EventOutcome, EventSubject};
use domain::facts::{EventFacts, Fact, SubscriptionFact};

use super::buyer::Changes;

/// What an event's facts changed, or why they changed nothing.
pub(super) fn of_event(facts: &EventFacts, changes: &Changes) -> EventOutcome {
    let ledger: Vec<LedgerChange> = changes.ledger().cloned().collect();
    if !ledger.is_empty() {
        return EventOutcome::LedgerChanged { changes: ledger };
    }
    let own = facts.fact.payment_ids();
    let concerned = changes.payments.iter().find(|c| own.iter().any(|id| c.evaluated.aliases.contains(*id)));
    if let Some(affiliate_name) = &changes.newly_attributed {
        return EventOutcome::CustomerAttributed {
            affiliate_name: affiliate_name.clone(),
            no_commission: concerned.and_then(|change| change.evaluated.no_commission.clone()),
        };
    }
    let Some(change) = concerned else {
        return match &facts.fact {
            Fact::Subscription(SubscriptionFact { ended_at: Some(ended_at), .. }) => {
                EventOutcome::SubscriptionEnded { ended_at: *ended_at }
            }
            fact => EventOutcome::NoPayment { subject: EventSubject::of(fact) },
        };
    };
    match &change.evaluated.no_commission {
        Some(reason) => EventOutcome::NoCommission { reason: reason.clone() },
        None => EventOutcome::AlreadyCounted { stripe_id: change.evaluated.canonical_id.clone() },
    }
}
