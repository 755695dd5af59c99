//! The application that owns a client: its callbacks, and the strings lent to it. User code is called in this
//! file only.

use core::ffi::c_int;
use core::mem::ManuallyDrop;
use core::ptr;
use core::sync::atomic::{AtomicU8, Ordering};
use std::sync::Arc;

use crate::locks::{Hold, Mutex};

use super::abi::{
    MQTTClient_connectionLost, MQTTClient_deliveryComplete, MQTTClient_disconnected,
    MQTTClient_messageArrived, MQTTClient_published,
};
use crate::capi::shared::handle::InterfaceProgram;
use crate::capi::shared::messages::Delivery;
use crate::capi::shared::property_conversion::PropertyList;
use crate::capi::shared::returned_texts::ReturnedTexts;
use crate::capi::shared::user_function::{Context, UserFunction};
use crate::engine::{Application, Interest, Message};
use crate::protocol::{AcknowledgementType, PacketId, Properties, ReasonCode};

/// The callbacks of one handle as set by the application.
#[derive(Clone, Copy)]
pub(crate) struct Slots {
    /// That of the callbacks of `MQTTClient_setCallbacks`; the others have their own.
    pub(crate) context: Context,
    pub(crate) connection_lost: MQTTClient_connectionLost,
    pub(crate) message_arrived: MQTTClient_messageArrived,
    pub(crate) delivery_complete: MQTTClient_deliveryComplete,
    pub(crate) disconnected: (Context, MQTTClient_disconnected),
    pub(crate) published: (Context, MQTTClient_published),
}

const NO_CONTEXT: Context = Context(ptr::null_mut());
const NOTHING_SET: Slots = Slots {
    context: NO_CONTEXT,
    connection_lost: None,
    message_arrived: None,
    delivery_complete: None,
    disconnected: (NO_CONTEXT, None),
    published: (NO_CONTEXT, None),
};

const DELIVERY_COMPLETE: u8 = 2;
const PUBLISHED: u8 = 4;
const CONNECTION_LOST: u8 = 8;
const DISCONNECTED: u8 = 16;

impl Slots {
    /// Which callbacks are set, as bits.
    fn interest(&self) -> u8 {
        let bit = |is_set: bool, bit: u8| if is_set { bit } else { 0 };
        bit(self.delivery_complete.is_some(), DELIVERY_COMPLETE)
            | bit(self.published.1.is_some(), PUBLISHED)
            | bit(self.connection_lost.is_some(), CONNECTION_LOST)
            | bit(self.disconnected.1.is_some(), DISCONNECTED)
    }
}

/// The application that owns a handle.
pub(crate) struct Program {
    slots: Mutex<Slots>,
    /// [`Slots::interest`] of the slots, for questions that need no lock.
    interest: AtomicU8,
    /// Strings whose addresses the application was given.
    pub(crate) returned_texts: ReturnedTexts,
}

impl Program {
    /// A program without callbacks.
    pub(crate) fn new() -> Program {
        Program {
            slots: Mutex::new(NOTHING_SET),
            interest: AtomicU8::new(0),
            returned_texts: ReturnedTexts::default(),
        }
    }

    /// Sets callbacks.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Slots)) {
        let mut slots = self.slots.lock();
        change(&mut slots);
        self.interest.store(slots.interest(), Ordering::Release);
    }

    /// The callbacks as they are now. The lock is free again before any of them is called.
    fn slots(&self) -> Slots {
        *self.slots.lock()
    }

    /// The same for messageArrived alone, which is called the most.
    #[inline]
    fn message_arrived_slot(&self) -> (Context, MQTTClient_messageArrived) {
        let slots = self.slots.lock();
        (slots.context, slots.message_arrived)
    }
}

impl InterfaceProgram for Program {
    const ASYNCHRONOUS: bool = false;
}

impl Application for Program {
    fn hold(self: Arc<Self>, hold: &mut Hold) {
        hold.take_of(&self, |program| &program.slots);
        hold.take_of(&self, |program| program.returned_texts.lock());
    }

    fn interest(&self) -> Interest {
        let bits = self.interest.load(Ordering::Acquire);
        Interest {
            delivery_complete: bits & DELIVERY_COMPLETE != 0,
            published: bits & PUBLISHED != 0,
            connection_lost: bits & CONNECTION_LOST != 0,
            disconnected: bits & DISCONNECTED != 0,
            ..Interest::default()
        }
    }

    fn message_arrived(&self, message: Message) -> Result<(), Message> {
        let (context, callback) = self.message_arrived_slot();
        let Some(callback) = callback else { return Err(message) };
        // Once the callback runs, topic and message belong to the application, whatever happens to the client
        // meanwhile.
        let delivery = ManuallyDrop::new(Delivery::from_message(message)?);
        // 0 means that strlen gives the length.
        let topic_length = if delivery.topic_has_zero() { delivery.topic_length() } else { 0 };
        // SAFETY: a callback of the application, with the arguments it is documented to get.
        let taken = unsafe {
            callback.call("messageArrived", (context.0, delivery.topic(), topic_length, delivery.message()))
        };
        if taken == 0 {
            // The application left both alone.
            return Err(ManuallyDrop::into_inner(delivery).refused());
        }
        Ok(())
    }

    fn delivery_complete(&self, id: PacketId) {
        let slots = self.slots();
        if let Some(callback) = slots.delivery_complete {
            // SAFETY: a callback of the application, with the arguments it is documented to get.
            unsafe { callback.call("deliveryComplete", (slots.context.0, id.get().into())) };
        }
    }

    fn published(
        &self,
        id: PacketId,
        kind: AcknowledgementType,
        reason: ReasonCode,
        properties: &Properties,
    ) {
        let (context, Some(callback)) = self.slots().published else { return };
        let Some(mut list) = PropertyList::from_view(properties.view()) else { return };
        let kind = kind.packet_type() as c_int;
        // SAFETY: a callback of the application, with the arguments it is documented to get; the list
        // outlives the call.
        unsafe {
            callback
                .call("published", (context.0, id.get().into(), kind, list.as_mut_ptr(), reason.0.into()));
        };
    }

    fn connection_lost(&self) {
        let slots = self.slots();
        if let Some(callback) = slots.connection_lost {
            // SAFETY: a callback of the application, with the arguments it is documented to get.
            unsafe { callback.call("connectionLost", (slots.context.0, ptr::null_mut())) };
        }
    }

    fn disconnected(&self, reason: ReasonCode, properties: &Properties) {
        let (context, Some(callback)) = self.slots().disconnected else { return };
        let Some(mut list) = PropertyList::from_view(properties.view()) else { return };
        // SAFETY: a callback of the application, with the arguments it is documented to get; the list
        // outlives the call.
        unsafe { callback.call("disconnected", (context.0, list.as_mut_ptr(), reason.0.into())) };
    }
}
