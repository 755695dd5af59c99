//! Asking for the numbers about a client.

use crate::engine::client::{Client, State};
use crate::engine::inbox::message::QueuePlace;
use crate::engine::statistics::{Announced, Connects, LastFailure, Traffic};
use crate::protocol::Version;
use crate::transport::StageTimes;
use std::time::Duration;

/// The numbers about a client at one moment.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// Sent to servers.
    pub sent: Traffic,
    /// Received from servers.
    pub received: Traffic,
    /// Attempts and connections.
    pub connects: Connects,
    /// Messages of QoS 1 and 2 that were sent and are not complete.
    pub in_flight: usize,
    /// Requests that wait to be sent.
    pub queued: usize,
    /// Messages that wait for the application.
    pub waiting: usize,
    /// Messages and requests that are kept in the store as well.
    pub stored: usize,
    /// The client is connected.
    pub is_connected: bool,
    /// The version of the last connection.
    pub version: Version,
    /// What the last server that accepted a connection has announced.
    pub announced: Announced,
    /// From PINGREQ to PINGRESP, the last time.
    pub last_ping: Option<Duration>,
    /// Times of the last connection that was opened.
    pub stages: StageTimes,
    /// From CONNECT to CONNACK.
    pub answered_after: Option<Duration>,
}

impl Client {
    /// The numbers about it.
    pub fn statistics(&self) -> Statistics {
        let state = self.state.lock();
        let load = state.session.load();
        Statistics {
            sent: Traffic::sent(&state.session.counts()),
            received: state.counters.received.traffic(),
            connects: state.counters.connects,
            in_flight: load.in_flight,
            queued: load.queued,
            waiting: state.deliveries.message_count(),
            stored: if state.store.is_none() { 0 } else { load.stored + stored_deliveries(&state) },
            is_connected: state.is_connected(),
            version: state.session.version(),
            announced: state.counters.announced,
            last_ping: state.counters.last_ping,
            stages: state.counters.stages,
            answered_after: state.counters.answered_after,
        }
    }

    /// The last failure to connect, or loss of a connection; `None`: there was none.
    pub fn last_failure(&self) -> Option<LastFailure> {
        self.state.lock().counters.last_failure.clone()
    }
}

fn stored_deliveries(state: &State) -> usize {
    state.deliveries.messages().filter(|message| message.place != QueuePlace::NONE).count()
}
