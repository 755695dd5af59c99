//! Packet ids: the counter and which ids are in use.

use crate::protocol::PacketId;

const WORDS: usize = 16;
const IDS_IN_PAGE: u16 = 1024;
const PAGES: usize = 64;

/// The ids in use among 1024 neighbours.
#[derive(Debug, Default)]
struct Page {
    words: [u64; WORDS],
    used: u16,
}

impl Page {
    fn contains(&self, offset: u16) -> bool {
        self.words.get(usize::from(offset / 64)).is_some_and(|word| word & (1 << (offset % 64)) != 0)
    }

    /// The first free offset from `from` on.
    fn first_free(&self, from: u16) -> Option<u16> {
        let mut offset = from;
        while let Some(word) = self.words.get(usize::from(offset / 64)) {
            let below = (1u64 << (offset % 64)) - 1;
            let free = !(word | below);
            if free != 0 {
                return Some(offset / 64 * 64 + free.trailing_zeros() as u16);
            }
            offset = (offset / 64 + 1) * 64;
        }
        None
    }
}

/// Packet ids in use, and the counter from which the next one follows.
///
/// A bit for each id, in pages that exist only while one of their ids is in use: a client with a small window
/// holds one or two of them, and finding a free id is quick even when nearly all are taken.
#[derive(Debug, Default)]
pub(super) struct IdAllocator {
    counter: u16,
    pages: Vec<Option<Box<Page>>>,
}

impl IdAllocator {
    /// The id that follows the counter: plus one, 1 after 65535, ids in use skipped. `None` when all are in
    /// use.
    #[inline]
    pub(super) fn next_free(&self) -> Option<PacketId> {
        let candidate = PacketId::new(self.counter.wrapping_add(1)).unwrap_or(PacketId::MIN);
        if self.is_used(candidate) { self.search(candidate) } else { Some(candidate) }
    }

    /// Takes an id that `next_free` gave.
    #[inline]
    pub(super) fn take(&mut self, id: PacketId) {
        self.move_counter(id.get());
        self.mark(id);
    }

    /// Marks an id as used without moving the counter.
    pub(super) fn mark(&mut self, id: PacketId) {
        let (page, offset) = place(id);
        if self.pages.len() <= page {
            self.pages.resize_with(page + 1, || None);
        }
        let Some(entry) = self.pages.get_mut(page) else { return };
        let page = entry.get_or_insert_default();
        if let Some(word) = page.words.get_mut(usize::from(offset / 64)) {
            let bit = 1 << (offset % 64);
            page.used += u16::from(*word & bit == 0);
            *word |= bit;
        }
    }

    /// The id may be given again.
    #[inline]
    pub(super) fn release(&mut self, id: PacketId) {
        let (page, offset) = place(id);
        let Some(entry) = self.pages.get_mut(page) else { return };
        let Some(page) = entry else { return };
        if let Some(word) = page.words.get_mut(usize::from(offset / 64)) {
            let bit = 1 << (offset % 64);
            page.used -= u16::from(*word & bit != 0);
            *word &= !bit;
        }
        if page.used == 0 && place_of(self.counter).0 != place(id).0 {
            *entry = None;
        }
    }

    /// The counter's page is kept while the counter is in it, used or not.
    #[inline]
    fn move_counter(&mut self, counter: u16) {
        let left = place_of(self.counter).0;
        self.counter = counter;
        if left == place_of(counter).0 {
            return;
        }
        let Some(entry) = self.pages.get_mut(left) else { return };
        if entry.as_ref().is_some_and(|page| page.used == 0) {
            *entry = None;
        }
    }

    /// The id cannot be given now.
    #[inline]
    pub(super) fn is_used(&self, id: PacketId) -> bool {
        let (page, offset) = place(id);
        matches!(self.pages.get(page), Some(Some(page)) if page.contains(offset))
    }

    fn search(&self, start: PacketId) -> Option<PacketId> {
        let (first, offset) = place(start);
        // The starting page comes twice: from the offset on at first, from its beginning at the end.
        (0..=PAGES).find_map(|step| {
            let page = (first + step) % PAGES;
            let from = if step == 0 { offset } else { u16::from(page == 0) };
            let free = match self.pages.get(page) {
                Some(Some(page)) => page.first_free(from)?,
                _ => from,
            };
            PacketId::new(page as u16 * IDS_IN_PAGE + free)
        })
    }
}

fn place(id: PacketId) -> (usize, u16) {
    place_of(id.get())
}

fn place_of(id: u16) -> (usize, u16) {
    (usize::from(id / IDS_IN_PAGE), id % IDS_IN_PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take_next(ids: &mut IdAllocator) -> Option<u16> {
        let id = ids.next_free()?;
        ids.take(id);
        Some(id.get())
    }

    #[test]
    fn all_ids_are_given_once_and_then_none() {
        let mut ids = IdAllocator::default();
        for expected in 1..=u16::MAX {
            assert_eq!(take_next(&mut ids), Some(expected));
        }
        assert_eq!(take_next(&mut ids), None);
        for freed in [40_000, 1, 65_535, 1023, 1024] {
            ids.release(PacketId::new(freed).unwrap());
            assert_eq!(take_next(&mut ids), Some(freed));
            assert_eq!(take_next(&mut ids), None);
        }
    }

    #[test]
    fn the_counter_wraps_to_one_and_skips_ids_in_use() {
        let mut ids = IdAllocator::default();
        for id in [1, 2, 4] {
            ids.mark(PacketId::new(id).unwrap());
        }
        ids.take(PacketId::MAX);
        assert_eq!(take_next(&mut ids), Some(3));
        assert_eq!(take_next(&mut ids), Some(5));
    }

    #[test]
    fn pages_without_ids_in_use_are_given_up() {
        let mut ids = IdAllocator::default();
        for _ in 0..200_000 {
            let id = ids.next_free().unwrap();
            ids.take(id);
            ids.release(id);
        }
        assert!(ids.pages.iter().flatten().count() <= 2);
    }
}
