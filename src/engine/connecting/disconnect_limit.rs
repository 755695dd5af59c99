//! The time limit of a disconnect: how long DISCONNECT, and what is queued before it, may wait to be written.

use crate::session::Moment;

/// The shortest time limit, whatever the application allows, and the time by which bytes that leave put off the end.
const STEP_MILLIS: u64 = 1000;
/// Longest time that DISCONNECT waits for bytes that are written slowly.
const LONGEST_MILLIS: u64 = 5000;

/// The time limit of one disconnect. A server that has stopped reading costs what the application allows; one that reads
/// slowly gets all that was sent before. The smaller one ends first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) struct DisconnectLimit {
    until: Moment,
    latest: Moment,
    /// Bytes that had left when this was looked at last.
    written: u64,
}

impl DisconnectLimit {
    /// The application asks for the disconnect; that many bytes have left on this connection.
    pub(super) fn new(now: Moment, time_limit_millis: u64, written: u64) -> DisconnectLimit {
        let until = now.plus_millis(time_limit_millis.max(STEP_MILLIS));
        DisconnectLimit { until, latest: until, written }
    }

    /// DISCONNECT is queued now.
    pub(super) fn queued(mut self, now: Moment) -> DisconnectLimit {
        self.latest = now.plus_millis(LONGEST_MILLIS);
        self.until = self.until.min(self.latest);
        self
    }

    /// When to check again.
    pub(super) fn next_check(&self) -> Moment {
        self.until
    }

    /// True: the connection ends, whatever is not written. `is_writing`: some thread is writing right now.
    pub(super) fn has_passed(&mut self, now: Moment, written: u64, is_writing: bool) -> bool {
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
        for (time, end) in [(0, 1000), (500, 1000), (1000, 1000), (3000, 3000)] {
            // DISCONNECT is queued when the time is over.
            let mut limit = DisconnectLimit::new(START, time, 7).queued(at(time));
            assert_eq!(limit.next_check(), at(end));
            assert!(!limit.has_passed(at(end - 1), 7, false));
            assert!(limit.has_passed(at(end), 7, false));
        }
    }

    #[test]
    fn bytes_that_leave_put_off_the_end_but_not_for_ever() {
        let mut limit = DisconnectLimit::new(START, 0, 0).queued(START);
        for step in 1..5 {
            assert!(!limit.has_passed(at(step * 1000), step, false));
            assert_eq!(limit.next_check(), at((step + 1) * 1000));
        }
        assert!(limit.has_passed(at(5000), 6, true));
        let mut limit = DisconnectLimit::new(START, 0, 0).queued(START);
        assert!(!limit.has_passed(at(1000), 1, false));
        assert!(limit.has_passed(at(2000), 1, false), "it is stuck again");
    }

    #[test]
    fn a_write_under_way_is_waited_for() {
        let mut limit = DisconnectLimit::new(START, 2000, 0).queued(at(2000));
        assert!(!limit.has_passed(at(2000), 0, true));
        assert!(limit.has_passed(at(3000), 0, false));
    }

    #[test]
    fn a_long_time_limit_is_for_acknowledgements() {
        let mut limit = DisconnectLimit::new(START, 3_600_000, 0).queued(at(10));
        assert_eq!(limit.next_check(), at(5010));
        assert!(limit.has_passed(at(5010), 1, true));
    }
}
