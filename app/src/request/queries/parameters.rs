//! The query string of a page's address.

use domain::clock::Timestamp;
use http::request::Parts;
use leptos::prelude::*;

/// The query of an address, as pairs in their order.
#[derive(Clone, Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

/// More pairs than any page has.
const MOST: usize = 30;

impl Parameters {
    /// Reads a query, without its question mark.
    pub fn parse(query: &str) -> Self {
        Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().take(MOST).collect())
    }

    /// Those of the page that is being rendered.
    pub fn of_request() -> Self {
        let query = use_context::<Parts>().and_then(|parts| parts.uri.query().map(str::to_owned));
        Self::parse(&query.unwrap_or_default())
    }

    /// A parameter that is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim()).filter(|v| !v.is_empty())
    }

    /// The same parameters with one more or a changed one.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(key, _)| key != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same parameters without some.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|(key, _)| !names.contains(&key.as_str()));
        self
    }

    /// Only some of them, and only where they are not empty.
    #[must_use]
    pub fn only(mut self, names: &[&str]) -> Self {
        self.0.retain(|(key, value)| names.contains(&key.as_str()) && !value.trim().is_empty());
        self
    }

    /// The pairs.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// An address with these parameters.
    pub fn on(&self, path: &str) -> String {
        if self.0.is_empty() {
            return path.to_owned();
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish();
        format!("{path}?{query}")
    }

    /// A place in a list: a time and an id, as [`cursor`] writes them.
    pub fn place(&self, name: &str) -> Option<(Timestamp, String)> {
        let (at, id) = self.get(name)?.split_once('.')?;
        let known = id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        known.then_some((Timestamp(at.parse().ok()?), id.to_owned()))
    }
}

/// A row's position in a list that is sorted by time; opaque to clients.
pub fn cursor(at: Timestamp, id: &str) -> String {
    format!("{}.{id}", at.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written() {
        let parameters = Parameters::parse("status=pending&affiliate=&period=90d&q=a%20b%26c");
        assert_eq!(parameters.get("status"), Some("pending"));
        assert_eq!(parameters.get("affiliate"), None);
        assert_eq!(parameters.get("q"), Some("a b&c"));
        let fewer = parameters.clone().only(&["status", "affiliate", "q"]).with("status", "paid");
        assert_eq!(fewer.on("/x"), "/x?q=a+b%26c&status=paid");
        assert_eq!(Parameters::default().on("/x"), "/x");
    }

    #[test]
    fn a_page_position_survives_its_url() {
        let place = cursor(Timestamp(1_700_000_000_000), "cnv_01abc");
        let parameters = Parameters::default().with("before", &place);
        let read = Parameters::parse(parameters.on("").trim_start_matches('?'));
        assert_eq!(read.place("before"), Some((Timestamp(1_700_000_000_000), "cnv_01abc".to_owned())));
        for bad in ["x", "1.'; DROP", "abc.cnv_1", ""] {
            assert_eq!(Parameters::default().with("before", bad).place("before"), None, "{bad}");
        }
    }
}
