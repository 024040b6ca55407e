//! A list of people to invite: an address a line, or a table with names and codes.

use std::collections::BTreeMap;

use super::InvitationDraft;
use crate::emails::Email;
use crate::fields::Name;
use crate::links::LinkCode;

/// People in one list.
pub const MOST_LINES: usize = 500;
/// The largest list that is read, bytes.
pub const LARGEST_LIST: usize = 96 * 1024;

/// Why a list cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// There is nobody in it.
    #[error("Enter at least one email address")]
    Empty,
    /// There are too many people in it.
    #[error("Invite {MOST_LINES} people at most at once")]
    TooManyLines,
    /// It is longer than any list of so many people.
    #[error("This list is too long. Invite {MOST_LINES} people at most at once")]
    TooLarge,
}

/// What is wrong with a line of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineProblem {
    /// It has no email address.
    NoEmail,
    /// It has a text that is not an email address.
    WrongEmail,
    /// The name is too long.
    WrongName,
    /// The code has characters that no code has.
    WrongCode,
    /// It has more than a name, an address and a code.
    TooManyFields,
    /// The address is on an earlier line.
    SameEmail {
        /// Its number.
        line: u64,
    },
    /// The code is on an earlier line.
    SameCode {
        /// Its number.
        line: u64,
    },
    /// The address is in the program.
    InProgram,
    /// The address has an open invitation.
    Invited,
    /// Another link has the code.
    CodeTaken,
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListLine {
    /// Its number in the text.
    pub number: u64,
    /// The name, as it was written.
    pub name: String,
    /// The address, as it was written.
    pub email: String,
    /// The code, as it was written.
    pub code: String,
    /// Who is invited by it, or what is wrong with it.
    pub draft: Result<InvitationDraft, Vec<LineProblem>>,
}

impl ListLine {
    /// Notes a problem.
    pub fn refuse(&mut self, problem: LineProblem) {
        match &mut self.draft {
            Ok(_) => self.draft = Err(vec![problem]),
            Err(problems) => problems.push(problem),
        }
    }
}

/// Reads a list. Fields are separated by commas, semicolons or tabs: an address alone; a name, an
/// address and a code in this order; an address, a name and a code; or columns that the first line
/// names. `Name <address>` is understood, too.
///
/// # Errors
/// See [`ListError`]; what is wrong with a line is in the line.
pub fn parse_list(text: &str) -> Result<Vec<ListLine>, ListError> {
    if text.len() > LARGEST_LIST {
        return Err(ListError::TooLarge);
    }
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let delimiter = delimiter(&text);
    let mut columns = None;
    let mut lines: Vec<ListLine> = Vec::new();
    for (line_of_text, number) in text.lines().zip(1..) {
        let record = fields_of(line_of_text, delimiter);
        let fields: Vec<&str> = record.iter().collect();
        if fields.iter().all(|field| field.is_empty()) {
            continue;
        }
        if lines.is_empty() && columns.is_none() {
            columns = head(&fields);
            if columns.is_some() {
                continue;
            }
        }
        if lines.len() == MOST_LINES {
            return Err(ListError::TooManyLines);
        }
        lines.push(line(number, &fields, columns));
    }
    if lines.is_empty() {
        return Err(ListError::Empty);
    }
    refuse_repetitions(&mut lines);
    Ok(lines)
}

/// What separates the fields: a tab or a semicolon where there is one, else a comma.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    [b'\t', b';'].into_iter().find(|byte| first.as_bytes().contains(byte)).unwrap_or(b',')
}

/// The fields of a line. A quoted one does not go on in the next line: no name has a line break.
fn fields_of(line: &str, delimiter: u8) -> csv::StringRecord {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(line.as_bytes());
    // An empty line has no record. The text is valid UTF-8, and a line may have any length.
    reader.records().next().and_then(Result::ok).unwrap_or_default()
}

/// Where the name, the address and the code are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Columns {
    name: Option<usize>,
    email: usize,
    code: Option<usize>,
}

/// The columns that the first line names; `None` when it names none.
fn head(fields: &[&str]) -> Option<Columns> {
    let place =
        |names: &[&str]| fields.iter().position(|field| names.contains(&field.to_ascii_lowercase().as_str()));
    let email = place(&["email", "e-mail", "mail", "email address", "e-mail address"])?;
    Some(Columns { name: place(&["name", "full name"]), email, code: place(&["code", "link", "link code"]) })
}

/// The columns of a line in a list that names none.
fn columns_of(fields: &[&str]) -> Columns {
    let email = fields.iter().position(|field| field.contains('@'));
    match email {
        Some(0) => Columns { name: Some(1), email: 0, code: Some(2) },
        Some(email) => Columns { name: Some(email - 1), email, code: Some(email + 1) },
        None if fields.len() == 1 => Columns { name: None, email: 0, code: None },
        None => Columns { name: Some(0), email: 1, code: Some(2) },
    }
}

fn line(number: u64, fields: &[&str], columns: Option<Columns>) -> ListLine {
    let is_free = columns.is_none();
    let columns = columns.unwrap_or_else(|| columns_of(fields));
    let field = |at: Option<usize>| at.and_then(|at| fields.get(at)).copied().unwrap_or_default();
    let (mut name, mut email, code) = (field(columns.name), field(Some(columns.email)), field(columns.code));
    if let Some((before, address)) = email.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        email = address.trim();
        name = if name.is_empty() { before.trim().trim_matches('"') } else { name };
    }
    let mut problems = Vec::new();
    let used = [columns.name, Some(columns.email), columns.code];
    let has_more = fields.iter().enumerate().any(|(at, text)| !text.is_empty() && !used.contains(&Some(at)));
    if is_free && has_more {
        problems.push(LineProblem::TooManyFields);
    }
    let mut keep = |problem| problems.push(problem);
    let parsed_name = if name.is_empty() {
        None
    } else {
        name.parse::<Name>().map_err(|_| keep(LineProblem::WrongName)).ok()
    };
    let wrong_email = if email.is_empty() { LineProblem::NoEmail } else { LineProblem::WrongEmail };
    let parsed_email = email.parse::<Email>().map_err(|_| keep(wrong_email)).ok();
    let parsed_code = if code.is_empty() {
        None
    } else {
        code.parse::<LinkCode>().map_err(|_| keep(LineProblem::WrongCode)).ok()
    };
    let draft = match parsed_email {
        Some(email) if problems.is_empty() => {
            Ok(InvitationDraft { name: parsed_name, email, code: parsed_code })
        }
        _ => Err(problems),
    };
    ListLine { number, name: name.to_owned(), email: email.to_owned(), code: code.to_owned(), draft }
}

/// The first line with an address or a code stands, later ones are refused.
fn refuse_repetitions(lines: &mut [ListLine]) {
    let (mut emails, mut codes) = (BTreeMap::new(), BTreeMap::new());
    for line in lines {
        let Ok(draft) = line.draft.clone() else { continue };
        let number = line.number;
        if let Some(line_before) = emails.insert(draft.email.clone(), number) {
            emails.insert(draft.email, line_before);
            line.refuse(LineProblem::SameEmail { line: line_before });
        }
        let Some(code) = draft.code else { continue };
        if let Some(line_before) = codes.insert(code.clone(), number) {
            codes.insert(code, line_before);
            line.refuse(LineProblem::SameCode { line: line_before });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, address and code of each line, or its problems.
    fn read(text: &str) -> Vec<Result<(String, String, String), Vec<LineProblem>>> {
        let words = |draft: InvitationDraft| {
            let name = draft.name.map(|name| name.to_string()).unwrap_or_default();
            (name, draft.email.to_string(), draft.code.map(|code| code.to_string()).unwrap_or_default())
        };
        parse_list(text).unwrap().into_iter().map(|line| line.draft.map(words)).collect()
    }

    fn ok(name: &str, email: &str, code: &str) -> Result<(String, String, String), Vec<LineProblem>> {
        Ok((name.to_owned(), email.to_owned(), code.to_owned()))
    }

    #[test]
    fn lists_are_read_in_all_usual_forms() {
        let both = [ok("Ana", "ana@x.example", "ana"), ok("Bo", "bo@x.example", "")];
        for text in [
            "Ana,ana@x.example,ana\nBo,bo@x.example",
            "Ana; ana@x.example; ANA\r\nBo; bo@x.example\r\n",
            "Ana\tana@x.example\tana\rBo\tbo@x.example",
            "\u{feff}code,email,name\nana,ana@x.example,Ana\n\n,bo@x.example,Bo",
            "ana@x.example,Ana,ana\nbo@x.example,Bo",
            "Ana <ana@x.example>,,ana\nBo <bo@x.example>",
            "\"Ana\",\"ana@x.example\",\"ana\"\n  \nBo,bo@x.example,",
        ] {
            let read = read(text);
            if text.contains('<') {
                assert_eq!(read[1], both[1], "{text}");
            } else {
                assert_eq!(read, both, "{text}");
            }
        }
        assert_eq!(
            read("ana@x.example\n\n BO@x.example "),
            [ok("", "ana@x.example", ""), ok("", "bo@x.example", "")]
        );
        assert_eq!(read("\"Ann, Jr.\",ann@x.example"), [ok("Ann, Jr.", "ann@x.example", "")]);
    }

    #[test]
    fn every_problem_of_a_line_is_named() {
        let long = "x".repeat(81);
        for (text, problems) in [
            ("Ana".to_owned(), vec![LineProblem::WrongEmail]),
            ("Ana,,ana".to_owned(), vec![LineProblem::NoEmail]),
            (
                format!("{long},ana@x,a b"),
                vec![LineProblem::WrongName, LineProblem::WrongEmail, LineProblem::WrongCode],
            ),
            ("Ana,ana@x.example,ana,more".to_owned(), vec![LineProblem::TooManyFields]),
        ] {
            assert_eq!(read(&text), [Err(problems)], "{text}");
        }
        let twice = "Ana,ana@x.example,one\nBo,ANA@x.example,two\nCy,cy@x.example,ONE\nDi,ana@x.example,one";
        assert_eq!(
            read(twice)[1..],
            [
                Err(vec![LineProblem::SameEmail { line: 1 }]),
                Err(vec![LineProblem::SameCode { line: 1 }]),
                Err(vec![LineProblem::SameEmail { line: 1 }, LineProblem::SameCode { line: 1 }]),
            ]
        );
    }

    #[test]
    fn a_list_is_limited() {
        assert_eq!(parse_list(" \n\n"), Err(ListError::Empty));
        assert_eq!(parse_list("name,email"), Err(ListError::Empty));
        let lines = |number: usize| -> String { (0..number).map(|n| format!("a{n}@x.example\n")).collect() };
        assert_eq!(parse_list(&lines(MOST_LINES)).unwrap().len(), MOST_LINES);
        assert_eq!(parse_list(&lines(MOST_LINES + 1)), Err(ListError::TooManyLines));
        assert_eq!(parse_list(&"x".repeat(LARGEST_LIST + 1)), Err(ListError::TooLarge));
    }

    #[test]
    fn lines_are_numbered_as_in_the_text() {
        let lines = parse_list("name,email\n\nAna,ana@x.example\nBo,bo").unwrap();
        assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [3, 4]);
    }
}
