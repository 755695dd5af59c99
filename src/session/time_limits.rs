//! When requests fail that the server has not answered.

use super::Moment;
use super::packet_id_map::PacketIdMap;
use crate::protocol::PacketId;

/// So many requests are looked at in a small part of a millisecond.
const OF_A_MILLISECOND: u64 = 200;

/// When requests fail, by packet id. An entry stays after its request is complete, until its time has come or its id is used
/// again: so an answer costs nothing here.
#[derive(Debug, Default)]
pub(super) struct TimeLimits {
    by_id: PacketIdMap<Moment>,
    /// Not later than the first of them.
    next: Option<Moment>,
    /// Before this nothing fails: answers may only have to be read.
    not_before: Moment,
}

impl TimeLimits {
    pub(super) fn insert(&mut self, id: PacketId, until: Moment) {
        self.by_id.insert(id, until);
        self.next = Moment::earlier(self.next, Some(until));
    }

    /// When something may have to fail.
    pub(super) fn next(&self) -> Option<Moment> {
        self.next.map(|next| next.max(self.not_before))
    }

    /// Nothing fails before this.
    pub(super) fn put_off(&mut self, until: Moment) {
        self.not_before = until;
    }

    pub(super) fn remove(&mut self, id: PacketId) {
        self.by_id.remove(id);
    }

    /// Removes and returns those that have timed out, the earliest first. Of the others only those that are `unanswered` are kept.
    /// This looks at all of them, so the more there are, the later is the next time.
    pub(super) fn take_overdue(
        &mut self,
        now: Moment,
        unanswered: impl Fn(PacketId) -> bool,
    ) -> Vec<PacketId> {
        let (mut due, mut kept) = (Vec::new(), 0);
        let all = std::mem::take(self).by_id.into_entries();
        for (id, until) in all.filter(|(id, _)| unanswered(*id)) {
            if until <= now {
                due.push((until, id));
            } else {
                self.insert(id, until);
                kept += 1;
            }
        }
        self.put_off(now.plus_millis(kept / OF_A_MILLISECOND));
        due.sort_unstable();
        due.into_iter().map(|(_, id)| id).collect()
    }
}
