//! Memory for the next read. Blocks that were read into and whose messages are all consumed are used again by the same
//! thread: without that the C library would give large ones back to the system and fetch them again for every message.

use std::cell::Cell;
use std::sync::Arc;

/// Larger blocks are given back.
const LARGEST: usize = 4 << 20;

/// Blocks up to this are kept for themselves: a message that is a few bytes long may lie in any of them.
const SMALL: usize = 1 << 10;

type Block = Arc<Vec<u8>>;

thread_local! {
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static SMALL_SPARE: Cell<Option<Block>> = const { Cell::new(None) };
}

/// A block of these bytes, in kept memory if there is some that serves.
#[inline]
pub(in crate::engine) fn block_of(bytes: &[u8]) -> Block {
    if bytes.len() <= SMALL {
        if let Some(mut block) = SMALL_SPARE.try_with(Cell::take).ok().flatten() {
            if let Some(memory) = Arc::get_mut(&mut block) {
                memory.clear();
                memory.extend_from_slice(bytes);
                return block;
            }
        }
    }
    Arc::new(bytes.to_vec())
}

/// A message that lies in the block has been consumed: keeps its memory if it was the last one.
#[inline]
pub(in crate::engine) fn offer_block(mut block: Block) {
    if block.capacity() > SMALL {
        Arc::into_inner(block).into_iter().for_each(offer);
    } else if Arc::get_mut(&mut block).is_some() {
        // A thread that is ending keeps nothing.
        let _ = SMALL_SPARE.try_with(|spare| spare.set(Some(block)));
    }
}

/// Keeps the memory if it is more than what is kept already.
fn offer(bytes: Vec<u8>) {
    if bytes.capacity() <= LARGEST {
        // A thread that is ending keeps nothing.
        let _ = SPARE.try_with(|spare| {
            let kept = spare.take();
            spare.set(if bytes.capacity() > kept.capacity() { bytes } else { kept });
        });
    }
}

/// The kept memory, emptied, if it has room for more than that many bytes, but no more than at most.
pub(in crate::engine) fn take_larger(than: usize, at_most: usize) -> Option<Vec<u8>> {
    let mut kept = SPARE.try_with(Cell::take).unwrap_or_default();
    if kept.capacity() > than && kept.capacity() <= at_most {
        kept.clear();
        return Some(kept);
    }
    offer(kept);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_block_is_kept() {
        offer(Vec::with_capacity(100));
        offer(Vec::with_capacity(10));
        assert!(take_larger(1000, usize::MAX).is_none());
        assert!(take_larger(50, 99).is_none());
        assert!(take_larger(50, 1000).is_some_and(|bytes| bytes.capacity() >= 100));
        assert!(take_larger(0, usize::MAX).is_none());
        offer(Vec::with_capacity(LARGEST + 1));
        assert!(take_larger(0, usize::MAX).is_none());
    }
}
