//! Threads that call whatever they like on clients that they share.

use crate::async_support::handle::*;
use crate::async_support::witness::{Lane, Witness};
use crate::support::broker::{Broker, Reaction};
use crate::support::c_interface::*;
use crate::support::packet::*;
use std::ffi::{CStr, CString, c_int};
use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex};
use std::thread;

const THREADS: u64 = 8;
const PLACES: usize = 4;

/// The same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// A client that any thread may destroy while others use it.
struct Shared {
    handle: ManuallyDrop<Handle>,
    witness: Witness,
    version: c_int,
}

unsafe impl Send for Shared {}
unsafe impl Sync for Shared {}

impl Shared {
    fn new(uri: &CStr, lane: &Arc<Lane>, random: &mut Random) -> Arc<Shared> {
        let version = 4 + random.below(2) as c_int;
        let options = MQTTAsync_createOptions {
            deleteOldestMessages: random.below(2) as c_int,
            ..buffer_options(version, 1 + random.below(50) as c_int)
        };
        let has_own_lane =
            std::env::var_os("PAHO_C_RS_CALLBACK_LANES").is_some_and(|lanes| lanes == "client");
        let witness = if has_own_lane { Witness::new() } else { Witness::in_lane(lane) };
        let handle = Handle::with(uri, &options);
        witness.watch(&handle);
        Arc::new(Shared { handle: ManuallyDrop::new(handle), witness, version })
    }

    fn destroy(&self) {
        let mut handle = self.handle.0;
        unsafe { MQTTAsync_destroy(&raw mut handle) };
    }

    fn connect(&self, random: &mut Random) -> c_int {
        let options = MQTTAsync_connectOptions {
            automaticReconnect: random.below(2) as c_int,
            minRetryInterval: 0,
            maxInflight: 1 + random.below(20) as c_int,
            connectTimeout: 1 + random.below(3) as c_int,
            ..connect_options(self.version)
        };
        self.witness.connect(&self.handle, "connect", options)
    }
}

/// A broker that refuses, cuts and keeps silent now and then.
fn unreliable_broker() -> Broker {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    Broker::with(move |incoming| match (incoming.packet.kind(), random.below(200)) {
        (_, 0) => Reaction::Cut,
        (CONNECT, 1..10) => Reaction::SendAndCut(connack(incoming.packet.connect().level, false, 3, &[])),
        (CONNECT, 10..14) | (PUBLISH, 1..20) => Reaction::Silence,
        _ => Reaction::Answer,
    })
}

/// The clients and those that had their places before.
struct Places {
    uri: CString,
    lane: Arc<Lane>,
    clients: Vec<Mutex<Arc<Shared>>>,
    gone: Mutex<Vec<Arc<Shared>>>,
}

impl Places {
    fn replace(&self, random: &mut Random) {
        let new = Shared::new(&self.uri, &self.lane, random);
        let place = &self.clients[random.below(PLACES as u64) as usize];
        let old = std::mem::replace(&mut *place.lock().unwrap(), new);
        old.destroy();
        self.gone.lock().unwrap().push(old);
    }
}

/// One call. The client may be in any state, and be destroyed by another thread at any moment.
fn step(places: &Places, random: &mut Random) {
    let client = places.clients[random.below(PLACES as u64) as usize].lock().unwrap().clone();
    let (handle, witness, version) = (&*client.handle, &client.witness, client.version);
    let (code, allowed): (c_int, &[c_int]) = match random.below(16) {
        0 => return places.replace(random),
        1 | 2 => (client.connect(random), &[0, -1]),
        3 => (witness.disconnect(handle, "bye", random.below(50) as c_int), &[0, -1, -3]),
        4 => (unsafe { MQTTAsync_reconnect(handle.0) }, &[0, -1]),
        5 => (witness.subscribe(handle, "subscribe", version), &[0, -1, -3]),
        6 => (witness.unsubscribe(handle, "unsubscribe", version), &[0, -1, -3]),
        7 => {
            let token = random.below(5) as c_int;
            (unsafe { MQTTAsync_waitForCompletion(handle.0, token, 2) }, &[0, -1, -3])
        }
        8 => (unsafe { MQTTAsync_isComplete(handle.0, 1) }, &[0, 1, -1]),
        9 => (unsafe { MQTTAsync_isConnected(handle.0) }, &[0, 1]),
        10 => {
            let mut tokens = std::ptr::null_mut();
            let code = unsafe { MQTTAsync_getPendingTokens(handle.0, &raw mut tokens) };
            unsafe { MQTTAsync_free(tokens.cast()) };
            (code, &[0, -1])
        }
        _ => (witness.send(handle, "message", random.below(3) as c_int, version), &[0, -1, -3, -12]),
    };
    assert!(allowed.contains(&code), "{code} is none of {allowed:?}");
}

/// All threads until `goes_on` says no, which each asks with the number of its round.
pub(crate) fn storm(goes_on: impl Fn(u32) -> bool + Sync) {
    let (broker, lane) = (unreliable_broker(), Arc::new(Lane::default()));
    let uri = CString::new(broker.uri()).unwrap();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let clients = (0..PLACES).map(|_| Mutex::new(Shared::new(&uri, &lane, &mut random))).collect();
    let places = Places { uri, lane, clients, gone: Mutex::default() };
    thread::scope(|scope| {
        for seed in 1..=THREADS {
            let (places, goes_on) = (&places, &goes_on);
            scope.spawn(move || {
                let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                (0..).take_while(|round| goes_on(*round)).for_each(|_| step(places, &mut random));
            });
        }
    });
    let last = places.clients.into_iter().map(|client| client.into_inner().unwrap());
    let last: Vec<_> = last.inspect(|client| client.destroy()).collect();
    for client in places.gone.into_inner().unwrap().iter().chain(&last) {
        let told = client.witness.rest();
        assert!(client.witness.is_even(), "each accepted request has one result: {told:?}");
        assert!(told.iter().all(|line| !line.contains("AGAIN")));
        client.witness.assert_never_overlapped();
    }
}
