//! How long a disconnect waits for DISCONNECT, and what is queued before it, to be written.

use crate::session::Moment;

/// The least time that there is, whatever the program allows, and the time by which bytes that leave put off the end.
const STEP_MILLIS: u64 = 1000;
/// How long DISCONNECT may wait for bytes that are written slowly.
const LONGEST_MILLIS: u64 = 5000;

/// The time of one disconnect. A server that has stopped reading costs what the program allows; one that reads slowly
/// gets all that was sent before. The smaller one ends first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) struct Patience {
    until: Moment,
    latest: Moment,
    /// Bytes that had left when this was looked at last.
    written: u64,
}

impl Patience {
    /// The program asks for the disconnect; that many bytes have left on this connection.
    pub(in crate::engine) fn new(now: Moment, time_limit_millis: u64, written: u64) -> Patience {
        let until = now.plus_millis(time_limit_millis.max(STEP_MILLIS));
        Patience { until, latest: until, written }
    }

    /// DISCONNECT is queued now.
    pub(in crate::engine) fn begin(mut self, now: Moment) -> Patience {
        self.latest = now.plus_millis(LONGEST_MILLIS);
        self.until = self.until.min(self.latest);
        self
    }

    /// When to look again.
    pub(in crate::engine) fn until(&self) -> Moment {
        self.until
    }

    /// True: the connection ends, whatever is not written. `is_writing`: some thread is at it right now.
    pub(in crate::engine) fn is_over(&mut self, now: Moment, written: u64, is_writing: bool) -> bool {
        if now < self.until {
            return false;
        }
        if now >= self.latest || (written == self.written && !is_writing) {
            return true;
        }
        self.written = written;
        self.until = now.plus_millis(STEP_MILLIS).min(self.latest);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Moment = Moment(1_000_000);

    fn at(millis: u64) -> Moment {
        START.plus_millis(millis)
    }

    #[test]
    fn what_is_stuck_costs_the_time_limit_and_a_second_at_least() {
        for (limit, end) in [(0, 1000), (500, 1000), (1000, 1000), (3000, 3000)] {
            // DISCONNECT is queued when the time is over.
            let mut patience = Patience::new(START, limit, 7).begin(at(limit));
            assert_eq!(patience.until(), at(end));
            assert!(!patience.is_over(at(end - 1), 7, false));
            assert!(patience.is_over(at(end), 7, false));
        }
    }

    #[test]
    fn bytes_that_leave_put_off_the_end_but_not_for_ever() {
        let mut patience = Patience::new(START, 0, 0).begin(START);
        for step in 1..5 {
            assert!(!patience.is_over(at(step * 1000), step, false));
            assert_eq!(patience.until(), at((step + 1) * 1000));
        }
        assert!(patience.is_over(at(5000), 6, true));
        let mut patience = Patience::new(START, 0, 0).begin(START);
        assert!(!patience.is_over(at(1000), 1, false));
        assert!(patience.is_over(at(2000), 1, false), "it is stuck again");
    }

    #[test]
    fn a_write_under_way_is_waited_for() {
        let mut patience = Patience::new(START, 2000, 0).begin(at(2000));
        assert!(!patience.is_over(at(2000), 0, true));
        assert!(patience.is_over(at(3000), 0, false));
    }

    #[test]
    fn a_long_time_limit_is_for_acknowledgements() {
        let mut patience = Patience::new(START, 3_600_000, 0).begin(at(10));
        assert_eq!(patience.until(), at(5010));
        assert!(patience.is_over(at(5010), 1, true));
    }
}
