//! The end of clients while others are at work: callbacks do not overlap, none runs afterwards, and what was accepted has
//! its result, from whatever thread it came.

use crate::async_support::handle::*;
use crate::async_support::witness::{Lane, Witness};
use crate::support::broker::{Broker, Listener, Reaction};
use crate::support::c_interface::*;
use crate::support::packet::*;
use crate::support::program::in_own_process;
use crate::support::wait::next;
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Sends every message back and acknowledges only some of them.
fn moody_broker() -> Broker {
    Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH => {
            let publish = incoming.packet.publish();
            let echo = Publish { qos: 0, ..publish.clone() }.encode(incoming.packet.level);
            match publish.id % 3 {
                1 => Reaction::Send([acknowledgement(PUBACK, publish.id), echo].concat()),
                _ => Reaction::Send(echo),
            }
        }
        _ => Reaction::Answer,
    })
}

/// The life of one client that is destroyed in the midst of it.
fn live(lane: &Arc<Lane>, uri: &CString, round: usize) -> Witness {
    let witness = Witness::in_lane(lane);
    let handle = Handle::with(uri, &buffer_options(4, 1000));
    witness.watch(&handle);
    assert_eq!(witness.connect(&handle, "connect", connect_options(4)), 0);
    for _ in 0..20 {
        assert_eq!(witness.send(&handle, "message", 1, 4), 0);
    }
    let stage = round % 4;
    if stage > 0 {
        witness.until("complete 1");
    }
    if stage == 3 {
        witness.disconnect(&handle, "bye", 3_600_000);
    }
    witness.close(handle);
    witness
}

/// All callbacks of all clients, and the results that destroy tells on its caller's thread.
#[test]
fn callbacks_never_overlap_with_what_destroy_tells() {
    let (broker, lane) = (moody_broker(), Arc::new(Lane::default()));
    let uri = CString::new(broker.uri()).unwrap();
    let witnesses: Vec<Witness> = std::thread::scope(|scope| {
        let work = || (0..15).map(|round| live(&lane, &uri, round)).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    for witness in witnesses {
        assert_eq!(witness.rest(), [""; 0], "nothing after destroy");
    }
}

#[test]
fn what_threads_send_while_the_client_is_destroyed_has_its_result() {
    let broker = moody_broker();
    let uri = CString::new(broker.uri()).unwrap();
    for connected in [true, false] {
        for _ in 0..20 {
            let (witness, handle) = (Witness::new(), Handle::with(&uri, &buffer_options(4, 1_000_000)));
            if connected {
                assert_eq!(witness.connect(&handle, "connect", connect_options(4)), 0);
            }
            let (sent, number) = (AtomicUsize::new(0), handle.0.addr());
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        let copy = std::mem::ManuallyDrop::new(Handle(ptr::without_provenance_mut(number)));
                        while matches!(witness.send(&copy, "message", 1, 4), 0) {
                            sent.fetch_add(1, Ordering::SeqCst);
                        }
                        assert_eq!(witness.send(&copy, "message", 1, 4), -1, "it is gone for good");
                    });
                }
                while sent.load(Ordering::SeqCst) < 200 {
                    std::thread::yield_now();
                }
                let mut copy = handle.0;
                unsafe { MQTTAsync_destroy(&raw mut copy) };
            });
            witness.close(handle);
        }
    }
}

/// A client whose messageArrived destroys another one.
struct Rival {
    handle: AtomicPtr<c_void>,
    victim: AtomicPtr<c_void>,
    entered: Sender<()>,
    go_on: Mutex<Receiver<()>>,
    left: Sender<Option<bool>>,
    /// Set once the callback has returned what it has to do.
    through: Arc<AtomicUsize>,
    others: Arc<AtomicUsize>,
}

unsafe extern "C" fn destroy_the_other(
    context: *mut c_void,
    topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    let rival = unsafe { &*context.cast::<Rival>() };
    rival.entered.send(()).unwrap();
    rival.go_on.lock().unwrap().recv().unwrap();
    let mut victim = rival.victim.load(Ordering::SeqCst);
    let destroys = !victim.is_null();
    let mut waited = None;
    unsafe {
        if destroys {
            MQTTAsync_destroy(&raw mut victim);
            waited = Some(rival.others.load(Ordering::SeqCst) > 0);
        }
        MQTTAsync_freeMessage(&raw mut message);
        MQTTAsync_free(topic.cast());
    }
    rival.through.fetch_add(1, Ordering::SeqCst);
    rival.left.send(waited).unwrap();
    1
}

/// Two clients inside their callbacks; what each is to destroy.
fn rivals(mutual: bool) {
    let listener = Listener::new();
    let uri = CString::new(listener.uri()).unwrap();
    let through = [Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0))];
    let (mut ends, mut peers, mut contexts) = (Vec::new(), Vec::new(), Vec::new());
    let witness = Witness::new();
    for index in 0..2 {
        let handle = std::mem::ManuallyDrop::new(Handle::to(&uri, 4)).0;
        let ((entered, enters), (goes_on, go_on), (left, leaves)) = (channel(), channel(), channel());
        let rival: &Rival = Box::leak(Box::new(Rival {
            handle: AtomicPtr::new(handle),
            victim: AtomicPtr::new(ptr::null_mut()),
            entered,
            go_on: go_on.into(),
            left,
            through: through[index].clone(),
            others: through[1 - index].clone(),
        }));
        let context = ptr::from_ref(rival).cast_mut().cast();
        unsafe {
            assert_eq!(MQTTAsync_setCallbacks(handle, context, None, Some(destroy_the_other), None), 0);
            assert_eq!(MQTTAsync_connect(handle, &connect_options(4)), 0);
        }
        let (mut peer, _) = listener.accept_client(false);
        let copy = std::mem::ManuallyDrop::new(Handle(handle));
        crate::support::wait::until("the connection", || unsafe { MQTTAsync_isConnected(handle) == 1 });
        assert_eq!(witness.send(&copy, "unanswered", 1, 4), 0);
        peer.send(&Publish::new("t", 0, 0, b"x").encode(4));
        next(&enters, "messageArrived");
        ends.push((goes_on, leaves));
        contexts.push(rival);
        peers.push(peer);
    }
    contexts[0].victim.store(contexts[1].handle.load(Ordering::SeqCst), Ordering::SeqCst);
    if mutual {
        contexts[1].victim.store(contexts[0].handle.load(Ordering::SeqCst), Ordering::SeqCst);
    }
    ends[0].0.send(()).unwrap();
    if !mutual {
        let early = ends[0].1.recv_timeout(Duration::from_millis(100));
        assert!(early.is_err(), "destroy returned while a callback of that client ran");
    }
    ends[1].0.send(()).unwrap();
    let left = next(&ends[0].1, "the end of the first callback");
    next(&ends[1].1, "the end of the second callback");
    assert!(mutual || left == Some(true), "destroy has waited for the other callback");
    let mut handle = contexts[0].handle.load(Ordering::SeqCst);
    unsafe { MQTTAsync_destroy(&raw mut handle) };
    witness.expect(["unanswered: failed -11"; 2]);
}

#[test]
fn a_callback_that_destroys_another_client_waits_for_its_callback() {
    let lanes = [("PAHO_C_RS_CALLBACK_LANES", "client")];
    in_own_process("ending::a_callback_that_destroys_another_client_child", &lanes);
}

#[test]
#[ignore = "run by a_callback_that_destroys_another_client_waits_for_its_callback in a process of its own"]
fn a_callback_that_destroys_another_client_child() {
    rivals(false);
    rivals(true);
}
