//! `MQTTProperties` lists: reading their entries, adding to them, freeing them.
//!
//! A list belongs to the application, which can have filled it by hand. So nothing in it is taken for
//! granted: counts may be negative, pointers NULL, identifiers unknown.

use core::ptr::{self, NonNull};
use core::slice;

use super::c_heap;
use super::faults::Fault;
use super::property_abi::{
    MQTTLenString, MQTTProperties, MQTTProperty, MQTTProperty_value_texts, MQTTPropertyCodes,
};
use super::text::{self, LONGEST_STRING};
use crate::protocol::{
    MAXIMUM_REMAINING_LENGTH, Properties, Property, PropertyId, PropertyType, PropertyValue, PropertyView,
    variable_byte_integer_length,
};

/// A short array grows by so many entries at a time, as programs know it; a long one by half of what it has, so that
/// filling it takes time in proportion to its length.
const GROWTH: i32 = 10;

/// A list without entries, `MQTTProperties_initializer` in C.
pub(crate) const EMPTY: MQTTProperties =
    MQTTProperties { count: 0, max_count: 0, length: 0, array: ptr::null_mut() };

/// What is wrong with a property or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PropertyFault {
    /// No property has this identifier.
    UnknownIdentifier,
    /// The value cannot be sent: a string too long, of negative length, or without bytes; a number too
    /// large.
    BadValue,
    /// Out of memory.
    OutOfMemory,
}

/// The entries of a list, none for NULL and for a list without an array.
///
/// # Safety
/// `list` is NULL or points to a list whose `array` is NULL or has `count` entries. It is not
/// changed during `'a`.
pub(crate) unsafe fn entries<'a>(list: *const MQTTProperties) -> &'a [MQTTProperty] {
    // SAFETY: the caller's promise.
    let Some(list) = (unsafe { list.as_ref() }) else { return &[] };
    let count = usize::try_from(list.count).unwrap_or(0);
    if count == 0 || list.array.is_null() {
        return &[];
    }
    // SAFETY: not NULL, and the caller promises `count` entries.
    unsafe { slice::from_raw_parts(list.array, count) }
}

/// The property with this identifier, if there is one.
pub(crate) fn known(identifier: MQTTPropertyCodes) -> Option<PropertyId> {
    PropertyId::from_number(u32::try_from(identifier).ok()?)
}

/// An entry as the protocol knows it; strings are borrowed.
///
/// # Safety
/// The member of the union that belongs to the entry's identifier is set, and its pointers are NULL or
/// point to as many bytes as their lengths say, unchanged during `'a`.
pub(crate) unsafe fn read<'a>(entry: &MQTTProperty) -> Result<Property<'a>, PropertyFault> {
    let id = known(entry.identifier).ok_or(PropertyFault::UnknownIdentifier)?;
    let value = match id.property_type() {
        // SAFETY: the identifier says that this member is set.
        PropertyType::Byte => PropertyValue::Byte(unsafe { entry.value.byte }),
        // SAFETY: the identifier says that this member is set.
        PropertyType::TwoByteInteger => PropertyValue::TwoByteInteger(unsafe { entry.value.integer2 }),
        // SAFETY: the identifier says that this member is set.
        PropertyType::FourByteInteger => PropertyValue::FourByteInteger(unsafe { entry.value.integer4 }),
        PropertyType::VariableByteInteger => {
            // SAFETY: the identifier says that this member is set.
            let number = unsafe { entry.value.integer4 };
            if number > MAXIMUM_REMAINING_LENGTH {
                return Err(PropertyFault::BadValue);
            }
            PropertyValue::VariableByteInteger(number)
        }
        // SAFETY: the caller's promise about the entry.
        PropertyType::BinaryData => PropertyValue::BinaryData(unsafe { first_text(entry) }?),
        // SAFETY: the caller's promise about the entry.
        PropertyType::Utf8String => PropertyValue::Utf8String(unsafe { first_text(entry) }?),
        PropertyType::Utf8StringPair => {
            // SAFETY: the caller's promise about the entry.
            let name = unsafe { first_text(entry) }?;
            // SAFETY: the identifier says that this member is set.
            let value = unsafe { entry.value.texts.value };
            // SAFETY: the caller's promise about the entry.
            PropertyValue::Utf8StringPair(name, unsafe { read_text(value) }?)
        }
    };
    Ok(Property { id, value })
}

/// # Safety
/// As for [`read`], for an entry whose value is a string or binary.
unsafe fn first_text<'a>(entry: &MQTTProperty) -> Result<&'a [u8], PropertyFault> {
    // SAFETY: the caller's promise. The second text, which may be unset, is not read.
    let first = unsafe { entry.value.texts.data };
    // SAFETY: the caller's promise.
    unsafe { read_text(first) }
}

/// # Safety
/// As for [`read`].
unsafe fn read_text<'a>(string: MQTTLenString) -> Result<&'a [u8], PropertyFault> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { text::block(string.data.cast(), string.len) };
    bytes.filter(|bytes| bytes.len() <= LONGEST_STRING).ok_or(PropertyFault::BadValue)
}

/// Appends a copy of `property`. Nothing has changed on failure.
///
/// # Safety
/// `list.array` is NULL or a block of the C heap with room for `max_count` entries.
pub(crate) unsafe fn append(list: &mut MQTTProperties, property: &Property<'_>) -> Result<(), PropertyFault> {
    // SAFETY: the caller's promise.
    let end = unsafe { free_entry(list) }?;
    let entry = copy_of(property).ok_or(PropertyFault::OutOfMemory)?;
    // SAFETY: `end` has room for one entry.
    unsafe { end.write(entry) };
    list.count += 1;
    list.length = list.length.saturating_add(encoded_length(property));
    Ok(())
}

/// The place after the last entry; the array grows if there is none.
///
/// # Safety
/// As for [`append`].
unsafe fn free_entry(list: &mut MQTTProperties) -> Result<NonNull<MQTTProperty>, PropertyFault> {
    let count = usize::try_from(list.count).map_err(|_| PropertyFault::BadValue)?;
    if list.array.is_null() || list.count >= list.max_count {
        // SAFETY: the caller's promise.
        unsafe { grow(list) }.ok_or(PropertyFault::OutOfMemory)?;
    }
    let array = NonNull::new(list.array).ok_or(PropertyFault::OutOfMemory)?;
    // SAFETY: the array has room for more than `count` entries.
    Ok(unsafe { array.add(count) })
}

/// Makes room for more entries. `None` if out of memory; the list is then unchanged.
///
/// # Safety
/// As for [`append`].
unsafe fn grow(list: &mut MQTTProperties) -> Option<()> {
    let half = list.count / 2 / GROWTH * GROWTH;
    let capacity = list.count.checked_add(half.max(GROWTH))?;
    // SAFETY: the caller's promise: NULL or a block of the C heap, and the list alone knows it.
    let grown = unsafe { c_heap::resize_array(list.array, usize::try_from(capacity).ok()?) }?;
    list.array = grown.as_ptr();
    list.max_count = capacity;
    Some(())
}

/// A C entry with its own copies of the strings.
fn copy_of(property: &Property<'_>) -> Option<MQTTProperty> {
    // SAFETY: all members are plain numbers and pointers, for which zero is a value.
    let mut entry = unsafe { core::mem::zeroed::<MQTTProperty>() };
    entry.identifier = property.id.number().into();
    match property.value {
        PropertyValue::Byte(number) => entry.value.byte = number,
        PropertyValue::TwoByteInteger(number) => entry.value.integer2 = number,
        PropertyValue::FourByteInteger(number) | PropertyValue::VariableByteInteger(number) => {
            entry.value.integer4 = number;
        }
        PropertyValue::BinaryData(bytes) | PropertyValue::Utf8String(bytes) => {
            entry.value.texts.data = copy_of_text(bytes)?;
        }
        PropertyValue::Utf8StringPair(name, value) => {
            let name = copy_of_text(name)?;
            let Some(value) = copy_of_text(value) else {
                // SAFETY: made just now and not yet used.
                unsafe { c_heap::release(name.data) };
                return None;
            };
            entry.value.texts = MQTTProperty_value_texts { data: name, value };
        }
    }
    Some(entry)
}

fn copy_of_text(bytes: &[u8]) -> Option<MQTTLenString> {
    let data = c_heap::copy_bytes(bytes)?;
    Some(MQTTLenString { len: i32::try_from(bytes.len()).ok()?, data: data.as_ptr().cast() })
}

/// Bytes that a property takes on the wire: its identifier and its value.
fn encoded_length(property: &Property<'_>) -> i32 {
    let value = match property.value {
        PropertyValue::Byte(_) => 1,
        PropertyValue::TwoByteInteger(_) => 2,
        PropertyValue::FourByteInteger(_) => 4,
        PropertyValue::VariableByteInteger(number) => variable_byte_integer_length(number as usize),
        PropertyValue::BinaryData(bytes) | PropertyValue::Utf8String(bytes) => 2 + bytes.len(),
        PropertyValue::Utf8StringPair(name, value) => 4 + name.len() + value.len(),
    };
    i32::try_from(1 + value).unwrap_or(i32::MAX)
}

/// Frees all strings and the array, and leaves an empty list, so that freeing twice does no harm.
///
/// # Safety
/// The array and the strings of entries of string type are NULL or blocks of the C heap.
pub(crate) unsafe fn release(list: &mut MQTTProperties) {
    // SAFETY: the caller's promise.
    for entry in unsafe { entries(list) } {
        let kind = known(entry.identifier).map(PropertyId::property_type);
        let has_text = matches!(
            kind,
            Some(PropertyType::BinaryData | PropertyType::Utf8String | PropertyType::Utf8StringPair)
        );
        if has_text {
            // SAFETY: the identifier says that this member is set.
            let first = unsafe { entry.value.texts.data };
            // SAFETY: the caller's promise.
            unsafe { c_heap::release(first.data) };
        }
        if matches!(kind, Some(PropertyType::Utf8StringPair)) {
            // SAFETY: the identifier says that this member is set.
            let second = unsafe { entry.value.texts.value };
            // SAFETY: the caller's promise.
            unsafe { c_heap::release(second.data) };
        }
    }
    // SAFETY: the caller's promise.
    unsafe { c_heap::release(list.array) };
    *list = EMPTY;
}

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
            unsafe { append(&mut list.0, &property) }.ok()?;
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
        let block = c_heap::allocate_value(self.0)?;
        self.0 = EMPTY;
        Some(block.as_ptr())
    }
}

/// No properties.
impl Default for PropertyList {
    fn default() -> Self {
        PropertyList(EMPTY)
    }
}

impl Drop for PropertyList {
    fn drop(&mut self) {
        // SAFETY: the array and the strings are made by `append` alone.
        unsafe { release(&mut self.0) };
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
/// `list` is NULL or points to a list as [`entries`] and [`read`] need it.
unsafe fn encoded(list: *const MQTTProperties) -> Result<Properties, Fault> {
    let mut properties = Properties::new();
    // SAFETY: the caller's promise.
    for entry in unsafe { entries(list) } {
        // SAFETY: the caller's promise.
        let property = unsafe { read(entry) }.map_err(|_| Fault::FAILURE)?;
        properties.push(&property)?;
    }
    Ok(properties)
}
