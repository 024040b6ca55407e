//! What dashboards show, put together from sums.

use domain::affiliates::AffiliateStatus;
use domain::clock::{HOUR_MS, Timestamp};
use domain::ids::ProgramId;
use domain::terms::{TermsVersion, in_force};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Unit};
use store::affiliates::Affiliate;
pub use store::commissions::Balance;
pub use store::conversions::ConversionRow;
use store::conversions::{Filter, Page};
use store::db::Conn;
use store::programs::Program;
pub use store::reports::AffiliateSums;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::{AffiliateActor, MerchantActor};

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
    /// 12 months of 365 days.
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
            Self::Year => 365,
        }
    }
}

/// The moments between which a period lies, in a program's time zone: whole days up to
/// and with today, or whole hours for the last 24.
#[derive(Debug, Clone)]
pub struct Span {
    /// The first moment.
    pub from: Timestamp,
    /// The moment after the last.
    pub until: Timestamp,
    /// Where each point of a chart begins, oldest first.
    pub steps: Vec<Timestamp>,
}

/// The span of a period that ends at `now`, or the one before it.
pub fn span(period: Period, time_zone: &str, now: Timestamp, previous: bool) -> Span {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let count = if period == Period::Day { 24 } else { period.days() };
    let unit = if period == Period::Day { Unit::Hour } else { Unit::Day };
    let here = jiff::Timestamp::from_millisecond(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(zone);
    let start =
        here.round(jiff::ZonedRound::new().smallest(unit).mode(jiff::RoundMode::Floor)).unwrap_or(here);
    let step = |back: i64| {
        let span = if period == Period::Day { back.hours() } else { back.days() };
        start.checked_sub(span).map_or(Timestamp(0), |z| Timestamp(z.timestamp().as_millisecond()))
    };
    let offset = if previous { count } else { 0 };
    let steps: Vec<Timestamp> = (0..count).rev().map(|back| step(back + offset)).collect();
    Span { from: step(count - 1 + offset), until: step(offset - 1), steps }
}

/// One point of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "sums of a step; money in minor units of the program's currency")]
pub struct Point {
    pub at: Timestamp,
    pub clicks: i64,
    pub conversions: i64,
    pub first_payments: i64,
    pub revenue: i64,
    pub refunded: i64,
    pub commission: i64,
}

impl Point {
    fn add(&mut self, other: &Self) {
        self.clicks += other.clicks;
        self.conversions += other.conversions;
        self.first_payments += other.first_payments;
        self.revenue = self.revenue.saturating_add(other.revenue);
        self.refunded = self.refunded.saturating_add(other.refunded);
        self.commission = self.commission.saturating_add(other.commission);
    }

    /// All points added up.
    pub fn sum(points: &[Self]) -> Self {
        let mut total = Self::default();
        for point in points {
            total.add(point);
        }
        total
    }
}

/// The points of a span, filled from hourly sums.
async fn points(conn: &mut Conn, program: &Program, span: &Span) -> Result<Vec<Point>> {
    let (from, until) = (span.from.utc_hour(), span.until.plus_ms(HOUR_MS - 1).utc_hour());
    let mut points: Vec<Point> = span.steps.iter().map(|at| Point { at: *at, ..Point::default() }).collect();
    let index = |hour: i64| span.steps.partition_point(|at| at.0 <= hour * HOUR_MS).checked_sub(1);
    for hour in store::reports::click_hours(conn, &program.id, from, until).await? {
        if let Some(point) = index(hour.hour).and_then(|i| points.get_mut(i)) {
            point.clicks += hour.clicks;
        }
    }
    for hour in store::reports::conversion_hours(conn, &program.id, from, until).await? {
        if hour.currency != program.currency {
            continue;
        }
        if let Some(point) = index(hour.hour).and_then(|i| points.get_mut(i)) {
            point.add(&Point {
                at: point.at,
                clicks: 0,
                conversions: hour.conversions,
                first_payments: hour.first_payments,
                revenue: hour.revenue,
                refunded: hour.refunded,
                commission: hour.commission,
            });
        }
    }
    Ok(points)
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
    /// Affiliates that wait to be let in.
    pub pending_affiliates: i64,
    /// Paid payments of the period without an affiliate.
    pub unattributed: i64,
    /// Whether Stripe is connected.
    pub connected: bool,
    /// When Stripe was last heard.
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
    let days = (span_now.from.utc_day(), now.utc_day() + 1);
    let versions = store::terms::list(&mut conn, &program.id).await?;
    let connection = store::connections::of_program(&mut conn, &program.id).await?;
    let newest =
        store::conversions::list(&mut conn, &program.id, &Filter::default(), &Page::First, NEWEST, now)
            .await?;
    Ok(Overview {
        terms: in_force(&versions, now).cloned().ok_or(Error::NotFound)?,
        points: points(&mut conn, &program, &span_now).await?,
        before: points(&mut conn, &program, &span_before).await?,
        leads: store::leads::count(&mut conn, &program.id, span_now.from, span_now.until).await?,
        owed: store::commissions::owed(&mut conn, &program.id, now).await?,
        top: store::reports::top_affiliates(&mut conn, &program.id, days, program.currency, TOP).await?,
        active_affiliates: store::affiliates::count(&mut conn, &program.id, AffiliateStatus::Active).await?,
        pending_affiliates: store::affiliates::count(&mut conn, &program.id, AffiliateStatus::Pending)
            .await?,
        unattributed: store::payments::count_unattributed(&mut conn, &program.id, span_now.from).await?,
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
    pub next_release: Option<(Timestamp, i64)>,
    /// Their results of 30 days.
    pub last_30_days: AffiliateSums,
    /// Leads in these 30 days.
    pub leads: i64,
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
    let first_day = now.plus_days(-29);
    let days = (first_day.utc_day(), now.utc_day() + 1);
    let filter = Filter { affiliate: Some(affiliate.id.clone()), ..Filter::default() };
    Ok(AffiliateHome {
        merchant_name: store::merchants::name(&mut conn, &program.merchant_id).await?.unwrap_or_default(),
        terms: in_force(&versions, now).cloned().ok_or(Error::NotFound)?,
        link: store::links::first_of(&mut conn, &affiliate.id).await?,
        balances: store::commissions::balances(&mut conn, &affiliate.id, now).await?,
        next_release: store::commissions::next_release(&mut conn, &affiliate.id, program.currency, now)
            .await?,
        leads: store::leads::count_of_affiliate(&mut conn, &affiliate.id, first_day, now).await?,
        last_30_days: store::reports::of_affiliate(
            &mut conn,
            &program.id,
            &affiliate.id,
            days,
            program.currency,
        )
        .await?
        .ok_or(Error::NotFound)?,
        newest: store::conversions::list(&mut conn, &program.id, &filter, &Page::First, NEWEST, now).await?,
        affiliate,
        program,
    })
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
            balances: store::commissions::balances(&mut conn, &affiliate.id, now).await?,
            affiliate,
            program,
        });
    }
    Ok(all)
}
