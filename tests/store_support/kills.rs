//! Clients that are killed at random moments while they publish, and what has to be true afterwards.

use crate::store_support::world::{Api, World};
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// The numbers in lines that begin with this word.
fn numbers(lines: &[String], word: &str) -> Vec<u64> {
    let of = |line: &String| line.strip_prefix(word)?.split(' ').nth(1)?.parse().ok();
    lines.iter().filter_map(of).collect()
}

/// Lets a client publish until it is killed at a random moment, again and again. What publish had taken arrives, at QoS
/// 2 once. How many messages it was.
pub(crate) fn kill_under_load(api: Api, level: u8, qos: u8, times: usize) -> usize {
    let world = World::new(api, level);
    let random = RandomState::new();
    let (mut next, mut returned) = (1, Vec::new());
    for time in 0..times {
        let mut hasher = random.build_hasher();
        hasher.write_usize(time);
        let lines_until_kill = hasher.finish() % 150;
        let mut client = world.create();
        if api == Api::Synchronous && time % 2 == 0 {
            client.expect("callbacks", "callbacks 0");
        }
        if api == Api::Synchronous || time % 3 != 0 {
            client.expect("connect 0", "connect 0");
        }
        client.tell(&format!("flood {qos} t {next}"));
        let mut lines: Vec<String> = (0..lines_until_kill).map_while(|_| client.line()).collect();
        lines.extend(client.kill());
        assert!(lines.iter().all(|line| !line.starts_with("flooded") || line.ends_with(" 0")), "{lines:?}");
        returned.extend(numbers(&lines, "flooded"));
        next = numbers(&lines, "trying").into_iter().max().unwrap_or(next - 1) + 1;
    }
    world.finish();
    for number in &returned {
        assert!(world.ledger.arrived(&number.to_string()) >= 1, "{number} is lost");
    }
    let most = world.ledger.book.lock().unwrap().arrived.values().copied().max();
    assert!(qos == 1 || most == Some(1), "some message of QoS 2 has arrived {most:?} times");
    returned.len()
}
