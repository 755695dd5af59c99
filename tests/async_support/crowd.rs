//! A hundred clients at work, and clients that are stuck in one way or the other beside them.

use crate::async_support::handle::*;
use crate::async_support::teller::{Kind, Teller};
use crate::support::broker::{Broker, Incoming, Reaction, polite_answer};
use crate::support::c_interface::*;
use crate::support::packet::*;
use crate::support::wait::until;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::net::TcpListener;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

const CLIENTS: usize = 100;
const THREADS: usize = 4;

/// Clients that publish and wait for the acknowledgements.
pub(crate) struct Crowd {
    handles: Vec<Handle>,
}

/// A broker that sends back what comes for the topic `echo`.
pub(crate) fn echoing_broker() -> Broker {
    Broker::with(|Incoming { packet, .. }| match packet.kind() {
        PUBLISH if packet.publish().topic == b"echo" => {
            let acknowledged = polite_answer(packet).unwrap_or_default();
            let echo = Publish { qos: 0, ..packet.publish() }.encode(packet.level);
            Reaction::Send([acknowledged, echo].concat())
        }
        _ => Reaction::Answer,
    })
}

impl Crowd {
    pub(crate) fn connect(uri: &CStr) -> Crowd {
        let handles: Vec<Handle> = (0..CLIENTS).map(|_| Handle::to(uri, 4)).collect();
        for handle in &handles {
            let code = unsafe {
                let null = ptr::null_mut();
                let code = MQTTAsync_setCallbacks(handle.0, null, None, Some(ignore), None);
                code + MQTTAsync_connect(handle.0, &connect_options(4))
            };
            assert_eq!(code, 0);
        }
        until("the connections", || {
            handles.iter().all(|handle| unsafe { MQTTAsync_isConnected(handle.0) == 1 })
        });
        Crowd { handles }
    }

    /// How long calls take that are to answer at once.
    pub(crate) fn calls(&self) -> String {
        let call = |handle: &Handle| {
            let started = Instant::now();
            unsafe {
                assert_eq!(MQTTAsync_isConnected(handle.0), 1);
                assert_eq!(MQTTAsync_isComplete(handle.0, 1), 1);
                assert_eq!(MQTTAsync_setConnected(handle.0, ptr::null_mut(), None), 0);
            }
            started.elapsed()
        };
        let mut calls: Vec<Duration> = (0..100).flat_map(|_| &self.handles).map(call).collect();
        calls.sort();
        format!("half within {:?}, all within {:?}", calls[calls.len() / 2], calls[calls.len() - 1])
    }

    /// Each client publishes so many messages of QoS 1, one after the other. From each send to the end of the wait for its
    /// acknowledgement.
    pub(crate) fn round_trips(&self, count: usize) -> Vec<Duration> {
        let numbers: Vec<usize> = self.handles.iter().map(|handle| handle.0.addr()).collect();
        std::thread::scope(|scope| {
            let parts = numbers.chunks(CLIENTS / THREADS);
            let threads: Vec<_> = parts.map(|part| scope.spawn(move || trips_of(part, count))).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        })
    }
}

fn trips_of(handles: &[usize], count: usize) -> Vec<Duration> {
    let trips = (0..count).flat_map(|_| handles).map(|number| trip(ptr::without_provenance_mut(*number)));
    trips.collect()
}

fn trip(handle: MQTTAsync) -> Duration {
    let started = Instant::now();
    let mut response = response_options();
    unsafe {
        let (topic, payload) = (c"t".as_ptr(), c"payload".as_ptr().cast());
        assert_eq!(MQTTAsync_send(handle, topic, 7, payload, 1, 0, &raw mut response), 0);
        assert_eq!(MQTTAsync_waitForCompletion(handle, response.token, 20_000), 0);
    }
    started.elapsed()
}

unsafe extern "C" fn ignore(
    _: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    unsafe {
        MQTTAsync_freeMessage(&raw mut message);
        MQTTAsync_free(topic.cast());
    }
    1
}

/// A client that gets nowhere with connecting.
pub(crate) struct Connecting {
    handle: Handle,
    teller: Teller,
}

impl Connecting {
    pub(crate) fn to(uri: &CStr) -> Connecting {
        let (handle, teller) = (Handle::to(uri, 4), Teller::new(Kind::Any));
        let mut options = MQTTAsync_connectOptions { connectTimeout: 3600, ..connect_options(4) };
        teller.listen_to_connect(&mut options, 4);
        assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
        Connecting { handle, teller }
    }

    pub(crate) fn to_a_black_hole(hole: &TcpListener) -> Connecting {
        let uri = CString::new(format!("tcp://{}", hole.local_addr().unwrap())).unwrap();
        Connecting::to(&uri)
    }

    /// The time limit counts whatever a connect is at.
    pub(crate) fn to_in_vain(uri: &CStr) {
        let (handle, teller) = (Handle::to(uri, 4), Teller::new(Kind::Any));
        let mut options = MQTTAsync_connectOptions { connectTimeout: 1, ..connect_options(4) };
        teller.listen_to_connect(&mut options, 4);
        assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
        assert_eq!(teller.next(), "3: 0 failed -1 TCP connect timeout");
    }

    /// It still tries, its functions answer at once, and it can be destroyed.
    pub(crate) fn end(self) {
        assert_eq!(self.teller.told(), [""; 0]);
        unsafe {
            assert_eq!(MQTTAsync_isConnected(self.handle.0), 0);
            assert_eq!(MQTTAsync_isComplete(self.handle.0, 1), 1);
            assert_eq!(MQTTAsync_setConnected(self.handle.0, ptr::null_mut(), None), -1);
        }
        drop(self.handle);
        assert_eq!(self.teller.told(), ["3: 0 failed -11 NULL"]);
    }
}

/// A client in whose messageArrived the library stands still.
pub(crate) struct Slow {
    handle: Handle,
    context: &'static SlowContext,
    go_on: Sender<()>,
}

struct SlowContext {
    handle: AtomicUsize,
    /// How long each callback takes; none: until it is told to go on.
    takes: Option<Duration>,
    entered: AtomicUsize,
    ends: AtomicBool,
    goes_on: Mutex<Receiver<()>>,
}

impl Slow {
    /// Its callbacks take so long, one after the other; without time, the first does not end before the client.
    pub(crate) fn connect(uri: &CStr, takes: Option<Duration>) -> Slow {
        let (go_on, goes_on) = channel();
        let handle = Handle::to(uri, 4);
        let context: &SlowContext = Box::leak(Box::new(SlowContext {
            handle: AtomicUsize::new(handle.0.addr()),
            takes,
            entered: AtomicUsize::new(0),
            ends: AtomicBool::new(false),
            goes_on: goes_on.into(),
        }));
        let pointer = ptr::from_ref(context).cast_mut().cast();
        let code = unsafe { MQTTAsync_setCallbacks(handle.0, pointer, None, Some(take_long), None) };
        assert_eq!(code, 0);
        handle.connect(4);
        let slow = Slow { handle, context, go_on };
        ask_for_another(slow.handle.0);
        until("the slow callback", || context.entered.load(Ordering::SeqCst) > 0);
        slow
    }

    /// How many callbacks have begun.
    pub(crate) fn callbacks(&self) -> usize {
        self.context.entered.load(Ordering::SeqCst)
    }

    pub(crate) fn end(self) {
        self.context.ends.store(true, Ordering::SeqCst);
        let _ = self.go_on.send(());
        drop(self.handle);
    }
}

fn ask_for_another(handle: MQTTAsync) {
    let code = unsafe { MQTTAsync_send(handle, c"echo".as_ptr(), 0, ptr::null(), 0, 0, ptr::null_mut()) };
    assert!([0, -1].contains(&code), "{code}");
}

unsafe extern "C" fn take_long(
    context: *mut c_void,
    topic: *mut c_char,
    length: c_int,
    message: *mut MQTTAsync_message,
) -> c_int {
    let context = unsafe { &*context.cast::<SlowContext>() };
    context.entered.fetch_add(1, Ordering::SeqCst);
    let goes_on = context.goes_on.lock().unwrap();
    let _ = match context.takes {
        Some(time) => goes_on.recv_timeout(time).is_ok(),
        None => goes_on.recv().is_ok(),
    };
    if !context.ends.load(Ordering::SeqCst) {
        ask_for_another(ptr::without_provenance_mut(context.handle.load(Ordering::SeqCst)));
    }
    unsafe { ignore(ptr::null_mut(), topic, length, message) }
}
