//! Writing PNG files.

use png::{BitDepth, ColorType, Encoder};

/// A square picture in black and white, one bit for each pixel.
pub fn black_and_white(width: usize, is_dark: impl Fn(usize, usize) -> bool) -> Vec<u8> {
    let mut rows = Vec::with_capacity(width.div_ceil(8) * width);
    for y in 0..width {
        rows.extend((0..width).step_by(8).map(|start| {
            let light = |bit: &usize| start + bit < width && !is_dark(start + bit, y);
            (0..8).filter(light).fold(0, |byte, bit| byte | 0x80 >> bit)
        }));
    }
    encode(width, width, ColorType::Grayscale, BitDepth::One, &rows)
}

/// A picture in colors: red, green and blue, a byte each.
pub fn colors(width: usize, height: usize, pixels: &[u8]) -> Vec<u8> {
    encode(width, height, ColorType::Rgb, BitDepth::Eight, pixels)
}

fn encode(width: usize, height: usize, color: ColorType, depth: BitDepth, rows: &[u8]) -> Vec<u8> {
    let side = |pixels: usize| u32::try_from(pixels).expect("a picture is not that large");
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, side(width), side(height));
    encoder.set_color(color);
    encoder.set_depth(depth);
    let mut writer = encoder.write_header().expect("memory takes what is written");
    writer.write_image_data(rows).expect("as many pixels as the head says");
    writer.finish().expect("memory takes what is written");
    file
}
