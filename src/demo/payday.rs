//! The first payout run of the demo, with one payout that failed.

use anyhow::Context;
use domain::clock::Timestamp;
use domain::commissions::EntryKind;
use domain::money::Money;
use domain::payouts::{BankAccount, MethodKind, PayoutMethod, PayoutSettings, Reason};
use engine::Engine;
use engine::identity::sessions::MerchantActor;
use engine::payouts::{self, Chosen};
use engine::programs::affiliates;

use super::people::Method;
use super::seeded_program::SeededProgram;

/// When affiliates are paid, and how.
pub struct Payday<'a> {
    /// The moment.
    pub at: Timestamp,
    /// How each of them is paid, by the code of the first link.
    pub methods: &'a [(&'a str, Method)],
}

impl Payday<'_> {
    /// Drafts, approves and sends a run; one payout comes back.
    pub async fn pay(
        self,
        engine: &Engine,
        actor: &MerchantActor,
        seeded: &SeededProgram,
    ) -> anyhow::Result<()> {
        let program = &seeded.program;
        let settings = PayoutSettings {
            draft_day: Some(1),
            payer: Some(account("Lumen Notes Europe Ltd", "NL91ABNA0417164300")?),
            ..PayoutSettings::default()
        };
        payouts::set_settings(engine, actor, program, &settings.clone().into()).await?;
        for (code, method) in self.methods {
            let (affiliate, _) = seeded.links.get(code).context("an affiliate with a method")?;
            let detail = affiliates::detail(engine, actor, program, affiliate).await?;
            let account = detail.affiliate.account_id.context("an affiliate with an account")?;
            payouts::set_method_of(engine, &account, &method_of(method)?).await?;
        }
        let (mira, _) = seeded.links.get("mira").context("the first affiliate")?;
        let bonus = Money::new(2_500, "usd".parse()?);
        let reason = Reason::parse("Thank you for the launch newsletter").map_err(anyhow::Error::msg)?;
        payouts::adjust(engine, actor, program, mira, EntryKind::Bonus, bonus, &reason).await?;
        // Those whose method is new would wait some days.
        let later = PayoutSettings { method_hold_days: 0, ..settings.clone() };
        payouts::set_settings(engine, actor, program, &later.into()).await?;
        // The first time also those who are below the minimum.
        let due = payouts::due(engine, actor, program, None, 0, 100).await?;
        let chosen = due.rows.into_iter().filter(|due| due.method.is_some() && due.amount > 0);
        let chosen = Chosen::Some(chosen.map(|due| (due.affiliate_id, due.currency)).collect());
        let run = payouts::draft(engine, actor, program, &chosen, None).await?;
        payouts::approve(engine, actor, program, &run).await?;
        payouts::set_settings(engine, actor, program, &settings.into()).await?;
        payouts::mark_sent(engine, actor, program, &run).await?;
        let paid = payouts::payouts_of(engine, actor, program, &run, None, 100).await?;
        let by_iban = |row: &&payouts::PayoutRow| matches!(row.method, Some((MethodKind::Iban, _)));
        if let Some(returned) = paid.iter().rfind(by_iban) {
            let reason =
                Reason::parse("The bank returned it: the account is closed").map_err(anyhow::Error::msg)?;
            payouts::mark_failed(engine, actor, program, &returned.payout.id, &reason).await?;
        }
        payouts::mark_paid(engine, actor, program, &run, None).await?;
        Ok(())
    }
}

fn account(holder: &str, iban: &str) -> anyhow::Result<BankAccount> {
    BankAccount::parse(holder, iban, "").map_err(|problems| anyhow::anyhow!("{problems:?}"))
}

fn method_of(method: &Method) -> anyhow::Result<PayoutMethod> {
    let read = match method {
        Method::Iban { holder, iban } => return Ok(PayoutMethod::Iban(account(holder, iban)?)),
        Method::Paypal(email) => PayoutMethod::paypal(email),
        Method::Wise { holder, email } => PayoutMethod::wise(holder, email),
    };
    read.map_err(|problems| anyhow::anyhow!("{problems:?}"))
}
