//! How long to wait before connecting again.

/// The waiting times between attempts to connect: longer with each failure, and spread at random, so that the clients
/// of a server that comes back do not all arrive at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Seconds.
    minimum: u64,
    /// Seconds.
    maximum: u64,
    /// Seconds; the shortest next waiting time.
    base: u64,
    /// No attempt has failed since the last connection.
    is_first: bool,
}

impl Backoff {
    /// Milliseconds between the beginnings of two attempts of which the first led to a connection, where no pause is
    /// asked for.
    pub const SHORTEST_DISTANCE: u64 = 100;

    /// Waiting times from `min_seconds` at first to `max_seconds` in the end. With a minimum of 0 they do not grow: see
    /// [`next_delay_millis`](Backoff::next_delay_millis).
    pub fn new(min_seconds: u32, max_seconds: u32) -> Backoff {
        let minimum = u64::from(min_seconds);
        Backoff { minimum, maximum: u64::from(max_seconds), base: minimum, is_first: true }
    }

    /// The time to wait after one more failure, in milliseconds. `random`: any number, each as likely as the others.
    /// `since_attempt`: how long ago the last attempt began, in milliseconds.
    ///
    /// It lies between the base and one and a half times that, and is never longer than the maximum. The base is the minimum
    /// after the first failure and doubles with each one until it has reached the maximum: by then the earlier waiting
    /// times have spread the clients of one server over more than the minimum.
    ///
    /// With a minimum of 0 attempts begin a second apart, or up to three if the maximum allows it. The first one after
    /// a connection only keeps a distance from the attempt that made it, so that a server that closes each connection
    /// as soon as it is made is not called without any pause.
    pub fn next_delay_millis(&mut self, random: u64, since_attempt: u64) -> u64 {
        let is_first = std::mem::replace(&mut self.is_first, false);
        if self.minimum == 0 {
            let distance = match is_first {
                true => Self::SHORTEST_DISTANCE,
                false => between(1000, self.maximum.clamp(1, 3) * 1000, random),
            };
            return distance.saturating_sub(since_attempt);
        }
        let shortest = self.base * 1000;
        let longest = (self.base * 1500).min(self.maximum * 1000);
        self.base = (self.base * 2).min(self.maximum.max(self.minimum));
        between(shortest, longest, random)
    }

    /// A connection was made: the next failure is again the first.
    pub fn reset(&mut self) {
        (self.base, self.is_first) = (self.minimum, true);
    }
}

/// Where the bounds cross, the lower one counts.
fn between(shortest: u64, longest: u64, random: u64) -> u64 {
    match longest.checked_sub(shortest) {
        Some(spread) => shortest + random % (spread + 1),
        None => shortest,
    }
}
