//! Connect options in words, and their C form.

use super::abi::{self, V5};
use super::properties::{List, Property};
use std::ffi::{CString, c_char, c_int, c_uint, c_void};
use std::ptr;

/// What a test wants of a connect call; the rest is as the API's initializers have it.
#[derive(Clone, Debug)]
pub(crate) struct Connect {
    pub(crate) version: c_int,
    /// cleansession before 5.0, cleanstart from 5.0 on.
    pub(crate) clean: bool,
    pub(crate) keep_alive: c_int,
    pub(crate) reliable: bool,
    pub(crate) maximum_in_flight: c_int,
    /// Seconds.
    pub(crate) timeout: c_int,
    pub(crate) servers: Vec<String>,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) will: Option<Will>,
    pub(crate) properties: Vec<Property>,
    pub(crate) will_properties: Vec<Property>,
    pub(crate) struct_version: c_int,
    pub(crate) tls: Option<Tls>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) http_proxy: Option<String>,
    pub(crate) https_proxy: Option<String>,
}

/// TLS options; the rest is as the API's initializer has it. Functions come with their contexts.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    pub(crate) struct_version: c_int,
    pub(crate) trust_store: Option<String>,
    pub(crate) ca_path: Option<String>,
    pub(crate) key_store: Option<String>,
    pub(crate) private_key: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) ciphers: Option<String>,
    pub(crate) checks_chain: bool,
    pub(crate) checks_host: bool,
    pub(crate) version: c_int,
    pub(crate) only_given_trust: bool,
    pub(crate) protocols: Vec<u8>,
    pub(crate) on_error: Option<(abi::SslError, usize)>,
    pub(crate) on_psk: Option<(abi::SslPsk, usize)>,
}

impl Default for Tls {
    fn default() -> Tls {
        Tls {
            struct_version: 5,
            trust_store: None,
            ca_path: None,
            key_store: None,
            private_key: None,
            password: None,
            ciphers: None,
            checks_chain: true,
            checks_host: false,
            version: 0,
            only_given_trust: false,
            protocols: Vec::new(),
            on_error: None,
            on_psk: None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Will {
    pub(crate) topic: String,
    pub(crate) message: String,
    pub(crate) qos: c_int,
    pub(crate) retained: c_int,
}

/// A clean session with this MQTT version.
pub(crate) fn version(version: c_int) -> Connect {
    Connect {
        version,
        clean: true,
        keep_alive: 60,
        reliable: true,
        maximum_in_flight: -1,
        timeout: 10,
        servers: Vec::new(),
        user: None,
        password: None,
        will: None,
        properties: Vec::new(),
        will_properties: Vec::new(),
        struct_version: 8,
        tls: None,
        headers: Vec::new(),
        http_proxy: None,
        https_proxy: None,
    }
}

/// A session that outlives its connections: for 5.0 with an expiry interval of an hour.
pub(crate) fn lasting(level: c_int) -> Connect {
    let mut connect = version(level);
    connect.clean = false;
    if level == V5 {
        connect.properties.push(Property::Integer(super::properties::SESSION_EXPIRY_INTERVAL, 3600));
    }
    connect
}

impl Connect {
    pub(crate) fn in_flight(mut self, maximum: c_int) -> Connect {
        self.maximum_in_flight = maximum;
        self
    }

    pub(crate) fn keep_alive(mut self, seconds: c_int) -> Connect {
        self.keep_alive = seconds;
        self
    }

    pub(crate) fn timeout(mut self, seconds: c_int) -> Connect {
        self.timeout = seconds;
        self
    }

    pub(crate) fn servers(mut self, uris: &[String]) -> Connect {
        self.servers = uris.to_vec();
        self
    }

    pub(crate) fn tls(mut self, tls: &Tls) -> Connect {
        self.tls = Some(tls.clone());
        self
    }

    pub(crate) fn property(mut self, property: Property) -> Connect {
        self.properties.push(property);
        self
    }
}

/// The C structures of one connect call, and all they point to.
pub(crate) struct Raw {
    pub(crate) options: abi::ConnectOptions,
    pub(crate) properties: List,
    pub(crate) will_properties: List,
    kept: Vec<CString>,
    will: Option<Box<abi::WillOptions>>,
    uris: Vec<*const c_char>,
    tls: Option<Box<abi::SslOptions>>,
    protocols: Vec<u8>,
    headers: Vec<abi::NameValue>,
}

impl Raw {
    pub(crate) fn new(connect: &Connect) -> Box<Raw> {
        let five = connect.version == V5;
        let mut raw = Box::new(Raw {
            options: initializer(connect, five),
            properties: List::new(&connect.properties),
            will_properties: List::new(&connect.will_properties),
            kept: Vec::new(),
            will: None,
            uris: Vec::new(),
            tls: None,
            protocols: Vec::new(),
            headers: Vec::new(),
        });
        raw.options.username = raw.keep(connect.user.as_deref());
        raw.options.password = raw.keep(connect.password.as_deref());
        for uri in &connect.servers {
            let uri = raw.keep(Some(uri));
            raw.uris.push(uri);
        }
        raw.options.server_uri_count = connect.servers.len() as c_int;
        raw.options.server_uris = if raw.uris.is_empty() { ptr::null() } else { raw.uris.as_ptr() };
        if let Some(tls) = &connect.tls {
            let options = Box::new(raw.tls_options(tls));
            raw.options.ssl = ptr::from_ref(&*options).cast();
            raw.tls = Some(options);
        }
        raw.set_http(connect);
        if let Some(will) = &connect.will {
            let will = Box::new(raw.will_options(will));
            raw.options.will = &*will;
            raw.will = Some(will);
        }
        raw
    }

    fn keep(&mut self, text: Option<&str>) -> *const c_char {
        let Some(text) = text else { return ptr::null() };
        let text = CString::new(text).unwrap();
        let pointer = text.as_ptr();
        self.kept.push(text);
        pointer
    }

    fn tls_options(&mut self, tls: &Tls) -> abi::SslOptions {
        self.protocols = tls.protocols.clone();
        abi::SslOptions {
            struct_id: *b"MQTS",
            struct_version: tls.struct_version,
            trust_store: self.keep(tls.trust_store.as_deref()),
            key_store: self.keep(tls.key_store.as_deref()),
            private_key: self.keep(tls.private_key.as_deref()),
            private_key_password: self.keep(tls.password.as_deref()),
            enabled_cipher_suites: self.keep(tls.ciphers.as_deref()),
            enable_server_cert_auth: c_int::from(tls.checks_chain),
            ssl_version: tls.version,
            verify: c_int::from(tls.checks_host),
            ca_path: self.keep(tls.ca_path.as_deref()),
            ssl_error_cb: tls.on_error.map(|(function, _)| function),
            ssl_error_context: tls.on_error.map_or(ptr::null_mut(), |(_, context)| context as *mut c_void),
            ssl_psk_cb: tls.on_psk.map(|(function, _)| function),
            ssl_psk_context: tls.on_psk.map_or(ptr::null_mut(), |(_, context)| context as *mut c_void),
            disable_default_trust_store: c_int::from(tls.only_given_trust),
            // The original's asynchronous API takes it for a text, whatever the length.
            protos: if tls.protocols.is_empty() { ptr::null() } else { self.protocols.as_ptr() },
            protos_len: self.protocols.len() as c_uint,
        }
    }

    fn set_http(&mut self, connect: &Connect) {
        self.options.http_proxy = self.keep(connect.http_proxy.as_deref());
        self.options.https_proxy = self.keep(connect.https_proxy.as_deref());
        if connect.headers.is_empty() {
            return;
        }
        for (name, value) in &connect.headers {
            let (name, value) = (self.keep(Some(name)), self.keep(Some(value)));
            self.headers.push(abi::NameValue { name, value });
        }
        self.headers.push(abi::NameValue { name: ptr::null(), value: ptr::null() });
        self.options.http_headers = self.headers.as_ptr().cast();
    }

    fn will_options(&mut self, will: &Will) -> abi::WillOptions {
        abi::WillOptions {
            struct_id: *b"MQTW",
            struct_version: 1,
            topic_name: self.keep(Some(&will.topic)),
            message: self.keep(Some(&will.message)),
            retained: will.retained,
            qos: will.qos,
            payload: abi::Binary { len: 0, data: ptr::null() },
        }
    }
}

fn initializer(connect: &Connect, five: bool) -> abi::ConnectOptions {
    abi::ConnectOptions {
        struct_id: *b"MQTC",
        struct_version: connect.struct_version,
        keep_alive_interval: connect.keep_alive,
        cleansession: c_int::from(connect.clean && !five),
        reliable: c_int::from(connect.reliable),
        will: ptr::null(),
        username: ptr::null(),
        password: ptr::null(),
        connect_timeout: connect.timeout,
        retry_interval: 0,
        ssl: ptr::null::<c_void>(),
        server_uri_count: 0,
        server_uris: ptr::null(),
        mqtt_version: connect.version,
        returned: abi::Returned { server_uri: ptr::null(), mqtt_version: 0, session_present: 0 },
        binarypwd: abi::Binary { len: 0, data: ptr::null() },
        max_inflight_messages: connect.maximum_in_flight,
        cleanstart: c_int::from(connect.clean && five),
        http_headers: ptr::null(),
        http_proxy: ptr::null(),
        https_proxy: ptr::null(),
    }
}
