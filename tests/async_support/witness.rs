//! One line for each thing a client tells its program, in the order in which it does, with a look at the rules on the way:
//! never two callbacks at the same time.

use crate::async_support::handle::*;
use crate::support::c_interface::*;
use crate::support::wait;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// Who is told of everything. What the callbacks are given stays for ever: one of them may still run when the test has seen
/// all it waited for.
pub(crate) struct Witness {
    common: Arc<Common>,
    lines: Mutex<Receiver<String>>,
}

struct Common {
    lines: Sender<String>,
    lane: Arc<Lane>,
    /// Requests that were accepted and those that have a result.
    accepted: AtomicUsize,
    concluded: AtomicUsize,
}

/// Callbacks among which no two may run at the same time.
#[derive(Default)]
pub(crate) struct Lane {
    running: AtomicUsize,
    overlapped: AtomicBool,
}

/// The context of a callback.
struct Label {
    common: Arc<Common>,
    text: String,
    told: AtomicUsize,
}

impl Witness {
    pub(crate) fn new() -> Witness {
        Witness::in_lane(&Arc::default())
    }

    /// With others whose callbacks may not overlap with these.
    pub(crate) fn in_lane(lane: &Arc<Lane>) -> Witness {
        let (sender, lines) = channel();
        let common = Common {
            lines: sender,
            lane: lane.clone(),
            accepted: AtomicUsize::new(0),
            concluded: AtomicUsize::new(0),
        };
        Witness { common: Arc::new(common), lines: lines.into() }
    }

    /// A context for one request or for the callbacks of one client.
    pub(crate) fn label(&self, text: &str) -> *mut c_void {
        let label = Label { common: self.common.clone(), text: text.to_owned(), told: AtomicUsize::new(0) };
        Box::into_raw(Box::new(label)).cast()
    }

    /// Is told by all callbacks of the client.
    pub(crate) fn watch(&self, handle: &Handle) {
        let context = self.label("");
        unsafe {
            let code = MQTTAsync_setCallbacks(handle.0, context, Some(lost), Some(arrived), Some(complete));
            assert_eq!(code, 0);
            assert_eq!(MQTTAsync_setConnected(handle.0, context, Some(connected)), 0);
            assert_eq!(MQTTAsync_setDisconnected(handle.0, context, Some(disconnected)), 0);
        }
    }

    #[track_caller]
    pub(crate) fn next(&self) -> String {
        wait::next(&self.lines.lock().unwrap(), "a callback")
    }

    /// The next lines are these, in this order.
    #[track_caller]
    pub(crate) fn expect<const N: usize>(&self, lines: [&str; N]) {
        assert_eq!(lines.map(|_| self.next()), lines);
    }

    /// Waits for this line; gives what came before it.
    #[track_caller]
    pub(crate) fn until(&self, line: &str) -> Vec<String> {
        let mut before = Vec::new();
        loop {
            let next = self.next();
            if next == line {
                return before;
            }
            before.push(next);
        }
    }

    /// What was told and not looked at yet.
    pub(crate) fn rest(&self) -> Vec<String> {
        self.lines.lock().unwrap().try_iter().collect()
    }

    /// The client is destroyed: each accepted request has had its one result, and no callbacks overlapped.
    #[track_caller]
    pub(crate) fn close(&self, handle: Handle) -> Vec<String> {
        drop(handle);
        let common = &self.common;
        self.assert_never_overlapped();
        let accepted = common.accepted.load(Ordering::SeqCst);
        assert_eq!(common.concluded.load(Ordering::SeqCst), accepted, "results for requests");
        self.rest()
    }

    #[track_caller]
    pub(crate) fn assert_never_overlapped(&self) {
        assert!(!self.common.lane.overlapped.load(Ordering::SeqCst), "callbacks overlapped");
    }

    /// As many results were told as there are requests that will have one.
    pub(crate) fn is_even(&self) -> bool {
        self.common.concluded.load(Ordering::SeqCst) == self.common.accepted.load(Ordering::SeqCst)
    }

    /// The code of a request that will have a result if it is 0.
    pub(crate) fn accepted(&self, code: c_int) -> c_int {
        self.common.accepted.fetch_add(usize::from(code == 0), Ordering::SeqCst);
        code
    }

    pub(crate) fn connect(
        &self,
        handle: &Handle,
        name: &str,
        mut options: MQTTAsync_connectOptions,
    ) -> c_int {
        options.context = self.label(name);
        if options.MQTTVersion == 5 {
            options.onSuccess5 = Some(succeeded5);
            options.onFailure5 = Some(failed5);
        } else {
            options.onSuccess = Some(succeeded);
            options.onFailure = Some(failed);
        }
        self.accepted(unsafe { MQTTAsync_connect(handle.0, &raw const options) })
    }

    pub(crate) fn disconnect(&self, handle: &Handle, name: &str, timeout: c_int) -> c_int {
        let options = MQTTAsync_disconnectOptions {
            timeout,
            context: self.label(name),
            onSuccess: Some(succeeded),
            onFailure: Some(failed),
            ..disconnect_options()
        };
        self.accepted(unsafe { MQTTAsync_disconnect(handle.0, &raw const options) })
    }

    pub(crate) fn response(&self, name: &str, version: c_int) -> MQTTAsync_responseOptions {
        let mut response = MQTTAsync_responseOptions { context: self.label(name), ..response_options() };
        if version == 5 {
            response.onSuccess5 = Some(succeeded5);
            response.onFailure5 = Some(failed5);
        } else {
            response.onSuccess = Some(succeeded);
            response.onFailure = Some(failed);
        }
        response
    }

    /// Its payload is its name.
    pub(crate) fn send(&self, handle: &Handle, name: &str, qos: c_int, version: c_int) -> c_int {
        self.send_large(handle, name, qos, version, 0)
    }

    /// Behind the name there are so many bytes more.
    pub(crate) fn send_large(
        &self,
        handle: &Handle,
        name: &str,
        qos: c_int,
        version: c_int,
        more: usize,
    ) -> c_int {
        let mut response = self.response(name, version);
        let payload = [name.as_bytes(), &vec![b'.'; more]].concat();
        let (length, pointer) = (payload.len() as c_int, payload.as_ptr().cast());
        let topic = c"t".as_ptr();
        self.accepted(unsafe { MQTTAsync_send(handle.0, topic, length, pointer, qos, 0, &raw mut response) })
    }

    pub(crate) fn subscribe(&self, handle: &Handle, name: &str, version: c_int) -> c_int {
        let mut response = self.response(name, version);
        self.accepted(unsafe { MQTTAsync_subscribe(handle.0, c"t".as_ptr(), 1, &raw mut response) })
    }

    pub(crate) fn unsubscribe(&self, handle: &Handle, name: &str, version: c_int) -> c_int {
        let mut response = self.response(name, version);
        self.accepted(unsafe { MQTTAsync_unsubscribe(handle.0, c"t".as_ptr(), &raw mut response) })
    }
}

/// A callback of the program.
fn callback(context: *mut c_void, line: impl FnOnce(&Label) -> String) {
    let label = unsafe { &*context.cast::<Label>() };
    let common = &label.common;
    if common.lane.running.fetch_add(1, Ordering::SeqCst) > 0 {
        common.lane.overlapped.store(true, Ordering::SeqCst);
    }
    let line = line(label);
    // Somebody else shall have the chance to come in between.
    std::thread::yield_now();
    let _ = common.lines.send(line);
    common.lane.running.fetch_sub(1, Ordering::SeqCst);
}

fn result(context: *mut c_void, what: impl FnOnce() -> String) {
    callback(context, |label| {
        label.common.concluded.fetch_add(1, Ordering::SeqCst);
        let again = if label.told.fetch_add(1, Ordering::SeqCst) > 0 { " AGAIN" } else { "" };
        format!("{}: {}{again}", label.text, what())
    });
}

unsafe extern "C" fn succeeded(context: *mut c_void, _: *mut MQTTAsync_successData) {
    result(context, || "done".to_owned());
}

unsafe extern "C" fn succeeded5(context: *mut c_void, _: *mut MQTTAsync_successData5) {
    result(context, || "done".to_owned());
}

unsafe extern "C" fn failed(context: *mut c_void, data: *mut MQTTAsync_failureData) {
    result(context, || format!("failed {}", unsafe { (*data).code }));
}

unsafe extern "C" fn failed5(context: *mut c_void, data: *mut MQTTAsync_failureData5) {
    let data = unsafe { &*data };
    result(context, || match data.reasonCode {
        0 => format!("failed {}", data.code),
        reason => format!("failed {} because {reason}", data.code),
    });
}

unsafe extern "C" fn connected(context: *mut c_void, cause: *mut c_char) {
    let cause = unsafe { CStr::from_ptr(cause) }.to_str().unwrap();
    callback(context, |_| match cause {
        "connect onSuccess called" => "connected".to_owned(),
        _ => "connected again".to_owned(),
    });
}

unsafe extern "C" fn lost(context: *mut c_void, _: *mut c_char) {
    callback(context, |_| "lost".to_owned());
}

unsafe extern "C" fn disconnected(context: *mut c_void, _: *mut MQTTProperties, reason: MQTTReasonCodes) {
    callback(context, |_| format!("disconnected {}", reason));
}

unsafe extern "C" fn complete(context: *mut c_void, token: MQTTAsync_token) {
    callback(context, |_| format!("complete {token}"));
}

unsafe extern "C" fn arrived(
    context: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    callback(context, |_| unsafe {
        let (payload, length) = ((*message).payload, (*message).payloadlen as usize);
        let payload = std::slice::from_raw_parts(payload.cast(), length);
        format!("arrived {}", String::from_utf8_lossy(payload))
    });
    unsafe {
        MQTTAsync_freeMessage(&raw mut message);
        MQTTAsync_free(topic.cast());
    }
    1
}

/// The tokens of all messages that are not complete.
pub(crate) fn pending(handle: &Handle) -> Vec<c_int> {
    let mut array = ptr::null_mut();
    let mut tokens = Vec::new();
    unsafe {
        assert_eq!(MQTTAsync_getPendingTokens(handle.0, &raw mut array), 0);
        if !array.is_null() {
            tokens.extend((0..).map(|index| array.add(index).read()).take_while(|token| *token >= 0));
            MQTTAsync_free(array.cast());
        }
    }
    tokens
}
