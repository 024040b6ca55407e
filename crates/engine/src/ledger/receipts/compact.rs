//! A receipt as a part of an address, for its QR code: the document, compressed, in base64.

use std::io::{Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::receipts::{LARGEST_RECEIPT, Receipt};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

/// The compact form of a receipt.
pub fn compact(receipt: &Receipt) -> String {
    let document = serde_json::to_vec(receipt).expect("a receipt has a JSON form");
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let compressed = encoder.write_all(&document).and_then(|()| encoder.finish());
    BASE64.encode(compressed.expect("memory takes what is written"))
}

/// The document of a compact form; `None` when it is damaged, or larger than any receipt.
pub fn expand(text: &str) -> Option<String> {
    let compressed = BASE64.decode(text).ok()?;
    let mut document = String::new();
    let limit = LARGEST_RECEIPT as u64 + 1;
    DeflateDecoder::new(compressed.as_slice()).take(limit).read_to_string(&mut document).ok()?;
    (document.len() <= LARGEST_RECEIPT).then_some(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_does_not_expand() {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![b' '; 8 * LARGEST_RECEIPT]).unwrap();
        let bomb = BASE64.encode(encoder.finish().unwrap());
        assert!(bomb.len() < 4_000);
        assert_eq!(expand(&bomb), None);
        assert_eq!(expand("not base64!"), None);
        assert_eq!(expand("AAAA"), None);
    }
}
