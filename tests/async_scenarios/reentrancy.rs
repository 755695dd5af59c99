//! Every function of the interface, called inside every callback: it returns at once and with the right code, each request
//! that it makes has its one result, and the client goes on working.

#[path = "called_functions.rs"]
mod functions;

use crate::async_support::handle::*;
use crate::async_support::witness::{Witness, pending};
use crate::support::broker::{Broker, Incoming, Reaction};
use crate::support::c_interface::*;
use crate::support::packet::*;
use crate::support::wait::{LIMIT, next, until, within};
use functions::{FUNCTIONS, Function, destroy, set_callbacks, set_each};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

/// No call inside a callback has a reason to take longer, however busy the machine is.
const AT_ONCE: Duration = Duration::from_secs(4);

/// How the client stands inside a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Connected,
    NotConnected,
    /// It is being destroyed: its handle is none any more.
    Gone,
}

/// The callback in which the function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    ConnectSuccess,
    ConnectFailure,
    Connected,
    ConnectionLost,
    Disconnected,
    UpdateConnectOptions,
    MessageArrived,
    DeliveryComplete,
    SendSuccess(c_int),
    SendFailure,
    SendRefused,
    SubscribeSuccess,
    SubscribeFailure,
    SubscribeRefused,
    UnsubscribeSuccess,
    UnsubscribeFailure,
    DisconnectSuccess,
    DisconnectFailure,
    SendDestroyed,
    ConnectDestroyed,
}

impl Place {
    fn state(self) -> State {
        match self {
            Place::ConnectSuccess
            | Place::Connected
            | Place::MessageArrived
            | Place::DeliveryComplete
            | Place::SendSuccess(_)
            | Place::SendRefused
            | Place::SubscribeSuccess
            | Place::SubscribeRefused
            | Place::UnsubscribeSuccess => State::Connected,
            Place::SendDestroyed | Place::ConnectDestroyed => State::Gone,
            _ => State::NotConnected,
        }
    }
}

/// What a callback needs. It stays for ever: the callback may still run when the test has its answer.
struct Scene {
    place: Place,
    version: c_int,
    uri: CString,
    handle: Mutex<MQTTAsyncValue>,
    witness: Witness,
    function: &'static Function,
    done: AtomicBool,
    answer: Mutex<Sender<(c_int, Duration)>>,
}

/// A handle that goes from thread to thread.
#[derive(Clone, Copy)]
struct MQTTAsyncValue(MQTTAsync);

unsafe impl Send for MQTTAsyncValue {}

impl Scene {
    fn handle(&self) -> MQTTAsync {
        self.handle.lock().unwrap().0
    }

    /// As the tests' own type, which must not destroy it.
    fn borrowed(&self) -> std::mem::ManuallyDrop<Handle> {
        std::mem::ManuallyDrop::new(Handle(self.handle()))
    }

    fn response(&self, name: &str) -> MQTTAsync_responseOptions {
        self.witness.response(name, self.version)
    }

    fn counted(&self, code: c_int) -> c_int {
        self.witness.accepted(code)
    }
}

/// A callback of the scene: the first one at its place calls the function.
fn in_callback(context: *mut c_void, is_place: impl FnOnce(Place) -> bool) {
    let scene = unsafe { &*context.cast::<Scene>() };
    if !is_place(scene.place) || scene.done.swap(true, Ordering::SeqCst) {
        return;
    }
    let started = Instant::now();
    let code = (scene.function.call)(scene);
    let _ = scene.answer.lock().unwrap().send((code, started.elapsed()));
}

unsafe extern "C" fn lost(context: *mut c_void, _: *mut c_char) {
    in_callback(context, |place| place == Place::ConnectionLost);
}

unsafe extern "C" fn connected(context: *mut c_void, _: *mut c_char) {
    in_callback(context, |place| place == Place::Connected);
}

unsafe extern "C" fn disconnected(context: *mut c_void, _: *mut MQTTProperties, _: MQTTReasonCodes) {
    in_callback(context, |place| place == Place::Disconnected);
}

unsafe extern "C" fn complete(context: *mut c_void, _: MQTTAsync_token) {
    in_callback(context, |place| place == Place::DeliveryComplete);
}

unsafe extern "C" fn update(context: *mut c_void, _: *mut MQTTAsync_connectData) -> c_int {
    in_callback(context, |place| place == Place::UpdateConnectOptions);
    0
}

unsafe extern "C" fn arrived(
    context: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    in_callback(context, |place| place == Place::MessageArrived);
    unsafe {
        MQTTAsync_freeMessage(&raw mut message);
        MQTTAsync_free(topic.cast());
    }
    1
}

fn succeeds(place: Place) -> bool {
    matches!(
        place,
        Place::ConnectSuccess
            | Place::SendSuccess(_)
            | Place::SubscribeSuccess
            | Place::UnsubscribeSuccess
            | Place::DisconnectSuccess
    )
}

unsafe extern "C" fn on_success(context: *mut c_void, _: *mut MQTTAsync_successData) {
    in_callback(context, succeeds);
}

unsafe extern "C" fn on_success5(context: *mut c_void, _: *mut MQTTAsync_successData5) {
    in_callback(context, succeeds);
}

unsafe extern "C" fn on_failure(context: *mut c_void, _: *mut MQTTAsync_failureData) {
    in_callback(context, |place| !succeeds(place));
}

unsafe extern "C" fn on_failure5(context: *mut c_void, _: *mut MQTTAsync_failureData5) {
    in_callback(context, |place| !succeeds(place));
}

/// The broker of a place; the topic or filter `silent` is not answered, `refused` is refused.
fn rule(incoming: &Incoming, place: Place, refuses: &AtomicBool) -> Reaction {
    let packet = &incoming.packet;
    let name = match packet.kind() {
        CONNECT if refuses.swap(false, Ordering::SeqCst) => {
            let code = if packet.connect().level == 5 { 135 } else { 5 };
            return Reaction::SendAndCut(connack(packet.connect().level, false, code, &[]));
        }
        CONNECT if place == Place::ConnectDestroyed && incoming.connection == 0 => return Reaction::Silence,
        PUBLISH => packet.publish().topic,
        SUBSCRIBE | UNSUBSCRIBE => packet.subscribe().filters[0].0.clone(),
        _ => return Reaction::Answer,
    };
    match name.as_slice() {
        b"silent" => Reaction::Silence,
        b"echo" => Reaction::Send(packet.publish().encode(packet.level)),
        b"refused" if packet.kind() == PUBLISH => {
            Reaction::Send(acknowledgement_because(PUBACK, packet.id(), 135))
        }
        b"refused" => Reaction::Send(suback(packet.level, packet.id(), &[128])),
        _ => Reaction::Answer,
    }
}

/// One client with the callbacks in which the function is called.
struct Stage {
    broker: Broker,
    scene: &'static Scene,
    destroyer: Option<std::thread::JoinHandle<()>>,
}

impl Stage {
    fn options(&self) -> MQTTAsync_connectOptions {
        let scene = self.scene;
        let mut options = MQTTAsync_connectOptions {
            context: ptr::from_ref(scene).cast_mut().cast(),
            ..connect_options(scene.version)
        };
        if scene.place == Place::UpdateConnectOptions {
            options.automaticReconnect = 1;
            options.minRetryInterval = 0;
        }
        let is_own =
            matches!(scene.place, Place::ConnectSuccess | Place::ConnectFailure | Place::ConnectDestroyed);
        match (is_own, scene.version) {
            (false, _) => {}
            (true, 5) => {
                options.onSuccess5 = Some(on_success5);
                options.onFailure5 = Some(on_failure5);
            }
            _ => {
                options.onSuccess = Some(on_success);
                options.onFailure = Some(on_failure);
            }
        }
        options
    }

    fn response(&self) -> MQTTAsync_responseOptions {
        let context = ptr::from_ref(self.scene).cast_mut().cast();
        let mut response = MQTTAsync_responseOptions { context, ..response_options() };
        if self.scene.version == 5 {
            response.onSuccess5 = Some(on_success5);
            response.onFailure5 = Some(on_failure5);
        } else {
            response.onSuccess = Some(on_success);
            response.onFailure = Some(on_failure);
        }
        response
    }

    fn send(&self, topic: &CStr, qos: c_int) {
        let (handle, mut response) = (self.scene.handle(), self.response());
        let code =
            unsafe { MQTTAsync_send(handle, topic.as_ptr(), 0, ptr::null(), qos, 0, &raw mut response) };
        assert_eq!(code, 0);
    }

    fn subscribe(&self, filter: &CStr) {
        let (handle, mut response) = (self.scene.handle(), self.response());
        assert_eq!(unsafe { MQTTAsync_subscribe(handle, filter.as_ptr(), 0, &raw mut response) }, 0);
    }

    fn unsubscribe(&self, filter: &CStr) {
        let (handle, mut response) = (self.scene.handle(), self.response());
        assert_eq!(unsafe { MQTTAsync_unsubscribe(handle, filter.as_ptr(), &raw mut response) }, 0);
    }

    fn disconnect(&self, timeout: c_int) {
        let options = MQTTAsync_disconnectOptions {
            timeout,
            context: ptr::from_ref(self.scene).cast_mut().cast(),
            onSuccess: Some(on_success),
            onFailure: Some(on_failure),
            ..disconnect_options()
        };
        assert_eq!(unsafe { MQTTAsync_disconnect(self.scene.handle(), &raw const options) }, 0);
    }

    /// On another thread, because this one watches.
    fn destroy(&mut self) {
        let scene = self.scene;
        self.destroyer = Some(std::thread::spawn(move || assert_eq!(destroy(scene), 0)));
    }

    /// Connected without having told.
    fn connect(&self) {
        let handle = self.scene.handle();
        assert_eq!(unsafe { MQTTAsync_connect(handle, &self.options()) }, 0);
        until("the connection", || unsafe { MQTTAsync_isConnected(handle) == 1 });
    }

    fn bring_about(&mut self) {
        let scene = self.scene;
        match scene.place {
            Place::ConnectFailure => {
                assert_eq!(unsafe { MQTTAsync_connect(scene.handle(), &self.options()) }, 0);
                return;
            }
            Place::ConnectSuccess | Place::Connected => {
                assert_eq!(unsafe { MQTTAsync_connect(scene.handle(), &self.options()) }, 0);
                return;
            }
            Place::ConnectDestroyed => {
                assert_eq!(unsafe { MQTTAsync_connect(scene.handle(), &self.options()) }, 0);
                return self.destroy();
            }
            _ => self.connect(),
        }
        match scene.place {
            Place::ConnectionLost | Place::UpdateConnectOptions => self.broker.cut(0),
            Place::Disconnected => self.broker.send(0, &packet(DISCONNECT << 4, &[139, 0])),
            Place::MessageArrived => self.send(c"echo", 0),
            Place::DeliveryComplete => self.send(c"t", 1),
            Place::SendSuccess(qos) => self.send(c"t", qos),
            Place::SendRefused => self.send(c"refused", 1),
            Place::SubscribeSuccess => self.subscribe(c"t"),
            Place::SubscribeRefused => self.subscribe(c"refused"),
            Place::UnsubscribeSuccess => self.unsubscribe(c"t"),
            Place::DisconnectSuccess => self.disconnect(0),
            Place::SendFailure | Place::SendDestroyed => self.send(c"silent", 1),
            Place::SubscribeFailure => self.subscribe(c"silent"),
            Place::UnsubscribeFailure => self.unsubscribe(c"silent"),
            Place::DisconnectFailure => {
                let code = unsafe {
                    MQTTAsync_send(scene.handle(), c"silent".as_ptr(), 0, ptr::null(), 1, 0, ptr::null_mut())
                };
                assert_eq!(code, 0);
                self.disconnect(3_600_000);
            }
            _ => {}
        }
        match scene.place {
            Place::SendFailure
            | Place::SubscribeFailure
            | Place::UnsubscribeFailure
            | Place::DisconnectFailure => self.broker.cut(0),
            Place::SendDestroyed => self.destroy(),
            _ => {}
        }
    }

    /// The client, unless it is gone, still does its work; each request has had its result.
    fn check_afterwards(self, what: &str) {
        let scene = self.scene;
        if let Some(destroyer) = self.destroyer {
            destroyer.join().unwrap();
        }
        within(LIMIT, what, move || {
            let handle = scene.handle();
            if handle.is_null() {
                return;
            }
            let options = connect_options(scene.version);
            until("a connection for a message", || unsafe {
                if MQTTAsync_isConnected(handle) == 0 {
                    assert_eq!(MQTTAsync_connect(handle, &raw const options), 0);
                }
                // A disconnect that was asked for inside the callback may still be under way.
                let mut response = response_options();
                let code = MQTTAsync_send(handle, c"t".as_ptr(), 0, ptr::null(), 2, 0, &raw mut response);
                code == 0 && MQTTAsync_waitForCompletion(handle, response.token, 3000) == 0
            });
            destroy(scene);
        });
        // The destroyed client gives its last results before destroy returns, unless inside its own callback.
        let witness = &scene.witness;
        until(&format!("a result for each request: {what}"), || witness.is_even());
        assert!(witness.rest().iter().all(|line| !line.contains("AGAIN")), "{what}");
    }
}

fn check(place: Place, version: c_int, function: &'static Function) {
    let what = format!("{} in {place:?}, version {version}", function.name);
    let refuses = AtomicBool::new(place == Place::ConnectFailure);
    let broker = Broker::with(move |incoming| rule(incoming, place, &refuses));
    let uri = CString::new(broker.uri()).unwrap();
    let handle = std::mem::ManuallyDrop::new(Handle::to(&uri, version)).0;
    let (sender, answers) = channel();
    let scene: &Scene = Box::leak(Box::new(Scene {
        place,
        version,
        uri,
        handle: Mutex::new(MQTTAsyncValue(handle)),
        witness: Witness::new(),
        function,
        done: AtomicBool::new(false),
        answer: Mutex::new(sender),
    }));
    assert_eq!((set_callbacks(scene), set_each(scene)), (0, 0));
    let mut stage = Stage { broker, scene, destroyer: None };
    stage.bring_about();
    let (code, took) = next(&answers, &what);
    assert_eq!(code, function.results[place.state() as usize], "{what}");
    assert!(took < AT_ONCE, "{what} took {took:?}");
    stage.check_afterwards(&what);
}

fn check_all(place: Place, versions: &[c_int]) {
    for version in versions {
        FUNCTIONS.iter().for_each(|function| check(place, *version, function));
    }
}

const BOTH: [c_int; 2] = [4, 5];

#[test]
fn in_the_success_of_connect() {
    check_all(Place::ConnectSuccess, &BOTH);
}

#[test]
fn in_the_failure_of_connect() {
    check_all(Place::ConnectFailure, &BOTH);
}

#[test]
fn in_connected() {
    check_all(Place::Connected, &BOTH);
}

#[test]
fn in_connection_lost() {
    check_all(Place::ConnectionLost, &BOTH);
}

#[test]
fn in_disconnected() {
    check_all(Place::Disconnected, &[5]);
}

#[test]
fn in_update_connect_options() {
    check_all(Place::UpdateConnectOptions, &BOTH);
}

#[test]
fn in_message_arrived() {
    check_all(Place::MessageArrived, &BOTH);
}

#[test]
fn in_delivery_complete() {
    check_all(Place::DeliveryComplete, &BOTH);
}

#[test]
fn in_the_success_of_send() {
    (0..3).for_each(|qos| check_all(Place::SendSuccess(qos), &[4]));
    check_all(Place::SendSuccess(1), &[5]);
}

#[test]
fn in_the_failure_of_send() {
    check_all(Place::SendFailure, &BOTH);
    check_all(Place::SendRefused, &[5]);
}

#[test]
fn in_the_results_of_subscribe() {
    check_all(Place::SubscribeSuccess, &BOTH);
    check_all(Place::SubscribeFailure, &[4]);
    check_all(Place::SubscribeRefused, &BOTH);
}

#[test]
fn in_the_results_of_unsubscribe() {
    check_all(Place::UnsubscribeSuccess, &BOTH);
    check_all(Place::UnsubscribeFailure, &[4]);
}

#[test]
fn in_the_results_of_disconnect() {
    check_all(Place::DisconnectSuccess, &BOTH);
    check_all(Place::DisconnectFailure, &[4]);
}

#[test]
fn in_what_destroy_tells() {
    check_all(Place::SendDestroyed, &BOTH);
    check_all(Place::ConnectDestroyed, &[4]);
}
