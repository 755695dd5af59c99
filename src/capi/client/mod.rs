//! `MQTTClient_*`: the synchronous interface.

pub mod abi;
