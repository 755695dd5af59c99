//! The connection that a client has, if it has one, and what is known of it beyond its end.

use crate::engine::connection::gathering::Burst;
use crate::engine::connection::link::Link;
use crate::engine::connection::quick_ack;
use crate::session::Moment;
use crate::transport::Stream;
use std::sync::Arc;

/// The connection of a client.
#[derive(Default)]
pub(in crate::engine) struct Connection {
    link: Option<Link>,
    /// Counts connections and attempts, so that what belongs to an old one is recognised.
    generation: u32,
    /// Why the last one ended, for the log and for the call that finds out.
    cause: String,
    /// Nothing more is read for the time being: enough waits for the application, or for the server.
    reading_stopped: bool,
    /// The log already says that a call waits for something that cannot happen.
    overfull_reported: bool,
    burst: Burst,
    /// The application has sent a message, and nothing was read since.
    has_asked: bool,
}

impl Connection {
    /// Whether those of clients made now ask the kernel for acknowledgements.
    pub(in crate::engine) fn asks_for_acknowledgements() -> bool {
        quick_ack::is_allowed()
    }

    /// Takes a new stream.
    pub(in crate::engine) fn attach(&mut self, stream: Arc<dyn Stream>, quick_acks: bool) {
        self.begin_generation();
        (self.reading_stopped, self.overfull_reported) = (false, false);
        self.link = Some(Link::new(stream, self.generation, quick_acks));
    }

    /// What belongs to an earlier attempt or connection is recognised from now on.
    pub(in crate::engine) fn begin_generation(&mut self) {
        self.generation = self.generation.wrapping_add(1);
    }

    /// The one that is over.
    pub(in crate::engine) fn take(&mut self) -> Option<Link> {
        self.link.take()
    }

    #[inline]
    pub(in crate::engine) fn is_open(&self) -> bool {
        self.link.is_some()
    }

    #[inline]
    pub(in crate::engine) fn generation(&self) -> u32 {
        self.generation
    }

    #[inline]
    pub(in crate::engine) fn link(&self) -> Option<&Link> {
        self.link.as_ref()
    }

    #[inline]
    pub(in crate::engine) fn link_mut(&mut self) -> Option<&mut Link> {
        self.link.as_mut()
    }

    /// The connection of this generation, if it is still the one.
    #[inline]
    pub(in crate::engine) fn link_of(&mut self, generation: u32) -> Option<&mut Link> {
        self.link.as_mut().filter(|link| link.generation() == generation)
    }

    /// A write has failed, and the end is not found yet.
    #[inline]
    pub(in crate::engine) fn is_broken(&self) -> bool {
        self.link.as_ref().is_some_and(Link::is_broken)
    }

    #[inline]
    pub(in crate::engine) fn is_pooled(&self) -> bool {
        self.link.as_ref().is_some_and(Link::is_pooled)
    }

    #[inline]
    pub(in crate::engine) fn is_blocked(&self) -> bool {
        self.link.as_ref().is_some_and(Link::is_blocked)
    }

    /// An acknowledgement waits for a callback.
    #[inline]
    pub(in crate::engine) fn is_holding(&self) -> bool {
        self.link.as_ref().is_some_and(Link::is_holding)
    }

    /// Of the socket, for log lines; -1 without one.
    pub(in crate::engine) fn descriptor(&self) -> i32 {
        self.link.as_ref().map_or(-1, Link::descriptor)
    }

    pub(in crate::engine) fn cause(&self) -> &str {
        &self.cause
    }

    pub(in crate::engine) fn set_cause(&mut self, cause: String) {
        self.cause = cause;
    }

    #[inline]
    pub(in crate::engine) fn is_reading_stopped(&self) -> bool {
        self.reading_stopped
    }

    pub(in crate::engine) fn stop_reading(&mut self) {
        self.reading_stopped = true;
    }

    pub(in crate::engine) fn resume_reading(&mut self) {
        (self.reading_stopped, self.overfull_reported) = (false, false);
    }

    /// True once, until reading goes on: the log has to say that a call waits for something that cannot happen.
    pub(in crate::engine) fn note_overfull(&mut self) -> bool {
        !std::mem::replace(&mut self.overfull_reported, true)
    }

    /// One more message. True: they are many at a time.
    #[inline]
    pub(in crate::engine) fn note_message(&mut self, now: Moment) -> bool {
        self.burst.note(now)
    }

    /// The application sends something.
    #[inline]
    pub(in crate::engine) fn note_question(&mut self) {
        self.has_asked = true;
    }

    /// Called before a read: true if the application has sent something since the last one.
    #[inline]
    pub(in crate::engine) fn take_question(&mut self) -> bool {
        std::mem::take(&mut self.has_asked)
    }
}
