//! The application that owns a client: its callbacks, and the strings lent to it. The callbacks of a client are called in
//! this file; those of single requests, and what only the asynchronous interface has, in its `callbacks.rs`.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::ffi::CString;
use std::sync::Arc;

use crate::locks::{Hold, Mutex};

use super::abi::{MQTTApi_disconnected, MQTTApi_message};
use super::authentication::Authenticator;
use super::messages::Delivery;
use super::persistence_abi::{MQTTPersistence_afterRead, MQTTPersistence_beforeWrite};
use super::property_abi::MQTTProperties;
use super::property_list::PropertyList;
use super::reason_codes::MQTTReasonCodes;
use super::upgrade::Upgrader;
pub(crate) use super::user_function::Slot;
use super::user_function::UserFunction;
#[cfg(feature = "tls")]
use crate::engine::TlsContext;
use crate::engine::{
    Application, AuthenticationStep, Completion, ConnectReason, Credentials, Interest, Message,
    UpgradeCallback,
};
use crate::protocol::{AcknowledgementType, PacketId, Properties, ReasonCode};

type MessageArrived =
    Option<unsafe extern "C" fn(*mut c_void, *mut c_char, c_int, *mut MQTTApi_message) -> c_int>;
type DeliveryComplete = Option<unsafe extern "C" fn(*mut c_void, c_int)>;
type WithCause = Option<unsafe extern "C" fn(*mut c_void, *mut c_char)>;
type Published =
    Option<unsafe extern "C" fn(*mut c_void, c_int, c_int, *mut MQTTProperties, MQTTReasonCodes)>;

/// The callbacks of one handle as set by the application. Some belong to one of the interfaces only.
#[derive(Clone, Copy)]
pub(crate) struct Slots<U> {
    pub(crate) connection_lost: Slot<WithCause>,
    pub(crate) message_arrived: Slot<MessageArrived>,
    pub(crate) delivery_complete: Slot<DeliveryComplete>,
    pub(crate) published: Slot<Published>,
    pub(crate) connected: Slot<WithCause>,
    pub(crate) disconnected: Slot<MQTTApi_disconnected>,
    pub(crate) update_connect_options: Slot<Option<U>>,
    pub(crate) before_write: Slot<MQTTPersistence_beforeWrite>,
    pub(crate) after_read: Slot<MQTTPersistence_afterRead>,
}

impl<U> Slots<U> {
    const NOTHING_SET: Slots<U> = Slots {
        connection_lost: Slot::EMPTY,
        message_arrived: Slot::EMPTY,
        delivery_complete: Slot::EMPTY,
        published: Slot::EMPTY,
        connected: Slot::EMPTY,
        disconnected: Slot::EMPTY,
        update_connect_options: Slot::EMPTY,
        before_write: Slot::EMPTY,
        after_read: Slot::EMPTY,
    };

    /// Which callbacks are set, as bits for [`interest_of`].
    fn bits(&self) -> u8 {
        let set = [
            self.delivery_complete.is_set(),
            self.published.is_set(),
            self.connection_lost.is_set(),
            self.disconnected.is_set(),
            self.connected.is_set(),
            self.update_connect_options.is_set(),
        ];
        set.iter().rev().fold(0, |bits, is_set| bits << 1 | u8::from(*is_set))
    }
}

/// Which callbacks are set, of the bits that [`Slots::bits`] makes.
fn interest_of(bits: u8) -> Interest {
    let is_set = |place: u8| bits >> place & 1 != 0;
    Interest {
        delivery_complete: is_set(0),
        published: is_set(1),
        connection_lost: is_set(2),
        disconnected: is_set(3),
        connected: is_set(4),
        update_credentials: is_set(5),
    }
}

/// What differs between the two interfaces.
pub(crate) trait Interface: Sized + 'static {
    /// Whether it is the asynchronous one.
    const ASYNCHRONOUS: bool;
    /// The callback that renews user name and password.
    type UpdateConnectOptions: Copy + Send;

    /// The length of the topic as messageArrived gets it.
    fn topic_length(delivery: &Delivery) -> c_int;

    /// A request has ended.
    fn completed(_program: &ProgramOf<Self>, _completion: &Completion) {}

    /// What a reconnect uses in place of these.
    fn update_credentials(
        _program: &ProgramOf<Self>,
        _user_name: Option<&[u8]>,
        _password: Option<&[u8]>,
    ) -> Option<Credentials> {
        None
    }
}

/// The application that owns a handle of an interface.
pub(crate) struct ProgramOf<I: Interface> {
    slots: Mutex<Slots<I::UpdateConnectOptions>>,
    /// [`Slots::bits`] of the slots, for questions that need no lock.
    interest: AtomicU8,
    /// The success callback of the last connect request has been called.
    pub(crate) success_told: AtomicBool,
    /// Its part in authentications.
    pub(crate) authenticator: Authenticator,
    /// Its context for TLS.
    #[cfg(feature = "tls")]
    pub(crate) tls_context: Mutex<Option<TlsContext>>,
    /// Its part in requests for WebSockets.
    pub(crate) upgrader: Upgrader,
    /// Strings whose addresses the application was given.
    pub(crate) returned_texts: ReturnedTexts,
    interface: PhantomData<fn() -> I>,
}

impl<I: Interface> ProgramOf<I> {
    /// A program without callbacks.
    pub(crate) fn new() -> ProgramOf<I> {
        ProgramOf {
            slots: Mutex::new(Slots::NOTHING_SET),
            interest: AtomicU8::new(0),
            success_told: AtomicBool::new(false),
            authenticator: Authenticator::default(),
            #[cfg(feature = "tls")]
            tls_context: Mutex::new(None),
            upgrader: Upgrader::default(),
            returned_texts: ReturnedTexts::default(),
            interface: PhantomData,
        }
    }

    /// Sets callbacks.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Slots<I::UpdateConnectOptions>)) {
        let mut slots = self.slots.lock();
        change(&mut slots);
        self.interest.store(slots.bits(), Ordering::Release);
    }

    /// The callbacks as they are now. The lock is free again before any of them is called.
    pub(crate) fn slots(&self) -> Slots<I::UpdateConnectOptions> {
        *self.slots.lock()
    }
}

impl<I: Interface> Application for ProgramOf<I> {
    fn hold(self: Arc<Self>, hold: &mut Hold) {
        hold.take_of(&self, |program| &program.slots);
        hold.take_of(&self, |program| program.authenticator.lock());
        #[cfg(feature = "tls")]
        hold.take_of(&self, |program| &program.tls_context);
        hold.take_of(&self, |program| program.upgrader.lock());
        hold.take_of(&self, |program| program.returned_texts.lock());
    }

    fn interest(&self) -> Interest {
        interest_of(self.interest.load(Ordering::Acquire))
    }

    fn message_arrived(&self, message: &mut Message) -> bool {
        let slot = self.slots.lock().message_arrived;
        let Some(callback) = slot.function else { return false };
        // Once the callback runs, topic and message belong to the application, whatever happens to the client
        // meanwhile.
        let Some(delivery) = Delivery::from_message(message).map(ManuallyDrop::new) else { return false };
        let arguments = (slot.context.0, delivery.topic(), I::topic_length(&delivery), delivery.message());
        // SAFETY: a callback of the application, with the arguments it is documented to get.
        let taken = unsafe { callback.call("messageArrived", arguments) };
        if taken == 0 {
            // The application left both alone.
            ManuallyDrop::into_inner(delivery).put_back(message);
        }
        taken != 0
    }

    fn delivery_complete(&self, id: PacketId) {
        let slot = self.slots().delivery_complete;
        if let Some(callback) = slot.function {
            // SAFETY: a callback of the application, with the arguments it is documented to get.
            unsafe { callback.call("deliveryComplete", (slot.context.0, id.get().into())) };
        }
    }

    fn published(
        &self,
        id: PacketId,
        kind: AcknowledgementType,
        reason: ReasonCode,
        properties: &Properties,
    ) {
        let Slot { context, function: Some(callback) } = self.slots().published else { return };
        let Some(mut list) = PropertyList::from_view(properties.view()) else { return };
        let (id, kind) = (id.get().into(), kind.packet_type() as c_int);
        // SAFETY: a callback of the application, with the arguments it is documented to get; the list
        // outlives the call.
        unsafe { callback.call("published", (context.0, id, kind, list.as_mut_ptr(), reason.0.into())) };
    }

    fn connection_lost(&self) {
        let slot = self.slots().connection_lost;
        if let Some(callback) = slot.function {
            // SAFETY: a callback of the application, with the arguments it is documented to get.
            unsafe { callback.call("connectionLost", (slot.context.0, ptr::null_mut())) };
        }
    }

    fn disconnected(&self, reason: ReasonCode, properties: &Properties) {
        let Slot { context, function: Some(callback) } = self.slots().disconnected else { return };
        let list = PropertyList::from_view(properties.view());
        let Some(mut list) = list.or(I::ASYNCHRONOUS.then(PropertyList::default)) else { return };
        // SAFETY: a callback of the application, with the arguments it is documented to get; the list
        // outlives the call.
        unsafe { callback.call("disconnected", (context.0, list.as_mut_ptr(), reason.0.into())) };
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

    fn completed(&self, completion: &Completion) {
        I::completed(self, completion);
    }

    fn update_credentials(&self, user_name: Option<&[u8]>, password: Option<&[u8]>) -> Option<Credentials> {
        I::update_credentials(self, user_name, password)
    }

    #[cfg(feature = "tls")]
    fn tls_context(&self) -> Option<TlsContext> {
        self.tls_context.lock().clone()
    }

    fn upgrade(&self) -> Option<UpgradeCallback> {
        self.upgrader.callback()
    }

    fn authentication_method(&self) -> Option<Vec<u8>> {
        self.authenticator.method()
    }

    fn authenticate(&self, step: AuthenticationStep, data: &[u8]) -> Option<Vec<u8>> {
        self.authenticator.answer(step, data)
    }
}

/// Strings whose addresses are valid as long as the handle. Each distinct string is kept once, so repeated
/// connects do not add to them.
#[derive(Default)]
pub(crate) struct ReturnedTexts(Mutex<Vec<CString>>);

impl ReturnedTexts {
    /// For a fork.
    pub(crate) fn lock(&self) -> &Mutex<Vec<CString>> {
        &self.0
    }

    /// A pointer to the text, valid as long as `self`. NULL for a text with a zero byte, which no URI
    /// from C has.
    pub(crate) fn keep(&self, text: &[u8]) -> *const c_char {
        let mut texts = self.0.lock();
        if let Some(kept) = texts.iter().find(|kept| kept.as_bytes() == text) {
            return kept.as_ptr();
        }
        let Ok(text) = CString::new(text) else { return ptr::null() };
        // Moving the CString into the list leaves its bytes in their place.
        let start = text.as_ptr();
        texts.push(text);
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_and_are_kept_once() {
        let texts = ReturnedTexts::default();
        let first = texts.keep(b"a:1883");
        for port in 0..100 {
            texts.keep(format!("b:{port}").as_bytes());
        }
        assert_eq!(texts.keep(b"a:1883"), first);
        // SAFETY: kept by `texts`.
        assert_eq!(unsafe { CStr::from_ptr(first) }, c"a:1883");
    }
}
