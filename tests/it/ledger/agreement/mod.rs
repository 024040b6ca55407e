//! The overview agrees with the lists that it sums up: in every period, time zone and currency,
//! on the page, in the file and in the API.

mod history;
mod shop;
mod sums;

use domain::clock::{Random, Timestamp};
use engine::ledger::conversions::Filter;
use engine::ledger::reports::{self, Period, Point, Totals, span};
use engine::tracking::clicks::NewClick;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use store::conversions::Conversion;

use self::history::{History, ZONES, history};
use self::shop::Shop;
use self::sums::{sum, sum_of_api, sum_of_csv};
use crate::api::Client;
use crate::site::{Browser, START, Site};

async fn agrees(history: &History) {
    let (site, random, now) = (Site::new().await, Random::seeded(99), Timestamp(history.now));
    site.time.store(now.0, std::sync::atomic::Ordering::SeqCst);
    let merchant = site.merchant("numbers").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let shop = Shop::open(&site, &merchant, &random, ZONES[history.zone]).await;
    let clicks: Vec<NewClick> = history
        .clicks
        .iter()
        .map(|(ago, affiliate, bot)| shop.click(now.plus_ms(-ago), *affiliate, *bot))
        .collect();
    engine::tracking::clicks::put_history(&site.engine, &clicks).await.unwrap();
    for sale in &history.sales {
        shop.sell(sale, now).await;
    }
    let (engine, actor) = (&site.engine, &merchant.actor);
    let key = engine::identity::api_keys::create(engine, actor, Some(&shop.program)).await.unwrap().1;
    let api = Client::new(engine, Some(key));
    for period in Period::ALL {
        let overview = reports::overview(engine, actor, &shop.program, period).await.unwrap();
        let from = overview.span.from;
        // Each point is what the list of its time says.
        let steps = overview.before.iter().chain(&overview.points);
        let mut ends = steps.clone().skip(1).map(|point| point.at).chain([Timestamp(i64::MAX)]);
        for point in steps.clone() {
            let until = ends.next().unwrap();
            let rows =
                shop.rows(&Filter { from: Some(point.at), until: Some(until), ..Filter::default() }).await;
            assert_eq!(point.totals, sum(&rows), "{period:?} from {:?} to {until:?}", point.at);
            let counted = clicks.iter().filter(|c| !c.bot && c.at >= point.at && c.at < until).count();
            assert_eq!(point.clicks, counted as i64, "{period:?} from {:?} to {until:?}", point.at);
        }
        // The tiles are what the linked list says, on the page, in the file and in the API.
        let tiles = Point::sum(&overview.points);
        let rows = shop.rows(&Filter { from: Some(from), ..Filter::default() }).await;
        assert_eq!(tiles.totals, sum(&rows), "{period:?}");
        let file = format!("/programs/{}/conversions.csv?period={}", shop.program, period.word());
        let file = browser.get(&file).await;
        assert_eq!(
            (file.status.as_u16(), sum_of_csv(&file.body)),
            (200, tiles.totals.money.clone()),
            "{period:?}"
        );
        let moment = jiff::Timestamp::from_millisecond(from.0).unwrap();
        let items = api.all(&format!("/programs/{}/conversions?from={moment}", shop.program), 100).await;
        assert_eq!(sum_of_api(&items), tiles.totals.money, "{period:?}");
        // Everyone is in the top list, and together they are the tiles.
        let mut together = Totals::default();
        for sums in &overview.top {
            let theirs: Vec<&Conversion> =
                rows.iter().filter(|c| c.affiliate_id == sums.affiliate_id).collect();
            assert_eq!(sums.totals, sum(theirs), "{period:?}");
            together.add(&sums.totals);
        }
        assert_eq!(together, tiles.totals, "{period:?}");
        assert_eq!(overview.top.iter().map(|sums| sums.clicks).sum::<i64>(), tiles.clicks, "{period:?}");
        let usd = "usd".parse().unwrap();
        let revenues: Vec<i64> = overview.top.iter().map(|s| s.totals.in_currency(usd).revenue).collect();
        assert!(revenues.is_sorted_by(|a, b| a >= b), "{revenues:?}");
        // What is owed is what all conversions say.
        let everything = shop.rows(&Filter::default()).await;
        for balance in &overview.owed {
            assert_eq!(balance.earned, sum(&everything).in_currency(balance.currency).commission);
            let payable: i64 = everything
                .iter()
                .filter(|c| !c.canceled && c.commission_currency == balance.currency)
                .filter(|c| c.hold_until <= now && !c.is_held())
                .map(|c| c.commission - c.reversed)
                .sum();
            assert_eq!((balance.payable, balance.on_hold), (payable, balance.earned - payable));
        }
    }
    let mut conn = site.db.db.read().await.unwrap();
    for (affiliate, _) in &shop.affiliates {
        assert_eq!(
            store::sums::check::affiliate(&mut conn, affiliate, 0).await.unwrap(),
            Vec::<String>::new()
        );
        assert_eq!(
            store::commissions::check::affiliate(&mut conn, affiliate).await.unwrap(),
            Vec::<String>::new()
        );
    }
    assert_eq!(store::sums::check::program(&mut conn, &shop.program).await.unwrap(), Vec::<String>::new());
}

#[test]
fn the_overview_agrees_with_its_lists() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases: 24, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&history(), |history| {
        let run = agrees(&history);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| runtime.block_on(run)))
            .map_err(|panic| TestCaseError::fail(format!("{:?}", panic.downcast_ref::<String>())))
    });
    outcome.unwrap();
}

#[test]
fn days_begin_at_midnight_in_the_programs_time_zone() {
    for zone in ZONES {
        let there = TimeZone::get(zone).unwrap();
        for day in 0..370 {
            let now = START.plus_days(day).plus_ms(7_000_000);
            for (period, previous) in Period::ALL.into_iter().flat_map(|p| [(p, false), (p, true)]) {
                let span = span(period, zone, now, previous);
                assert_eq!(span.steps[0], span.from);
                assert!(span.steps.is_sorted() && span.steps.iter().all(|at| *at < span.until));
                assert!(previous || (span.from <= now && now < span.until), "{zone} {period:?}");
                if period == Period::Day {
                    continue;
                }
                for at in &span.steps {
                    let at = jiff::Timestamp::from_millisecond(at.0).unwrap().to_zoned(there.clone());
                    assert_eq!(at, at.start_of_day().unwrap(), "{zone} {period:?}");
                }
            }
        }
    }
}
