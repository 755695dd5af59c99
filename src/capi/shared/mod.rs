//! What both C interfaces need.

#![cfg_attr(
    not(feature = "sync-api"),
    allow(
        dead_code,
        reason = "a library without the synchronous interface has nothing yet that uses all of it"
    )
)]

pub(crate) mod boundary;
pub(crate) mod c_heap;
pub mod heap_abi;
pub mod heap_info;
pub(crate) mod http_options;
mod layout;
pub(crate) mod library;
pub mod persistence_abi;
pub mod properties;
pub mod property_abi;
pub(crate) mod property_conversion;
pub(crate) mod property_list;
pub mod reason_code_abi;
pub mod reason_codes;
#[cfg(feature = "tls")]
pub(crate) mod ssl_options;
#[cfg(feature = "tls")]
pub(crate) mod ssl_options_abi;
pub(crate) mod structure;
pub mod subscribe_options_abi;
pub(crate) mod text;
pub mod threads;
#[cfg(feature = "tls")]
pub(crate) mod tls_callbacks;
pub mod version_abi;

pub(crate) use layout::assert_layout;
