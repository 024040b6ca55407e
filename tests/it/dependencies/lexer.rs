//! Divides Rust sources into tokens, and tells code from comments, literals and test modules.

pub fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::`, and every other character by itself.
pub fn tokens(code: &[char]) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut at = 0;
    while at < code.len() {
        let c = code[at];
        let start = at;
        at += 1;
        if c.is_whitespace() {
            continue;
        }
        if c.is_alphanumeric() || c == '_' {
            while at < code.len() && (code[at].is_alphanumeric() || code[at] == '_') {
                at += 1;
            }
        } else if c == ':' && code.get(at) == Some(&':') {
            at += 1;
        }
        tokens.push(code[start..at].iter().collect());
    }
    tokens
}

/// The first test module of a code, from its attribute to its last brace.
pub fn test_module(code: &[char]) -> Option<(usize, usize)> {
    const ATTRIBUTE: &str = "#[cfg(test)]";
    let attribute: Vec<char> = ATTRIBUTE.chars().collect();
    let starts = (0..code.len()).filter(|at| code[*at..].starts_with(&attribute));
    for start in starts {
        let rest: String = code[start + attribute.len()..].iter().collect();
        if !rest.trim_start().starts_with("mod ") {
            continue;
        }
        let mut depth = 0_usize;
        for (at, c) in code.iter().enumerate().skip(start) {
            match c {
                ';' if depth == 0 => return Some((start, at + 1)),
                '{' => depth += 1,
                '}' => {
                    depth -= 1;
                    if depth == 0 {
                        return Some((start, at + 1));
                    }
                }
                _ => {}
            }
        }
    }
    None
}

/// The code of a text, with comments and the content of literals as spaces, and the string
/// literals with their places.
pub fn blank(text: &[char]) -> (Vec<char>, Vec<(usize, String)>) {
    let mut code = text.to_vec();
    let mut literals = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let end = match rest[0] {
            '/' if rest.get(1) == Some(&'/') => {
                at + rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())
            }
            '/' if rest.get(1) == Some(&'*') => at + block_comment(rest),
            'r' if !is_inside_name(text, at) && raw_hashes(rest).is_some() => {
                let hashes = raw_hashes(rest).unwrap_or_default();
                let close: Vec<char> = [vec!['"'], vec!['#'; hashes]].concat();
                let start = hashes + 2;
                let length = (start..rest.len()).find(|i| rest[*i..].starts_with(&close));
                let length = length.unwrap_or(rest.len());
                literals.push((at, rest[start..length].iter().collect()));
                (at + length + close.len()).min(text.len())
            }
            '"' => {
                let mut length = 1;
                while length < rest.len() && rest[length] != '"' {
                    length += if rest[length] == '\\' { 2 } else { 1 };
                }
                literals.push((at, rest[1..length.min(rest.len())].iter().collect()));
                (at + length + 1).min(text.len())
            }
            // A character, not a lifetime.
            '\'' if rest.get(1) == Some(&'\\') => {
                at + 3 + rest[3..].iter().position(|c| *c == '\'').unwrap_or(0) + 1
            }
            '\'' if rest.get(2) == Some(&'\'') => at + 3,
            _ => {
                at += 1;
                continue;
            }
        };
        for c in &mut code[at..end] {
            if *c != '\n' {
                *c = ' ';
            }
        }
        at = end;
    }
    (code, literals)
}

fn is_inside_name(text: &[char], at: usize) -> bool {
    at > 0 && (text[at - 1].is_alphanumeric() || text[at - 1] == '_')
}

/// The number of `#` of a raw string that begins here.
fn raw_hashes(rest: &[char]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    (rest.get(hashes + 1) == Some(&'"')).then_some(hashes)
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(&['/', '*']) {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with(&['*', '/']) {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}
