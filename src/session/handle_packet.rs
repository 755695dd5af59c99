//! What is received, by packet type, and the end of a connection that has gone wrong.

use super::state::{Phase, Session};
use super::{Event, Failure, Moment, Oddity};
use crate::protocol::{
    Acknowledgement, AcknowledgementType, Breach, Breaches, DecodeError, Decoded, Disconnect, Frame, Packet,
    PacketType, PropertyView, Publish, ReasonCode, Version,
};

impl<R: Copy> Session<R> {
    /// One packet from the server.
    ///
    /// # Errors
    /// The connection must be closed, see [`Failure`].
    #[inline(always)]
    pub fn receive<'a>(&mut self, now: Moment, frame: Frame<'a>) -> Result<Option<Event<'a>>, Failure> {
        // Any packet shows that the server is alive, also one that is dropped below.
        self.keep_alive.received(now);
        let outcome = match self.phase {
            Phase::Connected => self.receive_connected(now, frame),
            Phase::Connecting => self.receive_first(now, frame),
            Phase::Judging => self.receive_before_judgement(frame),
            Phase::Idle | Phase::Closing => Ok(None),
        };
        outcome.map_err(|failure| self.fail(failure))
    }

    /// A message about which there is nothing to say, as about most of QoS 0 and 1: [`receive`](Session::receive) would do
    /// and give the same. `None`: nothing was done, and that has to look at it.
    #[inline(always)]
    pub fn receive_plain<'a>(&mut self, now: Moment, frame: Frame<'a>) -> Option<Publish<'a>> {
        if self.phase != Phase::Connected || self.acknowledges_by_hand {
            return None;
        }
        let publish = Publish::of_plain_frame(frame, self.version)?;
        self.keep_alive.received(now);
        if let Some(id) = publish.packet_id {
            self.acknowledge(AcknowledgementType::PubAck, id);
        }
        Some(publish)
    }

    #[inline(always)]
    fn receive_connected<'a>(&mut self, now: Moment, frame: Frame<'a>) -> Result<Option<Event<'a>>, Failure> {
        let packet_type = PacketType::of(frame.first_byte);
        if packet_type == Some(PacketType::Publish) {
            return self.receive_message(frame);
        }
        match packet_type.and_then(AcknowledgementType::of) {
            Some(kind) => self.receive_step(now, kind, frame),
            None => self.receive_other(frame),
        }
    }

    /// The bytes received are not a packet: [`split_frame`](crate::protocol::split_frame) gave this error. As
    /// for the failures of [`receive`](Session::receive), the server is sent the reason where that is
    /// possible.
    pub fn reject(&mut self, error: DecodeError) -> Failure {
        self.fail(error.into())
    }

    /// The packet in a frame; `None`: nothing can be done with it, and it is dropped.
    pub(super) fn decode<'a>(&mut self, frame: Frame<'a>) -> Result<Option<Packet<'a>>, Failure> {
        match Packet::decode(frame, self.version) {
            Ok(Decoded { packet, breaches }) if breaches.is_empty() => Ok(Some(packet)),
            Ok(Decoded { packet, breaches }) => self.judge(frame, breaches).map(|()| Some(packet)),
            Err(error) => self.refuse(frame, error).map(|()| None),
        }
    }

    /// A packet that cannot be used is dropped, if that is possible.
    #[cold]
    fn refuse(&mut self, frame: Frame<'_>, error: DecodeError) -> Result<(), Failure> {
        match error {
            DecodeError::Breach(breach) => self.judge(frame, breach),
            error => Err(error.into()),
        }
    }

    /// A message, decoded without a copy.
    #[inline(always)]
    fn receive_message<'a>(&mut self, frame: Frame<'a>) -> Result<Option<Event<'a>>, Failure> {
        match Publish::of_frame(frame, self.version) {
            Ok(Decoded { packet, breaches }) => {
                if !breaches.is_empty() {
                    self.judge(frame, breaches)?;
                }
                self.receive_publish(packet, frame)
            }
            Err(error) => self.refuse(frame, error).map(|()| None),
        }
    }

    #[inline]
    fn receive_step<'a>(
        &mut self,
        now: Moment,
        kind: AcknowledgementType,
        frame: Frame<'a>,
    ) -> Result<Option<Event<'a>>, Failure> {
        match Acknowledgement::of_frame(kind, frame, self.version) {
            Ok(Decoded { packet, breaches }) => {
                if !breaches.is_empty() {
                    self.judge(frame, breaches)?;
                }
                Ok(self.receive_acknowledgement(now, packet))
            }
            Err(error) => self.refuse(frame, error).map(|()| None),
        }
    }

    #[inline(never)]
    pub(super) fn receive_other<'a>(&mut self, frame: Frame<'a>) -> Result<Option<Event<'a>>, Failure> {
        if self.authenticates() && PacketType::of(frame.first_byte) == Some(PacketType::Auth) {
            return self.receive_auth(frame);
        }
        let out_of_place = match PacketType::of(frame.first_byte) {
            Some(PacketType::ConnAck) => return Err(Failure::protocol("second CONNACK")),
            None => return Err(Failure::protocol("reserved packet type 0")),
            Some(PacketType::SubAck | PacketType::UnsubAck | PacketType::PingResp) => None,
            Some(PacketType::Disconnect) if self.version == Version::V5 => None,
            Some(PacketType::Disconnect) => Some(Breach::DisconnectBeforeVersion5),
            Some(PacketType::Auth) if self.version == Version::V5 => {
                // Decoded although it is dropped: if that fails, the rest of the stream is in doubt.
                Packet::decode(frame, self.version)?;
                Some(Breach::AuthUnasked)
            }
            Some(PacketType::Auth) => Some(Breach::AuthUnasked),
            Some(_) => Some(Breach::SentByServer),
        };
        if let Some(breach) = out_of_place {
            return self.judge(frame, breach).map(|()| None);
        }
        match self.decode(frame)? {
            Some(Packet::SubAck(suback)) => Ok(self.receive_answer(suback)),
            Some(Packet::UnsubAck(unsuback)) => Ok(self.receive_answer(unsuback)),
            Some(Packet::Disconnect(Disconnect { reason, properties })) => {
                self.phase = Phase::Closing;
                Ok(Some(Event::ServerDisconnected { reason, properties }))
            }
            _ => {
                // PINGRESP, the only type left.
                self.keep_alive.answered();
                Ok(None)
            }
        }
    }

    /// Nothing more is said on this connection than why it ends, to a server that understands it.
    pub(super) fn fail(&mut self, failure: Failure) -> Failure {
        match failure {
            Failure::Protocol { reason, .. }
                if matches!(self.phase, Phase::Judging | Phase::Connected) && self.version == Version::V5 =>
            {
                self.say_why(reason);
            }
            _ => {}
        }
        if self.phase != Phase::Idle {
            self.phase = Phase::Closing;
        }
        failure
    }

    fn say_why(&mut self, reason: ReasonCode) {
        let disconnect = Disconnect { reason, properties: PropertyView::empty() };
        let encoded = disconnect.encode(self.version, self.outgoing.bytes());
        self.sent.other();
        debug_assert!(encoded.is_ok());
    }

    /// Keeps a packet that is to be taken as if it had come right after CONNACK.
    pub(super) fn keep_early(&mut self, frame: Frame<'_>) -> Result<(), Failure> {
        self.early.push(frame)
    }

    /// The packets that came before CONNACK and are to be [received](Session::receive) now, after it: messages and their
    /// releases. Nothing unless the connection was accepted.
    #[inline]
    pub fn take_early_packets(&mut self) -> Option<Vec<u8>> {
        if self.is_connected() { self.early.take() } else { None }
    }

    /// A strict session ends the connection whenever the server breaks the standard; otherwise only where the meaning of
    /// what follows is in doubt.
    pub fn set_strict(&mut self, strict: bool) {
        self.strict = strict;
    }

    /// Decides what becomes of a packet that breaks the standard: it is taken as it came and noted, or it ends the
    /// connection.
    #[cold]
    pub(super) fn judge(&mut self, frame: Frame<'_>, breaches: impl Into<Breaches>) -> Result<(), Failure> {
        self.oddities.judge(frame, breaches.into(), self.strict)
    }

    /// The server has broken the standard in a way that was not reported yet.
    #[inline]
    pub fn has_new_oddities(&self) -> bool {
        self.oddities.has_new()
    }

    /// Those of which this is true. They count as reported.
    pub fn take_new_oddities(&mut self) -> Vec<Oddity> {
        self.oddities.take_new()
    }

    /// All oddities of the connection, which ends. They are forgotten.
    pub fn take_oddities(&mut self) -> Vec<Oddity> {
        self.oddities.take()
    }
}
