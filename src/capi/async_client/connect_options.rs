//! Reading `MQTTAsync_connectOptions`.

use core::ffi::c_int;
use std::sync::Arc;
use std::time::Duration;

use super::codes::Fault;
use super::options_abi::MQTTAsync_connectOptions;
use super::results::result_callbacks;
use crate::capi::shared::abi::{MQTTVERSION_5, MQTTVERSION_DEFAULT};
use crate::capi::shared::option_values::{
    self, LONGEST_WAIT, optional_data, optional_text, or_zero, two_bytes,
};
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::property_list::properties_if;
use crate::capi::shared::structure;
use crate::capi::shared::transport_options::{self, TransportOptions};
use crate::engine::{Client, ConnectPlan, OwnedWill, Requester};
use crate::protocol::{Properties, Version};

/// First version that says whether to reconnect.
const WITH_AUTOMATIC_RECONNECT: c_int = 4;
/// First version with the fields for MQTT 5.0.
const WITH_VERSION_5: c_int = 6;

/// Connect options whose head has been checked.
pub(crate) struct ConnectOptions(MQTTAsync_connectOptions);

impl ConnectOptions {
    /// Checks pointer and head.
    ///
    /// # Safety
    /// `options` is NULL or points to connect options whose fields are what the header says. They stay unchanged as
    /// long as the result is used.
    pub(crate) unsafe fn new(options: *const MQTTAsync_connectOptions) -> Result<ConnectOptions, Fault> {
        if options.is_null() {
            return Err(Fault::NULL_PARAMETER);
        }
        // SAFETY: the caller's promise, and not NULL.
        Ok(ConnectOptions(unsafe { structure::read(options) }?))
    }

    /// The plan they make for this client, checked in the order applications rely on.
    pub(crate) fn plan(&self, client: &Client) -> Result<ConnectPlan, Fault> {
        let options = &self.0;
        let transport = TransportOptions {
            tls: options.ssl,
            http_headers: options.httpHeaders,
            http_proxy: options.httpProxy,
            https_proxy: options.httpsProxy,
        };
        transport.check_for([client.server()])?;
        // SAFETY: the promise made to `new`.
        let servers = unsafe { transport_options::servers(options.serverURIcount, options.serverURIs) }?;
        transport.check_for(servers.iter().flatten())?;
        // SAFETY: the promise made to `new`.
        let will = unsafe { option_values::will(options.will) }?;
        self.check_tls()?;
        let version = self.version(client.version_level())?;
        // SAFETY: the promise made to `new`.
        let user_name = unsafe { optional_text(options.username) }?;
        // SAFETY: the promise made to `new`.
        let password = unsafe { optional_text(options.password) }?;
        self.check_options_of_version()?;
        if !cfg!(feature = "tls") && !options.ssl.is_null() {
            return Err(Fault::TLS_NOT_SUPPORTED);
        }
        let password = match password {
            Some(text) => Some(text),
            // SAFETY: the promise made to `new`.
            None => unsafe { optional_data(options.binarypwd.data, options.binarypwd.len) }?,
        };
        Ok(ConnectPlan {
            servers,
            version,
            clean: if self.is_version_5() { options.cleanstart } else { options.cleansession } != 0,
            keep_alive: two_bytes(options.keepAliveInterval),
            connect_timeout: connect_timeout(options.connectTimeout),
            will: match will {
                Some(will) => Some(OwnedWill::new(&will, self.properties(options.willProperties)?)),
                None => None,
            },
            user_name: user_name.map(<[u8]>::to_vec),
            password: password.map(<[u8]>::to_vec),
            properties: self.properties(options.connectProperties)?,
            maximum_in_flight: two_bytes(options.maxInflight),
            retry_interval: or_zero(options.retryInterval),
            automatic_reconnect: self.automatic_reconnect(client),
            // SAFETY: the promise made to `new`.
            transport: Arc::new(unsafe { transport.settings() }?),
        })
    }

    fn is_version_5(&self) -> bool {
        self.0.MQTTVersion >= MQTTVERSION_5
    }

    /// TLS options count only later, but their head is checked now.
    fn check_tls(&self) -> Result<(), Fault> {
        if !self.0.ssl.is_null() {
            // SAFETY: the promise made to `new`, and not NULL.
            unsafe { structure::read(self.0.ssl) }?;
        }
        Ok(())
    }

    /// `MQTTVersion`. Only a client that was made for MQTT 5, and not connected with another version since, can use it.
    fn version(&self, current_level: c_int) -> Result<Option<Version>, Fault> {
        let level = self.0.MQTTVersion;
        let version = u8::try_from(level).ok().and_then(Version::from_level);
        let is_known = version.is_some() || level == MQTTVERSION_DEFAULT;
        let is_possible = level < MQTTVERSION_5 || current_level >= MQTTVERSION_5;
        if is_known && is_possible { Ok(version) } else { Err(Fault::WRONG_VERSION) }
    }

    /// No option of another version than that of the connection may be set.
    fn check_options_of_version(&self) -> Result<(), Fault> {
        let options = &self.0;
        if self.is_version_5() && options.struct_version < WITH_VERSION_5 {
            return Err(Fault::BAD_STRUCTURE);
        }
        let is_foreign = if self.is_version_5() {
            options.cleansession != 0
        } else {
            options.cleanstart != 0
                || options.onSuccess5.is_some()
                || options.onFailure5.is_some()
                || !options.connectProperties.is_null()
                || !options.willProperties.is_null()
        };
        if is_foreign { Err(Fault::BAD_OPTION) } else { Ok(()) }
    }

    fn properties(&self, list: *const MQTTProperties) -> Result<Properties, Fault> {
        // SAFETY: the promise made to `new`.
        unsafe { properties_if(self.is_version_5(), list) }
    }

    /// Options that are too old to say anything about it leave it as it was.
    fn automatic_reconnect(&self, client: &Client) -> Option<(u32, u32)> {
        let options = &self.0;
        if options.struct_version < WITH_AUTOMATIC_RECONNECT {
            return client.automatic_reconnect();
        }
        let pauses = (or_zero(options.minRetryInterval), or_zero(options.maxRetryInterval));
        (options.automaticReconnect != 0).then_some(pauses)
    }

    /// The callbacks for the result.
    pub(crate) fn requester(&self) -> Option<Requester> {
        result_callbacks!(self.0).into_requester()
    }
}

/// A negative number of seconds means no limit.
fn connect_timeout(seconds: c_int) -> Duration {
    u64::try_from(seconds).map_or(Duration::from_millis(LONGEST_WAIT), Duration::from_secs)
}
