//! The search box of every page of a program, and what a search found.

use leptos::prelude::*;

use super::Icon;

/// The box at the top of a program's pages. The keys `/` and Ctrl K lead to it.
#[component]
pub fn SearchBox(
    /// The search page.
    action: String,
) -> impl IntoView {
    view! {
        <form class="search" role="search" action=action>
            <Icon name="search" small=true/>
            <label class="sr-only" for="search">"Search this program"</label>
            <input
                id="search"
                name="q"
                type="search"
                maxlength="200"
                placeholder="Search or paste a Stripe ID"
                aria-keyshortcuts="/ Control+K Meta+K"
                data-search
            />
            <kbd aria-hidden="true">"/"</kbd>
        </form>
    }
}

/// Something that was found.
pub struct Hit {
    /// Where it leads.
    pub href: String,
    /// An icon, a cell or a person's letters.
    pub sign: AnyView,
    /// Its name.
    pub name: String,
    /// What tells it from others of the name.
    pub note: String,
    /// Numbers at the end of the line.
    pub end: String,
}

/// What was found of one kind. The words of the query are marked.
#[component]
pub fn HitList(
    /// What was found.
    hits: Vec<Hit>,
    /// The words of the query.
    words: Vec<String>,
) -> impl IntoView {
    let rows = hits.into_iter().map(|hit| {
        let (name, note) = (marked(&hit.name, &words), marked(&hit.note, &words));
        view! {
            <li>
                <a href=hit.href>
                    {hit.sign}
                    <span class="what">{name}<small>{note}</small></span>
                    <span class="end">{hit.end}</span>
                </a>
            </li>
        }
    });
    view! { <ul class="hits" role="list">{rows.collect_view()}</ul> }
}

fn marked(text: &str, words: &[String]) -> AnyView {
    let parts = parts(text, words).into_iter().map(|(part, is_match)| {
        if is_match { view! { <mark>{part}</mark> }.into_any() } else { part.into_any() }
    });
    parts.collect_view().into_any()
}

/// A text cut where a word begins with one of those of a query, and whether each part is that
/// beginning.
fn parts(text: &str, words: &[String]) -> Vec<(String, bool)> {
    let mut parts: Vec<(String, bool)> = Vec::new();
    let mut rest = text;
    let mut is_start = true;
    while let Some(letter) = rest.chars().next() {
        let matched =
            if is_start { words.iter().filter_map(|word| beginning(rest, word)).max() } else { None };
        let length = matched.unwrap_or(letter.len_utf8());
        let (part, after) = rest.split_at(length);
        match parts.last_mut() {
            Some((last, false)) if matched.is_none() => last.push_str(part),
            _ => parts.push((part.to_owned(), matched.is_some())),
        }
        is_start = part.chars().next_back().is_some_and(|last| !last.is_alphanumeric());
        rest = after;
    }
    parts
}

/// The length in bytes of the beginning of a text that equals a word in lowercase.
fn beginning(text: &str, word: &str) -> Option<usize> {
    let mut wanted = word.chars().peekable();
    for (place, letter) in text.char_indices() {
        if wanted.peek().is_none() {
            return Some(place);
        }
        for lower in letter.to_lowercase() {
            if wanted.next() != Some(lower) {
                return None;
            }
        }
    }
    wanted.peek().is_none().then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_of_words_are_marked() {
        let words = ["mira".to_owned(), "é".to_owned()];
        let cut = |text: &str| {
            let parts = parts(text, &words).into_iter();
            parts
                .map(|(part, is_match)| if is_match { format!("[{part}]") } else { part })
                .collect::<String>()
        };
        assert_eq!(cut("Mira Okafor"), "[Mira] Okafor");
        assert_eq!(cut("accounts@miramar.example"), "accounts@[mira]mar.example");
        assert_eq!(cut("Admira É"), "Admira [É]");
        assert_eq!(cut("mir"), "mir");
        assert_eq!(cut(""), "");
        assert_eq!(cut("MIRA15"), "[MIRA]15");
    }
}
