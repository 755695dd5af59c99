//! Outcomes on their way to the program.

use crate::engine::client::{Client, State};
use crate::engine::connecting::plan::{Cause, Completion, Outcome};
use crate::engine::inbox::callbacks;
use crate::engine::inbox::deliveries::Notice;
use crate::engine::runtime::pool::{self, Pool};
use crate::protocol::{Properties, ReasonCode, Version};
use crate::session::{self, FailureCause, Reply, RequestOutcome};
use std::ffi::OsString;
use std::sync::Arc;

/// The end of a request, waiting in the queue of callbacks.
pub(in crate::engine) struct Conclusion {
    pub(in crate::engine) reply: Reply,
    pub(in crate::engine) token: u16,
    pub(in crate::engine) ended: Ended,
}

/// How it ended.
pub(in crate::engine) enum Ended {
    /// A request that the session had.
    Request(RequestOutcome),
    /// A connect.
    Connected { server: OsString, version: Version, session_present: bool, properties: Properties },
    /// A request that came to nothing outside of the session.
    Failed { cause: Cause, detail: String, reason: ReasonCode, properties: Properties, packet_type: u8 },
}

impl Conclusion {
    pub(in crate::engine) fn failed(reply: Reply, cause: Cause) -> Conclusion {
        let (reason, properties) = (ReasonCode::SUCCESS, Properties::new());
        let ended = Ended::Failed { cause, detail: String::new(), reason, properties, packet_type: 0 };
        Conclusion { reply, token: 0, ended }
    }

    /// A connect has succeeded.
    pub(in crate::engine) fn is_of_connect(&self) -> bool {
        matches!(self.ended, Ended::Connected { .. })
    }

    /// The token of the request, 0 if it has none.
    pub(in crate::engine) fn token(&self) -> u16 {
        self.token
    }

    /// Bytes in it that came from the server.
    #[inline]
    pub(in crate::engine) fn received_size(&self) -> usize {
        use RequestOutcome::{Disconnected, Failed, Published, Subscribed, Unsubscribed};
        match &self.ended {
            Ended::Request(Published { properties, .. } | Failed { properties, .. })
            | Ended::Connected { properties, .. }
            | Ended::Failed { properties, .. } => properties.view().encoded().len(),
            Ended::Request(Subscribed { codes, properties } | Unsubscribed { codes, properties }) => {
                codes.len() + properties.view().encoded().len()
            }
            Ended::Request(Disconnected) => 0,
        }
    }

    /// What is reported to the application.
    pub(in crate::engine) fn view(&self) -> Completion<'_> {
        Completion { reply: self.reply, token: self.token, outcome: self.ended.view() }
    }
}

impl From<session::Completion> for Conclusion {
    fn from(completion: session::Completion) -> Conclusion {
        let session::Completion { reply, token, outcome } = completion;
        Conclusion { reply, token, ended: Ended::Request(outcome) }
    }
}

impl Ended {
    fn view(&self) -> Outcome<'_> {
        match self {
            Ended::Request(outcome) => view_of_request(outcome),
            Ended::Connected { server, version, session_present, properties } => Outcome::Connected {
                server,
                version: *version,
                session_present: *session_present,
                properties: properties.view(),
            },
            Ended::Failed { cause, detail, reason, properties, packet_type } => Outcome::Failed {
                cause: *cause,
                detail,
                reason: *reason,
                properties: properties.view(),
                packet_type: *packet_type,
            },
        }
    }
}

fn view_of_request(outcome: &RequestOutcome) -> Outcome<'_> {
    match outcome {
        RequestOutcome::Published { message, properties, .. } => {
            Outcome::Published { message, properties: properties.view() }
        }
        RequestOutcome::Subscribed { codes, properties } => {
            Outcome::Subscribed { codes, properties: properties.view() }
        }
        RequestOutcome::Unsubscribed { codes, properties } => {
            Outcome::Unsubscribed { codes, properties: properties.view() }
        }
        RequestOutcome::Disconnected => Outcome::Disconnected,
        RequestOutcome::Failed { cause, reason, properties, packet_type } => Outcome::Failed {
            cause: cause_of(*cause),
            detail: "",
            reason: *reason,
            properties: properties.view(),
            packet_type: packet_type.map_or(0, |kind| kind as u8),
        },
    }
}

fn cause_of(cause: FailureCause) -> Cause {
    match cause {
        FailureCause::Refused => Cause::Refused,
        FailureCause::NotSent => Cause::NotSent,
        FailureCause::Discarded => Cause::Discarded,
        FailureCause::Displaced => Cause::Displaced,
        FailureCause::NotConnected => Cause::NotConnected,
    }
}

impl Client {
    /// Moves what the session has concluded into the queue of callbacks.
    #[inline]
    pub(in crate::engine) fn collect(&self, state: &mut State) {
        while let Some(completion) = state.session.next_completion() {
            state.deliveries.push_notice(Notice::Concluded(completion.into()));
        }
    }

    /// Makes the callbacks that are still due, on the calling thread but in the lane like all others, unless that is
    /// not possible. For the end of a client, when no other thread does it any more. No lock may be held.
    pub(in crate::engine) fn deliver_here(
        self: &Arc<Self>,
        results: Vec<Notice>,
        in_lane: bool,
        pool: Option<&Arc<Pool>>,
    ) {
        if results.is_empty() {
            return;
        }
        let entered = in_lane && self.lane.enter();
        if let Some(pool) = pool {
            pool.ensure_waiting();
        }
        callbacks::as_callbacks(|| {
            for result in results {
                self.notify(result);
                self.lane.advance();
            }
        });
        if entered && self.lane.leave() {
            pool::look_at(&self.lane);
        }
    }
}
