//! Carries out the demo's plan: stores clicks, makes sales in the sandbox, delivers events.

use std::collections::BTreeMap;

use anyhow::Context;
use domain::affiliates::AffiliateDraft;
use domain::clicks::Device;
use domain::clock::{DAY_MS, Timestamp};
use domain::coupons::{CheckoutCode, CouponDraft};
use domain::fields::Name;
use domain::join_pages::{Introduction, JoinPage};
use domain::programs::{ProgramDraft, parse_web_url};
use domain::terms::{AttributionPriority, Caps, ClickModel, Commission, Rewards, Terms};
use engine::Engine;
use engine::identity::accounts;
use engine::identity::sessions::MerchantActor;
use engine::programs;
use engine::programs::affiliates;
use engine::programs::coupons;
use engine::stripe::connections::event_types;
use engine::tracking::clicks;
use engine::tracking::clicks::NewClick;
use engine::tracking::leads;
use engine::worker;
use sandbox::{Buyer, Cancel, Duration, Event, NewSession, Receipt, Shop, Stripe};

use super::connect::EventRoute;
use super::payday::Payday;
use super::people::{ProgramPlan, SIGN_INS};
use super::sales_plan::{Fate, PlannedSale, Purchase, SalesPlan};
use super::seeded_program::SeededProgram;
use super::{Time, sandbox_error};

/// Creates a program and its affiliates.
pub async fn program(
    engine: &Engine,
    actor: &MerchantActor,
    plan: &ProgramPlan,
) -> anyhow::Result<SeededProgram> {
    let website = parse_web_url(&plan.website)?;
    let draft = ProgramDraft {
        time_zone: plan.time_zone.parse()?,
        auto_approve: plan.auto_approve,
        ..ProgramDraft::new(name(plan.name)?, website, plan.currency.parse()?)
    };
    let terms = Terms {
        rewards: Rewards::simple(Commission::Percent { rate_bps: plan.rate_bps }, plan.recurrence),
        caps: Caps::NONE,
        window_days: 60,
        hold_days: 30,
        minimum_payout_minor: 5_000,
        click_model: ClickModel::Last,
        attribution_priority: AttributionPriority::PromotionCode,
        outside_stripe: false,
    };
    let program = programs::create(engine, actor, &draft, &terms).await?;
    let page = JoinPage {
        is_on: true,
        color: Some(plan.color.parse()?),
        introduction: Introduction::parse(plan.introduction).map_err(anyhow::Error::msg)?,
    };
    programs::join_page::change(engine, actor, &program.id, &page).await?;
    let mut links = BTreeMap::new();
    for person in plan.affiliates {
        let draft = AffiliateDraft {
            name: name(person.name)?,
            email: person.email.parse()?,
            code: Some(person.code.parse()?),
        };
        let (affiliate, link) = affiliates::add(engine, actor, &program.id, &draft).await?;
        links.insert(person.code, (affiliate.id, link.id));
    }
    Ok(SeededProgram { program: program.id, website: plan.website.clone(), links })
}

fn name(text: &str) -> anyhow::Result<Name> {
    text.parse().map_err(anyhow::Error::msg)
}

/// Something that is done at the sandbox.
enum StripeAction<'a> {
    Sale(&'a PlannedSale),
    Renewal(String, i64),
    Refund(String, Option<i64>),
    Dispute(String),
    Cancellation(String),
}

/// The sandbox's actions in order of time; what follows from a sale is added as it happens.
struct Calendar<'a> {
    entries: BTreeMap<(Timestamp, usize), StripeAction<'a>>,
    added: usize,
    ends: Timestamp,
}

impl<'a> Calendar<'a> {
    fn of(plan: &'a SalesPlan) -> Self {
        let mut calendar = Self { entries: BTreeMap::new(), added: 0, ends: plan.ends };
        for sale in &plan.sales {
            calendar.add(sale.at, StripeAction::Sale(sale));
        }
        calendar
    }

    fn add(&mut self, at: Timestamp, action: StripeAction<'a>) {
        if at < self.ends {
            self.added += 1;
            self.entries.insert((at, self.added), action);
        }
    }

    fn next(&mut self) -> Option<(Timestamp, StripeAction<'a>)> {
        self.entries.pop_first().map(|((at, _), action)| (at, action))
    }
}

const MONTH_MS: i64 = 30 * DAY_MS;
const TRIAL_DAYS: u32 = 14;

/// Performs an action at the sandbox.
fn perform<'a>(
    stripe: &Stripe,
    shop: &Shop,
    calendar: &mut Calendar<'a>,
    at: Timestamp,
    what: StripeAction<'a>,
) -> anyhow::Result<()> {
    match what {
        StripeAction::Sale(sale) => {
            let receipt = buy(stripe, shop, sale)?;
            follow_up(calendar, at, sale, &receipt);
        }
        StripeAction::Renewal(subscription, months) => {
            // A subscription that was canceled meanwhile does not renew.
            if stripe.renew(&subscription).is_ok() && months > 1 {
                calendar.add(at.plus_ms(MONTH_MS), StripeAction::Renewal(subscription, months - 1));
            }
        }
        StripeAction::Refund(charge, amount) => {
            stripe.refund(&charge, amount).map_err(sandbox_error)?;
        }
        StripeAction::Dispute(charge) => {
            stripe.open_dispute(&charge, None).map_err(sandbox_error)?;
        }
        StripeAction::Cancellation(subscription) => {
            stripe.cancel(&subscription, Cancel::Now).map_err(sandbox_error)?;
        }
    }
    Ok(())
}

fn buy(stripe: &Stripe, shop: &Shop, sale: &PlannedSale) -> anyhow::Result<Receipt> {
    let buyer = Buyer::new(&sale.email, &sale.name);
    let token = sale.token.as_ref().map(ToString::to_string);
    let metadata = |token: Option<String>| {
        token.into_iter().map(|t| ("honeyguide_click".to_owned(), t)).collect::<BTreeMap<_, _>>()
    };
    let session = match sale.purchase {
        Purchase::Link => NewSession { client_reference_id: token, ..NewSession::of(&shop.atlas_price) },
        Purchase::Monthly => NewSession {
            metadata: metadata(token.clone()).into_iter().collect(),
            subscription_metadata: metadata(token).into_iter().collect(),
            ..NewSession::of(&shop.pro_price)
        },
        Purchase::Trial => NewSession {
            metadata: metadata(token.clone()).into_iter().collect(),
            subscription_metadata: metadata(token).into_iter().collect(),
            trial_days: TRIAL_DAYS,
            ..NewSession::of(&shop.team_price)
        },
        Purchase::Coupon => {
            NewSession { promotion_code: sale.coupon.map(str::to_owned), ..NewSession::of(&shop.pro_price) }
        }
        Purchase::Lead | Purchase::Alone => NewSession::of(&shop.atlas_price),
    };
    stripe.buy(session, &buyer).map_err(sandbox_error)
}

fn follow_up<'a>(calendar: &mut Calendar<'a>, at: Timestamp, sale: &PlannedSale, receipt: &Receipt) {
    if let Some(subscription) = &receipt.subscription {
        let first = if sale.purchase == Purchase::Trial { i64::from(TRIAL_DAYS) * DAY_MS } else { MONTH_MS };
        let renewals = if sale.purchase == Purchase::Trial { 1 } else { 12 };
        calendar.add(at.plus_ms(first), StripeAction::Renewal(subscription.clone(), renewals));
        if sale.fate == Fate::Canceled {
            calendar.add(at.plus_days(40), StripeAction::Cancellation(subscription.clone()));
        }
    }
    if let Some(charge) = receipt.charge.clone() {
        match sale.fate {
            Fate::Refunded => calendar.add(at.plus_days(3), StripeAction::Refund(charge, None)),
            Fate::PartlyRefunded => calendar.add(at.plus_days(5), StripeAction::Refund(charge, Some(500))),
            Fate::Disputed => calendar.add(at.plus_days(9), StripeAction::Dispute(charge)),
            Fate::Kept | Fate::Canceled => {}
        }
    }
}

/// Where a plan is carried out: the sandbox's account, and the program that it belongs to.
pub struct PlanTarget<'a> {
    pub stripe: &'a Stripe,
    pub shop: &'a Shop,
    pub seeded: &'a SeededProgram,
    pub route: &'a EventRoute,
}

/// Carries out the plan through the real engine.
pub async fn fill(
    engine: &Engine,
    time: &Time,
    actor: &MerchantActor,
    target: PlanTarget<'_>,
    plan: SalesPlan,
    mut payday: Option<Payday<'_>>,
) -> anyhow::Result<()> {
    let PlanTarget { stripe, shop, seeded, route } = target;
    time.set(plan.begins);
    for sale in plan.sales.iter().filter_map(|sale| sale.coupon).take(1) {
        let promotion = stripe.create_promotion_code(sale, 2_000, Duration::Once).map_err(sandbox_error)?;
        let (affiliate, _) = seeded.links.get("papercuts").context("the owner of the code")?;
        let draft = CouponDraft {
            promotion_code: promotion.parse()?,
            code: CheckoutCode::parse(sale).map_err(anyhow::Error::msg)?,
        };
        coupons::add(engine, actor, &seeded.program, affiliate, &draft).await?;
    }
    put_clicks(engine, seeded, &plan).await?;
    put_leads(engine, time, actor, seeded, &plan).await?;
    let (core, rest) = event_types();
    let wanted: Vec<&str> = core.iter().copied().chain(rest).collect();
    let mut cursor = stripe.events_after(0).last().map_or(0, Event::sequence);
    let mut calendar = Calendar::of(&plan);
    while let Some((at, what)) = calendar.next() {
        if let Some(due) = payday.take_if(|payday| payday.at <= at) {
            time.set(due.at);
            due.pay(engine, actor, seeded).await?;
        }
        time.set(at);
        perform(stripe, shop, &mut calendar, at, what)?;
        for event in stripe.events_after(cursor) {
            cursor = event.sequence();
            if wanted.contains(&event.kind()) {
                route.deliver(engine, &event, at).await?;
            }
        }
        worker::drain(engine).await?;
    }
    Ok(())
}

/// Carries out the plan in the sandbox again, without delivering its events.
pub fn replay(time: &Time, stripe: &Stripe, shop: &Shop, plan: SalesPlan) -> anyhow::Result<()> {
    time.set(plan.begins);
    for code in plan.sales.iter().filter_map(|sale| sale.coupon).take(1) {
        stripe.create_promotion_code(code, 2_000, Duration::Once).map_err(sandbox_error)?;
    }
    let mut calendar = Calendar::of(&plan);
    while let Some((at, what)) = calendar.next() {
        time.set(at);
        perform(stripe, shop, &mut calendar, at, what)?;
    }
    Ok(())
}

async fn put_clicks(engine: &Engine, seeded: &SeededProgram, plan: &SalesPlan) -> anyhow::Result<()> {
    const BATCH: usize = 400;
    for batch in plan.clicks.chunks(BATCH) {
        let mut new = Vec::with_capacity(batch.len());
        for click in batch {
            let (affiliate_id, link_id) =
                seeded.links.get(click.affiliate.code).context("the link of a click")?;
            new.push(NewClick {
                referrer_host: Some(click.affiliate.site.to_owned()),
                device: if click.on_phone { Device::Mobile } else { Device::Desktop },
                ..NewClick::plain(
                    click.token.clone(),
                    &seeded.program,
                    (affiliate_id, link_id),
                    click.at,
                    &seeded.website,
                )
            });
        }
        clicks::put_history(engine, &new).await?;
    }
    Ok(())
}

async fn put_leads(
    engine: &Engine,
    time: &Time,
    actor: &MerchantActor,
    seeded: &SeededProgram,
    plan: &SalesPlan,
) -> anyhow::Result<()> {
    for sign_up in &plan.sign_ups {
        time.set(sign_up.at);
        leads::record(engine, actor, &seeded.program, &sign_up.token, &sign_up.email.parse()?).await?;
    }
    for sale in plan.sales.iter().filter(|sale| sale.purchase == Purchase::Lead) {
        if let Some(token) = &sale.token {
            time.set(sale.at.plus_ms(-5 * domain::clock::MINUTE_MS));
            leads::record(engine, actor, &seeded.program, token, &sale.email.parse()?).await?;
        }
    }
    Ok(())
}

/// Sets the password of the affiliate who can sign in.
pub async fn passwords(engine: &Engine) -> anyhow::Result<()> {
    let (_, email, password) = SIGN_INS[1];
    accounts::set_first_password(engine, &email.parse()?, password).await?;
    Ok(())
}
