//! The application that owns a client: its callbacks, and the strings lent to it. User code is called in this
//! file only.

use core::ffi::{CStr, c_char};
use core::mem::ManuallyDrop;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::Arc;

use crate::locks::{Hold, Mutex};

use super::callback_slots::{NOTHING_SET, Slots, interest_of};
use super::codes::FailureCodes;
use super::connect_data::ConnectData;
use super::results::{FailureData, ResultCallbacks, SuccessData};
use crate::capi::shared::handle::InterfaceProgram;
use crate::capi::shared::hooked_store::Hooks;
use crate::capi::shared::messages::Delivery;
use crate::capi::shared::persistence_abi::{MQTTPersistence_afterRead, MQTTPersistence_beforeWrite};
use crate::capi::shared::property_conversion::PropertyList;
use crate::capi::shared::returned_texts::ReturnedTexts;
use crate::capi::shared::user_function::{Context, UserFunction};
use crate::engine::{
    Application, Cause, Completion, ConnectReason, Credentials, FailedRequest, Interest, Message, Success,
};
use crate::protocol::{PacketId, Properties, ReasonCode};

/// The application that owns a handle.
pub(crate) struct Program {
    slots: Mutex<Slots>,
    /// [`Slots::bits`] of the slots, for questions that need no lock.
    interest: AtomicU8,
    /// The success callback of the last connect request has been called.
    success_told: AtomicBool,
    /// Strings whose addresses the application was given.
    returned_texts: ReturnedTexts,
}

impl Program {
    /// A program without callbacks.
    pub(crate) fn new() -> Program {
        Program {
            slots: Mutex::new(NOTHING_SET),
            interest: AtomicU8::new(0),
            success_told: AtomicBool::new(false),
            returned_texts: ReturnedTexts::default(),
        }
    }

    /// Sets callbacks.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Slots)) {
        let mut slots = self.slots.lock();
        change(&mut slots);
        self.interest.store(slots.bits(), Ordering::Release);
    }

    /// The callbacks as they are now. The lock is free again before any of them is called.
    fn slots(&self) -> Slots {
        *self.slots.lock()
    }

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

impl InterfaceProgram for Program {
    const ASYNCHRONOUS: bool = true;
}

impl Hooks for Program {
    fn before_write(&self) -> (Context, MQTTPersistence_beforeWrite) {
        let slot = self.slots().before_write;
        (slot.context, slot.function)
    }

    fn after_read(&self) -> (Context, MQTTPersistence_afterRead) {
        let slot = self.slots().after_read;
        (slot.context, slot.function)
    }
}

impl Application for Program {
    fn hold(self: Arc<Self>, hold: &mut Hold) {
        hold.take_of(&self, |program| &program.slots);
        hold.take_of(&self, |program| program.returned_texts.lock());
    }

    fn interest(&self) -> Interest {
        interest_of(self.interest.load(Ordering::Acquire))
    }

    fn message_arrived(&self, message: Message) -> Result<(), Message> {
        let slot = self.slots.lock().message_arrived;
        let Some(callback) = slot.function else { return Err(message) };
        // Once the callback runs, topic and message belong to the application, whatever happens to the client
        // meanwhile.
        let delivery = ManuallyDrop::new(Delivery::from_message(message)?);
        // The first time the length is always passed; afterwards 0 means that strlen gives it.
        let is_untold = delivery.was_refused() && !delivery.topic_has_zero();
        let topic_length = if is_untold { 0 } else { delivery.topic_length() };
        // SAFETY: a callback of the application, with the arguments it is documented to get.
        let taken = unsafe {
            callback
                .call("messageArrived", (slot.context.0, delivery.topic(), topic_length, delivery.message()))
        };
        if taken == 0 {
            // The application left both alone.
            return Err(ManuallyDrop::into_inner(delivery).refused());
        }
        Ok(())
    }

    fn delivery_complete(&self, id: PacketId) {
        let slot = self.slots().delivery_complete;
        if let Some(callback) = slot.function {
            // SAFETY: a callback of the application, with the arguments it is documented to get.
            unsafe { callback.call("deliveryComplete", (slot.context.0, id.get().into())) };
        }
    }

    fn connection_lost(&self) {
        let slot = self.slots().connection_lost;
        if let Some(callback) = slot.function {
            // SAFETY: a callback of the application, with the arguments it is documented to get.
            unsafe { callback.call("connectionLost", (slot.context.0, ptr::null_mut())) };
        }
    }

    fn disconnected(&self, reason: ReasonCode, properties: &Properties) {
        let slot = self.slots().disconnected;
        let Some(callback) = slot.function else { return };
        let mut list = PropertyList::from_view(properties.view()).unwrap_or_default();
        // SAFETY: a callback of the application, with the arguments it is documented to get; the list
        // outlives the call.
        unsafe { callback.call("disconnected", (slot.context.0, list.as_mut_ptr(), reason.0.into())) };
    }

    fn completed(&self, completion: &Completion) {
        match &completion.result {
            Err(failed) => self.failed(completion, failed),
            Ok(success) => match refusal_of_one(completion, success) {
                Some(refusal) => self.failed(completion, &refusal),
                None => self.succeeded(completion, success),
            },
        }
    }

    fn connected(&self, reason: ConnectReason) {
        let slot = self.slots().connected;
        let Some(callback) = slot.function else { return };
        let told = self.success_told.load(Ordering::Relaxed);
        let cause: &CStr = match reason {
            ConnectReason::Requested if told => c"connect onSuccess called",
            ConnectReason::Requested | ConnectReason::Reconnected => c"automatic reconnect",
        };
        // SAFETY: a callback of the application, with what the interface promises it; that the parameter is not
        // const is history, it is only read.
        unsafe { callback.call("connected", (slot.context.0, cause.as_ptr().cast_mut())) };
    }

    fn update_credentials(&self, user_name: Option<&[u8]>, password: Option<&[u8]>) -> Option<Credentials> {
        let slot = self.slots().update_connect_options;
        let callback = slot.function?;
        let mut data = ConnectData::new(user_name, password)?;
        // SAFETY: a callback of the application, with the arguments it is documented to get.
        let code = unsafe { callback.call("updateConnectOptions", (slot.context.0, data.as_mut_ptr())) };
        // SAFETY: the application has kept to the rules for what it puts there.
        (code != 0).then(|| unsafe { data.changed() })
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
