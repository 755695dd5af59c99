//! Subscriptions that are made again when the server has lost the session.

use super::state::Session;
use super::subscriptions::Subscriptions;
use crate::protocol::{Filter, PacketId, Properties};

/// Filters of one SUBSCRIBE.
const IN_ONE_PACKET: usize = 32;

impl<R: Copy> Session<R> {
    /// From now on granted subscriptions are kept, or not.
    pub fn set_keeps_subscriptions(&mut self, keeps: bool) {
        if keeps {
            self.subscriptions.get_or_insert_default();
        } else {
            self.subscriptions = None;
        }
    }

    /// The application has begun a session: it subscribes itself.
    pub fn forget_subscriptions(&mut self) {
        if let Some(subscriptions) = &mut self.subscriptions {
            **subscriptions = Subscriptions::default();
        }
    }

    /// Queues SUBSCRIBE for all subscriptions that are kept. There is no completion for that.
    pub fn resubscribe(&mut self) {
        let Some(mut subscriptions) = self.subscriptions.take() else { return };
        let mut requests = Vec::new();
        for same in subscriptions.granted().chunk_by(|(_, one), (_, other)| one == other) {
            same.chunks(IN_ONE_PACKET).for_each(|several| self.subscribe_again(several, &mut requests));
        }
        for (id, filters) in requests {
            subscriptions.note_repetition(id, filters);
        }
        self.subscriptions = Some(subscriptions);
    }

    /// All of them have the same properties. The server may take smaller packets only.
    fn subscribe_again(
        &mut self,
        several: &[(Filter<'_>, &Properties)],
        requests: &mut Vec<(PacketId, Vec<Box<[u8]>>)>,
    ) {
        let Some((_, properties)) = several.first() else { return };
        let filters: Vec<_> = several.iter().map(|(filter, _)| *filter).collect();
        if let Ok(id) = self.request(&filters, properties.view()) {
            self.forget_time_limit(id);
            requests.push((id, filters.iter().map(|filter| filter.filter.into()).collect()));
        } else if several.len() > 1 {
            let (first, second) = several.split_at(several.len() / 2);
            self.subscribe_again(first, requests);
            self.subscribe_again(second, requests);
        }
    }
}
