//! The lists whose rows belong to affiliates: all of a program's, or those of one affiliate.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::ids::{AffiliateId, ProgramId};
use engine::Engine;
use engine::identity::sessions::MerchantActor;
use serde::Deserialize;
use utoipa::IntoParams;

use super::actor::Actor;
use super::extract::{Ids, Query};
use super::page::{Cursor, List, PageRequest, Paging};
use super::paths::ProgramPath;
use super::problem::{ApiResult, Problem};

/// What to do about an id that is none of an affiliate.
pub const AFFILIATE_ID: &str = "Enter the id of an affiliate. It starts with aff_";

/// Rows of one affiliate.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct OfAffiliate {
    /// Only this affiliate.
    affiliate_id: Option<String>,
}

/// Reads the parameter `affiliateId`.
pub fn affiliate_id(text: Option<&str>) -> ApiResult<Option<AffiliateId>> {
    text.map(str::parse).transpose().map_err(|_| Problem::parameter("affiliateId", AFFILIATE_ID))
}

/// A request for rows in the order of their ids `I`.
pub struct RowsOfAffiliate<I> {
    pub engine: Engine,
    actor: Actor,
    program: ProgramId,
    affiliate: Option<AffiliateId>,
    before: Option<I>,
    page: PageRequest,
}

impl<I: FromStr> FromRequestParts<Engine> for RowsOfAffiliate<I> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> ApiResult<Self> {
        let actor = Actor::from_request_parts(parts, engine).await?;
        let Ids(path) = Ids::<ProgramPath>::from_request_parts(parts, engine).await?;
        let Query(filter) = Query::<OfAffiliate>::from_request_parts(parts, engine).await?;
        let Query(paging) = Query::<Paging>::from_request_parts(parts, engine).await?;
        let page = paging.read()?;
        Ok(Self {
            engine: engine.clone(),
            actor,
            program: path.program_id,
            affiliate: affiliate_id(filter.affiliate_id.as_deref())?,
            before: page.after_id()?,
            page,
        })
    }
}

impl<I> RowsOfAffiliate<I> {
    /// Fetches the rows by a use case that lists them.
    pub async fn fetch<R>(
        &self,
        list: impl AsyncFn(
            &Engine,
            &MerchantActor,
            &ProgramId,
            Option<&AffiliateId>,
            Option<&I>,
            i64,
        ) -> engine::Result<Vec<R>>,
    ) -> ApiResult<Vec<R>> {
        let (affiliate, before) = (self.affiliate.as_ref(), self.before.as_ref());
        let merchant = self.actor.merchant();
        Ok(list(&self.engine, merchant, &self.program, affiliate, before, self.page.fetch()).await?)
    }

    /// The answer, from the rows that were fetched.
    pub fn list<R, T, D: ToString>(
        &self,
        rows: Vec<R>,
        id: impl Fn(&R) -> &D,
        body: impl FnMut(R) -> T,
    ) -> List<T> {
        List::of(rows, &self.page, |row| Cursor::by_id(id(row).to_string()), body)
    }
}
