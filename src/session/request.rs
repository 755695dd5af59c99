//! What the layer above asks of a session, and how it can refuse.

use crate::protocol::{
    EncodeError, PacketId, PacketType, PropertyView, Publish, QoS, ReasonCode, Version, Will,
};

/// What a CONNECT asks for. Borrowed for the call of [`super::Session::connect`].
#[derive(Clone, Copy, Debug)]
pub struct ConnectOptions<'a> {
    /// Protocol version of this connection.
    pub version: Version,
    /// `cleansession` (3.x) or `cleanstart` (5).
    pub clean: bool,
    /// Keep-alive interval in seconds; 0 switches it off.
    pub keep_alive: u16,
    /// What the server publishes when the connection breaks.
    pub will: Option<Will<'a>>,
    /// User name.
    pub user_name: Option<&'a [u8]>,
    /// Password.
    pub password: Option<&'a [u8]>,
    /// CONNECT properties (version 5).
    pub properties: PropertyView<'a>,
    /// Window of unacknowledged QoS 1 and 2 messages; 0: none is sent.
    pub maximum_in_flight: u16,
    /// Seconds after which unacknowledged packets are resent while connected; 0: never. At least 10 s are
    /// waited. Version 5 forbids it: ignored there.
    pub retry_interval: u32,
    /// 3.1.1: keep and resend what is in flight although the server has no session. 3.1 always does, having
    /// no such flag in its CONNACK; 5 never does.
    pub resume_without_session_present: bool,
    /// Version 5: keep what is in flight when the connection closes even if the session expiry interval is 0;
    /// the next CONNACK decides. False: it is dropped at the close.
    pub keep_expired_session: bool,
    /// A silent server counts as gone 1.5 keep-alive intervals after its last byte (and a little), PINGREQ or not.
    /// False: 1.5 intervals after PINGREQ, as applications of the synchronous interface know it.
    pub prompt_loss: bool,
}

/// A message to publish. Borrowed for the call.
#[derive(Clone, Copy, Debug)]
pub struct OutgoingPublish<'a> {
    /// Topic name.
    pub topic: &'a [u8],
    /// Payload.
    pub payload: &'a [u8],
    /// Quality of service.
    pub qos: QoS,
    /// Retain flag.
    pub retain: bool,
    /// PUBLISH properties (version 5).
    pub properties: PropertyView<'a>,
}

impl<'a> OutgoingPublish<'a> {
    /// The packet, with that id at QoS 1 and 2.
    #[inline]
    pub(super) fn with_id(&self, packet_id: Option<PacketId>) -> Publish<'a> {
        let OutgoingPublish { topic, payload, qos, retain, properties } = *self;
        let packet_id = packet_id.filter(|_| qos != QoS::AtMostOnce);
        Publish { dup: false, qos, retain, topic, packet_id, properties, payload }
    }

    /// The message of a packet.
    pub(super) fn of(publish: &Publish<'a>) -> OutgoingPublish<'a> {
        let Publish { topic, payload, qos, retain, properties, .. } = *publish;
        OutgoingPublish { topic, payload, qos, retain, properties }
    }
}

/// A SUBSCRIBE or UNSUBSCRIBE without answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    /// Which of them.
    pub(super) kind: PacketType,
    pub(super) filters: usize,
    /// Its time was over: the application knows that it has failed.
    pub(super) given_up: bool,
}

/// What became of an accepted publish.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sent {
    /// Packet id, for QoS 1 and 2.
    pub id: Option<PacketId>,
    /// QoS 0 payload of at least [`super::LARGE_PAYLOAD`] bytes: only the head was queued. The caller writes
    /// the payload right after what is in [`super::Session::outgoing`] now, before anything queued later.
    pub payload_follows: bool,
}

/// Why a request was not accepted. Nothing was changed by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestError {
    /// No accepted connection, and the request may not wait for one.
    NotConnected,
    /// The connection broke, the time is over, or it cannot be done now.
    Failed,
    /// As many QoS 1 and 2 messages in flight as are allowed, or older ones still wait to be resent.
    WindowFull,
    /// All 65535 packet ids are in use.
    NoFreePacketId,
    /// As many messages wait as may.
    TooManyBuffered,
    /// The packet cannot be put into bytes.
    Encode(EncodeError),
    /// The server announced a lower maximum QoS (reason 0x9B).
    QoSNotSupported,
    /// The server takes no retained messages (reason 0x9A).
    RetainNotSupported,
    /// Larger than the server's maximum packet size (reason 0x95).
    PacketTooLarge,
    /// The store does not take the message.
    NotStored,
}

impl RequestError {
    /// The reason code reported with version 5, where the cause has one.
    pub fn reason(self) -> Option<ReasonCode> {
        match self {
            RequestError::QoSNotSupported => Some(ReasonCode::QOS_NOT_SUPPORTED),
            RequestError::RetainNotSupported => Some(ReasonCode::RETAIN_NOT_SUPPORTED),
            RequestError::PacketTooLarge => Some(ReasonCode::PACKET_TOO_LARGE),
            _ => None,
        }
    }
}

impl From<EncodeError> for RequestError {
    fn from(error: EncodeError) -> Self {
        RequestError::Encode(error)
    }
}
