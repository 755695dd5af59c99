//! Reading `MQTTClient_connectOptions`.

use core::ffi::{c_char, c_int};
use core::ptr;
use std::sync::Arc;
use std::time::Duration;

use super::abi::MQTTClient_connectOptions;
use super::codes::Fault;
use crate::capi::shared::option_values::{optional_data, optional_text, or_zero, two_bytes};
use crate::capi::shared::transport_options::TransportOptions;
use crate::capi::shared::version_abi::{MQTTVERSION_5, MQTTVERSION_DEFAULT};
use crate::capi::shared::{server_list, structure, will_options};
use crate::engine::{ConnectPlan, OpenSettings, OwnedWill, ServerUri};
use crate::protocol::{Properties, Version, Will};

/// Newest `struct_version`.
const NEWEST: c_int = 8;
/// First versions with the fields of these names.
const WITH_SSL: c_int = 1;
const WITH_SERVER_URIS: c_int = 2;
const WITH_MQTT_VERSION: c_int = 3;
const WITH_RETURNED: c_int = 4;
const WITH_BINARY_PASSWORD: c_int = 5;
const WITH_CLEAN_START: c_int = 6;
const WITH_HTTP_HEADERS: c_int = 7;
const WITH_PROXIES: c_int = 8;
/// Messages in flight with `reliable` set, and without.
const RELIABLE_IN_FLIGHT: u16 = 1;
const UNRELIABLE_IN_FLIGHT: u16 = 10;

/// What a connect call asks for, checked. Texts stay in the application's memory.
pub(crate) struct ConnectOptions<'a> {
    /// `MQTTVersion`: 0, 3, 4 or 5.
    pub(crate) version_level: c_int,
    /// True if the options are new enough for results to be written into them.
    pub(crate) takes_results: bool,
    clean: bool,
    keep_alive: u16,
    connect_timeout: Duration,
    retry_interval: u32,
    maximum_in_flight: u16,
    will: Option<Will<'a>>,
    user_name: Option<&'a [u8]>,
    password: Option<&'a [u8]>,
    servers: Vec<Option<ServerUri>>,
    transport: Arc<OpenSettings>,
}

impl<'a> ConnectOptions<'a> {
    /// Reads the fields which the options' version has, and checks them in the order programs rely on.
    /// `server`: the one given at create.
    ///
    /// # Safety
    /// `options` is not NULL and points to connect options whose fields are what the header says,
    /// unchanged during `'a`.
    #[inline(never)]
    pub(crate) unsafe fn read(
        options: *const MQTTClient_connectOptions,
        server: &ServerUri,
    ) -> Result<Box<ConnectOptions<'a>>, Fault> {
        // SAFETY: the caller's promise.
        let version = unsafe { structure::version_of(options, b"MQTC", NEWEST) };
        let version = version.ok_or(Fault::BadStructure)?;
        let fields = Fields { options, version };
        let transport = fields.transport();
        transport.check_for([server])?;
        // SAFETY: the caller's promise.
        let will = unsafe { will_options::read(fields.will().cast()) }?;
        // SAFETY: the caller's promise.
        let settings = Arc::new(unsafe { transport.settings() }?);
        // SAFETY: the caller's promise.
        let user_name = unsafe { optional_text(fields.user_name()) }?;
        // SAFETY: the caller's promise.
        let password = unsafe { optional_text(fields.password()) }?;
        let version_level = fields.mqtt_version();
        if version_level != MQTTVERSION_DEFAULT && known_version(version_level).is_none() {
            return Err(Fault::BadVersion);
        }
        let is_5 = version_level >= MQTTVERSION_5;
        if (is_5 && fields.clean_session()) || (!is_5 && fields.clean_start()) {
            return Err(Fault::BadOption);
        }
        // SAFETY: the caller's promise.
        let servers = unsafe { fields.servers() }?;
        transport.check_for(servers.iter().flatten())?;
        Ok(Box::new(ConnectOptions {
            version_level,
            takes_results: version >= WITH_RETURNED,
            clean: fields.clean_session() || fields.clean_start(),
            keep_alive: fields.keep_alive(),
            connect_timeout: fields.connect_timeout(),
            retry_interval: fields.retry_interval(),
            maximum_in_flight: fields.maximum_in_flight(),
            will,
            user_name,
            // SAFETY: the caller's promise.
            password: password.map_or_else(|| unsafe { fields.binary_password() }, |text| Ok(Some(text)))?,
            servers,
            transport: settings,
        }))
    }

    /// True if the connection is to be one of MQTT 5.0, so that properties count.
    pub(crate) fn is_version_5(&self) -> bool {
        self.version_level >= MQTTVERSION_5
    }

    /// The same for the engine.
    #[inline(never)]
    #[allow(clippy::boxed_local, reason = "a copy on the stack would stay below OpenSSL")]
    pub(crate) fn into_plan(
        self: Box<Self>,
        properties: Properties,
        will_properties: Properties,
    ) -> Arc<ConnectPlan> {
        Arc::new(ConnectPlan {
            servers: self.servers,
            version: known_version(self.version_level),
            clean: self.clean,
            keep_alive: self.keep_alive,
            connect_timeout: self.connect_timeout,
            will: self.will.map(|will| OwnedWill::new(&will, will_properties)),
            user_name: self.user_name.map(<[u8]>::to_vec),
            password: self.password.map(<[u8]>::to_vec),
            properties,
            maximum_in_flight: self.maximum_in_flight,
            retry_interval: self.retry_interval,
            automatic_reconnect: None,
            transport: self.transport,
        })
    }
}

fn known_version(level: c_int) -> Option<Version> {
    Version::from_level(u8::try_from(level).ok()?)
}

/// Access to single fields of options whose head has been checked. A field that their version lacks is
/// not read and has the value that means "not given".
struct Fields {
    /// Not NULL: points to as many fields as `version` has.
    options: *const MQTTClient_connectOptions,
    version: c_int,
}

impl Fields {
    fn will(&self) -> *const super::abi::MQTTClient_willOptions {
        // SAFETY: every version has this field.
        unsafe { (*self.options).will }
    }

    fn transport(&self) -> TransportOptions {
        let mut transport = TransportOptions {
            tls: ptr::null(),
            http_headers: ptr::null(),
            http_proxy: ptr::null(),
            https_proxy: ptr::null(),
        };
        if self.version >= WITH_SSL {
            // SAFETY: the version has this field.
            transport.tls = unsafe { (*self.options).ssl }.cast();
        }
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

    fn clean_start(&self) -> bool {
        // SAFETY: the version has this field.
        self.version >= WITH_CLEAN_START && unsafe { (*self.options).cleanstart != 0 }
    }

    fn mqtt_version(&self) -> c_int {
        if self.version < WITH_MQTT_VERSION {
            return MQTTVERSION_DEFAULT;
        }
        // SAFETY: the version has this field.
        unsafe { (*self.options).MQTTVersion }
    }

    /// Seconds; what the packet has no room for becomes the nearest value it has room for.
    fn keep_alive(&self) -> u16 {
        // SAFETY: every version has this field.
        let seconds = unsafe { (*self.options).keepAliveInterval };
        two_bytes(seconds)
    }

    /// 0 also for less: the call fails at once.
    fn connect_timeout(&self) -> Duration {
        // SAFETY: every version has this field.
        let seconds = unsafe { (*self.options).connectTimeout };
        Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
    }

    /// Seconds, 0 for never.
    fn retry_interval(&self) -> u32 {
        // SAFETY: every version has this field.
        let seconds = unsafe { (*self.options).retryInterval };
        or_zero(seconds)
    }

    /// `maxInflightMessages`; it came with the same version as `cleanstart`.
    fn maximum_given(&self) -> c_int {
        if self.version < WITH_CLEAN_START {
            return 0;
        }
        // SAFETY: the version has this field.
        unsafe { (*self.options).maxInflightMessages }
    }

    fn maximum_in_flight(&self) -> u16 {
        let given = self.maximum_given();
        if given > 0 {
            return two_bytes(given);
        }
        // SAFETY: every version has this field.
        let reliable = unsafe { (*self.options).reliable };
        if reliable != 0 { RELIABLE_IN_FLIGHT } else { UNRELIABLE_IN_FLIGHT }
    }

    /// # Safety
    /// The bytes the field points to stay unchanged during `'a`.
    unsafe fn binary_password<'a>(&self) -> Result<Option<&'a [u8]>, Fault> {
        if self.version < WITH_BINARY_PASSWORD {
            return Ok(None);
        }
        // SAFETY: the version has this field.
        let password = unsafe { (*self.options).binarypwd };
        // SAFETY: the caller's promise.
        Ok(unsafe { optional_data(password.data, password.len) }?)
    }

    /// # Safety
    /// The list is as long as the options say, of strings.
    unsafe fn servers(&self) -> Result<Vec<Option<ServerUri>>, Fault> {
        if self.version < WITH_SERVER_URIS {
            return Ok(Vec::new());
        }
        // SAFETY: the version has this field.
        let count = unsafe { (*self.options).serverURIcount };
        // SAFETY: the version has this field.
        let list = unsafe { (*self.options).serverURIs };
        // SAFETY: the caller's promise about the list.
        let texts = unsafe { server_list::texts(count, list) }?;
        Ok(texts.into_iter().map(server_list::parse_uri).collect())
    }
}
