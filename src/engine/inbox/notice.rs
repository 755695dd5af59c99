//! What is reported to the application other than messages.

use crate::engine::connecting::plan::ConnectReason;
use crate::engine::requester::Completion;
use crate::protocol::{AcknowledgementType, PacketId, Properties, ReasonCode};

/// A callback other than messageArrived.
pub(in crate::engine) enum Notice {
    DeliveryComplete(PacketId),
    Published {
        id: PacketId,
        packet_type: AcknowledgementType,
        reason: ReasonCode,
        properties: Properties,
    },
    ConnectionLost,
    Disconnected(ReasonCode, Properties),
    /// The end of a request.
    Completed(Completion),
    Connected(ConnectReason),
    /// The server goes on with an authentication on an open connection, or has completed it.
    Authenticate {
        generation: u32,
        is_complete: bool,
        data: Vec<u8>,
    },
    RenewCredentials {
        /// Of the last attempt to connect.
        generation: u32,
        user_name: Option<Vec<u8>>,
        password: Option<Vec<u8>>,
    },
}

impl Notice {
    /// It reports how a request has ended.
    pub(super) fn is_of_request(&self) -> bool {
        matches!(self, Notice::DeliveryComplete(_) | Notice::Published { .. } | Notice::Completed(_))
    }

    /// Bytes in it that came from the server.
    #[inline]
    pub(super) fn size(&self) -> usize {
        match self {
            Notice::Published { properties, .. } | Notice::Disconnected(_, properties) => {
                properties.view().encoded().len()
            }
            Notice::Completed(completion) => completion.received_size(),
            Notice::Authenticate { data, .. } => data.len(),
            _ => 0,
        }
    }

    /// What it is about, as far as a request counts as complete while its callback runs.
    pub(super) fn subject(&self) -> Subject {
        match self {
            // The application is connected as soon as it is notified.
            Notice::Completed(completion) if completion.is_of_connect() => Subject::Connection,
            notice if notice.is_of_request() => Subject::Request(notice.token()),
            _ => Subject::Connection,
        }
    }

    /// The token of the request that it is about; 0 if it is about none.
    pub(super) fn token(&self) -> u16 {
        match self {
            Notice::DeliveryComplete(id) | Notice::Published { id, .. } => id.get(),
            Notice::Completed(completion) => completion.token,
            _ => 0,
        }
    }
}

/// What a notice is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Subject {
    /// The request with this token.
    Request(u16),
    Connection,
}
