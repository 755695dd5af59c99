//! Values that the options of both interfaces have, in the form the engine wants.

use core::ffi::{c_char, c_int, c_ulong, c_void};
use std::time::Duration;

use super::abi::MQTTApi_willOptions;
use super::faults::Fault;
use super::structure;
use super::text::{self, LONGEST_STRING};
use crate::protocol::{PropertyView, QoS, Will};

/// Longest time limit in milliseconds, so that no sum of times overflows: 100 years.
pub(crate) const LONGEST_WAIT: u64 = 100 * 366 * 24 * 3600 * 1000;

/// A QoS given as a number.
#[inline]
pub(crate) fn quality(qos: c_int) -> Result<QoS, Fault> {
    u8::try_from(qos).ok().and_then(QoS::from_bits).ok_or(Fault::BAD_QOS)
}

/// A time limit given in milliseconds.
#[inline]
#[allow(clippy::useless_conversion, reason = "an unsigned long has 32 bits on some systems")]
pub(crate) fn milliseconds(time: c_ulong) -> Duration {
    Duration::from_millis(u64::from(time).min(LONGEST_WAIT))
}

/// A time limit given in milliseconds; negative means none at all.
pub(crate) fn milliseconds_or_zero(time: c_int) -> Duration {
    Duration::from_millis(u64::try_from(time).unwrap_or(0))
}

/// A number for which a packet has two bytes; what they have no room for becomes the nearest number they have room
/// for.
pub(crate) fn two_bytes(number: c_int) -> u16 {
    u16::try_from(number.max(0)).unwrap_or(u16::MAX)
}

/// A number of which all below zero mean zero.
pub(crate) fn or_zero(number: c_int) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// A string of a packet, `None` for NULL.
///
/// # Safety
/// `text` is NULL or a string that stays unchanged during `'a`.
pub(crate) unsafe fn optional_text<'a>(text: *const c_char) -> Result<Option<&'a [u8]>, Fault> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { text::mqtt_string(text) }.map(Some).ok_or(Fault::BAD_UTF8)
}

/// Binary data of a packet, `None` for NULL.
///
/// # Safety
/// `data` is NULL or points to `length` bytes that stay unchanged during `'a`.
pub(crate) unsafe fn optional_data<'a>(
    data: *const c_void,
    length: c_int,
) -> Result<Option<&'a [u8]>, Fault> {
    if data.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    limited(unsafe { text::block(data, length) }).map(Some)
}

/// Binary data of the length a packet can carry.
fn limited(data: Option<&[u8]>) -> Result<&[u8], Fault> {
    data.filter(|data| data.len() <= LONGEST_STRING).ok_or(Fault::FAILURE)
}

/// The will the application asks for, `None` for NULL. The texts stay in the application's memory.
///
/// # Safety
/// `options` is NULL or points to will options whose fields are what the header says, unchanged during
/// `'a`.
pub(crate) unsafe fn will<'a>(options: *const MQTTApi_willOptions) -> Result<Option<Will<'a>>, Fault> {
    if options.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise, and not NULL.
    let options = unsafe { structure::read(options) }?;
    let qos = quality(options.qos)?;
    // SAFETY: the caller's promise.
    let topic = unsafe { text::bytes(options.topicName) }.ok_or(Fault::NULL_PARAMETER)?;
    if topic.is_empty() {
        return Err(Fault::EMPTY_WILL_TOPIC);
    }
    if !text::is_mqtt_string(topic) {
        return Err(Fault::BAD_UTF8);
    }
    // SAFETY: the caller's promise.
    let payload = match unsafe { optional_data(options.payload.data, options.payload.len) }? {
        Some(data) => data,
        // SAFETY: the caller's promise.
        None => limited(Some(unsafe { text::bytes(options.message) }.unwrap_or_default()))?,
    };
    Ok(Some(Will { topic, payload, qos, retain: options.retained != 0, properties: PropertyView::empty() }))
}
