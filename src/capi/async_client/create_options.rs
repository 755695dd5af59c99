//! Reading `MQTTAsync_createOptions`.

use core::ffi::c_int;

use super::codes::Fault;
use super::options_abi::MQTTAsync_createOptions;
use crate::capi::shared::structure;
use crate::capi::shared::version_abi::MQTTVERSION_DEFAULT;
use crate::engine::{BufferOptions, StoreOptions};

/// Newest `struct_version`.
const NEWEST: c_int = 3;
/// First versions with the fields of these names.
const WITH_MQTT_VERSION: c_int = 1;
const WITH_BUFFER_RULES: c_int = 2;

/// What a client is created for.
pub(crate) struct CreateOptions {
    /// `MQTTVersion`; any number.
    pub(crate) version_level: c_int,
    pub(crate) buffer: BufferOptions,
    pub(crate) store: StoreOptions,
}

impl CreateOptions {
    /// Reads the fields which the options' version has. NULL means a client that sends only while it is
    /// connected, and any number of messages.
    ///
    /// # Safety
    /// `options` is NULL or points to create options.
    pub(crate) unsafe fn read(options: *const MQTTAsync_createOptions) -> Result<CreateOptions, Fault> {
        if options.is_null() {
            let (version_level, store) = (MQTTVERSION_DEFAULT, StoreOptions::default());
            return Ok(CreateOptions { version_level, buffer: WITHOUT_OPTIONS, store });
        }
        // SAFETY: not NULL, and every version has this field.
        let maximum = unsafe { (*options).maxBufferedMessages };
        let maximum = usize::try_from(maximum).ok().filter(|maximum| *maximum > 0);
        let maximum = maximum.ok_or(Fault::BadBufferLimit)?;
        // SAFETY: the caller's promise, and not NULL.
        let version = unsafe { structure::version_of(options, b"MQCO", NEWEST) };
        let version = version.ok_or(Fault::BadStructure)?;
        // SAFETY: every version has this field.
        let send_while_disconnected = unsafe { (*options).sendWhileDisconnected } != 0;
        let mut buffer =
            BufferOptions { send_while_disconnected, maximum_buffered: Some(maximum), ..WITHOUT_OPTIONS };
        let mut store = StoreOptions::default();
        if version >= WITH_BUFFER_RULES {
            // SAFETY: this version has the fields.
            unsafe { read_buffer_rules(options, &mut buffer) };
            // SAFETY: this version has the fields.
            store = unsafe { store_options(options) };
        }
        let version_level = if version >= WITH_MQTT_VERSION {
            // SAFETY: this version has the field.
            unsafe { (*options).MQTTVersion }
        } else {
            MQTTVERSION_DEFAULT
        };
        Ok(CreateOptions { version_level, buffer, store })
    }
}

/// What holds without options, and for those that are too old to say otherwise.
const WITHOUT_OPTIONS: BufferOptions = BufferOptions {
    send_while_disconnected: false,
    allow_at_any_time: false,
    maximum_buffered: None,
    delete_oldest: false,
};

/// # Safety
/// `options` points to create options that have these fields.
unsafe fn read_buffer_rules(options: *const MQTTAsync_createOptions, buffer: &mut BufferOptions) {
    // SAFETY: the caller's promise.
    buffer.allow_at_any_time = unsafe { (*options).allowDisconnectedSendAtAnyTime } != 0;
    // SAFETY: the caller's promise.
    buffer.delete_oldest = unsafe { (*options).deleteOldestMessages } != 0;
}

/// The initializers have said 2 since these fields are there, so they count from then on.
///
/// # Safety
/// `options` points to create options that have these fields.
unsafe fn store_options(options: *const MQTTAsync_createOptions) -> StoreOptions {
    // SAFETY: the caller's promise.
    let restores_queues = unsafe { (*options).restoreMessages } != 0;
    // SAFETY: the caller's promise.
    let keeps_at_most_once = unsafe { (*options).persistQoS0 } != 0;
    StoreOptions { restores_queues, keeps_at_most_once }
}
