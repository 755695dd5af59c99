//! The application that owns a client, as the engine sees it.

use crate::engine::connecting::Credentials;
use crate::engine::connecting::plan::ConnectReason;
use crate::engine::inbox::message::Message;
use crate::engine::requester::Completion;
use crate::locks::Hold;
use crate::protocol::{AcknowledgementType, PacketId, Properties, ReasonCode};
#[cfg(feature = "tls")]
use crate::transport::TlsContext;
use crate::transport::UpgradeCallback;
use std::any::Any;
use std::sync::Arc;

/// The callbacks that are set, so that nothing is queued without a receiver.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interest {
    /// `deliveryComplete`
    pub delivery_complete: bool,
    /// `published`
    pub published: bool,
    /// `connectionLost`
    pub connection_lost: bool,
    /// `disconnected`
    pub disconnected: bool,
    /// `connected`, of the asynchronous interface
    pub connected: bool,
    /// `updateConnectOptions`, of the asynchronous interface
    pub update_credentials: bool,
}

/// A step of an authentication in which the application takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticationStep {
    /// CONNECT is about to be sent.
    Begin,
    /// The server has sent data and waits for an answer.
    Continue,
    /// The application has asked to authenticate again.
    Renew,
    /// The server has accepted the client.
    Complete,
}

/// Turns a trait object into its own type again, for the layer that knows it.
pub trait AsAny: Any {
    /// The same value, to be cast to its own type.
    fn as_any(&self) -> &dyn Any;
}

impl<T: Any> AsAny for T {
    #[inline]
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The application's callbacks; those that are not set do nothing. The engine calls them with no lock held and, unless the
/// process asked for one lane for each client, never two at the same time.
pub trait Application: AsAny + Send + Sync {
    /// Takes the locks of what belongs to it for a fork.
    fn hold(self: Arc<Self>, _hold: &mut Hold) {}
    /// The callbacks that are set now.
    fn interest(&self) -> Interest {
        Interest::default()
    }
    /// A message for the application. False: it is not taken, stays first in the queue and is offered again later, with the
    /// objects that `handed_out` has.
    fn message_arrived(&self, message: &mut Message) -> bool;
    /// A QoS 1 or 2 message is complete.
    fn delivery_complete(&self, _id: PacketId) {}
    /// MQTT 5: an acknowledgement with its reason.
    fn published(
        &self,
        _id: PacketId,
        _packet_type: AcknowledgementType,
        _reason: ReasonCode,
        _properties: &Properties,
    ) {
    }
    /// The connection broke.
    fn connection_lost(&self) {}
    /// MQTT 5: the server sent DISCONNECT.
    fn disconnected(&self, _reason: ReasonCode, _properties: &Properties) {}
    /// The end of a request of the asynchronous interface.
    fn completed(&self, _completion: &Completion) {}
    /// The asynchronous client is connected.
    fn connected(&self, _reason: ConnectReason) {}
    /// The asynchronous client is about to connect again by itself: the user name and password it would use. Some: use
    /// these from now on.
    fn update_credentials(&self, _user_name: Option<&[u8]>, _password: Option<&[u8]>) -> Option<Credentials> {
        None
    }
    /// The application's context for TLS.
    #[cfg(feature = "tls")]
    fn tls_context(&self) -> Option<TlsContext> {
        None
    }
    /// The application's part in the requests for WebSockets.
    fn upgrade(&self) -> Option<UpgradeCallback> {
        None
    }
    /// The method with which the client authenticates, if the application takes part in that.
    fn authentication_method(&self) -> Option<Vec<u8>> {
        None
    }
    /// What the server has sent, and the answer to it. `None`: the application refuses to go on.
    fn authenticate(&self, _step: AuthenticationStep, _data: &[u8]) -> Option<Vec<u8>> {
        None
    }
}
