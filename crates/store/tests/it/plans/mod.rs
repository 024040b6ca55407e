//! How each database runs every text of `store`: tables that grow are led by an index.

mod texts;

use store::db::Conn;

use crate::fixture::Fixture;

/// Tables that grow with what happens. The others have as many rows as people made.
const GROWING: [&str; 29] = [
    "clicks",
    "leads",
    "inbox",
    "customers",
    "customer_emails",
    "stripe_ids",
    "facts",
    "payments",
    "conversions",
    "entries",
    "click_sums",
    "conversion_sums",
    "unpaid_commissions",
    "balances",
    "payouts",
    "payout_runs",
    "audit",
    "affiliates",
    "applications",
    "invitations",
    "referral_requests",
    "invitation_links",
    "links",
    "programs",
    "sessions",
    "email_changes",
    "differences",
    "mails",
    "refused_addresses",
];

/// Texts that read a table to its end, by how they begin or by what is only in them, and why.
const ALLOWED: &[(&str, &str)] = &[
    ("SELECT count(*) FROM clicks", "for benches and tests"),
    ("SELECT count(*) FROM inbox", "for benches and tests"),
];

fn allowed(text: &str) -> bool {
    ALLOWED.iter().any(|(begins, _)| text == *begins)
}

/// The table that a name in a text means: its own or another one's alias.
fn table<'t>(text: &'t str, name: &'t str) -> &'t str {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    for part in words.windows(4) {
        if !["FROM", "JOIN", "INTO", "UPDATE"].contains(&part[0]) {
            continue;
        }
        if part[2] == name || (part[2] == "AS" && part[3] == name) {
            return part[1];
        }
    }
    name
}

async fn explain_on_sqlite(conn: &mut Conn, text: &str) -> Vec<String> {
    let sql: &'static str = format!("EXPLAIN QUERY PLAN {text}").leak();
    let plan = conn.all(sql, &[], |row| row.get("detail")).await;
    plan.unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The plan that does not know the values, as a prepared statement has it in the end.
async fn explain_on_postgres(conn: &mut Conn, text: &str, number: usize) -> Vec<String> {
    let values = (1..=80).rev().find(|number| text.contains(&format!("${number}"))).unwrap_or(0);
    // A value that is compared with NULL first has no type of its own.
    let kind = |number: usize| match text {
        _ if !text.contains(&format!("(${number} IS NULL OR ")) => "unknown",
        _ if text.contains(&format!("livemode = ${number})")) => "boolean",
        _ => "text",
    };
    let list = |all: Vec<&str>| if all.is_empty() { String::new() } else { format!("({})", all.join(", ")) };
    let (kinds, nulls) = (list((1..=values).map(kind).collect()), list(vec!["NULL"; values]));
    let prepare: &'static str = format!("PREPARE plan_{number}{kinds} AS {text}").leak();
    conn.run(prepare, &[]).await.unwrap_or_else(|error| panic!("{error}: {text}"));
    let sql: &'static str = format!("EXPLAIN EXECUTE plan_{number}{nulls}").leak();
    let plan = conn.all(sql, &[], |row| row.get("QUERY PLAN")).await;
    plan.unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Whether a text is about a table that grows.
fn is_about_growing(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| GROWING.contains(&word))
}

/// What SQLite reads to the end.
fn scanned_by_sqlite(text: &str, plan: &[String]) -> Vec<String> {
    let scans = plan.iter().filter_map(|line| line.strip_prefix("SCAN "));
    let names = scans.map(|rest| table(text, rest.split(' ').next().unwrap_or_default()));
    names.filter(|table| GROWING.contains(table)).map(str::to_owned).collect()
}

/// Whether an index has few of a table's rows. Of an empty table Postgres reads any such index to
/// its end, as gladly as the one with the rows that are asked for.
fn is_partial(index: &str) -> bool {
    let migration = include_str!("../../../../../migrations/0001_initial.sql");
    let statements = migration.split(';');
    let mut made = statements.filter(|sql| sql.contains(&format!("INDEX {index} ON ")));
    made.any(|sql| sql.contains(" WHERE "))
}

/// What Postgres reads to the end: a table, or an index without a condition on it.
fn scanned_by_postgres(plan: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, line) in plan.iter().enumerate() {
        let Some((node, rest)) = line.split_once(" on ") else { continue };
        let name = rest.split([' ', '(']).next().unwrap_or_default();
        if !GROWING.contains(&name) {
            continue;
        }
        let is_seq = node.contains("Seq Scan");
        let is_index = node.contains("Index Scan") || node.contains("Index Only Scan");
        let depth = |line: &str| line.len() - line.trim_start().len();
        let below =
            plan[at + 1..].iter().take_while(|next| depth(next) > depth(line) && !next.contains("->"));
        let has_condition = below.into_iter().any(|next| next.contains("Index Cond:"));
        let is_partial = is_partial(node.split(' ').next_back().unwrap_or_default());
        if is_seq || (is_index && !has_condition && !is_partial) {
            wrong.push(line.trim().to_owned());
        }
    }
    wrong
}

#[tokio::test]
async fn no_text_reads_a_growing_table_to_its_end() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let is_sqlite = fixture.db.url.starts_with("sqlite:");
    if !is_sqlite {
        // Of an empty table all is read at once: what has no index must show nevertheless.
        conn.run("SET enable_seqscan = off", &[]).await.unwrap();
        conn.run("SET plan_cache_mode = force_generic_plan", &[]).await.unwrap();
    }
    let mut wrong = Vec::new();
    for (number, (file, text)) in texts::texts().into_iter().enumerate() {
        if allowed(&text) || !is_about_growing(&text) {
            continue;
        }
        let found = if is_sqlite {
            let plan = explain_on_sqlite(&mut conn, &text).await;
            scanned_by_sqlite(&text, &plan)
        } else {
            let plan = explain_on_postgres(&mut conn, &text, number).await;
            scanned_by_postgres(&plan)
        };
        if !found.is_empty() {
            wrong.push(format!("{file} reads all of {}:\n  {text}", found.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "{} texts:\n{}", wrong.len(), wrong.join("\n"));
}
