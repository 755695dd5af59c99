//! User name and password while the application may change them.

use core::ffi::{c_char, c_int};
use core::ptr::{self, NonNull};

use super::abi::{MQTTAsync_connectData, MQTTAsync_connectData_binarypwd};
use crate::capi::shared::c_heap::{self, Owned};
use crate::capi::shared::text;
use crate::engine::Credentials;

const EYECATCHER: &[u8; 4] = b"MQCD";

/// What the application is shown, and the library's memory that it points to.
pub(crate) struct ConnectData {
    data: MQTTAsync_connectData,
    user_name: Option<Owned<u8>>,
    password: Option<Owned<u8>>,
    password_length: c_int,
}

impl ConnectData {
    /// Shows copies of the current values. `None` if out of memory.
    pub(crate) fn new(user_name: Option<&[u8]>, password: Option<&[u8]>) -> Option<ConnectData> {
        let user_block = copy_of(user_name)?;
        let password_block = copy_of(password)?;
        let password_length = c_int::try_from(password.unwrap_or_default().len()).ok()?;
        let data = MQTTAsync_connectData {
            struct_id: EYECATCHER.map(|byte| byte as c_char),
            struct_version: 0,
            username: address(user_block.as_ref()).cast(),
            binarypwd: MQTTAsync_connectData_binarypwd {
                len: password_length,
                data: address(password_block.as_ref()).cast(),
            },
        };
        Some(ConnectData { data, user_name: user_block, password: password_block, password_length })
    }

    /// What the callback gets.
    pub(crate) fn as_mut_ptr(&mut self) -> *mut MQTTAsync_connectData {
        &raw mut self.data
    }

    /// The values after the application has returned that it changed some. The blocks it replaced others with are
    /// freed.
    ///
    /// # Safety
    /// The pointers in the structure are NULL, those it was given, or to blocks of the C heap that only this
    /// code frees: the user name a string, the password as long as the structure says.
    pub(crate) unsafe fn changed(self) -> Credentials {
        let MQTTAsync_connectData { username, binarypwd, .. } = self.data;
        // SAFETY: NULL or a string.
        let user_name = unsafe { text::bytes(username) }.map(<[u8]>::to_vec);
        let is_new = binarypwd.data.addr() != address(self.password.as_ref()).addr();
        // The length counts only if the password is another one.
        let length = if is_new { binarypwd.len } else { self.password_length };
        let password = (!binarypwd.data.is_null()).then(|| {
            // SAFETY: as many bytes as the length says.
            unsafe { text::block(binarypwd.data, length) }.unwrap_or_default().to_vec()
        });
        if username.addr() != address(self.user_name.as_ref()).addr() {
            // SAFETY: NULL or a block that was given to the library.
            unsafe { c_heap::release(username.cast_mut()) };
        }
        if is_new {
            // SAFETY: as above.
            unsafe { c_heap::release(binarypwd.data.cast_mut()) };
        }
        (user_name, password)
    }
}

/// A copy followed by a zero byte; the outer `None` if out of memory.
fn copy_of(value: Option<&[u8]>) -> Option<Option<Owned<u8>>> {
    match value {
        Some(value) => c_heap::copy_bytes(value).map(Owned::new).map(Some),
        None => Some(None),
    }
}

fn address(block: Option<&Owned<u8>>) -> *const u8 {
    block.map_or(ptr::null(), |block| NonNull::as_ptr(block.get()).cast_const())
}
