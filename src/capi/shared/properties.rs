//! The functions of `MQTTProperties.h`.

use core::ffi::{c_char, c_int};
use core::ptr;

use super::boundary::entry;
use super::property_abi::{MQTTProperties, MQTTProperty, MQTTPropertyCodes};
use super::property_list::{self, EMPTY, PropertyFault, known};
use super::text::terminated;
use crate::protocol::{PropertyId, PropertyType, variable_byte_integer_length};

/// `MQTTProperties_add`: a value that cannot be sent.
const BAD_VALUE: c_int = -1;
/// `MQTTProperties_add`: no property has the identifier.
const UNKNOWN_IDENTIFIER: c_int = -2;
/// `MQTTProperties_add`: the property is NULL.
const NULL_PROPERTY: c_int = -6;
/// `MQTTProperties_add`: no list, or out of memory.
const NO_ROOM: c_int = -99;
/// `MQTTProperty_getType`: no property has the identifier.
const NO_TYPE: c_int = -1;
/// The numeric getters: the property is there but not a number.
const NOT_NUMERIC: i64 = -999_999;
/// The numeric getters: the property is not there.
const ABSENT: i64 = -9_999_999;

/// Returns the name of a property without its prefix, for example "USER_PROPERTY".
///
/// @param value identifier of the property
/// @return a constant string, or NULL if there is no such property
#[unsafe(no_mangle)]
pub extern "C" fn MQTTPropertyName(value: MQTTPropertyCodes) -> *const c_char {
    entry!("MQTTPropertyName", ptr::null(), {
        known(value).map_or(ptr::null(), |id| terminated(id.name()).as_ptr())
    })
}

/// Returns the type of a property's value.
///
/// @param value identifier of the property
/// @return one of the MQTTPROPERTY_TYPE_ constants, 0 to 6, or -1 if there is no such property
#[unsafe(no_mangle)]
pub extern "C" fn MQTTProperty_getType(value: MQTTPropertyCodes) -> c_int {
    entry!("MQTTProperty_getType", NO_TYPE, {
        known(value).map_or(NO_TYPE, |id| id.property_type() as c_int)
    })
}

/// Returns the encoded length of a list, including the length field in front of it.
///
/// @param props the list; NULL counts as an empty list
/// @return the length in bytes; 1 for an empty list
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_len(props: *const MQTTProperties) -> c_int {
    entry!("MQTTProperties_len", 1, {
        // SAFETY: NULL or the application's list.
        let length = unsafe { props.as_ref() }.map_or(0, |list| list.length.max(0));
        length.saturating_add(variable_byte_integer_length(length.unsigned_abs() as usize) as c_int)
    })
}

/// Appends a copy of a property to a list. Strings and binary values are copied too, so the caller
/// keeps ownership of its own.
///
/// Whether a packet may contain the property, or contain it more than once, is not checked.
///
/// @param props the list, initialized with MQTTProperties_initializer; unchanged after a failure
/// @param prop the identifier, and the value in the member that belongs to it
/// @return
/// - 0: the property was added
/// - -1: the value cannot be encoded: a string or binary value with a negative length, with more than
///   65535 bytes, or with a length but no bytes; or a subscription identifier above 268435455
/// - -2 (MQTT_INVALID_PROPERTY_ID): there is no such property
/// - -6: prop is NULL
/// - -99: props is NULL, or out of memory
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_add(props: *mut MQTTProperties, prop: *const MQTTProperty) -> c_int {
    entry!("MQTTProperties_add", BAD_VALUE, {
        // SAFETY: NULL or the application's list.
        let Some(list) = (unsafe { props.as_mut() }) else { return NO_ROOM };
        // SAFETY: NULL or the application's property.
        let Some(property) = (unsafe { prop.as_ref() }) else { return NULL_PROPERTY };
        // SAFETY: the application sets the member that the identifier asks for.
        let read = unsafe { property_list::read(property) };
        // SAFETY: the array of the list is made by this function alone.
        match read.and_then(|property| unsafe { property_list::append(list, &property) }) {
            Ok(()) => 0,
            Err(PropertyFault::BadValue) => BAD_VALUE,
            Err(PropertyFault::UnknownIdentifier) => UNKNOWN_IDENTIFIER,
            Err(PropertyFault::OutOfMemory) => NO_ROOM,
        }
    })
}

/// Frees the contents of a list and leaves it empty. It can then be filled again, and freeing it again
/// is harmless.
///
/// @param properties the list, or NULL. The MQTTProperties object itself is not freed
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_free(properties: *mut MQTTProperties) {
    entry!("MQTTProperties_free", (), {
        // SAFETY: NULL or the application's list.
        if let Some(list) = unsafe { properties.as_mut() } {
            // SAFETY: lists are filled by MQTTProperties_add.
            unsafe { property_list::release(list) };
        }
    });
}

/// Copies a list and its contents.
///
/// @param props the list; NULL counts as an empty list
/// @return the copy, to be released with MQTTProperties_free(). If out of memory, its last entries are
///   missing
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_copy(props: *const MQTTProperties) -> MQTTProperties {
    entry!("MQTTProperties_copy", EMPTY, {
        let mut copy = EMPTY;
        // SAFETY: NULL or the application's list, filled by MQTTProperties_add.
        for entry in unsafe { property_list::entries(props) } {
            // SAFETY: as above.
            let Ok(property) = (unsafe { property_list::read(entry) }) else { continue };
            // SAFETY: the array of the copy is made here.
            if unsafe { property_list::append(&mut copy, &property) }.is_err() {
                break;
            }
        }
        copy
    })
}

/// Returns whether a list contains a property.
///
/// @param props the list, or NULL
/// @param propid identifier of the property
/// @return 1 if the list contains it, 0 if not or if props is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_hasProperty(
    props: *const MQTTProperties,
    propid: MQTTPropertyCodes,
) -> c_int {
    entry!("MQTTProperties_hasProperty", 0, {
        // SAFETY: NULL or the application's list.
        unsafe { occurrences(props, propid) }.next().is_some().into()
    })
}

/// Returns how many times a list contains a property. User properties and subscription identifiers can
/// occur more than once.
///
/// @param props the list, or NULL
/// @param propid identifier of the property
/// @return the number of occurrences; 0 if props is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_propertyCount(
    props: *const MQTTProperties,
    propid: MQTTPropertyCodes,
) -> c_int {
    entry!("MQTTProperties_propertyCount", 0, {
        // SAFETY: NULL or the application's list.
        let count = unsafe { occurrences(props, propid) }.count();
        c_int::try_from(count).unwrap_or(c_int::MAX)
    })
}

/// Returns the numeric value of the first property with an identifier.
///
/// @param props the list, or NULL
/// @param propid identifier of the property
/// @return
/// - 0 to 4294967295: the value
/// - -9999999: the list is NULL or does not contain the property
/// - -999999: the value is not a number
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_getNumericValue(
    props: *const MQTTProperties,
    propid: MQTTPropertyCodes,
) -> i64 {
    // SAFETY: the same demands.
    unsafe { MQTTProperties_getNumericValueAt(props, propid, 0) }
}

/// Returns the numeric value of one of several properties with the same identifier.
///
/// @param props the list, or NULL
/// @param propid identifier of the property
/// @param index which of them, counted from 0; a negative index means the first
/// @return
/// - 0 to 4294967295: the value
/// - -9999999: the list is NULL or does not contain the property
/// - -999999: the value is not a number
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_getNumericValueAt(
    props: *const MQTTProperties,
    propid: MQTTPropertyCodes,
    index: c_int,
) -> i64 {
    entry!("MQTTProperties_getNumericValueAt", ABSENT, {
        let index = usize::try_from(index).unwrap_or(0);
        // SAFETY: NULL or the application's list.
        let found = unsafe { occurrences(props, propid) }.nth(index);
        found.map_or(ABSENT, numeric_value)
    })
}

/// Returns the first property with an identifier.
///
/// @param props the list, or NULL
/// @param propid identifier of the property
/// @return a pointer into the list, or NULL if the list is NULL or does not contain the property. The
///   pointer is valid until the list is changed or freed
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_getProperty(
    props: *const MQTTProperties,
    propid: MQTTPropertyCodes,
) -> *mut MQTTProperty {
    // SAFETY: the same demands.
    unsafe { MQTTProperties_getPropertyAt(props, propid, 0) }
}

/// Returns one of several properties with the same identifier.
///
/// @param props the list, or NULL
/// @param propid identifier of the property
/// @param index which of them, counted from 0
/// @return a pointer into the list, or NULL if the list is NULL or does not contain the property. The
///   pointer is valid until the list is changed or freed
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_getPropertyAt(
    props: *const MQTTProperties,
    propid: MQTTPropertyCodes,
    index: c_int,
) -> *mut MQTTProperty {
    entry!("MQTTProperties_getPropertyAt", ptr::null_mut(), {
        let Ok(index) = usize::try_from(index) else { return ptr::null_mut() };
        // SAFETY: NULL or the application's list.
        let found = unsafe { positions(props, propid) }.nth(index);
        // SAFETY: a position was found, so the list is not NULL.
        found.map_or(ptr::null_mut(), |position| unsafe { (*props).array }.wrapping_add(position))
    })
}

/// # Safety
/// As for [`property_list::entries`].
unsafe fn occurrences<'a>(
    list: *const MQTTProperties,
    identifier: MQTTPropertyCodes,
) -> impl Iterator<Item = &'a MQTTProperty> {
    // SAFETY: the caller's promise.
    unsafe { property_list::entries(list) }.iter().filter(move |entry| entry.identifier == identifier)
}

/// # Safety
/// As for [`property_list::entries`].
unsafe fn positions<'a>(
    list: *const MQTTProperties,
    identifier: MQTTPropertyCodes,
) -> impl Iterator<Item = usize> + 'a {
    // SAFETY: the caller's promise.
    let entries: &'a [MQTTProperty] = unsafe { property_list::entries(list) };
    entries.iter().enumerate().filter(move |(_, entry)| entry.identifier == identifier).map(|(at, _)| at)
}

fn numeric_value(entry: &MQTTProperty) -> i64 {
    match known(entry.identifier).map(PropertyId::property_type) {
        // SAFETY: the identifier says that this member is set.
        Some(PropertyType::Byte) => unsafe { entry.value.byte }.into(),
        // SAFETY: the identifier says that this member is set.
        Some(PropertyType::TwoByteInteger) => unsafe { entry.value.integer2 }.into(),
        Some(PropertyType::FourByteInteger | PropertyType::VariableByteInteger) => {
            // SAFETY: the identifier says that this member is set.
            unsafe { entry.value.integer4 }.into()
        }
        _ => NOT_NUMERIC,
    }
}
