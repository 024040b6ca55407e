//! What the overview says is what the lists say that it sums up: in every period, time zone and
//! currency, on the page, in the file and in the API.

use std::collections::{BTreeMap, BTreeSet};

use domain::attribution::{EvaluatedPayment, EvaluatedStatus, PaymentKind};
use domain::checks::CheckKind;
use domain::clicks::{ClickToken, Device};
use domain::clock::{DAY_MS, Random, Timestamp};
use domain::commissions::{Cause, Entry, LedgerBalance, difference};
use domain::ids::{AffiliateId, ConversionId, CustomerId, EntryId, LinkId, PaymentId, ProgramId};
use domain::money::Currency;
use domain::programs::ProgramDraft;
use domain::terms::Terms;
use engine::ledger::conversions::{Filter, Page};
use engine::ledger::reports::{self, Amounts, Period, Point, Totals, span};
use engine::programs;
use engine::tracking::clicks::NewClick;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use store::connections::Connection;
use store::conversions::Conversion;
use store::customers::NewState;
use store::payments::Payment;

use crate::api::Client;
use crate::site::{Browser, Merchant, START, Site};

/// Whole and half hours, quarters, both hemispheres' summer time, the ends of the world, and a
/// zone whose summer time is half an hour.
const ZONES: [&str; 12] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
];
const CURRENCIES: [&str; 3] = ["usd", "eur", "jpy"];

/// A payment of a history, and what became of it.
#[derive(Debug, Clone)]
struct Sale {
    /// How long before now; a little in the future where Stripe's clock runs ahead.
    ago: i64,
    affiliate: usize,
    currency: usize,
    commission_currency: usize,
    amount: i64,
    is_first: bool,
    then: Then,
}

#[derive(Debug, Clone, Copy)]
enum Then {
    Nothing,
    Refunded(i64),
    Disputed,
    Canceled,
    Moved(usize),
}

#[derive(Debug, Clone)]
struct History {
    zone: usize,
    now: i64,
    clicks: Vec<(i64, usize, bool)>,
    sales: Vec<Sale>,
}

/// Moments that lie anywhere in two years, often near an end of a span.
fn ago() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 0..3 * DAY_MS,
        4 => 0..35 * DAY_MS,
        3 => 0..740 * DAY_MS,
        1 => -60_000_i64..0,
        // Quarters around a boundary of a period.
        6 => (prop::sample::select(vec![1_i64, 6, 7, 29, 30, 89, 90, 363, 364, 727, 728]), -100_i64..100)
            .prop_map(|(days, quarters)| days * DAY_MS + quarters * 900_000),
    ]
}

fn history() -> impl Strategy<Value = History> {
    let then = prop_oneof![
        4 => Just(Then::Nothing),
        1 => (1_i64..500).prop_map(Then::Refunded),
        1 => Just(Then::Disputed),
        1 => Just(Then::Canceled),
        1 => (0_usize..3).prop_map(Then::Moved),
    ];
    let sale = (ago(), 0_usize..3, 0_usize..3, 0_usize..3, 500_i64..10_000, any::<bool>(), then).prop_map(
        |(ago, affiliate, currency, commission_currency, amount, is_first, then)| Sale {
            ago,
            affiliate,
            currency,
            commission_currency,
            amount,
            is_first,
            then,
        },
    );
    let sale = sale.boxed();
    // Any time of any day of a year, so that summer time begins and ends in some spans.
    (0..ZONES.len(), 0_i64..365 * 96)
        .prop_flat_map(move |(zone, quarter)| {
            let clicks = prop::collection::vec((ago(), 0_usize..3, prop::bool::weighted(0.2)), 0..40);
            let sales = prop::collection::vec(sale.clone(), 0..25);
            (Just(zone), Just(START.0 - quarter * 900_000 + 61_000), clicks, sales)
        })
        .prop_map(|(zone, now, clicks, sales)| History { zone, now, clicks, sales })
}

/// A program with three affiliates, in one time zone.
struct Shop<'s> {
    site: &'s Site,
    merchant: &'s Merchant,
    random: &'s Random,
    program: ProgramId,
    affiliates: Vec<(AffiliateId, LinkId)>,
    terms: domain::ids::TermsId,
    connection: domain::ids::ConnectionId,
}

impl<'s> Shop<'s> {
    async fn open(site: &'s Site, merchant: &'s Merchant, random: &'s Random, zone: &str) -> Self {
        let draft = ProgramDraft {
            time_zone: zone.parse().unwrap(),
            ..ProgramDraft::new(
                "Shop".parse().unwrap(),
                "https://lumen.example/".parse().unwrap(),
                "usd".parse().unwrap(),
            )
        };
        let program =
            programs::create(&site.engine, &merchant.actor, &draft, &Terms::default()).await.unwrap().id;
        let terms =
            programs::terms::list(&site.engine, &merchant.actor, &program).await.unwrap().remove(0).id;
        let mut affiliates = Vec::new();
        for number in 0..3 {
            let draft = domain::affiliates::AffiliateDraft {
                name: format!("Affiliate {number}").parse().unwrap(),
                email: format!("a{number}@affiliates.example").parse().unwrap(),
                code: None,
            };
            let added =
                programs::affiliates::add(&site.engine, &merchant.actor, &program, &draft).await.unwrap();
            affiliates.push((added.0.id, added.1.id));
        }
        let id = domain::ids::ConnectionId::new(START, random);
        let connection = Connection::manual(id.clone(), &program, id.as_str(), START);
        let mut conn = site.db.db.write().await.unwrap();
        store::connections::put(&mut conn, &connection).await.unwrap();
        Self { site, merchant, random, program, affiliates, terms, connection: id }
    }

    fn click(&self, at: Timestamp, affiliate: usize, bot: bool) -> NewClick {
        let (affiliate_id, link_id) = self.affiliates[affiliate].clone();
        NewClick {
            token: ClickToken::new(at, self.random),
            program_id: self.program.clone(),
            affiliate_id,
            link_id,
            at,
            landing_url: "https://lumen.example/".to_owned(),
            referrer_host: None,
            utm_source: None,
            utm_medium: None,
            utm_campaign: None,
            placement: None,
            device: Device::Desktop,
            bot,
            country: None,
            visitor: None,
        }
    }

    /// Stores a payment, its conversion and what became of it, as the ledger's writer does.
    async fn sell(&self, sale: &Sale, now: Timestamp) {
        let paid_at = now.plus_ms(-sale.ago);
        let currency = |index: usize| CURRENCIES[index].parse::<Currency>().unwrap();
        let mut tx = self.site.db.db.begin().await.unwrap();
        let customer = CustomerId::new(now, self.random);
        let unknown = NewState::unknown(&customer, &self.connection, &self.program);
        store::customers::save(&mut tx, &[unknown], now).await.unwrap();
        let payment = PaymentId::new(now, self.random);
        let owner = (&self.program, &self.connection, &customer);
        let evaluated = paid(payment.as_str(), paid_at, currency(sale.currency), sale.amount);
        store::payments::save(&mut tx, [&Payment::new(&payment, owner, &evaluated)], now).await.unwrap();
        let first = Conversion {
            id: ConversionId::new(now, self.random),
            program_id: self.program.clone(),
            payment_id: payment,
            customer_id: customer,
            affiliate_id: self.affiliates[sale.affiliate].0.clone(),
            link_id: Some(self.affiliates[sale.affiliate].1.clone()),
            terms_id: self.terms.clone(),
            method: CheckKind::Metadata,
            click_token: None,
            currency: currency(sale.currency),
            payment_number: if sale.is_first { 1 } else { 2 },
            amount: sale.amount,
            base: sale.amount,
            refunded: 0,
            commission_currency: currency(sale.commission_currency),
            commission: sale.amount / 5,
            reversed: 0,
            hold: None,
            disputed: 0,
            canceled: false,
            hold_until: paid_at.plus_days(30),
            paid_at,
        };
        let then = match sale.then {
            Then::Nothing => first.clone(),
            Then::Refunded(amount) => Conversion { refunded: amount, reversed: amount / 5, ..first.clone() },
            Then::Disputed => {
                let hold = Some(domain::commissions::HoldReason::Dispute);
                Conversion { disputed: sale.amount, hold, ..first.clone() }
            }
            Then::Canceled => Conversion { canceled: true, ..first.clone() },
            Then::Moved(to) => Conversion { affiliate_id: self.affiliates[to].0.clone(), ..first.clone() },
        };
        for (old, new) in [(None, &first), (Some(&first), &then)] {
            store::conversions::save(&mut tx, [new], now).await.unwrap();
            store::sums::conversions::replace(&mut tx, old, Some(new)).await.unwrap();
            let entries = self.entries(old, new, now);
            let with_program = entries.iter().map(|entry| (&self.program, entry));
            store::commissions::append(&mut tx, with_program, [&new.affiliate_id]).await.unwrap();
            store::commissions::refresh(&mut tx, [&new.id], now).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// The entries that lead from one state of a conversion to the next.
    fn entries(&self, old: Option<&Conversion>, new: &Conversion, now: Timestamp) -> Vec<Entry> {
        let booked = |c: Option<&Conversion>, affiliate: &AffiliateId| {
            let own = c.filter(|c| c.affiliate_id == *affiliate && !c.canceled);
            own.map_or((0, 0), |c| (c.commission, c.reversed))
        };
        let affiliates: BTreeSet<&AffiliateId> =
            old.into_iter().chain([new]).map(|c| &c.affiliate_id).collect();
        let mut entries = Vec::new();
        for affiliate in affiliates {
            let ((earned, taken_back), (commission, reversed)) =
                (booked(old, affiliate), booked(Some(new), affiliate));
            let balance = LedgerBalance { earned, taken_back: -taken_back };
            for (kind, amount) in difference(balance, commission, reversed) {
                entries.push(Entry {
                    id: EntryId::new(now, self.random),
                    affiliate_id: affiliate.clone(),
                    conversion_id: Some(new.id.clone()),
                    kind,
                    amount,
                    currency: new.commission_currency,
                    cause: Cause::event("evt_1", "invoice.paid"),
                    at: now,
                });
            }
        }
        entries
    }

    /// All rows of a list of conversions, in pages.
    async fn rows(&self, filter: &Filter) -> Vec<Conversion> {
        let (mut rows, mut page) = (Vec::new(), Page::First);
        loop {
            let found = engine::ledger::conversions::list(
                &self.site.engine,
                &self.merchant.actor,
                &self.program,
                filter,
                &page,
                7,
            );
            let found = found.await.unwrap();
            let Some(last) = found.last() else { return rows };
            page = Page::Before(last.conversion.paid_at, last.conversion.id.to_string());
            rows.extend(found.into_iter().map(|row| row.conversion));
        }
    }
}

fn paid(id: &str, paid_at: Timestamp, currency: Currency, amount: i64) -> EvaluatedPayment {
    EvaluatedPayment {
        kind: PaymentKind::PaymentIntent,
        canonical_id: id.to_owned(),
        aliases: [id.to_owned()].into(),
        status: EvaluatedStatus::Paid,
        currency: Some(currency),
        gross: amount,
        base: amount,
        captured: amount,
        refunded: 0,
        disputed: 0,
        dispute_open: false,
        alert: None,
        outside_stripe: false,
        paid_at,
        ordered_at: paid_at,
        completed_at: None,
        evidence_until: paid_at,
        period_start: None,
        latest_period_start: None,
        subscription: None,
        billing_reason: None,
        label: None,
        email: None,
        payment_number: 1,
        checks: Vec::new(),
        credit: None,
        no_commission: None,
    }
}

/// What rows of a list come to.
fn sum<'a>(rows: impl IntoIterator<Item = &'a Conversion>) -> Totals {
    let mut sum = Totals::default();
    for c in rows.into_iter().filter(|c| !c.canceled) {
        let payment = Amounts { revenue: c.amount, refunded: c.refunded + c.disputed, commission: 0 };
        let commission = Amounts { commission: c.commission - c.reversed, ..Amounts::default() };
        let first_payments = i64::from(c.payment_number == 1);
        sum.add(&Totals { conversions: 1, first_payments, money: [(c.currency, payment)].into() });
        sum.add(&Totals { money: [(c.commission_currency, commission)].into(), ..Totals::default() });
    }
    sum
}

/// Revenue, refunds and commission of the rows of a file.
fn sum_of_csv(text: &str) -> BTreeMap<Currency, Amounts> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let mut sum = Totals::default();
    for row in reader.records().map(Result::unwrap) {
        let cell = |name: &str| row.get(heads.iter().position(|head| head == name).unwrap()).unwrap();
        if cell("status") == "canceled" {
            continue;
        }
        let minor = |name: &str| cell(name).replace('.', "").parse::<i64>().unwrap();
        let payment = Amounts {
            revenue: minor("amount"),
            refunded: minor("refunded") + minor("disputed"),
            commission: 0,
        };
        let commission = Amounts { commission: minor("commission"), ..Amounts::default() };
        for (currency, amounts) in [("currency", payment), ("commission_currency", commission)] {
            let money = [(cell(currency).to_lowercase().parse().unwrap(), amounts)].into();
            sum.add(&Totals { money, ..Totals::default() });
        }
    }
    sum.money
}

/// The same of the items of the API.
fn sum_of_api(items: &[serde_json::Value]) -> BTreeMap<Currency, Amounts> {
    let mut sum = Totals::default();
    for item in items.iter().filter(|item| item["status"] != "canceled") {
        let minor = |name: &str| item[name]["amount"].as_i64().unwrap();
        let currency = |name: &str| item[name]["currency"].as_str().unwrap().parse::<Currency>().unwrap();
        let refunded = minor("refunded") + minor("disputed");
        let payment = Amounts { revenue: minor("amount"), refunded, commission: 0 };
        let commission = Amounts { commission: minor("commission"), ..Amounts::default() };
        for (currency, amounts) in [(currency("amount"), payment), (currency("commission"), commission)] {
            sum.add(&Totals { money: [(currency, amounts)].into(), ..Totals::default() });
        }
    }
    sum.money
}

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
fn days_begin_at_midnight_where_the_program_is() {
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
