//! What the preview of a program's public page shows: the offer in the program's color, and a comb.

#![expect(clippy::float_arithmetic, reason = "the geometry of a picture, not money")]

use ab_glyph::FontRef;
use domain::colors::Color;

use super::canvas::{Canvas, width};
use crate::http::png;

/// The size that link previews are made for (Open Graph, and `summary_large_image`).
pub const SIZE: (usize, usize) = (1_200, 630);

/// Inter, semibold, Latin letters (SIL Open Font License, `public/fonts/OFL-1.1.txt`).
const FONT: &[u8] = include_bytes!("inter-latin-semibold.ttf");

/// Where text begins, and how wide it may be.
const LEFT: f32 = 72.0;
const TEXT_WIDTH: f32 = 700.0;
/// The sizes that the offer is tried in, and the lines that it may have.
const OFFER_SIZES: [f32; 4] = [104.0, 88.0, 74.0, 62.0];
const OFFER_LINES: usize = 3;

/// What is written on the preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// "Lumen Partners"
    pub program: String,
    /// "Earn 25% of each payment for 12 months"
    pub offer: String,
    /// "partners.lumennotes.example/join/lumen"
    pub address: String,
    /// The program's color; ours when it has none.
    pub color: Option<Color>,
}

/// The preview as a PNG file.
pub fn draw(words: &Words) -> Vec<u8> {
    let font = FontRef::try_from_slice(FONT).expect("the font is part of the program");
    let color = words.color.unwrap_or_else(|| "#221e18".parse().expect("a color"));
    let shades = color.light_shades();
    let mut canvas = Canvas::new(SIZE.0, SIZE.1, shades.fill);
    comb(&mut canvas, shades.on);
    let initial: String = words.program.chars().take(1).collect::<String>().to_uppercase();
    canvas.fill(&square(LEFT, 72.0, 56.0), shades.on, 1.0);
    let indent = (56.0 - width(&initial, &font, 40.0)) / 2.0;
    canvas.write(&initial, &font, 40.0, (LEFT + indent, 114.0), shades.fill);
    let program = shortened(&words.program, &font, 36.0, TEXT_WIDTH - 76.0);
    canvas.write(&program, &font, 36.0, (LEFT + 76.0, 112.0), shades.on);
    let (size, lines) = offer(&words.offer, &font);
    let mut y = 340.0 - lines.len() as f32 * size * 1.12 / 2.0 + size * 0.85;
    for line in &lines {
        canvas.write(line, &font, size, (LEFT, y), shades.on);
        y += size * 1.12;
    }
    let address = shortened(&words.address, &font, 28.0, TEXT_WIDTH);
    canvas.write(&address, &font, 28.0, (LEFT, 560.0), shades.on);
    png::colors(SIZE.0, SIZE.1, canvas.pixels())
}

/// The offer in the largest size in which it fits, and its lines.
fn offer(text: &str, font: &FontRef<'_>) -> (f32, Vec<String>) {
    let tried = OFFER_SIZES.map(|size| (size, wrapped(text, font, size)));
    let smallest = tried[OFFER_SIZES.len() - 1].clone();
    tried.into_iter().find(|(_, lines)| lines.len() <= OFFER_LINES).unwrap_or_else(|| {
        let (size, mut lines) = smallest;
        lines.truncate(OFFER_LINES);
        (size, lines)
    })
}

/// A text in lines no wider than there is room; a longer word is shortened.
fn wrapped(text: &str, font: &FontRef<'_>, size: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match longer.filter(|longer| width(longer, font, size) <= TEXT_WIDTH) {
            Some(longer) => {
                lines.pop();
                lines.push(longer);
            }
            None => lines.push(shortened(word, font, size, TEXT_WIDTH)),
        }
    }
    lines
}

/// A text that fits, with an ellipsis where it was cut.
fn shortened(text: &str, font: &FontRef<'_>, size: f32, most: f32) -> String {
    if width(text, font, size) <= most {
        return text.to_owned();
    }
    let mut letters: Vec<char> = text.chars().take(120).collect();
    loop {
        letters.pop();
        let cut = format!("{}…", letters.iter().collect::<String>().trim_end());
        if letters.is_empty() || width(&cut, font, size) <= most {
            return cut;
        }
    }
}

fn square(x: f32, y: f32, side: f32) -> [(f32, f32); 4] {
    [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
}

/// A hexagon around a middle, cut off at a height from above.
fn hexagon((x, y): (f32, f32), radius: f32) -> [(f32, f32); 6] {
    let half = radius * 0.866;
    [
        (x, y - radius),
        (x + half, y - radius / 2.0),
        (x + half, y + radius / 2.0),
        (x, y + radius),
        (x - half, y + radius / 2.0),
        (x - half, y - radius / 2.0),
    ]
}

/// Cells of a comb, paler from row to row.
fn comb(canvas: &mut Canvas, ink: Color) {
    const RADIUS: f32 = 56.0;
    const STEP: (f32, f32) = (107.4, 93.0);
    let honey = if ink == Color::WHITE { "#ffd887".parse().expect("a color") } else { ink };
    // The cells in each row, by their column, from the top.
    let rows: [&[usize]; 5] = [&[1, 2], &[0, 1, 2], &[1, 2, 3], &[1, 2], &[2, 3]];
    for (row, columns) in rows.into_iter().enumerate() {
        for column in columns {
            let shift = if row % 2 == 0 { -STEP.0 / 2.0 } else { 0.0 };
            let x = 851.3 + STEP.0 * *column as f32 + shift;
            let middle = (x, 129.0 + STEP.1 * row as f32);
            canvas.fill(&hexagon(middle, RADIUS), honey, 1.0 - 0.2 * row as f32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn font() -> FontRef<'static> {
        FontRef::try_from_slice(FONT).unwrap()
    }

    #[test]
    fn the_offer_is_as_large_as_it_fits() {
        let (large, lines) = offer("Earn 25%", &font());
        assert_eq!((large, lines.len()), (OFFER_SIZES[0], 1));
        let (small, lines) = offer(&"Earn 12.5% of each payment for 12 months ".repeat(4), &font());
        assert!(small < large && lines.len() == OFFER_LINES, "{lines:?}");
        assert!(lines.iter().all(|line| width(line, &font(), small) <= TEXT_WIDTH), "{lines:?}");
    }

    #[test]
    fn long_names_are_cut_and_unknown_letters_left_out() {
        let cut = shortened(&"Lumen ".repeat(40), &font(), 36.0, 300.0);
        assert!(cut.ends_with('…') && width(&cut, &font(), 36.0) <= 300.0, "{cut}");
        assert_eq!(width("日本", &font(), 36.0), 0.0);
        assert!(width("Ünïcode", &font(), 36.0) > 0.0);
    }
}
