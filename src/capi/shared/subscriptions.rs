//! What subscribe and unsubscribe calls take: topic filters, and the options of a subscription (`MQTTSubscribeOpts.h`).

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_uchar};
use std::ptr;

use super::faults::Fault;
use super::option_values::quality;
use super::{assert_layout, text};
use crate::protocol::{Filter, SubscribeOptions};

/// Retain handling has two bits, of which 3 means nothing.
const RETAIN_HANDLING_BITS: u8 = 0b11;

/// MQTT 5.0 options of a subscription. Initialize with MQTTSubscribe_options_initializer, which sets
/// the behaviour of MQTT 3.1.1. Ignored with earlier versions.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTSubscribe_options {
    /// Always "MQSO" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// 1: messages published by this client are not sent back to it. 0: they are.
    pub noLocal: c_uchar,
    /// 1: the server keeps the retained flag as set by the publisher. 0: the flag is set only on
    /// messages sent because the subscription is new.
    pub retainAsPublished: c_uchar,
    /// When the server sends retained messages: 0 at every subscribe, 1 only if the subscription is
    /// new, 2 never.
    pub retainHandling: c_uchar,
}

assert_layout!(
    MQTTSubscribe_options, size 12, align 4,
    struct_id @ 0, struct_version @ 4, noLocal @ 8, retainAsPublished @ 9, retainHandling @ 10,
);

impl MQTTSubscribe_options {
    /// Sets what they ask for.
    pub(crate) fn apply_to(&self, options: &mut SubscribeOptions) {
        options.no_local = self.noLocal & 1 != 0;
        options.retain_as_published = self.retainAsPublished & 1 != 0;
        options.retain_handling = self.retainHandling & RETAIN_HANDLING_BITS;
    }
}

/// The topic filters of a call, each made into something with its index.
///
/// # Safety
/// `topics` is NULL or has `count` elements, each NULL or a string; they stay unchanged during `'a`.
unsafe fn each_filter<'a, T>(
    count: c_int,
    topics: *const *mut c_char,
    make: impl Fn(usize, &'a [u8]) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let count = usize::try_from(count).unwrap_or(0);
    if count == 0 {
        return Err(Fault::FAILURE);
    }
    if topics.is_null() {
        return Err(Fault::NULL_PARAMETER);
    }
    let filter = |index| {
        // SAFETY: the caller's promise, for an index below the count.
        let topic = unsafe { topics.wrapping_add(index).read() };
        // SAFETY: the caller's promise.
        make(index, unsafe { text::mqtt_string(topic) }.ok_or(Fault::BAD_UTF8)?)
    };
    (0..count).map(filter).collect()
}

/// The topic filters of an unsubscribe call.
///
/// # Safety
/// `topics` is NULL or has `count` elements, each NULL or a string; they stay unchanged during `'a`.
pub(crate) unsafe fn filters<'a>(count: c_int, topics: *const *mut c_char) -> Result<Vec<&'a [u8]>, Fault> {
    // SAFETY: the caller's promise.
    unsafe { each_filter(count, topics, |_, filter| Ok(filter)) }
}

/// The topic filters of a subscribe call with their QoS.
///
/// # Safety
/// As for [`filters`]; `qos` is NULL or has as many elements.
pub(crate) unsafe fn filters_with_qos<'a>(
    count: c_int,
    topics: *const *mut c_char,
    qos: *const c_int,
) -> Result<Vec<Filter<'a>>, Fault> {
    // Either of them is missed alike.
    let topics = if qos.is_null() { ptr::null() } else { topics };
    let with_qos = |index, filter| {
        // SAFETY: the caller's promise, for an index below the count; not NULL where there is a filter.
        let qos = unsafe { qos.wrapping_add(index).read() };
        Ok(Filter { filter, options: SubscribeOptions::new(quality(qos)?) })
    };
    // SAFETY: the caller's promise.
    unsafe { each_filter(count, topics, with_qos) }
}
