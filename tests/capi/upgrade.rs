//! `MQTTClientExt_setUpgrade`: the request for a WebSocket as the application wants it.

use crate::capi_support::upgrades::*;
use crate::handle::*;
use crate::support::c_interface::*;
use std::ffi::{CStr, c_int};
use std::ptr;

fn client(server: &UpgradeServer, preparer: &Preparer) -> Handle {
    let handle = Handle::to(&server.uri(), 4);
    assert_eq!(unsafe { MQTTClientExt_setUpgrade(handle.0, preparer.context(), Some(prepare)) }, 0);
    handle
}

fn connect(handle: &Handle) -> c_int {
    unsafe { MQTTClient_connect(handle.0, &mut connect_options(4)) }
}

#[test]
fn each_request_is_prepared_by_itself() {
    let server = UpgradeServer::start();
    let preparer = Preparer::new("&call=", (c"X-Token", c"one two"));
    let handle = client(&server, &preparer);
    for call in 1..3 {
        assert_eq!(connect(&handle), 0);
        let (first, last, _stream) = server.next();
        assert_eq!(first, format!("GET /mqtt?a=b&call={call} HTTP/1.1"));
        assert_eq!(last, "X-Token: one two");
        assert_eq!(unsafe { MQTTClient_disconnect(handle.0, 0) }, 0);
    }
    assert_eq!(unsafe { MQTTClientExt_setUpgrade(handle.0, ptr::null_mut(), None) }, 0);
    assert_eq!(connect(&handle), 0);
    assert_eq!(server.next().0, "GET /mqtt?a=b HTTP/1.1");
    assert_eq!(preparer.calls(), 2);
}

#[test]
fn what_does_not_fit_into_its_line_fails_the_connect() {
    let server = UpgradeServer::start();
    let fine = || Preparer::new("&call=", (c"X-Token", c"value"));
    let preparers = [
        Preparer::new("&call=", (c"X-Token", c"value\r\nX-Other: injected")),
        Preparer::new("&call=", (c"X-Token\r\nX-Other", c"value")),
        Preparer::new("&call=", (c"", c"value")),
        Preparer::new(" HTTP/1.1\r\nX-Other: injected", (c"X-Token", c"value")),
        Preparer { count: 101, ..fine() },
        Preparer { count: -1, ..fine() },
        Preparer { code: 1, ..fine() },
    ];
    for preparer in preparers {
        let handle = client(&server, &preparer);
        assert_eq!((connect(&handle), preparer.calls()), (-1, 1));
        let mut reason = [0; 200];
        let (code, size) = (ptr::null_mut(), reason.len());
        assert_eq!(unsafe { MQTTClientExt_getLastError(handle.0, code, reason.as_mut_ptr(), size) }, 0);
        let reason = unsafe { CStr::from_ptr(reason.as_ptr()) }.to_str().unwrap();
        assert!(reason.contains("application"), "{reason}");
    }
    assert!(server.requests.try_recv().is_err(), "nothing was sent");
}

#[test]
fn an_invalid_handle_has_its_code() {
    let stale = Handle::new(4).0;
    let mut nothing = 0;
    for bad in [ptr::null_mut(), stale, (&raw mut nothing).cast()] {
        assert_eq!(unsafe { MQTTClientExt_setUpgrade(bad, ptr::null_mut(), Some(prepare)) }, -1);
    }
}
