//! When to look at which client again.

use crate::locks::Mutex;
use crate::session::Moment;
use std::collections::BTreeSet;

/// The purpose of an alarm, with the client's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) enum Alarm {
    /// Keep-alive, resends, a refused message.
    Client(usize),
    /// An acknowledgement of the kernel's that was put off.
    QuickAck(usize),
}

/// One entry of a kind for each client: a later deadline is not moved but found out when the alarm goes off.
#[derive(Default)]
pub(in crate::engine) struct Alarms {
    entries: Mutex<BTreeSet<(Moment, Alarm)>>,
}

impl Alarms {
    /// For a fork.
    pub(in crate::engine) fn lock_of_entries(&self) -> &Mutex<BTreeSet<(Moment, Alarm)>> {
        &self.entries
    }

    /// Sets an alarm. True: no other one is earlier.
    pub(in crate::engine) fn set(&self, moment: Moment, alarm: Alarm) -> bool {
        let mut entries = self.entries.lock();
        let earliest = entries.first().is_none_or(|(first, _)| moment < *first);
        entries.insert((moment, alarm));
        earliest
    }

    /// Takes back an alarm that has not gone off.
    pub(in crate::engine) fn remove(&self, moment: Moment, alarm: Alarm) {
        self.entries.lock().remove(&(moment, alarm));
    }

    /// The earliest alarm.
    pub(in crate::engine) fn next(&self) -> Option<Moment> {
        self.entries.lock().first().map(|(moment, _)| *moment)
    }

    /// Takes out one alarm that is due, with its moment.
    pub(in crate::engine) fn take_due(&self, now: Moment) -> Option<(Moment, Alarm)> {
        let mut entries = self.entries.lock();
        entries.first().filter(|(moment, _)| *moment <= now)?;
        entries.pop_first()
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

    #[test]
    fn an_alarm_that_is_taken_back_or_set_twice_leaves_nothing() {
        let alarms = Alarms::default();
        alarms.set(Moment(20), Alarm::Client(1));
        alarms.set(Moment(20), Alarm::Client(1));
        alarms.remove(Moment(10), Alarm::Client(1));
        alarms.remove(Moment(20), Alarm::Client(1));
        assert_eq!(alarms.next(), None);
    }
}
