//! `MQTTAsync_*`: the asynchronous interface.

pub mod abi;
pub mod options_abi;
pub mod response_abi;
