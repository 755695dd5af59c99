//! A compile-time check that a Rust definition has the layout C programs were compiled against.

/// Fails the build unless `$type` has this size, this alignment and its fields at these offsets.
///
/// The figures are those of 64-bit systems; elsewhere nothing is checked.
macro_rules! assert_layout {
    ($type:ty, size $size:literal, align $align:literal $(, $field:ident @ $offset:literal)* $(,)?) => {
        #[cfg(target_pointer_width = "64")]
        const _: () = {
            assert!(::core::mem::size_of::<$type>() == $size);
            assert!(::core::mem::align_of::<$type>() == $align);
            $(assert!(::core::mem::offset_of!($type, $field) == $offset);)*
        };
    };
}

pub(crate) use assert_layout;
