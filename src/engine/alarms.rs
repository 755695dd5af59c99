//! When to look at which client again.

use crate::locks::Mutex;
use crate::session::Moment;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What an alarm is for, with the client's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Alarm {
    /// Keep-alive, resends, a refused message.
    Client(usize),
    /// An acknowledgement of the kernel's that was put off.
    QuickAck(usize),
}

/// One entry of a kind for each client, usually: a later deadline is not moved but found out when the alarm goes off.
#[derive(Default)]
pub(super) struct Alarms {
    heap: Mutex<BinaryHeap<Reverse<(Moment, Alarm)>>>,
}

impl Alarms {
    /// For a fork.
    pub(super) fn lock_of_heap(&self) -> &Mutex<BinaryHeap<Reverse<(Moment, Alarm)>>> {
        &self.heap
    }

    /// Sets an alarm. True: no other one is earlier.
    pub(super) fn set(&self, moment: Moment, alarm: Alarm) -> bool {
        let mut heap = self.heap.lock();
        let earliest = heap.peek().is_none_or(|Reverse((first, _))| moment < *first);
        heap.push(Reverse((moment, alarm)));
        earliest
    }

    /// The earliest alarm.
    pub(super) fn next(&self) -> Option<Moment> {
        self.heap.lock().peek().map(|Reverse((moment, _))| *moment)
    }

    /// Takes out one alarm that is due, with its moment.
    pub(super) fn take_due(&self, now: Moment) -> Option<(Moment, Alarm)> {
        let mut heap = self.heap.lock();
        heap.peek().filter(|Reverse((moment, _))| *moment <= now)?;
        heap.pop().map(|Reverse(entry)| entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_go_off_in_order_and_not_early() {
        let alarms = Alarms::default();
        assert!(alarms.set(Moment(20), Alarm::Client(1)));
        assert!(alarms.set(Moment(10), Alarm::QuickAck(2)));
        assert!(!alarms.set(Moment(30), Alarm::Client(3)));
        assert_eq!(alarms.next(), Some(Moment(10)));
        assert_eq!(alarms.take_due(Moment(9)), None);
        assert_eq!(alarms.take_due(Moment(20)), Some((Moment(10), Alarm::QuickAck(2))));
        assert_eq!(alarms.take_due(Moment(20)), Some((Moment(20), Alarm::Client(1))));
        assert_eq!(alarms.take_due(Moment(20)), None);
    }
}
