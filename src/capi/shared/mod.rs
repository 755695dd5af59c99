//! What both C interfaces need.

pub mod heap_abi;
mod layout;
pub mod persistence_abi;
pub mod property_abi;
pub mod reason_code_abi;
pub mod subscribe_options_abi;
pub mod version_abi;

pub(crate) use layout::assert_layout;
