//! What the application of this interface has beyond its callbacks of a client: those of its requests.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;
use core::sync::atomic::Ordering;

use super::abi::MQTTAsync_connectData;
use super::codes::FailureCodes;
use super::connect_data::ConnectData;
use super::results::{FailureData, ResultCallbacks, SuccessData};
use crate::capi::shared::hooked_store::Hooks;
use crate::capi::shared::messages::Delivery;
use crate::capi::shared::persistence_abi::{MQTTPersistence_afterRead, MQTTPersistence_beforeWrite};
use crate::capi::shared::program::{self, Interface, Slot};
use crate::capi::shared::user_function::UserFunction;
use crate::engine::{Cause, Completion, Credentials, FailedRequest, Success};
use crate::protocol::ReasonCode;

/// What [`MQTTAsync_updateConnectOptions`](super::abi::MQTTAsync_updateConnectOptions) is if it is set.
pub(crate) type UpdateConnectOptions =
    unsafe extern "C" fn(context: *mut c_void, data: *mut MQTTAsync_connectData) -> c_int;

/// The application that owns a handle.
pub(crate) type Program = program::ProgramOf<Asynchronous>;

/// This interface.
pub(crate) struct Asynchronous;

impl Interface for Asynchronous {
    const ASYNCHRONOUS: bool = true;
    type UpdateConnectOptions = UpdateConnectOptions;

    /// The first time the length is always passed; afterwards 0 means that strlen gives it.
    fn topic_length(delivery: &Delivery) -> c_int {
        let is_untold = delivery.was_refused() && !delivery.topic_has_zero();
        if is_untold { 0 } else { delivery.topic_length() }
    }

    fn completed(program: &Program, completion: &Completion) {
        match &completion.result {
            Err(failed) => program.failed(completion, failed),
            Ok(success) => match refusal_of_one(completion, success) {
                Some(refusal) => program.failed(completion, &refusal),
                None => program.succeeded(completion, success),
            },
        }
    }

    fn update_credentials(
        program: &Program,
        user_name: Option<&[u8]>,
        password: Option<&[u8]>,
    ) -> Option<Credentials> {
        let slot = program.slots().update_connect_options;
        let callback = slot.function?;
        let mut data = ConnectData::new(user_name, password)?;
        // SAFETY: a callback of the application, with the arguments it is documented to get.
        let code = unsafe { callback.call("updateConnectOptions", (slot.context.0, data.as_mut_ptr())) };
        // SAFETY: the application has kept to the rules for what it puts there.
        (code != 0).then(|| unsafe { data.changed() })
    }
}

impl Program {
    fn succeeded(&self, completion: &Completion, success: &Success) {
        let callbacks = ResultCallbacks::of(&completion.requester);
        let server = match success {
            Success::Connected { server, .. } => {
                self.success_told.store(callbacks.has_on_success(), Ordering::Relaxed);
                self.returned_texts.keep(server)
            }
            _ => ptr::null(),
        };
        let data = SuccessData { token: completion.token.into(), success, server };
        let context = callbacks.context.0;
        if let Some(callback) = callbacks.on_success {
            // SAFETY: a callback of the application, with the arguments it is documented to get.
            data.show3(|data| unsafe { callback.call("onSuccess", (context, data)) });
        } else if let Some(callback) = callbacks.on_success5 {
            // SAFETY: a callback of the application, with the arguments it is documented to get.
            data.show5(|data| unsafe { callback.call("onSuccess5", (context, data)) });
        }
    }

    fn failed(&self, completion: &Completion, failed: &FailedRequest) {
        let codes = FailureCodes::new(failed.cause, failed.reason);
        let data = FailureData {
            token: completion.token.into(),
            codes,
            message: codes.message.map_or_else(|| self.lasting(&failed.detail), CStr::as_ptr),
            properties: failed.properties.view(),
            packet_type: failed.packet_type.map_or(0, |packet_type| packet_type as u8),
        };
        let callbacks = ResultCallbacks::of(&completion.requester);
        let context = callbacks.context.0;
        if let Some(callback) = callbacks.on_failure {
            // SAFETY: a callback of the application, with the arguments it is documented to get.
            data.show3(|data| unsafe { callback.call("onFailure", (context, data)) });
        } else if let Some(callback) = callbacks.on_failure5 {
            // SAFETY: a callback of the application, with the arguments it is documented to get.
            data.show5(|data| unsafe { callback.call("onFailure5", (context, data)) });
        }
    }

    /// The text as a string that is valid as long as the handle; NULL for an empty one.
    fn lasting(&self, text: &str) -> *const c_char {
        if text.is_empty() { ptr::null() } else { self.returned_texts.keep(text.as_bytes()) }
    }
}

impl Hooks for Program {
    fn before_write(&self) -> Slot<MQTTPersistence_beforeWrite> {
        self.slots().before_write
    }

    fn after_read(&self) -> Slot<MQTTPersistence_afterRead> {
        self.slots().after_read
    }
}

/// A single subscription that the server refused has failed. Of several, the application looks at the codes.
fn refusal_of_one(completion: &Completion, success: &Success) -> Option<FailedRequest> {
    let Success::Subscribed { codes, properties } = success else { return None };
    let [code] = **codes else { return None };
    let (reason, properties) = (ReasonCode(code), properties.clone());
    let refusal = || FailedRequest { reason, properties, ..FailedRequest::new(Cause::Refused) };
    ResultCallbacks::of(&completion.requester).is_refusal(reason).then(refusal)
}
