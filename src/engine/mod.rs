//! To be described with its contents.

pub mod trace;
mod trace_message;
mod trace_output;
mod trace_settings;
mod trace_system;
pub mod version_info;
