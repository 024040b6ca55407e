//! What waits for the merchant.

use domain::clock::DAY_MS;
use engine::ledger::reports::Overview;

use crate::components::Task;
use crate::layout::ProgramPage;
use crate::text::{plural, relative};

/// A program that sells every day and hears nothing for so long has a broken endpoint.
const SILENCE_MS: i64 = 7 * DAY_MS;

/// The most urgent first.
pub(super) fn tasks(page: &ProgramPage, report: &Overview) -> Vec<Task> {
    let task =
        |icon, title: String, note: String, rest: &str| Task { icon, title, note, href: page.path(rest) };
    let mut tasks = Vec::new();
    if !report.connected && report.ever_converted {
        let note = "Payments are not counted meanwhile".to_owned();
        tasks.push(task("stripe", "Connect Stripe again".to_owned(), note, "settings/stripe"));
    } else if let Some(at) = report.last_event_at.filter(|at| page.now.since_ms(*at) > SILENCE_MS) {
        let note = format!("The last event came {}", relative(at, page.now));
        tasks.push(task("stripe", "Look after Stripe".to_owned(), note, "settings/stripe"));
    }
    if report.pending_affiliates > 0 {
        let number = plural(report.pending_affiliates, "application", "applications");
        let note = "They earn nothing until you let them in".to_owned();
        tasks.push(task("applications", format!("Review {number}"), note, "affiliates?status=pending"));
    }
    if report.unattributed > 0 {
        let title = plural(report.unattributed, "unattributed payment", "unattributed payments");
        tasks.push(task("help", title, "See why".to_owned(), "unattributed"));
    }
    tasks
}
