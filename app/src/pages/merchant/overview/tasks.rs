//! What the merchant has to do.

use domain::clock::DAY_MS;
use engine::ledger::reports::{MOST_UNATTRIBUTED, Overview};

use crate::components::Task;
use crate::layout::ProgramPage;
use crate::text::{count, plural, relative};

/// After this long without an event, the endpoint is probably broken.
const SILENCE_MS: i64 = 7 * DAY_MS;

/// The most urgent first.
pub(super) fn tasks(page: &ProgramPage, report: &Overview) -> Vec<Task> {
    let task = |icon, title: String, note: String, href: String| Task { icon, title, note, href };
    let mut tasks = Vec::new();
    if !report.connected && report.ever_converted {
        let note = "Payments aren’t tracked until you do".to_owned();
        tasks.push(task("stripe", "Reconnect Stripe".to_owned(), note, page.routes().settings().stripe()));
    } else if let Some(at) = report.last_event_at.filter(|at| page.now.since_ms(*at) > SILENCE_MS) {
        let note = format!("Last event received {}", relative(at, page.now));
        tasks.push(task(
            "stripe",
            "Check the Stripe connection".to_owned(),
            note,
            page.routes().settings().stripe(),
        ));
    }
    if page.waiting_applications > 0 {
        let number = plural(page.waiting_applications, "application", "applications");
        let note = "Applicants earn nothing until approved".to_owned();
        tasks.push(task("applications", format!("Review {number}"), note, page.routes().applications()));
    }
    if report.unattributed > 0 {
        let title = match report.unattributed {
            MOST_UNATTRIBUTED.. => format!("{}+ unattributed payments", count(MOST_UNATTRIBUTED - 1)),
            few => plural(few, "unattributed payment", "unattributed payments"),
        };
        tasks.push(task("help", title, "See why".to_owned(), page.routes().unattributed()));
    }
    tasks
}
