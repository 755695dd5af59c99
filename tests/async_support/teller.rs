//! Result callbacks that tell the test in one line what they were given.

use crate::support::c_interface::*;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::mpsc::{Receiver, Sender, channel};

/// What the request was, so which member of the union holds its result.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Connect,
    Publish,
    Subscribe,
    SubscribeMany(usize),
    Unsubscribe,
    /// Nothing of the union counts; it must be zero.
    Plain,
    /// Nothing of the union is looked at.
    Any,
}

/// The context of the callbacks.
struct Context {
    kind: Kind,
    lines: Sender<String>,
}

/// Someone to be told the results of requests. The context stays for ever: a callback may still be in it when the test
/// has all it waited for.
pub(crate) struct Teller {
    context: &'static Context,
    lines: Receiver<String>,
}

impl Teller {
    pub(crate) fn new(kind: Kind) -> Teller {
        let (sender, lines) = channel();
        Teller { context: Box::leak(Box::new(Context { kind, lines: sender })), lines }
    }

    pub(crate) fn context(&self) -> *mut c_void {
        ptr::from_ref(self.context).cast_mut().cast()
    }

    /// The next result.
    pub(crate) fn next(&self) -> String {
        self.lines.recv().unwrap()
    }

    /// The results told up to now.
    pub(crate) fn told(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    pub(crate) fn listen_to_connect(&self, options: &mut MQTTAsync_connectOptions, version: c_int) {
        options.context = self.context();
        if version == 5 {
            options.onSuccess5 = Some(on_success5);
            options.onFailure5 = Some(on_failure5);
        } else {
            options.onSuccess = Some(on_success);
            options.onFailure = Some(on_failure);
        }
    }

    pub(crate) fn listen(&self, options: &mut MQTTAsync_responseOptions, version: c_int) {
        options.context = self.context();
        if version == 5 {
            options.onSuccess5 = Some(on_success5);
            options.onFailure5 = Some(on_failure5);
        } else {
            options.onSuccess = Some(on_success);
            options.onFailure = Some(on_failure);
        }
    }
}

fn tell(context: *mut c_void, line: impl FnOnce(Kind) -> String) {
    let context = unsafe { &*context.cast::<Context>() };
    let _ = context.lines.send(line(context.kind));
}

pub(crate) fn text(text: *const c_char) -> String {
    if text.is_null() { "NULL".into() } else { unsafe { CStr::from_ptr(text) }.to_str().unwrap().into() }
}

/// Identifiers and numbers or texts of a list.
fn shown(list: &MQTTProperties) -> String {
    let entries = (0..list.count as usize).map(|index| unsafe {
        let entry = list.array.add(index).read();
        match entry.identifier {
            31 => format!("31={}", text(entry.value.texts.data.data)),
            38 => format!("38={}:{}", text(entry.value.texts.data.data), text(entry.value.texts.value.data)),
            identifier => format!("{identifier}={}", entry.value.integer4),
        }
    });
    format!("{:?}", entries.collect::<Vec<_>>())
}

fn published(message: &MQTTAsync_message, topic: *const c_char) -> String {
    assert_eq!(
        (message.struct_id, message.struct_version),
        (crate::async_support::handle::struct_id(b"MQTM"), 1)
    );
    assert_eq!(message.dup, 0);
    let payload =
        unsafe { std::slice::from_raw_parts(message.payload.cast::<u8>(), message.payloadlen as usize) };
    format!(
        "published {} {:?} qos {} retained {} id {} {}",
        text(topic),
        String::from_utf8_lossy(payload),
        message.qos,
        message.retained,
        message.msgid,
        shown(&message.properties)
    )
}

fn is_zero<T>(value: &T) -> bool {
    let bytes = unsafe { std::slice::from_raw_parts((&raw const *value).cast::<u8>(), size_of::<T>()) };
    bytes.iter().all(|byte| *byte == 0)
}

pub(crate) unsafe extern "C" fn on_success(context: *mut c_void, data: *mut MQTTAsync_successData) {
    tell(context, |kind| unsafe {
        let data = &*data;
        let result = match kind {
            Kind::Connect => {
                let connect = data.alt.connect;
                let server = text(connect.serverURI);
                format!("connected {server} {} {}", connect.MQTTVersion, connect.sessionPresent)
            }
            Kind::Publish => published(&data.alt.r#pub.message, data.alt.r#pub.destinationName),
            Kind::Subscribe => format!("subscribed {}", data.alt.qos),
            Kind::SubscribeMany(count) => {
                format!("subscribed {:?}", std::slice::from_raw_parts(data.alt.qosList, count))
            }
            Kind::Any => "done".to_owned(),
            Kind::Plain if is_zero(&data.alt.connect.serverURI) => "done with zeros".to_owned(),
            Kind::Plain => "done".to_owned(),
            Kind::Unsubscribe => {
                assert!(is_zero(&data.alt));
                "unsubscribed".to_owned()
            }
        };
        format!("3: {} {result}", data.token)
    });
}

pub(crate) unsafe extern "C" fn on_success5(context: *mut c_void, data: *mut MQTTAsync_successData5) {
    tell(context, |kind| unsafe {
        let data = &*data;
        assert_eq!(
            (data.struct_id, data.struct_version),
            (crate::async_support::handle::struct_id(b"MQSD"), 0)
        );
        let codes = |count: c_int, list| format!("{:?}", std::slice::from_raw_parts(list, count as usize));
        let result = match kind {
            Kind::Connect => {
                let connect = data.alt.connect;
                let server = text(connect.serverURI);
                format!("connected {server} {} {}", connect.MQTTVersion, connect.sessionPresent)
            }
            Kind::Publish => published(&data.alt.r#pub.message, data.alt.r#pub.destinationName),
            Kind::Subscribe | Kind::SubscribeMany(_) => {
                let sub = data.alt.sub;
                format!("subscribed {}", codes(sub.reasonCodeCount, sub.reasonCodes))
            }
            Kind::Unsubscribe => {
                let unsub = data.alt.unsub;
                format!("unsubscribed {}", codes(unsub.reasonCodeCount, unsub.reasonCodes))
            }
            Kind::Any => "done".to_owned(),
            Kind::Plain if is_zero(&data.alt.connect.serverURI) => "done with zeros".to_owned(),
            Kind::Plain => "done".to_owned(),
        };
        format!("5: {} reason {} {} {result}", data.token, data.reasonCode, shown(&data.properties))
    });
}

pub(crate) unsafe extern "C" fn on_failure(context: *mut c_void, data: *mut MQTTAsync_failureData) {
    tell(context, |_| unsafe {
        let data = &*data;
        format!("3: {} failed {} {}", data.token, data.code, text(data.message))
    });
}

pub(crate) unsafe extern "C" fn on_failure5(context: *mut c_void, data: *mut MQTTAsync_failureData5) {
    tell(context, |_| unsafe {
        let data = &*data;
        assert_eq!(
            (data.struct_id, data.struct_version),
            (crate::async_support::handle::struct_id(b"MQFD"), 0)
        );
        format!(
            "5: {} failed {} reason {} {} packet {} {}",
            data.token,
            data.code,
            data.reasonCode,
            shown(&data.properties),
            data.packet_type,
            text(data.message)
        )
    });
}
