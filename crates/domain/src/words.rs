//! Enums that are kept as words: one definition holds the variants, their words in the
//! database and the API, and the way back.

#[doc(hidden)]
pub use serde;

/// An enum whose variants are kept as words, made by [`word_enum!`](crate::word_enum).
pub trait Word: Copy + Eq + 'static {
    /// The name of the enum, for error messages.
    const NAME: &'static str;
    /// All variants, in the order of their declaration.
    const VARIANTS: &'static [Self];

    /// The word in the database and the API.
    fn word(self) -> &'static str;

    /// Reads a word; `None` for one that is not known.
    fn from_word(word: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|variant| variant.word() == word)
    }
}

/// Defines an enum together with the words that stand for its variants in the database,
/// the API and JSON.
///
/// The enum is `Copy`, ordered by declaration, and implements [`Word`](crate::words::Word)
/// as well as serde's `Serialize` and `Deserialize` by word. `ALL`, `word` and `from_word`
/// are inherent too, so that callers need no import.
///
/// ```
/// domain::word_enum! {
///     /// How often a plan is billed.
///     pub enum Interval {
///         /// Each month.
///         Month = "month",
///         /// Each year.
///         Year = "year",
///     }
/// }
/// assert_eq!(Interval::Month.word(), "month");
/// assert_eq!(Interval::from_word("year"), Some(Interval::Year));
/// assert_eq!(Interval::from_word("decade"), None);
/// ```
#[macro_export]
macro_rules! word_enum {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $word:literal ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $name {
            $( $(#[$variant_meta])* $variant ),+
        }

        impl $name {
            /// All variants, in the order of their declaration.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word in the database and the API.
            pub const fn word(self) -> &'static str {
                match self {
                    $( Self::$variant => $word ),+
                }
            }

            /// Reads a word; `None` for one that is not known.
            pub fn from_word(word: &str) -> Option<Self> {
                <Self as $crate::words::Word>::from_word(word)
            }
        }

        impl $crate::words::Word for $name {
            const NAME: &'static str = stringify!($name);
            const VARIANTS: &'static [Self] = &Self::ALL;

            fn word(self) -> &'static str {
                self.word()
            }
        }

        impl $crate::words::serde::Serialize for $name {
            fn serialize<S: $crate::words::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl<'de> $crate::words::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::words::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let word = <::std::string::String as $crate::words::serde::Deserialize>::deserialize(deserializer)?;
                Self::from_word(&word).ok_or_else(|| {
                    <D::Error as $crate::words::serde::de::Error>::custom(
                        ::std::format!("unknown {} {word:?}", stringify!($name)),
                    )
                })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::Word;

    word_enum! {
        /// A light.
        pub enum Light {
            /// Go.
            Green = "green",
            /// Stop.
            Red = "red",
        }
    }

    #[test]
    fn words_are_read_back_and_unknown_ones_refused() {
        for light in Light::ALL {
            assert_eq!(Light::from_word(light.word()), Some(light));
            let json = serde_json::to_string(&light).unwrap();
            assert_eq!(serde_json::from_str::<Light>(&json).unwrap(), light);
        }
        assert_eq!(<Light as Word>::VARIANTS.len(), 2);
        assert_eq!(Light::from_word("amber"), None);
        let error = serde_json::from_str::<Light>("\"amber\"").unwrap_err();
        assert!(error.to_string().contains("unknown Light \"amber\""), "{error}");
    }
}
