//! Lists conversions, and shows one with its explanation.

use domain::clock::Timestamp;
use domain::commissions::CommissionStatus;
use domain::ids::{ConversionId, ProgramId};
use domain::terms::TermsVersion;
pub use store::clicks::Click;
pub use store::commissions::StoredEntry;
pub use store::conversions::{Conversion, ConversionRow, Filter, Page};
use store::db::Conn;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::{AffiliateActor, MerchantActor};
use crate::ledger::payments::{self, PaymentDetail};

/// A page of a program's conversions, newest first.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    filter: &Filter,
    page: &Page,
    limit: i64,
) -> Result<Vec<ConversionRow>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let now = engine.now();
    let filter = narrowed(&mut conn, &program.id, filter, now).await?;
    Ok(store::conversions::list(&mut conn, &program.id, &filter, page, limit, now).await?)
}

/// The same filter with the end that its status implies: nothing is payable that was paid within
/// the shortest hold period of all terms. Without it, the list would walk over all that is on
/// hold.
async fn narrowed(conn: &mut Conn, program: &ProgramId, filter: &Filter, now: Timestamp) -> Result<Filter> {
    if filter.status != Some(CommissionStatus::Payable) {
        return Ok(filter.clone());
    }
    let versions = store::terms::list(conn, program).await?;
    let shortest = versions.iter().map(|version| version.terms.hold_days).min().unwrap_or(0);
    let end = now.plus_days(-shortest).plus_ms(1);
    Ok(Filter { until: Some(filter.until.map_or(end, |until| until.min(end))), ..filter.clone() })
}

/// A page of one's own conversions, newest first.
pub async fn list_for_affiliate(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    filter: &Filter,
    page: &Page,
    limit: i64,
) -> Result<Vec<ConversionRow>> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    let now = engine.now();
    let filter = Filter { affiliate: Some(affiliate.id), ..narrowed(&mut conn, program, filter, now).await? };
    Ok(store::conversions::list(&mut conn, program, &filter, page, limit, now).await?)
}

/// Everything on a conversion's page.
#[derive(Debug, Clone)]
pub struct ConversionDetail {
    /// The conversion.
    pub row: ConversionRow,
    /// Its payment, with the explanation.
    pub payment: PaymentDetail,
    /// The terms that it was made under.
    pub terms: TermsVersion,
    /// The click behind it.
    pub click: Option<Click>,
    /// How many buyers that click is credited for.
    pub buyers_of_click: i64,
    /// Its lines in the ledger, oldest first.
    pub entries: Vec<StoredEntry>,
}

/// One conversion of a program as the list shows it, without its payment and entries.
pub async fn get(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &ConversionId,
) -> Result<ConversionRow> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    store::conversions::get(&mut conn, &program.id, id, engine.now()).await?.ok_or(Error::NotFound)
}

async fn load(
    conn: &mut Conn,
    engine: &Engine,
    program: &ProgramId,
    id: &ConversionId,
) -> Result<ConversionDetail> {
    let row = store::conversions::get(conn, program, id, engine.now()).await?.ok_or(Error::NotFound)?;
    let payment_id = &row.conversion.payment_id;
    let payment = store::payments::get(conn, program, payment_id).await?.ok_or(Error::NotFound)?;
    let (click, buyers_of_click) = match &row.conversion.click_token {
        Some(token) => (
            store::clicks::get(conn, program, token).await?,
            store::conversions::buyers_of_click(conn, token).await?,
        ),
        None => (None, 0),
    };
    let versions = store::terms::list(conn, program).await?;
    let terms =
        versions.into_iter().find(|terms| terms.id == row.conversion.terms_id).ok_or(Error::NotFound)?;
    Ok(ConversionDetail {
        payment: PaymentDetail {
            stripe_ids: store::payments::aliases(conn, payment_id).await?,
            conversion: Some(id.clone()),
            decision: store::decisions::of_payment(conn, payment_id).await?,
            decided_at: store::decisions::of_later_payments(conn, &payment.customer_id).await?,
            events: store::inbox::about_payment(conn, payment_id).await?,
            subscription_ended_at: payments::subscription_end(conn, &payment).await?,
            payment,
        },
        entries: store::commissions::of_conversion(conn, id).await?,
        row,
        terms,
        click,
        buyers_of_click,
    })
}

/// One conversion of a program.
pub async fn detail(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &ConversionId,
) -> Result<ConversionDetail> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    load(&mut conn, engine, &program.id, id).await
}

/// One of one's own conversions.
pub async fn detail_for_affiliate(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    id: &ConversionId,
) -> Result<ConversionDetail> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    let detail = load(&mut conn, engine, program, id).await?;
    if detail.row.conversion.affiliate_id == affiliate.id { Ok(detail) } else { Err(Error::NotFound) }
}
