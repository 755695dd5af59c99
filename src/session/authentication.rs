//! Enhanced authentication of MQTT 5: AUTH packets before CONNACK, and on an open connection.

use super::state::{Phase, Session};
use super::{Event, Failure};
use crate::protocol::{
    Auth, Breach, EncodeError, Frame, Packet, Properties, Property, PropertyId, PropertyValue, PropertyView,
    ReasonCode,
};

/// The method of a connection, and how far it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Authentication {
    /// That of CONNECT. `None`: AUTH packets have no meaning.
    pub(super) method: Option<Box<[u8]>>,
    /// The client has begun to authenticate again.
    renews: bool,
}

impl<R: Copy> Session<R> {
    /// For the next [`connect`](Session::connect), whose properties have the same: the authentication method, if the application
    /// takes part in an exchange.
    pub fn set_authentication(&mut self, method: Option<&[u8]>) {
        self.authentication = Authentication { method: method.map(Into::into), renews: false };
    }

    /// The application takes part in the authentication of this connection.
    pub fn authenticates(&self) -> bool {
        self.authentication.method.is_some()
    }

    /// The client is about to authenticate again. False: it is at it already.
    pub fn begin_renewal(&mut self) -> bool {
        !std::mem::replace(&mut self.authentication.renews, true)
    }

    /// The application did not want to.
    pub fn cancel_renewal(&mut self) {
        self.authentication.renews = false;
    }

    /// Queues AUTH with the application's data.
    ///
    /// # Errors
    /// The packet cannot be encoded; nothing was changed.
    pub fn authenticate(&mut self, reason: ReasonCode, data: &[u8]) -> Result<(), EncodeError> {
        if !matches!(self.phase, Phase::Connecting | Phase::Connected) {
            return Ok(());
        }
        let method = self.authentication.method.as_deref().unwrap_or_default();
        let properties = with_authentication(PropertyView::empty(), method, data)?;
        Auth { reason, properties: properties.view() }.encode(self.outgoing.bytes())?;
        self.sent.other();
        Ok(())
    }

    /// AUTH, on a connection that authenticates.
    #[inline(never)]
    pub(super) fn receive_auth<'a>(&mut self, frame: Frame<'a>) -> Result<Option<Event<'a>>, Failure> {
        let Some(Packet::Auth(Auth { reason, properties })) = self.decode(frame)? else { return Ok(None) };
        let is_expected = match reason {
            ReasonCode::CONTINUE_AUTHENTICATION => {
                self.phase == Phase::Connecting || self.authentication.renews
            }
            ReasonCode::SUCCESS => self.phase == Phase::Connected && self.authentication.renews,
            _ => false,
        };
        if !is_expected {
            return self.judge(frame, Breach::AuthUnasked).map(|()| None);
        }
        let method = properties.iter().find(|property| property.id == PropertyId::AuthenticationMethod);
        let is_own = match method.map(|property| property.value) {
            Some(PropertyValue::Utf8String(method)) => self.authentication.method.as_deref() == Some(method),
            _ => true,
        };
        if !is_own {
            return Err(Failure::protocol("AUTH with another authentication method"));
        }
        if reason == ReasonCode::SUCCESS {
            self.authentication.renews = false;
        }
        Ok(Some(Event::Authenticate { reason, properties }))
    }
}

/// These properties with another authentication method and data. An empty answer is none.
///
/// # Errors
/// They are too long.
pub fn with_authentication(
    properties: PropertyView<'_>,
    method: &[u8],
    data: &[u8],
) -> Result<Properties, EncodeError> {
    let is_other = |property: &Property<'_>| {
        !matches!(property.id, PropertyId::AuthenticationMethod | PropertyId::AuthenticationData)
    };
    let mut changed = Properties::new();
    for property in properties.iter().filter(is_other) {
        changed.push(&property)?;
    }
    let value = PropertyValue::Utf8String(method);
    changed.push(&Property { id: PropertyId::AuthenticationMethod, value })?;
    if !data.is_empty() {
        let value = PropertyValue::BinaryData(data);
        changed.push(&Property { id: PropertyId::AuthenticationData, value })?;
    }
    Ok(changed)
}
