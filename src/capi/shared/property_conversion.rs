//! Between `MQTTProperties` lists and the protocol's encoded properties.

use super::faults::Fault;
use super::property_abi::MQTTProperties;
use super::property_list::{self, EMPTY};
use crate::protocol::{Properties, PropertyView};

/// A list made by the library, freed with what is in it unless it is given away.
pub(crate) struct PropertyList(MQTTProperties);

impl PropertyList {
    /// The same properties as a C list. `None` if out of memory.
    #[inline]
    pub(crate) fn from_view(view: PropertyView<'_>) -> Option<PropertyList> {
        let mut list = PropertyList(EMPTY);
        if view.is_empty() {
            return Some(list);
        }
        for property in view.iter() {
            // SAFETY: the array of this list is made by `append` alone.
            unsafe { property_list::append(&mut list.0, &property) }.ok()?;
        }
        Some(list)
    }

    /// The list for a callback to read while it runs.
    pub(crate) fn as_mut_ptr(&mut self) -> *mut MQTTProperties {
        &raw mut self.0
    }

    /// The list as part of something shown to a callback; it stays owned.
    #[cfg(feature = "async-api")]
    pub(crate) fn shown(&self) -> MQTTProperties {
        self.0
    }

    /// Gives the list away: the new owner frees its contents.
    #[inline]
    pub(crate) fn into_list(mut self) -> MQTTProperties {
        core::mem::replace(&mut self.0, EMPTY)
    }

    /// Gives the list away in a block of the C heap. `None` if out of memory.
    #[cfg(feature = "sync-api")]
    pub(crate) fn into_block(mut self) -> Option<*mut MQTTProperties> {
        let block = super::c_heap::allocate_value(self.0)?;
        self.0 = EMPTY;
        Some(block.as_ptr())
    }
}

/// No properties.
#[cfg(feature = "async-api")]
impl Default for PropertyList {
    fn default() -> Self {
        PropertyList(EMPTY)
    }
}

impl Drop for PropertyList {
    fn drop(&mut self) {
        // SAFETY: the array and the strings are made by `append` alone.
        unsafe { property_list::release(&mut self.0) };
    }
}

/// The properties of a C list, encoded, if this is for MQTT 5.0, otherwise none: earlier versions ignore
/// the list.
///
/// # Safety
/// As for [`encoded`].
#[inline]
pub(crate) unsafe fn properties_if(
    is_version_5: bool,
    list: *const MQTTProperties,
) -> Result<Properties, Fault> {
    if !is_version_5 || list.is_null() {
        return Ok(Properties::new());
    }
    // SAFETY: the caller's promise.
    unsafe { encoded(list) }
}

/// The properties of a C list, encoded. NULL and empty lists cost nothing.
///
/// # Safety
/// `list` is NULL or points to a list as [`property_list::entries`] and [`property_list::read`] need it.
unsafe fn encoded(list: *const MQTTProperties) -> Result<Properties, Fault> {
    let mut properties = Properties::new();
    // SAFETY: the caller's promise.
    for entry in unsafe { property_list::entries(list) } {
        // SAFETY: the caller's promise.
        let property = unsafe { property_list::read(entry) }.map_err(|_| Fault::Failure)?;
        properties.push(&property)?;
    }
    Ok(properties)
}
