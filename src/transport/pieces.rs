//! Slices that are to be written one after the other, as one run of bytes.

use std::io::IoSlice;

/// So many bytes can be looked at before they are taken.
pub(super) const PEEKED: usize = 8;

/// What is left of a list of slices.
pub(super) struct Pieces<'a> {
    slices: std::slice::Iter<'a, IoSlice<'a>>,
    /// What is left of the slice under way.
    first: &'a [u8],
}

impl<'a> Pieces<'a> {
    pub(super) fn new(slices: &'a [IoSlice<'a>]) -> Pieces<'a> {
        Pieces { slices: slices.iter(), first: &[] }
    }

    /// The next bytes that lie together, at most so many. None at the end.
    pub(super) fn next(&mut self, most: usize) -> Option<&'a [u8]> {
        while self.first.is_empty() {
            self.first = self.slices.next()?;
        }
        let (piece, rest) = self.first.split_at(most.min(self.first.len()));
        self.first = rest;
        Some(piece)
    }

    /// The first bytes of what is left, as many as `PEEKED` if there are so many, and their number.
    pub(super) fn peek(&self) -> ([u8; PEEKED], usize) {
        let (mut bytes, mut count) = ([0; PEEKED], 0);
        let slices = self.slices.as_slice().iter().map(|slice| &**slice);
        for byte in [self.first].into_iter().chain(slices).flatten().take(PEEKED) {
            if let Some(place) = bytes.get_mut(count) {
                *place = *byte;
                count += 1;
            }
        }
        (bytes, count)
    }

    /// The next bytes, at most so many: where they lie if they lie together, else copied into the buffer.
    #[cfg(any(feature = "tls", test))]
    pub(super) fn gather<'b>(&mut self, most: usize, buffer: &'b mut Vec<u8>) -> &'b [u8]
    where
        'a: 'b,
    {
        let Some(first) = self.next(most) else { return &[] };
        if first.len() == most || (self.first.is_empty() && self.slices.len() == 0) {
            return first;
        }
        buffer.clear();
        buffer.extend_from_slice(first);
        while let Some(piece) = self.next(most - buffer.len()).filter(|piece| !piece.is_empty()) {
            buffer.extend_from_slice(piece);
        }
        buffer
    }

    /// Leaves out the next bytes. How many there were, at most as many as asked for.
    pub(super) fn skip(&mut self, count: usize) -> usize {
        let mut skipped = 0;
        while skipped < count {
            match self.next(count - skipped) {
                Some(piece) => skipped += piece.len(),
                None => break,
            }
        }
        skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_in_order_whatever_the_sizes() {
        let slices = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cdefg"), IoSlice::new(b"h")];
        for most in 1..10 {
            let mut pieces = Pieces::new(&slices);
            let mut found = Vec::new();
            loop {
                let mut buffer = Vec::new();
                let piece = pieces.gather(most, &mut buffer);
                if piece.is_empty() {
                    break;
                }
                assert!(piece.len() <= most);
                found.extend_from_slice(piece);
            }
            assert_eq!(found, b"abcdefgh");
        }
    }

    #[test]
    fn what_lies_together_is_not_copied() {
        let slices = [IoSlice::new(b"abcd"), IoSlice::new(b"ef")];
        let (mut buffer, mut pieces) = (Vec::new(), Pieces::new(&slices));
        assert_eq!(pieces.gather(3, &mut buffer), b"abc");
        assert!(buffer.is_empty());
        assert_eq!(pieces.gather(3, &mut buffer), b"def");
        assert_eq!(buffer, b"def");
    }

    #[test]
    fn looking_ahead_takes_nothing() {
        let slices = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cdefg"), IoSlice::new(b"hij")];
        let mut pieces = Pieces::new(&slices);
        assert_eq!(pieces.next(1), Some(&b"a"[..]));
        assert_eq!(pieces.peek(), (*b"bcdefghi", PEEKED));
        assert_eq!(pieces.skip(5), 5);
        assert_eq!(pieces.peek(), (*b"ghij\0\0\0\0", 4));
    }

    #[test]
    fn skipping_ends_with_the_bytes() {
        let slices = [IoSlice::new(b"abc"), IoSlice::new(b"de")];
        let mut pieces = Pieces::new(&slices);
        assert_eq!(pieces.skip(4), 4);
        assert_eq!(pieces.gather(9, &mut Vec::new()), b"e");
        assert_eq!(pieces.skip(1), 0);
    }
}
