//! What dashboards show, put together from sums.

use domain::affiliates::AffiliateStatus;

use domain::clock::Timestamp;
use domain::ids::ProgramId;
use domain::terms::{TermsVersion, in_force};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Unit};
use store::affiliates::Affiliate;
pub use store::commissions::{Balance, Release};
pub use store::conversions::ConversionRow;
use store::conversions::{Filter, Page};
use store::db::Conn;
use store::programs::Program;
use store::sums::{self, Cut};
pub use store::sums::{Amounts, Totals};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::{AffiliateActor, MerchantActor};

pub use super::affiliate_sums::AffiliateSums;
pub(crate) use super::affiliate_sums::of_affiliates;
use super::top_affiliates::top;

/// Unattributed payments are counted to this number, and listed without end.
pub const MOST_UNATTRIBUTED: i64 = 1_000;
/// After every time that a clock can show.
const END_OF_TIME: Timestamp = Timestamp(i64::MAX);

/// How far back a page looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Period {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    #[default]
    Month,
    /// 90 days.
    Quarter,
    /// 12 months: 52 weeks.
    Year,
}

impl Period {
    /// All of them, shortest first.
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The word in the URL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
            Self::Year => "12mo",
        }
    }

    /// Reads the word; 30 days for anything else.
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|period| period.word() == word).unwrap_or_default()
    }

    /// Days, today included.
    pub const fn days(self) -> i64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 364,
        }
    }

    /// How long a step of a chart is.
    pub const fn step(self) -> Step {
        match self {
            Self::Day => Step::Hour,
            Self::Week | Self::Month | Self::Quarter => Step::Day,
            Self::Year => Step::Week,
        }
    }
}

/// A step of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An hour.
    Hour,
    /// A day in the program's time zone.
    Day,
    /// Seven days; the last one ends today.
    Week,
}

/// When a period begins and ends, in a program's time zone: whole days up to
/// and with today, or whole hours for the last 24.
#[derive(Debug, Clone)]
pub struct Span {
    /// The first moment.
    pub from: Timestamp,
    /// The moment after the last. What comes later counts as today's: Stripe's clock may run ahead
    /// of ours a little.
    pub until: Timestamp,
    /// Where each point of a chart begins, oldest first.
    pub steps: Vec<Timestamp>,
}

/// The span of a period that ends at `now`, or the one before it.
pub fn span(period: Period, time_zone: &str, now: Timestamp, previous: bool) -> Span {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let step = period.step();
    // Steps, and days or hours of a step.
    let (count, length, unit) = match step {
        Step::Hour => (24, 1, Unit::Hour),
        Step::Day => (period.days(), 1, Unit::Day),
        Step::Week => (period.days() / 7, 7, Unit::Day),
    };
    let here = jiff::Timestamp::from_millisecond(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(zone);
    let start =
        here.round(jiff::ZonedRound::new().smallest(unit).mode(jiff::RoundMode::Floor)).unwrap_or(here);
    // The last step holds the day or the hour of now.
    let begin = |back: i64| {
        let units = back * length + length - 1;
        let span = if step == Step::Hour { units.hours() } else { units.days() };
        start.checked_sub(span).map_or(Timestamp(0), |z| Timestamp(z.timestamp().as_millisecond()))
    };
    let offset = if previous { count } else { 0 };
    let steps: Vec<Timestamp> = (0..count).rev().map(|back| begin(back + offset)).collect();
    Span { from: begin(count - 1 + offset), until: begin(offset - 1), steps }
}

/// One point of a chart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Point {
    /// Where it begins.
    pub at: Timestamp,
    /// Clicks.
    pub clicks: i64,
    /// Conversions, and money by currency.
    pub totals: Totals,
}

impl Point {
    /// All points added up.
    pub fn sum(points: &[Self]) -> Self {
        let mut total = Self::default();
        for point in points {
            total.clicks += point.clicks;
            total.totals.add(&point.totals);
        }
        total
    }
}

/// The points of the span that ends now, and those of the one before it.
async fn points(
    conn: &mut Conn,
    program: &Program,
    now: &Span,
    before: &Span,
) -> Result<(Vec<Point>, Vec<Point>)> {
    let steps: Vec<Timestamp> = before.steps.iter().chain(&now.steps).copied().collect();
    let mut cuts: Vec<Cut> = steps.iter().map(|at| Cut::at(*at)).collect();
    cuts.push(Cut::END);
    let clicks = sums::clicks::series(conn, &program.id, &cuts).await?;
    let totals = sums::conversions::series(conn, &program.id, &cuts).await?;
    let point = |((at, clicks), totals)| Point { at, clicks, totals };
    let mut points: Vec<Point> = steps.into_iter().zip(clicks).zip(totals).map(point).collect();
    let these = points.split_off(before.steps.len());
    Ok((these, points))
}

/// A program's overview.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The program.
    pub program: Program,
    /// The terms in force.
    pub terms: TermsVersion,
    /// The period's moments.
    pub span: Span,
    /// The period, step by step.
    pub points: Vec<Point>,
    /// The period before, step by step.
    pub before: Vec<Point>,
    /// Leads of the period.
    pub leads: i64,
    /// What is owed, by currency.
    pub owed: Vec<Balance>,
    /// The affiliates with the most revenue.
    pub top: Vec<AffiliateSums>,
    /// The newest conversions.
    pub newest: Vec<ConversionRow>,
    /// Affiliates that are in.
    pub active_affiliates: i64,
    /// Paid payments without an affiliate, counted to [`MOST_UNATTRIBUTED`].
    pub unattributed: i64,
    /// Whether Stripe is connected.
    pub connected: bool,
    /// When Stripe last delivered something.
    pub last_event_at: Option<Timestamp>,
    /// Whether any conversion was ever made.
    pub ever_converted: bool,
}

/// Everything on a program's overview.
pub async fn overview(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    period: Period,
) -> Result<Overview> {
    const TOP: i64 = 8;
    const NEWEST: i64 = 6;
    let now = engine.now();
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let span_now = span(period, &program.time_zone, now, false);
    let span_before = span(period, &program.time_zone, now, true);
    let versions = store::terms::list(&mut conn, &program.id).await?;
    let connection = store::connections::of_program(&mut conn, &program.id).await?;
    let newest =
        store::conversions::list(&mut conn, &program.id, &Filter::default(), &Page::First, NEWEST, now)
            .await?;
    let (points, before) = points(&mut conn, &program, &span_now, &span_before).await?;
    let active_affiliates = store::affiliates::count(&mut conn, &program.id, AffiliateStatus::Active).await?;
    Ok(Overview {
        terms: in_force(&versions, now).cloned().ok_or(Error::NotFound)?,
        points,
        before,
        leads: store::leads::count(&mut conn, &program.id, span_now.from, END_OF_TIME).await?,
        owed: store::commissions::of_program(&mut conn, &program.id, now).await?,
        top: top(engine, &mut conn, &program, (period.word(), span_now.from), active_affiliates, TOP).await?,
        active_affiliates,
        unattributed: store::payments::count_unattributed(&mut conn, &program.id, MOST_UNATTRIBUTED).await?,
        connected: connection.as_ref().is_some_and(store::connections::Connection::is_connected),
        last_event_at: connection.and_then(|c| c.last_event_at),
        ever_converted: !newest.is_empty(),
        newest,
        span: span_now,
        program,
    })
}

/// What an affiliate sees of a program first.
#[derive(Debug, Clone)]
pub struct AffiliateHome {
    /// The program.
    pub program: Program,
    /// The company's name.
    pub merchant_name: String,
    /// The terms in force.
    pub terms: TermsVersion,
    /// Oneself in the program.
    pub affiliate: Affiliate,
    /// The first link.
    pub link: Option<store::links::Link>,
    /// What one has, by currency.
    pub balances: Vec<Balance>,
    /// When the next commission in the program's currency leaves its hold, and how much.
    pub next_release: Option<Release>,
    /// Their results of 30 days.
    pub last_30_days: AffiliateSums,
    /// Leads in these 30 days.
    pub leads: i64,
    /// The last half year, week by week, without clicks.
    pub weeks: Vec<Point>,
    /// The newest conversions.
    pub newest: Vec<ConversionRow>,
}

/// Everything on an affiliate's home page in a program.
pub async fn affiliate_home(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
) -> Result<AffiliateHome> {
    const NEWEST: i64 = 10;
    let now = engine.now();
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    let program = store::programs::get_unscoped(&mut conn, program).await?.ok_or(Error::NotFound)?;
    let versions = store::terms::list(&mut conn, &program.id).await?;
    let from = span(Period::Month, &program.time_zone, now, false).from;
    let sums = of_affiliates(&mut conn, std::slice::from_ref(&affiliate.id), Cut::at(from)).await?;
    let filter = Filter { affiliate: Some(affiliate.id.clone()), ..Filter::default() };
    Ok(AffiliateHome {
        merchant_name: store::merchants::name(&mut conn, &program.merchant_id).await?.unwrap_or_default(),
        terms: in_force(&versions, now).cloned().ok_or(Error::NotFound)?,
        link: store::links::first_of(&mut conn, &affiliate.id).await?,
        balances: store::commissions::of_affiliate(&mut conn, &affiliate.id, now).await?,
        next_release: store::commissions::next_release(&mut conn, &affiliate.id, program.currency, now)
            .await?,
        leads: store::leads::count_of_affiliate(&mut conn, &affiliate.id, from, END_OF_TIME).await?,
        last_30_days: sums.into_iter().next().ok_or(Error::NotFound)?,
        weeks: weeks(&mut conn, &affiliate, &program.time_zone, now).await?,
        newest: store::conversions::list(&mut conn, &program.id, &filter, &Page::First, NEWEST, now).await?,
        affiliate,
        program,
    })
}

/// What an affiliate earned in each of the last weeks.
async fn weeks(conn: &mut Conn, affiliate: &Affiliate, zone: &str, now: Timestamp) -> Result<Vec<Point>> {
    const WEEKS: usize = 26;
    let mut steps = span(Period::Year, zone, now, false).steps;
    let steps = steps.split_off(steps.len().saturating_sub(WEEKS));
    let mut cuts: Vec<Cut> = steps.iter().map(|at| Cut::at(*at)).collect();
    cuts.push(Cut::END);
    let totals = sums::conversions::series(conn, &affiliate.id, &cuts).await?;
    Ok(steps.into_iter().zip(totals).map(|(at, totals)| Point { at, clicks: 0, totals }).collect())
}

/// A program that an affiliate is in.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The program.
    pub program: Program,
    /// The company's name.
    pub merchant_name: String,
    /// Oneself in it.
    pub affiliate: Affiliate,
    /// The terms in force.
    pub terms: TermsVersion,
    /// What one has, by currency.
    pub balances: Vec<Balance>,
}

/// The time zone of a program that an affiliate is in.
///
/// # Errors
/// [`Error::NotFound`] when they are not in the program.
pub async fn time_zone(engine: &Engine, actor: &AffiliateActor, program: &ProgramId) -> Result<String> {
    let mut conn = engine.db().read().await?;
    scope::membership(&mut conn, actor, program).await?;
    let program = store::programs::get_unscoped(&mut conn, program).await?.ok_or(Error::NotFound)?;
    Ok(program.time_zone)
}

/// The programs that an affiliate is in.
pub async fn joined(engine: &Engine, actor: &AffiliateActor) -> Result<Vec<Joined>> {
    let now = engine.now();
    let mut conn = engine.db().read().await?;
    let mut all = Vec::new();
    for affiliate in store::affiliates::all_of_account(&mut conn, actor.account_id()).await? {
        let program =
            store::programs::get_unscoped(&mut conn, &affiliate.program_id).await?.ok_or(Error::NotFound)?;
        let versions = store::terms::list(&mut conn, &program.id).await?;
        all.push(Joined {
            merchant_name: store::merchants::name(&mut conn, &program.merchant_id).await?.unwrap_or_default(),
            terms: in_force(&versions, now).cloned().ok_or(Error::NotFound)?,
            balances: store::commissions::of_affiliate(&mut conn, &affiliate.id, now).await?,
            affiliate,
            program,
        });
    }
    Ok(all)
}
