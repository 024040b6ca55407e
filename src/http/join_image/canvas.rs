//! A picture in memory: shapes with straight edges, and text.

#![expect(clippy::float_arithmetic, reason = "the geometry of a picture, not money")]

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};
use ab_glyph_rasterizer::Rasterizer;
use domain::colors::Color;

/// A picture of pixels in red, green and blue.
pub struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    /// A picture of one color.
    pub fn new(width: usize, height: usize, color: Color) -> Self {
        Self { width, height, pixels: color.parts().repeat(width * height) }
    }

    /// The pixels, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Mixes a color into a pixel; what lies outside is left out.
    fn blend(&mut self, x: usize, y: usize, color: Color, coverage: f32) {
        if x >= self.width {
            return;
        }
        let at = (y * self.width + x) * 3;
        let Some(pixel) = self.pixels.get_mut(at..at + 3) else { return };
        let coverage = coverage.clamp(0.0, 1.0);
        for (old, new) in pixel.iter_mut().zip(color.parts()) {
            let mixed = f32::from(*old) * (1.0 - coverage) + f32::from(new) * coverage;
            *old = mixed.round() as u8;
        }
    }

    /// Fills a shape. `opacity` is 0 to 1.
    pub fn fill(&mut self, corners: &[(f32, f32)], color: Color, opacity: f32) {
        let mut shape = Rasterizer::new(self.width, self.height);
        let ends = corners.iter().cycle().skip(1);
        for (from, to) in corners.iter().zip(ends) {
            shape.draw_line(point(from.0, from.1), point(to.0, to.1));
        }
        let width = self.width;
        shape.for_each_pixel(|index, coverage| {
            if coverage > 0.0 {
                self.blend(index % width, index / width, color, coverage * opacity);
            }
        });
    }

    /// Writes a line of text; `y` is its base line.
    pub fn write(&mut self, text: &str, font: &FontRef<'_>, size: f32, (x, y): (f32, f32), color: Color) {
        for mut glyph in glyphs(text, font, size) {
            glyph.position.x += x;
            glyph.position.y += y;
            let Some(outline) = font.outline_glyph(glyph) else { continue };
            let bounds = outline.px_bounds();
            let (left, top) = (bounds.min.x as i64, bounds.min.y as i64);
            outline.draw(|dx, dy, coverage| {
                let place = |start: i64, offset: u32| usize::try_from(start + i64::from(offset)).ok();
                if let Some((x, y)) = place(left, dx).zip(place(top, dy)) {
                    self.blend(x, y, color, coverage);
                }
            });
        }
    }
}

/// The glyphs of a text, in their places. Letters that the font does not have are left out.
fn glyphs(text: &str, font: &FontRef<'_>, size: f32) -> Vec<Glyph> {
    let scale = PxScale::from(size);
    let scaled = font.as_scaled(scale);
    let (mut x, mut before) = (0.0, None);
    let mut glyphs = Vec::new();
    for letter in text.chars() {
        let id = font.glyph_id(letter);
        if id.0 == 0 {
            continue;
        }
        x += before.map_or(0.0, |before| scaled.kern(before, id));
        glyphs.push(id.with_scale_and_position(scale, point(x, 0.0)));
        x += scaled.h_advance(id);
        before = Some(id);
    }
    glyphs
}

/// How wide a line of text is.
pub fn width(text: &str, font: &FontRef<'_>, size: f32) -> f32 {
    let scaled = font.as_scaled(PxScale::from(size));
    glyphs(text, font, size).last().map_or(0.0, |last| last.position.x + scaled.h_advance(last.id))
}
