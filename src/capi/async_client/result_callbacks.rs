//! The callbacks for the result of a request: from the application's options into the engine's [`Reply`] and back.

use core::mem::transmute;
use core::ptr;

use super::response_abi::{
    MQTTAsync_failureData, MQTTAsync_failureData5, MQTTAsync_onFailure, MQTTAsync_onFailure5,
    MQTTAsync_onSuccess, MQTTAsync_onSuccess5, MQTTAsync_successData, MQTTAsync_successData5,
};
use crate::capi::shared::context::Context;
use crate::engine::Reply;
use crate::protocol::ReasonCode;

/// Marks in [`Reply::tag`]: the function is one for MQTT 5.
const SUCCESS_5: u8 = 1;
const FAILURE_5: u8 = 2;

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
    pub(crate) fn into_reply(self) -> Option<Reply> {
        let (success, success_mark) = match (self.on_success, self.on_success5) {
            (Some(function), _) => (function as usize, 0),
            (None, Some(function)) => (function as usize, SUCCESS_5),
            (None, None) => (0, 0),
        };
        let (failure, failure_mark) = match (self.on_failure, self.on_failure5) {
            (Some(function), _) => (function as usize, 0),
            (None, Some(function)) => (function as usize, FAILURE_5),
            (None, None) => (0, 0),
        };
        let words = [self.context.0.expose_provenance(), success, failure];
        (success != 0 || failure != 0).then_some(Reply { words, tag: success_mark | failure_mark })
    }
}

/// Whether this code of SUBACK refuses the subscription. Before MQTT 5 only 0x80 does: other codes of that version are
/// passed on as granted, whatever they are.
pub(crate) fn is_refusal(reply: &Reply, code: u8) -> bool {
    let is_version_5 = reply.tag & (SUCCESS_5 | FAILURE_5) != 0;
    if is_version_5 { ReasonCode(code).is_error() } else { code == ReasonCode::UNSPECIFIED_ERROR.0 }
}

/// The function to call after a success.
#[derive(Clone, Copy)]
pub(crate) enum SuccessCallback {
    Version3(unsafe extern "C" fn(*mut core::ffi::c_void, *mut MQTTAsync_successData)),
    Version5(unsafe extern "C" fn(*mut core::ffi::c_void, *mut MQTTAsync_successData5)),
}

/// The function to call after a failure.
#[derive(Clone, Copy)]
pub(crate) enum FailureCallback {
    Version3(unsafe extern "C" fn(*mut core::ffi::c_void, *mut MQTTAsync_failureData)),
    Version5(unsafe extern "C" fn(*mut core::ffi::c_void, *mut MQTTAsync_failureData5)),
}

/// The context that the callbacks of a request get.
pub(crate) fn context(reply: &Reply) -> Context {
    Context(ptr::with_exposed_provenance_mut(reply.words[0]))
}

/// The callback for a success, if the application has set one.
pub(crate) fn on_success(reply: &Reply) -> Option<SuccessCallback> {
    let function = ptr::with_exposed_provenance::<()>(reply.words[1]);
    if reply.tag & SUCCESS_5 == 0 {
        // SAFETY: `into_reply` put a function of this type here, or 0.
        unsafe { transmute::<*const (), MQTTAsync_onSuccess>(function) }.map(SuccessCallback::Version3)
    } else {
        // SAFETY: as above.
        unsafe { transmute::<*const (), MQTTAsync_onSuccess5>(function) }.map(SuccessCallback::Version5)
    }
}

/// The callback for a failure, if the application has set one.
pub(crate) fn on_failure(reply: &Reply) -> Option<FailureCallback> {
    let function = ptr::with_exposed_provenance::<()>(reply.words[2]);
    if reply.tag & FAILURE_5 == 0 {
        // SAFETY: `into_reply` put a function of this type here, or 0.
        unsafe { transmute::<*const (), MQTTAsync_onFailure>(function) }.map(FailureCallback::Version3)
    } else {
        // SAFETY: as above.
        unsafe { transmute::<*const (), MQTTAsync_onFailure5>(function) }.map(FailureCallback::Version5)
    }
}
