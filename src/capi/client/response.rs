//! `MQTTResponse`: results of the functions whose names end in 5.

use core::ffi::c_int;
use core::ptr;

use super::abi::MQTTResponse;
use super::codes::Fault;
use crate::capi::shared::boundary::entry;
use crate::capi::shared::c_heap;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::property_list::{self, PropertyList};
use crate::capi::shared::reason_codes::MQTTReasonCodes;
use crate::engine::Answer;
use crate::protocol::PropertyView;

/// A response that is only a code: nothing in it has to be freed.
#[inline]
pub(crate) fn from_code(code: c_int) -> MQTTResponse {
    MQTTResponse {
        version: 1,
        reasonCode: code,
        reasonCodeCount: 0,
        reasonCodes: ptr::null_mut(),
        properties: ptr::null_mut(),
    }
}

/// The response to a fault.
pub(crate) fn from_fault(fault: Fault) -> MQTTResponse {
    from_code(fault.code())
}

/// The list of an MQTT 5.0 CONNACK: present even when it is empty. NULL only if out of memory.
pub(crate) fn always_listed(properties: PropertyView<'_>) -> *mut MQTTProperties {
    PropertyList::from_view(properties).and_then(PropertyList::into_block).unwrap_or(ptr::null_mut())
}

/// The response to an MQTT 5.0 SUBACK or UNSUBACK: the first code, an array of all if there are several,
/// a list of properties if there are any.
pub(crate) fn from_answer(answer: &Answer) -> MQTTResponse {
    let Some(first) = answer.codes.first() else { return from_fault(Fault::FAILURE) };
    let mut response = from_code((*first).into());
    response.reasonCodeCount = c_int::try_from(answer.codes.len()).unwrap_or(c_int::MAX);
    if answer.codes.len() > 1 {
        response.reasonCodes = copy_of_codes(&answer.codes);
    }
    if !answer.properties.is_empty() {
        response.properties = always_listed(answer.properties.view());
    }
    response
}

fn copy_of_codes(codes: &[u8]) -> *mut MQTTReasonCodes {
    let codes: Vec<MQTTReasonCodes> = codes.iter().map(|code| (*code).into()).collect();
    c_heap::copy_slice(&codes).map_or(ptr::null_mut(), ptr::NonNull::as_ptr)
}

/// Frees the reason codes and properties of a response. The response itself is passed by value and need
/// not be freed.
///
/// @param response the response. Call this at most once for each; a response that holds nothing is
///   allowed
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MQTTResponse_free(response: MQTTResponse) {
    entry!("MQTTResponse_free", (), {
        if response.reasonCodeCount > 0 {
            // SAFETY: NULL or an array made by the library.
            unsafe { c_heap::release(response.reasonCodes) };
        }
        // SAFETY: NULL or a list made by the library.
        if let Some(list) = unsafe { response.properties.as_mut() } {
            // SAFETY: made by the library.
            unsafe { property_list::release(list) };
            // SAFETY: made by the library, and empty now.
            unsafe { c_heap::release(response.properties) };
        }
    });
}
