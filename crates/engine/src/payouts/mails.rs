//! Mails to affiliates about their payouts. Their names are not in them: a merchant typed them,
//! who must not write more than a reason into mails of the installation.

use domain::mails::MailKind;
use domain::money::Money;
use domain::payouts::Reason;
use store::db::Conn;
use store::payouts::PayoutRow;
use store::programs::Program;

use crate::engine::Engine;
use crate::error::Result;
use crate::mail::{self, Letter};

/// A payout was made.
pub(super) async fn paid(engine: &Engine, conn: &mut Conn, program: &Program, row: &PayoutRow) -> Result<()> {
    let amount = Money::new(row.payout.amount, row.payout.currency);
    let statement = (engine.pages().own_statement)(&program.id, &row.payout.id);
    let subject = format!("You were paid {amount} by {}", program.name);
    let letter = Letter::new(MailKind::PayoutPaid, subject)
        .of(&program.id)
        .text(format!("{} paid you {amount}. The statement lists every commission it pays.", program.name))
        .link("Open the statement", engine.url(&statement));
    put(engine, conn, row, &letter).await
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
    let letter = Letter::new(MailKind::PayoutFailed, format!("A payout of {amount} did not arrive"))
        .of(&program.id)
        .text(format!("A payout of {amount} by {} did not arrive. The reason:", program.name))
        .quote(reason.as_str())
        .text("The amount is payable again and part of the next payout.")
        .link("Check how you are paid", engine.url(&(engine.pages().own_payouts)(&program.id)));
    put(engine, conn, row, &letter).await
}

async fn put(engine: &Engine, conn: &mut Conn, row: &PayoutRow, letter: &Letter) -> Result<()> {
    // The account's address may have changed since the affiliate was added.
    let account = match &row.account_id {
        Some(account) => store::accounts::get(conn, account).await?,
        None => None,
    };
    // A stored address is valid; if it is not, there is nobody to mail.
    let Some(to) = account.map(|account| account.email).or(row.email.parse().ok()) else { return Ok(()) };
    mail::put(engine, conn, &to, letter).await
}
