//! UTF-8 and topic names.

use super::{Breach, Breaches};

/// Whether the bytes are well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
/// Control characters, non-characters, U+0000 and the empty string are fine.
#[inline]
pub fn is_utf8(bytes: &[u8]) -> bool {
    core::str::from_utf8(bytes).is_ok()
}

/// Notes what is wrong with a topic name in PUBLISH or a will: it should be UTF-8 without wildcards, and may be empty.
///
/// One pass, eight bytes at a time, settles plain ASCII topics, which nearly all are.
#[inline]
pub(super) fn check_topic_name(topic: &[u8], breaches: &mut Breaches) {
    if !is_plain(topic) {
        check_doubtful_topic_name(topic, breaches);
    }
}

/// Whether all bytes are ASCII and none is a wildcard.
#[inline]
pub(super) fn is_plain(mut topic: &[u8]) -> bool {
    let Some(last) = topic.last_chunk() else {
        return !topic.iter().any(|&byte| byte >= 0x80 || is_wildcard(byte));
    };
    let mut bits = doubtful_bits(*last);
    while let Some((word, rest)) = topic.split_first_chunk() {
        bits |= doubtful_bits(*word);
        topic = rest;
    }
    bits == 0
}

/// Not 0 if any of the bytes is above 0x7F or a wildcard.
#[inline]
fn doubtful_bits(bytes: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH_BITS: u64 = ONES << 7;
    const MULTI_LEVEL: u64 = u64::from_ne_bytes([b'#'; 8]);
    const SINGLE_LEVEL: u64 = u64::from_ne_bytes([b'+'; 8]);
    // Taking 1 from each byte sets the high bit of a byte that was 0: here, of one equal to the wildcard.
    let word = u64::from_ne_bytes(bytes);
    let multi_level = (word ^ MULTI_LEVEL).wrapping_sub(ONES);
    let single_level = (word ^ SINGLE_LEVEL).wrapping_sub(ONES);
    (word | multi_level | single_level) & HIGH_BITS
}

#[inline]
pub(super) fn is_wildcard(byte: u8) -> bool {
    byte == b'+' || byte == b'#'
}

#[cold]
fn check_doubtful_topic_name(topic: &[u8], breaches: &mut Breaches) {
    if !is_utf8(topic) {
        breaches.add(Breach::TopicNotUtf8);
    }
    if topic.iter().any(|&byte| is_wildcard(byte)) {
        breaches.add(Breach::TopicWildcards);
    }
}
