//! What the library hands out: messages, texts and memory, as values.

use super::abi;
use super::library::library;
use super::properties::{self, Property};
use std::ffi::{CStr, c_char, c_int, c_void};

/// A message the library handed over, as a value, with the pointers it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivered {
    pub(crate) topic: Vec<u8>,
    pub(crate) topic_length: c_int,
    pub(crate) payload: Vec<u8>,
    pub(crate) qos: c_int,
    pub(crate) retained: c_int,
    pub(crate) dup: c_int,
    pub(crate) id: c_int,
    pub(crate) properties: Vec<Property>,
    pub(crate) pointers: Pointers,
}

/// Addresses of the topic, the message and its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pointers {
    pub(crate) topic: usize,
    pub(crate) message: usize,
    pub(crate) payload: usize,
}

impl Delivered {
    /// Reads a message of the library. `length` is 0 for a topic that ends at its NUL byte.
    pub(crate) fn read(topic: *mut c_char, length: c_int, message: *mut abi::Message) -> Delivered {
        // SAFETY: the library hands out a valid message.
        let raw = unsafe { *message };
        assert_eq!((&raw.struct_id, raw.struct_version), (b"MQTM", 1));
        assert!(!raw.payload.is_null(), "a payload is never NULL");
        let name = match length {
            // SAFETY: the library hands out topics that end with a NUL byte.
            0 => unsafe { CStr::from_ptr(topic) }.to_bytes().to_vec(),
            _ => copy_bytes(topic.cast(), length),
        };
        Delivered {
            topic: name,
            topic_length: length,
            payload: copy_bytes(raw.payload.cast(), raw.payloadlen),
            qos: raw.qos,
            retained: raw.retained,
            dup: raw.dup,
            id: raw.msgid,
            properties: properties::read(&raw.properties),
            pointers: Pointers {
                topic: topic as usize,
                message: message as usize,
                payload: raw.payload as usize,
            },
        }
    }

    /// Frees the message and its topic with the library's functions.
    pub(crate) fn free(&self) {
        let mut message = self.pointers.message as *mut abi::Message;
        let library = library();
        // SAFETY: the message belongs to the test and is freed once.
        unsafe { (library.free_message)(&mut message) };
        assert!(message.is_null(), "freeMessage clears the pointer");
        free(self.pointers.topic as *mut c_void);
    }

    pub(crate) fn payload_text(&self) -> String {
        String::from_utf8_lossy(&self.payload).into_owned()
    }
}

/// Frees memory that the library handed out.
pub(crate) fn free(pointer: *mut c_void) {
    // SAFETY: callers pass each pointer once.
    unsafe { (library().free)(pointer) };
}

/// A C string of the library; None for NULL.
pub(crate) fn text(pointer: *const c_char) -> Option<String> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: the library hands out strings that end with a NUL byte.
    let text = unsafe { CStr::from_ptr(pointer) };
    Some(text.to_string_lossy().into_owned())
}

/// A copy of memory of the library.
pub(crate) fn copy_bytes(pointer: *const u8, length: c_int) -> Vec<u8> {
    if pointer.is_null() || length <= 0 {
        return Vec::new();
    }
    // SAFETY: the library names that many bytes there.
    unsafe { std::slice::from_raw_parts(pointer, length as usize) }.to_vec()
}
