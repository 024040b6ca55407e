//! A QR code, drawn into the page: dark on white in both themes, because cameras need it so.

use leptos::prelude::*;
use qrcode::{Color, QrCode as Code};

/// White modules around the code, which the standard asks for.
const QUIET: usize = 4;

/// The one path of all dark modules, and the width of the whole.
fn drawing(text: &str) -> Option<(String, usize)> {
    let code = Code::new(text).ok()?;
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    let path =
        dark.map(|(at, _)| format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET)).collect();
    Some((path, width + 2 * QUIET))
}

/// A text as a QR code. Nothing when it is too long for one.
#[component]
pub fn QrCode(
    /// What a camera reads.
    #[prop(into)]
    text: String,
    /// What it is, for those who don't see it.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    drawing(&text).map(|(path, size)| {
        view! {
            <svg class="qr-code" viewBox=format!("0 0 {size} {size}") role="img" aria-label=label shape-rendering="crispEdges">
                <rect width=size height=size fill="#fff"></rect>
                <path d=path fill="#000"></path>
            </svg>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_the_length_of_a_link_is_drawn_and_a_book_is_not() {
        let (path, size) =
            drawing("otpauth://totp/Honeyguide:mira%40example.com?secret=ABC").expect("a code");
        assert!(size > 21 + 2 * QUIET);
        assert!(path.starts_with(&format!("M{QUIET} {QUIET}h1v1h-1z")), "the corner is dark");
        assert_eq!(drawing(&"x".repeat(5_000)), None);
    }
}
