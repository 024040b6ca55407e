//! Pages of a list: a limit, a cursor, and the envelope of an answer.

use std::str::FromStr;

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::clock::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem::{ApiResult, Problem};

/// Items of a page when no limit is sent.
const USUAL_LIMIT: i64 = 25;
/// The longest page: small enough to answer at once, large enough to fetch thousands of
/// rows in tens of requests.
const LARGEST_LIMIT: i64 = 100;
/// The version that a cursor begins with, so that a later format can be recognized.
const CURSOR_VERSION: &str = "1";

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Items per page, 1 to 100.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 25)]
    limit: Option<String>,
    /// `meta.next` of the previous page. In lists ordered by id, the last item's id works too.
    starting_after: Option<String>,
}

impl Paging {
    /// Checks the limit.
    pub fn read(self) -> ApiResult<PageRequest> {
        let limit = match self.limit.as_deref() {
            None => USUAL_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=LARGEST_LIMIT).contains(limit))
                .ok_or_else(|| Problem::parameter("limit", "Enter a number of items from 1 to 100"))?,
        };
        Ok(PageRequest { limit, after: self.starting_after })
    }
}

/// A page that was asked for.
#[derive(Debug)]
pub struct PageRequest {
    limit: i64,
    after: Option<String>,
}

impl PageRequest {
    /// How many rows to fetch: one more than asked, to know whether there are more.
    pub fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// The item after which the page begins, in a list in the order of its ids.
    pub fn after_id<T: FromStr>(&self) -> ApiResult<Option<T>> {
        let Some(text) = &self.after else { return Ok(None) };
        let id = Cursor::decode(text)
            .filter(|cursor| cursor.at.is_none())
            .map_or(text.clone(), |cursor| cursor.id);
        id.parse().map(Some).map_err(|_| not_of_this_list())
    }

    /// How many items come before the page, in a list without a key that stays the same.
    pub fn after_offset(&self) -> ApiResult<i64> {
        let Some(text) = &self.after else { return Ok(0) };
        let number = Cursor::decode(text).filter(|cursor| cursor.at.is_none()).and_then(|cursor| {
            // An id is no number, so the cursor of another list is not taken for an offset.
            cursor.id.parse::<u32>().ok()
        });
        number.map(i64::from).ok_or_else(not_of_this_list)
    }

    /// The cursor behind the page that begins after a number of items.
    pub fn next_offset(&self, offset: i64) -> Cursor {
        Cursor::by_id(offset + self.limit)
    }

    /// The item after which the page begins, in a list in the order of time.
    pub fn after_time<T: FromStr + ToString>(&self) -> ApiResult<Option<(Timestamp, String)>> {
        let Some(text) = &self.after else { return Ok(None) };
        let cursor = Cursor::decode(text).ok_or_else(not_of_this_list)?;
        let id: T = cursor.id.parse().map_err(|_| not_of_this_list())?;
        Ok(Some((cursor.at.ok_or_else(not_of_this_list)?, id.to_string())))
    }
}

fn not_of_this_list() -> Problem {
    Problem::parameter("startingAfter", "Use meta.next of the previous page of this list")
}

/// A position in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    at: Option<Timestamp>,
    id: String,
}

impl Cursor {
    /// In a list in the order of its ids.
    pub fn by_id(id: impl ToString) -> Self {
        Self { at: None, id: id.to_string() }
    }

    /// In a list in the order of time.
    pub fn by_time(at: Timestamp, id: impl ToString) -> Self {
        Self { at: Some(at), id: id.to_string() }
    }

    fn encode(&self) -> String {
        let at = self.at.map_or_else(String::new, |at| at.0.to_string());
        hex::encode(format!("{CURSOR_VERSION} {at} {}", self.id))
    }

    fn decode(text: &str) -> Option<Self> {
        let text = String::from_utf8(hex::decode(text).ok()?).ok()?;
        let (at, id) = text.strip_prefix(CURSOR_VERSION)?.strip_prefix(' ')?.split_once(' ')?;
        let at = if at.is_empty() { None } else { Some(Timestamp(at.parse().ok()?)) };
        Some(Self { at, id: id.to_owned() })
    }
}

/// A response with one object.
#[derive(Debug, Serialize, ToSchema)]
pub struct Item<T> {
    /// The object.
    data: T,
    /// Empty so far.
    meta: Meta,
}

/// Metadata of a single item: empty so far.
#[derive(Debug, Serialize, ToSchema)]
pub struct Meta {}

impl<T> Item<T> {
    /// Wraps an object.
    pub fn of(data: T) -> Self {
        Self { data, meta: Meta {} }
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The objects.
    data: Vec<T>,
    /// How to get the next page.
    meta: ListMeta,
}

/// How to get the next page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListMeta {
    /// Whether there are more items after this page.
    has_more: bool,
    /// The `startingAfter` for the next page.
    next: Option<String>,
}

impl<T> List<T> {
    /// From rows of which there may be one more than asked for.
    pub fn of<R>(
        mut rows: Vec<R>,
        page: &PageRequest,
        cursor: impl Fn(&R) -> Cursor,
        body: impl FnMut(R) -> T,
    ) -> Self {
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(|row| cursor(row).encode());
        Self { data: rows.into_iter().map(body).collect(), meta: ListMeta { has_more, next } }
    }
}

impl<T: Serialize> IntoResponse for Item<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

impl<T: Serialize> IntoResponse for List<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

#[cfg(test)]
mod tests {
    use domain::clock::Random;
    use domain::ids::{ConversionId, LinkId};

    use super::*;
    use crate::http::api::problem_code::Code;

    fn page(limit: Option<&str>, after: Option<&str>) -> ApiResult<PageRequest> {
        Paging { limit: limit.map(str::to_owned), starting_after: after.map(str::to_owned) }.read()
    }

    #[test]
    fn a_limit_outside_of_1_to_100_is_refused_by_name() {
        for text in ["0", "101", "-1", "ten", ""] {
            let problem = page(Some(text), None).expect_err("a refusal");
            assert_eq!(problem.code, Code::Invalid);
            assert_eq!(problem.errors[0].field, "limit");
        }
        assert_eq!(page(Some("100"), None).expect("a page").fetch(), 101);
        assert_eq!(page(None, None).expect("a page").fetch(), 26);
    }

    #[test]
    fn a_cursor_reads_back() {
        let id = ConversionId::new(Timestamp(1), &Random::seeded(1));
        for cursor in [Cursor::by_id(&id), Cursor::by_time(Timestamp(-5), &id)] {
            assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        }
    }

    #[test]
    fn a_list_with_a_cursor_accepts_an_id() {
        let id = LinkId::new(Timestamp(1), &Random::seeded(1));
        let plain = page(None, Some(id.as_str())).expect("a page");
        assert_eq!(plain.after_id::<LinkId>().expect("an id"), Some(id.clone()));
        let opaque = page(None, Some(&Cursor::by_id(&id).encode())).expect("a page");
        assert_eq!(opaque.after_id::<LinkId>().expect("an id"), Some(id));
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let id = LinkId::new(Timestamp(1), &Random::seeded(1));
        for text in
            [Cursor::by_time(Timestamp(1), &id).encode(), Cursor::by_id(&id).encode(), "zz".to_owned()]
        {
            let page = page(None, Some(&text)).expect("a page");
            assert!(page.after_time::<ConversionId>().is_err(), "{text}");
            assert!(page.after_id::<ConversionId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_list_with_an_offset_continues_after_it() {
        let first = page(Some("2"), None).expect("a page");
        assert_eq!(first.after_offset().expect("an offset"), 0);
        let second = page(Some("2"), Some(&first.next_offset(0).encode())).expect("a page");
        assert_eq!(second.after_offset().expect("an offset"), 2);
        let id = LinkId::new(Timestamp(1), &Random::seeded(1));
        for cursor in
            [Cursor::by_id(&id), Cursor::by_id(-1), Cursor::by_id(i64::MAX), Cursor::by_time(Timestamp(1), 2)]
        {
            let page = page(None, Some(&cursor.encode())).expect("a page");
            assert!(page.after_offset().is_err(), "{cursor:?}");
        }
    }

    #[test]
    fn an_extra_row_means_that_there_are_more() {
        let page = page(Some("2"), None).expect("a page");
        let list = List::of(vec![1, 2, 3], &page, |row| Cursor::by_id(row), |row| row);
        assert_eq!((list.data, list.meta.has_more), (vec![1, 2], true));
        assert_eq!(list.meta.next, Some(Cursor::by_id(2).encode()));
        let list = List::of(vec![1, 2], &page, |row| Cursor::by_id(row), |row| row);
        assert_eq!((list.meta.has_more, list.meta.next), (false, None));
    }
}
