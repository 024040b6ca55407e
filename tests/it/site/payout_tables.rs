//! What is due and the payouts of a run, as files.

use domain::commissions::EntryKind;
use domain::money::Money;
use domain::payouts::Reason;
use engine::payouts::{self, Chosen};

use super::{Browser, Site};

#[tokio::test]
async fn what_is_due_and_a_run_are_files_with_the_same_sums() {
    let site = Site::new().await;
    let merchant = site.merchant("Lumen").await;
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let usd = "usd".parse().unwrap();
    let reason = Reason::parse("a good month").unwrap();
    let mut chosen = Vec::new();
    for (name, minor) in [("mira", 7_700), ("noah", 12_345)] {
        let (affiliate, _) = site.affiliate(&merchant, name).await;
        let bonus = Money::new(minor, usd);
        payouts::adjust(engine, actor, program, &affiliate.id, EntryKind::Bonus, bonus, &reason)
            .await
            .unwrap();
        chosen.push((affiliate.id, usd));
    }
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let columns = |file: &str, wanted: &[usize]| -> Vec<String> {
        let lines = file.trim_start_matches('\u{feff}').lines().skip(1);
        let cells = |line: &str| -> Vec<String> { line.split(',').map(str::to_owned).collect() };
        lines
            .map(cells)
            .map(|row| wanted.iter().map(|at| row[*at].clone()).collect::<Vec<_>>().join(" "))
            .collect()
    };
    let due = browser.get(&format!("/programs/{program}/payouts.csv")).await;
    assert_eq!(columns(&due.body, &[2, 3, 4]), ["USD 123.45 no_method", "USD 77.00 no_method"]);
    let below = browser.get(&format!("/programs/{program}/payouts.csv?status=below_minimum")).await;
    assert_eq!(columns(&below.body, &[0]), [""; 0]);
    let run = payouts::draft(engine, actor, program, &Chosen::Some(chosen), None).await.unwrap();
    let due = browser.get(&format!("/programs/{program}/payouts.csv")).await;
    assert_eq!(columns(&due.body, &[0]), [""; 0], "it is in the run");
    let of_run = browser.get(&format!("/programs/{program}/payouts/runs/{run}/payouts.csv")).await;
    let mut rows = columns(&of_run.body, &[4, 5, 6, 9]);
    rows.sort();
    assert_eq!(rows, ["USD 123.45 1 open", "USD 77.00 1 open"]);
}
