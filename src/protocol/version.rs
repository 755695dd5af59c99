//! The protocol versions.

/// A version of MQTT. Later versions compare greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Version {
    /// MQTT 3.1
    V31 = 3,
    /// MQTT 3.1.1
    V311 = 4,
    /// MQTT 5.0
    V5 = 5,
}

impl Version {
    /// The protocol level byte of CONNECT: 3, 4 or 5.
    #[inline]
    pub fn level(self) -> u8 {
        self as u8
    }

    /// The protocol name in CONNECT: `MQIsdp` for 3.1, `MQTT` since.
    pub fn protocol_name(self) -> &'static str {
        match self {
            Version::V31 => "MQIsdp",
            Version::V311 | Version::V5 => "MQTT",
        }
    }

    /// The version with this protocol level.
    pub fn from_level(level: u8) -> Option<Version> {
        match level {
            3 => Some(Version::V31),
            4 => Some(Version::V311),
            5 => Some(Version::V5),
            _ => None,
        }
    }

    /// Whether packets of this version carry properties and reason codes.
    #[inline]
    pub(super) fn has_properties(self) -> bool {
        self == Version::V5
    }
}
