//! `MQTTClient_*`: the synchronous interface.

#[allow(dead_code, reason = "some constants and types are for the C header only")]
pub mod abi;
mod at_exit;
mod callbacks;
mod codes;
pub mod connect;
mod connect_options;
pub mod create;
pub mod delivery;
mod handle;
pub mod information;
pub mod memory;
pub mod publish;
pub mod receive;
pub mod response;
pub mod set_callbacks;
pub mod subscribe;
pub mod trace;
pub mod unsubscribe;
