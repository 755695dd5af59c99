//! Reading `MQTTAsync_disconnectOptions`.

use core::ffi::c_int;
use core::ptr;
use std::time::Duration;

use super::codes::Fault;
use super::options_abi::MQTTAsync_disconnectOptions;
use super::result_callbacks::ResultCallbacks;
use crate::capi::shared::context::Context;
use crate::capi::shared::option_values::milliseconds_or_zero;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::structure;
use crate::protocol::ReasonCode;

/// Newest `struct_version`.
const NEWEST: c_int = 1;
/// First version with the fields for MQTT 5.0.
const WITH_VERSION_5: c_int = 1;

/// What a disconnect call asks for.
pub(crate) struct DisconnectOptions {
    pub(crate) timeout: Duration,
    pub(crate) reason: ReasonCode,
    /// NULL or the program's list.
    pub(crate) properties: *const MQTTProperties,
    pub(crate) callbacks: Option<ResultCallbacks>,
}

impl DisconnectOptions {
    /// Reads the fields which the options' version has. NULL asks for nothing in particular.
    ///
    /// Programs give the callbacks for MQTT 5.0 with version 0 too (paho_c_pub does), so they count if the client is
    /// one of MQTT 5.0: such a program was compiled with a header that has these fields.
    ///
    /// # Safety
    /// `options` is NULL or points to disconnect options whose fields are what the header says.
    pub(crate) unsafe fn read(
        options: *const MQTTAsync_disconnectOptions,
        client_is_version_5: bool,
    ) -> Result<DisconnectOptions, Fault> {
        if options.is_null() {
            return Ok(DisconnectOptions {
                timeout: Duration::ZERO,
                reason: ReasonCode::SUCCESS,
                properties: ptr::null(),
                callbacks: None,
            });
        }
        // SAFETY: the caller's promise, and not NULL.
        let version =
            unsafe { structure::version_of(options, b"MQTD", NEWEST) }.ok_or(Fault::BadStructure)?;
        let is_version_5 = version >= WITH_VERSION_5;
        // SAFETY: every version has this field.
        let timeout = milliseconds_or_zero(unsafe { (*options).timeout });
        // SAFETY: this version has the field. The packet has one byte for it.
        let reason = if is_version_5 { unsafe { (*options).reasonCode as u8 } } else { 0 };
        Ok(DisconnectOptions {
            timeout,
            reason: ReasonCode(reason),
            // SAFETY: this version has the field, so the address lies in the options.
            properties: if is_version_5 { unsafe { &raw const (*options).properties } } else { ptr::null() },
            // SAFETY: the caller's promise; the fields are there by version, or by the header that the program has.
            callbacks: Some(unsafe { callbacks(options, is_version_5 || client_is_version_5) }),
        })
    }
}

/// # Safety
/// `options` points to disconnect options, which have the fields for MQTT 5.0 if it says so.
unsafe fn callbacks(options: *const MQTTAsync_disconnectOptions, is_version_5: bool) -> ResultCallbacks {
    ResultCallbacks {
        // SAFETY: every version has this field.
        context: Context(unsafe { (*options).context }),
        // SAFETY: every version has this field.
        on_success: unsafe { (*options).onSuccess },
        // SAFETY: every version has this field.
        on_failure: unsafe { (*options).onFailure },
        // SAFETY: this version has the field.
        on_success5: if is_version_5 { unsafe { (*options).onSuccess5 } } else { None },
        // SAFETY: this version has the field.
        on_failure5: if is_version_5 { unsafe { (*options).onFailure5 } } else { None },
    }
}
