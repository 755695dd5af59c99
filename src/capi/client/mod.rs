//! `MQTTClient_*`: the synchronous interface.

pub mod abi;
mod callbacks;
mod codes;
pub mod connect;
mod connect_options;
pub mod create;
pub mod delivery;
mod handle;
pub mod information;
pub mod memory;
mod messages;
pub mod publish;
pub mod receive;
pub mod response;
mod returned_texts;
pub mod set_callbacks;
pub mod subscribe;
pub mod trace;
pub mod unsubscribe;
mod will_options;
