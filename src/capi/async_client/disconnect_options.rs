//! Reading `MQTTAsync_disconnectOptions`.

use core::ffi::c_int;
use core::ptr;
use std::time::Duration;

use super::codes::Fault;
use super::options_abi::MQTTAsync_disconnectOptions;
use super::results::ResultCallbacks;
use crate::capi::shared::context::Context;
use crate::capi::shared::option_values::milliseconds_or_zero;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::structure;
use crate::engine::Requester;
use crate::protocol::ReasonCode;

/// Newest `struct_version`.
const NEWEST: c_int = 1;
/// First version with the fields for MQTT 5.0.
const WITH_VERSION_5: c_int = 1;

/// Disconnect options whose head has been checked. NULL asks for nothing in particular.
pub(crate) struct DisconnectOptions {
    /// NULL, or points to as many fields as `version` has.
    options: *const MQTTAsync_disconnectOptions,
    version: c_int,
}

impl DisconnectOptions {
    /// Checks the head.
    ///
    /// # Safety
    /// `options` is NULL or points to disconnect options whose fields are what the header says. They stay unchanged as
    /// long as the result is used.
    pub(crate) unsafe fn new(
        options: *const MQTTAsync_disconnectOptions,
    ) -> Result<DisconnectOptions, Fault> {
        if options.is_null() {
            return Ok(DisconnectOptions { options, version: NEWEST });
        }
        // SAFETY: the caller's promise, and not NULL.
        let version = unsafe { structure::version_of(options, b"MQTD", NEWEST) };
        Ok(DisconnectOptions { options, version: version.ok_or(Fault::BadStructure)? })
    }

    pub(crate) fn timeout(&self) -> Duration {
        if self.options.is_null() {
            return Duration::ZERO;
        }
        // SAFETY: every version has this field.
        milliseconds_or_zero(unsafe { (*self.options).timeout })
    }

    pub(crate) fn reason(&self) -> ReasonCode {
        if !self.has_version_5() {
            return ReasonCode::SUCCESS;
        }
        // SAFETY: the version has this field.
        let reason = unsafe { (*self.options).reasonCode };
        // The packet has one byte for it.
        ReasonCode(reason as u8)
    }

    /// NULL or the application's list.
    pub(crate) fn properties(&self) -> *const MQTTProperties {
        if !self.has_version_5() {
            return ptr::null();
        }
        // SAFETY: the version has this field, so the address lies in the options.
        unsafe { &raw const (*self.options).properties }
    }

    fn has_version_5(&self) -> bool {
        !self.options.is_null() && self.version >= WITH_VERSION_5
    }

    /// The callbacks for the result. Applications set those for MQTT 5.0 but leave the version of the initializer,
    /// which is 0. An application that uses MQTT 5.0 was built with headers that have these fields.
    pub(crate) fn requester(&self, is_version_5: bool) -> Option<Requester> {
        if self.options.is_null() {
            return None;
        }
        let has_fields = is_version_5 || self.has_version_5();
        let callbacks = ResultCallbacks {
            // SAFETY: every version has this field.
            context: Context(unsafe { (*self.options).context }),
            // SAFETY: every version has this field.
            on_success: unsafe { (*self.options).onSuccess },
            // SAFETY: every version has this field.
            on_failure: unsafe { (*self.options).onFailure },
            // SAFETY: the options have this field.
            on_success5: if has_fields { unsafe { (*self.options).onSuccess5 } } else { None },
            // SAFETY: the options have this field.
            on_failure5: if has_fields { unsafe { (*self.options).onFailure5 } } else { None },
        };
        callbacks.into_requester()
    }
}
