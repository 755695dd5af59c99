//! `MQTTAsync_*`: the asynchronous interface.

#[allow(dead_code, reason = "some constants and types are for the C header only")]
pub mod abi;
mod callbacks;
mod codes;
pub mod connect;
mod connect_data;
mod connect_options;
pub mod create;
mod disconnect_options;
pub mod extensions;
mod handle;
pub mod options_abi;
#[allow(dead_code, reason = "some constants and types are for the C header only")]
pub mod response_abi;
mod response_options;
mod results;
pub mod send;
pub mod set_callbacks;
pub mod subscribe;
pub mod tokens;
pub mod unsubscribe;

crate::capi::shared::functions::functions!(
    crate::engine::version_info::Product::Asynchronous,
    codes::own_text,
    MQTTAsync_strerror,
    MQTTAsync_getVersionInfo,
    MQTTAsync_malloc,
    MQTTAsync_free,
    MQTTAsync_freeMessage,
    MQTTAsync_setTraceLevel,
    MQTTAsync_setTraceCallback,
);

crate::capi::shared::extensions::functions!(
    callbacks::Asynchronous,
    abi::MQTTAsync,
    MQTTAsyncExt_setOption,
    MQTTAsyncExt_getOption,
    MQTTAsyncExt_getStatistics,
    MQTTAsyncExt_getLastError,
    MQTTAsyncExt_acknowledge,
    MQTTAsyncExt_setAuthentication,
    MQTTAsyncExt_reauthenticate,
);

crate::capi::shared::setters::functions!(
    callbacks::Asynchronous,
    abi::MQTTAsync,
    MQTTAsyncExt_setUpgrade,
    MQTTAsyncExt_setSSLContext,
);
