//! The HTML of a letter: one layout for all of them.
//!
//! Mail programs drop stylesheets, so every element carries its style. What only a stylesheet can
//! say, the dark scheme, is in one block, and a program that drops it shows the light scheme. There
//! are no images and no scripts: opening a mail tells nobody.

use std::fmt::Write as _;

use domain::colors::Color;

use super::letter::{Letter, Part, Sender};

/// The colors of a scheme: those of `style/20-tokens.css`.
struct Scheme {
    paper: &'static str,
    surface: &'static str,
    line: &'static str,
    ink: &'static str,
    muted: &'static str,
}

const LIGHT: Scheme =
    Scheme { paper: "#f9f7f3", surface: "#fffefc", line: "#e6e1d7", ink: "#221e18", muted: "#665e53" };
const DARK: Scheme =
    Scheme { paper: "#161412", surface: "#1d1a17", line: "#322e28", ink: "#f1ece4", muted: "#aba295" };

/// The bar and the button of mails without a program's color: ink on paper, and honey.
const PLAIN_BAR: [&str; 2] = ["#e3a11c", "#e8ab2e"];
const PLAIN_BUTTON: [[&str; 2]; 2] = [["#221e18", "#fffefc"], ["#f1ece4", "#1b1815"]];

const FONT: &str = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/// The colors of a program, or of the installation: light, then dark.
struct Accent {
    bar: [String; 2],
    button: [String; 2],
    on_button: [String; 2],
    link: [String; 2],
}

impl Accent {
    fn of(color: Option<Color>) -> Self {
        let Some(color) = color else {
            let pair = |of: [&str; 2]| of.map(str::to_owned);
            let [light, dark] = PLAIN_BUTTON;
            return Self {
                bar: pair(PLAIN_BAR),
                button: pair([light[0], dark[0]]),
                on_button: pair([light[1], dark[1]]),
                link: pair([LIGHT.ink, DARK.ink]),
            };
        };
        let shades = [color.light_shades(), color.dark_shades()];
        Self {
            bar: shades.map(|of| of.fill.to_string()),
            button: shades.map(|of| of.fill.to_string()),
            on_button: shades.map(|of| of.on.to_string()),
            link: shades.map(|of| of.text.to_string()),
        }
    }
}

/// Text as HTML, with its line breaks.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' => html.push_str("<br>"),
            c if c.is_control() => html.push(' '),
            c => html.push(c),
        }
    }
    html
}

/// The letter as an HTML document.
pub(super) fn html(letter: &Letter, sender: &Sender) -> String {
    let accent = Accent::of(sender.program.as_ref().and_then(|program| program.color));
    let name = sender.program.as_ref().map_or("Honeyguide", |program| program.name.as_str());
    let Scheme { paper, surface, line, ink, muted } = LIGHT;
    let mut html = String::new();
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"supported-color-schemes\" content=\"light dark\">\
         <title>{title}</title><style>{style}</style></head>\n\
         <body class=\"hg-paper\" style=\"margin:0;padding:0;background:{paper};color:{ink};font-family:{FONT};\
         font-size:16px;line-height:1.5;-webkit-text-size-adjust:100%\">\
         <table role=\"presentation\" class=\"hg-paper\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
         style=\"background:{paper}\"><tr><td align=\"center\" style=\"padding:32px 16px\">\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
         style=\"max-width:560px;table-layout:fixed\">\n\
         <tr><td class=\"hg-ink\" style=\"padding:0 4px 12px;font-size:15px;font-weight:600;color:{ink};\
         overflow-wrap:anywhere\">{name}</td></tr>\n\
         <tr><td class=\"hg-bar\" height=\"4\" style=\"height:4px;line-height:4px;font-size:0;background:{bar};\
         border-radius:10px 10px 0 0\">&nbsp;</td></tr>\n\
         <tr><td class=\"hg-card\" style=\"padding:28px 28px 12px;background:{surface};border:1px solid {line};\
         border-top:0;border-radius:0 0 10px 10px\">\
         <h1 class=\"hg-ink\" style=\"margin:0 0 20px;font-size:22px;line-height:1.3;font-weight:600;color:{ink};\
         overflow-wrap:anywhere\">{title}</h1>\n",
        title = escaped(&letter.subject),
        style = dark(&accent),
        name = escaped(name),
        bar = accent.bar[0],
    );
    parts(&mut html, &letter.parts, &accent);
    let _ = write!(
        html,
        "</td></tr>\n<tr><td class=\"hg-muted\" style=\"padding:16px 4px 0;font-size:13px;color:{muted};\
         overflow-wrap:anywhere\">{}</td></tr>\n</table></td></tr></table></body></html>\n",
        escaped(&sender.foot())
    );
    html
}

/// What the dark scheme changes.
fn dark(accent: &Accent) -> String {
    let Scheme { paper, surface, line, ink, muted } = DARK;
    let (bar, button, on, link) = (&accent.bar[1], &accent.button[1], &accent.on_button[1], &accent.link[1]);
    format!(
        "@media (prefers-color-scheme: dark){{\
         .hg-paper{{background:{paper}!important}}\
         .hg-card{{background:{surface}!important;border-color:{line}!important}}\
         .hg-ink{{color:{ink}!important}}.hg-muted{{color:{muted}!important}}\
         .hg-line{{border-color:{line}!important}}.hg-bar{{background:{bar}!important}}\
         .hg-button{{background:{button}!important;color:{on}!important}}\
         .hg-link{{color:{link}!important}}.hg-quote{{border-color:{bar}!important}}}}"
    )
}

fn parts(html: &mut String, parts: &[Part], accent: &Accent) {
    let Scheme { line, ink, muted, .. } = LIGHT;
    let mut has_button = false;
    let mut all = parts.iter().peekable();
    let mut is_in_table = false;
    while let Some(part) = all.next() {
        let _ = match part {
            Part::Text(text) => paragraph(html, "hg-ink", ink, 16, text),
            Part::Note(text) => paragraph(html, "hg-muted", muted, 14, text),
            Part::Link { label, url } if has_button => write!(
                html,
                "<p style=\"margin:0 0 16px\"><a class=\"hg-link\" href=\"{}\" style=\"color:{};\
                 text-decoration:underline\">{}</a></p>",
                escaped(url),
                accent.link[0],
                escaped(label)
            ),
            Part::Link { label, url } => {
                has_button = true;
                button(html, label, url, accent)
            }
            Part::Quote(words) => write!(
                html,
                "<p class=\"hg-quote hg-ink\" style=\"margin:0 0 16px;padding:2px 0 2px 14px;border-left:3px solid {};\
                 color:{ink};overflow-wrap:anywhere\">{}</p>",
                accent.bar[0],
                escaped(words)
            ),
            Part::Row { label, value } => {
                if !is_in_table {
                    is_in_table = true;
                    html.push_str(
                        "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
                         style=\"margin:0 0 20px\">",
                    );
                }
                let cell =
                    format!("padding:9px 0;border-bottom:1px solid {line};vertical-align:top;font-size:15px");
                let written = write!(
                    html,
                    "<tr><td class=\"hg-muted hg-line\" style=\"{cell};color:{muted};padding-right:16px\">{}</td>\
                     <td class=\"hg-ink hg-line\" align=\"right\" style=\"{cell};color:{ink};\
                     font-variant-numeric:tabular-nums;overflow-wrap:anywhere\">{}</td></tr>",
                    escaped(label),
                    escaped(value)
                );
                if !matches!(all.peek(), Some(Part::Row { .. })) {
                    is_in_table = false;
                    html.push_str("</table>\n");
                }
                written
            }
        };
    }
}

fn paragraph(html: &mut String, class: &str, color: &str, size: u8, text: &str) -> std::fmt::Result {
    let text = escaped(text);
    write!(
        html,
        "<p class=\"{class}\" style=\"margin:0 0 16px;font-size:{size}px;color:{color};overflow-wrap:anywhere\">{text}</p>"
    )
}

/// A link that looks like a button, in a table cell for programs that know no padding of links.
fn button(html: &mut String, label: &str, url: &str, accent: &Accent) -> std::fmt::Result {
    let (fill, on) = (&accent.button[0], &accent.on_button[0]);
    write!(
        html,
        "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"margin:4px 0 20px\"><tr>\
         <td class=\"hg-button\" style=\"background:{fill};border-radius:8px\"><a class=\"hg-button\" href=\"{}\" \
         style=\"display:inline-block;padding:11px 20px;background:{fill};color:{on};border-radius:8px;\
         font-size:15px;font-weight:600;text-decoration:none\">{}</a></td></tr></table>",
        escaped(url),
        escaped(label)
    )
}

#[cfg(test)]
mod tests {
    use domain::mails::MailKind;

    use super::super::letter::Program;
    use super::*;

    fn sender(color: Option<&str>) -> Sender {
        let program = Program {
            name: "<b>Lumen</b> & \"Co\"".to_owned(),
            company: "Lumen".to_owned(),
            color: color.map(|color| color.parse().unwrap()),
        };
        Sender { program: Some(program), base_url: "https://hg.example".to_owned() }
    }

    fn letter() -> Letter {
        Letter::new(MailKind::PayoutPaid, "You & <script>alert(1)</script>")
            .text("one\n<img src=x>")
            .row("<i>", "'\"")
            .quote("<a href=\"https://evil.example\">here</a>")
            .link("<u>", "https://hg.example/?a=1&b=\"><script>")
            .link("Second", "https://hg.example/second")
            .note("</td></table>")
    }

    #[test]
    fn whatever_was_typed_is_text() {
        let html = html(&letter(), &sender(None));
        for markup in ["<script", "<img", "<i>", "<u>", "<b>", "<a href=\"https://evil"] {
            assert!(!html.contains(markup), "{markup}: {html}");
        }
        assert!(html.contains("one<br>&lt;img src=x&gt;"), "{html}");
        assert!(html.contains("href=\"https://hg.example/?a=1&amp;b=&quot;&gt;&lt;script&gt;\""), "{html}");
    }

    #[test]
    fn nothing_is_loaded_and_every_element_has_its_style() {
        let html = html(&letter(), &sender(Some("#17605a")));
        for remote in ["<img", "<iframe", "url(", "@import", "<link", "<script", "@font-face"] {
            assert!(!html.contains(remote), "{remote}");
        }
        assert_eq!(html.matches("<style>").count(), 1, "only the dark scheme");
        for element in ["<p ", "<a ", "<h1 ", "<td "] {
            for tag in html.split(element).skip(1) {
                let tag = tag.split('>').next().unwrap_or_default();
                assert!(tag.contains("style="), "{element}{tag}");
            }
        }
    }

    #[test]
    fn a_program_lends_its_color() {
        let html = html(&letter(), &sender(Some("#17605a")));
        assert!(html.contains("background:#17605a;color:#ffffff"), "{html}");
        assert!(super::html(&letter(), &sender(None)).contains("background:#221e18"));
        assert_eq!(html.matches("class=\"hg-button\" href").count(), 1, "one button, then links");
    }

    #[test]
    fn tables_open_as_often_as_they_close() {
        let letter = letter().row("a", "1").row("b", "2").text("c").row("d", "3");
        let html = html(&letter, &sender(None));
        assert_eq!(html.matches("<table").count(), html.matches("</table>").count());
    }
}
