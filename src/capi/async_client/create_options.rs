//! Reading `MQTTAsync_createOptions`.

use core::ffi::c_int;

use super::codes::Fault;
use super::options_abi::MQTTAsync_createOptions;
use crate::capi::shared::abi::MQTTVERSION_DEFAULT;
use crate::capi::shared::structure;
use crate::engine::{BufferOptions, StoreOptions};

/// First version that says what the store is for. The initializers have said 2 since these fields are there.
const WITH_STORE_OPTIONS: c_int = 2;

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
            let buffer = BufferOptions {
                send_while_disconnected: false,
                allow_at_any_time: false,
                maximum_buffered: None,
                delete_oldest: false,
            };
            let (version_level, store) = (MQTTVERSION_DEFAULT, StoreOptions::default());
            return Ok(CreateOptions { version_level, buffer, store });
        }
        // SAFETY: not NULL, and every version has this field.
        let maximum = unsafe { (*options).maxBufferedMessages };
        let maximum = usize::try_from(maximum).ok().filter(|maximum| *maximum > 0);
        let maximum = maximum.ok_or(Fault::BadBufferLimit)?;
        // SAFETY: the caller's promise, and not NULL.
        let options = unsafe { structure::read(options) }?;
        let mut store = StoreOptions::default();
        if options.struct_version >= WITH_STORE_OPTIONS {
            store.restores_queues = options.restoreMessages != 0;
            store.keeps_at_most_once = options.persistQoS0 != 0;
        }
        Ok(CreateOptions {
            version_level: options.MQTTVersion,
            buffer: BufferOptions {
                send_while_disconnected: options.sendWhileDisconnected != 0,
                allow_at_any_time: options.allowDisconnectedSendAtAnyTime != 0,
                maximum_buffered: Some(maximum),
                delete_oldest: options.deleteOldestMessages != 0,
            },
            store,
        })
    }
}
