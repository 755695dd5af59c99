//! What the library is, as the list of names and values that programs get.

use core::ffi::{CStr, c_char, c_void};
use core::ptr;
use std::sync::OnceLock;

use super::assert_layout;
use crate::engine::version_info::{self, Product};

/// `MQTTClient_nameValue` and `MQTTAsync_nameValue` under one name: they are the same.
#[repr(C)]
struct NameValue {
    name: *const c_char,
    value: *const c_char,
}

assert_layout!(NameValue, size 16, align 8, name @ 0, value @ 8);

impl NameValue {
    fn new((name, value): (&CStr, &CStr)) -> NameValue {
        NameValue { name: name.as_ptr(), value: value.as_ptr() }
    }
}

/// Names, values, and the pair of NULLs at the end. Made by the first question.
pub(crate) struct VersionList(OnceLock<Vec<NameValue>>);

// SAFETY: the pointers are to constant texts.
unsafe impl Send for VersionList {}
// SAFETY: as above.
unsafe impl Sync for VersionList {}

impl VersionList {
    /// The list, not made yet.
    pub(crate) const fn new() -> VersionList {
        VersionList(OnceLock::new())
    }

    /// The first element.
    pub(crate) fn of(&'static self, product: Product) -> *mut c_void {
        let list = self.0.get_or_init(|| {
            let end = NameValue { name: ptr::null(), value: ptr::null() };
            version_info::entries(product).into_iter().map(NameValue::new).chain([end]).collect()
        });
        list.as_ptr().cast_mut().cast()
    }
}
