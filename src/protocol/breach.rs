//! Ways in which a received packet breaks the standard although it can be taken apart.

use super::ReasonCode;

/// One line for each breach: its name, the reason a strict receiver gives for it, and what is wrong.
macro_rules! breaches {
    ($($name:ident = $reason:ident, $text:literal;)*) => {
        /// A breach of the standard that leaves no doubt about what the packet says, or at least about where the next one
        /// begins. Where several are found in a packet, a strict receiver names the first of this list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Breach {
            $(#[doc = concat!(stringify!($reason), ": ", $text)] $name,)*
        }

        impl Breach {
            /// All breaches.
            pub const ALL: &'static [Breach] = &[$(Breach::$name),*];

            /// What is wrong, as a short phrase.
            pub fn text(self) -> &'static str {
                match self {
                    $(Breach::$name => $text,)*
                }
            }

            /// The reason that a strict receiver gives to the peer in an MQTT 5 DISCONNECT.
            pub fn reason(self) -> ReasonCode {
                match self {
                    $(Breach::$name => ReasonCode::$reason,)*
                }
            }
        }
    };
}

breaches! {
    BeforeConnAck = PROTOCOL_ERROR, "first packet is not CONNACK";
    SentByServer = PROTOCOL_ERROR, "packet that only a client sends";
    DisconnectBeforeVersion5 = PROTOCOL_ERROR, "DISCONNECT from a server of version 3";
    AuthUnasked = PROTOCOL_ERROR, "AUTH without authentication method";
    HeaderFlags = MALFORMED_PACKET, "reserved flags of the fixed header";
    QoS3 = MALFORMED_PACKET, "message of QoS 3";
    TopicNotUtf8 = MALFORMED_PACKET, "topic name is not UTF-8";
    TopicWildcards = TOPIC_NAME_INVALID, "topic name contains wildcards";
    PacketIdZero = MALFORMED_PACKET, "packet identifier 0";
    PropertyMisplaced = MALFORMED_PACKET, "property does not belong to this packet";
    PropertyNotUtf8 = MALFORMED_PACKET, "property string is not UTF-8";
    PropertyRepeated = PROTOCOL_ERROR, "property given more than once";
    PropertyOutOfRange = PROTOCOL_ERROR, "property value out of range";
    BytesLeft = MALFORMED_PACKET, "bytes after the last field";
    TopicMissing = PROTOCOL_ERROR, "message without topic";
    TopicAliasOutOfRange = TOPIC_ALIAS_INVALID, "topic alias out of range";
    TopicAliasUnknown = PROTOCOL_ERROR, "topic alias without a topic";
    NotAwaited = PROTOCOL_ERROR, "acknowledgement that does not match the state of its message";
    CodesMiscounted = PROTOCOL_ERROR, "number of codes differs from number of filters";
}

/// The breaches found in a packet; usually none.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Breaches(u32);

impl Breaches {
    /// No breach.
    pub const NONE: Breaches = Breaches(0);

    /// Whether the packet is as the standard wants it.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds one.
    #[inline]
    pub fn add(&mut self, breach: Breach) {
        self.0 |= 1 << breach as u32;
    }

    /// Whether this one is among them.
    pub fn contains(self, breach: Breach) -> bool {
        self.0 & 1 << breach as u32 != 0
    }

    /// All of them, in the order of the list.
    pub fn iter(self) -> impl Iterator<Item = Breach> {
        Breach::ALL.iter().copied().filter(move |breach| self.contains(*breach))
    }
}

impl From<Breach> for Breaches {
    fn from(breach: Breach) -> Breaches {
        let mut breaches = Breaches::NONE;
        breaches.add(breach);
        breaches
    }
}
