//! Reading `MQTTAsync_responseOptions`, and writing the token into them.

use core::ffi::c_int;
use core::ptr;

use super::abi::MQTTAsync_token;
use super::codes::Fault;
use super::response_abi::MQTTAsync_responseOptions;
use super::results::ResultCallbacks;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::subscriptions::MQTTSubscribe_options;
use crate::capi::shared::user_function::Context;
use crate::engine::Requester;

/// First version with the fields for MQTT 5.0.
const WITH_VERSION_5: c_int = 1;

/// The response options of one call. NULL means none: no callbacks, and no option is set.
#[derive(Clone, Copy)]
pub(crate) struct ResponseOptions {
    options: *mut MQTTAsync_responseOptions,
    /// They have the fields for MQTT 5.0.
    has_version_5: bool,
}

impl ResponseOptions {
    /// # Safety
    /// `options` is NULL or points to response options of the version they say, whose fields are what the
    /// header says. They stay in place and are not changed by others as long as the result is used.
    #[inline]
    pub(crate) unsafe fn new(options: *mut MQTTAsync_responseOptions) -> ResponseOptions {
        // SAFETY: the caller's promise; every version has this field.
        let has_version_5 = !options.is_null() && unsafe { (*options).struct_version } >= WITH_VERSION_5;
        ResponseOptions { options, has_version_5 }
    }

    /// The callbacks for the result. Callbacks of another MQTT version than the client's are a fault.
    #[inline]
    pub(crate) fn requester(&self, is_version_5: bool) -> Result<Option<Requester>, Fault> {
        if self.options.is_null() {
            return Ok(None);
        }
        let callbacks = self.callbacks();
        let is_foreign = if is_version_5 {
            !self.has_version_5 || callbacks.on_success.is_some() || callbacks.on_failure.is_some()
        } else {
            callbacks.on_success5.is_some() || callbacks.on_failure5.is_some()
        };
        if is_foreign { Err(Fault::BadOption) } else { Ok(callbacks.into_requester()) }
    }

    fn callbacks(&self) -> ResultCallbacks {
        ResultCallbacks {
            // SAFETY: not NULL, and every version has this field.
            context: Context(unsafe { (*self.options).context }),
            // SAFETY: as above.
            on_success: unsafe { (*self.options).onSuccess },
            // SAFETY: as above.
            on_failure: unsafe { (*self.options).onFailure },
            // SAFETY: the version has this field.
            on_success5: if self.has_version_5 { unsafe { (*self.options).onSuccess5 } } else { None },
            // SAFETY: the version has this field.
            on_failure5: if self.has_version_5 { unsafe { (*self.options).onFailure5 } } else { None },
        }
    }

    /// The properties for the request; NULL if there can be none.
    #[inline]
    pub(crate) fn properties(&self) -> *const MQTTProperties {
        if !self.has_version_5 {
            return ptr::null();
        }
        // SAFETY: the version has this field, so the address lies in the options.
        unsafe { &raw const (*self.options).properties }
    }

    /// The MQTT 5.0 options for one of `count` subscriptions: for several from the list, if there is one, for a single
    /// one also from the field for it. `None`: none are given.
    pub(crate) fn of_subscription(
        &self,
        index: usize,
        count: usize,
    ) -> Result<Option<MQTTSubscribe_options>, Fault> {
        if !self.has_version_5 {
            return Ok(None);
        }
        // SAFETY: the version has this field.
        let listed = unsafe { (*self.options).subscribeOptionsCount };
        // SAFETY: the version has this field.
        let list = unsafe { (*self.options).subscribeOptionsList };
        let has_list = usize::try_from(listed) == Ok(count);
        match (count, has_list && !list.is_null()) {
            // SAFETY: the list has an element for each subscription.
            (_, true) => Ok(Some(unsafe { list.wrapping_add(index).read() })),
            // SAFETY: the version has this field.
            (1, false) => Ok(Some(unsafe { (*self.options).subscribeOptions })),
            (_, false) if has_list => Err(Fault::NullParameter),
            (_, false) if listed != 0 => Err(Fault::BadOption),
            (_, false) => Ok(None),
        }
    }

    /// Writes the token of the request to the application's options.
    #[inline]
    pub(crate) fn write_token(&self, token: MQTTAsync_token) {
        if !self.options.is_null() {
            // SAFETY: not NULL, and every version has this field.
            unsafe { (*self.options).token = token };
        }
    }
}
