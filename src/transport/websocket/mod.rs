//! WebSockets: MQTT in the frames of RFC 6455, over any other stream.

mod frame;
mod input;
mod output;
mod request;
#[cfg(test)]
mod scripted;
mod stream;
mod upgrade;

pub(super) use upgrade::{Upgrade, UpgradeFailure};
