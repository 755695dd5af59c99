//! Waiting times between attempts to connect.

use crate::support::Random;
use paho_c_rs::session::Backoff;

/// The bounds of the waiting times from a minimum of 1 s to a maximum of 60 s, in milliseconds.
const BOUNDS: [(u64, u64); 7] = [
    (1000, 1500),
    (2000, 3000),
    (4000, 6000),
    (8000, 12_000),
    (16_000, 24_000),
    (32_000, 48_000),
    (60_000, 60_000),
];

#[test]
fn waiting_times_double_and_stay_within_their_bounds() {
    let mut random = Random::new(1);
    let (mut least, mut most) = ([u64::MAX; 7], [0; 7]);
    for _ in 0..20_000 {
        let mut backoff = Backoff::new(1, 60);
        for (index, (shortest, longest)) in BOUNDS.into_iter().enumerate() {
            let delay = backoff.next_delay_millis(random.below(u64::MAX), 0);
            assert!((shortest..=longest).contains(&delay), "{delay} ms");
            least[index] = least[index].min(delay);
            most[index] = most[index].max(delay);
        }
    }
    // Every part of the range is used.
    for (index, (shortest, longest)) in BOUNDS.into_iter().enumerate() {
        let tenth = (longest - shortest) / 10;
        assert!(least[index] <= shortest + tenth && most[index] >= longest - tenth);
    }
}

#[test]
fn a_connection_brings_the_shortest_time_back() {
    let mut backoff = Backoff::new(1, 60);
    for _ in 0..10 {
        backoff.next_delay_millis(0, 0);
    }
    assert_eq!(backoff.next_delay_millis(0, 0), 60_000);
    backoff.reset();
    assert_eq!(backoff.next_delay_millis(0, 0), 1000);
    assert_eq!(backoff.next_delay_millis(0, 0), 2000);
}

#[test]
fn unusual_limits_do_no_harm() {
    for (minimum, maximum) in [(0, 0), (5, 2), (u32::MAX, u32::MAX), (0, u32::MAX), (1, 1), (3, 0)] {
        let mut backoff = Backoff::new(minimum, maximum);
        for random in [0, 1, u64::MAX, 12_345_678_901].repeat(20) {
            let delay = backoff.next_delay_millis(random, 0);
            assert!(delay >= u64::from(minimum) * 1000);
            assert!(delay <= u64::from(minimum.max(maximum).max(1)) * 1000);
            assert!(minimum > 0 || delay <= 3000, "every few seconds");
        }
    }
    // The lower bound counts where the bounds cross.
    assert_eq!(Backoff::new(12, 1).next_delay_millis(99, 0), 12_000);
}

#[test]
fn a_minimum_of_0_asks_for_no_pause_behind_a_connection_and_for_a_short_one_behind_a_failure() {
    for maximum in [0, 1, 2, 60] {
        let longest = u64::from(maximum).clamp(1, 3) * 1000;
        let mut backoff = Backoff::new(0, maximum);
        let mut random = Random::new(3);
        for _ in 0..100 {
            assert_eq!(
                backoff.next_delay_millis(random.below(u64::MAX), 5000),
                0,
                "the connection stood for long"
            );
            for _ in 0..50 {
                let delay = backoff.next_delay_millis(random.below(u64::MAX), 0);
                assert!((1000..=longest).contains(&delay), "{delay}");
                let delay = backoff.next_delay_millis(random.below(u64::MAX), 400);
                assert!((600..=longest - 400).contains(&delay), "the attempt itself took a while: {delay}");
                assert_eq!(backoff.next_delay_millis(random.below(u64::MAX), 3000), 0, "and here too long");
            }
            backoff.reset();
            assert_eq!(backoff.next_delay_millis(0, 40), 60, "not without any pause");
            backoff.reset();
        }
    }
}

#[test]
fn a_day_without_server() {
    let mut random = Random::new(7);
    for _ in 0..200 {
        let mut backoff = Backoff::new(1, 60);
        let (mut now, mut attempts) = (0, 0);
        while now < 86_400_000 {
            now += backoff.next_delay_millis(random.below(u64::MAX), 0);
            attempts += 1;
        }
        // One a minute after the first few.
        assert!((1440..=1447).contains(&attempts), "{attempts}");
    }
}

#[test]
fn a_day_with_a_server_that_comes_and_goes() {
    let mut random = Random::new(11);
    let mut backoff = Backoff::new(2, 30);
    let (mut now, mut failures) = (0, 0u32);
    let mut outages = 0;
    while now < 86_400_000 {
        // Away for a while, then reached, then away again.
        let back_at = now + random.below(600_000);
        failures = 0;
        while now < back_at {
            let base = 2u64.saturating_mul(1 << failures.min(10)).min(30);
            let delay = backoff.next_delay_millis(random.below(u64::MAX), 0);
            let bounds = base * 1000..=(base * 1500).min(30_000);
            assert!(bounds.contains(&delay), "failure {failures}: {delay} ms");
            now += delay;
            failures += 1;
        }
        assert!(now - back_at <= 30_000, "found within one waiting time");
        backoff.reset();
        now += random.below(60_000);
        outages += 1;
    }
    assert!(outages > 100 && failures < 100);
}
