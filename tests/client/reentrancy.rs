//! Every function of the API, called inside every callback: it returns, at once and with the right code, and the
//! library goes on working afterwards.

use crate::support::abi::{self, DISCONNECTED, FAILURE, V3_1_1, V5};
use crate::support::broker::{Broker, Reaction};
use crate::support::callbacks::{ALL, Event, Verdict};
use crate::support::client::Client;
use crate::support::library::library;
use crate::support::options::version;
use crate::support::packet::{DISCONNECT, PUBLISH, packet};
use crate::support::properties::{List, Property};
use crate::support::wait::{LIMIT, next, within};
use std::ffi::c_int;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

/// No call inside a callback has a reason to take longer.
const AT_ONCE: Duration = Duration::from_secs(4);

/// The callback in which the function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    MessageArrived,
    DeliveryComplete,
    Published,
    ConnectionLost,
    Disconnected,
}

impl Place {
    fn is(self, event: &Event) -> bool {
        match event {
            Event::Message(_) => self == Place::MessageArrived,
            Event::Complete(_) => self == Place::DeliveryComplete,
            Event::Published { .. } => self == Place::Published,
            Event::Lost { .. } => self == Place::ConnectionLost,
            Event::Disconnected { .. } => self == Place::Disconnected,
        }
    }

    fn is_connected(self) -> bool {
        !matches!(self, Place::ConnectionLost | Place::Disconnected)
    }

    fn bring_about(self, broker: &Broker, client: &Client) {
        match self {
            Place::MessageArrived => drop(client.publish_ok("echo", 0, b"")),
            Place::DeliveryComplete | Place::Published => drop(client.publish_ok("t", 1, b"")),
            Place::ConnectionLost => broker.cut(0),
            Place::Disconnected => broker.send(0, &packet(DISCONNECT << 4, &[0x8B, 0])),
        }
    }
}

/// One function of the API: its name, a call of it, and its result with and without a connection.
struct Function {
    name: &'static str,
    call: fn(&Client, &Surroundings) -> c_int,
    connected: c_int,
    lost: c_int,
}

struct Surroundings {
    uri: String,
    level: c_int,
}

const fn function(
    name: &'static str,
    call: fn(&Client, &Surroundings) -> c_int,
    connected: c_int,
    lost: c_int,
) -> Function {
    Function { name, call, connected, lost }
}

const FUNCTIONS: [Function; 29] = [
    function("publish, QoS 0", |client, _| client.publish("t", 0, b"x").0, 0, DISCONNECTED),
    function("publish, QoS 1", |client, _| client.publish("t", 1, b"x").0, 0, DISCONNECTED),
    function("publish, QoS 2", |client, _| client.publish("t", 2, b"x").0, 0, DISCONNECTED),
    function("publish beyond the limit", publish_beyond_the_limit, 0, DISCONNECTED),
    function("publishMessage", publish_message, 0, DISCONNECTED),
    function("waitForCompletion", publish_and_wait, 0, DISCONNECTED),
    function("subscribe", |client, _| client.subscribe("s", 0), 0, DISCONNECTED),
    function("subscribeMany", subscribe_many, 0, DISCONNECTED),
    function("unsubscribe", |client, _| client.unsubscribe("s"), 0, DISCONNECTED),
    function("unsubscribeMany", unsubscribe_many, 0, DISCONNECTED),
    function("disconnect", |client, _| client.disconnect(0), 0, 0),
    function("disconnect with time", |client, _| client.disconnect(2000), 0, 0),
    function("disconnect5", |client, _| client.disconnect5(0, 0, &[]), 0, 0),
    function("connect", |client, around| client.connect(&version(around.level)).code, 0, 0),
    function("disconnect and connect", disconnect_and_connect, 0, 0),
    function("isConnected", |client, _| c_int::from(client.is_connected()), 1, 0),
    function("getPendingDeliveryTokens", |client, _| client.pending_tokens().0, 0, 0),
    function("receive", |client, _| client.receive(Duration::from_millis(10)).0, FAILURE, FAILURE),
    function("yield", call_yield, 0, 0),
    function("setCallbacks, setPublished, setDisconnected", set_callbacks, 0, 0),
    function("setCommandTimeout", |client, _| client.set_command_timeout(Duration::from_secs(6)), 0, 0),
    function("create and destroy", create_and_destroy, 0, 0),
    function("another handle's session", another_session, 0, 0),
    function("another handle's session with callbacks", another_session_with_callbacks, 0, 0),
    function("properties", use_properties, 0, 0),
    function("texts", use_texts, 0, 0),
    function("setTraceLevel, setTraceCallback", set_trace, 0, 0),
    function("disconnect and destroy", disconnect_and_destroy, 0, 0),
    function("destroy", destroy, 0, 0),
];

fn publish_beyond_the_limit(client: &Client, _: &Surroundings) -> c_int {
    // The limit is one message, so each call waits for the acknowledgement of the one before.
    let results = [1, 2, 1].map(|qos| client.publish("t", qos, b"x").0);
    if results == [results[0]; 3] { results[0] } else { -1000 }
}

fn publish_message(client: &Client, _: &Surroundings) -> c_int {
    let mut message = abi::Message {
        struct_id: *b"MQTM",
        struct_version: 1,
        payloadlen: 1,
        payload: c"x".as_ptr().cast_mut().cast(),
        qos: 1,
        retained: 0,
        dup: 0,
        msgid: 0,
        properties: abi::Properties::EMPTY,
    };
    client.publish_message("t", &mut message).0
}

fn publish_and_wait(client: &Client, _: &Surroundings) -> c_int {
    let (_, token) = client.publish("t", 2, b"x");
    client.wait(token.unwrap_or(1), LIMIT)
}

fn subscribe_many(client: &Client, around: &Surroundings) -> c_int {
    let mut qos = [0, 1];
    if around.level == V5 {
        return client.subscribe_many5(&["a", "b"], &mut qos, None, &[]).code;
    }
    client.subscribe_many3(&["a", "b"], &mut qos)
}

fn unsubscribe_many(client: &Client, around: &Surroundings) -> c_int {
    if around.level == V5 {
        return client.unsubscribe_many5(&["a", "b"], &[]).code;
    }
    client.unsubscribe_many(&["a", "b"])
}

fn disconnect_and_connect(client: &Client, around: &Surroundings) -> c_int {
    match client.disconnect(100) {
        0 => client.connect(&version(around.level)).code,
        other => other,
    }
}

fn call_yield(_: &Client, _: &Surroundings) -> c_int {
    // SAFETY: the function takes nothing.
    unsafe { (library().yield_now)() };
    0
}

fn set_callbacks(client: &Client, _: &Surroundings) -> c_int {
    client.on_event(ALL, |_, _| Verdict::Accept);
    0
}

fn create_and_destroy(_: &Client, around: &Surroundings) -> c_int {
    let other = Client::new(&around.uri, around.level);
    other.destroy();
    0
}

fn another_session(_: &Client, around: &Surroundings) -> c_int {
    let other = Client::new(&around.uri, around.level);
    session_of(&other, around)
}

fn another_session_with_callbacks(_: &Client, around: &Surroundings) -> c_int {
    let other = Client::new(&around.uri, around.level);
    let _events = other.events();
    session_of(&other, around)
}

fn session_of(other: &Client, around: &Surroundings) -> c_int {
    let connected = other.connect(&version(around.level)).code;
    let subscribed = other.subscribe("s", 0);
    let (published, token) = other.publish("t", 1, b"x");
    let completed = other.wait(token.unwrap_or(0), LIMIT);
    connected | subscribed | published | completed | other.disconnect(100)
}

fn use_properties(_: &Client, _: &Surroundings) -> c_int {
    let mut list = List::new(&[Property::user("a", "b")]);
    // SAFETY: the list lives through the calls.
    let copy = unsafe { (library().properties_copy)(list.pointer()) };
    drop(List(copy));
    // SAFETY: as above.
    unsafe { (library().properties_has)(list.pointer(), crate::support::properties::USER_PROPERTY) - 1 }
}

fn use_texts(_: &Client, _: &Surroundings) -> c_int {
    let library = library();
    // SAFETY: the function takes any number.
    let error = unsafe { (library.strerror)(-1) };
    // SAFETY: as above.
    let reason = unsafe { (library.reason_text)(135) };
    // SAFETY: as above.
    let property = unsafe { (library.property_name)(38) };
    // SAFETY: the function takes nothing.
    let versions = unsafe { (library.version_info)() };
    // SAFETY: as above.
    let heap = unsafe { (library.heap_info)() };
    let any_null = error.is_null() || reason.is_null() || property.is_null() || versions.is_null();
    c_int::from(any_null || heap.is_null())
}

fn set_trace(_: &Client, _: &Surroundings) -> c_int {
    // SAFETY: level 3 is the one that is set at the start.
    unsafe { (library().set_trace_level)(3) };
    // SAFETY: no callback is no function to call.
    unsafe { (library().set_trace_callback)(None) };
    0
}

fn disconnect_and_destroy(client: &Client, _: &Surroundings) -> c_int {
    let code = client.disconnect(0);
    client.destroy();
    code
}

fn destroy(client: &Client, _: &Surroundings) -> c_int {
    client.destroy();
    0
}

/// What the call inside the callback came to.
type Outcome = (c_int, Duration);

fn install(
    client: &Client,
    place: Place,
    function: &'static Function,
    around: Surroundings,
    sender: Sender<Outcome>,
) {
    let (sender, called) = (Mutex::new(sender), AtomicBool::new(false));
    client.on_event(ALL, move |client, event| {
        if place.is(event) && !called.swap(true, Ordering::SeqCst) {
            let started = Instant::now();
            let code = (function.call)(client, &around);
            let _ = sender.lock().unwrap().send((code, started.elapsed()));
        }
        Verdict::Accept
    });
}

fn check(place: Place, level: c_int, function: &'static Function) {
    let what = format!("{} in {place:?}, version {level}", function.name);
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH if incoming.packet.publish().topic == b"echo" => {
            Reaction::Send(incoming.packet.publish().encode(incoming.packet.level))
        }
        _ => Reaction::Answer,
    });
    let client = Client::new(&broker.uri(), level);
    let (sender, receiver) = channel();
    install(&client, place, function, Surroundings { uri: broker.uri(), level }, sender);
    client.connect_ok(&version(level));
    place.bring_about(&broker, &client);

    let (code, took) = next(&receiver, &what);
    let expected = if place.is_connected() { function.connected } else { function.lost };
    assert_eq!(code, expected, "{what}");
    assert!(took < AT_ONCE, "{what} took {took:?}");
    check_afterwards(&client, level, &what);
}

/// The handle, unless it is gone, still does its work, and goes without waiting.
fn check_afterwards(client: &Client, level: c_int, what: &str) {
    let handle = client.clone();
    within(LIMIT, what, move || {
        if handle.handle().is_null() {
            return;
        }
        if !handle.is_connected() {
            handle.connect_ok(&version(level));
        }
        let token = handle.publish_ok("t", 2, b"x");
        assert_eq!(handle.wait(token, LIMIT), 0);
        assert_eq!(handle.disconnect(0), 0);
        handle.destroy();
    });
}

fn check_all(place: Place, level: c_int) {
    FUNCTIONS.iter().for_each(|function| check(place, level, function));
}

#[test]
fn in_message_arrived() {
    check_all(Place::MessageArrived, V3_1_1);
}

#[test]
fn in_message_arrived_5() {
    check_all(Place::MessageArrived, V5);
}

#[test]
fn in_delivery_complete() {
    check_all(Place::DeliveryComplete, V3_1_1);
}

#[test]
fn in_delivery_complete_5() {
    check_all(Place::DeliveryComplete, V5);
}

#[test]
fn in_published() {
    check_all(Place::Published, V5);
}

#[test]
fn in_connection_lost() {
    check_all(Place::ConnectionLost, V3_1_1);
}

#[test]
fn in_connection_lost_5() {
    check_all(Place::ConnectionLost, V5);
}

#[test]
fn in_disconnected() {
    check_all(Place::Disconnected, V5);
}
