//! The store of a client, with the session that it keeps and the messages that wait.

use crate::engine::client::{Client, State};
use crate::engine::inbox::message::Message;
use crate::engine::requester::Session;
use crate::engine::store::client_store::ClientStore;
use crate::engine::store::records::StoreOptions;
use crate::persistence::{Store, StoreError};
use crate::protocol::{QoS, Version};

impl Client {
    /// Gives the client its store, and takes up what is in it. To be called once, before anything else.
    ///
    /// Records that cannot be decoded are logged and left alone. After an error the client works without a store; this
    /// one is closed with the client.
    ///
    /// # Errors
    /// The store cannot be opened or read, or there are messages of MQTT 5 in it while the client is for an earlier one.
    pub fn open_store(&self, store: Box<dyn Store>, options: StoreOptions) -> Result<(), StoreError> {
        let state = &mut *self.state.lock();
        let version_5 = self.version_level() >= i32::from(Version::V5.level());
        let (has_requests, session) = (state.mode.is_asynchronous(), &mut state.session);
        let queued = state.store.open(store, options, has_requests, version_5, self.name(), session)?;
        queued.into_iter().for_each(|message| state.deliveries.push_message(message));
        Ok(())
    }

    /// The store gives records in another form from now on: those that could not be understood are looked at again.
    pub fn read_records_again(&self) {
        let state = &mut *self.state.lock();
        let queued = state.store.read_again(&mut state.session);
        queued.into_iter().for_each(|message| state.deliveries.push_message(message));
    }
}

impl State {
    /// The store, and the session that it keeps.
    #[inline]
    pub(in crate::engine) fn store_and_session(&mut self) -> (&mut ClientStore, &mut Session) {
        (&mut self.store, &mut self.session)
    }

    /// Does in the store what the session wants done there.
    #[inline]
    pub(in crate::engine) fn carry_out_store_commands(&mut self) {
        self.store.carry_out_commands(&mut self.session);
    }

    /// Queues a received message for the application, and keeps it until the application has it.
    #[inline(always)]
    pub(in crate::engine) fn keep_and_queue(&mut self, mut message: Message) {
        if !self.store.is_none() || self.session.acknowledges_by_hand() {
            self.keep(&mut message);
        }
        self.deliveries.push_message(message);
    }

    /// A message that the application has to acknowledge is kept by the server until then, or with the session.
    #[inline(never)]
    fn keep(&mut self, message: &mut Message) {
        if self.session.acknowledges_by_hand() && message.qos != QoS::AtMostOnce {
            message.connection = self.session.connection_of_messages();
        } else {
            message.place = self.store.keep(message, self.session.version());
        }
    }

    /// The server has accepted the connection, with or without a session from before.
    pub(in crate::engine) fn begin_session(&mut self, session_present: bool) {
        // With the asynchronous interface they do not belong to the session.
        if self.session.asked_for_clean_session() && !self.mode.is_asynchronous() {
            self.deliveries.clear_messages();
        }
        if session_present && self.session.acknowledges_by_hand() {
            self.forget_messages_of_earlier_connections();
        }
    }

    /// The server sends again what was not acknowledged before: the application need not get it twice.
    #[cold]
    fn forget_messages_of_earlier_connections(&mut self) {
        let current = self.session.connection_of_messages();
        self.deliveries.forget_messages(|message| message.connection != 0 && message.connection != current);
    }

    /// The first message for a receive call, which the application has from now on.
    #[inline]
    pub(in crate::engine) fn take_message(&mut self) -> Option<Message> {
        let message = self.deliveries.take_message()?;
        self.store.handed_over(&self.session, message.place);
        Some(message)
    }
}
