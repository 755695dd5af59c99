//! The functions of `MQTTProperties.h`.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use super::boundary::entry;
use super::property_abi::{MQTTProperties, MQTTProperty, MQTTPropertyCodes};
use super::property_list::{self, EMPTY, PropertyFault};
use crate::protocol::{PropertyId, PropertyType};

/// `MQTTProperties_add`: a value that cannot be sent.
const BAD_VALUE: c_int = -1;
/// `MQTTProperties_add`: no property has the identifier.
const UNKNOWN_IDENTIFIER: c_int = -2;
/// `MQTTProperties_add`: the property is NULL.
const NULL_PROPERTY: c_int = -6;
/// `MQTTProperties_add`: no list, or memory is short.
const NO_ROOM: c_int = -99;
/// `MQTTProperty_getType`: no property has the identifier.
const NO_TYPE: c_int = -1;
/// The numeric getters: the property is there but not a number.
const NOT_NUMERIC: i64 = -999_999;
/// The numeric getters: the property is not there.
const ABSENT: i64 = -9_999_999;

/// The name of a property identifier without its prefix, for example "USER_PROPERTY".
///
/// Returns a constant text that is never freed, or NULL if no property has this identifier.
#[unsafe(no_mangle)]
pub extern "C" fn MQTTPropertyName(value: MQTTPropertyCodes) -> *const c_char {
    entry!("MQTTPropertyName", ptr::null(), {
        let found = NAMES.iter().find(|(code, _)| *code == value);
        found.map_or(ptr::null(), |(_, name)| name.as_ptr())
    })
}

/// The type of a property's value: one of the MQTTPROPERTY_TYPE_ constants, 0 to 6.
///
/// Returns -1 if no property has this identifier.
#[unsafe(no_mangle)]
pub extern "C" fn MQTTProperty_getType(value: MQTTPropertyCodes) -> c_int {
    entry!("MQTTProperty_getType", NO_TYPE, {
        known(value).map_or(NO_TYPE, |id| match id.property_type() {
            PropertyType::Byte => 0,
            PropertyType::TwoByteInteger => 1,
            PropertyType::FourByteInteger => 2,
            PropertyType::VariableByteInteger => 3,
            PropertyType::BinaryData => 4,
            PropertyType::Utf8String => 5,
            PropertyType::Utf8StringPair => 6,
        })
    })
}

/// How many bytes a list takes in a packet, with the length field in front of it. NULL counts as an
/// empty list, which takes 1 byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_len(props: *const MQTTProperties) -> c_int {
    entry!("MQTTProperties_len", 1, {
        // SAFETY: NULL or the program's list.
        let length = unsafe { props.as_ref() }.map_or(0, |list| list.length.max(0));
        length.saturating_add(property_list::variable_integer_length(length.unsigned_abs()).into())
    })
}

/// Appends a copy of a property to a list. Strings and binary values are copied too, so the program
/// keeps its own.
///
/// props: a list that began as MQTTProperties_initializer. prop: the identifier, and the member of the
/// value that belongs to it.
///
/// The same identifier may be added several times; whether a packet may carry it is not checked here.
///
/// Returns
///
/// - 0 the property was added
/// - -1 the value cannot be sent: a string or binary value with a negative length, with more than 65535
///   bytes, or with a length but no bytes; a subscription identifier above 268435455
/// - -2 (MQTT_INVALID_PROPERTY_ID) no property has this identifier
/// - -6 prop is NULL
/// - -99 props is NULL, or memory is short
///
/// The list is unchanged unless the result is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_add(props: *mut MQTTProperties, prop: *const MQTTProperty) -> c_int {
    entry!("MQTTProperties_add", BAD_VALUE, {
        // SAFETY: NULL or the program's list.
        let Some(list) = (unsafe { props.as_mut() }) else { return NO_ROOM };
        // SAFETY: NULL or the program's property.
        let Some(property) = (unsafe { prop.as_ref() }) else { return NULL_PROPERTY };
        // SAFETY: the program sets the member that the identifier asks for.
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

/// Frees all that is in a list and leaves it empty, so that it can be filled anew and a second call does
/// no harm. The MQTTProperties object itself is not freed. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_free(properties: *mut MQTTProperties) {
    entry!("MQTTProperties_free", (), {
        // SAFETY: NULL or the program's list.
        if let Some(list) = unsafe { properties.as_mut() } {
            // SAFETY: lists are filled by MQTTProperties_add.
            unsafe { property_list::release(list) };
        }
    });
}

/// Copies a list with all that is in it. NULL gives an empty list.
///
/// Returns the copy, which the program releases with MQTTProperties_free(). If memory is short it lacks
/// the last entries.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_copy(props: *const MQTTProperties) -> MQTTProperties {
    entry!("MQTTProperties_copy", EMPTY, {
        let mut copy = EMPTY;
        // SAFETY: NULL or the program's list, filled by MQTTProperties_add.
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

/// Whether a list holds a property with this identifier.
///
/// Returns 1 if it does, 0 if not or if the list is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_hasProperty(
    props: *const MQTTProperties,
    propid: MQTTPropertyCodes,
) -> c_int {
    entry!("MQTTProperties_hasProperty", 0, {
        // SAFETY: NULL or the program's list.
        unsafe { occurrences(props, propid) }.next().is_some().into()
    })
}

/// How often a list holds a property with this identifier: 0 for NULL. User properties and subscription
/// identifiers can occur more than once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_propertyCount(
    props: *const MQTTProperties,
    propid: MQTTPropertyCodes,
) -> c_int {
    entry!("MQTTProperties_propertyCount", 0, {
        // SAFETY: NULL or the program's list.
        let count = unsafe { occurrences(props, propid) }.count();
        c_int::try_from(count).unwrap_or(c_int::MAX)
    })
}

/// The value of the first property with this identifier, as a number.
///
/// Returns 0 to 4294967295, or -9999999 if the list is NULL or has no such property, -999999 if its
/// value is not a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_getNumericValue(
    props: *const MQTTProperties,
    propid: MQTTPropertyCodes,
) -> i64 {
    // SAFETY: the same demands.
    unsafe { MQTTProperties_getNumericValueAt(props, propid, 0) }
}

/// The value of one of several properties with this identifier, as a number.
///
/// index: which of them, counted from 0; a negative index means the first.
///
/// Returns 0 to 4294967295, or -9999999 if the list is NULL or has no such property, -999999 if its
/// value is not a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_getNumericValueAt(
    props: *const MQTTProperties,
    propid: MQTTPropertyCodes,
    index: c_int,
) -> i64 {
    entry!("MQTTProperties_getNumericValueAt", ABSENT, {
        let index = usize::try_from(index).unwrap_or(0);
        // SAFETY: NULL or the program's list.
        let found = unsafe { occurrences(props, propid) }.nth(index);
        found.map_or(ABSENT, numeric_value)
    })
}

/// The first property with this identifier.
///
/// Returns a pointer into the list, or NULL if the list is NULL or has no such property. The property
/// belongs to the list; adding to the list or freeing it makes the pointer invalid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_getProperty(
    props: *const MQTTProperties,
    propid: MQTTPropertyCodes,
) -> *mut MQTTProperty {
    // SAFETY: the same demands.
    unsafe { MQTTProperties_getPropertyAt(props, propid, 0) }
}

/// One of several properties with this identifier.
///
/// index: which of them, counted from 0.
///
/// Returns a pointer into the list, or NULL if the list is NULL or has no such property. The property
/// belongs to the list; adding to the list or freeing it makes the pointer invalid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTProperties_getPropertyAt(
    props: *const MQTTProperties,
    propid: MQTTPropertyCodes,
    index: c_int,
) -> *mut MQTTProperty {
    entry!("MQTTProperties_getPropertyAt", ptr::null_mut(), {
        let Ok(index) = usize::try_from(index) else { return ptr::null_mut() };
        // SAFETY: NULL or the program's list.
        let found = unsafe { positions(props, propid) }.nth(index);
        // SAFETY: a position was found, so the list is not NULL.
        found.map_or(ptr::null_mut(), |position| unsafe { (*props).array }.wrapping_add(position))
    })
}

fn known(identifier: MQTTPropertyCodes) -> Option<PropertyId> {
    PropertyId::from_number(u32::try_from(identifier).ok()?)
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
    match property_list::identifier(entry).map(PropertyId::property_type) {
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

/// The names of all properties.
const NAMES: [(MQTTPropertyCodes, &CStr); 27] = [
    (1, c"PAYLOAD_FORMAT_INDICATOR"),
    (2, c"MESSAGE_EXPIRY_INTERVAL"),
    (3, c"CONTENT_TYPE"),
    (8, c"RESPONSE_TOPIC"),
    (9, c"CORRELATION_DATA"),
    (11, c"SUBSCRIPTION_IDENTIFIER"),
    (17, c"SESSION_EXPIRY_INTERVAL"),
    (18, c"ASSIGNED_CLIENT_IDENTIFIER"),
    (19, c"SERVER_KEEP_ALIVE"),
    (21, c"AUTHENTICATION_METHOD"),
    (22, c"AUTHENTICATION_DATA"),
    (23, c"REQUEST_PROBLEM_INFORMATION"),
    (24, c"WILL_DELAY_INTERVAL"),
    (25, c"REQUEST_RESPONSE_INFORMATION"),
    (26, c"RESPONSE_INFORMATION"),
    (28, c"SERVER_REFERENCE"),
    (31, c"REASON_STRING"),
    (33, c"RECEIVE_MAXIMUM"),
    (34, c"TOPIC_ALIAS_MAXIMUM"),
    (35, c"TOPIC_ALIAS"),
    (36, c"MAXIMUM_QOS"),
    (37, c"RETAIN_AVAILABLE"),
    (38, c"USER_PROPERTY"),
    (39, c"MAXIMUM_PACKET_SIZE"),
    (40, c"WILDCARD_SUBSCRIPTION_AVAILABLE"),
    (41, c"SUBSCRIPTION_IDENTIFIERS_AVAILABLE"),
    (42, c"SHARED_SUBSCRIPTION_AVAILABLE"),
];
