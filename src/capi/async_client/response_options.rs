//! Reading `MQTTAsync_responseOptions`, and writing the token into them.

use core::ffi::c_int;
use core::ptr;

use super::abi::MQTTAsync_token;
use super::codes::Fault;
use super::response_abi::MQTTAsync_responseOptions;
use super::results::result_callbacks;
use crate::capi::shared::property_abi::MQTTProperties;
use crate::capi::shared::structure::Versioned;
use crate::capi::shared::subscriptions::MQTTSubscribe_options;
use crate::engine::Requester;

/// First version with the fields for MQTT 5.0.
const WITH_VERSION_5: c_int = 1;
/// Older than the first version: no field is there.
const NONE: c_int = -1;

/// The response options of one call. NULL means none: no callbacks, and no option is set.
#[derive(Clone, Copy)]
pub(crate) struct ResponseOptions {
    /// The application's.
    place: *mut MQTTAsync_responseOptions,
    version: c_int,
}

impl ResponseOptions {
    /// # Safety
    /// `place` is NULL or points to response options of the version they say, whose fields are what the
    /// header says. They stay in place and are not changed by others as long as the result is used.
    #[inline]
    pub(crate) unsafe fn new(place: *mut MQTTAsync_responseOptions) -> ResponseOptions {
        // SAFETY: the caller's promise; every version has this field.
        let version = if place.is_null() { NONE } else { unsafe { (*place).struct_version }.max(0) };
        ResponseOptions { place, version }
    }

    /// The fields that the version has. Not kept, because few of them are read.
    #[inline(always)]
    fn given(&self) -> MQTTAsync_responseOptions {
        // SAFETY: the version has the fields; of none, no field is read.
        unsafe { MQTTAsync_responseOptions::read_as(self.place, self.version) }
    }

    /// They have the fields for MQTT 5.0.
    fn has_version_5(&self) -> bool {
        self.version >= WITH_VERSION_5
    }

    /// The callbacks for the result. Callbacks of another MQTT version than the client's are a fault.
    #[inline]
    pub(crate) fn requester(&self, is_version_5: bool) -> Result<Option<Requester>, Fault> {
        if self.place.is_null() {
            return Ok(None);
        }
        let given = self.given();
        let callbacks = result_callbacks!(given);
        let is_foreign = if is_version_5 {
            !self.has_version_5() || callbacks.on_success.is_some() || callbacks.on_failure.is_some()
        } else {
            callbacks.on_success5.is_some() || callbacks.on_failure5.is_some()
        };
        if is_foreign { Err(Fault::BAD_OPTION) } else { Ok(callbacks.into_requester()) }
    }

    /// The properties for the request; NULL if there can be none.
    #[inline]
    pub(crate) fn properties(&self) -> *const MQTTProperties {
        if !self.has_version_5() {
            return ptr::null();
        }
        // SAFETY: the version has this field, so the address lies in the options.
        unsafe { &raw const (*self.place).properties }
    }

    /// The MQTT 5.0 options for one of `count` subscriptions: for several from the list, if there is one, for a single
    /// one also from the field for it. `None`: none are given.
    pub(crate) fn of_subscription(
        &self,
        index: usize,
        count: usize,
    ) -> Result<Option<MQTTSubscribe_options>, Fault> {
        if !self.has_version_5() {
            return Ok(None);
        }
        let given = self.given();
        let (listed, list) = (given.subscribeOptionsCount, given.subscribeOptionsList);
        let has_list = usize::try_from(listed) == Ok(count);
        match (count, has_list && !list.is_null()) {
            // SAFETY: the list has an element for each subscription.
            (_, true) => Ok(Some(unsafe { list.wrapping_add(index).read() })),
            (1, false) => Ok(Some(given.subscribeOptions)),
            (_, false) if has_list => Err(Fault::NULL_PARAMETER),
            (_, false) if listed != 0 => Err(Fault::BAD_OPTION),
            (_, false) => Ok(None),
        }
    }

    /// Writes the token of the request to the application's options.
    #[inline]
    pub(crate) fn write_token(&self, token: MQTTAsync_token) {
        if !self.place.is_null() {
            // SAFETY: not NULL, and every version has this field.
            unsafe { (*self.place).token = token };
        }
    }
}
