//! Callbacks: what the library tells a program, as values.

use super::abi;
use super::client::Client;
use super::library::library;
use super::message::Delivered;
use super::properties::{self, Property};
use std::ffi::{c_char, c_int, c_void};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};

/// One call of a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Message(Delivered),
    Complete(c_int),
    Published { token: c_int, packet_type: c_int, reason: c_int, properties: Vec<Property> },
    Lost { with_cause: bool },
    Disconnected { reason: c_int, properties: Vec<Property> },
}

/// What to return from messageArrived; it is ignored for the other events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Accept the message and free it at once.
    Accept,
    /// Accept the message and leave freeing it to the test.
    Keep,
    /// Return 0.
    Refuse,
}

/// Which callbacks a test installs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) lost: bool,
    pub(crate) complete: bool,
    pub(crate) published: bool,
    pub(crate) disconnected: bool,
}

/// Every callback.
pub(crate) const ALL: Wanted = Wanted { lost: true, complete: true, published: true, disconnected: true };

type Handler = dyn Fn(&Client, &Event) -> Verdict + Send + Sync;

struct Context {
    client: Client,
    handler: Box<Handler>,
}

impl Client {
    /// Installs the callbacks; each call of one runs `handler`.
    pub(crate) fn on_event(
        &self,
        wanted: Wanted,
        handler: impl Fn(&Client, &Event) -> Verdict + Send + Sync + 'static,
    ) {
        // Never freed: the library may hold the pointer for as long as the handle lives, and a test is short.
        let context = Box::leak(Box::new(Context { client: self.clone(), handler: Box::new(handler) }));
        let context = std::ptr::from_mut(context).cast::<c_void>();
        let (handle, library) = (self.handle(), library());
        let lost = wanted.lost.then_some(lost as abi::ConnectionLost);
        let complete = wanted.complete.then_some(complete as abi::DeliveryComplete);
        // SAFETY: the context is never freed, and the functions have the documented types.
        let code = unsafe { (library.set_callbacks)(handle, context, lost, Some(arrived), complete) };
        assert_eq!(code, 0, "setCallbacks");
        let published = wanted.published.then_some(published as abi::Published);
        // SAFETY: as above.
        let code = unsafe { (library.set_published)(handle, context, published) };
        assert_eq!(code, 0, "setPublished");
        let disconnected = wanted.disconnected.then_some(disconnected as abi::Disconnected);
        // SAFETY: as above.
        let code = unsafe { (library.set_disconnected)(handle, context, disconnected) };
        assert_eq!(code, 0, "setDisconnected");
    }

    /// Installs all callbacks and collects what they are told.
    pub(crate) fn events(&self) -> Events {
        self.chosen_events(ALL)
    }

    /// Installs some callbacks and collects what they are told.
    pub(crate) fn chosen_events(&self, wanted: Wanted) -> Events {
        let (sender, receiver) = channel();
        let sender = Mutex::new(sender);
        self.on_event(wanted, move |_, event| {
            let _ = sender.lock().unwrap_or_else(PoisonError::into_inner).send(event.clone());
            Verdict::Accept
        });
        Events(receiver)
    }
}

/// The events of a client, in order.
pub(crate) struct Events(pub(crate) Receiver<Event>);

impl Events {
    #[track_caller]
    pub(crate) fn next(&self) -> Event {
        super::wait::next(&self.0, "an event of the client")
    }

    #[track_caller]
    pub(crate) fn message(&self) -> Delivered {
        match self.next() {
            Event::Message(message) => message,
            other => panic!("expected a message, got {other:?}"),
        }
    }

    /// The next event for which `choose` gives something; others are passed over.
    #[track_caller]
    pub(crate) fn find<T>(&self, choose: impl Fn(Event) -> Option<T>) -> T {
        loop {
            if let Some(found) = choose(self.next()) {
                return found;
            }
        }
    }

    #[track_caller]
    pub(crate) fn find_lost(&self) {
        self.find(|event| matches!(event, Event::Lost { .. }).then_some(()));
    }

    /// What came until now.
    pub(crate) fn rest(&self) -> Vec<Event> {
        self.0.try_iter().collect()
    }
}

fn context(pointer: *mut c_void) -> &'static Context {
    // SAFETY: on_event gave the library a pointer to a Context that is never freed.
    unsafe { &*pointer.cast::<Context>() }
}

fn tell(pointer: *mut c_void, event: &Event) -> Verdict {
    let context = context(pointer);
    (context.handler)(&context.client, event)
}

unsafe extern "C" fn arrived(
    pointer: *mut c_void,
    topic: *mut c_char,
    length: c_int,
    message: *mut abi::Message,
) -> c_int {
    let delivered = Delivered::read(topic, length, message);
    let verdict = tell(pointer, &Event::Message(delivered.clone()));
    if verdict == Verdict::Accept {
        delivered.free();
    }
    c_int::from(verdict != Verdict::Refuse)
}

unsafe extern "C" fn complete(pointer: *mut c_void, token: c_int) {
    tell(pointer, &Event::Complete(token));
}

unsafe extern "C" fn lost(pointer: *mut c_void, cause: *mut c_char) {
    tell(pointer, &Event::Lost { with_cause: !cause.is_null() });
}

unsafe extern "C" fn published(
    pointer: *mut c_void,
    token: c_int,
    packet_type: c_int,
    list: *mut abi::Properties,
    reason: c_int,
) {
    let properties = properties::read(list);
    tell(pointer, &Event::Published { token, packet_type, reason, properties });
}

unsafe extern "C" fn disconnected(pointer: *mut c_void, list: *mut abi::Properties, reason: c_int) {
    let properties = properties::read(list);
    tell(pointer, &Event::Disconnected { reason, properties });
}
