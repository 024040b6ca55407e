//! The story is carried out: clicks stored, sales made at the sandbox, events delivered.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, ensure};
use domain::affiliates::AffiliateDraft;
use domain::clicks::Device;
use domain::clock::{DAY_MS, Timestamp};
use domain::connections::OAuthOutcome;
use domain::coupons::{CheckoutCode, CouponDraft};
use domain::fields::Name;
use domain::ids::{AffiliateId, LinkId, ProgramId};
use domain::programs::{ProgramDraft, parse_web_url};
use domain::terms::{AttributionPriority, ClickModel, Commission, Terms};
use engine::Engine;
use engine::identity::accounts;
use engine::identity::sessions::MerchantActor;
use engine::programs;
use engine::programs::affiliates;
use engine::programs::coupons;
use engine::stripe::connections;
use engine::stripe::connections::CallbackOutcome;
use engine::stripe::platform;
use engine::stripe::webhooks;
use engine::tracking::clicks;
use engine::tracking::clicks::NewClick;
use engine::worker;
use sandbox::{
    ApiVersion, Buyer, Cancel, Duration, Event, NewSession, Receipt, Shop, Stripe, render,
    render_for_connect, signature_header,
};
use url::Url;

use super::people::{ProgramPlan, SIGN_INS};
use super::story::{Fate, PlannedSale, Purchase, Story};
use super::{Outside, Time, refused};

/// A program that was made, with what the story needs of it.
pub struct Place {
    pub program: ProgramId,
    pub website: String,
    /// Affiliate and first link by code.
    pub links: BTreeMap<&'static str, (AffiliateId, LinkId)>,
}

/// How the past's events come in.
pub enum Way {
    /// To the program's own address.
    ByHand { token: String, secret: &'static str },
    /// To the platform's endpoint, which is switched off meanwhile: the sandbox would
    /// deliver all of it once more.
    ByOauth { endpoint: String, account: String, secret: String },
}

impl Way {
    /// From now on the sandbox delivers.
    pub fn open(&self, cloud: &Stripe) -> anyhow::Result<()> {
        match self {
            Self::ByHand { .. } => Ok(()),
            Self::ByOauth { endpoint, .. } => cloud.set_disabled(endpoint, false).map_err(refused),
        }
    }

    async fn hand_over(&self, engine: &Engine, event: &Event, at: Timestamp) -> anyhow::Result<()> {
        let taken = match self {
            Self::ByHand { token, secret } => {
                let body = render(event, ApiVersion::ACACIA);
                let header = signature_header([*secret], &body, at);
                webhooks::receive(engine, token, Some(header.as_bytes()), &body).await
            }
            Self::ByOauth { account, secret, .. } => {
                let body = render_for_connect(event, ApiVersion::ACACIA, account);
                let header = signature_header([secret.as_str()], &body, at);
                webhooks::receive_for_platform(engine, Some(header.as_bytes()), &body).await
            }
        };
        taken.map(drop).map_err(|error| anyhow!("{error}"))
    }
}

/// Connects a program as its merchant does in a browser.
pub async fn connect(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    outside: &Outside,
) -> anyhow::Result<Way> {
    let page = connections::authorize(engine, actor, program, false).await?;
    let page = Url::parse(&page).context("the address of the sandbox's page")?;
    let state = page.query_pairs().find(|(name, _)| name == "state").context("the state")?.1.into_owned();
    let code = outside.stripe.approve(&outside.keys.client_id, None).map_err(refused)?;
    let answer = connections::OAuthCallback::of(Some(&code), None, None);
    let returned = connections::complete(engine, actor, &state, answer).await?;
    ensure!(
        returned.outcome == CallbackOutcome::Finished(OAuthOutcome::Connected),
        "not connected: {returned:?}"
    );
    let endpoint = outside.cloud.endpoints().pop().context("the platform's endpoint")?;
    outside.cloud.set_disabled(&endpoint.id, true).map_err(refused)?;
    let secret = endpoint.secrets.into_iter().next().context("its secret")?;
    Ok(Way::ByOauth { endpoint: endpoint.id, account: outside.stripe.account_id(), secret })
}

/// Connects a program with a secret that is known to both sides.
pub async fn connect_by_hand(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    secret: &'static str,
) -> anyhow::Result<Way> {
    let status = connections::connect_manually(engine, actor, program, secret).await?;
    let token = status.webhook_url.rsplit('/').next().context("the endpoint's token")?.to_owned();
    Ok(Way::ByHand { token, secret })
}

/// The sandbox has forgotten who is connected. Where the program still is, so is the
/// account, and the platform gets a new endpoint.
pub async fn connect_again(engine: &Engine, actor: &MerchantActor, outside: &Outside) -> anyhow::Result<()> {
    let programs = programs::list(engine, actor, "", 10).await?;
    for program in programs {
        let status = connections::status(engine, actor, &program.id).await?;
        let Some(connection) = status.connection.filter(|it| it.is_connected() && it.is_oauth()) else {
            continue;
        };
        let account = outside
            .stripe
            .accounts()
            .into_iter()
            .find(|it| Some(it.account_id()) == connection.stripe_account);
        if let Some(account) = account {
            account.connect(&outside.keys.client_id, None).map_err(refused)?;
            platform::ensure(engine, false).await?;
        }
    }
    Ok(())
}

/// Makes a program and its affiliates.
pub async fn program(engine: &Engine, actor: &MerchantActor, plan: &ProgramPlan) -> anyhow::Result<Place> {
    let website = parse_web_url(&plan.website)?;
    let draft = ProgramDraft {
        time_zone: plan.time_zone.parse()?,
        auto_approve: true,
        ..ProgramDraft::new(name(plan.name)?, website, plan.currency.parse()?)
    };
    let terms = Terms {
        commission: Commission::Percent { rate_bps: plan.rate_bps },
        recurrence: plan.recurrence,
        window_days: 60,
        hold_days: 30,
        minimum_payout_minor: 10_000,
        click_model: ClickModel::Last,
        attribution_priority: AttributionPriority::PromotionCode,
    };
    let program = programs::create(engine, actor, &draft, &terms).await?;
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
    Ok(Place { program: program.id, website: plan.website.clone(), links })
}

fn name(text: &str) -> anyhow::Result<Name> {
    text.parse().map_err(anyhow::Error::msg)
}

/// Something that happens at the sandbox.
enum Happening<'a> {
    Sale(&'a PlannedSale),
    Renewal(String, i64),
    Refund(String, Option<i64>),
    Dispute(String),
    Cancellation(String),
}

/// The sandbox's happenings in order of time; what follows from a sale is added on the way.
struct Calendar<'a> {
    entries: BTreeMap<(Timestamp, usize), Happening<'a>>,
    added: usize,
    ends: Timestamp,
}

impl<'a> Calendar<'a> {
    fn of(story: &'a Story) -> Self {
        let mut calendar = Self { entries: BTreeMap::new(), added: 0, ends: story.ends };
        for sale in &story.sales {
            calendar.add(sale.at, Happening::Sale(sale));
        }
        calendar
    }

    fn add(&mut self, at: Timestamp, happening: Happening<'a>) {
        if at < self.ends {
            self.added += 1;
            self.entries.insert((at, self.added), happening);
        }
    }

    fn next(&mut self) -> Option<(Timestamp, Happening<'a>)> {
        self.entries.pop_first().map(|((at, _), happening)| (at, happening))
    }
}

const MONTH_MS: i64 = 30 * DAY_MS;
const TRIAL_DAYS: u32 = 14;

/// Makes a happening happen at the sandbox.
fn happen<'a>(
    stripe: &Stripe,
    shop: &Shop,
    calendar: &mut Calendar<'a>,
    at: Timestamp,
    what: Happening<'a>,
) -> anyhow::Result<()> {
    match what {
        Happening::Sale(sale) => {
            let receipt = buy(stripe, shop, sale)?;
            follow_up(calendar, at, sale, &receipt);
        }
        Happening::Renewal(subscription, months) => {
            // A subscription that was canceled meanwhile does not renew.
            if stripe.renew(&subscription).is_ok() && months > 1 {
                calendar.add(at.plus_ms(MONTH_MS), Happening::Renewal(subscription, months - 1));
            }
        }
        Happening::Refund(charge, amount) => {
            stripe.refund(&charge, amount).map_err(refused)?;
        }
        Happening::Dispute(charge) => {
            stripe.open_dispute(&charge, None).map_err(refused)?;
        }
        Happening::Cancellation(subscription) => {
            stripe.cancel(&subscription, Cancel::Now).map_err(refused)?;
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
    stripe.buy(session, &buyer).map_err(refused)
}

fn follow_up<'a>(calendar: &mut Calendar<'a>, at: Timestamp, sale: &PlannedSale, receipt: &Receipt) {
    if let Some(subscription) = &receipt.subscription {
        let first = if sale.purchase == Purchase::Trial { i64::from(TRIAL_DAYS) * DAY_MS } else { MONTH_MS };
        let renewals = if sale.purchase == Purchase::Trial { 1 } else { 12 };
        calendar.add(at.plus_ms(first), Happening::Renewal(subscription.clone(), renewals));
        if sale.fate == Fate::Canceled {
            calendar.add(at.plus_days(40), Happening::Cancellation(subscription.clone()));
        }
    }
    if let Some(charge) = receipt.charge.clone() {
        match sale.fate {
            Fate::Refunded => calendar.add(at.plus_days(3), Happening::Refund(charge, None)),
            Fate::PartlyRefunded => calendar.add(at.plus_days(5), Happening::Refund(charge, Some(500))),
            Fate::Disputed => calendar.add(at.plus_days(9), Happening::Dispute(charge)),
            Fate::Kept | Fate::Canceled => {}
        }
    }
}

/// Where a story is carried out.
pub struct Stage<'a> {
    pub stripe: &'a Stripe,
    pub shop: &'a Shop,
    pub place: &'a Place,
    pub way: &'a Way,
}

/// Carries the story out through the real engine.
pub async fn fill(
    engine: &Engine,
    time: &Time,
    actor: &MerchantActor,
    stage: Stage<'_>,
    story: Story,
) -> anyhow::Result<()> {
    let Stage { stripe, shop, place, way } = stage;
    time.turn(story.begins);
    for sale in story.sales.iter().filter_map(|sale| sale.coupon).take(1) {
        let promotion = stripe.create_promotion_code(sale, 2_000, Duration::Once).map_err(refused)?;
        let (affiliate, _) = place.links.get("papercuts").context("the owner of the code")?;
        let draft = CouponDraft {
            promotion_code: promotion.parse()?,
            code: CheckoutCode::parse(sale).map_err(anyhow::Error::msg)?,
        };
        coupons::add(engine, actor, &place.program, affiliate, &draft).await?;
    }
    put_clicks(engine, place, &story).await?;
    put_leads(engine, time, place, &story).await?;
    let (core, rest) = connections::event_types();
    let wanted: Vec<&str> = core.iter().copied().chain(rest).collect();
    let mut cursor = stripe.events_after(0).last().map_or(0, Event::sequence);
    let mut calendar = Calendar::of(&story);
    while let Some((at, what)) = calendar.next() {
        time.turn(at);
        happen(stripe, shop, &mut calendar, at, what)?;
        for event in stripe.events_after(cursor) {
            cursor = event.sequence();
            if wanted.contains(&event.kind()) {
                way.hand_over(engine, &event, at).await?;
            }
        }
        worker::drain(engine).await?;
    }
    Ok(())
}

/// Makes the sandbox remember the story, without telling anybody.
pub fn replay(time: &Time, stripe: &Stripe, shop: &Shop, story: Story) -> anyhow::Result<()> {
    time.turn(story.begins);
    for code in story.sales.iter().filter_map(|sale| sale.coupon).take(1) {
        stripe.create_promotion_code(code, 2_000, Duration::Once).map_err(refused)?;
    }
    let mut calendar = Calendar::of(&story);
    while let Some((at, what)) = calendar.next() {
        time.turn(at);
        happen(stripe, shop, &mut calendar, at, what)?;
    }
    Ok(())
}

async fn put_clicks(engine: &Engine, place: &Place, story: &Story) -> anyhow::Result<()> {
    const BATCH: usize = 400;
    for batch in story.clicks.chunks(BATCH) {
        let mut new = Vec::with_capacity(batch.len());
        for click in batch {
            let (affiliate_id, link_id) =
                place.links.get(click.affiliate.code).context("the link of a click")?;
            new.push(NewClick {
                token: click.token.clone(),
                program_id: place.program.clone(),
                affiliate_id: affiliate_id.clone(),
                link_id: link_id.clone(),
                at: click.at,
                landing_url: place.website.clone(),
                referrer_host: Some(click.affiliate.site.to_owned()),
                utm: None,
                sub_id: None,
                device: if click.on_phone { Device::Mobile } else { Device::Desktop },
                bot: false,
                country: None,
            });
        }
        clicks::put_history(engine, &new).await?;
    }
    Ok(())
}

async fn put_leads(engine: &Engine, time: &Time, place: &Place, story: &Story) -> anyhow::Result<()> {
    for sign_up in &story.sign_ups {
        time.turn(sign_up.at);
        clicks::lead(engine, &place.program, sign_up.token.as_str(), &sign_up.email).await?;
    }
    for sale in story.sales.iter().filter(|sale| sale.purchase == Purchase::Lead) {
        if let Some(token) = &sale.token {
            time.turn(sale.at.plus_ms(-5 * domain::clock::MINUTE_MS));
            clicks::lead(engine, &place.program, token.as_str(), &sale.email).await?;
        }
    }
    Ok(())
}

/// Gives the affiliate of the sign-in sheet their password, as they would do it themselves.
pub async fn passwords(engine: &Engine, actor: &MerchantActor) -> anyhow::Result<()> {
    let (_, email, password) = SIGN_INS[1];
    for program in programs::list(engine, actor, "", 10).await? {
        for affiliate in affiliates::list(engine, actor, &program.id, None, "", 100).await? {
            if affiliate.email.as_str() == email
                && let Some(link) =
                    affiliates::invitation_link(engine, actor, &program.id, &affiliate.id).await?
            {
                let token = link.rsplit('/').next().context("the invitation's token")?;
                accounts::accept_invitation(engine, token, password).await?;
            }
        }
    }
    Ok(())
}
