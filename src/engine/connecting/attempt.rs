//! One attempt after the other.

use super::failure;
use super::plan::{ConnectPlan, Connected};
use super::{Connector, Phase};
use crate::engine::requester::Requester;
use crate::engine::runtime::clock;
use crate::protocol::{Properties, ReasonCode, Version, packet_length};
use crate::session::{Attempt, FailedRequest, Moment};
use crate::transport::{Opening, ServerUri, Stream, Wait};
use std::sync::Arc;
use std::time::Instant;

/// The server's answer to CONNECT.
#[derive(Clone, Debug)]
pub(in crate::engine) enum ServerAnswer {
    /// MQTT 5: the authentication goes on.
    Authenticate {
        data: Vec<u8>,
    },
    Accepted {
        session_present: bool,
        properties: Properties,
    },
    Refused {
        code: u8,
        properties: Properties,
    },
    /// CONNACK has a value with which the connection is useless.
    Unusable {
        cause: &'static str,
    },
    /// MQTT 5: DISCONNECT came in place of CONNACK.
    Disconnected {
        reason: ReasonCode,
        properties: Properties,
    },
}

impl Connector {
    /// The next attempt begins; its time limit is its own, or the rest of the last one's.
    pub(in crate::engine) fn limit_time(&mut self, plan: &ConnectPlan, attempt: Attempt) {
        if attempt.new_time_limit {
            self.deadline = Instant::now() + plan.connect_timeout;
        }
    }

    pub(in crate::engine) fn begin_opening(&mut self, server: &ServerUri, quick_acks: bool) {
        self.attempted_at = clock::now();
        let opening = Opening::start(server, &self.transport, self.deadline);
        let opening = opening.with_messages(packet_length).with_quick_acks(quick_acks);
        self.phase = Phase::Opening { opening: Some(opening), registered: false };
    }

    /// OpenSSL will be at work on the opening, which needs much of the stack.
    pub(in crate::engine) fn needs_tls(&self) -> bool {
        matches!(&self.phase, Phase::Opening { opening: Some(opening), .. } if opening.needs_tls())
    }

    /// The application takes part in the opening.
    pub(in crate::engine) fn asks_application(&self) -> bool {
        self.transport.upgrade.is_some()
    }

    /// The opening, for one thread to advance. `unregister`: for what the poller watches.
    pub(in crate::engine) fn take_opening(
        &mut self,
        unregister: impl FnMut(&Wait<'_>),
    ) -> Option<Box<Opening>> {
        let Phase::Opening { opening, registered } = &mut self.phase else { return None };
        let opening = opening.take()?;
        if std::mem::take(registered) {
            opening.waits().iter().for_each(unregister);
        }
        Some(opening)
    }

    /// It waits for something, which the poller is to watch.
    pub(in crate::engine) fn put_back(&mut self, opening: Box<Opening>) -> Vec<Wait<'_>> {
        self.phase = Phase::Opening { opening: None, registered: true };
        let Phase::Opening { opening: place, .. } = &mut self.phase else { return Vec::new() };
        place.insert(opening).waits()
    }

    /// CONNECT is sent. The answer to the last one does not count any more.
    pub(in crate::engine) fn await_connack(&mut self) {
        self.phase = Phase::AwaitingConnAck { until: clock::moment_of(self.deadline) };
        self.answer = None;
    }

    /// The application is asked for an answer: no other thread takes up the attempt meanwhile. Until when the server has to
    /// accept.
    pub(in crate::engine) fn begin_asking(&mut self) -> Option<Moment> {
        let Phase::AwaitingConnAck { until } = self.phase else { return None };
        self.phase = Phase::Opening { opening: None, registered: false };
        Some(until)
    }

    /// It has answered.
    pub(in crate::engine) fn end_asking(&mut self, until: Moment) {
        self.phase = Phase::AwaitingConnAck { until };
    }

    pub(in crate::engine) fn set_answer(&mut self, answer: ServerAnswer) {
        self.answer = Some(answer);
    }

    pub(in crate::engine) fn answer(&self) -> Option<&ServerAnswer> {
        self.answer.as_ref()
    }

    pub(in crate::engine) fn take_answer(&mut self) -> Option<ServerAnswer> {
        self.answer.take()
    }

    /// The connection ended before CONNACK; None: it did not, or the application need not know any more.
    pub(in crate::engine) fn set_failed_stream(&mut self, stream: Option<Arc<dyn Stream>>) {
        self.failed_stream = stream;
    }

    /// The stream whose end is to be reported to the application's TLS function. No other thread takes up the attempt
    /// meanwhile.
    pub(in crate::engine) fn take_failed_stream(&mut self) -> Option<Arc<dyn Stream>> {
        let stream = self.failed_stream.take()?;
        self.phase = Phase::Opening { opening: None, registered: false };
        Some(stream)
    }

    /// The attempt has failed: the next one, or the end of the round. The requester that waits for the result is returned with it.
    pub(in crate::engine) fn attempt_failed(
        &mut self,
        failure: FailedRequest,
    ) -> Option<(Requester, FailedRequest)> {
        self.phase = Phase::Idle;
        if self.pumped {
            self.attempts.failed(Instant::now() < self.deadline);
        } else {
            self.attempts.failed_with(failure::for_attempts(&failure));
        }
        if self.attempt().is_some() {
            return None;
        }
        if self.pumped {
            self.result = Some(Err(failure));
            return None;
        }
        self.requester.take().map(|requester| (requester, failure))
    }

    /// The server has accepted. Returns the entry of the list that leads to it, if the application gave a list, and who waits
    /// for the result.
    pub(in crate::engine) fn succeeded(&mut self) -> (Option<ServerUri>, Option<Requester>) {
        self.phase = Phase::Connected;
        self.backoff.reset();
        let listed = self.attempt().and_then(|(plan, attempt)| plan.servers.get(attempt.server)?.clone());
        self.attempts.succeeded();
        (listed, self.requester.take())
    }

    /// The same, for the thread that pumps.
    pub(in crate::engine) fn succeeded_for_pump(&mut self, session_present: bool, properties: Properties) {
        self.phase = Phase::Idle;
        if let Some(Attempt { server, version, .. }) = self.attempts.current() {
            // Reserved in 3.1. The asynchronous API passes it on all the same, as the original does.
            let session_present = session_present && version != Version::V31;
            self.result = Some(Ok(Connected { server, version, session_present, properties }));
        }
    }

    /// The result, for the thread that pumped. None: it was given up.
    pub(in crate::engine) fn end_pump(&mut self) -> Option<Result<Connected, FailedRequest>> {
        (self.phase, self.plan, self.failed_stream) = (Phase::Idle, None, None);
        self.result.take()
    }

    /// Earlier interruptions no longer count.
    pub(in crate::engine) fn forget_interrupt(&mut self) {
        self.interrupted = false;
    }

    pub(in crate::engine) fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    /// Ends a pumped connect, wherever it waits.
    pub(in crate::engine) fn interrupt(&mut self) {
        self.interrupted = true;
        self.openers.interrupt();
    }

    /// Ends the attempt under way, or the wait for one.
    pub(in crate::engine) fn abandon(&mut self) {
        self.phase = Phase::Idle;
    }
}
