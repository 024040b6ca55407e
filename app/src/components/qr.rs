//! A QR code, drawn by the server as one path.

use leptos::prelude::*;
use qrcode::{Color, EcLevel, QrCode};

/// Free modules around the code that scanners need (ISO/IEC 18004: four).
const QUIET: usize = 4;

/// A QR code as its modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qr {
    /// Modules in a row, without the quiet zone.
    width: usize,
    /// Row by row; `true` is dark.
    dark: Vec<bool>,
}

impl Qr {
    /// The code of a short address, which can be read although a part is covered.
    pub fn of_link(url: &str) -> Option<Self> {
        Self::new(url, EcLevel::M)
    }

    /// The code of a long text, with as few modules as possible; `None` when it would have more
    /// than `most` in a row.
    pub fn of_document(text: &str, most: usize) -> Option<Self> {
        Self::new(text, EcLevel::L).filter(|code| code.width <= most)
    }

    fn new(text: &str, level: EcLevel) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, level).ok()?;
        let dark = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        Some(Self { width: code.width(), dark })
    }

    /// Modules in a row with the quiet zone.
    pub fn size(&self) -> usize {
        self.width + 2 * QUIET
    }

    /// Whether a module is dark, counted with the quiet zone.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < self.width);
        let at = inside(x).zip(inside(y)).map(|(x, y)| y * self.width + x);
        at.and_then(|at| self.dark.get(at)).copied().unwrap_or(false)
    }

    /// The dark modules as a path: a rectangle for each run in a row.
    fn path(&self) -> String {
        let mut path = String::new();
        for y in 0..self.size() {
            let mut x = 0;
            while x < self.size() {
                let start = x;
                while self.is_dark(x, y) {
                    x += 1;
                }
                if x > start {
                    let run = x - start;
                    path.push_str(&format!("M{start} {y}h{run}v1h-{run}z"));
                }
                x += 1;
            }
        }
        path
    }

    /// The code as an SVG document of its own, dark on white.
    pub fn svg(&self) -> String {
        let (size, path) = (self.size(), self.path());
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\">\
             <rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/><path d=\"{path}\"/></svg>\n"
        )
    }
}

/// A QR code in a page.
#[component]
pub fn QrImage(
    /// The code.
    code: Qr,
    /// "QR code of your link"
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let view_box = format!("0 0 {0} {0}", code.size());
    view! {
        <svg class="qr" viewBox=view_box shape-rendering="crispEdges" role="img" aria-label=label>
            <path fill="currentColor" d=code.path()></path>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_finder_patterns_and_a_quiet_zone() {
        let code = Qr::of_link("https://partners.lumennotes.example/r/kenji").unwrap();
        assert_eq!(code.size(), code.width + 2 * QUIET);
        assert!((0..code.size()).all(|at| !code.is_dark(at, 0) && !code.is_dark(0, at)));
        let corner = |x: usize, y: usize| code.is_dark(QUIET + x, QUIET + y);
        assert!((0..7).all(|at| corner(at, 0) && corner(0, at)) && !corner(1, 1) && corner(3, 3));
        assert!(code.svg().contains(&format!("viewBox=\"0 0 {0} {0}\"", code.size())));
    }

    #[test]
    fn a_text_that_does_not_fit_has_no_code() {
        assert_eq!(Qr::of_document(&"a".repeat(4_000), 177), None);
        assert_eq!(Qr::of_document(&"a".repeat(400), 57), None);
        assert!(Qr::of_document(&"a".repeat(400), 117).is_some());
    }
}
