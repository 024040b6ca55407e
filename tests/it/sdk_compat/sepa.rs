//! The SEPA file of a payout run against the published schema of pain.001.001.09.

use std::process::Stdio;

use domain::clock::Timestamp;
use domain::payouts::files::{FileHead, FilePayout, file};
use domain::payouts::{BankAccount, PayoutMethod, Rail};
use tokio::io::AsyncWriteExt;

use super::programs::python;

fn payout(number: usize, holder: &str, iban: &str, bic: &str, amount: i64) -> FilePayout {
    FilePayout {
        name: holder.to_owned(),
        email: "someone@example.com".to_owned(),
        method: BankAccount::parse(holder, iban, bic).ok().map(PayoutMethod::Iban),
        amount,
        reference: "Lumen Partners run 14".to_owned(),
        id: format!("pyo_01k{number:023}").parse().expect("an id"),
    }
}

async fn validate(xml: &[u8]) -> String {
    let mut program = python("sdk-compat/sepa.py")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    program.stdin.take().expect("its input").write_all(xml).await.expect("it reads");
    let output = program.wait_with_output().await.expect("it ends");
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).trim().to_owned()
}

#[tokio::test]
async fn a_sepa_file_follows_the_published_schema() {
    let head = FileHead {
        message_id: "RUN01M7MQ2X86RJMCX3MZ9RHFBWEP".to_owned(),
        at: Timestamp(1_796_032_000_000),
        payer: BankAccount::parse("Lumen & Söhne <Europe> Ltd", "NL91ABNA0417164300", "ABNANL2A").ok(),
        currency: "eur".parse().expect("a currency"),
    };
    let long = "Ein sehr langer Name einer Gesellschaft, der siebzig Zeichen haben darf";
    let payouts = [
        payout(1, "Tomás Rebelo & Filhos", "PT50000201231234567890154", "", 19_840),
        payout(2, "Žofie Dvořáková", "DE89370400440532013000", "COBADEFFXXX", 1),
        payout(
            3,
            &long.chars().take(70).collect::<String>(),
            "FR1420041010050500013M02606",
            "",
            99_999_999_999,
        ),
    ];
    let xml = file(Rail::Sepa, &head, &payouts).expect("a file");
    assert_eq!(validate(&xml).await, "valid");
    let broken =
        String::from_utf8(xml).expect("text").replace("<NbOfTxs>3</NbOfTxs>", "<NbOfTxs>three</NbOfTxs>");
    assert_ne!(validate(broken.as_bytes()).await, "valid", "the schema is really compared");
}
