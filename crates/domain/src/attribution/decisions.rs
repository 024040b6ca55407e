//! What a person decided about a payment, in place of the proofs.

use crate::clock::Timestamp;
use crate::explain::{Proof, ProofTried, Verdict};

use super::affiliate::{Answer, date_text, moot, name_of};
use super::{Binding, Context, Decision, EvaluatedPayment};

/// The decision about a payment. When two payments with a decision each turn out to be
/// one, the later decision holds.
pub(super) fn about<'a>(payment: &EvaluatedPayment, context: &'a Context) -> Option<&'a Decision> {
    let own = context.decisions.iter().filter(|decision| payment.aliases.contains(&decision.stripe_id));
    own.max_by(|a, b| (a.at, &a.stripe_id).cmp(&(b.at, &b.stripe_id)))
}

/// The explanation of a payment that a decision covers, and to whom it leads. `own` when it
/// was made about this very payment and not about an earlier one of the customer.
pub(super) fn applied(
    decision: &Decision,
    own: bool,
    at: Timestamp,
    by_proof: &[(Proof, Answer)],
    context: &Context,
) -> (Vec<ProofTried>, Option<Binding>) {
    let day = date_text(decision.at, context);
    let by = &decision.by;
    let proof = Proof::Assignment;
    let (tried, binding) = match &decision.affiliate_id {
        Some(affiliate_id) => {
            let name = name_of(affiliate_id, context);
            let more = if decision.later { ", and the customer’s later ones too" } else { "" };
            let sentence = format!("{by} assigned this payment to {name} on {day}{more}.");
            let binding = Binding { affiliate_id: affiliate_id.clone(), at, proof, click: None };
            (ProofTried::new(proof, Verdict::Decided, "assigned", sentence), Some(binding))
        }
        None => {
            let sentence = match own {
                true => format!("{by} decided on {day} that this is not an affiliate sale."),
                false => {
                    format!("{by} decided on {day} that this customer’s payments are not affiliate sales.")
                }
            };
            (ProofTried::new(proof, Verdict::Refused, "not_affiliate_sale", sentence), None)
        }
    };
    let others = by_proof.iter().map(|(proof, answer)| moot(*proof, answer, decision.affiliate_id.as_ref()));
    (std::iter::once(tried).chain(others).collect(), binding)
}
