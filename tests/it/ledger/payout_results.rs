//! A bank's report and a service's result file, against real runs.

use domain::ids::PayoutRunId;
use domain::payouts::files::end_to_end_id;
use domain::payouts::{BankAccount, PayoutMethod, PayoutSettings, PayoutStatus, RunStatus};
use domain::terms::Terms;
use engine::Error;
use engine::payouts::{self, AppliedResults, Chosen, PayoutRow};

use crate::harness::{TERMS, World};

const IBANS: [(&str, &str); 2] =
    [("mira", "DE89370400440532013000"), ("noah", "FR1420041010050500013M02606")];

/// Two affiliates with something payable in euros, each with an IBAN, and an approved run.
async fn approved_run() -> (World, PayoutRunId) {
    let mut world = World::with(Terms { hold_days: 0, minimum_payout_minor: 0, ..TERMS }, "eur").await;
    for (name, iban) in IBANS {
        let account = world.account_of(name).await;
        let method = PayoutMethod::Iban(BankAccount::parse(name, iban, "").expect("an account"));
        payouts::set_method_of(&world.engine, &account, &method).await.expect("a method");
        world.sell(name, 10_000).await;
    }
    world.time.days(8);
    let settings = PayoutSettings {
        payer: BankAccount::parse("Lumen Notes", "NL91ABNA0417164300", "").ok(),
        ..PayoutSettings::default()
    };
    let (engine, merchant, program) = (&world.engine, &world.merchant, &world.program.id);
    payouts::set_settings(engine, merchant, program, &settings.into()).await.expect("settings");
    let run = payouts::draft(engine, merchant, program, &Chosen::AllPayable, None).await.expect("a run");
    payouts::approve(engine, merchant, program, &run).await.expect("it is approved");
    (world, run)
}

/// A report that answers a file; `inside` may name its payments.
fn report(message: &str, group: &str, payments: &str) -> String {
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>\
         <GrpHdr><MsgId>B-1</MsgId><CreDtTm>2026-12-02T08:00:00</CreDtTm></GrpHdr>\
         <OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{group}\
         </OrgnlGrpInfAndSts>{payments}</CstmrPmtStsRpt></Document>"
    )
}

fn payment(row: &PayoutRow, status: &str) -> String {
    let id = end_to_end_id(&row.payout.id);
    format!(
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>P</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>{id}</OrgnlEndToEndId>\
         <TxSts>{status}</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>"
    )
}

impl World {
    /// The message id that the SEPA file of a run carries.
    async fn message_id(&self, run: &PayoutRunId) -> String {
        let eur = domain::money::Currency::EUR;
        let rail = domain::payouts::Rail::Sepa;
        let file = payouts::download(&self.engine, &self.merchant, &self.program.id, run, rail, eur).await;
        let file = file.expect("the file").content;
        let (_, rest) = file.split_once("<MsgId>").expect("a message id");
        rest.split_once("</MsgId>").expect("its end").0.to_owned()
    }

    async fn apply(&self, run: &PayoutRunId, file: &str) -> Result<AppliedResults, Error> {
        payouts::apply_results(&self.engine, &self.merchant, &self.program.id, run, file.as_bytes()).await
    }

    async fn statuses(&self, run: &PayoutRunId) -> Vec<PayoutStatus> {
        self.rows(run).await.into_iter().map(|row| row.payout.status).collect()
    }
}

#[tokio::test]
async fn a_report_settles_each_payment_that_it_names_once() {
    let (world, run) = approved_run().await;
    let rows = world.rows(&run).await;
    let message = world.message_id(&run).await;
    let file = report(&message, "", &(payment(&rows[0], "ACSC") + &payment(&rows[1], "RJCT")));
    let applied = world.apply(&run, &file).await.expect("it is applied");
    assert_eq!(applied, AppliedResults { paid: 1, failed: 1, ..AppliedResults::default() });
    assert_eq!(world.statuses(&run).await, [PayoutStatus::Paid, PayoutStatus::Failed]);
    assert_eq!(world.status(&run).await, RunStatus::Completed);
    let again = world.apply(&run, &file).await.expect("it is applied");
    assert_eq!(again, AppliedResults { unchanged: 2, ..AppliedResults::default() });
    // A payment that comes back after it was thought paid.
    let file = report(&message, "", &payment(&rows[0], "RJCT"));
    assert_eq!(world.apply(&run, &file).await.expect("it is applied").failed, 1);
    world.check_books().await;
}

#[tokio::test]
async fn a_rejected_file_fails_every_payment_in_it() {
    let (world, run) = approved_run().await;
    let other = report("RUN0", "<GrpSts>RJCT</GrpSts>", "");
    let refused = world.apply(&run, &other).await;
    assert!(
        matches!(refused, Err(Error::Invalid(ref why)) if why.0[0].message.contains("another run")),
        "{refused:?}"
    );
    let message = world.message_id(&run).await;
    let accepted = report(&message, "<GrpSts>ACCP</GrpSts>", "");
    assert_eq!(world.apply(&run, &accepted).await.expect("it is applied"), AppliedResults::default());
    assert_eq!(world.statuses(&run).await, [PayoutStatus::Open, PayoutStatus::Open]);
    let rejected = report(&message, "<GrpSts>RJCT</GrpSts>", "");
    assert_eq!(world.apply(&run, &rejected).await.expect("it is applied").failed, 2);
    assert_eq!(world.statuses(&run).await, [PayoutStatus::Failed, PayoutStatus::Failed]);
    world.check_books().await;
}

#[tokio::test]
async fn a_table_settles_by_payout_id() {
    let (world, run) = approved_run().await;
    let rows = world.rows(&run).await;
    let file = format!(
        "payout,status\n{},paid\n{},pending\npyo_01k00000000000000000000000,paid\n",
        rows[0].payout.id, rows[1].payout.id
    );
    let applied = world.apply(&run, &file).await.expect("it is applied");
    assert_eq!(applied, AppliedResults { paid: 1, pending: 1, not_in_run: 1, ..AppliedResults::default() });
    assert_eq!(world.statuses(&run).await, [PayoutStatus::Paid, PayoutStatus::Open]);
    let nonsense = world.apply(&run, "hello").await;
    assert!(matches!(nonsense, Err(Error::Invalid(_))), "{nonsense:?}");
    world.check_books().await;
}
