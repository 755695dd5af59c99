//! The application's function for the request of a WebSocket. It is called in this file only.

use core::ffi::{c_char, c_int};
use core::ptr;
use std::ffi::CString;
use std::sync::Arc;

use super::text;
use super::upgrade_abi::{MQTTExt_header, MQTTExt_prepareUpgrade, MQTTExt_upgrade};
use super::user_function::{Slot, UserFunction};
use crate::engine::{UpgradeCallback, UpgradeFunction, UpgradeParts};
use crate::locks::Mutex;

/// Most headers that the callback may add.
const MOST_HEADERS: usize = 100;

/// The callback, if it is set.
#[derive(Default)]
pub(crate) struct Upgrader(Mutex<Option<UpgradeCallback>>);

impl Upgrader {
    /// For a fork.
    pub(crate) fn lock(&self) -> &Mutex<Option<UpgradeCallback>> {
        &self.0
    }

    pub(crate) fn set(&self, slot: Slot<MQTTExt_prepareUpgrade>) {
        *self.0.lock() = slot.is_set().then(|| UpgradeCallback(Arc::new(Prepare(slot))));
    }

    pub(crate) fn callback(&self) -> Option<UpgradeCallback> {
        self.0.lock().clone()
    }
}

struct Prepare(Slot<MQTTExt_prepareUpgrade>);

impl UpgradeFunction for Prepare {
    fn prepare(&self, server_uri: &str, path: &str) -> Option<UpgradeParts> {
        let callback = self.0.function?;
        let (server_uri, path) = (CString::new(server_uri).ok()?, CString::new(path).ok()?);
        let mut upgrade = MQTTExt_upgrade {
            struct_id: b"MQXU".map(|byte| byte as c_char),
            struct_version: 0,
            serverURI: server_uri.as_ptr(),
            path: path.as_ptr(),
            headers: ptr::null(),
            headerCount: 0,
        };
        // SAFETY: a callback of the application, with the arguments it is documented to get; both texts outlive the call.
        let code = unsafe { callback.call("prepareUpgrade", (self.0.context.0, &raw mut upgrade)) };
        if code != 0 {
            return None;
        }
        // SAFETY: NULL, or a string of the application, or ours.
        let path = unsafe { text::bytes(upgrade.path) }.map(<[u8]>::to_vec);
        // SAFETY: as many headers of the application as it says.
        let headers = unsafe { headers(upgrade.headers, upgrade.headerCount) }?;
        Some(UpgradeParts { path, headers })
    }
}

/// `None`: there cannot be so many.
///
/// # Safety
/// `headers` is NULL or that many, with names and values that are NULL or strings.
unsafe fn headers(headers: *const MQTTExt_header, count: c_int) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let count = usize::try_from(count).ok().filter(|count| *count <= MOST_HEADERS)?;
    if headers.is_null() {
        return (count == 0).then(Vec::new);
    }
    let mut copied = Vec::with_capacity(count);
    for index in 0..count {
        // SAFETY: the caller's promise.
        let header = unsafe { headers.add(index) };
        // SAFETY: as above.
        let MQTTExt_header { name, value } = unsafe { header.read() };
        // SAFETY: as above.
        let name = unsafe { text::bytes(name) }?;
        // SAFETY: as above.
        let value = unsafe { text::bytes(value) }?;
        copied.push((name.to_vec(), value.to_vec()));
    }
    Some(copied)
}
