//! `MQTTClient_*`: the synchronous interface.

#[allow(dead_code, reason = "some constants and types are for the C header only")]
pub mod abi;
mod codes;
pub mod connect;
mod connect_options;
pub mod create;
pub mod delivery;
mod handle;
pub mod publish;
pub mod receive;
pub mod response;
pub mod set_callbacks;
pub mod subscribe;
pub mod unsubscribe;

crate::capi::shared::functions::functions!(
    crate::engine::version_info::Product::Synchronous,
    codes::own_text,
    MQTTClient_strerror,
    MQTTClient_getVersionInfo,
    MQTTClient_malloc,
    MQTTClient_free,
    MQTTClient_freeMessage,
    MQTTClient_setTraceLevel,
    MQTTClient_setTraceCallback,
);

crate::capi::shared::extensions::functions!(
    handle::Synchronous,
    abi::MQTTClient,
    MQTTClientExt_setOption,
    MQTTClientExt_getOption,
    MQTTClientExt_getStatistics,
    MQTTClientExt_getLastError,
    MQTTClientExt_acknowledge,
    MQTTClientExt_setAuthentication,
    MQTTClientExt_reauthenticate,
);

crate::capi::shared::setters::functions!(
    handle::Synchronous,
    abi::MQTTClient,
    MQTTClientExt_setUpgrade,
    MQTTClientExt_setSSLContext,
);
