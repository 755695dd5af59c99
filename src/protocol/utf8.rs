//! UTF-8 and topic names.

use super::DecodeError;

/// Whether the bytes are well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
/// Control characters, non-characters, U+0000 and the empty string are fine.
#[inline]
pub fn is_utf8(bytes: &[u8]) -> bool {
    core::str::from_utf8(bytes).is_ok()
}

/// Checks a topic name as it stands in PUBLISH or a will: UTF-8 without wildcards, possibly empty.
///
/// One pass without branches settles plain ASCII topics, which nearly all are.
#[inline]
pub(super) fn check_topic_name(topic: &[u8]) -> Result<(), DecodeError> {
    let doubtful = topic.iter().fold(false, |doubtful, &byte| doubtful | is_doubtful(byte));
    if doubtful { check_doubtful_topic_name(topic) } else { Ok(()) }
}

#[inline]
fn is_doubtful(byte: u8) -> bool {
    (byte >= 0x80) | (byte == b'+') | (byte == b'#')
}

#[cold]
fn check_doubtful_topic_name(topic: &[u8]) -> Result<(), DecodeError> {
    if !is_utf8(topic) {
        Err(DecodeError::Malformed("topic name is not UTF-8"))
    } else if topic.iter().any(|&byte| byte == b'+' || byte == b'#') {
        Err(DecodeError::TopicNameInvalid)
    } else {
        Ok(())
    }
}
