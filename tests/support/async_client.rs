//! Connecting and disconnecting with the asynchronous API of the library under test, as a C program does it.

use super::abi::{Binary, Handle, V5};
use super::library::library_path;
use super::message::text;
use super::options::{Connect, Raw};
use super::wait::next;
use std::ffi::{CString, c_char, c_int, c_void};
use std::path::Path;
use std::ptr;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};

/// What a request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Done,
    Failed { code: c_int, message: Option<String> },
}

impl Ending {
    /// 0, or the code of the failure.
    pub(crate) fn code(&self) -> c_int {
        match self {
            Ending::Done => 0,
            Ending::Failed { code, .. } => *code,
        }
    }

    pub(crate) fn message(&self) -> &str {
        match self {
            Ending::Failed { message: Some(message), .. } => message,
            _ => "",
        }
    }
}

type OnSuccess = unsafe extern "C" fn(*mut c_void, *mut c_void);
type OnFailure = unsafe extern "C" fn(*mut c_void, *mut FailureData);

/// The head of the failure data of MQTT 3.
#[repr(C)]
struct FailureData {
    token: c_int,
    code: c_int,
    message: *const c_char,
}

#[repr(C)]
struct ConnectOptions {
    struct_id: [u8; 4],
    struct_version: c_int,
    keep_alive_interval: c_int,
    cleansession: c_int,
    max_inflight: c_int,
    will: *const c_void,
    username: *const c_char,
    password: *const c_char,
    connect_timeout: c_int,
    retry_interval: c_int,
    ssl: *const c_void,
    on_success: Option<OnSuccess>,
    on_failure: Option<OnFailure>,
    context: *mut c_void,
    server_uri_count: c_int,
    server_uris: *const *const c_char,
    mqtt_version: c_int,
    automatic_reconnect: c_int,
    min_retry_interval: c_int,
    max_retry_interval: c_int,
    binarypwd: Binary,
    cleanstart: c_int,
    connect_properties: *mut c_void,
    will_properties: *mut c_void,
    on_success5: Option<OnSuccess>,
    on_failure5: Option<OnFailure>,
    http_headers: *const c_void,
    http_proxy: *const c_char,
    https_proxy: *const c_char,
}

/// Version 0, without properties.
#[repr(C)]
struct DisconnectOptions {
    struct_id: [u8; 4],
    struct_version: c_int,
    timeout: c_int,
    on_success: Option<OnSuccess>,
    on_failure: Option<OnFailure>,
    context: *mut c_void,
}

const _: () = assert!(size_of::<ConnectOptions>() == 200);

struct Library {
    create: unsafe extern "C" fn(*mut Handle, *const c_char, *const c_char, c_int, *mut c_void) -> c_int,
    connect: unsafe extern "C" fn(Handle, *const ConnectOptions) -> c_int,
    disconnect: unsafe extern "C" fn(Handle, *const DisconnectOptions) -> c_int,
    destroy: unsafe extern "C" fn(*mut Handle),
    _file: libloading::Library,
}

fn library() -> &'static Library {
    static LOADED: OnceLock<Library> = OnceLock::new();
    LOADED.get_or_init(|| load(&library_path()))
}

fn load(path: &Path) -> Library {
    // SAFETY: the library's start-up code is that of an ordinary C library.
    let file = unsafe { libloading::Library::new(path) }.unwrap();
    Library {
        create: symbol(&file, "MQTTAsync_create"),
        connect: symbol(&file, "MQTTAsync_connect"),
        disconnect: symbol(&file, "MQTTAsync_disconnect"),
        destroy: symbol(&file, "MQTTAsync_destroy"),
        _file: file,
    }
}

fn symbol<F: Copy>(file: &libloading::Library, name: &str) -> F {
    // SAFETY: F is the function type that the API documents for this name.
    *unsafe { file.get::<F>(name.as_bytes()) }.unwrap()
}

unsafe extern "C" fn succeeded(context: *mut c_void, _: *mut c_void) {
    // SAFETY: the context is a sender that lives as long as the client.
    let endings = unsafe { &*context.cast::<Sender<Ending>>() };
    let _ = endings.send(Ending::Done);
}

unsafe extern "C" fn failed(context: *mut c_void, data: *mut FailureData) {
    // SAFETY: the context is a sender that lives as long as the client.
    let endings = unsafe { &*context.cast::<Sender<Ending>>() };
    // SAFETY: the library gives the data of a failure.
    let data = unsafe { &*data };
    let _ = endings.send(Ending::Failed { code: data.code, message: text(data.message) });
}

/// A handle of MQTT 3; destroyed when dropped.
pub(crate) struct AsyncClient {
    handle: Handle,
    context: *mut Sender<Ending>,
    endings: Receiver<Ending>,
}

impl AsyncClient {
    pub(crate) fn new(uri: &str) -> AsyncClient {
        let (uri, mut handle) = (CString::new(uri).unwrap(), ptr::null_mut());
        let id = CString::new(format!("async-{}-{:p}", std::process::id(), &raw const handle)).unwrap();
        let no_store = super::abi::PERSISTENCE_NONE;
        let (create, null) = (library().create, ptr::null_mut());
        // SAFETY: the texts live through the call.
        let code = unsafe { create(&raw mut handle, uri.as_ptr(), id.as_ptr(), no_store, null) };
        assert_eq!(code, 0, "create");
        let (sender, endings) = channel();
        AsyncClient { handle, context: Box::into_raw(Box::new(sender)), endings }
    }

    fn context(&self) -> *mut c_void {
        self.context.cast()
    }

    /// Asks for a connection; the code of the call itself.
    pub(crate) fn begin(&self, connect: &Connect) -> c_int {
        assert_ne!(connect.version, V5);
        let raw = Raw::new(connect);
        let options = ConnectOptions {
            struct_id: *b"MQTC",
            struct_version: connect.struct_version,
            keep_alive_interval: connect.keep_alive,
            cleansession: c_int::from(connect.clean),
            max_inflight: 10,
            will: ptr::null(),
            username: raw.options.username,
            password: raw.options.password,
            connect_timeout: connect.timeout,
            retry_interval: 0,
            ssl: raw.options.ssl,
            on_success: Some(succeeded),
            on_failure: Some(failed),
            context: self.context(),
            server_uri_count: raw.options.server_uri_count,
            server_uris: raw.options.server_uris,
            mqtt_version: connect.version,
            automatic_reconnect: 0,
            min_retry_interval: 1,
            max_retry_interval: 60,
            binarypwd: Binary { len: 0, data: ptr::null() },
            cleanstart: 0,
            connect_properties: ptr::null_mut(),
            will_properties: ptr::null_mut(),
            on_success5: None,
            on_failure5: None,
            http_headers: raw.options.http_headers,
            http_proxy: raw.options.http_proxy,
            https_proxy: raw.options.https_proxy,
        };
        // SAFETY: the options and all they point to live through the call.
        unsafe { (library().connect)(self.handle, &raw const options) }
    }

    /// What the next request came to.
    #[track_caller]
    pub(crate) fn ending(&self) -> Ending {
        next(&self.endings, "the result of a request")
    }

    /// Connects and waits for the result.
    #[track_caller]
    pub(crate) fn connect(&self, connect: &Connect) -> Ending {
        assert_eq!(self.begin(connect), 0);
        self.ending()
    }

    /// Asks for the end of the connection; the code of the call itself. With 0 the result is still to come.
    pub(crate) fn disconnect(&self) -> c_int {
        let options = DisconnectOptions {
            struct_id: *b"MQTD",
            struct_version: 0,
            timeout: 0,
            on_success: Some(succeeded),
            on_failure: Some(failed),
            context: self.context(),
        };
        // SAFETY: the options live through the call.
        unsafe { (library().disconnect)(self.handle, &raw const options) }
    }

    pub(crate) fn destroy(&mut self) {
        // SAFETY: the library checks the handle.
        unsafe { (library().destroy)(&raw mut self.handle) };
    }
}

impl Drop for AsyncClient {
    fn drop(&mut self) {
        // A test that fails because the library hangs must not hang with it.
        if !std::thread::panicking() {
            self.destroy();
            // SAFETY: no callback of a destroyed client comes any more.
            drop(unsafe { Box::from_raw(self.context) });
        }
    }
}

// SAFETY: the library's handles may be used from any thread.
unsafe impl Send for AsyncClient {}
