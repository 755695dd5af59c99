//! How long to wait before connecting again.

/// The waiting times between attempts to connect: longer with each failure, and spread at random, so that the clients
/// of a server that comes back do not all arrive at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Seconds.
    minimum: u64,
    /// Seconds.
    maximum: u64,
    /// Seconds; what the next waiting time is spread around.
    base: u64,
}

impl Backoff {
    /// Waiting times around `min_seconds` at first and `max_seconds` in the end. A minimum of 0 counts as 1: attempts
    /// must not follow each other without any pause.
    pub fn new(min_seconds: u32, max_seconds: u32) -> Backoff {
        let minimum = u64::from(min_seconds.max(1));
        Backoff { minimum, maximum: u64::from(max_seconds), base: minimum }
    }

    /// The time to wait after one more failure, in milliseconds. `random`: any number, each as likely as the others.
    ///
    /// It lies between the base / 1.2 and the base * 1.2, both cut to whole seconds. The base is the minimum after the
    /// first failure and doubles with each one until it has reached the maximum.
    pub fn next_delay_millis(&mut self, random: u64) -> u64 {
        let shortest = self.base.max(self.minimum) * 10 / 12 * 1000;
        let longest = self.base.min(self.maximum) * 12 / 10 * 1000;
        self.base = (self.base * 2).min(self.maximum.max(self.minimum));
        match longest.checked_sub(shortest) {
            Some(spread) => shortest + random % (spread + 1),
            None => shortest,
        }
    }

    /// A connection was made: the next failure is again the first.
    pub fn reset(&mut self) {
        self.base = self.minimum;
    }
}
