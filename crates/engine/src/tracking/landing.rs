//! The landing page of a click: what is passed on to it, and what is kept of its address.

use domain::clicks::clipped;
use domain::programs::LONGEST_URL;
use url::Url;
use url::form_urlencoded::parse;

/// The query parameter that carries the click's token.
pub(super) const TOKEN_PARAMETER: &str = "hg_click";
/// The query parameter that carries the click's verifier beside it.
pub(super) const VERIFIER_PARAMETER: &str = "hg_verifier";
/// The query parameter that carries the link's code where consent is asked first.
pub(super) const CODE_PARAMETER: &str = "via";
/// Parameters of a link that are ours and not the site's: tokens could be forged in them, and
/// the placement is the affiliate's own note.
const OURS: [&str; 6] = [TOKEN_PARAMETER, VERIFIER_PARAMETER, CODE_PARAMETER, "ref", "s", "sub_id"];
/// More parameters than a campaign has.
const MOST_PARAMETERS: usize = 50;
/// The longest value that is kept of a parameter, characters.
const LONGEST_VALUE: usize = 64;

/// What a query says about the campaign that a visit belongs to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Campaign {
    pub source: Option<String>,
    pub medium: Option<String>,
    pub name: Option<String>,
    /// The affiliate's name for the placement: `s` or `sub_id`.
    pub placement: Option<String>,
}

impl Campaign {
    /// Reads a query.
    pub(super) fn of(query: &str) -> Self {
        let mut campaign = Self::default();
        for (key, value) in parse(query.as_bytes()).take(MOST_PARAMETERS) {
            let place = match &*key {
                "utm_source" => &mut campaign.source,
                "utm_medium" => &mut campaign.medium,
                "utm_campaign" => &mut campaign.name,
                "s" | "sub_id" => &mut campaign.placement,
                _ => continue,
            };
            let value = clipped(&value.replace('\0', ""), LONGEST_VALUE);
            if !value.is_empty() {
                *place = Some(value);
            }
        }
        campaign
    }
}

/// Passes the parameters of a link's request on to its landing page, where they replace those
/// of the same name. An address that would become too long stays as it is.
pub(super) fn pass_on(landing: &mut Url, query: &str) {
    if query.is_empty() {
        return;
    }
    let name = |pair: &str| parse(pair.as_bytes()).next().map(|(name, _)| name.into_owned());
    let passed: Vec<(&str, String)> = query
        .split('&')
        .take(MOST_PARAMETERS)
        .filter_map(|pair| name(pair).map(|name| (pair, name)))
        .filter(|(_, name)| !name.is_empty() && !OURS.contains(&name.as_str()))
        .collect();
    if passed.is_empty() {
        return;
    }
    // By hand: what is not replaced stays as it was written.
    let own = landing
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| name(pair).is_some_and(|name| passed.iter().all(|(_, passed)| *passed != name)));
    let pairs: Vec<&str> = own.chain(passed.iter().map(|(pair, _)| *pair)).collect();
    let query = pairs.join("&");
    if landing.as_str().len() + query.len() <= LONGEST_URL {
        landing.set_query(Some(&query));
    }
}

/// An address with further parameters at the end of its query. Names and values are letters,
/// digits, `-` and `_`.
pub(super) fn with_parameters(landing: &Url, parameters: &[(&str, &str)]) -> String {
    let (before, fragment) = match landing.fragment() {
        Some(fragment) => landing.as_str().split_at(landing.as_str().len() - fragment.len() - 1),
        None => (landing.as_str(), ""),
    };
    let added: usize = parameters.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    let mut text = String::with_capacity(landing.as_str().len() + added);
    text.push_str(before);
    let mut separator = match landing.query() {
        None => "?",
        Some("") => "",
        Some(_) => "&",
    };
    for (name, value) in parameters {
        for part in [separator, name, "=", value] {
            text.push_str(part);
        }
        separator = "&";
    }
    text.push_str(fragment);
    text
}

/// What is kept of a landing page's address: no parameter, because some name people.
pub(super) fn kept(landing: &Url) -> String {
    let mut kept = landing.clone();
    kept.set_query(None);
    kept.set_fragment(None);
    clipped(kept.as_str(), LONGEST_URL)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://a.example/", "utm_source=x&gclid=1", "https://a.example/?utm_source=x&gclid=1")]
    #[case("https://a.example/?plan=pro", "utm_source=x", "https://a.example/?plan=pro&utm_source=x")]
    #[case(
        "https://a.example/?utm_source=a&b=%20c",
        "utm_source=x",
        "https://a.example/?b=%20c&utm_source=x"
    )]
    #[case(
        "https://a.example/?plan=pro",
        "hg_click=hgc_1&hg%5Fclick=2&via=x&s=y&sub_id=z&ref=w&hg_verifier=1",
        "https://a.example/?plan=pro"
    )]
    #[case("https://a.example/#top", "q=a%26b+c", "https://a.example/?q=a%26b+c#top")]
    #[case("https://a.example/", "", "https://a.example/")]
    #[case("https://a.example/", "&&=&", "https://a.example/")]
    fn parameters_are_passed_on(#[case] landing: &str, #[case] query: &str, #[case] expected: &str) {
        let mut url: Url = landing.parse().unwrap();
        pass_on(&mut url, query);
        assert_eq!(url.as_str(), expected);
    }

    #[rstest]
    #[case("https://a.example", "https://a.example/?hg_click=c&via=v-1_")]
    #[case("https://a.example/?", "https://a.example/?hg_click=c&via=v-1_")]
    #[case("https://a.example/?a=%20", "https://a.example/?a=%20&hg_click=c&via=v-1_")]
    #[case("https://a.example/p?a#", "https://a.example/p?a&hg_click=c&via=v-1_#")]
    #[case("https://a.example/p#top?x", "https://a.example/p?hg_click=c&via=v-1_#top?x")]
    fn parameters_come_at_the_end_of_the_query(#[case] landing: Url, #[case] expected: &str) {
        let text = with_parameters(&landing, &[("hg_click", "c"), ("via", "v-1_")]);
        assert_eq!(text, expected);
        let mut appended = landing;
        appended.query_pairs_mut().append_pair("hg_click", "c").append_pair("via", "v-1_");
        assert_eq!(text, appended.as_str());
    }

    #[test]
    fn an_address_stays_short() {
        let mut url: Url = "https://a.example/".parse().unwrap();
        pass_on(&mut url, &format!("q={}", "x".repeat(LONGEST_URL)));
        assert_eq!(url.as_str(), "https://a.example/");
    }

    #[test]
    fn only_host_and_path_are_kept() {
        let url: Url =
            "https://a.example:8443/p/q?email=ana@mailbox.example&utm_source=x#reset".parse().unwrap();
        assert_eq!(kept(&url), "https://a.example:8443/p/q");
    }

    #[test]
    fn a_campaign_is_read_part_by_part() {
        let campaign = Campaign::of("utm_campaign=f%C3%BCr+alle&utm_medium=&s=footer&x=y");
        let expected = Campaign {
            name: Some("für alle".to_owned()),
            placement: Some("footer".to_owned()),
            ..Campaign::default()
        };
        assert_eq!(campaign, expected);
    }
}
