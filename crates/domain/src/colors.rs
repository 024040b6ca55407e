//! A program's accent color, and the shades that pages need of it.
//!
//! Whatever color a merchant picks, the text on it and in it is readable: the shades are made
//! by the contrast that WCAG 2.2 asks for, in both color schemes.

#![expect(clippy::float_arithmetic, reason = "the luminance of a color, not money")]

use std::fmt;
use std::str::FromStr;

/// The contrast of text (WCAG 2.2, 1.4.3).
const TEXT_CONTRAST: f64 = 4.5;
/// The contrast of shapes that carry meaning (WCAG 2.2, 1.4.11).
const SHAPE_CONTRAST: f64 = 3.0;
/// How far a color is moved at a time until its contrast suffices, in percent.
const STEP: u8 = 5;

/// A color of sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color {
    red: u8,
    green: u8,
    blue: u8,
}

/// Why a text is not a color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter a color such as #17605a")]
pub struct NotAColor;

impl FromStr for Color {
    type Err = NotAColor;
    fn from_str(text: &str) -> Result<Self, NotAColor> {
        let text = text.trim();
        let digits = text.strip_prefix('#').unwrap_or(text);
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NotAColor);
        }
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| NotAColor);
        Ok(Self { red: part(0)?, green: part(2)?, blue: part(4)? })
    }
}

/// `#17605a`
impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.digits())
    }
}

impl Color {
    /// Black.
    pub const BLACK: Self = Self { red: 0, green: 0, blue: 0 };
    /// White.
    pub const WHITE: Self = Self { red: 255, green: 255, blue: 255 };
    /// The page and the card of the light scheme, `--paper` and `--surface` in `style/`.
    const LIGHT: Self = Self { red: 0xf9, green: 0xf7, blue: 0xf3 };
    /// The card of the dark scheme.
    const DARK: Self = Self { red: 0x1d, green: 0x1a, blue: 0x17 };

    /// The six digits: `17605a`.
    pub fn digits(self) -> String {
        format!("{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }

    /// Red, green and blue.
    pub const fn parts(self) -> [u8; 3] {
        [self.red, self.green, self.blue]
    }

    /// The relative luminance, 0 to 1 (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// The contrast of two colors, 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// This color with so many percent of another.
    #[must_use]
    pub fn mixed(self, other: Self, percent: u8) -> Self {
        let part = |own: u8, other: u8| {
            let sum = u32::from(own) * u32::from(100 - percent) + u32::from(other) * u32::from(percent);
            u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
        };
        Self {
            red: part(self.red, other.red),
            green: part(self.green, other.green),
            blue: part(self.blue, other.blue),
        }
    }

    /// Black or white, whichever is easier to read on this color. One of them always has the
    /// contrast of text.
    pub fn text_on(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) { Self::WHITE } else { Self::BLACK }
    }

    /// This color, moved toward another until it stands out from the ground.
    fn moved_from(self, ground: Self, toward: Self, contrast: f64) -> Self {
        let steps = (0..=100).step_by(usize::from(STEP)).filter_map(|percent| u8::try_from(percent).ok());
        steps
            .map(|percent| self.mixed(toward, percent))
            .find(|color| color.contrast(ground) >= contrast)
            .unwrap_or(toward)
    }

    /// The shades of the light scheme.
    pub fn light_shades(self) -> Shades {
        let wash = self.mixed(Self::WHITE, 90);
        let darkest = if wash.luminance() < Self::LIGHT.luminance() { wash } else { Self::LIGHT };
        Shades {
            fill: self,
            on: self.text_on(),
            text: self.moved_from(darkest, Self::BLACK, TEXT_CONTRAST),
            wash,
        }
    }

    /// The shades of the dark scheme.
    pub fn dark_shades(self) -> Shades {
        let wash = Self::DARK.mixed(self, 15);
        let lightest = if wash.luminance() > Self::DARK.luminance() { wash } else { Self::DARK };
        let fill = self.moved_from(Self::DARK, Self::WHITE, SHAPE_CONTRAST);
        Shades { fill, on: fill.text_on(), text: self.moved_from(lightest, Self::WHITE, TEXT_CONTRAST), wash }
    }
}

/// What a page paints in a program's color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shades {
    /// Buttons and bars.
    pub fill: Color,
    /// Text on the fill.
    pub on: Color,
    /// Text in the color, on the page and on the wash.
    pub text: Color,
    /// A pale ground.
    pub wash: Color,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_color_is_six_digits() {
        let color: Color = " #17605A ".parse().unwrap();
        assert_eq!(color.to_string(), "#17605a");
        assert_eq!("17605a".parse(), Ok(color));
        for wrong in ["", "#fff", "#17605", "#17605g", "red", "#1760é"] {
            assert_eq!(wrong.parse::<Color>(), Err(NotAColor), "{wrong}");
        }
    }

    #[test]
    fn text_is_white_on_dark_and_black_on_light_colors() {
        assert_eq!("#17605a".parse::<Color>().unwrap().text_on(), Color::WHITE);
        assert_eq!("#ffd400".parse::<Color>().unwrap().text_on(), Color::BLACK);
    }

    proptest! {
        #[test]
        fn every_accent_color_has_enough_contrast(red: u8, green: u8, blue: u8) {
            let color = Color { red, green, blue };
            for (shades, ground) in [(color.light_shades(), Color::LIGHT), (color.dark_shades(), Color::DARK)] {
                prop_assert!(shades.on.contrast(shades.fill) >= TEXT_CONTRAST);
                prop_assert!(shades.text.contrast(shades.wash) >= TEXT_CONTRAST);
                prop_assert!(shades.text.contrast(ground) >= TEXT_CONTRAST);
            }
        }
    }
}
