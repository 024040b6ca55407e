//! Pages cost the same on a large installation as on a small one: in statements, and in what
//! SQLite does for them. Times would depend on the machine.

use honeyguide::demo::SIGN_INS;
use honeyguide::demo::large::{Size, fill, pages};

use crate::site::{Browser, Site};

/// The smaller installation; its lists are longer than a page already.
const SMALL: Size = Size { clicks: 2_000, conversions: 1_500, affiliates: 60, programs: 3 };
/// Ten times as much.
const LARGE: Size = Size { clicks: 20_000, conversions: 15_000, affiliates: 600, programs: 30 };

/// What a page did.
#[derive(Debug)]
struct Cost {
    name: String,
    statements: u64,
    steps: u64,
}

async fn costs(size: Size) -> Vec<Cost> {
    let site = Site::new().await;
    fill(&site.engine, size).await.unwrap();
    let report = engine::ledger::verify::ledger(&site.engine).await.unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    let (_, email, password) = SIGN_INS[0];
    let browser = Browser::new(&site);
    let to = browser.sign_in(&[("email", email), ("password", password)]).await;
    assert!(!to.starts_with("/login"), "not signed in: {to}");
    let mut costs = Vec::new();
    for (name, path) in pages(&site.engine).await.unwrap() {
        // What is prepared once is prepared.
        browser.get(&path).await;
        let before = (store::db::statements(), store::db::steps());
        let answer = browser.get(&path).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.status);
        costs.push(Cost {
            name,
            statements: store::db::statements() - before.0,
            steps: store::db::steps() - before.1,
        });
    }
    costs
}

#[tokio::test]
async fn pages_cost_the_same_at_ten_times_the_size() {
    // Sums of more affiliates and filled buckets may be more rows, never ten times as many.
    const MOST_STEPS: u64 = 2;
    const FEW_STEPS: u64 = 6_000;
    const MOST_STATEMENTS: u64 = 4;
    // The first reads the newest 50 payments of the last 30 days: the smaller installation has fewer.
    // The second compares what all affiliates of the program are due.
    const GROWING: [&str; 2] = ["settings: tracking", "payouts due"];
    let (small, large) = (costs(SMALL).await, costs(LARGE).await);
    let mut wrong = Vec::new();
    for (small, large) in small.iter().zip(&large) {
        assert_eq!(small.name, large.name);
        if GROWING.iter().any(|name| small.name.starts_with(name)) {
            continue;
        }
        if large.statements > small.statements + MOST_STATEMENTS
            || large.steps > small.steps * MOST_STEPS + FEW_STEPS
        {
            wrong.push(format!("{small:?}, and at ten times the size {large:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
