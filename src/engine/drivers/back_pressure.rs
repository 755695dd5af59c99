//! Back-pressure. Messages that wait for a slow application, and acknowledgements that the server does not read, are bounded:
//! beyond the bound nothing is read from the connection.

use crate::engine::client::{Client, State};
use crate::engine::connection::Connection;
use crate::engine::inbox::deliveries::Delivery;
use crate::engine::inbox::message::Message;
use crate::engine::runtime::callback_threads::inside_a_callback;
use crate::engine::runtime::clock;
use crate::protocol::{QoS, Version};
use crate::session::{Event, ReceivedMessage};
use crate::trace::{Level, trace};
use std::sync::Arc;

impl Client {
    /// Whether something may be read from the connection now. The session is notified when that changes.
    #[inline]
    pub(in crate::engine) fn may_read(&self, state: &mut State) -> bool {
        if state.session.is_full_before_judgement() {
            return false;
        }
        let by_hand = state.session.acknowledges_by_hand();
        let is_full = state.deliveries.is_full() || by_hand && state.has_many_unacknowledged();
        let has_room = !is_full && !state.session.owes_too_much();
        if has_room && !state.deliveries.is_reading_stopped() {
            return true;
        }
        let may_read = has_room || self.may_read_past_bound(state);
        if state.deliveries.is_reading_stopped() == may_read {
            self.note_reading(state, may_read);
        }
        may_read
    }

    /// After the messages the answer may follow that a call waits for.
    #[cold]
    fn may_read_past_bound(&self, state: &mut State) -> bool {
        // What a connection that has failed still brings is no more than the system has received already.
        if state.session.is_being_accepted() || state.connection.as_ref().is_some_and(Connection::is_broken) {
            return true;
        }
        let waits = match state.has_many_unacknowledged() {
            // Messages are not what is missing.
            true => state.calls.await_answer(),
            false => state.calls.await_server(),
        };
        let waits = waits && !state.session.owes_too_much();
        if waits && (state.deliveries.is_overfull() || state.has_far_too_many_unacknowledged()) {
            self.report_overfull(state);
            return false;
        }
        waits
    }

    #[cold]
    fn note_reading(&self, state: &mut State, goes_on: bool) {
        let now = clock::now();
        if goes_on {
            state.deliveries.resume_reading();
            state.session.reading_resumed(now);
        } else {
            state.deliveries.stop_reading();
            state.session.reading_stopped(now);
        }
        self.renew_alarm(state);
    }

    fn report_overfull(&self, state: &mut State) {
        if state.deliveries.note_overfull() {
            let count = state.deliveries.message_count().max(state.session.unacknowledged().0);
            trace!(
                Level::Error,
                "A call of client {} waits for an answer, but {count} messages are in front of it that the program does not \
                 fetch or acknowledge: no more is read",
                self.name()
            );
        }
    }

    /// Nothing more will be read, because nobody fetches what has come: a call that waits without limit for something of
    /// the server would wait for ever.
    pub(in crate::engine) fn is_stuck(&self, state: &State) -> bool {
        let nobody_fetches = !state.deliveries.has_message_callback() || inside_a_callback();
        nobody_fetches && (state.deliveries.is_overfull() || state.has_far_too_many_unacknowledged())
    }
}

impl State {
    /// So many messages wait for the application's acknowledgement that no more should be read.
    fn has_many_unacknowledged(&self) -> bool {
        let (count, bytes) = self.session.unacknowledged();
        count > 0 && self.deliveries.bounds.are_reached(count, bytes)
    }

    /// So many that no more must be read, even for a call that waits for an answer.
    fn has_far_too_many_unacknowledged(&self) -> bool {
        let (count, bytes) = self.session.unacknowledged();
        count > 0 && self.deliveries.bounds.are_reached_for_a_call(count, bytes)
    }

    /// Messages of QoS 2 that wait for their release share the bound with those that wait for the application. When it is
    /// reached the oldest are delivered before their release: reading cannot stop, because releases are still to come.
    #[inline]
    pub(in crate::engine) fn make_room_for_unreleased(&mut self) {
        while self.session.unreleased().0 > 0 && self.deliveries.leaves_no_room_for(self.session.unreleased())
        {
            let Some(Event::Released(message)) = self.session.deliver_unreleased() else { return };
            self.queue_released(&message);
            self.carry_out_store_commands();
        }
    }

    /// The memory of a message that the application is about to get, if it serves for one of QoS 2 to come.
    #[cold]
    pub(in crate::engine) fn memory_to_keep(&self, delivery: &Delivery) -> Option<Arc<Vec<u8>>> {
        match delivery {
            Delivery::Message(message) if message.qos == QoS::ExactlyOnce && !self.delivers_at_once() => {
                message.memory()
            }
            _ => None,
        }
    }

    #[cold]
    pub(in crate::engine) fn keep_memory(&mut self, memory: Arc<Vec<u8>>) {
        // Otherwise the application has refused the message.
        let memory = Arc::into_inner(memory).filter(|_| !self.delivers_at_once());
        if let Some(packet) = memory {
            self.session.give_back(packet);
        }
    }

    /// Messages of QoS 2 do not wait for their release, and lie where they were read.
    fn delivers_at_once(&self) -> bool {
        self.session.version() == Version::V5
    }

    pub(in crate::engine) fn queue_released(&mut self, message: &ReceivedMessage) {
        if let Some(message) = Message::in_block(message.packet(), &message.publish()) {
            self.keep_and_queue(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::stand_ins::{Nobody, StandIn, connect, server};
    use crate::protocol::{Framing, split_frame};

    fn receive(state: &mut State, packet: &[u8]) -> Option<Arc<Vec<u8>>> {
        let Ok(Framing::Complete(frame)) = split_frame(packet, 0) else { panic!("one packet") };
        match state.session.receive(clock::now(), frame) {
            Ok(Some(Event::Released(message))) => {
                state.queue_released(&message);
                Some(message.packet().clone())
            }
            other => {
                assert!(matches!(other, Ok(None)));
                None
            }
        }
    }

    #[test]
    fn a_message_of_qos_2_keeps_its_memory_and_leaves_it_to_the_next() {
        let client = Client::new(server(), b"c", 4, Arc::new(Nobody));
        let mut state = client.state.lock();
        connect(&client, &mut state, StandIn::new(&[]), Version::V311);
        state.deliveries.resume(true);
        let mut place = None;
        for _ in 0..3 {
            assert!(receive(&mut state, &[0x34, 8, 0, 1, b't', 0, 9, 1, 2, 3]).is_none());
            let packet = receive(&mut state, &[0x62, 2, 0, 9]).unwrap();
            let delivery = state.deliveries.take().unwrap();
            let memory = state.memory_to_keep(&delivery).unwrap();
            assert!(Arc::ptr_eq(&memory, &packet), "nothing is copied");
            let at = packet.as_ptr();
            assert_eq!(*place.get_or_insert(at), at, "the memory of the one before");
            drop((delivery, packet));
            state.keep_memory(memory);
        }
    }
}
