//! The same calls to this library and to the original, where it is installed: equal answers.

use crate::handle::NO_PROPERTIES;
use crate::property_functions::{number, pair, text};
use crate::support::c_interface::*;
use crate::support::library::has_tls;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

type Code = unsafe extern "C" fn(c_int) -> *const c_char;
type Type = unsafe extern "C" fn(c_int) -> c_int;
type Add = unsafe extern "C" fn(*mut MQTTProperties, *const MQTTProperty) -> c_int;
type Free = unsafe extern "C" fn(*mut MQTTProperties);
type Copy = unsafe extern "C" fn(*const MQTTProperties) -> MQTTProperties;
type Count = unsafe extern "C" fn(*const MQTTProperties, c_int) -> c_int;
type Numeric = unsafe extern "C" fn(*const MQTTProperties, c_int, c_int) -> i64;
type Find = unsafe extern "C" fn(*const MQTTProperties, c_int, c_int) -> *mut MQTTProperty;
type Create =
    unsafe extern "C" fn(*mut *mut c_void, *const c_char, *const c_char, c_int, *mut c_void) -> c_int;

/// The original library.
struct Original(*mut c_void);

impl Original {
    /// `None` where it is not installed: then there is nothing to compare with.
    fn load() -> Option<Original> {
        let name = c"libpaho-mqtt3c.so.1".as_ptr();
        let library = unsafe { libc::dlopen(name, libc::RTLD_NOW | libc::RTLD_LOCAL) };
        (!library.is_null()).then_some(Original(library))
    }

    /// A function by its name. `T` must be its type.
    unsafe fn function<T>(&self, name: &CStr) -> T {
        let address = unsafe { libc::dlsym(self.0, name.as_ptr()) };
        assert!(!address.is_null(), "{name:?}");
        unsafe { std::mem::transmute_copy(&address) }
    }
}

fn string(text: *const c_char) -> Option<String> {
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned())
}

#[test]
fn texts_and_types() {
    let Some(original) = Original::load() else { return };
    unsafe {
        let error: Code = original.function(c"MQTTClient_strerror");
        let reason: Code = original.function(c"MQTTReasonCode_toString");
        let name: Code = original.function(c"MQTTPropertyName");
        let kind: Type = original.function(c"MQTTProperty_getType");
        for code in -120..300 {
            assert_eq!(string(MQTTReasonCode_toString(code)), string(reason(code)), "{code}");
            if !is_known_here(code) {
                assert_eq!(string(MQTTClient_strerror(code)), string(error(code)), "{code}");
            }
            assert_eq!(MQTTProperty_getType(code), kind(code), "{code}");
            // The older of the two versions of the original misspells the name of 18.
            let original = string(name(code)).map(|name| name.replace("IDENTIFER", "IDENTIFIER"));
            assert_eq!(string(MQTTPropertyName(code)), original, "{code}");
        }
    }
}

/// Codes that have a text here, and none in the original: of a store, and those that servers send.
fn is_known_here(code: c_int) -> bool {
    matches!(code, -2 | 1..=5) || !MQTTReasonCode_toString(code).is_null() && code > 5
}

#[test]
fn codes_that_servers_send_have_texts() {
    for (code, text) in [
        (-2, "Persistence error"),
        (1, "Connection refused: unacceptable protocol version"),
        (2, "Connection refused: identifier rejected"),
        (3, "Connection refused: server unavailable"),
        (4, "Connection refused: bad user name or password"),
        (5, "Connection refused: not authorized"),
        (17, "No subscription found"),
        (142, "Session taken over"),
        (162, "Wildcard Subscriptions not supported"),
        (6, "Unknown error code 6"),
        (127, "Unknown error code 127"),
    ] {
        assert_eq!(string(MQTTClient_strerror(code)).unwrap(), text);
    }
}

fn samples() -> Vec<MQTTProperty> {
    let mut samples = vec![
        number(1, 1),
        number(2, 3_000_000_000),
        text(3, b"text/plain"),
        text(3, b""),
        text(9, b"\0\xff\x01"),
        number(19, 65_535),
        pair(38, b"name", b"value"),
        pair(38, b"", b""),
        number(34, 7),
        number(99, 1),
        number(2, 5),
    ];
    samples.extend(
        [0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455].map(|value| number(11, value)),
    );
    samples
}

fn shown(list: &MQTTProperties) -> (c_int, c_int, c_int) {
    (list.count, list.max_count, list.length)
}

fn contents(entry: *const MQTTProperty) -> Option<(c_int, u32, Vec<u8>, Vec<u8>)> {
    let entry = unsafe { entry.as_ref() }?;
    let bytes = |string: MQTTLenString| unsafe {
        std::slice::from_raw_parts(string.data.cast::<u8>(), string.len as usize).to_vec()
    };
    Some(unsafe {
        match MQTTProperty_getType(entry.identifier) {
            0 => (entry.identifier, entry.value.byte.into(), Vec::new(), Vec::new()),
            1 => (entry.identifier, entry.value.integer2.into(), Vec::new(), Vec::new()),
            2 | 3 => (entry.identifier, entry.value.integer4, Vec::new(), Vec::new()),
            4 | 5 => (entry.identifier, 0, bytes(entry.value.texts.data), Vec::new()),
            _ => (entry.identifier, 0, bytes(entry.value.texts.data), bytes(entry.value.texts.value)),
        }
    })
}

#[test]
fn property_lists() {
    let Some(original) = Original::load() else { return };
    unsafe {
        let create: Create = original.function(c"MQTTClient_create");
        let add: Add = original.function(c"MQTTProperties_add");
        let free: Free = original.function(c"MQTTProperties_free");
        let copy: Copy = original.function(c"MQTTProperties_copy");
        let count: Count = original.function(c"MQTTProperties_propertyCount");
        let has: Count = original.function(c"MQTTProperties_hasProperty");
        let numeric: Numeric = original.function(c"MQTTProperties_getNumericValueAt");
        let find: Find = original.function(c"MQTTProperties_getPropertyAt");
        // Its lists grow only after a first create.
        let mut client = ptr::null_mut();
        assert_eq!(create(&raw mut client, c"tcp://h".as_ptr(), c"id".as_ptr(), 1, ptr::null_mut()), 0);
        let (mut ours, mut theirs) = (NO_PROPERTIES, NO_PROPERTIES);
        for sample in samples() {
            let code = add(&raw mut theirs, &raw const sample);
            assert_eq!(MQTTProperties_add(&raw mut ours, &raw const sample), code);
            assert_eq!(shown(&ours), shown(&theirs), "after {}", sample.identifier);
        }
        let (mut our_copy, mut their_copy) = (MQTTProperties_copy(&raw const ours), copy(&raw const theirs));
        assert_eq!(shown(&our_copy), shown(&their_copy));
        for (ours, theirs) in [(&ours, &theirs), (&our_copy, &their_copy)] {
            for identifier in 0..50 {
                assert_eq!(MQTTProperties_propertyCount(ours, identifier), count(theirs, identifier));
                assert_eq!(MQTTProperties_hasProperty(ours, identifier), has(theirs, identifier));
                for index in -2..9 {
                    // The older version gives 32 bits.
                    let (our, their) = (
                        MQTTProperties_getNumericValueAt(ours, identifier, index),
                        numeric(theirs, identifier, index),
                    );
                    assert_eq!(our as i32, their as i32, "{identifier} {index}");
                    let our = contents(MQTTProperties_getPropertyAt(ours, identifier, index));
                    assert_eq!(our, contents(find(theirs, identifier, index)), "{identifier} {index}");
                }
            }
        }
        assert_eq!(MQTTProperties_getNumericValue(&raw const ours, 2), 3_000_000_000);
        for list in [&raw mut ours, &raw mut our_copy] {
            MQTTProperties_free(list);
        }
        for list in [&raw mut theirs, &raw mut their_copy] {
            free(list);
        }
        assert_eq!(shown(&ours), shown(&theirs));
    }
}

#[test]
fn unknown_codes_are_told_in_full_and_for_each_thread() {
    let here = MQTTClient_strerror(i32::MIN);
    let there = std::thread::spawn(|| string(MQTTClient_strerror(-1000)).unwrap()).join().unwrap();
    assert_eq!(there, "Unknown error code -1000");
    assert_eq!(string(here).unwrap(), "Unknown error code -2147483648");
}

/// The libraries with TLS say five things about OpenSSL.
fn entries() -> usize {
    if has_tls() { 8 } else { 3 }
}

#[test]
fn version_information_ends_with_null() {
    unsafe {
        let entries = std::slice::from_raw_parts(MQTTClient_getVersionInfo(), entries() + 1);
        let pairs: Vec<_> = entries.iter().map(|entry| (string(entry.name), string(entry.value))).collect();
        let product = "Eclipse Paho Synchronous MQTT C Client Library";
        assert_eq!(pairs[0], (Some("Product name".into()), Some(product.into())));
        assert_eq!((pairs[1].0.as_deref(), pairs[2].0.as_deref()), (Some("Version"), Some("Build level")));
        assert_eq!(pairs.last(), Some(&(None, None)));
        if has_tls() {
            assert_eq!(pairs[3].0.as_deref(), Some("OpenSSL version"));
            assert!(pairs[3].1.as_deref().unwrap().starts_with("OpenSSL "));
        }
    }
}
