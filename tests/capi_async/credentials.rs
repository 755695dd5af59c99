//! User name and password that the program renews before an automatic reconnect.

use crate::async_support::handle::*;
use crate::support::c_interface::*;
use paho_c_rs::protocol::{ConnAck, Decoded, Framing, Packet, PropertyView, Version, split_frame};
use std::ffi::{CStr, CString, c_int, c_void};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::ptr;

type Credentials = (Option<Vec<u8>>, Option<Vec<u8>>);

/// What the callback is to do, and what it saw.
struct Context {
    changes: Vec<fn(&mut MQTTAsync_connectData) -> c_int>,
    seen: Vec<Credentials>,
}

unsafe extern "C" fn renew(context: *mut c_void, data: *mut MQTTAsync_connectData) -> c_int {
    let (context, data) = unsafe { (&mut *context.cast::<Context>(), &mut *data) };
    assert_eq!((data.struct_id, data.struct_version), (struct_id(b"MQCD"), 0));
    let user =
        (!data.username.is_null()).then(|| unsafe { CStr::from_ptr(data.username) }.to_bytes().to_vec());
    let password = (!data.binarypwd.data.is_null()).then(|| unsafe {
        std::slice::from_raw_parts(data.binarypwd.data.cast::<u8>(), data.binarypwd.len as usize).to_vec()
    });
    context.seen.push((user, password));
    if context.changes.is_empty() { 0 } else { context.changes.remove(0)(data) }
}

/// A copy as a program makes it.
fn copy(text: &CStr) -> *const u8 {
    let bytes = text.to_bytes_with_nul();
    unsafe {
        let copy = MQTTAsync_malloc(bytes.len()).cast::<u8>();
        copy.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        copy
    }
}

/// Takes a connection, accepts the CONNECT, and closes. What it said.
fn serve(listener: &TcpListener) -> Credentials {
    let (mut stream, _) = listener.accept().unwrap();
    let (mut input, mut buffer) = (Vec::new(), [0; 1024]);
    loop {
        let count = stream.read(&mut buffer).unwrap();
        assert_ne!(count, 0);
        input.extend_from_slice(&buffer[..count]);
        let Ok(Framing::Complete(frame)) = split_frame(&input, 0) else { continue };
        let Ok(Packet::Connect(connect)) = Packet::decode(frame, Version::V311).and_then(Decoded::strictly)
        else {
            panic!()
        };
        let said = (connect.user_name.map(<[u8]>::to_vec), connect.password.map(<[u8]>::to_vec));
        let mut answer = Vec::new();
        let accepted = ConnAck { session_present: false, code: 0, properties: PropertyView::empty() };
        accepted.encode(Version::V311, &mut answer).unwrap();
        stream.write_all(&answer).unwrap();
        return said;
    }
}

fn some(text: &[u8]) -> Option<Vec<u8>> {
    Some(text.to_vec())
}

#[test]
fn each_reconnect_asks_for_credentials() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = CString::new(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
    let changes: Vec<fn(&mut MQTTAsync_connectData) -> c_int> = vec![
        |data| {
            data.username = copy(c"second").cast();
            1
        },
        |data| {
            // Not counted: the answer is no.
            (data.username, data.binarypwd.data) = (ptr::null(), ptr::null());
            0
        },
        |data| {
            data.binarypwd = MQTTAsync_connectData_binarypwd { len: 3, data: copy(c"new secret").cast() };
            1
        },
        |data| {
            // The length of a password that was not replaced is not looked at.
            data.binarypwd.len = 1;
            1
        },
        |data| {
            data.binarypwd.data = ptr::null();
            1
        },
    ];
    let mut context = Box::new(Context { changes, seen: Vec::new() });
    let handle = Handle::to(&uri, 4);
    let options = MQTTAsync_connectOptions {
        username: c"first".as_ptr(),
        password: c"secret".as_ptr(),
        automaticReconnect: 1,
        minRetryInterval: 0,
        maxRetryInterval: 0,
        ..connect_options(4)
    };
    let pointer = (&raw mut *context).cast();
    unsafe {
        assert_eq!(MQTTAsync_setUpdateConnectOptions(handle.0, pointer, Some(renew)), 0);
        assert_eq!(MQTTAsync_connect(handle.0, &raw const options), 0);
    }
    let said: Vec<Credentials> = (0..6).map(|_| serve(&listener)).collect();
    drop(handle);
    let expected = [
        (some(b"first"), some(b"secret")),
        (some(b"second"), some(b"secret")),
        (some(b"second"), some(b"secret")),
        (some(b"second"), some(b"new")),
        (some(b"second"), some(b"new")),
        (some(b"second"), None),
    ];
    assert_eq!(said, expected);
    assert_eq!(context.seen[..5], expected[..5], "what the callback was shown");
}
