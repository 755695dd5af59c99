//! Reading `MQTTAsync_disconnectOptions`.

use core::ptr;
use std::time::Duration;

use super::codes::Fault;
use super::options_abi::MQTTAsync_disconnectOptions;
use super::results::result_callbacks;
use crate::capi::shared::option_values::milliseconds_or_zero;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::structure::{self, Versioned};
use crate::engine::Requester;
use crate::protocol::ReasonCode;

/// Disconnect options whose head has been checked. `None` asks for nothing in particular.
pub(crate) struct DisconnectOptions(Option<Given>);

struct Given {
    /// The application's.
    options: *const MQTTAsync_disconnectOptions,
    /// What their version has of them.
    fields: MQTTAsync_disconnectOptions,
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
            return Ok(DisconnectOptions(None));
        }
        // SAFETY: the caller's promise, and not NULL.
        let fields = unsafe { structure::read(options) }?;
        Ok(DisconnectOptions(Some(Given { options, fields })))
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.0.as_ref().map_or(Duration::ZERO, |given| milliseconds_or_zero(given.fields.timeout))
    }

    pub(crate) fn reason(&self) -> ReasonCode {
        // The packet has one byte for it.
        self.0.as_ref().map_or(ReasonCode::SUCCESS, |given| ReasonCode(given.fields.reasonCode as u8))
    }

    /// NULL or a list as the application has made it.
    pub(crate) fn properties(&self) -> *const MQTTProperties {
        self.0.as_ref().map_or(ptr::null(), |given| &raw const given.fields.properties)
    }

    /// The callbacks for the result. Applications set those for MQTT 5.0 but leave the version of the initializer,
    /// which is 0. An application that uses MQTT 5.0 was built with headers that have these fields.
    pub(crate) fn requester(&self, is_version_5: bool) -> Option<Requester> {
        let Given { options, fields } = self.0.as_ref()?;
        let version = if is_version_5 { MQTTAsync_disconnectOptions::NEWEST } else { fields.struct_version };
        // SAFETY: the options have the fields, see above.
        let fields = unsafe { MQTTAsync_disconnectOptions::read_as(*options, version) };
        result_callbacks!(fields).into_requester()
    }
}
