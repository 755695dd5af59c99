//! What a file store knows to be in its directory.

use std::collections::HashMap;

use super::{Key, Kind};

/// Records with the lengths of their files, counted by kind.
#[derive(Default)]
pub(super) struct Index {
    lengths: HashMap<Key, u64>,
    counts: [usize; Kind::ALL.len()],
}

impl Index {
    pub(super) fn insert(&mut self, key: Key, length: u64) {
        if self.lengths.insert(key, length).is_some() {
            return;
        }
        if let Some(count) = self.counts.get_mut(key.kind as usize) {
            *count += 1;
        }
    }

    /// The length of the record that was there.
    pub(super) fn remove(&mut self, key: Key) -> Option<u64> {
        let length = self.lengths.remove(&key)?;
        if let Some(count) = self.counts.get_mut(key.kind as usize) {
            *count -= 1;
        }
        Some(length)
    }

    pub(super) fn length(&self, key: Key) -> Option<u64> {
        self.lengths.get(&key).copied()
    }

    /// How many records of a kind there are.
    pub(super) fn count(&self, kind: Kind) -> usize {
        self.counts.get(kind as usize).copied().unwrap_or_default()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.lengths.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_counted_by_kind() {
        let mut index = Index::default();
        for number in [1, 2, 2] {
            index.insert(Key::new(Kind::Sent, false, number), u64::from(number));
        }
        index.insert(Key::new(Kind::Command, true, 0), 9);
        assert_eq!(Kind::ALL.map(|kind| index.count(kind)), [2, 0, 0, 0, 1]);
        assert_eq!(index.remove(Key::new(Kind::Sent, false, 2)), Some(2));
        assert_eq!(index.remove(Key::new(Kind::Sent, false, 2)), None);
        assert_eq!((index.count(Kind::Sent), index.keys().count()), (1, 2));
        assert_eq!(index.length(Key::new(Kind::Command, true, 0)), Some(9));
    }
}
