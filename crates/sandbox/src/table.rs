//! A bounded table of objects of one kind, in order of creation.

use std::collections::{BTreeMap, HashMap};

/// Objects kept per kind; the oldest is forgotten beyond it, so that a sandbox left
/// running under load stays within some tens of megabytes.
pub(crate) const MAX_OBJECTS: usize = 50_000;

/// An object with an id.
pub(crate) trait Identified {
    fn id(&self) -> &str;
}

/// Objects of one kind, found by id and listed by age.
pub(crate) struct Table<T> {
    next: u64,
    rows: BTreeMap<u64, T>,
    positions: HashMap<String, u64>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { next: 0, rows: BTreeMap::new(), positions: HashMap::new() }
    }
}

impl<T: Identified> Table<T> {
    /// Adds the object, or replaces the one with its id.
    pub(crate) fn put(&mut self, object: T) {
        if let Some(position) = self.positions.get(object.id()) {
            self.rows.insert(*position, object);
            return;
        }
        self.positions.insert(object.id().to_owned(), self.next);
        self.rows.insert(self.next, object);
        self.next += 1;
        while self.rows.len() > MAX_OBJECTS {
            if let Some((_, oldest)) = self.rows.pop_first() {
                self.positions.remove(oldest.id());
            }
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.positions.get(id).and_then(|position| self.rows.get(position))
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.positions.get(id).and_then(|position| self.rows.get_mut(position))
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        self.positions.remove(id).and_then(|position| self.rows.remove(&position))
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Oldest first, mutable.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.rows.values_mut()
    }

    /// Oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }
}
