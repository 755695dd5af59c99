//! The application's part in authentications.

use core::ffi::{c_char, c_int};
use core::ptr;
use std::ffi::CString;

use super::authentication_abi::{
    MQTTEXT_AUTHENTICATION_BEGIN, MQTTEXT_AUTHENTICATION_COMPLETE, MQTTEXT_AUTHENTICATION_CONTINUE,
    MQTTEXT_AUTHENTICATION_RENEW, MQTTExt_authenticate, MQTTExt_authentication,
};
use super::faults::Fault;
use super::text;
use super::user_function::{Slot, UserFunction};
use crate::engine::AuthenticationStep;
use crate::locks::Mutex;
use crate::protocol::ReasonCode;

/// The method and the callback.
pub(crate) type Set = (CString, Slot<MQTTExt_authenticate>);

/// Both, if they are set.
#[derive(Default)]
pub(crate) struct Authenticator(Mutex<Option<Box<Set>>>);

impl Authenticator {
    /// For a fork.
    pub(crate) fn lock(&self) -> &Mutex<Option<Box<Set>>> {
        &self.0
    }

    /// # Safety
    /// `method` is NULL or a string, unchanged during the call.
    pub(crate) unsafe fn set(
        &self,
        method: *const c_char,
        slot: Slot<MQTTExt_authenticate>,
    ) -> Result<(), Fault> {
        let set = match slot.function {
            None => None,
            Some(_) => {
                // SAFETY: the caller's promise.
                let method = unsafe { text::bytes(method) }.ok_or(Fault::NULL_PARAMETER)?;
                if !text::is_mqtt_string(method) {
                    return Err(Fault::BAD_UTF8);
                }
                CString::new(method).ok().map(|method| Box::new((method, slot)))
            }
        };
        *self.0.lock() = set;
        Ok(())
    }

    pub(crate) fn method(&self) -> Option<Vec<u8>> {
        self.0.lock().as_deref().map(|(method, _)| method.as_bytes().to_vec())
    }

    /// Calls the callback. `None`: it refused, or there is none any more.
    pub(crate) fn answer(&self, step: AuthenticationStep, data: &[u8]) -> Option<Vec<u8>> {
        let (method, slot) = *self.0.lock().clone()?;
        let callback = slot.function?;
        let (step, reason) = match step {
            AuthenticationStep::Begin => (MQTTEXT_AUTHENTICATION_BEGIN, ReasonCode::SUCCESS),
            AuthenticationStep::Continue => {
                (MQTTEXT_AUTHENTICATION_CONTINUE, ReasonCode::CONTINUE_AUTHENTICATION)
            }
            AuthenticationStep::Renew => (MQTTEXT_AUTHENTICATION_RENEW, ReasonCode::SUCCESS),
            AuthenticationStep::Complete => (MQTTEXT_AUTHENTICATION_COMPLETE, ReasonCode::SUCCESS),
        };
        let mut authentication = MQTTExt_authentication {
            struct_id: b"MQXA".map(|byte| byte as c_char),
            struct_version: 0,
            step,
            reasonCode: reason.0.into(),
            method: method.as_ptr(),
            data: if data.is_empty() { ptr::null() } else { data.as_ptr().cast() },
            dataLength: c_int::try_from(data.len()).ok()?,
            answerLength: 0,
            answer: ptr::null(),
        };
        // SAFETY: a callback of the application, with the arguments it is documented to get; method and data outlive the
        // call.
        let code = unsafe { callback.call("authenticate", (slot.context.0, &raw mut authentication)) };
        if code != 0 {
            return None;
        }
        let MQTTExt_authentication { answer, answerLength, .. } = authentication;
        // SAFETY: NULL, or as many bytes of the application as it says.
        Some(unsafe { text::block(answer, answerLength) }.unwrap_or_default().to_vec())
    }
}
