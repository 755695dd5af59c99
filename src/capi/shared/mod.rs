//! What both C interfaces need.

#[allow(dead_code, reason = "some constants and types are for the C header only")]
pub mod abi;
pub(crate) mod authentication;
pub mod authentication_abi;
pub(crate) mod boundary;
pub(crate) mod c_heap;
pub(crate) mod creation;
#[allow(dead_code, reason = "some constants are for the C header only")]
pub mod extension_codes;
pub(crate) mod extensions;
pub(crate) mod faults;
pub(crate) mod functions;
pub(crate) mod handle;
pub mod heap_info;
#[cfg(feature = "async-api")]
pub(crate) mod hooked_store;
pub(crate) mod messages;
pub(crate) mod open_store;
pub(crate) mod option_values;
pub mod persistence_abi;
pub(crate) mod program;
pub mod properties;
#[allow(dead_code, reason = "some constants and types are for the C header only")]
pub mod property_abi;
pub(crate) mod property_list;
#[allow(dead_code, reason = "some constants are for the C header only")]
pub mod reason_codes;
pub(crate) mod setters;
#[cfg(feature = "tls")]
pub(crate) mod ssl_options;
pub(crate) mod statistics;
#[allow(dead_code, reason = "some types are for the C header only")]
pub mod statistics_abi;
pub(crate) mod store_calls;
pub(crate) mod structure;
pub mod subscriptions;
pub(crate) mod text;
pub mod threads;
#[cfg(feature = "tls")]
pub(crate) mod tls_callbacks;
pub mod topics;
pub(crate) mod transport_options;
pub(crate) mod upgrade;
pub mod upgrade_abi;
pub(crate) mod user_function;
pub(crate) mod user_store;

pub(crate) use structure::assert_layout;
