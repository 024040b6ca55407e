//! Whether an affiliate's clicks count, and the notice at the top of each page when not.

use domain::affiliates::AffiliateStatus;
use domain::programs::ProgramStatus;
use leptos::prelude::*;

use crate::components::{Cell, Notice, Tone};
use crate::layout::AffiliateProgramPage;

/// Whether clicks on the affiliate's links count.
pub(super) fn counts(page: &AffiliateProgramPage) -> bool {
    page.affiliate.status == AffiliateStatus::Active && page.program.status == ProgramStatus::Active
}

/// Why clicks do not count; empty when they do.
pub(super) fn status_notice(page: &AffiliateProgramPage) -> AnyView {
    let company = &page.merchant_name;
    let reason = page.affiliate.status_reason.as_deref().unwrap_or_default();
    let said = if reason.is_empty() { String::new() } else { format!(" {company} says: “{reason}”.") };
    match (page.affiliate.status, page.program.status) {
        (AffiliateStatus::Pending, _) => notice(
            Tone::Info,
            Cell::Pending,
            "Application pending",
            format!(
                "{company} is reviewing your application. Clicks on your links count once you’re approved.{said}"
            ),
        ),
        (AffiliateStatus::Declined, _) => notice(
            Tone::Neutral,
            Cell::X,
            "Application declined",
            format!("Clicks on your links aren’t tracked.{said}"),
        ),
        (AffiliateStatus::Suspended, _) => notice(
            Tone::Danger,
            Cell::Alert,
            "You’re suspended",
            format!(
                "Clicks on your links and payments from your customers no longer count. You keep what you \
                 earned.{said}"
            ),
        ),
        (AffiliateStatus::Active, ProgramStatus::Paused) => notice(
            Tone::Warning,
            Cell::Half,
            "The program is paused",
            "Clicks aren’t tracked for now. You keep earning on customers you already referred.".to_owned(),
        ),
        (AffiliateStatus::Active, ProgramStatus::Archived) => notice(
            Tone::Neutral,
            Cell::Minus,
            "The program has ended",
            "Clicks and payments no longer count. You keep what you earned.".to_owned(),
        ),
        (AffiliateStatus::Active, ProgramStatus::Active) => ().into_any(),
    }
}

fn notice(tone: Tone, cell: Cell, title: &'static str, text: String) -> AnyView {
    view! { <Notice tone cell title>{text}</Notice> }.into_any()
}
