//! The structures of the C interface: their layout, and reading those that have versions.
//!
//! An application that was compiled against an older header passes a shorter object, so a structure is never borrowed as
//! a whole. It is copied instead: the fields that its version has, and zero or NULL in place of the others. That means "not
//! given"; a reader for which it does not asks for `struct_version`. [`versioned!`] takes the table of the fields.

use core::ffi::c_int;
use core::mem::zeroed;

use super::faults::Fault;

/// Fails the build unless `$type` has this size, this alignment and its fields at these offsets. Where 32-bit systems have
/// another figure, it follows after `/`. Both are what C compilers make of the public headers.
macro_rules! assert_layout {
    ($type:ty, size $size:literal $(/ $size_32:literal)?, align $align:literal $(/ $align_32:literal)?
     $(, $field:ident @ $offset:literal $(/ $offset_32:literal)?)* $(,)?) => {
        const _: () = {
            use $crate::capi::shared::structure::of_this_system;
            assert!(::core::mem::size_of::<$type>() == of_this_system(&[$size $(, $size_32)?]));
            assert!(::core::mem::align_of::<$type>() == of_this_system(&[$align $(, $align_32)?]));
            $(assert!(::core::mem::offset_of!($type, $field) == of_this_system(&[$offset $(, $offset_32)?]));)*
        };
    };
}

/// The figure for 64-bit systems comes first; that for 32-bit systems last, if it is another.
pub(crate) const fn of_this_system(figures: &[usize]) -> usize {
    if cfg!(target_pointer_width = "32") { figures[figures.len() - 1] } else { figures[0] }
}

pub(crate) use assert_layout;

/// The first two fields of every versioned structure.
#[repr(C)]
struct Head {
    struct_id: [u8; 4],
    struct_version: c_int,
}

/// A structure that begins with `struct_id` and `struct_version`.
pub(crate) trait Versioned: Copy {
    /// `struct_id`
    const EYECATCHER: &'static [u8; 4];
    /// Newest `struct_version`.
    const NEWEST: c_int;

    /// A copy of the fields that this version has.
    ///
    /// # Safety
    /// `structure` points to a structure that has these fields.
    unsafe fn read_as(structure: *const Self, version: c_int) -> Self;
}

/// Makes a structure [`Versioned`]: each field is listed with its offset after the first `struct_version` that has it.
macro_rules! versioned {
    ($type:ty, $eyecatcher:literal,
     size $size:literal $(/ $size_32:literal)?, align $align:literal $(/ $align_32:literal)?,
     $($since:literal: $($field:ident @ $offset:literal $(/ $offset_32:literal)?),*;)+) => {
        $crate::capi::shared::assert_layout!(
            $type, size $size $(/ $size_32)?, align $align $(/ $align_32)?
            $($(, $field @ $offset $(/ $offset_32)?)*)+
        );

        impl $crate::capi::shared::structure::Versioned for $type {
            const EYECATCHER: &'static [u8; 4] = $eyecatcher;
            const NEWEST: ::core::ffi::c_int = { let versions = [$($since),+]; versions[versions.len() - 1] };

            #[inline]
            unsafe fn read_as(structure: *const Self, version: ::core::ffi::c_int) -> Self {
                Self {
                    $($($field: {
                        let offset = ::core::mem::offset_of!(Self, $field);
                        // SAFETY: the table says which version the field came with; it is a number or a pointer.
                        unsafe { $crate::capi::shared::structure::field(structure, offset, version >= $since) }
                    },)*)+
                }
            }
        }
    };
}
pub(crate) use versioned;

/// One field of a structure, zero if it is not there.
///
/// # Safety
/// There is a value of type `F` at the offset if it is said to be there, and zero is one, too.
#[inline]
pub(crate) unsafe fn field<T, F: Copy>(structure: *const T, offset: usize, is_there: bool) -> F {
    if !is_there {
        // SAFETY: the caller's promise.
        return unsafe { zeroed() };
    }
    // SAFETY: the caller's promise.
    unsafe { structure.wrapping_byte_add(offset).cast::<F>().read() }
}

/// A copy of a structure whose head is right.
///
/// # Safety
/// `structure` points to a structure with the fields of the version that it says.
pub(crate) unsafe fn read<T: Versioned>(structure: *const T) -> Result<T, Fault> {
    // SAFETY: the caller's promise; every version begins with these two fields.
    let version = unsafe { version(structure, T::EYECATCHER, T::NEWEST) }?;
    // SAFETY: the caller's promise.
    Ok(unsafe { T::read_as(structure, version) })
}

/// The version of a structure whose head is right.
///
/// # Safety
/// `structure` points to a structure that begins with `struct_id` and `struct_version`.
pub(crate) unsafe fn version<T>(
    structure: *const T,
    eyecatcher: &[u8; 4],
    newest: c_int,
) -> Result<c_int, Fault> {
    // SAFETY: the caller's promise.
    let head = unsafe { structure.cast::<Head>().read() };
    let is_right = head.struct_id == *eyecatcher && (0..=newest).contains(&head.struct_version);
    if is_right { Ok(head.struct_version) } else { Err(Fault::BAD_STRUCTURE) }
}
