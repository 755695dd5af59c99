//! `MQTTAsyncExt_setUpgrade`: each reconnect asks the application for its request.

use crate::async_support::handle::*;
use crate::capi_support::upgrades::*;
use crate::support::c_interface::*;
use std::ptr;

#[test]
fn reconnects_are_prepared_as_well() {
    let server = UpgradeServer::start();
    let preparer = Preparer::new("&call=", (c"X-Token", c"value"));
    let handle = Handle::to(&server.uri(), 4);
    assert_eq!(unsafe { MQTTAsyncExt_setUpgrade(handle.0, preparer.context(), Some(prepare)) }, 0);
    let options = MQTTAsync_connectOptions { automaticReconnect: 1, ..connect_options(4) };
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
    for call in 1..3 {
        let (first, last, stream) = server.next();
        assert_eq!((first, last), (format!("GET /mqtt?a=b&call={call} HTTP/1.1"), "X-Token: value".into()));
        drop(stream);
    }
    // The callback must not run any more when its context is gone.
    drop(handle);
}

#[test]
fn an_invalid_handle_has_its_code() {
    let stale = Handle::new(4).0;
    let mut nothing = 0;
    for bad in [ptr::null_mut(), stale, (&raw mut nothing).cast()] {
        assert_eq!(unsafe { MQTTAsyncExt_setUpgrade(bad, ptr::null_mut(), Some(prepare)) }, -1);
        assert_eq!(unsafe { MQTTAsyncExt_setSSLContext(bad, ptr::null_mut()) }, -1);
    }
}
