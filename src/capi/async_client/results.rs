//! The callbacks for the result of a request, and what they are given. That lies on the stack of the thread that calls
//! them and ends with the call.

use core::ffi::{c_char, c_int};
use core::mem::{MaybeUninit, transmute, zeroed};

use super::abi::{MQTTAsync_message, MQTTAsync_token};
use super::codes::FailureCodes;
use super::response_abi::{
    MQTTAsync_failureData, MQTTAsync_failureData5, MQTTAsync_onFailure, MQTTAsync_onFailure5,
    MQTTAsync_onSuccess, MQTTAsync_onSuccess5, MQTTAsync_successData, MQTTAsync_successData_connect,
    MQTTAsync_successData_pub, MQTTAsync_successData5, MQTTAsync_successData5_connect,
    MQTTAsync_successData5_pub, MQTTAsync_successData5_sub, MQTTAsync_successData5_unsub,
};
use crate::capi::shared::messages;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::property_list::{EMPTY, PropertyList};
use crate::capi::shared::reason_codes::MQTTReasonCodes;
use crate::capi::shared::user_function::Context;
use crate::engine::{Requester, Success};
use crate::protocol::{PropertyView, Publish, ReasonCode};

const SUCCESS_EYECATCHER: &[u8; 4] = b"MQSD";
const FAILURE_EYECATCHER: &[u8; 4] = b"MQFD";
/// Topics up to this length are copied to the stack.
const SHORT_TOPIC: usize = 128;

/// What the engine keeps of a requester.
type Memory = [MaybeUninit<usize>; 5];

/// The callbacks of one request as set by the application. If both forms of one are set, that of MQTT 3 is used.
#[derive(Clone, Copy)]
pub(crate) struct ResultCallbacks {
    pub(crate) context: Context,
    pub(crate) on_success: MQTTAsync_onSuccess,
    pub(crate) on_failure: MQTTAsync_onFailure,
    pub(crate) on_success5: MQTTAsync_onSuccess5,
    pub(crate) on_failure5: MQTTAsync_onFailure5,
}

impl ResultCallbacks {
    /// What the engine keeps with the request. `None` without callbacks.
    #[inline]
    pub(crate) fn into_requester(self) -> Option<Requester> {
        let is_set = self.has_on_success() || self.on_failure.is_some() || self.on_failure5.is_some();
        // SAFETY: memory without a type takes any value of its size.
        is_set.then(|| Requester(unsafe { transmute::<ResultCallbacks, Memory>(self) }))
    }

    /// The callbacks of the request that has ended.
    pub(crate) fn of(requester: &Requester) -> ResultCallbacks {
        // SAFETY: clients of this interface are given no other requesters than those that `into_requester` has made.
        unsafe { transmute::<Memory, ResultCallbacks>(requester.0) }
    }

    /// Whether this code of SUBACK refuses the subscription. Before MQTT 5 only 0x80 does: other codes of that version are
    /// passed on as granted, whatever they are.
    pub(crate) fn is_refusal(&self, code: ReasonCode) -> bool {
        let is_version_5 = self.on_success5.is_some() || self.on_failure5.is_some();
        if is_version_5 { code.is_error() } else { code == ReasonCode::UNSPECIFIED_ERROR }
    }

    pub(crate) fn has_on_success(&self) -> bool {
        self.on_success.is_some() || self.on_success5.is_some()
    }
}

/// Those in options of any kind.
macro_rules! result_callbacks {
    ($options:expr) => {
        $crate::capi::async_client::results::ResultCallbacks {
            context: $crate::capi::shared::user_function::Context($options.context),
            on_success: $options.onSuccess,
            on_failure: $options.onFailure,
            on_success5: $options.onSuccess5,
            on_failure5: $options.onFailure5,
        }
    };
}
pub(super) use result_callbacks;

/// What a callback for success is given.
pub(crate) struct SuccessData<'a> {
    pub(crate) token: MQTTAsync_token,
    pub(crate) success: &'a Success,
    /// The server connected to, as the application knows it; NULL for other requests than connect.
    pub(crate) server: *const c_char,
}

/// What a connect has led to; the structures of both callbacks have the same members.
macro_rules! connect_data {
    ($type:ident, $server:expr, $version:expr, $session_present:expr) => {
        $type {
            serverURI: $server.cast_mut(),
            MQTTVersion: $version.level().into(),
            sessionPresent: (*$session_present).into(),
        }
    };
}

impl SuccessData<'_> {
    /// Shows it to a callback of MQTT 3.
    pub(crate) fn show3(&self, call: impl FnOnce(*mut MQTTAsync_successData)) {
        // SAFETY: all members are plain numbers and pointers, for which zero is a value.
        let mut data = unsafe { zeroed::<MQTTAsync_successData>() };
        data.token = self.token;
        let mut granted: Vec<c_int> = Vec::new();
        match self.success {
            Success::Connected { version, session_present, .. } => {
                data.alt.connect =
                    connect_data!(MQTTAsync_successData_connect, self.server, version, session_present);
            }
            Success::Subscribed { codes, .. } => match **codes {
                // A single granted QoS is in the structure itself, several are in a list.
                [code] => data.alt.qos = code.into(),
                _ => {
                    granted.extend(codes.iter().map(|code| c_int::from(*code)));
                    data.alt.qosList = granted.as_mut_ptr();
                }
            },
            Success::Published { message, .. } => {
                let publish = message.publish();
                return with_text(publish.topic, |destinationName| {
                    let message = self.message(&publish, EMPTY);
                    data.alt.r#pub = MQTTAsync_successData_pub { message, destinationName };
                    call(&raw mut data);
                });
            }
            Success::Unsubscribed { .. } | Success::Disconnected => {}
        }
        call(&raw mut data);
    }

    /// Shows it to a callback of MQTT 5.
    pub(crate) fn show5(&self, call: impl FnOnce(*mut MQTTAsync_successData5)) {
        let (reason, properties) = self.reason();
        let properties = PropertyList::from_view(properties).unwrap_or_default();
        let mut data = self.head5(reason, properties.shown());
        let mut codes = self.codes();
        let (reasonCodeCount, reasonCodes) = (length_of(&codes), codes.as_mut_ptr());
        match self.success {
            Success::Connected { version, session_present, .. } => {
                data.alt.connect =
                    connect_data!(MQTTAsync_successData5_connect, self.server, version, session_present);
            }
            Success::Subscribed { .. } => {
                data.alt.sub = MQTTAsync_successData5_sub { reasonCodeCount, reasonCodes };
            }
            Success::Unsubscribed { .. } => {
                data.alt.unsub = MQTTAsync_successData5_unsub { reasonCodeCount, reasonCodes };
            }
            Success::Published { message, .. } => {
                let publish = message.publish();
                let properties = PropertyList::from_view(publish.properties).unwrap_or_default();
                return with_text(publish.topic, |destinationName| {
                    let message = self.message(&publish, properties.shown());
                    data.alt.r#pub = MQTTAsync_successData5_pub { message, destinationName };
                    call(&raw mut data);
                });
            }
            Success::Disconnected => {}
        }
        call(&raw mut data);
    }

    /// Everything but what belongs to one kind of request.
    fn head5(&self, reason: ReasonCode, properties: MQTTProperties) -> MQTTAsync_successData5 {
        // SAFETY: all members are plain numbers and pointers, for which zero is a value.
        let mut data = unsafe { zeroed::<MQTTAsync_successData5>() };
        data.struct_id = SUCCESS_EYECATCHER.map(|byte| byte as c_char);
        data.token = self.token;
        data.reasonCode = reason.0.into();
        data.properties = properties;
        data
    }

    /// Reason and properties of the packet that brought the success. Every success of a message has reason 0, as wrappers
    /// take any other number for a failure ("no matching subscribers" is 16).
    fn reason(&self) -> (ReasonCode, PropertyView<'_>) {
        match self.success {
            Success::Connected { properties, .. } | Success::Published { properties, .. } => {
                (ReasonCode::SUCCESS, properties.view())
            }
            Success::Subscribed { codes, properties } | Success::Unsubscribed { codes, properties } => {
                (codes.first().map_or(ReasonCode::SUCCESS, |code| ReasonCode(*code)), properties.view())
            }
            Success::Disconnected => (ReasonCode::SUCCESS, PropertyView::empty()),
        }
    }

    /// The codes of SUBACK and UNSUBACK.
    fn codes(&self) -> Vec<MQTTReasonCodes> {
        match self.success {
            Success::Subscribed { codes, .. } | Success::Unsubscribed { codes, .. } => {
                codes.iter().map(|code| MQTTReasonCodes::from(*code)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The message for the application to look at. Even one without payload has a pointer.
    fn message(&self, publish: &Publish<'_>, properties: MQTTProperties) -> MQTTAsync_message {
        let payload = if publish.payload.is_empty() { b"\0" } else { publish.payload };
        MQTTAsync_message {
            struct_id: messages::EYECATCHER.map(|byte| byte as c_char),
            struct_version: messages::VERSION,
            payloadlen: length_of(publish.payload),
            payload: payload.as_ptr().cast_mut().cast(),
            qos: publish.qos.bits().into(),
            retained: publish.retain.into(),
            dup: 0,
            msgid: self.token,
            properties,
        }
    }
}

fn length_of<T>(list: &[T]) -> c_int {
    c_int::try_from(list.len()).unwrap_or(c_int::MAX)
}

/// Lends a zero-terminated copy of the bytes.
fn with_text(bytes: &[u8], lend: impl FnOnce(*mut c_char)) {
    let mut short = [0; SHORT_TOPIC + 1];
    if bytes.len() <= SHORT_TOPIC {
        short[..bytes.len()].copy_from_slice(bytes);
        lend(short.as_mut_ptr().cast());
    } else {
        let mut long = [bytes, b"\0"].concat();
        lend(long.as_mut_ptr().cast());
    }
}

/// What a callback for failure is given.
pub(crate) struct FailureData<'a> {
    pub(crate) token: MQTTAsync_token,
    pub(crate) codes: FailureCodes,
    /// In words; can be NULL.
    pub(crate) message: *const c_char,
    /// Of the packet that refused the request.
    pub(crate) properties: PropertyView<'a>,
    /// Of that packet; 0 for none.
    pub(crate) packet_type: u8,
}

impl FailureData<'_> {
    /// Shows it to a callback of MQTT 3.
    pub(crate) fn show3(&self, call: impl FnOnce(*mut MQTTAsync_failureData)) {
        let (code, message) = (self.codes.code, self.message);
        let mut data = MQTTAsync_failureData { token: self.token, code, message };
        call(&raw mut data);
    }

    /// Shows it to a callback of MQTT 5.
    pub(crate) fn show5(&self, call: impl FnOnce(*mut MQTTAsync_failureData5)) {
        let properties = PropertyList::from_view(self.properties).unwrap_or_default();
        let mut data = MQTTAsync_failureData5 {
            struct_id: FAILURE_EYECATCHER.map(|byte| byte as c_char),
            struct_version: 0,
            token: self.token,
            reasonCode: self.codes.reason.0.into(),
            properties: properties.shown(),
            code: self.codes.code_5,
            message: self.message,
            packet_type: self.packet_type.into(),
        };
        call(&raw mut data);
    }
}
