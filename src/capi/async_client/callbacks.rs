//! The application that owns a client: its callbacks, and the strings lent to it. User code is called in this
//! file only.

use core::ffi::{CStr, c_char};
use core::mem::ManuallyDrop;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use crate::locks::{Hold, Mutex};

use super::callback_slots::{NOTHING_SET, Slots, interest_of};
use super::codes::FailureCodes;
use super::connect_data::ConnectData;
use super::result_callbacks::{self, FailureCallback, SuccessCallback};
use super::results::{Failure, Success};
use crate::capi::shared::context::Context;
use crate::capi::shared::handle::InterfaceProgram;
use crate::capi::shared::hooked_store::Hooks;
use crate::capi::shared::messages::Delivery;
use crate::capi::shared::persistence_abi::{MQTTPersistence_afterRead, MQTTPersistence_beforeWrite};
use crate::capi::shared::property_conversion::PropertyList;
use crate::capi::shared::returned_texts::ReturnedTexts;
use crate::capi::shared::user_function::UserFunction;
use crate::engine::{Application, Cause, Completion, Connection, Credentials, Interest, Message, Outcome};
use crate::protocol::{AcknowledgementType, PacketId, Properties, PropertyView, ReasonCode};

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

    fn succeeded(&self, completion: &Completion<'_>) {
        let callback = result_callbacks::on_success(&completion.reply);
        let server = match completion.outcome {
            Outcome::Connected { server, .. } => {
                self.success_told.store(callback.is_some(), Ordering::Relaxed);
                self.returned_texts.keep(server.as_bytes())
            }
            _ => ptr::null(),
        };
        let success = Success { token: completion.token.into(), outcome: &completion.outcome, server };
        let context = result_callbacks::context(&completion.reply).0;
        match callback {
            Some(SuccessCallback::Version3(call)) => success.show3(|data| {
                // SAFETY: a callback of the application, with the arguments it is documented to get.
                unsafe { call.call("onSuccess", (context, data)) }
            }),
            Some(SuccessCallback::Version5(call)) => success.show5(|data| {
                // SAFETY: a callback of the application, with the arguments it is documented to get.
                unsafe { call.call("onSuccess5", (context, data)) }
            }),
            None => {}
        }
    }

    fn failed(&self, completion: &Completion<'_>, codes: FailureCodes, packet: (PropertyView<'_>, u8)) {
        let (properties, packet_type) = packet;
        let message = codes.message.map_or_else(|| self.detail(completion), CStr::as_ptr);
        let failure = Failure { token: completion.token.into(), codes, message, properties, packet_type };
        let context = result_callbacks::context(&completion.reply).0;
        match result_callbacks::on_failure(&completion.reply) {
            Some(FailureCallback::Version3(call)) => failure.show3(|data| {
                // SAFETY: a callback of the application, with the arguments it is documented to get.
                unsafe { call.call("onFailure", (context, data)) }
            }),
            Some(FailureCallback::Version5(call)) => failure.show5(|data| {
                // SAFETY: a callback of the application, with the arguments it is documented to get.
                unsafe { call.call("onFailure5", (context, data)) }
            }),
            None => {}
        }
    }
}

impl Program {
    /// The exact reason as a string that is valid as long as the handle; NULL for none.
    fn detail(&self, completion: &Completion<'_>) -> *const c_char {
        match completion.outcome {
            Outcome::Failed { detail, .. } if !detail.is_empty() => {
                self.returned_texts.keep(detail.as_bytes())
            }
            _ => ptr::null(),
        }
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

    /// This interface has no such callback: results come with their requests.
    fn published(&self, _: PacketId, _: AcknowledgementType, _: ReasonCode, _: &Properties) {}

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

    fn completed(&self, completion: &Completion<'_>) {
        match completion.outcome {
            Outcome::Failed { cause, reason, properties, packet_type, .. } => {
                self.failed(completion, FailureCodes::new(cause, reason), (properties, packet_type));
            }
            // A single subscription that the server refused has failed. Of several, the application looks at the codes.
            Outcome::Subscribed { codes: &[code], properties }
                if result_callbacks::is_refusal(&completion.reply, code) =>
            {
                let codes = FailureCodes::new(Cause::Refused, ReasonCode(code));
                self.failed(completion, codes, (properties, 0));
            }
            _ => self.succeeded(completion),
        }
    }

    fn connected(&self, how: Connection) {
        let slot = self.slots().connected;
        let Some(callback) = slot.function else { return };
        let told = self.success_told.load(Ordering::Relaxed);
        let cause: &CStr = match how {
            Connection::Requested if told => c"connect onSuccess called",
            Connection::Requested | Connection::Reconnected => c"automatic reconnect",
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
