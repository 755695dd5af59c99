//! Messages between the engine and the application.

use core::ffi::{c_char, c_int, c_void};
use core::ptr::{self, NonNull};

use super::abi::MQTTApi_message;
use super::c_heap::{self, Owned};
use super::faults::Fault;
use super::property_abi::MQTTProperties;
use super::property_list::{self, PropertyList};
use super::structure::{self, Versioned};
use crate::engine::Message;
use crate::protocol::PropertyView;

pub(crate) const EYECATCHER: &[u8; 4] = MQTTApi_message::EYECATCHER;
/// `struct_version` of messages made here.
pub(crate) const VERSION: c_int = MQTTApi_message::NEWEST;

/// From this size on a payload is not taken for granted.
const LARGE: usize = 1 << 20;

/// Whether there is memory for a copy of the payload. Asked before it is made, because what cannot be allocated there
/// ends the process.
#[inline]
pub(crate) fn can_be_copied(payload: &[u8]) -> bool {
    // Twice: the copy itself, and what it takes on its way.
    payload.len() < LARGE || Vec::<u8>::new().try_reserve_exact(payload.len().saturating_mul(2)).is_ok()
}

/// A message and its topic as the application gets them. Frees both unless they are given away.
pub(crate) struct Delivery {
    topic: NonNull<u8>,
    /// Bytes of the topic, which may have zero bytes among them.
    topic_length: usize,
    /// True if they have.
    topic_has_zero: bool,
    message: NonNull<MQTTApi_message>,
    /// True if the application has refused them before.
    was_refused: bool,
}

// SAFETY: the two blocks have one owner, like a Box.
unsafe impl Send for Delivery {}

impl Delivery {
    /// Makes the objects for the application, which has the contents from now on; for a refused message they are the same
    /// as before. `None` if out of memory: the message is unchanged.
    #[inline]
    pub(crate) fn from_message(message: &mut Message) -> Option<Delivery> {
        if let Some(refused) = message.handed_out.take().and_then(|any| any.downcast::<Delivery>().ok()) {
            return Some(*refused);
        }
        let (topic, payload) = (message.topic(), message.payload());
        let topic_length = topic.len();
        let parts = Parts::copy_of(topic, payload, message.properties())?;
        let contents = MQTTApi_message {
            struct_id: EYECATCHER.map(|byte| byte as c_char),
            struct_version: VERSION,
            payloadlen: c_int::try_from(payload.len()).unwrap_or(c_int::MAX),
            payload: parts.payload.as_ptr().cast(),
            qos: message.qos.bits().into(),
            retained: message.retain.into(),
            dup: message.dup.into(),
            msgid: message.token(),
            properties: parts.properties,
        };
        // SAFETY: a zero byte follows the topic.
        let first_zero = unsafe { libc::strlen(parts.topic.as_ptr().cast()) };
        // SAFETY: the block is new and has room for one message.
        unsafe { parts.message.write(contents) };
        message.give_up_contents();
        Some(Delivery {
            topic: parts.topic,
            topic_length,
            topic_has_zero: first_zero < topic_length,
            message: parts.message,
            was_refused: false,
        })
    }

    /// The topic for the application.
    pub(crate) fn topic(&self) -> *mut c_char {
        self.topic.as_ptr().cast()
    }

    /// The message for the application.
    pub(crate) fn message(&self) -> *mut MQTTApi_message {
        self.message.as_ptr()
    }

    /// Bytes of the topic.
    pub(crate) fn topic_length(&self) -> c_int {
        c_int::try_from(self.topic_length).unwrap_or(c_int::MAX)
    }

    /// True if the topic contains zero bytes, so that `strlen` does not give its length.
    pub(crate) fn topic_has_zero(&self) -> bool {
        self.topic_has_zero
    }

    /// True if the application has refused these same objects.
    #[cfg(feature = "async-api")]
    pub(crate) fn was_refused(&self) -> bool {
        self.was_refused
    }

    /// Both objects belong to the application now.
    #[cfg(feature = "sync-api")]
    pub(crate) fn give_away(self) {
        core::mem::forget(self);
    }

    /// The message carries the very same objects until they are offered again.
    pub(crate) fn put_back(mut self, message: &mut Message) {
        self.was_refused = true;
        message.handed_out = Some(Box::new(self));
    }
}

/// What a message for the application consists of: blocks of the C heap.
struct Parts {
    topic: NonNull<u8>,
    payload: NonNull<u8>,
    message: NonNull<MQTTApi_message>,
    properties: MQTTProperties,
}

impl Parts {
    /// None if out of memory.
    #[inline]
    fn copy_of(topic: &[u8], payload: &[u8], properties: PropertyView<'_>) -> Option<Parts> {
        let topic = c_heap::copy_bytes(topic);
        let payload = c_heap::copy_bytes(payload);
        let message = c_heap::allocate_array(1);
        let properties = match properties.is_empty() {
            true => Some(property_list::EMPTY),
            false => PropertyList::from_view(properties).map(PropertyList::into_list),
        };
        match (topic, payload, message, properties) {
            (Some(topic), Some(payload), Some(message), Some(properties)) => {
                Some(Parts { topic, payload, message, properties })
            }
            (topic, payload, message, properties) => {
                Parts::give_up(topic, payload, message, properties);
                None
            }
        }
    }

    /// Frees what there is of an incomplete message.
    #[cold]
    fn give_up(
        topic: Option<NonNull<u8>>,
        payload: Option<NonNull<u8>>,
        message: Option<NonNull<MQTTApi_message>>,
        properties: Option<MQTTProperties>,
    ) {
        drop(topic.map(Owned::new));
        drop(payload.map(Owned::new));
        drop(message.map(Owned::new));
        if let Some(mut properties) = properties {
            // SAFETY: made by this library, or empty.
            unsafe { property_list::release(&mut properties) };
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        // SAFETY: made by `from_message` and not given away.
        unsafe { release(self.message) };
        // SAFETY: as above.
        unsafe { c_heap::release(self.topic.as_ptr()) };
    }
}

/// Frees a message with its payload and its properties.
///
/// # Safety
/// `message` was made by this library and is no longer used.
pub(crate) unsafe fn release(mut message: NonNull<MQTTApi_message>) {
    // SAFETY: the caller's promise; messages made by this library have all fields.
    let contents = unsafe { message.as_mut() };
    // SAFETY: the list was made by this library, or is empty.
    unsafe { property_list::release(&mut contents.properties) };
    // SAFETY: the payload is a block of the C heap.
    unsafe { c_heap::release(contents.payload) };
    // SAFETY: the message is a block of the C heap.
    unsafe { c_heap::release(message.as_ptr()) };
}

/// The fields of a message to publish. The pointers belong to the application.
pub(crate) struct Fields {
    pub(crate) payload_length: c_int,
    pub(crate) payload: *const c_void,
    pub(crate) qos: c_int,
    pub(crate) retained: c_int,
    /// NULL if the message is too old to have any.
    pub(crate) properties: *const MQTTProperties,
}

/// Reads a message of the application, as far as its version has fields. `dup` and `msgid` do not count.
///
/// # Safety
/// `message` is NULL or points to a message.
pub(crate) unsafe fn read(message: *const MQTTApi_message) -> Result<Fields, Fault> {
    if message.is_null() {
        return Err(Fault::NULL_PARAMETER);
    }
    // SAFETY: the caller's promise, and not NULL.
    let fields = unsafe { structure::read(message) }?;
    Ok(Fields {
        payload_length: fields.payloadlen,
        payload: fields.payload,
        qos: fields.qos,
        retained: fields.retained,
        properties: if fields.struct_version >= 1 {
            // SAFETY: this version has the field, so the address lies in the message.
            unsafe { &raw const (*message).properties }
        } else {
            ptr::null()
        },
    })
}
