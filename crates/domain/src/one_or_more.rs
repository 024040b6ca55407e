//! A list that is never empty.

use serde::{Deserialize, Serialize};

/// One item or more, in order. In JSON it is a list; an empty one cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<T>", into = "Vec<T>", bound(serialize = "T: Clone + Serialize"))]
pub struct OneOrMore<T> {
    first: T,
    more: Vec<T>,
}

impl<T> OneOrMore<T> {
    /// A list of one.
    pub const fn one(first: T) -> Self {
        Self { first, more: Vec::new() }
    }

    /// The first item.
    pub const fn first(&self) -> &T {
        &self.first
    }

    /// The last item.
    pub fn last(&self) -> &T {
        self.more.last().unwrap_or(&self.first)
    }

    /// The items in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &T> + DoubleEndedIterator {
        let after = self.more.len() + 1;
        (0..after).map(|index| if index == 0 { &self.first } else { &self.more[index - 1] })
    }

    /// How many there are: at least one.
    pub const fn count(&self) -> usize {
        self.more.len() + 1
    }

    /// The only item, if there is no second.
    pub fn only(&self) -> Option<&T> {
        self.more.is_empty().then_some(&self.first)
    }

    /// The list of what a function makes of each item.
    pub fn map<U>(&self, mut change: impl FnMut(&T) -> U) -> OneOrMore<U> {
        let first = change(&self.first);
        OneOrMore { first, more: self.more.iter().map(change).collect() }
    }

    /// The list, unless it is empty.
    pub fn of(items: Vec<T>) -> Option<Self> {
        let mut items = items.into_iter();
        items.next().map(|first| Self { first, more: items.collect() })
    }
}

impl<T> TryFrom<Vec<T>> for OneOrMore<T> {
    type Error = &'static str;

    fn try_from(items: Vec<T>) -> Result<Self, Self::Error> {
        Self::of(items).ok_or("an empty list")
    }
}

impl<T> From<OneOrMore<T>> for Vec<T> {
    fn from(list: OneOrMore<T>) -> Self {
        std::iter::once(list.first).chain(list.more).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_is_not_read() {
        let list: OneOrMore<i64> = serde_json::from_str("[3, 4, 5]").unwrap();
        assert_eq!((list.count(), *list.first(), *list.last(), list.only()), (3, 3, 5, None));
        assert_eq!(list.iter().rev().copied().collect::<Vec<_>>(), [5, 4, 3]);
        assert_eq!(serde_json::to_string(&list).unwrap(), "[3,4,5]");
        assert!(serde_json::from_str::<OneOrMore<i64>>("[]").is_err());
        assert_eq!(OneOrMore::one(7).only(), Some(&7));
    }
}
