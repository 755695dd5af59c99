//! What a connect asks for; and how the requests of the asynchronous interface end.

use crate::protocol::{Properties, PropertyView, QoS, ReasonCode, Version, Will};
use crate::session::{ConnectOptions, Reply, SentMessage};
use crate::transport::{OpenSettings, ServerUri};
use std::ffi::OsStr;
use std::sync::Arc;
use std::time::Duration;

/// What a connect asks for. It takes effect when an attempt starts.
#[derive(Clone, Debug)]
pub struct ConnectPlan {
    /// Tried in turn, with automatic reconnect again and again; None: an entry that names no server this library can reach.
    /// Empty: the server given at create.
    pub servers: Vec<Option<ServerUri>>,
    /// None: 3.1.1, and 3.1 after a failure.
    pub version: Option<Version>,
    /// cleansession, or cleanstart in MQTT 5.
    pub clean: bool,
    /// Seconds; 0: no keep-alive.
    pub keep_alive: u16,
    /// For each attempt, all stages together; in the synchronous interface for all attempts at one server, and 0 fails at once.
    pub connect_timeout: Duration,
    /// Will message.
    pub will: Option<OwnedWill>,
    /// User name.
    pub user_name: Option<Vec<u8>>,
    /// Password.
    pub password: Option<Vec<u8>>,
    /// MQTT 5 properties of CONNECT.
    pub properties: Properties,
    /// Window of unacknowledged QoS 1 and 2 messages.
    pub maximum_in_flight: u16,
    /// Seconds after which unacknowledged messages are sent again on a live connection; 0: never.
    pub retry_interval: u32,
    /// Shortest and longest pause in seconds between attempts to reconnect; None: the program reconnects itself.
    pub automatic_reconnect: Option<(u32, u32)>,
    /// TLS, proxies, headers of a WebSocket request.
    pub transport: Arc<OpenSettings>,
}

/// An accepted connection.
#[derive(Debug)]
pub struct Connected {
    /// Which of the servers; 0 for the one given at create.
    pub server: usize,
    /// The version that the server accepted.
    pub version: Version,
    /// The server had a session.
    pub session_present: bool,
    /// MQTT 5 properties of CONNACK.
    pub properties: Properties,
}

/// A will message of its own.
#[derive(Clone, Debug)]
pub struct OwnedWill {
    /// Topic name.
    pub topic: Vec<u8>,
    /// Application message.
    pub payload: Vec<u8>,
    /// Quality of service.
    pub qos: QoS,
    /// Whether the server keeps it for later subscribers.
    pub retain: bool,
    /// MQTT 5 will properties.
    pub properties: Properties,
}

impl ConnectPlan {
    /// The plan for one attempt. `pumped`: by the synchronous interface.
    pub(in crate::engine) fn options(&self, version: Version, pumped: bool) -> ConnectOptions<'_> {
        ConnectOptions {
            version,
            clean: self.clean,
            keep_alive: self.keep_alive,
            will: self.will.as_ref().map(OwnedWill::view),
            user_name: self.user_name.as_deref(),
            password: self.password.as_deref(),
            properties: self.properties.view(),
            maximum_in_flight: self.maximum_in_flight,
            retry_interval: self.retry_interval,
            // In the asynchronous interface an explicit 3.1.1 discards what a server without session cannot know; programs observe that.
            resume_without_session_present: pumped || self.version.is_none(),
            keep_expired_session: pumped,
            prompt_loss: !pumped,
        }
    }
}

impl OwnedWill {
    /// A copy, with these properties.
    pub fn new(will: &Will<'_>, properties: Properties) -> OwnedWill {
        let (topic, payload) = (will.topic.to_vec(), will.payload.to_vec());
        OwnedWill { topic, payload, qos: will.qos, retain: will.retain, properties }
    }

    fn view(&self) -> Will<'_> {
        Will {
            topic: &self.topic,
            payload: &self.payload,
            qos: self.qos,
            retain: self.retain,
            properties: self.properties.view(),
        }
    }
}

/// Why a request was not accepted. Nothing was changed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsyncError {
    /// There is no connection.
    NotConnected,
    /// It cannot be done now, or a wait has timed out.
    Failed,
    /// All packet identifiers are in use.
    NoFreePacketId,
    /// As many messages wait as may.
    TooManyBuffered,
    /// The request cannot be sent as it is.
    Request(crate::session::RequestError),
}

/// The end of a request, given to the program once.
#[derive(Clone, Copy, Debug)]
pub struct Completion<'a> {
    /// As given with the request.
    pub reply: Reply,
    /// Packet identifier; 0 for QoS 0 messages, connect and disconnect.
    pub token: u16,
    /// What became of it.
    pub outcome: Outcome<'a>,
}

/// What became of a request. Valid while the program's callback runs.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// The server accepted the connection.
    Connected {
        /// The server as the program knows it: an entry of [`ConnectPlan::servers`] as given, the one of create without its
        /// scheme.
        server: &'a OsStr,
        /// The version that the server accepted.
        version: Version,
        /// The server had a session.
        session_present: bool,
        /// MQTT 5 properties of CONNACK.
        properties: PropertyView<'a>,
    },
    /// The message is written (QoS 0) or acknowledged.
    Published {
        /// The message.
        message: &'a SentMessage,
        /// Properties of the acknowledgement.
        properties: PropertyView<'a>,
    },
    /// SUBACK came.
    Subscribed {
        /// One code for each filter.
        codes: &'a [u8],
        /// SUBACK properties.
        properties: PropertyView<'a>,
    },
    /// UNSUBACK came.
    Unsubscribed {
        /// One code for each filter; none before MQTT 5.
        codes: &'a [u8],
        /// UNSUBACK properties.
        properties: PropertyView<'a>,
    },
    /// The connection is closed as asked.
    Disconnected,
    /// The request failed.
    Failed {
        /// Why.
        cause: Cause,
        /// What exactly went wrong with a connect; else empty.
        detail: &'a str,
        /// MQTT 5 reason code; success where the cause has none.
        reason: ReasonCode,
        /// Properties of the packet that refused it.
        properties: PropertyView<'a>,
        /// The type number of that packet, or of the request itself; 0: none.
        packet_type: u8,
    },
}

/// Why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The host name has no address, or the socket's file takes no connection.
    NotFound,
    /// No connection could be made to the server.
    NotReached,
    /// The server did not turn the connection into a WebSocket.
    NotUpgraded,
    /// The server closed the connection before it answered, or answered nonsense.
    NotCompleted,
    /// The server did not answer in time.
    TimedOut,
    /// The server refused the connection with this code.
    ConnectRefused(u8),
    /// The server accepted the connection with a value in its CONNACK with which it is useless.
    Unusable,
    /// MQTT 5: the server sent DISCONNECT in place of CONNACK; the reason says why.
    ServerDisconnected,
    /// The server accepted the connection, but the store could not be cleared for the new session: the store's code.
    NotCleared(i32),
    /// The server refused the message; the reason says why.
    Refused,
    /// It cannot be sent on this connection; the reason says why.
    NotSent,
    /// The session, the connection or the client ended before the request did.
    Discarded,
    /// A newer message took its place.
    Displaced,
    /// There was no connection any more.
    NotConnected,
    /// A connect while the client was connected.
    Ignored,
}

/// How a connection came about, for the `connected` callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// By a connect request whose result has just been given.
    Requested,
    /// By the library itself, or by `reconnect`.
    Reconnected,
}
