//! Searching a program: affiliates, links and promotion codes by words, payments by the
//! customer's email address, and anything by an id of Stripe.

use domain::clock::Timestamp;
use domain::ids::{AffiliateId, CouponId, LinkId, ProgramId};
use domain::search::{Query, Searched, matches, words};
use store::affiliates::Affiliate;
use store::coupons::Coupon;
use store::db::{AFTER_ALL_IDS, Conn};
use store::inbox::{Filter, InboxEvent};
use store::links::{Link, LinkWithClicks};
use store::payments::Payment;

use crate::engine::Engine;
use crate::error::Result;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// How many of each kind are found: more are no help, another word is.
pub const MOST_HITS: usize = 20;
/// Candidates by the longest word of a query, of which the other words choose.
const MOST_CANDIDATES: i64 = 200;

/// What was found, the newest first.
#[derive(Debug, Clone, Default)]
pub struct Hits {
    /// Affiliates.
    pub affiliates: Vec<Affiliate>,
    /// Links.
    pub links: Vec<LinkWithClicks>,
    /// Promotion codes, and whose they are.
    pub codes: Vec<(Coupon, String)>,
    /// Payments.
    pub payments: Vec<Payment>,
    /// Events about what a Stripe id means.
    pub events: Vec<InboxEvent>,
}

impl Hits {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.affiliates.len() + self.links.len() + self.codes.len() + self.payments.len() + self.events.len()
    }
}

/// Searches a program.
pub async fn search(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    query: &Query,
) -> Result<Hits> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?.id;
    let mut hits = by_words(&mut conn, &program, &query.words()).await?;
    match query {
        Query::StripeId(id) => {
            hits.payments =
                store::payments::of_any_stripe_id(&mut conn, &program, id, MOST_HITS as i64).await?;
            let filter = Filter { stripe_id: Some(id.clone()), ..Filter::default() };
            let before = (Timestamp(i64::MAX), AFTER_ALL_IDS);
            hits.events = store::inbox::list(&mut conn, &program, &filter, before, MOST_HITS as i64).await?;
        }
        Query::Email(email) => {
            hits.payments = store::payments::of_email(&mut conn, &program, email, MOST_HITS as i64).await?;
        }
        Query::Words(_) => {}
    }
    Ok(hits)
}

async fn by_words(conn: &mut Conn, program: &ProgramId, words: &[String]) -> Result<Hits> {
    let Some(longest) = words.iter().max_by_key(|word| word.chars().count()) else {
        return Ok(Hits::default());
    };
    let ids: Vec<AffiliateId> = found(conn, program, Searched::Affiliate, longest).await?;
    let mut affiliates = store::affiliates::of_ids(conn, ids.iter().map(|id| (program, id))).await?;
    affiliates.retain(|affiliate| matches(words, &format!("{} {}", affiliate.name, affiliate.email)));
    affiliates.sort_by(|a, b| b.id.cmp(&a.id));
    affiliates.truncate(MOST_HITS);

    let ids: Vec<LinkId> = found(conn, program, Searched::Link, longest).await?;
    let mut links = store::links::of_ids(conn, program, &ids).await?;
    links.retain(|found| matches(words, found.link.code.as_str()));
    links.sort_by(|a, b| b.link.id.cmp(&a.link.id));
    links.truncate(MOST_HITS);

    let ids: Vec<CouponId> = found(conn, program, Searched::PromotionCode, longest).await?;
    let mut codes = store::coupons::of_ids(conn, program, &ids).await?;
    codes.retain(|(coupon, _)| matches(words, &coupon.code));
    codes.sort_by(|(a, _), (b, _)| b.id.cmp(&a.id));
    codes.truncate(MOST_HITS);
    Ok(Hits { affiliates, links, codes, ..Hits::default() })
}

async fn found<T: TryFrom<String>>(
    conn: &mut Conn,
    program: &ProgramId,
    kind: Searched,
    word: &str,
) -> Result<Vec<T>> {
    let ids = store::search::find(conn, program, kind, word, MOST_CANDIDATES).await?;
    Ok(ids.into_iter().filter_map(|id| T::try_from(id).ok()).collect())
}

/// Lets an affiliate be found.
pub(crate) async fn index_affiliate(conn: &mut Conn, affiliate: &Affiliate) -> Result<()> {
    let words = words(&format!("{} {}", affiliate.name, affiliate.email));
    let (program, id) = (&affiliate.program_id, affiliate.id.as_str());
    Ok(store::search::put(conn, program, Searched::Affiliate, id, &words).await?)
}

/// Lets a link be found.
pub(crate) async fn index_link(conn: &mut Conn, link: &Link) -> Result<()> {
    let words = words(link.code.as_str());
    Ok(store::search::put(conn, &link.program_id, Searched::Link, link.id.as_str(), &words).await?)
}

/// Lets a promotion code be found.
pub(crate) async fn index_code(conn: &mut Conn, coupon: &Coupon) -> Result<()> {
    let (kind, words) = (Searched::PromotionCode, words(&coupon.code));
    Ok(store::search::put(conn, &coupon.program_id, kind, coupon.id.as_str(), &words).await?)
}
