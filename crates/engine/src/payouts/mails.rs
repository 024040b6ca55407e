//! Mails to affiliates about their payouts. Their names are not in them: a merchant typed them,
//! who must not write more than a reason into mails of the installation.

use domain::money::Money;
use domain::payouts::Reason;
use store::db::Conn;
use store::payouts::PayoutRow;
use store::programs::Program;

use crate::engine::Engine;
use crate::error::Result;
use crate::mail;

/// A payout was made.
pub(super) async fn paid(engine: &Engine, conn: &mut Conn, program: &Program, row: &PayoutRow) -> Result<()> {
    let amount = Money::new(row.payout.amount, row.payout.currency);
    let text = format!(
        "Hello,\n\n{} paid you {amount}. The statement lists every commission it pays:\n{}\n",
        program.name,
        page(engine, program, row)
    );
    put(engine, conn, row, &format!("You were paid {amount} by {}", program.name), &text).await
}

/// A payout did not arrive.
pub(super) async fn failed(
    engine: &Engine,
    conn: &mut Conn,
    program: &Program,
    row: &PayoutRow,
    reason: &Reason,
) -> Result<()> {
    let amount = Money::new(row.payout.amount, row.payout.currency);
    let text = format!(
        "Hello,\n\na payout of {amount} by {} did not arrive: {}\n\nThe amount is payable again and part of \
         the next payout. Check how you are paid:\n{}{}\n",
        program.name,
        reason.as_str(),
        engine.base_url(),
        (engine.pages().own_payouts)(&program.id)
    );
    put(engine, conn, row, &format!("A payout of {amount} did not arrive"), &text).await
}

fn page(engine: &Engine, program: &Program, row: &PayoutRow) -> String {
    format!("{}{}", engine.base_url(), (engine.pages().own_statement)(&program.id, &row.payout.id))
}

async fn put(engine: &Engine, conn: &mut Conn, row: &PayoutRow, subject: &str, text: &str) -> Result<()> {
    // The account's address may have changed since the affiliate was added.
    let account = match &row.account_id {
        Some(account) => store::accounts::get(conn, account).await?,
        None => None,
    };
    // A stored address is valid; if it is not, there is nobody to mail.
    let Some(to) = account.map(|account| account.email).or(row.email.parse().ok()) else { return Ok(()) };
    mail::put(engine, conn, &to, subject, text).await
}
