//! The store of a client as the other parts use it. A client without store, or with one that cannot be used, works alike.

use crate::engine::inbox::message::{Message, QueuePlace};
use crate::engine::requester::{Requester, Session};
use crate::engine::store::records::{Records, StoreOptions};
use crate::persistence::{Store, StoreError};
use crate::protocol::{PropertyView, TopicFilter, Version};
use crate::session::{Accepted, Moment, OutgoingPublish, RequestError, Sent};
use crate::trace::{Level, trace};

/// The store of a client, if it has one.
#[derive(Default)]
pub(in crate::engine) struct ClientStore {
    records: Option<Box<Records>>,
    /// It cannot be used: it is only to be closed.
    failed: Option<Box<dyn Store>>,
}

impl ClientStore {
    /// Opens the store, and gives the session what is in it. The received messages that wait for the application.
    /// `has_requests`: the client queues requests. `name`: of the client, for log lines.
    pub(in crate::engine) fn open(
        &mut self,
        mut store: Box<dyn Store>,
        options: StoreOptions,
        has_requests: bool,
        version_5: bool,
        name: &str,
        session: &mut Session,
    ) -> Result<Vec<Message>, StoreError> {
        let opened = store.open().map(|warning| {
            if let Some(warning) = warning {
                trace!(Level::Error, "Persistence of client {name}: {warning}");
            }
        });
        let mut records = Box::new(Records::new(store, options, has_requests, version_5, name));
        match opened.and_then(|()| records.find_all()) {
            Ok(found) => {
                session.set_stores(true);
                let queued = records.take_up(found, session);
                self.records = Some(records);
                Ok(queued)
            }
            Err(error) => {
                trace!(Level::Error, "Persistence of client {name} cannot be used: {error}");
                self.failed = Some(records.store);
                Err(error)
            }
        }
    }

    /// The store gives records in another form from now on: those that could not be understood are looked at again.
    pub(in crate::engine) fn read_again(&mut self, session: &mut Session) -> Vec<Message> {
        let Some(records) = self.records.as_deref_mut().filter(|records| !records.aside.is_empty()) else {
            return Vec::new();
        };
        let found = records.find_again();
        records.take_up(found, session)
    }

    /// There is no store that works.
    #[inline]
    pub(in crate::engine) fn is_none(&self) -> bool {
        self.records.is_none()
    }

    /// Publishes; with a store, only what that has taken.
    #[inline]
    pub(in crate::engine) fn publish(
        &mut self,
        session: &mut Session,
        now: Moment,
        publish: &OutgoingPublish<'_>,
    ) -> Result<Sent, RequestError> {
        match &mut self.records {
            None => session.publish(now, publish),
            Some(records) => records.publish(session, now, publish),
        }
    }

    /// Takes a message; with a store, only what that has taken.
    #[inline]
    pub(in crate::engine) fn send(
        &mut self,
        session: &mut Session,
        now: Moment,
        publish: &OutgoingPublish<'_>,
        requester: Option<Requester>,
    ) -> Result<Accepted<Requester>, RequestError> {
        match &mut self.records {
            None => session.send(now, publish, requester),
            Some(records) => records.send(session, now, publish, requester),
        }
    }

    /// Takes another request; with a store, only what that has taken.
    pub(in crate::engine) fn queue_request<'a, F: TopicFilter<'a>>(
        &mut self,
        session: &mut Session,
        filters: &[F],
        properties: PropertyView<'a>,
        requester: Option<Requester>,
    ) -> Result<u16, RequestError> {
        match &mut self.records {
            None => session.queue_request(filters, properties, requester),
            Some(records) => records.queue_request(session, filters, properties, requester),
        }
    }

    /// Does what the session wants done.
    #[inline]
    pub(in crate::engine) fn carry_out_commands(&mut self, session: &mut Session) {
        if let Some(records) = &mut self.records {
            records.carry_out_commands(session);
        }
    }

    /// Keeps a received message until the application has it. Where it is.
    #[inline]
    pub(in crate::engine) fn keep(&mut self, message: &Message, version: Version) -> QueuePlace {
        self.records.as_mut().map_or(QueuePlace::NONE, |records| records.keep(message, version))
    }

    /// The application has the message that was kept there.
    #[inline]
    pub(in crate::engine) fn handed_over(&mut self, session: &Session, place: QueuePlace) {
        if let Some(records) = &mut self.records {
            records.handed_over(session, place);
        }
    }

    /// There is little to do for the store.
    pub(in crate::engine) fn tidy(&mut self) {
        if let Some(records) = &mut self.records {
            records.store.tidy();
        }
    }

    /// The code with which it failed to be cleared for the session that began last; once.
    pub(in crate::engine) fn take_clearing_failure(&mut self) -> Option<i32> {
        self.records.as_mut()?.not_cleared.take().map(|error| error.code)
    }

    /// True until `take_clearing_failure` has returned it.
    pub(in crate::engine) fn could_not_clear(&self) -> bool {
        self.records.as_ref().is_some_and(|records| records.not_cleared.is_some())
    }

    /// Closes the store, usable or not; what is in it stays.
    pub(in crate::engine) fn close(&mut self) {
        let failed = self.failed.take();
        if let Some(mut store) = self.records.take().map(|records| records.store).or(failed) {
            store.close();
        }
    }
}
