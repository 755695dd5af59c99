//! Enhanced authentication of MQTT 5: AUTH packets before CONNACK, and on an open connection.

use super::state::{Authentication, Phase, Renewal, Session};
use super::{Event, Failure};
use crate::protocol::{
    Auth, Breach, EncodeError, Frame, Packet, Properties, Property, PropertyId, PropertyValue, PropertyView,
    ReasonCode,
};

impl<R: Copy> Session<R> {
    /// For the next [`connect`](Session::connect), whose properties have the same: the authentication method, if the application
    /// takes part in an exchange.
    pub fn set_authentication(&mut self, method: Option<&[u8]>) {
        self.authentication =
            method.map(|method| Box::new(Authentication { method: method.into(), renewal: Renewal::No }));
    }

    /// The application takes part in the authentication of this connection.
    pub fn authenticates(&self) -> bool {
        self.authentication.is_some()
    }

    /// The client is about to authenticate again. False: it is doing so already.
    pub fn begin_renewal(&mut self) -> bool {
        match self.authentication.as_deref_mut() {
            Some(Authentication { renewal: renewal @ Renewal::No, .. }) => {
                *renewal = Renewal::Asked;
                true
            }
            _ => false,
        }
    }

    /// The application did not want to.
    pub fn cancel_renewal(&mut self) {
        if let Some(authentication) = &mut self.authentication {
            authentication.renewal = Renewal::No;
        }
    }

    /// Queues AUTH with the application's data.
    ///
    /// # Errors
    /// The packet cannot be encoded, or is larger than the server takes; nothing was changed.
    pub fn authenticate(&mut self, reason: ReasonCode, data: &[u8]) -> Result<(), EncodeError> {
        if !matches!(self.phase, Phase::Connecting | Phase::Connected) {
            return Ok(());
        }
        let method = self.authentication.as_ref().map_or(&[][..], |of| &of.method);
        let properties = with_authentication(PropertyView::empty(), method, data)?;
        let bytes = self.outgoing.bytes();
        let start = bytes.len();
        Auth { reason, properties: properties.view() }.encode(bytes)?;
        if self.limits.check_size(bytes.len() - start).is_err() {
            bytes.truncate(start);
            return Err(EncodeError::PacketTooLarge);
        }
        self.sent.other();
        if let Some(authentication) = self.authentication.as_mut().filter(|of| of.renewal == Renewal::Asked) {
            authentication.renewal = Renewal::UnderWay;
        }
        Ok(())
    }

    /// AUTH, on a connection that authenticates.
    #[inline(never)]
    pub(super) fn receive_auth<'a>(&mut self, frame: Frame<'a>) -> Result<Option<Event<'a>>, Failure> {
        let Some(Packet::Auth(Auth { reason, properties })) = self.decode(frame)? else { return Ok(None) };
        let Some(Authentication { method: own, renewal }) = self.authentication.as_deref() else {
            return Ok(None);
        };
        let renews = *renewal == Renewal::UnderWay;
        let is_own = match properties.first(PropertyId::AuthenticationMethod) {
            Some(PropertyValue::Utf8String(method)) => **own == *method,
            _ => true,
        };
        let is_expected = match reason {
            ReasonCode::CONTINUE_AUTHENTICATION => self.phase == Phase::Connecting || renews,
            ReasonCode::SUCCESS => self.phase == Phase::Connected && renews,
            _ => false,
        };
        if !is_expected {
            return self.judge(frame, Breach::AuthUnasked).map(|()| None);
        }
        if !is_own {
            return Err(Failure::protocol("AUTH with another authentication method"));
        }
        if reason == ReasonCode::SUCCESS {
            self.cancel_renewal();
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
