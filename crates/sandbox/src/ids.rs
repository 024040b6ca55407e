//! Ids in Stripe's style, from the given randomness.

use domain::clock::Random;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Characters after the prefix of most ids.
const LONG: usize = 23;
/// Characters after the prefix of customers, products and subscription items.
const SHORT: usize = 14;

/// Makes ids.
pub(crate) struct Ids(Random);

impl Ids {
    pub(crate) const fn new(random: Random) -> Self {
        Self(random)
    }

    /// Random letters and digits. 62 does not divide 256; the slight unevenness does not
    /// matter to a stand-in, whose secrets guard nothing but itself.
    pub(crate) fn letters(&self, count: usize) -> String {
        let mut text = String::with_capacity(count);
        while text.len() < count {
            for byte in self.0.bytes::<32>().into_iter().take(count - text.len()) {
                text.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
            }
        }
        text
    }

    /// A number below the bound.
    pub(crate) fn below(&self, bound: u64) -> u64 {
        self.0.below(bound)
    }

    /// An id such as `in_1…`.
    pub(crate) fn long(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.letters(LONG))
    }

    /// An id such as `cus_…`.
    pub(crate) fn short(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.letters(SHORT))
    }

    /// The id of a Checkout Session.
    pub(crate) fn session(&self, livemode: bool) -> String {
        let prefix = if livemode { "cs_live_b1" } else { "cs_test_a1" };
        format!("{prefix}{}", self.letters(56))
    }

    /// A signing secret.
    pub(crate) fn secret(&self) -> String {
        format!("whsec_{}", self.letters(32))
    }
}
