//! Flags about affiliates, as sentences.

use engine::tracking::flags::{DAYS, Flag, MANY_BUYERS};

use crate::text::{count, plural};

/// A title, and a sentence or two.
pub fn flag_text(flag: &Flag) -> (String, String) {
    match flag {
        Flag::MoreLeadsThanClicks { leads, clicks } => (
            "More leads than clicks".to_owned(),
            format!(
                "{} and {} in the last {DAYS} days. Someone may be sending addresses of people who never visited. Doubtful leads don’t earn commissions.",
                plural(*leads, "lead", "leads"),
                plural(*clicks, "click", "clicks"),
            ),
        ),
        Flag::SharedClick { click, buyers } => (
            format!("One click, {} buyers", count(*buyers)),
            format!(
                "The click {click} is credited for {} different buyers. Its token may have been copied to other people’s checkouts.",
                count(*buyers)
            ),
        ),
    }
}

/// The flag of a conversion whose click is credited for several buyers.
pub fn shared_click(click: Option<&engine::tracking::clicks::Click>, buyers: i64) -> Option<Flag> {
    click
        .filter(|_| buyers >= MANY_BUYERS)
        .map(|click| Flag::SharedClick { click: click.token.clone(), buyers })
}
