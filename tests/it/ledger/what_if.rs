//! A draft of terms on stored payments pays what it pays when it is real.

use domain::one_or_more::OneOrMore;
use domain::terms::{Caps, ClickModel, Commission, Conditions, Order, Recurrence, Reward, Step, Terms};
use engine::ledger::payments::what_if;
use sandbox::{ApiVersion, NewSession};

use crate::harness::{TERMS, World, checkout};

/// What each affiliate has now: name, currency, net sum.
async fn earned(world: &World) -> Vec<(String, i64)> {
    let filter = engine::ledger::conversions::Filter::default();
    let page = engine::ledger::conversions::Page::First;
    let rows = engine::ledger::conversions::list(
        &world.engine,
        &world.merchant,
        &world.program.id,
        &filter,
        &page,
        500,
    )
    .await
    .unwrap();
    let mut sums = std::collections::BTreeMap::new();
    for row in rows.iter().filter(|row| !row.conversion.canceled) {
        let net = row.conversion.commission - row.conversion.reversed;
        *sums.entry(row.affiliate_name.clone()).or_insert(0) += net;
    }
    sums.into_iter().collect()
}

/// Two affiliates, several buyers with renewals, refunds and an upgrade.
async fn sell(world: &mut World) {
    for round in 0..4 {
        world.new_account();
        let first = world.click("mira").await;
        world.time.days(1);
        let second = world.click("noah").await;
        let token = if round % 2 == 0 { first } else { second };
        let (pro, team) = (world.monthly(2_000, "usd"), world.monthly(9_000, "usd"));
        let session = checkout(if round == 1 { &team } else { &pro }, &token);
        let bought = world.buy(NewSession { tax_bps: 1_900, ..session });
        let subscription = bought.subscription.unwrap();
        world.time.days(31);
        world.stripe.renew(&subscription).unwrap();
        if round == 2 {
            world.stripe.refund(&bought.charge.unwrap(), Some(1_000)).unwrap();
            world.stripe.change_price(&subscription, &team).unwrap();
        }
        world.time.days(30);
        world.stripe.renew(&subscription).unwrap();
        world.deliver(ApiVersion::NEWEST).await;
    }
}

fn drafts() -> Vec<Terms> {
    let percent = |rate_bps| Commission::Percent { rate_bps };
    let step = |rate_bps, recurrence| Step { commission: percent(rate_bps), recurrence };
    let with = |rewards: Vec<Reward>| Terms { rewards: OneOrMore::of(rewards).unwrap(), ..TERMS };
    let staggered = Reward {
        steps: OneOrMore::of(vec![
            step(4_000, Recurrence::Months { months: 2 }),
            step(1_000, Recurrence::Lifetime),
        ])
        .unwrap(),
        ..Reward::simple(percent(1), Recurrence::Lifetime)
    };
    let renewals = Reward {
        conditions: Conditions { order: Some(Order::Renewal), ..Conditions::none() },
        ..Reward::simple(percent(700), Recurrence::Lifetime)
    };
    vec![
        TERMS,
        with(vec![staggered.clone()]),
        with(vec![renewals.clone(), staggered]),
        with(vec![renewals]),
        Terms { caps: Caps { per_payment: Some(500), per_customer: Some(1_100) }, ..TERMS },
        Terms { click_model: ClickModel::First, window_days: 7, ..TERMS },
    ]
}

#[tokio::test]
async fn a_draft_pays_what_it_pays_when_it_is_real() {
    let mut now = World::with(TERMS, "usd").await;
    sell(&mut now).await;
    for draft in drafts() {
        // The same sales in a program that had the draft from the beginning.
        let mut real = now.another(draft.clone(), "usd").await;
        sell(&mut real).await;
        let (engine, merchant, program) = (&now.engine, &now.merchant, &now.program.id);
        let result = what_if(engine, merchant, program, &draft, 3_650).await.unwrap();
        let would_be: Vec<(String, i64)> = {
            let mut lines: Vec<_> =
                result.lines.iter().map(|line| (line.name.clone(), line.would_be)).collect();
            lines.retain(|line| line.1 != 0);
            lines.sort();
            lines
        };
        let mut expected = earned(&real).await;
        expected.retain(|line| line.1 != 0);
        assert_eq!(would_be, expected, "{draft:?}");
        let was: i64 = result.lines.iter().map(|line| line.was).sum();
        assert_eq!(was, earned(&now).await.iter().map(|line| line.1).sum::<i64>());
        assert!(draft != TERMS || result.changed == 0, "the same terms change nothing");
    }
    // Nothing was written.
    now.check_books().await;
}
