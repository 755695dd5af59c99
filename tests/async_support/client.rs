//! Connecting and disconnecting with the options that the tests of both interfaces share.

use crate::async_support::handle::{NONE, connect_options, disconnect_options};
use crate::support::abi::V5;
use crate::support::c_interface::*;
use crate::support::message::text;
use crate::support::options::{Connect, Raw};
use crate::support::wait::{next, until};
use std::ffi::{CString, c_int, c_void};
use std::ptr;
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

unsafe extern "C" fn succeeded(context: *mut c_void, _: *mut MQTTAsync_successData) {
    let endings = unsafe { &*context.cast::<Sender<Ending>>() };
    let _ = endings.send(Ending::Done);
}

unsafe extern "C" fn failed(context: *mut c_void, data: *mut MQTTAsync_failureData) {
    let (endings, data) = unsafe { (&*context.cast::<Sender<Ending>>(), &*data) };
    let _ = endings.send(Ending::Failed { code: data.code, message: text(data.message) });
}

/// A handle of MQTT 3; destroyed when dropped.
pub(crate) struct AsyncClient {
    handle: MQTTAsync,
    context: *mut Sender<Ending>,
    endings: Receiver<Ending>,
}

impl AsyncClient {
    pub(crate) fn new(uri: &str) -> AsyncClient {
        let (uri, mut handle) = (CString::new(uri).unwrap(), ptr::null_mut());
        let id = CString::new(format!("async-{}-{:p}", std::process::id(), &raw const handle)).unwrap();
        let (uri, id, null) = (uri.as_ptr(), id.as_ptr(), ptr::null_mut());
        assert_eq!(unsafe { MQTTAsync_create(&raw mut handle, uri, id, NONE, null) }, 0, "create");
        let (sender, endings) = channel();
        AsyncClient { handle, context: Box::into_raw(Box::new(sender)), endings }
    }

    /// Asks for a connection; the code of the call itself.
    pub(crate) fn begin(&self, connect: &Connect) -> c_int {
        assert_ne!(connect.version, V5);
        let raw = Raw::new(connect);
        let options = MQTTAsync_connectOptions {
            struct_version: connect.struct_version,
            keepAliveInterval: connect.keep_alive,
            cleansession: c_int::from(connect.clean),
            maxInflight: 10,
            username: raw.options.username,
            password: raw.options.password,
            connectTimeout: connect.timeout,
            ssl: raw.options.ssl.cast_mut().cast(),
            onSuccess: Some(succeeded),
            onFailure: Some(failed),
            context: self.context.cast(),
            serverURIcount: raw.options.server_uri_count,
            serverURIs: raw.options.server_uris.cast(),
            httpHeaders: raw.options.http_headers.cast(),
            httpProxy: raw.options.http_proxy,
            httpsProxy: raw.options.https_proxy,
            ..connect_options(connect.version)
        };
        unsafe { MQTTAsync_connect(self.handle, &raw const options) }
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

    /// From now on `ending_in_event_loop` does the work of the client.
    pub(crate) fn use_event_loop(&self) {
        let (name, value) = (c"event.loop".as_ptr(), c"external".as_ptr());
        assert_eq!(unsafe { MQTTAsyncExt_setOption(self.handle, name, value, ptr::null_mut(), 0) }, 0);
    }

    /// What the next request came to, in an event loop of the calling thread.
    #[track_caller]
    pub(crate) fn ending_in_event_loop(&self) -> Ending {
        let mut ending = None;
        until("the result of a request", || {
            assert_eq!(unsafe { MQTTAsyncExt_process(self.handle) }, 0);
            ending = self.endings.try_recv().ok();
            ending.is_some()
        });
        ending.unwrap()
    }

    /// Asks for the end of the connection; the code of the call itself. With 0 the result is still to come.
    pub(crate) fn disconnect(&self) -> c_int {
        let options = MQTTAsync_disconnectOptions {
            struct_version: 0,
            onSuccess: Some(succeeded),
            onFailure: Some(failed),
            context: self.context.cast(),
            ..disconnect_options()
        };
        unsafe { MQTTAsync_disconnect(self.handle, &raw const options) }
    }

    pub(crate) fn destroy(&mut self) {
        unsafe { MQTTAsync_destroy(&raw mut self.handle) };
    }
}

impl Drop for AsyncClient {
    fn drop(&mut self) {
        // A test that fails because the library hangs must not hang with it.
        if !std::thread::panicking() {
            self.destroy();
            // No callback of a destroyed client comes any more.
            drop(unsafe { Box::from_raw(self.context) });
        }
    }
}

// The library's handles may be used from any thread.
unsafe impl Send for AsyncClient {}
