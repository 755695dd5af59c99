//! What the library says about itself and its codes, beside the original where that is installed.

use crate::async_support::handle::*;
use crate::async_support::teller::text;
use crate::support::c_interface::*;
use crate::support::library::has_tls;
use std::ffi::{CStr, c_char, c_int};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn codes_have_the_texts_of_the_original() {
    let library = unsafe { libc::dlopen(c"libpaho-mqtt3a.so.1".as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
    if library.is_null() {
        return;
    }
    let address = unsafe { libc::dlsym(library, c"MQTTAsync_strerror".as_ptr()) };
    assert!(!address.is_null());
    let original: unsafe extern "C" fn(c_int) -> *const c_char = unsafe { std::mem::transmute(address) };
    // From 1 on they are those of servers, of which only this library has texts.
    for code in -120..=0 {
        assert_eq!(text(MQTTAsync_strerror(code)), text(unsafe { original(code) }), "{code}");
    }
}

#[test]
fn codes_that_servers_send_have_texts() {
    assert_eq!(text(MQTTAsync_strerror(5)), "Connection refused: not authorized");
    assert_eq!(text(MQTTAsync_strerror(0x97)), "Quota exceeded");
    assert_eq!(text(MQTTAsync_strerror(200)), "Unknown error code 200");
}

#[test]
fn unknown_codes_are_told_in_full_and_for_each_thread() {
    let here = MQTTAsync_strerror(c_int::MIN);
    let there = std::thread::spawn(|| text(MQTTAsync_strerror(-99))).join().unwrap();
    assert_eq!(there, "Unknown error code -99");
    assert_eq!(unsafe { CStr::from_ptr(here) }, c"Unknown error code -2147483648");
}

#[test]
fn version_information_ends_with_null() {
    let info = MQTTAsync_getVersionInfo();
    assert_eq!(info, MQTTAsync_getVersionInfo());
    // The libraries with TLS say five things about OpenSSL.
    let entries = if has_tls() { 8 } else { 3 };
    let entry = |index| unsafe { info.add(index).read() };
    let pairs: Vec<(String, String)> =
        (0..=entries).map(|index| (text(entry(index).name), text(entry(index).value))).collect();
    let product = "Eclipse Paho Asynchronous MQTT C Client Library";
    assert_eq!(pairs[0], ("Product name".into(), product.into()));
    assert_eq!(pairs[1], ("Version".into(), "1.3.15".into()));
    assert_eq!(pairs[2].0, "Build level");
    assert_eq!(pairs[entries], ("NULL".into(), "NULL".into()));
}

static WAITING_SEEN: AtomicBool = AtomicBool::new(false);

unsafe extern "C" fn look_for_waiting(_: MQTTASYNC_TRACE_LEVELS, line: *mut c_char) {
    if text(line).contains("Blocking on server receive maximum for client capi-async") {
        WAITING_SEEN.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_message_that_waits_for_the_window_says_so() {
    let server = Server::start(Script { silent: true, ..Script::default() });
    let handle = Handle::with(&server.uri, &buffer_options(4, 10));
    MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_MINIMUM);
    unsafe { MQTTAsync_setTraceCallback(Some(look_for_waiting)) };
    let options = MQTTAsync_connectOptions { maxInflight: 1, ..connect_options(4) };
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
    let send = || unsafe { MQTTAsync_send(handle.0, c"t".as_ptr(), 0, ptr::null(), 1, 0, ptr::null_mut()) };
    assert_eq!([send(), send()], [0, 0]);
    while !WAITING_SEEN.load(Ordering::SeqCst) {
        std::thread::yield_now();
    }
}
