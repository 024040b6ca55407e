//! To whom a buyer belongs: first bind wins, in order of payment times.
//!
//! The window limits only the first bind. Every proof is judged by the times of click,
//! payment and status changes, never by when an event arrived.

use std::collections::BTreeSet;

use crate::affiliates::AffiliateStatus;
use crate::clicks::ClickToken;
use crate::clock::{DAY_MS, Timestamp};
use crate::emails::Email;
use crate::explain::{Proof, ProofTried, Verdict};
use crate::facts::{Carried, Carrier, EventFacts, Fact, SessionPayment};
use crate::ids::AffiliateId;
use crate::programs::ProgramStatus;
use crate::terms::{AttributionPriority, ClickModel, Terms, in_force};

use super::decisions;
use super::{Binding, Context, Decision, EvaluatedPayment, PaymentState, latest};

/// A moment at which a buyer can be bound: a payment, or a sign-up that cost nothing.
struct Occasion {
    at: Timestamp,
    payment: Option<usize>,
    name: String,
}

/// To whom the buyer belongs, and to whom the proofs led for each payment.
pub(super) struct Attribution {
    pub binding: Option<Binding>,
    pub of_payments: Vec<Option<Binding>>,
}

/// What holds of a buyer's payments from some moment on.
enum Bond<'a> {
    /// Nothing yet: the proofs decide.
    None,
    /// They are somebody's.
    To(Binding),
    /// A person decided that they are nobody's.
    Refused(&'a Decision),
}

/// Tries the proofs at every occasion in order of time and writes the explanation of each
/// payment. What a person decided about a payment comes before them; unless it holds for
/// later payments too, all others come out as if it had not been decided.
pub(super) fn attribute(
    facts: &[&EventFacts],
    payments: &mut [EvaluatedPayment],
    context: &Context,
) -> Attribution {
    let evidence = Evidence::of(facts);
    let mut bond = Bond::None;
    let mut of_payments = vec![None; payments.len()];
    for occasion in occasions(facts, payments) {
        let own_codes = occasion
            .payment
            .map(|index| promotion_codes(facts, &payments[index]))
            .unwrap_or_else(|| evidence.codes.clone());
        let by_proof = try_proofs(occasion.at, &own_codes, &evidence, &bond, context);
        let own = occasion.payment.and_then(|index| decisions::about(&payments[index], context));
        let standing = match (&bond, own) {
            (Bond::Refused(decision), None) => Some(*decision),
            (_, own) => own,
        };
        let outcome = match standing {
            Some(decision) => decisions::applied(decision, own.is_some(), occasion.at, &by_proof, context),
            None => explained(&by_proof, occasion.at),
        };
        if matches!(bond, Bond::None)
            && let Some(decided) = explained(&by_proof, occasion.at).1
        {
            bond = Bond::To(decided);
        }
        if let Some(decision) = own.filter(|decision| decision.later) {
            bond = match outcome.1.clone() {
                Some(binding) => Bond::To(binding),
                None => Bond::Refused(decision),
            };
        }
        if let Some(index) = occasion.payment {
            (payments[index].proofs, of_payments[index]) = outcome;
        }
    }
    let binding = match bond {
        Bond::To(binding) => Some(binding),
        Bond::None | Bond::Refused(_) => None,
    };
    Attribution { binding, of_payments }
}

fn occasions(facts: &[&EventFacts], payments: &[EvaluatedPayment]) -> Vec<Occasion> {
    let mut all: Vec<Occasion> = payments
        .iter()
        .enumerate()
        .filter(|(_, p)| matches!(p.state, PaymentState::Paid | PaymentState::Free))
        .map(|(index, p)| Occasion { at: p.paid_at, payment: Some(index), name: p.canonical_id.clone() })
        .collect();
    // A trial binds on the day it begins: its first payment may lie far outside the window.
    all.extend(facts.iter().filter_map(|event| match &event.fact {
        Fact::Session(s) if s.payment == SessionPayment::NoneRequired => {
            Some(Occasion { at: event.created, payment: None, name: s.id.clone() })
        }
        Fact::Subscription(s) if s.status == "trialing" => {
            Some(Occasion { at: event.created, payment: None, name: s.id.clone() })
        }
        _ => None,
    }));
    all.sort_by(|a, b| (a.at, &a.name).cmp(&(b.at, &b.name)));
    all
}

/// Everything the buyer's facts carry.
struct Evidence {
    tokens: BTreeSet<Carried>,
    codes: BTreeSet<String>,
    emails: BTreeSet<Email>,
}

impl Evidence {
    fn of(facts: &[&EventFacts]) -> Self {
        let hints = || facts.iter().filter_map(|event| event.fact.hints());
        Self {
            tokens: hints().flat_map(|h| h.tokens.iter().cloned()).collect(),
            codes: hints().flat_map(|h| h.promotion_codes.iter().cloned()).collect(),
            emails: hints().flat_map(|h| h.emails.iter().cloned()).collect(),
        }
    }
}

/// The promotion codes used for one payment or on its subscription.
fn promotion_codes(facts: &[&EventFacts], payment: &EvaluatedPayment) -> BTreeSet<String> {
    let concerns = |fact: &Fact| match fact {
        Fact::Subscription(s) => Some(&s.id) == payment.subscription.as_ref(),
        fact => fact.payment_ids().iter().any(|id| payment.aliases.contains(*id)),
    };
    facts
        .iter()
        .filter(|event| concerns(&event.fact))
        .filter_map(|event| event.fact.hints())
        .flat_map(|hints| hints.promotion_codes.iter().cloned())
        .collect()
}

fn proof_order(rules: Option<&Terms>) -> [Proof; 5] {
    use Proof::{ClientReference, KnownCustomer, LeadEmail, Metadata, PromotionCode};
    match rules.map(|r| r.attribution_priority) {
        Some(AttributionPriority::Click) => {
            [KnownCustomer, Metadata, ClientReference, PromotionCode, LeadEmail]
        }
        _ => [KnownCustomer, PromotionCode, Metadata, ClientReference, LeadEmail],
    }
}

/// What every proof answers, in the order in which they count.
fn try_proofs(
    at: Timestamp,
    codes: &BTreeSet<String>,
    evidence: &Evidence,
    bond: &Bond<'_>,
    context: &Context,
) -> Vec<(Proof, Answer)> {
    let rules = in_force(&context.terms, at).map(|terms| terms.terms);
    let rules = rules.as_ref();
    let carried = |by_reference: bool| {
        let is_reference = move |c: &&Carried| (c.carrier == Carrier::ClientReference) == by_reference;
        evidence.tokens.iter().filter(is_reference)
    };
    let answer = |proof| match proof {
        Proof::KnownCustomer => known_customer(bond, context),
        Proof::PromotionCode => promotion_code(codes, at, context),
        Proof::ClientReference => clicks(proof, carried(true), at, rules, context),
        Proof::LeadEmail => lead(&evidence.emails, at, rules, context),
        Proof::Metadata | Proof::Assignment => clicks(proof, carried(false), at, rules, context),
    };
    proof_order(rules).into_iter().map(|proof| (proof, answer(proof))).collect()
}

/// The explanation, and to whom it led: the first proof that leads to somebody decides,
/// and what the others found is said all the same.
fn explained(answers: &[(Proof, Answer)], at: Timestamp) -> (Vec<ProofTried>, Option<Binding>) {
    let mut decided: Option<Binding> = None;
    let mut tried = Vec::new();
    for (proof, answer) in answers {
        let (verdict, word, sentence, leads_to) = answer;
        tried.push(match &decided {
            Some(binding) => moot(*proof, answer, Some(&binding.affiliate_id)),
            None => ProofTried::new(*proof, *verdict, word, sentence.clone()),
        });
        if decided.is_none()
            && let Some((affiliate_id, click)) = leads_to
        {
            let (affiliate_id, click) = (affiliate_id.clone(), click.clone());
            decided = Some(Binding { affiliate_id, at, proof: *proof, click });
        }
    }
    (tried, decided)
}

/// A proof that was not needed any more, with what it found.
pub(super) fn moot(proof: Proof, answer: &Answer, winner: Option<&AffiliateId>) -> ProofTried {
    let (_, _, sentence, leads_to) = answer;
    let more = match leads_to {
        Some((affiliate, _)) if Some(affiliate) == winner => " It would have led to the same affiliate.",
        Some(_) => " What came before it decided.",
        None => "",
    };
    ProofTried::new(proof, Verdict::NotNeeded, "not_needed", format!("{sentence}{more}"))
}

/// What a proof answers: verdict, word, sentence, and to whom it leads.
pub(super) type Answer = (Verdict, &'static str, String, Option<(AffiliateId, Option<ClickToken>)>);

pub(super) fn name_of<'a>(id: &AffiliateId, context: &'a Context) -> &'a str {
    context.affiliates.get(id).map_or("an affiliate", |a| a.name.as_str())
}

fn known_customer(bond: &Bond<'_>, context: &Context) -> Answer {
    match bond {
        Bond::To(binding) => {
            let name = name_of(&binding.affiliate_id, context);
            let how = if binding.proof == Proof::Assignment { ", by a decision" } else { "" };
            let sentence =
                format!("The customer is bound to {name} since {}{how}.", date_text(binding.at, context));
            (Verdict::Decided, "bound", sentence, Some((binding.affiliate_id.clone(), binding.click.clone())))
        }
        Bond::None | Bond::Refused(_) => {
            (Verdict::NoMatch, "not_bound", "The customer was bound to nobody.".to_owned(), None)
        }
    }
}

fn promotion_code(codes: &BTreeSet<String>, at: Timestamp, context: &Context) -> Answer {
    if codes.is_empty() {
        return (Verdict::NoMatch, "no_code", "No promotion code was used.".to_owned(), None);
    }
    for id in codes {
        let Some(coupon) = context.coupons.get(id) else { continue };
        let name = name_of(&coupon.affiliate_id, context);
        if coupon.since > latest(at) {
            let sentence = format!("{} was given to {name} only after the payment.", coupon.code);
            return (Verdict::Refused, "code_too_young", sentence, None);
        }
        if let Some((word, sentence)) = affiliate_objection(&coupon.affiliate_id, latest(at), context) {
            return (Verdict::Refused, word, sentence, None);
        }
        let sentence = format!("{} belongs to {name}.", coupon.code);
        return (Verdict::Decided, "code", sentence, Some((coupon.affiliate_id.clone(), None)));
    }
    let list: Vec<&str> = codes.iter().map(String::as_str).collect();
    (
        Verdict::NoMatch,
        "code_of_nobody",
        format!("{} was used. It belongs to no affiliate.", list.join(", ")),
        None,
    )
}

/// Looks up tokens as clicks; the first or last valid one decides, by click times.
fn clicks<'a>(
    proof: Proof,
    carried: impl Iterator<Item = &'a Carried>,
    at: Timestamp,
    rules: Option<&Terms>,
    context: &Context,
) -> Answer {
    let carried: Vec<&Carried> = carried.collect();
    if carried.is_empty() {
        let sentence = match proof {
            Proof::ClientReference => "The checkout carried no click token as its client reference.",
            _ => {
                "No metadata of session, subscription, invoice, payment or customer carried honeyguide_click."
            }
        };
        return (Verdict::NoMatch, "no_token", sentence.to_owned(), None);
    }
    let mut valid = Vec::new();
    let mut objection = None;
    for item in &carried {
        match judge_click(&item.token, at, rules, context) {
            Ok(click_at) => valid.push((click_at, *item)),
            Err(found) => objection = objection.or(Some(found)),
        }
    }
    valid.sort_by(|a, b| (a.0, &a.1.token, a.1.carrier).cmp(&(b.0, &b.1.token, b.1.carrier)));
    let chosen = match rules.map(|r| r.click_model) {
        Some(ClickModel::First) => valid.first(),
        _ => valid.last(),
    };
    let Some((click_at, item)) = chosen else {
        let (word, sentence) = objection.unwrap_or(("unknown_token", String::new()));
        return (Verdict::Refused, word, sentence, None);
    };
    let Some(click) = context.clicks.get(&item.token) else {
        return (Verdict::Refused, "unknown_token", String::new(), None);
    };
    let sentence = format!(
        "{} names a click on {}’s link /r/{}, made {} and inside the {} days of the terms.",
        capitalised(item.carrier.words()),
        name_of(&click.affiliate_id, context),
        click.link_code,
        before_text(at.since_ms(*click_at)),
        rules.map_or(0, |r| r.window_days),
    );
    (Verdict::Decided, "click", sentence, Some((click.affiliate_id.clone(), Some(item.token.clone()))))
}

fn lead(emails: &BTreeSet<Email>, at: Timestamp, rules: Option<&Terms>, context: &Context) -> Answer {
    if emails.is_empty() {
        return (
            Verdict::NoMatch,
            "no_email",
            "Stripe sent no e-mail address for this payment.".to_owned(),
            None,
        );
    }
    let mut objection = None;
    let mut valid = Vec::new();
    for lead in context.leads.iter().filter(|lead| emails.contains(&lead.email)) {
        match judge_click(&lead.click, at, rules, context) {
            Ok(click_at) => valid.push((click_at, lead)),
            Err(found) => objection = objection.or(Some(found)),
        }
    }
    valid.sort_by(|a, b| (a.0, &a.1.click).cmp(&(b.0, &b.1.click)));
    let chosen = match rules.map(|r| r.click_model) {
        Some(ClickModel::First) => valid.first(),
        _ => valid.last(),
    };
    if let Some((click_at, lead)) = chosen
        && let Some(click) = context.clicks.get(&lead.click)
    {
        let sentence = format!(
            "The address was tracked as a lead after a click on {}’s link /r/{}, {}.",
            name_of(&click.affiliate_id, context),
            click.link_code,
            before_text(at.since_ms(*click_at)),
        );
        return (
            Verdict::Decided,
            "lead",
            sentence,
            Some((click.affiliate_id.clone(), Some(lead.click.clone()))),
        );
    }
    match objection {
        Some((word, sentence)) => (Verdict::Refused, word, sentence, None),
        None => (Verdict::NoMatch, "no_lead", "No lead with this address was tracked.".to_owned(), None),
    }
}

/// Whether a click counts for a payment, or a word and a sentence why not.
fn judge_click(
    token: &ClickToken,
    at: Timestamp,
    rules: Option<&Terms>,
    context: &Context,
) -> Result<Timestamp, (&'static str, String)> {
    let Some(click) = context.clicks.get(token).filter(|click| click.program_id == context.program_id) else {
        return Err(("unknown_token", format!("{} names no click of this program.", shortened(token))));
    };
    let window_days = rules.map_or(0, |r| r.window_days);
    if click.at > latest(at) {
        return Err(("click_after_payment", "The click was made after the payment.".to_owned()));
    }
    if click.at.plus_days(window_days) < at {
        let late_ms = at.since_ms(click.at.plus_days(window_days));
        let sentence = format!(
            "The click on /r/{} was made {}; the window is {window_days} days, so it came {} too late.",
            click.link_code,
            before_text(at.since_ms(click.at)),
            days_text(late_ms),
        );
        return Err(("click_expired", sentence));
    }
    if context.program_history.at(click.at) != Some(ProgramStatus::Active) {
        return Err((
            "program_not_running",
            "The program was not running when the click was made.".to_owned(),
        ));
    }
    for moment in [click.at, latest(at)] {
        if let Some(objection) = affiliate_objection(&click.affiliate_id, moment, context) {
            return Err(objection);
        }
    }
    Ok(click.at)
}

fn affiliate_objection(
    id: &AffiliateId,
    moment: Timestamp,
    context: &Context,
) -> Option<(&'static str, String)> {
    let affiliate = context.affiliates.get(id)?;
    match affiliate.history.at(moment) {
        Some(AffiliateStatus::Active) => None,
        state => {
            let word = state.map_or("not yet in the program", AffiliateStatus::word);
            Some((
                "affiliate_not_active",
                format!("{} was {word} on {}.", affiliate.name, date_text(moment, context)),
            ))
        }
    }
}

fn shortened(token: &ClickToken) -> String {
    format!("{}…", &token.as_str()[..14])
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + characters.as_str())
}

/// A span of time, rounded up: half a day too late is a day too late.
fn days_text(ms: i64) -> String {
    match (ms + DAY_MS - 1) / DAY_MS {
        ..=1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

fn before_text(ms: i64) -> String {
    match ms / DAY_MS {
        0 => "less than a day before".to_owned(),
        1 => "1 day before".to_owned(),
        days => format!("{days} days before"),
    }
}

/// "4 Nov 2026" in the program's time zone.
pub(super) fn date_text(at: Timestamp, context: &Context) -> String {
    let zone = jiff::tz::TimeZone::get(&context.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    match jiff::Timestamp::from_millisecond(at.0) {
        Ok(moment) => moment.to_zoned(zone).strftime("%-d %b %Y").to_string(),
        Err(_) => "an unknown day".to_owned(),
    }
}
