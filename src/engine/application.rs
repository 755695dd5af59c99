//! The program behind a client, as the engine sees it.

use super::message::Message;
use crate::protocol::{AcknowledgementType, PacketId, Properties, ReasonCode};

/// Which callbacks the program has set, so that nothing is queued for nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interest {
    /// `messageArrived`
    pub message_arrived: bool,
    /// `deliveryComplete`
    pub delivery_complete: bool,
    /// `published`
    pub published: bool,
    /// `connectionLost`
    pub connection_lost: bool,
    /// `disconnected`
    pub disconnected: bool,
}

/// The program's callbacks. The engine calls them with no lock held and, unless the process asked for one lane for each
/// client, never two at the same time.
pub trait Application: std::any::Any + Send + Sync {
    /// Which callbacks are set now.
    fn interest(&self) -> Interest;
    /// A message for the program. `Err` gives it back: it stays first in the queue and is offered again later.
    fn message_arrived(&self, message: Message) -> Result<(), Message>;
    /// A QoS 1 or 2 message is complete.
    fn delivery_complete(&self, id: PacketId);
    /// MQTT 5: an acknowledgement with its reason.
    fn published(
        &self,
        id: PacketId,
        packet_type: AcknowledgementType,
        reason: ReasonCode,
        properties: &Properties,
    );
    /// The connection broke.
    fn connection_lost(&self);
    /// MQTT 5: the server sent DISCONNECT.
    fn disconnected(&self, reason: ReasonCode, properties: &Properties);
}
