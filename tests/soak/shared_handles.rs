//! Many threads on the same handles, doing what they like: nothing may crash or hang, and each call gives one of the
//! codes it may give. A short run here; `make soak` takes its time.

use crate::support::abi::{DISCONNECTED, FAILURE, V3_1_1, V5};
use crate::support::callbacks::{ALL, Verdict};
use crate::support::client::{Client, Owner};
use crate::support::library::{library_path, testing_the_original};
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::options::version;
use crate::support::program::{Running, compile};
use crate::support::wait::{LIMIT, within};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const THREADS: u64 = 8;
const HANDLES: usize = 5;
const ROUNDS: u32 = 150;

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

/// What the threads share: places with a handle each, which any thread may destroy and replace while others use it.
struct Places {
    uri: String,
    handles: Vec<Mutex<Arc<Owner>>>,
}

impl Places {
    fn new(uri: String) -> Places {
        let handles = (0..HANDLES).map(|_| Mutex::new(Arc::new(Client::new(&uri, V3_1_1)))).collect();
        Places { uri, handles }
    }

    fn any(&self, random: &mut Random) -> Arc<Owner> {
        self.handles[random.below(HANDLES as u64) as usize].lock().unwrap().clone()
    }

    fn replace(&self, random: &mut Random) {
        let level = if random.below(2) == 0 { V3_1_1 } else { V5 };
        let new = Client::new(&self.uri, level);
        if random.below(2) == 0 {
            new.on_event(ALL, |client, _| {
                client.is_connected();
                Verdict::Accept
            });
        }
        let place = &self.handles[random.below(HANDLES as u64) as usize];
        let old = std::mem::replace(&mut *place.lock().unwrap(), Arc::new(new));
        old.destroy();
    }
}

/// One call. The handle may be connected or not, and destroyed by another thread at any moment.
fn step(places: &Places, random: &mut Random) {
    let client = places.any(random);
    let level = if random.below(2) == 0 { V3_1_1 } else { V5 };
    match random.below(12) {
        0 => places.replace(random),
        1 | 2 => drop(client.connect(&version(level).in_flight(10))),
        3 => assert!(client.disconnect(random.below(2) as i32) <= 0),
        4 => {
            let code = client.subscribe3("soak/#", 2);
            assert!(code <= 2, "subscribe gave {code}");
        }
        5 => drop(client.receive(Duration::from_millis(random.below(3)))),
        6 => drop(client.pending_tokens()),
        _ => publish(&client, random),
    }
}

fn publish(client: &Client, random: &mut Random) {
    let (code, token) = client.publish("soak/x", random.below(3) as i32, b"payload");
    assert!([0, FAILURE, DISCONNECTED, WRONG_VERSION].contains(&code), "publish gave {code}");
    if let Some(token) = token {
        let code = client.wait(token, Duration::from_millis(random.below(20)));
        assert!([0, FAILURE, DISCONNECTED].contains(&code), "waitForCompletion gave {code}");
    }
}

const WRONG_VERSION: i32 = -16;

/// All threads until `goes_on` says no, which each asks with the number of its round.
fn run(limit: Duration, goes_on: impl Fn(u32) -> bool + Send + Sync + 'static) {
    let broker = Mosquitto::start_with("max_connections -1\n");
    let uri = broker.uri();
    within(limit, "the threads", move || {
        let places = Places::new(uri);
        thread::scope(|scope| {
            for seed in 1..=THREADS {
                let (places, goes_on) = (&places, &goes_on);
                scope.spawn(move || {
                    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                    (0..).take_while(|round| goes_on(*round)).for_each(|_| step(places, &mut random));
                });
            }
        });
    });
}

#[test]
fn threads_do_what_they_like_with_shared_handles() {
    // The original makes no promise here and does not live up to more.
    if !testing_the_original() {
        run(LIMIT * 3, |round| round < ROUNDS);
    }
}

#[test]
#[ignore = "takes as long as SOAK_SECONDS says; run by make soak"]
fn soak_threads_do_what_they_like_with_shared_handles() {
    let seconds = std::env::var("SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let end = Instant::now() + Duration::from_secs(seconds);
    run(Duration::from_secs(seconds) + LIMIT * 3, move |_| Instant::now() < end);
}

/// All values but the one that is in use come once before one returns: a million, nearly as many as there are on 64 bit.
#[test]
#[ignore = "long: make soak"]
fn soak_a_handle_that_is_gone_belongs_to_another_client_only_after_all_others() {
    let directory = Directory::new("handles");
    let headers = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include");
    let program = compile("handles.c", &[headers, "-ldl"], &directory);
    let mut command = Command::new(program);
    command.arg(library_path()).args(["rotation", "1000000"]);
    let ended = Running::start(&mut command).wait(LIMIT * 20);
    assert!(ended.status.success(), "{ended:?}");
}
