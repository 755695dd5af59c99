//! Reading the will options.

use super::abi::MQTTApi_willOptions;
use super::faults::Fault;
use super::option_values::{limited, optional_data, quality};
use super::{structure, text};
use crate::protocol::{PropertyView, Will};

/// The will the application asks for, `None` for NULL. The texts stay in the application's memory.
///
/// # Safety
/// `options` is NULL or points to will options whose fields are what the header says, unchanged during
/// `'a`.
pub(crate) unsafe fn read<'a>(options: *const MQTTApi_willOptions) -> Result<Option<Will<'a>>, Fault> {
    if options.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise, and not NULL.
    let options = unsafe { structure::read(options) }?;
    let qos = quality(options.qos)?;
    // SAFETY: the caller's promise.
    let topic = unsafe { text::bytes(options.topicName) }.ok_or(Fault::NullParameter)?;
    if topic.is_empty() {
        return Err(Fault::EmptyWillTopic);
    }
    if !text::is_mqtt_string(topic) {
        return Err(Fault::BadUtf8);
    }
    // SAFETY: the caller's promise.
    let payload = match unsafe { optional_data(options.payload.data, options.payload.len) }? {
        Some(data) => data,
        // SAFETY: the caller's promise.
        None => limited(Some(unsafe { text::bytes(options.message) }.unwrap_or_default()))?,
    };
    Ok(Some(Will { topic, payload, qos, retain: options.retained != 0, properties: PropertyView::empty() }))
}
