//! What people search for, and the words under which things are found.

use crate::emails::Email;

/// The longest text that is searched for, characters.
pub const LONGEST_QUERY: usize = 200;
/// Words that are kept of one thing, and looked at in one query.
const MOST_WORDS: usize = 12;
/// The longest part of a word that is kept, characters.
const LONGEST_WORD: usize = 40;
/// The first characters of a word, by which an index leads to it. Comparing them for equality
/// gives the same answer in every order of sorting.
const STEM: usize = 3;

/// What Stripe's ids begin with, of objects that payments and events are about.
const STRIPE_PREFIXES: [&str; 13] =
    ["ch", "cn", "cs", "cus", "dp", "du", "evt", "in", "pi", "promo", "py", "re", "sub"];

/// Whether a text has the form of a Stripe id: a known prefix and letters and digits.
fn is_stripe_id(text: &str) -> bool {
    let Some((prefix, rest)) = text.split_once('_') else { return false };
    let rest = rest.strip_prefix("test_").or_else(|| rest.strip_prefix("live_")).unwrap_or(rest);
    STRIPE_PREFIXES.contains(&prefix) && rest.len() >= 6 && rest.bytes().all(|b| b.is_ascii_alphanumeric())
}

crate::word_enum! {
    /// What is found by its words.
    pub enum Searched {
        /// An affiliate: the name and the email address.
        Affiliate = "affiliate",
        /// A link: its code.
        Link = "link",
        /// A promotion code: the code itself.
        PromotionCode = "promotion_code",
    }
}

/// What somebody searches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// An id of Stripe, such as `in_1Qx…` or `cus_…`.
    StripeId(String),
    /// A whole email address; its words find affiliates too.
    Email(Email),
    /// The beginnings of words.
    Words(Vec<String>),
}

impl Query {
    /// Reads what was typed or pasted. `None` when it is too short to find anything by.
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.trim().chars().take(LONGEST_QUERY).collect();
        if is_stripe_id(&text) {
            return Some(Self::StripeId(text));
        }
        if let Ok(email) = text.parse() {
            return Some(Self::Email(email));
        }
        let words = words(&text);
        if words.iter().any(|word| word.chars().count() >= 2) { Some(Self::Words(words)) } else { None }
    }

    /// Its words; none of an id.
    pub fn words(&self) -> Vec<String> {
        match self {
            Self::StripeId(_) => Vec::new(),
            Self::Email(email) => words(email.as_str()),
            Self::Words(words) => words.clone(),
        }
    }
}

/// The words of a text, in lowercase, each once.
pub fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word: String = word.to_lowercase().chars().take(LONGEST_WORD).collect();
        if words.len() < MOST_WORDS && !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// The first characters of a word.
pub fn stem(word: &str) -> String {
    word.chars().take(STEM).collect()
}

/// Whether a text has a word that begins with each of those of a query.
pub fn matches(query: &[String], text: &str) -> bool {
    let words = words(text);
    query.iter().all(|wanted| words.iter().any(|word| word.starts_with(wanted.as_str())))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(" in_1QxYz9AbCd ", Some(Query::StripeId("in_1QxYz9AbCd".to_owned())))]
    #[case("cs_test_a1B2c3", Some(Query::StripeId("cs_test_a1B2c3".to_owned())))]
    #[case("Mira@Desk.example", Some(Query::Email("mira@desk.example".parse().unwrap())))]
    #[case("Mira  Okafor, mira", Some(Query::Words(vec!["mira".to_owned(), "okafor".to_owned()])))]
    #[case("mira_15", Some(Query::Words(vec!["mira".to_owned(), "15".to_owned()])))]
    #[case("Müller", Some(Query::Words(vec!["müller".to_owned()])))]
    #[case("m", None)]
    #[case(" % ", None)]
    #[case("", None)]
    fn a_query_is_an_id_an_address_or_words(#[case] text: &str, #[case] expected: Option<Query>) {
        assert_eq!(Query::parse(text), expected);
    }

    #[test]
    fn words_are_bounded() {
        let text = format!("{} {}", "x".repeat(300), "a1 b2 c3 d4 e5 f6 g7 h8 i9 j0 k1 l2 m3");
        let words = words(&text);
        assert_eq!(words.len(), MOST_WORDS);
        assert_eq!(words[0].chars().count(), LONGEST_WORD);
    }

    #[test]
    fn every_word_of_the_query_must_begin_a_word_of_the_text() {
        let query = words("oka mi");
        assert!(matches(&query, "Mira Okafor"));
        assert!(!matches(&query, "Mira Keller"));
        assert!(!matches(&words("ira"), "Mira"));
    }
}
