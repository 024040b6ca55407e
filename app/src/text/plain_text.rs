//! Plain text that a person wrote, as paragraphs with links.

/// A part of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text.
    Words(String),
    /// The end of a line within a paragraph.
    Break,
    /// The address of a website.
    Link(String),
}

/// The paragraphs of a text. A blank line separates two; `https://` and `http://` begin a link.
pub fn pieces(text: &str) -> Vec<Vec<Piece>> {
    let mut paragraphs = vec![Vec::new()];
    for line in text.lines() {
        let Some(paragraph) = paragraphs.last_mut() else { continue };
        match (line.trim(), paragraph.is_empty()) {
            ("", true) => {}
            ("", false) => paragraphs.push(Vec::new()),
            (line, first) => {
                if !first {
                    paragraph.push(Piece::Break);
                }
                paragraph.extend(of_line(line));
            }
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

fn of_line(line: &str) -> Vec<Piece> {
    let (mut pieces, mut rest) = (Vec::new(), line);
    while let Some(start) = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
        let address = address_at(&rest[start..]);
        if start > 0 {
            pieces.push(Piece::Words(rest[..start].to_owned()));
        }
        let is_url = url::Url::parse(address).is_ok_and(|url| url.has_host());
        pieces.push(if is_url { Piece::Link(address.to_owned()) } else { Piece::Words(address.to_owned()) });
        rest = &rest[start + address.len()..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest.to_owned()));
    }
    pieces
}

/// The address that a text begins with. The punctuation of the sentence is not part of it.
fn address_at(text: &str) -> &str {
    let end = text.find(|c: char| c.is_whitespace() || "<>\"".contains(c)).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Piece {
        Piece::Words(text.to_owned())
    }

    #[test]
    fn blank_lines_make_paragraphs() {
        let read = pieces("\nOne\nstill one\n\n \nTwo\n");
        assert_eq!(read, [vec![words("One"), Piece::Break, words("still one")], vec![words("Two")]]);
        assert_eq!(pieces(" \n "), Vec::<Vec<Piece>>::new());
    }

    #[test]
    fn addresses_become_links_without_the_punctuation() {
        let read = pieces("See https://lumen.example/a?b=1 (or http://b.example).");
        let expected = [
            words("See "),
            Piece::Link("https://lumen.example/a?b=1".into()),
            words(" (or "),
            Piece::Link("http://b.example".into()),
            words(")."),
        ];
        assert_eq!(read, [expected]);
    }

    #[test]
    fn only_addresses_of_websites_become_links() {
        for text in ["javascript:alert(1)", "https://", "http://?", "www.lumen.example"] {
            let read = pieces(text);
            assert!(read.iter().flatten().all(|piece| !matches!(piece, Piece::Link(_))), "{read:?}");
        }
    }
}
