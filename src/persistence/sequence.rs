//! Numbers of records that are kept in order: they increase, and wrap to 0 after the last one.

use std::collections::HashSet;

/// So many numbers there are: 0 to one less.
pub const SEQUENCE_NUMBERS: u32 = 1_000_000;

/// Gives numbers in order, and never one that is in use.
#[derive(Clone, Debug, Default)]
pub struct Sequence {
    last: u32,
    in_use: HashSet<u32>,
}

impl Sequence {
    /// Continues after the numbers in use, which are given in their order.
    pub fn resume(&mut self, in_order: impl IntoIterator<Item = u32>) {
        for number in in_order {
            self.last = number;
            self.in_use.insert(number);
        }
    }

    /// The next number, in use from now on. `None` when all are.
    pub fn take(&mut self) -> Option<u32> {
        if self.in_use.len() >= SEQUENCE_NUMBERS as usize {
            return None;
        }
        loop {
            self.last = (self.last + 1) % SEQUENCE_NUMBERS;
            if self.in_use.insert(self.last) {
                return Some(self.last);
            }
        }
    }

    /// The number was given, and is not free again.
    pub fn is_in_use(&self, number: u32) -> bool {
        self.in_use.contains(&number)
    }

    /// The number is free again.
    pub fn release(&mut self, number: u32) {
        self.in_use.remove(&number);
    }

    /// All numbers are free again.
    pub fn release_all(&mut self) {
        self.in_use.clear();
    }
}

/// Sorts numbers that increased and wrapped somewhere into the order in which they were assigned: ascending,
/// starting after the largest gap. `modulus`: how many numbers there are.
pub fn order_after_largest_gap<T>(items: &mut [T], modulus: u32, number: impl Fn(&T) -> u32) {
    items.sort_by_key(&number);
    let Some((first, last)) = items.first().zip(items.last()) else { return };
    // The gap around the end counts too; only a larger one inside moves the beginning.
    let mut largest = number(first) + modulus - number(last);
    let mut start = 0;
    for (index, pair) in items.windows(2).enumerate() {
        let [before, behind] = pair else { continue };
        let gap = number(behind) - number(before);
        if gap > largest {
            largest = gap;
            start = index + 1;
        }
    }
    items.rotate_left(start);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(mut numbers: Vec<u32>, modulus: u32) -> Vec<u32> {
        order_after_largest_gap(&mut numbers, modulus, |number| *number);
        numbers
    }

    #[test]
    fn order_begins_behind_the_largest_gap() {
        assert_eq!(ordered(vec![2, 65_535, 1, 65_534], 65_536), [65_534, 65_535, 1, 2]);
        assert_eq!(ordered(vec![3, 1, 2], 65_536), [1, 2, 3]);
        assert_eq!(ordered(vec![0, 999_999, 5], SEQUENCE_NUMBERS), [999_999, 0, 5]);
        assert_eq!(ordered(vec![9], 10), [9]);
        assert_eq!(ordered(Vec::new(), 10), []);
    }

    #[test]
    fn numbers_in_use_are_skipped_at_the_wrap() {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.take(), Some(1));
        sequence.resume([999_998, 0, 2]);
        sequence.release(1);
        sequence.last = 999_998;
        let next: Vec<_> = (0..3).filter_map(|_| sequence.take()).collect();
        assert_eq!(next, [999_999, 1, 3]);
        sequence.release(2);
        sequence.release_all();
        assert_eq!(sequence.take(), Some(4));
    }
}
