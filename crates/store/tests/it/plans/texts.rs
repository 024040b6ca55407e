//! Every SQL text of `store`, read from its sources: a new one cannot be forgotten.
//!
//! A text is a literal, or `concat!` and macros of literals. Those are expanded here as the
//! compiler does; nothing else makes texts, because the verbs take `&'static str`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Text(String),
    Word(String),
    Sign(char),
}

/// A macro's parameters and what it becomes.
#[derive(Clone)]
struct Macro {
    parameters: Vec<String>,
    body: Vec<Token>,
}

type Macros = BTreeMap<String, Macro>;

/// The texts, each with its file.
pub fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files: Vec<(PathBuf, Vec<Token>)> = files(&root)
        .into_iter()
        .map(|path| (path.clone(), tokens(&std::fs::read_to_string(path).unwrap())))
        .collect();
    let mut shared = Macros::new();
    for (_, tokens) in &files {
        shared.extend(macros(tokens).0);
    }
    let mut found = Vec::new();
    for (path, tokens) in &files {
        let (own, rest) = macros(tokens);
        let mut known = shared.clone();
        known.extend(own);
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        let mut at = 0;
        while at < rest.len() {
            let (text, next) = value(&rest, at, &known).unwrap_or((String::new(), at + 1));
            if is_statement(&text) {
                found.push((name.clone(), text));
            }
            at = next;
        }
    }
    found
}

fn is_statement(text: &str) -> bool {
    let text = text.trim_start();
    let begins = |word: &str| text.starts_with(word);
    // What a batch begins with is completed by its values.
    let is_half = begins("INSERT") && !text.contains("VALUES") && !text.contains("SELECT");
    !is_half && ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "].into_iter().any(begins)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            all.push(path);
        }
    }
    all.sort();
    all
}

fn tokens(source: &str) -> Vec<Token> {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
    let characters: Vec<char> = source.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(&c) = characters.get(at) {
        let next = characters.get(at + 1).copied();
        match c {
            '/' if next == Some('/') => at = end(&characters, at, |c| c == '\n'),
            '"' => {
                let (text, after) = literal(&characters, at + 1);
                tokens.push(Token::Text(text));
                at = after;
                continue;
            }
            // A character, not a lifetime.
            '\'' if characters.get(at + 2) == Some(&'\'') => at += 2,
            '\'' if next == Some('\\') => at = end(&characters, at + 2, |c| c == '\''),
            c if c.is_alphanumeric() || c == '_' || c == '$' => {
                let after = end(&characters, at + 1, |c| !c.is_alphanumeric() && c != '_');
                tokens.push(Token::Word(characters[at..after].iter().collect()));
                at = after;
                continue;
            }
            c if c.is_whitespace() => {}
            c => tokens.push(Token::Sign(c)),
        }
        at += 1;
    }
    tokens
}

fn end(characters: &[char], from: usize, is_end: impl Fn(char) -> bool) -> usize {
    characters[from..].iter().position(|c| is_end(*c)).map_or(characters.len(), |length| from + length)
}

/// A literal from behind its first quote, and where it ends.
fn literal(characters: &[char], mut at: usize) -> (String, usize) {
    let mut text = String::new();
    loop {
        match characters[at] {
            '"' => return (text, at + 1),
            '\\' => {
                at += 1;
                match characters[at] {
                    '\n' => at = end(characters, at, |c| !c.is_whitespace()) - 1,
                    'n' => text.push('\n'),
                    c => text.push(c),
                }
            }
            c => text.push(c),
        }
        at += 1;
    }
}

/// The macros that are defined among some tokens, and the tokens without them.
fn macros(tokens: &[Token]) -> (Macros, Vec<Token>) {
    let (mut found, mut rest, mut at) = (Macros::new(), Vec::new(), 0);
    while at < tokens.len() {
        if tokens[at] != Token::Word("macro_rules".to_owned()) {
            rest.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let Token::Word(name) = &tokens[at + 2] else { panic!("a macro without a name") };
        let (inside, after) = group(tokens, at + 3);
        let (pattern, behind) = group(inside, 0);
        let parameters = pattern.iter().filter_map(|token| match token {
            Token::Word(word) if word.starts_with('$') => Some(word.clone()),
            _ => None,
        });
        let (body, _) = group(inside, behind + 2);
        found.insert(name.clone(), Macro { parameters: parameters.collect(), body: body.to_vec() });
        at = after;
    }
    (found, rest)
}

/// What stands between the brackets that open at a place, and where they end.
fn group(tokens: &[Token], open: usize) -> (&[Token], usize) {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Sign('(' | '{' | '[') => depth += 1,
            Token::Sign(')' | '}' | ']') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (&tokens[open + 1..at], at + 1);
        }
    }
    panic!("brackets that do not end");
}

/// The text that begins at a place, and where it ends; `None` for what is no text.
fn value(tokens: &[Token], at: usize, known: &Macros) -> Option<(String, usize)> {
    match tokens.get(at)? {
        Token::Text(text) => Some((text.clone(), at + 1)),
        Token::Word(name) if tokens.get(at + 1) == Some(&Token::Sign('!')) => {
            let is_concat = name == "concat";
            let called = known.get(name).filter(|_| !is_concat);
            if !is_concat && called.is_none() {
                return None;
            }
            let (inside, after) = group(tokens, at + 2);
            let arguments = split(inside);
            let text = match called {
                None => arguments
                    .iter()
                    .map(|one| value(one, 0, known).map(|(text, _)| text))
                    .collect::<Option<_>>()?,
                Some(called) => {
                    let mut body = Vec::new();
                    for token in &called.body {
                        let place =
                            called.parameters.iter().position(|name| *token == Token::Word(name.clone()));
                        match place {
                            Some(place) => body.extend_from_slice(arguments.get(place)?),
                            None => body.push(token.clone()),
                        }
                    }
                    value(&body, 0, known)?.0
                }
            };
            Some((text, after))
        }
        _ => None,
    }
}

/// The arguments of a call.
fn split(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut all, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('(' | '{' | '[') => depth += 1,
            Token::Sign(')' | '}' | ']') => depth -= 1,
            Token::Sign(',') if depth == 0 => {
                all.push(&tokens[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    all.push(&tokens[from..]);
    all.retain(|argument| !argument.is_empty());
    all
}

#[test]
fn sql_macros_are_expanded_as_the_compiler_does() {
    let all = texts();
    let has = |part: &str| all.iter().any(|(_, text)| text.contains(part));
    assert!(all.len() > 200, "{}", all.len());
    // Of a macro that calls a macro that calls `concat!`, with each of its arguments.
    assert!(has("AND standing = $5 AND ($3 IS NULL OR affiliate_id = $3)"), "a list of conversions");
    assert!(has("FROM clicks WHERE affiliate_id = $2") && has("FROM clicks WHERE program_id = $2"));
    assert!(has("FROM click_sums WHERE owner_id = $65") && has("$63, $64)"), "a list of placeholders");
    assert!(all.iter().all(|(_, text)| !text.contains("\\")), "no continuation is left");
}
