//! The library under test, loaded at run time, and its functions as a C program would call them.
//!
//! `PAHO_C_RS_LIBRARY` names another library to test (Debian's original, for instance); without it the shared
//! library is taken that cargo built, as a dependency of the test program, beside the test program.

use super::abi::*;
use std::env;
use std::ffi::{c_char, c_int, c_ulong, c_void};
use std::path::PathBuf;
use std::sync::OnceLock;

/// What Debian calls the processor that the tests are compiled for.
pub(crate) const MULTIARCH: &str = if cfg!(target_arch = "x86") {
    "i386-linux-gnu"
} else if cfg!(target_arch = "arm") {
    "arm-linux-gnueabihf"
} else if cfg!(target_arch = "aarch64") {
    "aarch64-linux-gnu"
} else if cfg!(target_arch = "riscv64") {
    "riscv64-linux-gnu"
} else if cfg!(target_arch = "s390x") {
    "s390x-linux-gnu"
} else if cfg!(target_arch = "powerpc64") {
    "powerpc64le-linux-gnu"
} else {
    "x86_64-linux-gnu"
};

/// Where Debian installs a library.
pub(crate) fn debian_library(name: &str) -> PathBuf {
    PathBuf::from("/usr/lib").join(MULTIARCH).join(name)
}

/// The library that is being re-made, where it is installed.
pub(crate) fn original() -> PathBuf {
    debian_library("libpaho-mqtt3c.so.1")
}

/// The shared library under test.
pub(crate) fn library_path() -> PathBuf {
    if let Some(path) = env::var_os("PAHO_C_RS_LIBRARY") {
        return PathBuf::from(path);
    }
    let program = env::current_exe().expect("the path of the test program");
    program.with_file_name("libpaho_c_rs.so")
}

/// Whether the library under test is an original: those have one name for each of the thread helpers, ours both. A few
/// tests look at what differs on purpose.
pub(crate) fn testing_the_original() -> bool {
    static ORIGINAL: OnceLock<bool> = OnceLock::new();
    *ORIGINAL.get_or_init(|| !(exports("Thread_start") && exports("Paho_thread_start")))
}

/// Whether the library under test knows TLS: another one if it has the name of a flavour that does.
pub(crate) fn has_tls() -> bool {
    let name = library_path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let flavour = name.strip_prefix("libpaho-mqtt3").and_then(|rest| rest.split('.').next());
    flavour.map_or(cfg!(feature = "tls"), |flavour| flavour.ends_with('s'))
}

/// The library under test, loaded once for each process.
fn file() -> &'static libloading::Library {
    static LOADED: OnceLock<libloading::Library> = OnceLock::new();
    LOADED.get_or_init(|| {
        let path = library_path();
        // SAFETY: the library's start-up code is that of an ordinary C library.
        let file = unsafe { libloading::Library::new(&path) };
        file.unwrap_or_else(|error| panic!("{} does not load: {error}", path.display()))
    })
}

/// Whether the library under test exports this name.
pub(crate) fn exports(name: &str) -> bool {
    // SAFETY: the symbol is looked up, not used.
    unsafe { file().get::<*const c_void>(name.as_bytes()) }.is_ok()
}

/// A function of the library under test.
pub(crate) fn symbol<F: Copy>(name: &str) -> F {
    // SAFETY: F is the function type that the API documents for this name.
    let found = unsafe { file().get::<F>(name.as_bytes()) };
    *found.unwrap_or_else(|error| panic!("{name} is missing: {error}"))
}

/// The functions of the synchronous API.
pub(crate) fn library() -> &'static Library {
    static LOADED: OnceLock<Library> = OnceLock::new();
    LOADED.get_or_init(Library::resolve)
}

macro_rules! functions {
    ($($field:ident = $symbol:literal ($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions of the synchronous API, under their names without prefix.
        pub(crate) struct Library {
            $(pub(crate) $field: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
        }

        impl Library {
            fn resolve() -> Library {
                Library { $($field: symbol($symbol),)* }
            }
        }
    };
}

functions! {
    create = "MQTTClient_create" (*mut Handle, *const c_char, *const c_char, c_int, *mut c_void) -> c_int;
    create_with_options = "MQTTClient_createWithOptions"
        (*mut Handle, *const c_char, *const c_char, c_int, *mut c_void, *const CreateOptions) -> c_int;
    destroy = "MQTTClient_destroy" (*mut Handle);
    set_callbacks = "MQTTClient_setCallbacks"
        (Handle, *mut c_void, Option<ConnectionLost>, Option<MessageArrived>, Option<DeliveryComplete>) -> c_int;
    set_disconnected = "MQTTClient_setDisconnected" (Handle, *mut c_void, Option<Disconnected>) -> c_int;
    set_published = "MQTTClient_setPublished" (Handle, *mut c_void, Option<Published>) -> c_int;
    connect = "MQTTClient_connect" (Handle, *mut ConnectOptions) -> c_int;
    connect5 = "MQTTClient_connect5"
        (Handle, *mut ConnectOptions, *mut Properties, *mut Properties) -> Response;
    disconnect = "MQTTClient_disconnect" (Handle, c_int) -> c_int;
    disconnect5 = "MQTTClient_disconnect5" (Handle, c_int, c_int, *mut Properties) -> c_int;
    is_connected = "MQTTClient_isConnected" (Handle) -> c_int;
    subscribe = "MQTTClient_subscribe" (Handle, *const c_char, c_int) -> c_int;
    subscribe5 = "MQTTClient_subscribe5"
        (Handle, *const c_char, c_int, *const SubscribeOptions, *mut Properties) -> Response;
    subscribe_many = "MQTTClient_subscribeMany" (Handle, c_int, *const *const c_char, *mut c_int) -> c_int;
    subscribe_many5 = "MQTTClient_subscribeMany5"
        (Handle, c_int, *const *const c_char, *mut c_int, *const SubscribeOptions, *mut Properties) -> Response;
    unsubscribe = "MQTTClient_unsubscribe" (Handle, *const c_char) -> c_int;
    unsubscribe5 = "MQTTClient_unsubscribe5" (Handle, *const c_char, *mut Properties) -> Response;
    unsubscribe_many = "MQTTClient_unsubscribeMany" (Handle, c_int, *const *const c_char) -> c_int;
    unsubscribe_many5 = "MQTTClient_unsubscribeMany5"
        (Handle, c_int, *const *const c_char, *mut Properties) -> Response;
    publish = "MQTTClient_publish"
        (Handle, *const c_char, c_int, *const c_void, c_int, c_int, *mut c_int) -> c_int;
    publish5 = "MQTTClient_publish5"
        (Handle, *const c_char, c_int, *const c_void, c_int, c_int, *mut Properties, *mut c_int) -> Response;
    publish_message = "MQTTClient_publishMessage" (Handle, *const c_char, *mut Message, *mut c_int) -> c_int;
    publish_message5 = "MQTTClient_publishMessage5"
        (Handle, *const c_char, *mut Message, *mut c_int) -> Response;
    wait_for_completion = "MQTTClient_waitForCompletion" (Handle, c_int, c_ulong) -> c_int;
    pending_tokens = "MQTTClient_getPendingDeliveryTokens" (Handle, *mut *mut c_int) -> c_int;
    yield_now = "MQTTClient_yield" ();
    receive = "MQTTClient_receive"
        (Handle, *mut *mut c_char, *mut c_int, *mut *mut Message, c_ulong) -> c_int;
    free_message = "MQTTClient_freeMessage" (*mut *mut Message);
    free = "MQTTClient_free" (*mut c_void);
    set_command_timeout = "MQTTClient_setCommandTimeout" (Handle, c_ulong) -> c_int;
    strerror = "MQTTClient_strerror" (c_int) -> *const c_char;
    version_info = "MQTTClient_getVersionInfo" () -> *const NameValue;
    set_trace_level = "MQTTClient_setTraceLevel" (c_int);
    set_trace_callback = "MQTTClient_setTraceCallback" (Option<TraceCallback>);
    response_free = "MQTTResponse_free" (Response);
    properties_add = "MQTTProperties_add" (*mut Properties, *const Property) -> c_int;
    properties_free = "MQTTProperties_free" (*mut Properties);
    properties_copy = "MQTTProperties_copy" (*const Properties) -> Properties;
    properties_has = "MQTTProperties_hasProperty" (*mut Properties, c_int) -> c_int;
    properties_count = "MQTTProperties_propertyCount" (*mut Properties, c_int) -> c_int;
    property_name = "MQTTPropertyName" (c_int) -> *const c_char;
    property_type = "MQTTProperty_getType" (c_int) -> c_int;
    reason_text = "MQTTReasonCode_toString" (c_int) -> *const c_char;
    heap_info = "Heap_get_info" () -> *const HeapInfo;
}
