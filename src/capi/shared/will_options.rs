//! Reading `MQTTClient_willOptions` and `MQTTAsync_willOptions`, which are the same but for their names.

use core::ffi::{c_char, c_int, c_void};

use super::option_fault::OptionFault;
use super::option_values::{limited, optional_data, quality};
use super::{assert_layout, structure, text};
use crate::protocol::{PropertyView, Will};

/// Newest `struct_version`.
const VERSION: c_int = 1;
/// First version with a binary payload.
const VERSION_WITH_PAYLOAD: c_int = 1;

/// Will options of either interface.
#[repr(C)]
pub(crate) struct RawWillOptions {
    struct_id: [c_char; 4],
    struct_version: c_int,
    topic_name: *const c_char,
    message: *const c_char,
    retained: c_int,
    qos: c_int,
    payload: RawPayload,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct RawPayload {
    len: c_int,
    data: *const c_void,
}

// The same figures as in both interfaces.
assert_layout!(
    RawWillOptions, size 48, align 8,
    struct_id @ 0, struct_version @ 4, topic_name @ 8, message @ 16, retained @ 24, qos @ 28, payload @ 32,
);
assert_layout!(RawPayload, size 16, align 8, len @ 0, data @ 8);

/// The will the application asks for, `None` for NULL. The texts stay in the application's memory.
///
/// # Safety
/// `options` is NULL or points to will options whose fields are what the header says, unchanged during
/// `'a`.
pub(crate) unsafe fn read<'a>(options: *const RawWillOptions) -> Result<Option<Will<'a>>, OptionFault> {
    if options.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise, and not NULL.
    let version = unsafe { structure::version_of(options, b"MQTW", VERSION) };
    let version = version.ok_or(OptionFault::BadStructure)?;
    // SAFETY: every version has this field.
    let qos = unsafe { (*options).qos };
    let qos = quality(qos)?;
    // SAFETY: every version has this field.
    let topic = unsafe { (*options).topic_name };
    // SAFETY: the caller's promise.
    let topic = unsafe { text::bytes(topic) }.ok_or(OptionFault::NullParameter)?;
    if topic.is_empty() {
        return Err(OptionFault::EmptyWillTopic);
    }
    if !text::is_mqtt_string(topic) {
        return Err(OptionFault::BadUtf8);
    }
    // SAFETY: every version has this field.
    let retain = unsafe { (*options).retained } != 0;
    // SAFETY: the caller's promise.
    let payload = unsafe { payload(options, version) }?;
    Ok(Some(Will { topic, payload, qos, retain, properties: PropertyView::empty() }))
}

/// The binary payload if there is one, otherwise the text, otherwise nothing.
///
/// # Safety
/// As for [`read`]; `version` is that of the options.
unsafe fn payload<'a>(options: *const RawWillOptions, version: c_int) -> Result<&'a [u8], OptionFault> {
    if version >= VERSION_WITH_PAYLOAD {
        // SAFETY: this version has the field.
        let payload = unsafe { (*options).payload };
        // SAFETY: the caller's promise.
        if let Some(data) = unsafe { optional_data(payload.data, payload.len) }? {
            return Ok(data);
        }
    }
    // SAFETY: every version has this field.
    let message = unsafe { (*options).message };
    // SAFETY: the caller's promise.
    limited(Some(unsafe { text::bytes(message) }.unwrap_or_default()))
}
