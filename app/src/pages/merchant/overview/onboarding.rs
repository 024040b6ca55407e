//! The steps to the first commission. Whether one is done is read from the data.

use engine::ledger::reports::Overview;
use leptos::prelude::*;

use crate::components::{Onboarding, OnboardingView};
use crate::layout::ProgramPage;

struct Step {
    done: bool,
    /// As a thing that was done, and as the next thing to do.
    name: &'static str,
    /// Why it is not done yet.
    text: String,
    /// Where it is done.
    href: String,
    button: &'static str,
}

/// The card, until the first conversion was made.
pub(super) fn onboarding(page: &ProgramPage, report: &Overview) -> Option<AnyView> {
    if report.ever_converted {
        return None;
    }
    let steps = steps(page, report);
    let next = steps.iter().find(|step| !step.done)?;
    let button = view! { <a class="button primary" href=next.href.clone()>{next.button}</a> };
    let card = OnboardingView {
        title: next.name.to_owned(),
        text: next.text.clone(),
        actions: button.into_any(),
        done: steps.iter().filter(|step| step.done).map(|step| step.name.to_owned()).collect(),
        steps: u32::try_from(steps.len()).unwrap_or_default(),
    };
    Some(view! { <Onboarding view=card/> }.into_any())
}

fn steps(page: &ProgramPage, report: &Overview) -> Vec<Step> {
    let tracked = page.program.script_seen_at.is_some();
    let settings = page.routes().settings();
    let has_events = report.last_event_at.is_some();
    let sale = match (tracked, has_events) {
        (_, false) => "Stripe is connected but hasn’t sent any events yet. Make a purchase through an affiliate’s link, or send a test event from Stripe.".to_owned(),
        (true, true) => "Events arrive and the script is installed, but no payment has been attributed yet. Make a purchase through an affiliate’s link to try it.".to_owned(),
        (false, true) => "Events arrive, but no payment has been attributed yet.".to_owned(),
    };
    vec![
        Step {
            done: true,
            name: "Set the commission",
            text: String::new(),
            href: settings.terms(),
            button: "View terms",
        },
        Step {
            done: report.connected,
            name: "Connect Stripe",
            text: "Honeyguide reads your Stripe payments. It never moves money.".to_owned(),
            href: settings.stripe(),
            button: "Connect Stripe",
        },
        Step {
            done: tracked,
            name: "Install tracking",
            text: "One line of script on your site passes the click to checkout. It hasn’t loaded on your site yet.".to_owned(),
            href: settings.tracking(),
            button: "Show the script",
        },
        Step {
            done: report.active_affiliates > 0,
            name: "Add the first affiliate",
            text: "Each affiliate gets their own link. Add yourself to try it.".to_owned(),
            href: page.routes().new_affiliate(),
            button: "Add an affiliate",
        },
        Step {
            done: report.ever_converted,
            name: "Get your first conversion",
            text: sale,
            href: page.routes().events(),
            button: "View events",
        },
    ]
}
