//! The C interface as `include/` has it, under its own names: types, and functions that call the library under test, which
//! is loaded at run time.

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]
#![allow(unused_imports, reason = "each test program uses its own part of this")]
#![allow(clippy::too_many_arguments, reason = "those of the C interface")]

/// Functions that look themselves up in the library under test when they are first called. Those marked as safe take
/// nothing that could be wrong.
macro_rules! functions {
    ($($safety:ident fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        $(functions! { @$safety $name($($argument: $type),*) $(-> $result)? })*
    };
    (@unsafe $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?) => {
        pub(crate) unsafe fn $name($($argument: $type),*) $(-> $result)? {
            // SAFETY: what the caller vouches for.
            unsafe { functions!(@symbol $name($($type),*) $(-> $result)?)($($argument),*) }
        }
    };
    (@safe $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?) => {
        pub(crate) fn $name($($argument: $type),*) $(-> $result)? {
            // SAFETY: no argument of this function can be wrong.
            unsafe { functions!(@symbol $name($($type),*) $(-> $result)?)($($argument),*) }
        }
    };
    (@symbol $name:ident($($type:ty),*) $(-> $result:ty)?) => {{
        static FOUND: std::sync::OnceLock<unsafe extern "C" fn($($type),*) $(-> $result)?> =
            std::sync::OnceLock::new();
        FOUND.get_or_init(|| $crate::support::library::symbol(stringify!($name)))
    }};
}

mod asynchronous;
mod client;
mod shared;

pub(crate) use asynchronous::*;
pub(crate) use client::*;
pub(crate) use shared::*;

const _: () = assert!(size_of::<MQTTAsync_connectOptions>() == super::abi::either(200, 120));
