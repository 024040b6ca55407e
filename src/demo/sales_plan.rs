//! The plan of the demo's 90 days, made from a seed before anything is stored.

use domain::clicks::ClickToken;
use domain::clock::{DAY_MS, HOUR_MS, MINUTE_MS, Random, Timestamp};

use super::people::{self, AffiliatePlan};

/// How long the history is.
const DAYS: i64 = 90;

/// A visitor's click.
pub struct PlannedClick {
    pub token: ClickToken,
    pub affiliate: &'static AffiliatePlan,
    pub at: Timestamp,
    pub on_phone: bool,
}

/// What is bought, and by what it can be attributed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purchase {
    /// Once, by Payment Link: the token is the client reference.
    Link,
    /// Monthly, with the token in the metadata.
    Monthly,
    /// Yearly after a trial, with the token in the metadata.
    Trial,
    /// Monthly, with the affiliate's promotion code and nothing else.
    Coupon,
    /// Once, with nothing but an address that was tracked as a lead.
    Lead,
    /// Once, without anything.
    Alone,
}

/// What happens to a purchase later.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Kept,
    /// It is partly refunded after some days.
    PartlyRefunded,
    /// It is refunded after some days.
    Refunded,
    /// It is disputed.
    Disputed,
    /// The subscription is canceled after some weeks.
    Canceled,
}

/// One buyer.
pub struct PlannedSale {
    pub at: Timestamp,
    pub name: String,
    pub email: String,
    pub purchase: Purchase,
    pub token: Option<ClickToken>,
    pub coupon: Option<&'static str>,
    pub fate: Fate,
}

/// A whole history, in order of time.
pub struct SalesPlan {
    pub begins: Timestamp,
    pub ends: Timestamp,
    pub clicks: Vec<PlannedClick>,
    pub sales: Vec<PlannedSale>,
    /// Visitors who leave an address, and may buy later.
    pub sign_ups: Vec<SignUp>,
}

/// An address left on the site after a click.
pub struct SignUp {
    pub at: Timestamp,
    pub token: ClickToken,
    pub email: String,
}

/// The first moment of a history that ends now.
pub fn begins(now: Timestamp) -> Timestamp {
    Timestamp((now.utc_day() - DAYS) * DAY_MS)
}

/// The first program's history.
pub fn lumen(now: Timestamp, seed: u64) -> SalesPlan {
    let plans = people::programs("");
    plan(now, seed, plans[0].affiliates, true)
}

/// The second program's history.
pub fn studio(now: Timestamp, seed: u64) -> SalesPlan {
    let plans = people::programs("");
    plan(now, seed, plans[1].affiliates, false)
}

const FIRST_NAMES: [&str; 20] = [
    "Ada", "Ben", "Carla", "Dmitri", "Esra", "Finn", "Grace", "Hugo", "Inés", "Jun", "Kofi", "Lena", "Marta",
    "Nils", "Olga", "Pavel", "Quinn", "Rosa", "Sven", "Tess",
];
const LAST_NAMES: [&str; 16] = [
    "Alder", "Brook", "Castillo", "Dahl", "Ewing", "Fenn", "Garcia", "Holm", "Ito", "Jansen", "Kestrel",
    "Lund", "Moreau", "Norra", "Oakes", "Pryce",
];

fn plan(now: Timestamp, seed: u64, affiliates: &'static [AffiliatePlan], with_dispute: bool) -> SalesPlan {
    let random = Random::seeded(seed);
    let begins = begins(now);
    let ends = now.plus_ms(-20 * MINUTE_MS);
    let mut plan = SalesPlan { begins, ends, clicks: Vec::new(), sales: Vec::new(), sign_ups: Vec::new() };
    let mut buyers = 0_usize;
    let mut disputed = !with_dispute;
    for day in 0..=DAYS {
        let start = begins.plus_days(day);
        for affiliate in affiliates {
            for _ in 0..clicks_of(affiliate, day, &random) {
                let at = start.plus_ms(8 * HOUR_MS + random.below(14 * 3_600_000).cast_signed());
                if at >= ends {
                    continue;
                }
                let token = ClickToken::new(at, &random);
                let buys = random.below(10_000) < affiliate.buyers_in_10k;
                if random.below(100) < 7 {
                    let email = format!("reader{}@postbox.example", plan.clicks.len());
                    plan.sign_ups.push(SignUp { at: at.plus_ms(3 * MINUTE_MS), token: token.clone(), email });
                }
                plan.clicks.push(PlannedClick {
                    token: token.clone(),
                    affiliate,
                    at,
                    on_phone: random.below(10) < 4,
                });
                if buys {
                    let wait = random.below(5 * 24 * 60).cast_signed() * MINUTE_MS;
                    let old_enough = ends.since_ms(at) > 12 * DAY_MS;
                    let mut sale =
                        sale(&mut buyers, at.plus_ms(10 * MINUTE_MS + wait), affiliate, token, &random);
                    if !disputed && old_enough && day > DAYS - 45 && sale.purchase == Purchase::Monthly {
                        sale.fate = Fate::Disputed;
                        disputed = true;
                    }
                    plan.sales.push(sale);
                }
            }
        }
        if random.below(10) < 3 {
            let at = start.plus_ms(9 * HOUR_MS + random.below(10 * 3_600_000).cast_signed());
            let (name, email) = buyer(&mut buyers, &random);
            plan.sales.push(PlannedSale {
                at,
                name,
                email,
                purchase: Purchase::Alone,
                token: None,
                coupon: None,
                fate: Fate::Kept,
            });
        }
    }
    plan.sales.retain(|sale| sale.at < ends);
    plan.clicks.sort_by(|a, b| (a.at, &a.token).cmp(&(b.at, &b.token)));
    plan.sales.sort_by(|a, b| (a.at, &a.email).cmp(&(b.at, &b.email)));
    plan
}

/// Fewer on weekends, more as the program grows, with some randomness.
fn clicks_of(affiliate: &AffiliatePlan, day: i64, random: &Random) -> u64 {
    let grown = affiliate.clicks_a_day * (60 + day.unsigned_abs() * 50 / DAYS.unsigned_abs()) / 100;
    let weekly = if matches!(day % 7, 5 | 6) { grown * 6 / 10 } else { grown };
    weekly.div_ceil(2) + random.below(weekly + 1)
}

fn buyer(buyers: &mut usize, random: &Random) -> (String, String) {
    *buyers += 1;
    let first = FIRST_NAMES[random.below(FIRST_NAMES.len() as u64) as usize];
    let last = LAST_NAMES[random.below(LAST_NAMES.len() as u64) as usize];
    let local = first.to_lowercase().replace('é', "e");
    (format!("{first} {last}"), format!("{local}.{}{buyers}@mailbox.example", last.to_lowercase()))
}

fn sale(
    buyers: &mut usize,
    at: Timestamp,
    affiliate: &AffiliatePlan,
    token: ClickToken,
    random: &Random,
) -> PlannedSale {
    let (name, email) = buyer(buyers, random);
    let purchase = match random.below(100) {
        _ if affiliate.coupon.is_some() && random.below(3) == 0 => Purchase::Coupon,
        0..=49 => Purchase::Monthly,
        50..=74 => Purchase::Link,
        75..=89 => Purchase::Trial,
        _ => Purchase::Lead,
    };
    let fate = match random.below(100) {
        0..=3 => Fate::Refunded,
        4..=7 => Fate::PartlyRefunded,
        8..=17 if matches!(purchase, Purchase::Monthly | Purchase::Coupon) => Fate::Canceled,
        _ => Fate::Kept,
    };
    let coupon = if purchase == Purchase::Coupon { affiliate.coupon } else { None };
    PlannedSale { at, name, email, purchase, token: Some(token), coupon, fate }
}
