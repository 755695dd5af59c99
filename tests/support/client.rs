//! The functions of the API on one handle, without the pointers.

use super::abi::{self, Handle, SubscribeOptions};
use super::library::library;
use super::message::{Delivered, free, text};
use super::options::{Connect, Raw};
use super::properties::{self, List, Property};
use std::ffi::{CString, c_char, c_int, c_ulong, c_void};
use std::ops::Deref;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::time::Duration;

/// A handle of the library. Clones name the same handle; `Owner` destroys it.
#[derive(Clone)]
pub(crate) struct Client {
    handle: Arc<AtomicPtr<c_void>>,
    /// Whether the handle is of MQTT 5, whose functions are others.
    five: Arc<AtomicBool>,
}

/// A client that is destroyed when this is dropped.
pub(crate) struct Owner(Client);

impl Deref for Owner {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The failure may be that the library hangs: the test must not hang with it.
            return;
        }
        if super::library::testing_the_original() {
            // The original does not survive the destruction of connected handles with callbacks.
            self.0.disconnect(0);
        }
        self.0.destroy();
    }
}

/// What connect gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connected {
    pub(crate) code: c_int,
    pub(crate) server: Option<String>,
    pub(crate) version: c_int,
    pub(crate) session_present: bool,
    pub(crate) properties: Vec<Property>,
    /// Whether connect5 gave a property list at all.
    pub(crate) has_list: bool,
}

/// What a function that returns MQTTResponse gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) code: c_int,
    pub(crate) count: c_int,
    /// None: no array.
    pub(crate) codes: Option<Vec<c_int>>,
    /// None: no list.
    pub(crate) properties: Option<Vec<Property>>,
}

impl Client {
    /// A handle for connections of this MQTT version, with an unused client identifier.
    #[allow(clippy::new_ret_no_self, reason = "whoever makes a handle owns it")]
    pub(crate) fn new(uri: &str, level: c_int) -> Owner {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Client::named(uri, &format!("test-{}-{number}", std::process::id()), level)
    }

    pub(crate) fn named(uri: &str, id: &str, level: c_int) -> Owner {
        let (code, client) = Client::create(uri, id, (level >= abi::V5).then_some(level));
        assert_eq!(code, 0, "create for {uri}");
        client
    }

    /// A handle created for this version (None: without create options).
    pub(crate) fn create(uri: &str, id: &str, version: Option<c_int>) -> (c_int, Owner) {
        Client::create_kept(uri, id, version, abi::PERSISTENCE_NONE, ptr::null_mut())
    }

    /// A handle whose messages are kept in files below a directory.
    pub(crate) fn create_in(uri: &str, id: &str, level: c_int, base: &Path) -> (c_int, Owner) {
        let version = (level >= abi::V5).then_some(level);
        let base = CString::new(base.as_os_str().as_bytes()).unwrap();
        let base = base.as_ptr().cast_mut().cast();
        Client::create_kept(uri, id, version, abi::PERSISTENCE_DEFAULT, base)
    }

    /// A handle whose messages are kept in this way.
    pub(crate) fn create_kept(
        uri: impl Into<Vec<u8>>,
        id: &str,
        version: Option<c_int>,
        kind: c_int,
        context: *mut c_void,
    ) -> (c_int, Owner) {
        let (uri, id) = (CString::new(uri).unwrap(), CString::new(id).unwrap());
        let mut handle: Handle = ptr::null_mut();
        let options = version.map(|mqtt_version| abi::CreateOptions {
            struct_id: *b"MQCO",
            struct_version: 0,
            mqtt_version,
        });
        let options = options.as_ref().map_or(ptr::null(), ptr::from_ref);
        let create = library().create_with_options;
        let (uri, id) = (uri.as_ptr(), id.as_ptr());
        // SAFETY: all pointers live through the call.
        let code = unsafe { create(&mut handle, uri, id, kind, context, options) };
        let five = Arc::new(AtomicBool::new(version.is_some_and(|version| version >= abi::V5)));
        (code, Owner(Client { handle: Arc::new(AtomicPtr::new(handle)), five }))
    }

    pub(crate) fn handle(&self) -> Handle {
        self.handle.load(Ordering::SeqCst)
    }

    fn is_five(&self) -> bool {
        self.five.load(Ordering::SeqCst)
    }

    /// Destroys the handle; later calls are made with NULL.
    pub(crate) fn destroy(&self) {
        let mut handle = self.handle.swap(ptr::null_mut(), Ordering::SeqCst);
        // SAFETY: the handle came from create and is destroyed once; NULL is allowed.
        unsafe { (library().destroy)(&mut handle) };
        assert!(handle.is_null(), "destroy clears the handle");
    }

    pub(crate) fn connect(&self, connect: &Connect) -> Connected {
        let mut raw = Raw::new(connect);
        self.five.store(connect.version >= abi::V5, Ordering::SeqCst);
        if connect.version >= abi::V5 { self.connect5(&mut raw) } else { self.connect3(&mut raw) }
    }

    fn connect3(&self, raw: &mut Raw) -> Connected {
        // SAFETY: `raw` owns all that the options point to.
        let code = unsafe { (library().connect)(self.handle(), &mut raw.options) };
        connected(code, raw, Vec::new(), false)
    }

    fn connect5(&self, raw: &mut Raw) -> Connected {
        let will = if raw.options.will.is_null() { ptr::null_mut() } else { raw.will_properties.pointer() };
        let list = raw.properties.pointer();
        // SAFETY: `raw` owns all that the options point to.
        let response = unsafe { (library().connect5)(self.handle(), &mut raw.options, list, will) };
        assert_eq!(response.version, 1);
        let has_list = !response.properties.is_null();
        let properties = properties::read(response.properties);
        free_response(response);
        connected(response.reason_code, raw, properties, has_list)
    }

    /// Connects and fails the test if that does not succeed.
    #[track_caller]
    pub(crate) fn connect_ok(&self, connect: &Connect) -> Connected {
        let connected = self.connect(connect);
        assert_eq!(connected.code, 0, "connect with {connect:?}");
        connected
    }

    pub(crate) fn disconnect(&self, timeout: c_int) -> c_int {
        // SAFETY: the library checks the handle.
        unsafe { (library().disconnect)(self.handle(), timeout) }
    }

    pub(crate) fn disconnect5(&self, timeout: c_int, reason: c_int, properties: &[Property]) -> c_int {
        let mut list = List::new(properties);
        let pointer = if properties.is_empty() { ptr::null_mut() } else { list.pointer() };
        // SAFETY: the list lives through the call.
        unsafe { (library().disconnect5)(self.handle(), timeout, reason, pointer) }
    }

    pub(crate) fn is_connected(&self) -> bool {
        // SAFETY: the library checks the handle.
        unsafe { (library().is_connected)(self.handle()) != 0 }
    }

    /// Publishes with the function for the handle's version; gives the code and the token, if one was stored.
    pub(crate) fn publish(&self, topic: &str, qos: c_int, payload: &[u8]) -> (c_int, Option<c_int>) {
        if self.is_five() {
            return self.publish5(topic, qos, payload, 0, &[]);
        }
        self.publish3(topic, qos, payload, 0)
    }

    pub(crate) fn publish3(
        &self,
        topic: &str,
        qos: c_int,
        payload: &[u8],
        retained: c_int,
    ) -> (c_int, Option<c_int>) {
        let topic = CString::new(topic).unwrap();
        let (length, data) = (payload.len() as c_int, payload.as_ptr().cast());
        let mut token = UNTOUCHED;
        let (publish, handle, topic) = (library().publish, self.handle(), topic.as_ptr());
        // SAFETY: topic, payload and token live through the call.
        let code = unsafe { publish(handle, topic, length, data, qos, retained, &mut token) };
        (code, (token != UNTOUCHED).then_some(token))
    }

    pub(crate) fn publish5(
        &self,
        topic: &str,
        qos: c_int,
        payload: &[u8],
        retained: c_int,
        properties: &[Property],
    ) -> (c_int, Option<c_int>) {
        let topic = CString::new(topic).unwrap();
        let (length, data) = (payload.len() as c_int, payload.as_ptr().cast());
        let mut list = List::new(properties);
        let list = list.pointer();
        let mut token = UNTOUCHED;
        let (publish, handle, topic) = (library().publish5, self.handle(), topic.as_ptr());
        // SAFETY: topic, payload, list and token live through the call.
        let response = unsafe { publish(handle, topic, length, data, qos, retained, list, &mut token) };
        (response.reason_code, (token != UNTOUCHED).then_some(token))
    }

    /// Publishes and fails the test if that does not succeed; gives the token (0 for QoS 0).
    #[track_caller]
    pub(crate) fn publish_ok(&self, topic: &str, qos: c_int, payload: &[u8]) -> c_int {
        let (code, token) = self.publish(topic, qos, payload);
        assert_eq!(code, 0, "publish with QoS {qos}");
        assert_eq!(token.is_some(), qos > 0, "a token exactly for QoS 1 and 2");
        token.unwrap_or(0)
    }

    /// publishMessage or publishMessage5.
    pub(crate) fn publish_message(&self, topic: &str, message: &mut abi::Message) -> (c_int, Option<c_int>) {
        let topic = CString::new(topic).unwrap();
        let (handle, topic) = (self.handle(), topic.as_ptr());
        let mut token = UNTOUCHED;
        let code = if self.is_five() {
            // SAFETY: topic, message and token live through the call.
            unsafe { (library().publish_message5)(handle, topic, message, &mut token) }.reason_code
        } else {
            // SAFETY: as above.
            unsafe { (library().publish_message)(handle, topic, message, &mut token) }
        };
        (code, (token != UNTOUCHED).then_some(token))
    }

    pub(crate) fn wait(&self, token: c_int, limit: Duration) -> c_int {
        let milliseconds = limit.as_millis() as c_ulong;
        // SAFETY: the library checks the handle.
        unsafe { (library().wait_for_completion)(self.handle(), token, milliseconds) }
    }

    /// The code of getPendingDeliveryTokens and the tokens, None for a NULL list.
    pub(crate) fn pending_tokens(&self) -> (c_int, Option<Vec<c_int>>) {
        let mut tokens: *mut c_int = ptr::null_mut();
        // SAFETY: the pointer lives through the call.
        let code = unsafe { (library().pending_tokens)(self.handle(), &mut tokens) };
        if tokens.is_null() {
            return (code, None);
        }
        let mut list = Vec::new();
        loop {
            // SAFETY: the array ends with -1, which has not been read yet.
            let place = unsafe { tokens.add(list.len()) };
            // SAFETY: as above.
            match unsafe { *place } {
                -1 => break,
                token => list.push(token),
            }
        }
        free(tokens.cast());
        (code, Some(list))
    }

    /// The pending tokens; fails the test if they cannot be had.
    #[track_caller]
    pub(crate) fn pending(&self) -> Vec<c_int> {
        let (code, tokens) = self.pending_tokens();
        assert_eq!(code, 0, "getPendingDeliveryTokens");
        tokens.unwrap_or_default()
    }

    pub(crate) fn subscribe3(&self, filter: &str, qos: c_int) -> c_int {
        let filter = CString::new(filter).unwrap();
        // SAFETY: the filter lives through the call.
        unsafe { (library().subscribe)(self.handle(), filter.as_ptr(), qos) }
    }

    pub(crate) fn subscribe5(
        &self,
        filter: &str,
        qos: c_int,
        options: Option<SubscribeOptions>,
        properties: &[Property],
    ) -> Answer {
        let filter = CString::new(filter).unwrap();
        let mut list = List::new(properties);
        let options = options.as_ref().map_or(ptr::null(), ptr::from_ref);
        let (subscribe, handle, filter) = (library().subscribe5, self.handle(), filter.as_ptr());
        // SAFETY: filter, options and list live through the call.
        answer(unsafe { subscribe(handle, filter, qos, options, list.pointer()) })
    }

    /// Subscribes with the function for the handle's version and gives its code.
    pub(crate) fn subscribe(&self, filter: &str, qos: c_int) -> c_int {
        if self.is_five() {
            return self.subscribe5(filter, qos, None, &[]).code;
        }
        self.subscribe3(filter, qos)
    }

    /// Subscribes and fails the test if it is not granted.
    #[track_caller]
    pub(crate) fn subscribe_ok(&self, filter: &str, qos: c_int) {
        let expected = if self.is_five() { qos } else { 0 };
        assert_eq!(self.subscribe(filter, qos), expected, "subscribe to {filter}");
    }

    pub(crate) fn subscribe_many3(&self, filters: &[&str], qos: &mut [c_int]) -> c_int {
        let (_owned, filters) = strings(filters);
        let (subscribe, count) = (library().subscribe_many, filters.len() as c_int);
        // SAFETY: both arrays have that many elements and live through the call.
        unsafe { subscribe(self.handle(), count, filters.as_ptr(), qos.as_mut_ptr()) }
    }

    pub(crate) fn subscribe_many5(
        &self,
        filters: &[&str],
        qos: &mut [c_int],
        options: Option<&[SubscribeOptions]>,
        properties: &[Property],
    ) -> Answer {
        let (_owned, filters) = strings(filters);
        let mut list = List::new(properties);
        let list = list.pointer();
        let options = options.map_or(ptr::null(), <[_]>::as_ptr);
        let (subscribe, handle, count) = (library().subscribe_many5, self.handle(), filters.len() as c_int);
        let (filters, qos) = (filters.as_ptr(), qos.as_mut_ptr());
        // SAFETY: the arrays have that many elements and live through the call.
        answer(unsafe { subscribe(handle, count, filters, qos, options, list) })
    }

    pub(crate) fn unsubscribe(&self, filter: &str) -> c_int {
        let filter = CString::new(filter).unwrap();
        // SAFETY: the filter lives through the call.
        unsafe { (library().unsubscribe)(self.handle(), filter.as_ptr()) }
    }

    pub(crate) fn unsubscribe5(&self, filter: &str, properties: &[Property]) -> Answer {
        let filter = CString::new(filter).unwrap();
        let mut list = List::new(properties);
        // SAFETY: filter and list live through the call.
        answer(unsafe { (library().unsubscribe5)(self.handle(), filter.as_ptr(), list.pointer()) })
    }

    pub(crate) fn unsubscribe_many(&self, filters: &[&str]) -> c_int {
        let (_owned, filters) = strings(filters);
        let count = filters.len() as c_int;
        // SAFETY: the array has that many elements and lives through the call.
        unsafe { (library().unsubscribe_many)(self.handle(), count, filters.as_ptr()) }
    }

    pub(crate) fn unsubscribe_many5(&self, filters: &[&str], properties: &[Property]) -> Answer {
        let (_owned, filters) = strings(filters);
        let mut list = List::new(properties);
        let (unsubscribe, count) = (library().unsubscribe_many5, filters.len() as c_int);
        // SAFETY: array and list live through the call.
        answer(unsafe { unsubscribe(self.handle(), count, filters.as_ptr(), list.pointer()) })
    }

    /// The code of receive and the message, if there was one; the message is freed.
    pub(crate) fn receive(&self, limit: Duration) -> (c_int, Option<Delivered>) {
        let (code, delivered) = self.receive_and_keep(limit);
        delivered.iter().for_each(Delivered::free);
        (code, delivered)
    }

    /// The same without freeing the message.
    pub(crate) fn receive_and_keep(&self, limit: Duration) -> (c_int, Option<Delivered>) {
        let (mut topic, mut length): (*mut c_char, c_int) = (ptr::null_mut(), 0);
        let mut message: *mut abi::Message = ptr::null_mut();
        let (receive, milliseconds) = (library().receive, limit.as_millis() as c_ulong);
        // SAFETY: the pointers live through the call.
        let code = unsafe { receive(self.handle(), &mut topic, &mut length, &mut message, milliseconds) };
        if message.is_null() {
            return (code, None);
        }
        let mut delivered = Delivered::read(topic, length, message);
        delivered.topic_length = length;
        (code, Some(delivered))
    }

    /// The next message; fails the test if none comes.
    #[track_caller]
    pub(crate) fn receive_ok(&self) -> Delivered {
        let (code, message) = self.receive(super::wait::LIMIT);
        assert_eq!(code, 0, "receive");
        message.expect("a message within the time limit")
    }

    pub(crate) fn set_command_timeout(&self, limit: Duration) -> c_int {
        // SAFETY: the library checks the handle.
        unsafe { (library().set_command_timeout)(self.handle(), limit.as_millis() as c_ulong) }
    }
}

/// A token that no publish gives.
const UNTOUCHED: c_int = -77;

fn connected(code: c_int, raw: &Raw, properties: Vec<Property>, has_list: bool) -> Connected {
    let returned = raw.options.returned;
    Connected {
        code,
        server: text(returned.server_uri),
        version: returned.mqtt_version,
        session_present: returned.session_present != 0,
        properties,
        has_list,
    }
}

fn answer(response: abi::Response) -> Answer {
    assert_eq!(response.version, 1);
    let codes = (!response.reason_codes.is_null()).then(|| {
        // SAFETY: the array has as many elements as the count says.
        unsafe { std::slice::from_raw_parts(response.reason_codes, response.reason_code_count as usize) }
            .to_vec()
    });
    let properties = (!response.properties.is_null()).then(|| properties::read(response.properties));
    let (code, count) = (response.reason_code, response.reason_code_count);
    free_response(response);
    Answer { code, count, codes, properties }
}

fn free_response(response: abi::Response) {
    // SAFETY: each response is freed once.
    unsafe { (library().response_free)(response) };
}

fn strings(texts: &[&str]) -> (Vec<CString>, Vec<*const c_char>) {
    let owned: Vec<CString> = texts.iter().map(|text| CString::new(*text).unwrap()).collect();
    let pointers = owned.iter().map(|text| text.as_ptr()).collect();
    (owned, pointers)
}
