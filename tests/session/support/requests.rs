//! Requests that do not wait, and their completions in a few words.

use paho_c_rs::protocol::{
    Decoded, Filter, Framing, Packet, PropertyView, QoS, ReasonCode, SubscribeOptions, Version, split_frame,
};
use paho_c_rs::session::{
    Accepted, BufferOptions, Cause, Completion, FailedRequest, OutgoingPublish, RequestError, Success,
};

use super::Client;

/// The requester of a request.
pub(crate) fn reply(number: usize) -> Option<usize> {
    Some(number)
}

/// Offline sending at any time without limit.
pub(crate) const ANY_TIME: BufferOptions = BufferOptions {
    send_while_disconnected: true,
    allow_at_any_time: true,
    maximum_buffered: None,
    delete_oldest: false,
};

/// A completion: whose, its token, what.
pub(crate) type Ended = (usize, u16, String);

pub(crate) fn ended(number: usize, token: u16, what: &str) -> Ended {
    (number, token, what.to_owned())
}

pub(crate) fn in_words(completion: &Completion<usize>) -> Ended {
    let what = match &completion.result {
        Ok(Success::Published { message, reason, .. }) if *reason == ReasonCode::SUCCESS => {
            format!("published {}", String::from_utf8_lossy(message.publish().payload))
        }
        Ok(Success::Published { reason, .. }) => format!("published, reason {:#04x}", reason.0),
        Ok(Success::Subscribed { codes, .. }) => format!("subscribed {codes:?}"),
        Ok(Success::Unsubscribed { codes, .. }) => format!("unsubscribed {codes:?}"),
        Ok(Success::Connected { .. }) => unreachable!("a session completes no connect"),
        Ok(Success::Disconnected) => "disconnected".to_owned(),
        Err(FailedRequest { cause, reason, packet_type, .. }) => match cause {
            Cause::Discarded => "discarded".to_owned(),
            Cause::Unanswered => "unanswered".to_owned(),
            Cause::Displaced => "displaced".to_owned(),
            Cause::NotConnected => "not connected".to_owned(),
            _ => format!("{cause:?} {:#04x} {}", reason.0, packet_type.unwrap().name()),
        },
    };
    (completion.requester, completion.token, what)
}

impl Client {
    /// A message with its payload as text.
    pub(crate) fn send(
        &mut self,
        number: usize,
        qos: QoS,
        payload: &str,
    ) -> Result<Accepted<usize>, RequestError> {
        self.send_with(reply(number), qos, payload.as_bytes(), PropertyView::empty())
    }

    pub(crate) fn send_with(
        &mut self,
        requester: Option<usize>,
        qos: QoS,
        payload: &[u8],
        properties: PropertyView<'_>,
    ) -> Result<Accepted<usize>, RequestError> {
        let publish = OutgoingPublish { topic: b"t", payload, qos, retain: false, properties };
        self.session.send(self.now, &publish, requester)
    }

    pub(crate) fn token(&mut self, number: usize, qos: QoS, payload: &str) -> u16 {
        self.send(number, qos, payload).unwrap().token
    }

    pub(crate) fn subscribe(&mut self, number: usize) -> Result<u16, RequestError> {
        let filters = [Filter { filter: b"f", options: SubscribeOptions::new(QoS::AtLeastOnce) }];
        self.session.queue_request(&filters, PropertyView::empty(), reply(number))
    }

    pub(crate) fn unsubscribe(&mut self, number: usize) -> Result<u16, RequestError> {
        self.session.queue_request(&[&b"f"[..]], PropertyView::empty(), reply(number))
    }

    pub(crate) fn disconnect(&mut self, number: usize, timeout_millis: u64) -> Result<(), RequestError> {
        let properties = PropertyView::empty();
        let reason = ReasonCode::SUCCESS;
        self.session.queue_disconnect(self.now, timeout_millis, reason, properties, reply(number))
    }

    /// Sends what may go; gives it.
    pub(crate) fn advance(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            self.session.advance_queue(self.now);
            let written = self.written();
            if written.is_empty() {
                return all;
            }
            all.extend(written);
        }
    }

    /// The same, in words.
    pub(crate) fn advanced(&mut self) -> Vec<String> {
        let bytes = self.advance();
        brief(&bytes, self.session.version())
    }

    /// The completions that wait.
    pub(crate) fn ended(&mut self) -> Vec<Ended> {
        std::iter::from_fn(|| self.session.next_completion())
            .map(|completion| in_words(&completion))
            .collect()
    }

    pub(crate) fn close(&mut self) -> Vec<Ended> {
        self.session.connection_closed();
        self.ended()
    }

    pub(crate) fn pending_tokens(&self) -> Vec<u16> {
        self.session.pending_requests().collect()
    }
}

/// As `summary`; of PUBLISH also the payload.
pub(crate) fn brief(bytes: &[u8], version: Version) -> Vec<String> {
    super::packets(bytes)
        .into_iter()
        .zip(super::summary(bytes, version))
        .map(|(packet, words)| {
            let Ok(Framing::Complete(frame)) = split_frame(packet, 0) else { panic!("not whole") };
            match Packet::decode(frame, version).and_then(Decoded::strictly).unwrap() {
                Packet::Publish(publish) => format!("{words} {}", String::from_utf8_lossy(publish.payload)),
                _ => words,
            }
        })
        .collect()
}
