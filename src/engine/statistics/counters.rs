//! What a client has done since it was made. Plain numbers, under its lock.

use super::announced::Announced;
use super::traffic::Received;
use crate::protocol::ReasonCode;
use crate::session::{Cause, FailedRequest};
use crate::transport::StageTimes;
use std::time::{Duration, Instant};

/// Attempts to connect, and how connections ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connects {
    /// Attempts, each with one server and one version.
    pub attempts: u64,
    /// Those that failed.
    pub failed: u64,
    /// Connections that servers accepted.
    pub accepted: u64,
    /// Those of them that the application had not asked for by connect.
    pub automatic: u64,
    /// Accepted connections that ended without the application's wish.
    pub lost: u64,
    /// Those of them that the server ended with DISCONNECT.
    pub lost_by_server: u64,
    /// Those whose server did not answer in time.
    pub lost_by_silence: u64,
    /// Those whose server broke the protocol.
    pub lost_by_violation: u64,
}

/// The last thing that went wrong with the connection.
#[derive(Clone, Debug)]
pub struct LastFailure {
    /// Why.
    pub cause: Cause,
    /// The server's reason, if it gave one.
    pub reason: ReasonCode,
    /// The same in words, as in the log.
    pub text: Box<str>,
}

/// The counters of one client.
#[derive(Debug, Default)]
pub(in crate::engine) struct Counters {
    pub(in crate::engine) received: Received,
    pub(in crate::engine) connects: Connects,
    pub(in crate::engine) announced: Announced,
    pub(in crate::engine) last_failure: Option<LastFailure>,
    pub(in crate::engine) last_ping: Option<Duration>,
    /// Of the last connection: how long the ways to a stream took, and then the answer to CONNECT.
    pub(in crate::engine) stages: StageTimes,
    pub(in crate::engine) answered_after: Option<Duration>,
    opened_at: Option<Instant>,
    /// PINGREQ, on all connections.
    pings: u64,
    ping_sent_at: Option<Instant>,
}

impl Counters {
    /// Counts a packet that has come.
    #[inline]
    pub(in crate::engine) fn count_received(&mut self, first_byte: u8, length: usize) {
        if self.received.count(first_byte, length) {
            self.end_ping();
        }
    }

    /// So many PINGREQ were queued until now.
    pub(in crate::engine) fn note_pings(&mut self, pings: u64) {
        if std::mem::replace(&mut self.pings, pings) != pings {
            self.ping_sent_at.get_or_insert_with(Instant::now);
        }
    }

    #[cold]
    fn end_ping(&mut self) {
        if let Some(sent_at) = self.ping_sent_at.take() {
            self.last_ping = Some(sent_at.elapsed());
        }
    }

    /// The stream is open, and CONNECT follows.
    pub(in crate::engine) fn stream_opened(&mut self, stages: StageTimes) {
        (self.stages, self.opened_at) = (stages, Some(Instant::now()));
        (self.answered_after, self.ping_sent_at) = (None, None);
    }

    /// The server has accepted the connection.
    pub(in crate::engine) fn accepted(&mut self, is_automatic: bool, announced: Announced) {
        self.answered_after = self.opened_at.map(|opened_at| opened_at.elapsed());
        self.announced = announced;
        self.connects.accepted += 1;
        self.connects.automatic += u64::from(is_automatic);
    }

    pub(in crate::engine) fn attempt_failed(&mut self, failure: &FailedRequest) {
        self.connects.failed += 1;
        self.last_failure =
            Some(LastFailure { cause: failure.cause, reason: failure.reason, text: failure.detail.clone() });
    }

    /// An accepted connection has ended. `reason`: what the server says with its DISCONNECT.
    pub(in crate::engine) fn connection_lost(&mut self, reason: Option<ReasonCode>, text: &str) {
        self.connects.lost += 1;
        self.connects.lost_by_server += u64::from(reason.is_some());
        self.last_failure = Some(LastFailure {
            cause: if reason.is_some() { Cause::ServerDisconnected } else { Cause::NotConnected },
            reason: reason.unwrap_or(ReasonCode::SUCCESS),
            text: text.into(),
        });
    }
}
