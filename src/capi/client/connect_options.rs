//! Reading `MQTTClient_connectOptions`.

use core::ffi::c_int;
use std::sync::Arc;
use std::time::Duration;

use super::abi::MQTTClient_connectOptions;
use super::codes::Fault;
use crate::capi::shared::abi::{MQTTVERSION_5, MQTTVERSION_DEFAULT};
use crate::capi::shared::option_values::{self, optional_data, optional_text, or_zero, two_bytes};
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::property_list::properties_if;
use crate::capi::shared::structure;
use crate::capi::shared::transport_options::{self, TransportOptions};
use crate::engine::{ConnectPlan, OwnedWill, ServerUri};
use crate::protocol::Version;

/// First version into which results are written.
const WITH_RETURNED: c_int = 4;
/// Messages in flight with `reliable` set, and without.
const RELIABLE_IN_FLIGHT: u16 = 1;
const UNRELIABLE_IN_FLIGHT: u16 = 10;

/// What a connect call asks for, checked and copied.
pub(crate) struct ConnectOptions {
    /// `MQTTVersion`: 0, 3, 4 or 5.
    pub(crate) version_level: c_int,
    /// True if the options are new enough for results to be written into them.
    pub(crate) takes_results: bool,
    /// The same for the engine. On the stack it would stay below OpenSSL.
    pub(crate) plan: Arc<ConnectPlan>,
}

impl ConnectOptions {
    /// Reads the fields which the options' version has, then the properties of CONNECT and of the will, and checks them
    /// in the order programs rely on. `server`: the one given at create.
    ///
    /// # Safety
    /// `options` is not NULL and points to connect options whose fields are what the header says. The properties are NULL
    /// or lists.
    #[inline(never)]
    pub(crate) unsafe fn read(
        options: *const MQTTClient_connectOptions,
        [properties, will_properties]: [*const MQTTProperties; 2],
        server: &ServerUri,
    ) -> Result<ConnectOptions, Fault> {
        // SAFETY: the caller's promise.
        let options = unsafe { structure::read(options) }?;
        let transport = TransportOptions {
            tls: options.ssl,
            http_headers: options.httpHeaders,
            http_proxy: options.httpProxy,
            https_proxy: options.httpsProxy,
        };
        transport.check_for([server])?;
        // SAFETY: the caller's promise.
        let will = unsafe { option_values::will(options.will) }?;
        // SAFETY: the caller's promise.
        let settings = Arc::new(unsafe { transport.settings() }?);
        // SAFETY: the caller's promise.
        let user_name = unsafe { optional_text(options.username) }?;
        // SAFETY: the caller's promise.
        let password = unsafe { optional_text(options.password) }?;
        let version_level = options.MQTTVersion;
        let version = u8::try_from(version_level).ok().and_then(Version::from_level);
        if version_level != MQTTVERSION_DEFAULT && version.is_none() {
            return Err(Fault::BAD_VERSION);
        }
        let is_5 = version_level >= MQTTVERSION_5;
        let (clean_session, clean_start) = (options.cleansession != 0, options.cleanstart != 0);
        if (is_5 && clean_session) || (!is_5 && clean_start) {
            return Err(Fault::BAD_OPTION);
        }
        // SAFETY: the caller's promise.
        let servers = unsafe { transport_options::servers(options.serverURIcount, options.serverURIs) }?;
        transport.check_for(servers.iter().flatten())?;
        let password = match password {
            Some(text) => Some(text),
            // SAFETY: the caller's promise.
            None => unsafe { optional_data(options.binarypwd.data, options.binarypwd.len) }?,
        };
        // SAFETY: the caller's promise.
        let properties = unsafe { properties_if(is_5, properties) }?;
        // SAFETY: the caller's promise.
        let will_properties = unsafe { properties_if(is_5, will_properties) }?;
        let plan = Arc::new(ConnectPlan {
            servers,
            version,
            clean: clean_session || clean_start,
            keep_alive: two_bytes(options.keepAliveInterval),
            // 0 also for less: the call fails at once.
            connect_timeout: Duration::from_secs(u64::try_from(options.connectTimeout).unwrap_or_default()),
            will: will.map(|will| OwnedWill::new(&will, will_properties)),
            user_name: user_name.map(<[u8]>::to_vec),
            password: password.map(<[u8]>::to_vec),
            properties,
            maximum_in_flight: maximum_in_flight(&options),
            retry_interval: or_zero(options.retryInterval),
            automatic_reconnect: None,
            transport: settings,
        });
        let takes_results = options.struct_version >= WITH_RETURNED;
        Ok(ConnectOptions { version_level, takes_results, plan })
    }
}

fn maximum_in_flight(options: &MQTTClient_connectOptions) -> u16 {
    match options.maxInflightMessages {
        given if given > 0 => two_bytes(given),
        _ if options.reliable != 0 => RELIABLE_IN_FLIGHT,
        _ => UNRELIABLE_IN_FLIGHT,
    }
}
