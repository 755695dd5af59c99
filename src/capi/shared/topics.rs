//! `MQTTExt_validateTopic`, `MQTTExt_validateFilter`, `MQTTExt_matches`, `MQTTExt_shareParts`.

use core::ffi::{c_char, c_int};
use core::ptr;

use super::boundary::entry;
use super::faults::{Fault, code_of};
use super::text;
use crate::protocol::{check_filter, check_topic, filter_matches};

/// Checks a topic to publish to. It must be UTF-8 without wildcards, not empty, of at most 65535 bytes.
///
/// @param topic the topic
/// @return
/// - 0 (MQTTEXT_SUCCESS): the topic is valid
/// - -5 (MQTTEXT_BAD_UTF8_STRING): it is not UTF-8, or longer than 65535 bytes
/// - -6 (MQTTEXT_NULL_PARAMETER): topic is NULL
/// - -41 (MQTTEXT_EMPTY_TOPIC): it is empty
/// - -42 (MQTTEXT_TOPIC_HAS_WILDCARD): it contains "+" or "#"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTExt_validateTopic(topic: *const c_char) -> c_int {
    entry!("MQTTExt_validateTopic", Fault::FAILURE.code(), {
        // SAFETY: NULL or the application's string.
        let checked = unsafe { given(topic) }.and_then(|topic| Ok(check_topic(topic)?));
        code_of(checked)
    })
}

/// Checks a topic filter to subscribe to, also one of a shared subscription. Whether the server supports
/// what it asks for is not known before it answers.
///
/// @param filter the topic filter
/// @return
/// - 0 (MQTTEXT_SUCCESS): the filter is valid
/// - -5 (MQTTEXT_BAD_UTF8_STRING): it is not UTF-8, or longer than 65535 bytes
/// - -6 (MQTTEXT_NULL_PARAMETER): filter is NULL
/// - -41 (MQTTEXT_EMPTY_TOPIC): it is empty
/// - -43 (MQTTEXT_MISPLACED_WILDCARD): a wildcard is not a whole level, or "#" is not the last level
/// - -44 (MQTTEXT_BAD_SHARE): it begins with "$share/", but a group name without wildcards or a filter
///   is missing after it
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTExt_validateFilter(filter: *const c_char) -> c_int {
    entry!("MQTTExt_validateFilter", Fault::FAILURE.code(), {
        // SAFETY: NULL or the application's string.
        let checked = unsafe { given(filter) }.and_then(|filter| Ok(check_filter(filter).map(drop)?));
        code_of(checked)
    })
}

/// Returns whether a subscription with a topic filter receives messages of a topic.
///
/// For a filter of a shared subscription it is whether the group receives them. "#" and "+" at the
/// beginning of a filter do not match topics that begin with "$". An application that receives messages
/// of several subscriptions can find out with it which of them a message is for.
///
/// @param filter the topic filter
/// @param topic the topic
/// @return
/// - 1: the filter matches the topic
/// - 0: it does not
/// - otherwise the code of MQTTExt_validateTopic() for the topic, or if it is valid that of
///   MQTTExt_validateFilter() for the filter
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTExt_matches(filter: *const c_char, topic: *const c_char) -> c_int {
    entry!("MQTTExt_matches", Fault::FAILURE.code(), {
        // SAFETY: NULL or the application's strings.
        unsafe { matches(filter, topic) }.map_or_else(Fault::code, c_int::from)
    })
}

/// # Safety
/// As for [`given`].
unsafe fn matches(filter: *const c_char, topic: *const c_char) -> Result<bool, Fault> {
    // SAFETY: the caller's promise.
    let filter = unsafe { given(filter) }?;
    // SAFETY: the caller's promise.
    let topic = unsafe { given(topic) }?;
    Ok(filter_matches(filter, topic)?)
}

/// Splits the filter of a shared subscription, "$share/GROUP/FILTER", into its parts. Nothing is copied:
/// the results point into the filter.
///
/// @param filter the topic filter
/// @param group set to the beginning of the group name, which is not zero-terminated; to NULL if the
///   subscription is not shared. May be NULL
/// @param groupLength set to the length of the group name in bytes, or to 0. May be NULL
/// @param topicFilter set to what the group subscribes to; to filter itself if the subscription is not
///   shared. May be NULL
/// @return
/// - 1: the filter is that of a shared subscription
/// - 0: it is valid, and not that of a shared subscription
/// - otherwise the code of MQTTExt_validateFilter(); group, groupLength and topicFilter are unchanged
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTExt_shareParts(
    filter: *const c_char,
    group: *mut *const c_char,
    groupLength: *mut usize,
    topicFilter: *mut *const c_char,
) -> c_int {
    entry!("MQTTExt_shareParts", Fault::FAILURE.code(), {
        // SAFETY: NULL or the application's string.
        let parts = match unsafe { parts(filter) } {
            Ok(parts) => parts,
            Err(fault) => return fault.code(),
        };
        // SAFETY: NULL or the application's variable.
        unsafe { store(group, parts.group) };
        // SAFETY: as above.
        unsafe { store(groupLength, parts.length) };
        // SAFETY: as above.
        unsafe { store(topicFilter, parts.filter) };
        c_int::from(!parts.group.is_null())
    })
}

/// Parts of a filter, in the application's memory.
struct Parts {
    group: *const c_char,
    length: usize,
    filter: *const c_char,
}

/// # Safety
/// As for [`given`].
unsafe fn parts(filter: *const c_char) -> Result<Parts, Fault> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { given(filter) }?;
    Ok(match check_filter(bytes)? {
        Some(shared) => Parts {
            group: shared.group.as_ptr().cast(),
            length: shared.group.len(),
            filter: shared.filter.as_ptr().cast(),
        },
        None => Parts { group: ptr::null(), length: 0, filter },
    })
}

/// The bytes of a string that must not be NULL.
///
/// # Safety
/// `text` is NULL or a zero-terminated string that does not change during `'a`.
unsafe fn given<'a>(text: *const c_char) -> Result<&'a [u8], Fault> {
    // SAFETY: the caller's promise.
    unsafe { text::bytes(text) }.ok_or(Fault::NULL_PARAMETER)
}

/// # Safety
/// `variable` is NULL or can be written to.
unsafe fn store<T>(variable: *mut T, value: T) {
    if !variable.is_null() {
        // SAFETY: the caller's promise, and not NULL.
        unsafe { variable.write(value) };
    }
}
