//! The head that the application's versioned structures have in common.
//!
//! A program compiled against an older header passes a shorter object. So a structure is never borrowed
//! as a
//! whole: its head is checked here, and its fields are then read one at a time, as far as its version
//! has them.

use core::ffi::c_int;

/// The first two fields of every versioned structure.
#[repr(C)]
struct Head {
    struct_id: [u8; 4],
    struct_version: c_int,
}

/// The `struct_version` of a structure, or `None` if the four characters before it are not `eyecatcher`
/// or the version is negative or above `newest`.
///
/// # Safety
/// `structure` points to a structure that begins with `struct_id` and `struct_version`.
pub(crate) unsafe fn version_of<T>(
    structure: *const T,
    eyecatcher: &[u8; 4],
    newest: c_int,
) -> Option<c_int> {
    // SAFETY: the caller's promise; only the two fields are read.
    let head = unsafe { structure.cast::<Head>().read() };
    (head.struct_id == *eyecatcher && (0..=newest).contains(&head.struct_version))
        .then_some(head.struct_version)
}
