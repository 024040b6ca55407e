//! What a mail says, in parts that are written twice: as plain text and as HTML.

use domain::ids::ProgramId;
use domain::mails::MailKind;
use serde::{Deserialize, Serialize};

/// A mail without its recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Letter {
    /// What it is about.
    pub(crate) kind: MailKind,
    /// The program in whose name and color it is sent; `None` for the installation's own.
    pub(crate) program: Option<ProgramId>,
    /// The subject, one line.
    pub(crate) subject: String,
    /// The id of what it is about, where it can only be sent again by making it anew.
    pub(crate) about: Option<String>,
    pub(super) parts: Vec<Part>,
}

/// A part of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    /// A paragraph.
    Text(String),
    /// Where to go: the label says what for.
    Link { label: String, url: String },
    /// Words of someone else, such as a reason.
    Quote(String),
    /// A line of a table: a label and its value.
    Row { label: String, value: String },
    /// What is good to know, less prominent.
    Note(String),
}

impl Letter {
    /// A letter without parts.
    pub(crate) fn new(kind: MailKind, subject: impl Into<String>) -> Self {
        Self { kind, program: None, subject: subject.into(), about: None, parts: Vec::new() }
    }

    /// Sends it in the name and color of a program.
    #[must_use]
    pub(crate) fn of(self, program: &ProgramId) -> Self {
        Self { program: Some(program.clone()), ..self }
    }

    /// Names what it is about.
    #[must_use]
    pub(crate) fn about(self, id: &str) -> Self {
        Self { about: Some(id.to_owned()), ..self }
    }

    fn with(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// Adds a paragraph.
    #[must_use]
    pub(crate) fn text(self, text: impl Into<String>) -> Self {
        self.with(Part::Text(text.into()))
    }

    /// Adds a link; the first one becomes the button.
    #[must_use]
    pub(crate) fn link(self, label: impl Into<String>, url: impl Into<String>) -> Self {
        self.with(Part::Link { label: label.into(), url: url.into() })
    }

    /// Adds words of someone else.
    #[must_use]
    pub(crate) fn quote(self, text: impl Into<String>) -> Self {
        self.with(Part::Quote(text.into()))
    }

    /// Adds a line of a table.
    #[must_use]
    pub(crate) fn row(self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(Part::Row { label: label.into(), value: value.into() })
    }

    /// Adds what is good to know.
    #[must_use]
    pub(crate) fn note(self, text: impl Into<String>) -> Self {
        self.with(Part::Note(text.into()))
    }
}

/// What stands around a letter: who sends it, and in which color.
#[derive(Debug, Clone, Default)]
pub(super) struct Sender {
    /// The program; `None` for the installation's own mails.
    pub(super) program: Option<Program>,
    /// The address of the installation.
    pub(super) base_url: String,
}

/// The program that a letter comes from.
#[derive(Debug, Clone)]
pub(super) struct Program {
    /// Its name.
    pub(super) name: String,
    /// The company that runs it.
    pub(super) company: String,
    /// Its color.
    pub(super) color: Option<domain::colors::Color>,
}

impl Sender {
    /// The last line: where the mail comes from.
    pub(super) fn foot(&self) -> String {
        let host = self.base_url.split_once("://").map_or(self.base_url.as_str(), |(_, host)| host);
        match &self.program {
            Some(program) if program.name == program.company => {
                format!("{}. Sent by Honeyguide at {host}.", program.name)
            }
            Some(program) => {
                format!(
                    "{}, the affiliate program of {}. Sent by Honeyguide at {host}.",
                    program.name, program.company
                )
            }
            None => format!("Sent by Honeyguide at {host}."),
        }
    }
}

/// The letter as plain text.
pub(super) fn text(letter: &Letter, sender: &Sender) -> String {
    let mut text = String::from("Hello,\n\n");
    let mut parts = letter.parts.iter().peekable();
    while let Some(part) = parts.next() {
        let (line, end) = match part {
            Part::Text(text) | Part::Note(text) => (text.clone(), "\n\n"),
            Part::Link { label, url } => (format!("{label}:\n{url}"), "\n\n"),
            Part::Quote(words) => {
                (words.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n"), "\n\n")
            }
            Part::Row { label, value } => {
                let goes_on = matches!(parts.peek(), Some(Part::Row { .. }));
                (format!("{label}: {value}"), if goes_on { "\n" } else { "\n\n" })
            }
        };
        text.push_str(&line);
        text.push_str(end);
    }
    // The mark that mail programs know as the end of a message (RFC 3676, 4.3).
    text.push_str("-- \n");
    text.push_str(&sender.foot());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_every_part_in_order() {
        let letter = Letter::new(MailKind::PayoutPaid, "You were paid")
            .text("Lumen paid you.")
            .row("Amount", "12.00 USD")
            .row("Number", "RUN-1")
            .quote("one\ntwo")
            .link("Open the statement", "https://hg.example/s")
            .note("That is all.");
        let text = text(&letter, &Sender { program: None, base_url: "https://hg.example".to_owned() });
        assert_eq!(
            text,
            "Hello,\n\nLumen paid you.\n\nAmount: 12.00 USD\nNumber: RUN-1\n\n> one\n> two\n\n\
             Open the statement:\nhttps://hg.example/s\n\nThat is all.\n\n-- \nSent by Honeyguide at hg.example.\n"
        );
    }
}
