//! A small hash table from packet ids to values.

use crate::protocol::PacketId;

const SMALLEST: usize = 8;
/// A larger table is given back when it has become empty.
const LARGEST_KEPT: usize = 512;

/// Values by packet id: open addressing with linear probing, at most half full, so that each operation takes
/// a handful of steps whatever the ids are. Takes memory for what it holds only.
#[derive(Debug)]
pub(super) struct PacketIdMap<T> {
    /// A power of two, or empty.
    entries: Vec<Option<(PacketId, T)>>,
    used: usize,
}

impl<T> Default for PacketIdMap<T> {
    fn default() -> Self {
        PacketIdMap { entries: Vec::new(), used: 0 }
    }
}

impl<T> PacketIdMap<T> {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.used == 0
    }

    #[inline]
    pub(super) fn get(&self, id: PacketId) -> Option<&T> {
        let index = self.find(id)?;
        self.entries.get(index)?.as_ref().map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, id: PacketId) -> Option<&mut T> {
        let index = self.find(id)?;
        self.entries.get_mut(index)?.as_mut().map(|(_, value)| value)
    }

    #[inline]
    pub(super) fn contains(&self, id: PacketId) -> bool {
        self.find(id).is_some()
    }

    /// Puts a value in; gives back the one it replaces.
    #[inline]
    pub(super) fn insert(&mut self, id: PacketId, value: T) -> Option<T> {
        if let Some(known) = self.get_mut(id) {
            return Some(std::mem::replace(known, value));
        }
        if (self.used + 1) * 2 > self.entries.len() {
            self.grow();
        }
        self.place(id, value);
        self.used += 1;
        None
    }

    #[inline]
    pub(super) fn remove(&mut self, id: PacketId) -> Option<T> {
        let index = self.find(id)?;
        let (_, value) = self.entries.get_mut(index)?.take()?;
        self.used -= 1;
        if self.used == 0 && self.entries.len() > LARGEST_KEPT {
            self.clear();
        } else {
            self.close_gap(index);
        }
        Some(value)
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// All ids, in no order.
    pub(super) fn ids(&self) -> impl Iterator<Item = PacketId> + '_ {
        self.entries.iter().flatten().map(|(id, _)| *id)
    }

    /// All values with their ids, in no order.
    pub(super) fn into_entries(self) -> impl Iterator<Item = (PacketId, T)> {
        self.entries.into_iter().flatten()
    }

    /// Takes out the values that fit, in no order.
    pub(super) fn take_if(&mut self, mut fits: impl FnMut(&T) -> bool) -> Vec<(PacketId, T)> {
        let (taken, kept): (Vec<_>, Vec<_>) =
            std::mem::take(self).entries.into_iter().flatten().partition(|(_, value)| fits(value));
        for (id, value) in kept {
            self.insert(id, value);
        }
        taken
    }

    fn mask(&self) -> usize {
        self.entries.len().wrapping_sub(1)
    }

    /// Where the search for an id begins. The multiplication spreads neighbouring ids, which would otherwise
    /// form one long run.
    fn home(&self, id: PacketId) -> usize {
        let spread = u32::from(id.get()).wrapping_mul(0x9E37_79B1);
        (spread >> 15) as usize & self.mask()
    }

    #[inline]
    fn find(&self, id: PacketId) -> Option<usize> {
        let mut index = self.home(id);
        loop {
            match self.entries.get(index)? {
                Some((found, _)) if *found == id => return Some(index),
                Some(_) => index = (index + 1) & self.mask(),
                None => return None,
            }
        }
    }

    fn place(&mut self, id: PacketId, value: T) {
        let mut index = self.home(id);
        while let Some(Some(_)) = self.entries.get(index) {
            index = (index + 1) & self.mask();
        }
        if let Some(entry) = self.entries.get_mut(index) {
            *entry = Some((id, value));
        }
    }

    fn grow(&mut self) {
        let size = (self.entries.len() * 2).max(SMALLEST);
        let mut larger = Vec::with_capacity(size);
        larger.resize_with(size, || None);
        for (id, value) in std::mem::replace(&mut self.entries, larger).into_iter().flatten() {
            self.place(id, value);
        }
    }

    /// Moves up the entries that were pushed past the gap, so that searches need no markers of removed ones.
    fn close_gap(&mut self, mut gap: usize) {
        let mask = self.mask();
        let mut index = (gap + 1) & mask;
        while let Some(Some((id, _))) = self.entries.get(index) {
            let distance_from_home = index.wrapping_sub(self.home(*id)) & mask;
            if distance_from_home >= (index.wrapping_sub(gap) & mask) {
                self.entries.swap(gap, index);
                gap = index;
            }
            index = (index + 1) & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn it_behaves_like_a_map() {
        let mut table = PacketIdMap::default();
        let mut model = HashMap::new();
        let mut random = 1u32;
        for round in 0..200_000u32 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let id = PacketId::new((random >> 16) as u16 % 500 + 1).unwrap();
            match random % 3 {
                0 => assert_eq!(table.insert(id, round), model.insert(id, round)),
                1 => assert_eq!(table.remove(id), model.remove(&id)),
                _ => assert_eq!(table.get(id), model.get(&id)),
            }
            assert_eq!(table.is_empty(), model.is_empty());
        }
        assert_eq!(table.ids().count(), model.len());
    }

    #[test]
    fn it_holds_every_id() {
        let mut table = PacketIdMap::default();
        for id in 1..=u16::MAX {
            assert_eq!(table.insert(PacketId::new(id).unwrap(), id), None);
        }
        for id in 1..=u16::MAX {
            assert_eq!(table.remove(PacketId::new(id).unwrap()), Some(id));
        }
        assert!(table.is_empty());
    }
}
