//! Connect options in words, and their C form.

use super::abi::{self, V5};
use super::properties::{List, Property};
use std::ffi::{CString, c_char, c_int, c_void};
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
        });
        raw.options.username = raw.keep(connect.user.as_deref());
        raw.options.password = raw.keep(connect.password.as_deref());
        for uri in &connect.servers {
            let uri = raw.keep(Some(uri));
            raw.uris.push(uri);
        }
        raw.options.server_uri_count = connect.servers.len() as c_int;
        raw.options.server_uris = if raw.uris.is_empty() { ptr::null() } else { raw.uris.as_ptr() };
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
