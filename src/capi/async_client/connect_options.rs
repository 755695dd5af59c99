//! Reading `MQTTAsync_connectOptions`.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use std::sync::Arc;
use std::time::Duration;

use super::codes::Fault;
use super::options_abi::{MQTTAsync_SSLOptions, MQTTAsync_connectOptions, MQTTAsync_willOptions};
use super::results::ResultCallbacks;
use crate::capi::shared::context::Context;
use crate::capi::shared::option_values::{LONGEST_WAIT, optional_data, optional_text, or_zero, two_bytes};
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::property_conversion::properties_if;
use crate::capi::shared::transport_options::TransportOptions;
use crate::capi::shared::version_abi::{MQTTVERSION_5, MQTTVERSION_DEFAULT};
use crate::capi::shared::{server_list, structure, will_options};
use crate::engine::{Client, ConnectPlan, OwnedWill};
use crate::protocol::{Properties, Version, Will};

/// Newest `struct_version`, also of TLS options.
const NEWEST: c_int = 8;
const NEWEST_TLS: c_int = 5;
/// First versions with the fields of these names.
const WITH_TLS: c_int = 1;
const WITH_SERVER_URIS: c_int = 2;
const WITH_MQTT_VERSION: c_int = 3;
const WITH_AUTOMATIC_RECONNECT: c_int = 4;
const WITH_BINARY_PASSWORD: c_int = 5;
const WITH_VERSION_5: c_int = 6;
const WITH_HTTP_HEADERS: c_int = 7;
const WITH_PROXIES: c_int = 8;

/// Connect options whose head has been checked. A field that their version lacks is not read and has the value that
/// means "not given".
pub(crate) struct ConnectOptions {
    /// Not NULL: points to as many fields as `version` has.
    options: *const MQTTAsync_connectOptions,
    version: c_int,
}

impl ConnectOptions {
    /// Checks pointer and head.
    ///
    /// # Safety
    /// `options` is NULL or points to connect options whose fields are what the header says. They stay unchanged as
    /// long as the result is used.
    pub(crate) unsafe fn new(options: *const MQTTAsync_connectOptions) -> Result<ConnectOptions, Fault> {
        if options.is_null() {
            return Err(Fault::NullParameter);
        }
        // SAFETY: the caller's promise, and not NULL.
        let version = unsafe { structure::version_of(options, b"MQTC", NEWEST) };
        Ok(ConnectOptions { options, version: version.ok_or(Fault::BadStructure)? })
    }

    /// `MQTTVersion`
    fn version_level(&self) -> c_int {
        if self.version < WITH_MQTT_VERSION {
            return MQTTVERSION_DEFAULT;
        }
        // SAFETY: the version has this field.
        unsafe { (*self.options).MQTTVersion }
    }

    /// The plan they make for this client, checked in the order programs rely on.
    pub(crate) fn plan(&self, client: &Client) -> Result<ConnectPlan, Fault> {
        let transport = self.transport();
        transport.check_for([client.server()])?;
        let servers = self.servers()?.into_iter().map(server_list::parse_uri).collect::<Vec<_>>();
        transport.check_for(servers.iter().flatten())?;
        // SAFETY: the promise made to `new`.
        let will = unsafe { will_options::read(self.will().cast()) }?;
        self.check_tls()?;
        self.check_version(client.version_level())?;
        // SAFETY: the promise made to `new`.
        let user_name = unsafe { optional_text(self.user_name()) }?;
        // SAFETY: the promise made to `new`.
        let password = unsafe { optional_text(self.password()) }?;
        self.check_options_of_version()?;
        self.check_tls_support()?;
        let password = password.map_or_else(|| self.binary_password(), |text| Ok(Some(text)))?;
        Ok(ConnectPlan {
            servers,
            version: u8::try_from(self.version_level()).ok().and_then(Version::from_level),
            clean: if self.is_version_5() { self.clean_start() } else { self.clean_session() },
            keep_alive: two_bytes(self.keep_alive()),
            connect_timeout: self.connect_timeout(),
            will: will.map(|will| self.owned(&will)).transpose()?,
            user_name: user_name.map(<[u8]>::to_vec),
            password: password.map(<[u8]>::to_vec),
            properties: self.properties(self.connect_properties())?,
            maximum_in_flight: two_bytes(self.maximum_in_flight()),
            retry_interval: or_zero(self.retry_interval()),
            automatic_reconnect: self.automatic_reconnect(client),
            // SAFETY: the promise made to `new`.
            transport: Arc::new(unsafe { transport.settings() }?),
        })
    }

    fn is_version_5(&self) -> bool {
        self.version_level() >= MQTTVERSION_5
    }

    fn check_tls(&self) -> Result<(), Fault> {
        if self.tls().is_null() {
            return Ok(());
        }
        // SAFETY: not NULL, so TLS options.
        let version = unsafe { structure::version_of(self.tls(), b"MQTS", NEWEST_TLS) };
        version.map(|_| ()).ok_or(Fault::BadStructure)
    }

    fn check_tls_support(&self) -> Result<(), Fault> {
        if cfg!(feature = "tls") || self.tls().is_null() { Ok(()) } else { Err(Fault::TlsNotSupported) }
    }

    /// Only a client that was made for MQTT 5, and not connected with another version since, can use it.
    fn check_version(&self, current_level: c_int) -> Result<(), Fault> {
        let level = self.version_level();
        let is_known = u8::try_from(level).ok().and_then(Version::from_level).is_some();
        let is_possible = level < MQTTVERSION_5 || current_level >= MQTTVERSION_5;
        if (is_known || level == MQTTVERSION_DEFAULT) && is_possible {
            Ok(())
        } else {
            Err(Fault::WrongVersion)
        }
    }

    /// No option of another version than that of the connection may be set.
    fn check_options_of_version(&self) -> Result<(), Fault> {
        if self.is_version_5() {
            if self.version < WITH_VERSION_5 {
                return Err(Fault::BadStructure);
            }
            return if self.clean_session() { Err(Fault::BadOption) } else { Ok(()) };
        }
        let callbacks = self.result_callbacks();
        let is_set = self.clean_start()
            || callbacks.on_success5.is_some()
            || callbacks.on_failure5.is_some()
            || !self.connect_properties().is_null()
            || !self.will_properties().is_null();
        if is_set { Err(Fault::BadOption) } else { Ok(()) }
    }

    fn owned(&self, will: &Will<'_>) -> Result<OwnedWill, Fault> {
        Ok(OwnedWill::new(will, self.properties(self.will_properties())?))
    }

    fn properties(&self, list: *const MQTTProperties) -> Result<Properties, Fault> {
        // SAFETY: the promise made to `new`.
        Ok(unsafe { properties_if(self.is_version_5(), list) }?)
    }

    /// The texts of `serverURIs`.
    fn servers(&self) -> Result<Vec<&[u8]>, Fault> {
        if self.version < WITH_SERVER_URIS {
            return Ok(Vec::new());
        }
        // SAFETY: the version has this field.
        let count = unsafe { (*self.options).serverURIcount };
        // SAFETY: the version has this field.
        let list = unsafe { (*self.options).serverURIs };
        // SAFETY: the promise made to `new`.
        Ok(unsafe { server_list::texts(count, list) }?)
    }

    /// Options that are too old to say anything about it leave it as it was.
    fn automatic_reconnect(&self, client: &Client) -> Option<(u32, u32)> {
        if self.version < WITH_AUTOMATIC_RECONNECT {
            return client.automatic_reconnect();
        }
        // SAFETY: the version has this field.
        let is_wanted = unsafe { (*self.options).automaticReconnect } != 0;
        // SAFETY: the version has this field.
        let shortest = unsafe { (*self.options).minRetryInterval };
        // SAFETY: the version has this field.
        let longest = unsafe { (*self.options).maxRetryInterval };
        is_wanted.then(|| (or_zero(shortest), or_zero(longest)))
    }

    /// The callbacks for the result.
    pub(crate) fn result_callbacks(&self) -> ResultCallbacks {
        let has_version_5 = self.version >= WITH_VERSION_5;
        ResultCallbacks {
            context: Context(self.context()),
            // SAFETY: every version has this field.
            on_success: unsafe { (*self.options).onSuccess },
            // SAFETY: every version has this field.
            on_failure: unsafe { (*self.options).onFailure },
            // SAFETY: the version has this field.
            on_success5: if has_version_5 { unsafe { (*self.options).onSuccess5 } } else { None },
            // SAFETY: the version has this field.
            on_failure5: if has_version_5 { unsafe { (*self.options).onFailure5 } } else { None },
        }
    }

    fn binary_password(&self) -> Result<Option<&[u8]>, Fault> {
        if self.version < WITH_BINARY_PASSWORD {
            return Ok(None);
        }
        // SAFETY: the version has this field.
        let password = unsafe { (*self.options).binarypwd };
        // SAFETY: the promise made to `new`.
        Ok(unsafe { optional_data(password.data, password.len) }?)
    }
}

/// Single fields.
impl ConnectOptions {
    fn will(&self) -> *const MQTTAsync_willOptions {
        // SAFETY: every version has this field.
        unsafe { (*self.options).will }
    }

    fn context(&self) -> *mut c_void {
        // SAFETY: every version has this field.
        unsafe { (*self.options).context }
    }

    fn user_name(&self) -> *const c_char {
        // SAFETY: every version has this field.
        unsafe { (*self.options).username }
    }

    fn password(&self) -> *const c_char {
        // SAFETY: every version has this field.
        unsafe { (*self.options).password }
    }

    fn clean_session(&self) -> bool {
        // SAFETY: every version has this field.
        unsafe { (*self.options).cleansession != 0 }
    }

    /// Seconds.
    fn keep_alive(&self) -> c_int {
        // SAFETY: every version has this field.
        unsafe { (*self.options).keepAliveInterval }
    }

    /// A negative number of seconds means no limit.
    fn connect_timeout(&self) -> Duration {
        // SAFETY: every version has this field.
        let seconds = unsafe { (*self.options).connectTimeout };
        u64::try_from(seconds).map_or(Duration::from_millis(LONGEST_WAIT), Duration::from_secs)
    }

    /// Seconds.
    fn retry_interval(&self) -> c_int {
        // SAFETY: every version has this field.
        unsafe { (*self.options).retryInterval }
    }

    fn maximum_in_flight(&self) -> c_int {
        // SAFETY: every version has this field.
        unsafe { (*self.options).maxInflight }
    }

    fn tls(&self) -> *const MQTTAsync_SSLOptions {
        if self.version < WITH_TLS {
            return ptr::null();
        }
        // SAFETY: the version has this field.
        unsafe { (*self.options).ssl }
    }

    fn transport(&self) -> TransportOptions {
        let mut transport = TransportOptions {
            tls: self.tls().cast(),
            http_headers: ptr::null(),
            http_proxy: ptr::null(),
            https_proxy: ptr::null(),
        };
        if self.version >= WITH_HTTP_HEADERS {
            // SAFETY: the version has this field.
            transport.http_headers = unsafe { (*self.options).httpHeaders }.cast();
        }
        if self.version >= WITH_PROXIES {
            // SAFETY: the version has this field.
            transport.http_proxy = unsafe { (*self.options).httpProxy };
            // SAFETY: the version has this field.
            transport.https_proxy = unsafe { (*self.options).httpsProxy };
        }
        transport
    }

    fn clean_start(&self) -> bool {
        // SAFETY: the version has this field.
        self.version >= WITH_VERSION_5 && unsafe { (*self.options).cleanstart != 0 }
    }

    fn connect_properties(&self) -> *const MQTTProperties {
        if self.version < WITH_VERSION_5 {
            return core::ptr::null();
        }
        // SAFETY: the version has this field.
        unsafe { (*self.options).connectProperties }
    }

    fn will_properties(&self) -> *const MQTTProperties {
        if self.version < WITH_VERSION_5 {
            return core::ptr::null();
        }
        // SAFETY: the version has this field.
        unsafe { (*self.options).willProperties }
    }
}
