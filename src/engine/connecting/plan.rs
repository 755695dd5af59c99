//! The options of a connect.

use crate::protocol::{Properties, QoS, Version, Will};
use crate::session::ConnectOptions;
use crate::transport::{OpenSettings, ServerUri};
use std::sync::Arc;
use std::time::Duration;

/// The options of a connect. They take effect when an attempt starts.
#[derive(Clone, Debug, Default)]
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
    /// Shortest and longest pause in seconds between attempts to reconnect; None: the application reconnects by itself.
    pub automatic_reconnect: Option<(u32, u32)>,
    /// TLS, proxies, headers of a WebSocket request.
    pub transport: Arc<OpenSettings>,
}

/// An accepted connection.
#[derive(Debug)]
pub struct Connected {
    /// Index of the server; 0 for the one given at create.
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
            // In the asynchronous interface an explicit 3.1.1 discards what a server without session cannot know;
            // applications observe that.
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

/// The reason of a connection, for the `connected` callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectReason {
    /// By a connect request whose result has just been given.
    Requested,
    /// By the library itself, or by `reconnect`.
    Reconnected,
}
