//! Options by name (`MQTTClientExt.h`): codes, texts, and what the options do.

use crate::handle::*;
use crate::support::c_interface::*;
use crate::support::program::{in_own_process, in_privileged_process};
use std::ffi::{CStr, CString, c_char, c_int};
use std::net::TcpListener;
use std::ptr;
use std::thread;

/// The code, and the reason in words.
fn set(handle: MQTTClient, name: &CStr, value: &CStr) -> (c_int, String) {
    let mut reason = [b'x' as c_char; 200];
    let code = unsafe {
        MQTTClientExt_setOption(handle, name.as_ptr(), value.as_ptr(), reason.as_mut_ptr(), reason.len())
    };
    let reason = unsafe { CStr::from_ptr(reason.as_ptr()) };
    (code, reason.to_str().unwrap().to_owned())
}

#[track_caller]
fn is_set(handle: &Handle, name: &CStr, value: &CStr) {
    assert_eq!(set(handle.0, name, value), (0, String::new()));
    assert_eq!(get(handle.0, name), Ok(value.to_str().unwrap().to_owned()));
}

fn get(handle: MQTTClient, name: &CStr) -> Result<String, c_int> {
    let mut buffer = [b'x' as c_char; 100];
    let mut size = buffer.len();
    match unsafe { MQTTClientExt_getOption(handle, name.as_ptr(), buffer.as_mut_ptr(), &raw mut size) } {
        0 => {
            let value = unsafe { CStr::from_ptr(buffer.as_ptr()) }.to_str().unwrap().to_owned();
            assert_eq!(size, value.len() + 1);
            Ok(value)
        }
        code => Err(code),
    }
}

#[test]
fn each_misuse_has_its_code_and_text_and_changes_nothing() {
    let handle = Handle::new(4);
    let (name, value) = (c"tcp.keepalive", c"10");
    let mut gone = ptr::null_mut();
    let id = c"options".as_ptr();
    assert_eq!(
        unsafe { MQTTClient_create(&raw mut gone, c"tcp://127.0.0.1:1".as_ptr(), id, NONE, ptr::null_mut()) },
        0
    );
    let stale = gone;
    unsafe { MQTTClient_destroy(&raw mut gone) };
    let mut variable = 0;
    for bad in [ptr::null_mut(), stale, (&raw mut variable).cast()] {
        assert_eq!(set(bad, name, value), (-1, "Failure".to_owned()));
        assert_eq!(get(bad, name), Err(-1));
    }
    for (name, value, code, text) in [
        (c"no.such", c"1", -45, "there is no option no.such"),
        (c"", c"1", -45, "there is no option "),
        (c"Strict", c"true", -45, "there is no option Strict"),
        (c"strict", c"yes", -46, "strict does not take the value yes, but true or false"),
        (
            c"request.timeout",
            c"1000",
            -46,
            "request.timeout is for clients of the asynchronous interface; here each call has a time limit",
        ),
        (c"resubscribe", c"true", -46, "resubscribe is for clients of the asynchronous interface"),
        (name, c"-1", -46, "tcp.keepalive does not take the value -1, but 0 to 32767 seconds"),
        (name, c"+1", -46, "tcp.keepalive does not take the value +1, but 0 to 32767 seconds"),
        (name, c"", -46, "tcp.keepalive does not take the value , but 0 to 32767 seconds"),
        (
            c"receive.queue.messages",
            c"0",
            -46,
            "receive.queue.messages does not take the value 0, but 1 to 1000000",
        ),
        (
            c"local.address",
            c"localhost",
            -46,
            "local.address does not take the value localhost, but an IPv4 or IPv6 address, or nothing",
        ),
    ] {
        assert_eq!(set(handle.0, name, value), (code, text.to_owned()));
    }
    assert_eq!(set(handle.0, c"strict", c"\xff").0, -46);
    assert_eq!(get(handle.0, c"no.such"), Err(-45));
    assert_eq!((get(handle.0, name), get(handle.0, c"strict")), (Ok("0".to_owned()), Ok("false".to_owned())));

    let (name, value, none) = (name.as_ptr(), value.as_ptr(), ptr::null_mut());
    let mut reason = [0; 8];
    let to = reason.as_mut_ptr();
    assert_eq!(unsafe { MQTTClientExt_setOption(handle.0, ptr::null(), value, to, 8) }, -6);
    assert_eq!(unsafe { CStr::from_ptr(to) }, c"Invalid");
    assert_eq!(unsafe { MQTTClientExt_setOption(handle.0, name, ptr::null(), none, 8) }, -6);
    assert_eq!(unsafe { MQTTClientExt_getOption(handle.0, ptr::null(), none, &raw mut variable) }, -6);
    assert_eq!(unsafe { MQTTClientExt_getOption(handle.0, name, to, ptr::null_mut()) }, -6);
}

#[test]
fn a_value_that_does_not_fit_is_cut_and_its_size_reported() {
    let handle = Handle::new(4);
    is_set(&handle, c"local.address", c"127.0.0.10");
    let name = c"local.address".as_ptr();
    let mut buffer = [b'x' as c_char; 6];
    let (mut size, to) = (6, buffer.as_mut_ptr());
    assert_eq!(unsafe { MQTTClientExt_getOption(handle.0, name, to, &raw mut size) }, -48);
    assert_eq!((unsafe { CStr::from_ptr(to) }, size), (c"127.0", 11));
    size = 0;
    assert_eq!(unsafe { MQTTClientExt_getOption(handle.0, name, ptr::null_mut(), &raw mut size) }, 0);
    assert_eq!(size, 11);
    (size, buffer[0]) = (0, b'y' as c_char);
    let to = buffer.as_mut_ptr();
    assert_eq!(unsafe { MQTTClientExt_getOption(handle.0, name, to, &raw mut size) }, -48);
    assert_eq!((buffer[0], size), (b'y' as c_char, 11), "no byte is written where there is no room");
}

#[test]
fn connections_come_from_the_address_and_the_interface_that_were_set() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = CString::new(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
    let handle = Handle::to(&uri, 4);
    is_set(&handle, c"local.address", c"127.0.0.9");
    is_set(&handle, c"local.interface", c"lo");
    is_set(&handle, c"tcp.keepalive", c"20");
    is_set(&handle, c"tcp.user.timeout", c"30000");
    let peer = thread::spawn(move || listener.accept().unwrap().1);
    let mut options = connect_options(4);
    assert_eq!(unsafe { MQTTClient_connect(handle.0, &raw mut options) }, -1, "the server closes at once");
    assert_eq!(peer.join().unwrap().ip().to_string(), "127.0.0.9");
    // A server of the other kind of address is not reached, and neither is one behind an interface that is not there.
    is_set(&handle, c"local.address", c"::1");
    assert_eq!(unsafe { MQTTClient_connect(handle.0, &raw mut options) }, -1);
    is_set(&handle, c"local.address", c"");
    is_set(&handle, c"local.interface", c"no-such-if");
    assert_eq!(unsafe { MQTTClient_connect(handle.0, &raw mut options) }, -1);
}

/// Whether a client is still connected after a message whose topic has a wildcard.
fn survives_a_violation(strict: &CStr) -> bool {
    let messages = vec![(b"a/+".to_vec(), b"x".to_vec()), (b"a/b".to_vec(), b"y".to_vec())];
    let server = Server::start(Script { messages, ..Script::default() });
    let handle = Handle::to(&server.uri, 4);
    is_set(&handle, c"strict", strict);
    handle.connect(4);
    let mut received = 0;
    for _ in 0..2 {
        let (mut topic, mut length, mut message) = (ptr::null_mut(), 0, ptr::null_mut());
        unsafe {
            MQTTClient_receive(handle.0, &raw mut topic, &raw mut length, &raw mut message, 10_000);
            received += usize::from(!message.is_null());
            MQTTClient_freeMessage(&raw mut message);
            MQTTClient_free(topic.cast());
        }
    }
    assert!(received == if strict == c"true" { 0 } else { 2 }, "{received} messages");
    unsafe { MQTTClient_isConnected(handle.0) == 1 }
}

#[test]
fn a_strict_client_ends_the_connection_on_a_violation() {
    assert!(survives_a_violation(c"false"));
    assert!(!survives_a_violation(c"true"));
}

#[test]
fn the_lane_is_settled_when_the_client_is_used() {
    let server = Server::start(Script::default());
    let handle = Handle::to(&server.uri, 4);
    is_set(&handle, c"callback.lane", c"client");
    is_set(&handle, c"callback.lane", c"process");
    handle.connect(4);
    unsafe { MQTTClient_disconnect(handle.0, 0) };
    let late = (-47, "callback.lane can only be set before the client is used".to_owned());
    assert_eq!(set(handle.0, c"callback.lane", c"client"), late);
    assert_eq!(set(handle.0, c"callback.lane", c"process").0, 0, "that changes nothing");
    is_set(&handle, c"busy.wait", c"never");
}

const VARIABLES: [(&str, &str); 4] = [
    ("PAHO_C_RS_OPTIONS", "tcp.keepalive=12, strict=true,no.such=1,busy.wait,tls.verify=options"),
    ("PAHO_C_RS_TLS_VERIFY", "required"),
    ("MQTT_C_CLIENT_TRACE", "ON"),
    ("MQTT_C_CLIENT_TRACE_LEVEL", "ERROR"),
];

#[test]
fn the_environment_sets_options_and_the_log_says_once_what_is_wrong() {
    let printed = in_own_process("options::print_options_of_two_clients", &VARIABLES);
    assert!(printed.contains("client: Ok(\"12\") Ok(\"true\") Ok(\"required\")"), "{printed}");
    assert!(printed.contains("the second client: Ok(\"12\")"), "{printed}");
    assert!(printed.contains("against the environment: -46"), "{printed}");
    for fault in ["there is no option no.such", "busy.wait is not name=value"] {
        assert_eq!(printed.matches(&format!("PAHO_C_RS_OPTIONS: {fault}")).count(), 1, "{printed}");
    }
}

#[test]
fn privileged_programs_ignore_the_options_of_the_environment() {
    let Some(printed) = in_privileged_process("options::print_options_of_two_clients", &VARIABLES) else {
        return;
    };
    assert!(printed.contains("client: Ok(\"0\") Ok(\"false\") Ok(\"options\")"), "{printed}");
    assert!(!printed.contains("no.such"), "{printed}");
}

#[test]
#[ignore = "run by the tests in a process of its own"]
fn print_options_of_two_clients() {
    let [first, second] = [Handle::new(4), Handle::new(4)];
    let [keep_alive, strict, verify] =
        [c"tcp.keepalive", c"strict", c"tls.verify"].map(|name| get(first.0, name));
    println!("client: {keep_alive:?} {strict:?} {verify:?}");
    println!("the second client: {:?}", get(second.0, c"tcp.keepalive"));
    println!("against the environment: {}", set(first.0, c"tls.verify", c"options").0);
}
