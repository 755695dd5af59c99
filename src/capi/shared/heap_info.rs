//! `Heap_get_info`, which is exported but not in a public header: what the original's heap tracking reports. This library
//! has none.

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

assert_layout!(heap_info, size 16/8, align 8/4, current_size @ 0, max_size @ 8/4);

static NOTHING_TRACKED: heap_info = heap_info { current_size: 0, max_size: 0 };

/// How much memory the library uses: both figures are always 0, because memory comes from the C heap and
/// is not counted. Test programs that fail when something is left over are content with that. Not to be
/// freed.
#[unsafe(no_mangle)]
pub extern "C" fn Heap_get_info() -> *const heap_info {
    &raw const NOTHING_TRACKED
}
