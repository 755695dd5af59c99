//! A server of WebSockets that shows the requests, and a callback that prepares them.

use crate::support::c_interface::*;
use crate::support::websocket::accepting;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ptr;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// Accepts every WebSocket and sends CONNACK. Ends with the test's process.
pub(crate) struct UpgradeServer {
    pub(crate) port: u16,
    /// The requests, line by line, and their connections.
    pub(crate) requests: Receiver<(Vec<String>, TcpStream)>,
}

impl UpgradeServer {
    pub(crate) fn start() -> UpgradeServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, requests) = channel();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = Vec::new();
                let mut byte = [0];
                while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1)
                {
                    request.push(byte[0]);
                }
                let Ok(request) = String::from_utf8(request) else { continue };
                if !request.ends_with("\r\n\r\n") {
                    continue;
                }
                let connack = b"\x82\x04\x20\x02\x00\x00";
                let _ = stream.write_all(&[accepting(&request).as_bytes(), connack].concat());
                let lines = request.lines().map(str::to_owned).collect();
                if sender.send((lines, stream)).is_err() {
                    return;
                }
            }
        });
        UpgradeServer { port, requests }
    }

    pub(crate) fn uri(&self) -> CString {
        CString::new(format!("ws://127.0.0.1:{}/mqtt?a=b", self.port)).unwrap()
    }

    /// The first line of the next request, and its last one. The connection.
    pub(crate) fn next(&self) -> (String, String, TcpStream) {
        let (lines, stream) = self.requests.recv().unwrap();
        (lines[0].clone(), lines[lines.len() - 2].clone(), stream)
    }
}

/// What the callback sets, and how often it was called.
pub(crate) struct Preparer {
    pub(crate) code: c_int,
    /// After the path that it is given.
    pub(crate) suffix: &'static str,
    pub(crate) header: (&'static CStr, &'static CStr),
    pub(crate) count: c_int,
    pub(crate) calls: Mutex<(usize, Vec<CString>)>,
}

impl Preparer {
    pub(crate) fn new(suffix: &'static str, header: (&'static CStr, &'static CStr)) -> Preparer {
        Preparer { code: 0, suffix, header, count: 1, calls: Mutex::default() }
    }

    pub(crate) fn context(&self) -> *mut c_void {
        ptr::from_ref(self).cast_mut().cast()
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.lock().unwrap().0
    }
}

/// The number of the call follows the suffix.
pub(crate) unsafe extern "C" fn prepare(context: *mut c_void, upgrade: *mut MQTTExt_upgrade) -> c_int {
    let (preparer, upgrade) = unsafe { (&*context.cast::<Preparer>(), &mut *upgrade) };
    assert_eq!(upgrade.struct_id.map(|byte| byte as u8), *b"MQXU");
    assert_eq!((upgrade.struct_version, upgrade.headers.is_null(), upgrade.headerCount), (0, true, 0));
    let text = |text: *const c_char| unsafe { CStr::from_ptr(text) }.to_str().unwrap();
    assert!(text(upgrade.serverURI).ends_with("/mqtt?a=b"), "{}", text(upgrade.serverURI));
    let mut calls = preparer.calls.lock().unwrap();
    calls.0 += 1;
    let path = format!("{}{}{}", text(upgrade.path), preparer.suffix, calls.0);
    calls.1.push(CString::new(path).unwrap());
    upgrade.path = calls.1.last().unwrap().as_ptr();
    let (name, value) = preparer.header;
    let header = MQTTExt_header { name: name.as_ptr(), value: value.as_ptr() };
    upgrade.headers = Box::leak(Box::new(header));
    upgrade.headerCount = preparer.count;
    preparer.code
}
