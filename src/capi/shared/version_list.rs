//! What the library is, as the list of names and values that programs get.

use core::ptr;
use std::sync::OnceLock;

use super::abi::MQTTApi_nameValue;
use crate::engine::version_info::{self, Product};

/// Names, values, and the pair of NULLs at the end. Made by the first question.
pub(crate) struct VersionList(OnceLock<Vec<MQTTApi_nameValue>>);

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
    pub(crate) fn of(&'static self, product: Product) -> *mut MQTTApi_nameValue {
        let list = self.0.get_or_init(|| {
            let entries = version_info::entries(product).into_iter();
            let entries = entries.map(|(name, value)| (name.as_ptr(), value.as_ptr()));
            let entries = entries.chain([(ptr::null(), ptr::null())]);
            entries.map(|(name, value)| MQTTApi_nameValue { name, value }).collect()
        });
        list.as_ptr().cast_mut()
    }
}
