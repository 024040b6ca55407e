//! The ledger of a program as the API shows it, one line per payment.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::server::{Api, Program, text};

/// What each buyer's payments earned, in order of payment. A credited one:
/// `4900 paid, 980 by metadata = earn 980`; another: `4900 paid, no_match`.
pub async fn ledger(api: &Api, program: &Program) -> BTreeMap<String, Vec<String>> {
    let mut entries: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // The list is newest first; the lines are in order.
    for entry in api.all(&of(program, "commissions")).await.iter().rev() {
        let line = format!("{} {}", text(&entry["kind"]), money(&entry["amount"]));
        entries.entry(text(&entry["conversionId"])).or_default().push(line);
    }
    let mut lines: Vec<(String, String, String)> = Vec::new();
    for conversion in api.all(&of(program, "conversions")).await {
        let booked = entries.remove(&text(&conversion["id"])).expect("a conversion has entries");
        let line = format!(
            "{} paid, {} by {} = {}",
            money(&conversion["amount"]),
            money(&conversion["commission"]),
            text(&conversion["method"]),
            booked.join(", ")
        );
        lines.push((text(&conversion["email"]), text(&conversion["paidAt"]), line));
    }
    assert!(entries.is_empty(), "entries without a conversion: {entries:?}");
    for payment in api.all(&of(program, "payments")).await {
        let explanation = &payment["explanation"];
        if payment["status"] != "paid" || explanation["reason"].is_null() {
            continue;
        }
        let reason = text(&explanation["reason"]);
        let line = format!("{} paid, {reason}", money(&payment["amount"]));
        lines.push((text(&payment["email"]), text(&payment["paidAt"]), line));
    }
    lines.sort();
    let mut buyers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (email, _, line) in lines {
        buyers.entry(email).or_default().push(line);
    }
    buyers
}

fn of(program: &Program, list: &str) -> String {
    format!("programs/{}/{list}", program.id)
}

fn money(money: &Value) -> i64 {
    assert_eq!(money["currency"], "usd");
    money["amount"].as_i64().unwrap()
}
