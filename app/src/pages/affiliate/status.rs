//! What stands between an affiliate and their next earning: said on top of each page.

use domain::affiliates::AffiliateStatus;
use domain::programs::ProgramStatus;
use leptos::prelude::*;

use crate::components::{Cell, Notice, Tone};
use crate::layout::AffiliateProgramPage;

/// Whether clicks on one's links count at present.
pub(super) fn counts(page: &AffiliateProgramPage) -> bool {
    page.affiliate.status == AffiliateStatus::Active && page.program.status == ProgramStatus::Active
}

/// Why clicks do not count at present; nothing when they do.
pub(super) fn standing(page: &AffiliateProgramPage) -> AnyView {
    let company = &page.merchant_name;
    let reason = page.affiliate.status_reason.as_deref().unwrap_or_default();
    let said = if reason.is_empty() { String::new() } else { format!(" {company} says: “{reason}”.") };
    match (page.affiliate.status, page.program.status) {
        (AffiliateStatus::Pending, _) => notice(
            Tone::Info,
            Cell::Pending,
            "Your application waits",
            format!(
                "{company} looks at it. Clicks on your links count from the moment you are let in.{said}"
            ),
        ),
        (AffiliateStatus::Declined, _) => notice(
            Tone::Neutral,
            Cell::X,
            "You were not let in",
            format!("Clicks on your links do not count.{said}"),
        ),
        (AffiliateStatus::Suspended, _) => notice(
            Tone::Danger,
            Cell::Alert,
            "You are suspended",
            format!(
                "Clicks on your links and payments of your customers do not count. What you have earned stays \
                 yours.{said}"
            ),
        ),
        (AffiliateStatus::Active, ProgramStatus::Paused) => notice(
            Tone::Warning,
            Cell::Half,
            "The program is paused",
            "Clicks do not count for now. Customers whom you brought before go on earning for you."
                .to_owned(),
        ),
        (AffiliateStatus::Active, ProgramStatus::Archived) => notice(
            Tone::Neutral,
            Cell::Minus,
            "The program has ended",
            "Clicks and payments do not count any more. What you have earned stays yours.".to_owned(),
        ),
        (AffiliateStatus::Active, ProgramStatus::Active) => ().into_any(),
    }
}

fn notice(tone: Tone, cell: Cell, title: &'static str, text: String) -> AnyView {
    view! { <Notice tone cell title>{text}</Notice> }.into_any()
}
