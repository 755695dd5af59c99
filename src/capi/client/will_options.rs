//! Reading `MQTTClient_willOptions`.

use core::ffi::c_int;

use super::abi::MQTTClient_willOptions;
use super::codes::Fault;
use crate::capi::shared::structure;
use crate::capi::shared::text::{self, LONGEST_STRING};
use crate::protocol::{PropertyView, QoS, Will};

/// Newest `struct_version`.
const VERSION: c_int = 1;
/// First version with a binary payload.
const VERSION_WITH_PAYLOAD: c_int = 1;

/// The will the program asks for, `None` for NULL. The texts stay in the program's memory.
///
/// # Safety
/// `options` is NULL or points to will options whose fields are what the header says, unchanged during
/// `'a`.
pub(crate) unsafe fn read<'a>(options: *const MQTTClient_willOptions) -> Result<Option<Will<'a>>, Fault> {
    if options.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise, and not NULL.
    let version = unsafe { structure::version_of(options, b"MQTW", VERSION) }.ok_or(Fault::BadStructure)?;
    // SAFETY: every version has this field.
    let qos = unsafe { (*options).qos };
    let qos = quality(qos)?;
    // SAFETY: every version has this field.
    let topic = unsafe { (*options).topicName };
    // SAFETY: the caller's promise.
    let topic = unsafe { text::bytes(topic) }.ok_or(Fault::NullParameter)?;
    if topic.is_empty() {
        return Err(Fault::EmptyWillTopic);
    }
    if !text::is_mqtt_string(topic) {
        return Err(Fault::BadUtf8);
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
unsafe fn payload<'a>(options: *const MQTTClient_willOptions, version: c_int) -> Result<&'a [u8], Fault> {
    if version >= VERSION_WITH_PAYLOAD {
        // SAFETY: this version has the field.
        let payload = unsafe { (*options).payload };
        if !payload.data.is_null() {
            // SAFETY: the caller's promise.
            return limited(unsafe { text::block(payload.data, payload.len) });
        }
    }
    // SAFETY: every version has this field.
    let message = unsafe { (*options).message };
    // SAFETY: the caller's promise.
    limited(Some(unsafe { text::bytes(message) }.unwrap_or_default()))
}

/// Binary data of the length a packet can carry.
pub(crate) fn limited(data: Option<&[u8]>) -> Result<&[u8], Fault> {
    data.filter(|data| data.len() <= LONGEST_STRING).ok_or(Fault::Failure)
}

/// A QoS given as a number.
#[inline]
pub(crate) fn quality(qos: c_int) -> Result<QoS, Fault> {
    u8::try_from(qos).ok().and_then(QoS::from_bits).ok_or(Fault::BadQoS)
}
