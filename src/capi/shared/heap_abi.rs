//! The result of `Heap_get_info`, which is exported but not in a public header.

#![allow(non_camel_case_types, reason = "the names are those of the C interface")]

use super::assert_layout;

/// How much memory the library uses.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct heap_info {
    /// Bytes in use now.
    pub current_size: usize,
    /// The most bytes ever in use at a time.
    pub max_size: usize,
}

assert_layout!(heap_info, size 16, align 8, current_size @ 0, max_size @ 8);
