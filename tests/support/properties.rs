//! MQTT 5 properties: lists made through the library's own functions, and plain values read from its lists.

use super::abi;
use super::library::library;
use std::ffi::{c_char, c_int};

pub(crate) const PAYLOAD_FORMAT_INDICATOR: c_int = 1;
pub(crate) const MESSAGE_EXPIRY_INTERVAL: c_int = 2;
pub(crate) const CONTENT_TYPE: c_int = 3;
pub(crate) const RESPONSE_TOPIC: c_int = 8;
pub(crate) const CORRELATION_DATA: c_int = 9;
pub(crate) const SUBSCRIPTION_IDENTIFIER: c_int = 11;
pub(crate) const SESSION_EXPIRY_INTERVAL: c_int = 17;
pub(crate) const ASSIGNED_CLIENT_IDENTIFIER: c_int = 18;
pub(crate) const SERVER_KEEP_ALIVE: c_int = 19;
pub(crate) const REASON_STRING: c_int = 31;
pub(crate) const RECEIVE_MAXIMUM: c_int = 33;
pub(crate) const TOPIC_ALIAS: c_int = 35;
pub(crate) const USER_PROPERTY: c_int = 38;

/// One property as a plain value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Property {
    Integer(c_int, u32),
    Bytes(c_int, Vec<u8>),
    Pair(c_int, Vec<u8>, Vec<u8>),
}

impl Property {
    pub(crate) fn text(identifier: c_int, text: &str) -> Property {
        Property::Bytes(identifier, text.as_bytes().to_vec())
    }

    pub(crate) fn user(name: &str, value: &str) -> Property {
        Property::Pair(USER_PROPERTY, name.as_bytes().to_vec(), value.as_bytes().to_vec())
    }
}

/// A property list that belongs to the test.
pub(crate) struct List(pub(crate) abi::Properties);

impl List {
    pub(crate) fn new(properties: &[Property]) -> List {
        let mut list = List(abi::Properties::EMPTY);
        for property in properties {
            assert_eq!(list.add(property), 0, "{property:?}");
        }
        list
    }

    pub(crate) fn add(&mut self, property: &Property) -> c_int {
        let raw = match property {
            Property::Integer(identifier, value) => {
                abi::Property { identifier: *identifier, value: integer(*identifier, *value) }
            }
            Property::Bytes(identifier, bytes) => pair(*identifier, bytes, &[]),
            Property::Pair(identifier, name, value) => pair(*identifier, name, value),
        };
        // SAFETY: the list and the property live through the call, and so do the strings they name.
        unsafe { (library().properties_add)(&mut self.0, &raw) }
    }

    pub(crate) fn pointer(&mut self) -> *mut abi::Properties {
        &mut self.0
    }
}

impl Drop for List {
    fn drop(&mut self) {
        if self.0.array.is_null() {
            return;
        }
        // SAFETY: the list was filled by this library and is freed once.
        unsafe { (library().properties_free)(&mut self.0) }
    }
}

fn integer(identifier: c_int, value: u32) -> abi::PropertyValue {
    match width(identifier) {
        Some(Width::Byte) => abi::PropertyValue { byte: value as u8 },
        Some(Width::Two) => abi::PropertyValue { integer2: value as u16 },
        _ => abi::PropertyValue { integer4: value },
    }
}

fn pair(identifier: c_int, data: &[u8], value: &[u8]) -> abi::Property {
    let text = abi::StringPair { data: len_string(data), value: len_string(value) };
    abi::Property { identifier, value: abi::PropertyValue { text } }
}

fn len_string(bytes: &[u8]) -> abi::LenString {
    abi::LenString { len: bytes.len() as c_int, data: bytes.as_ptr() as *mut c_char }
}

enum Width {
    Byte,
    Two,
    Four,
}

/// The width in memory of an integer property; None for strings and binary data.
fn width(identifier: c_int) -> Option<Width> {
    match identifier {
        1 | 23 | 25 | 36 | 37 | 40 | 41 | 42 => Some(Width::Byte),
        19 | 33 | 34 | 35 => Some(Width::Two),
        2 | 11 | 17 | 24 | 39 => Some(Width::Four),
        _ => None,
    }
}

/// Plain copies of what a list of the library holds.
pub(crate) fn read(list: *const abi::Properties) -> Vec<Property> {
    if list.is_null() {
        return Vec::new();
    }
    // SAFETY: the library hands out valid lists.
    let list = unsafe { *list };
    (0..list.count as usize).map(|index| read_one(element(&list, index))).collect()
}

fn element(list: &abi::Properties, index: usize) -> abi::Property {
    // SAFETY: index is below the list's count.
    let place = unsafe { list.array.add(index) };
    // SAFETY: the array holds that many properties.
    unsafe { *place }
}

fn read_one(property: abi::Property) -> Property {
    let identifier = property.identifier;
    match width(identifier) {
        // SAFETY: this identifier's value is a byte.
        Some(Width::Byte) => Property::Integer(identifier, u32::from(unsafe { property.value.byte })),
        // SAFETY: this identifier's value is a two byte integer.
        Some(Width::Two) => Property::Integer(identifier, u32::from(unsafe { property.value.integer2 })),
        // SAFETY: this identifier's value is a four byte or variable integer.
        Some(Width::Four) => Property::Integer(identifier, unsafe { property.value.integer4 }),
        None => {
            // SAFETY: all other identifiers have a string, binary data or a pair.
            let text = unsafe { property.value.text };
            match identifier {
                USER_PROPERTY => Property::Pair(identifier, bytes(&text.data), bytes(&text.value)),
                _ => Property::Bytes(identifier, bytes(&text.data)),
            }
        }
    }
}

fn bytes(string: &abi::LenString) -> Vec<u8> {
    super::message::copy_bytes(string.data.cast(), string.len)
}
