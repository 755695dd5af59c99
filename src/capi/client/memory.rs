//! `MQTTClient_malloc`, `MQTTClient_free`, `MQTTClient_freeMessage`.

use core::ffi::c_void;
use core::ptr::{self, NonNull};

use super::abi::MQTTClient_message;
use crate::capi::shared::boundary::entry;
use crate::capi::shared::{c_heap, messages};

/// Allocates memory with malloc().
///
/// @param size number of bytes
/// @return the memory, to be released with MQTTClient_free() or free(), or NULL if out of memory
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTClient_malloc(size: usize) -> *mut c_void {
    c_heap::allocate(size).map_or(ptr::null_mut(), NonNull::as_ptr)
}

/// Frees memory returned by the library, such as topic names and token arrays. Equivalent to free().
///
/// @param ptr the memory, or NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTClient_free(ptr: *mut c_void) {
    // SAFETY: NULL or memory of the C heap, as the application promises.
    unsafe { c_heap::release(ptr) };
}

/// Frees a received message with its payload and properties, and sets *msg to NULL. The topic name is
/// freed separately, with MQTTClient_free().
///
/// @param msg the variable that points to the message; nothing happens if it or *msg is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTClient_freeMessage(msg: *mut *mut MQTTClient_message) {
    entry!("MQTTClient_freeMessage", (), {
        // SAFETY: NULL or the application's variable.
        let Some(variable) = (unsafe { msg.as_mut() }) else { return };
        if let Some(message) = NonNull::new(core::mem::replace(variable, ptr::null_mut())) {
            // SAFETY: a message of the library, which the application gives up.
            unsafe { messages::release(message.cast()) };
        }
    });
}
