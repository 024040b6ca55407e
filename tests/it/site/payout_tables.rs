//! What is due and the payouts of a run as files, and the result file of a run.

use axum::http::StatusCode;
use domain::commissions::EntryKind;
use domain::ids::AffiliateId;
use domain::money::{Currency, Money};
use domain::payouts::results::LARGEST_RESULT;
use domain::payouts::{PayoutStatus, Reason};
use engine::payouts::{self, Chosen};

use super::{Browser, Merchant, Site};

/// A bonus for an affiliate.
async fn bonus(site: &Site, merchant: &Merchant, name: &str, minor: i64) -> (AffiliateId, Currency) {
    let usd = "usd".parse().unwrap();
    let (affiliate, _) = site.affiliate(merchant, name).await;
    let (amount, reason) = (Money::new(minor, usd), Reason::parse("a good month").unwrap());
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    payouts::adjust(engine, actor, program, &affiliate.id, EntryKind::Bonus, amount, &reason).await.unwrap();
    (affiliate.id, usd)
}

#[tokio::test]
async fn what_is_due_and_a_run_are_files_with_the_same_sums() {
    let site = Site::new().await;
    let merchant = site.merchant("Lumen").await;
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let mut chosen = Vec::new();
    for (name, minor) in [("mira", 7_700), ("noah", 12_345)] {
        chosen.push(bonus(&site, &merchant, name, minor).await);
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

#[tokio::test]
async fn a_result_file_is_uploaded_by_those_who_may() {
    let site = Site::new().await;
    let (merchant, other) = (site.merchant("Lumen").await, site.merchant("Other").await);
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let chosen = vec![bonus(&site, &merchant, "mira", 7_700).await];
    let run = payouts::draft(engine, actor, program, &Chosen::Some(chosen), None).await.unwrap();
    let status = async || {
        let rows = payouts::payouts_of(engine, actor, program, &run, None, 10).await.unwrap();
        (rows[0].payout.id.clone(), rows[0].payout.status)
    };
    let (id, _) = status().await;
    let file = format!("payout,status\n{id},paid\n");
    let (path, page) = (
        format!("/programs/{program}/payouts/runs/{run}/results"),
        format!("/programs/{program}/payouts/runs/{run}"),
    );
    let owner = Browser::signed_in(&site, &merchant.email).await;
    let says = async |content: &[u8]| {
        let answer = owner.upload(&path, content).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, page.as_str()));
        owner.get(&page).await.body
    };
    assert!(says(file.as_bytes()).await.contains("Approve this run first."));
    payouts::approve(engine, actor, program, &run).await.unwrap();
    assert!(says(b"").await.contains("Choose a file."));
    assert!(says(&vec![b'a'; LARGEST_RESULT + 1]).await.contains("This file is larger than 2 MB."));
    assert!(says(&vec![b'a'; LARGEST_RESULT * 2]).await.contains("This file is larger than 2 MB."));
    let stranger = Browser::signed_in(&site, &other.email).await;
    assert_eq!(stranger.upload(&path, file.as_bytes()).await.status, StatusCode::NOT_FOUND);
    let nobody = Browser::new(&site).upload(&path, file.as_bytes()).await;
    assert_eq!(nobody.location(), "/login");
    assert_eq!(status().await.1, PayoutStatus::Open);
    assert!(says(file.as_bytes()).await.contains("1 payout marked as paid."));
    assert_eq!(status().await.1, PayoutStatus::Paid);
}
