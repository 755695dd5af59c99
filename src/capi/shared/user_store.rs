//! A store implemented by the application: its eight functions, called as documented.

use core::ffi::{c_char, c_int, c_void};
use core::{ptr, slice};
use std::ffi::{CStr, CString, OsStr};
use std::os::unix::ffi::OsStrExt;

use crate::locks::{ReentrantMutex, ReentrantMutexGuard};

use super::c_heap;
use super::persistence_abi::MQTTClient_persistence;
use super::store_calls::StoreCall;
use super::user_function::UserFunction;
use crate::engine::{Fetched, Key, Store, StoreError};

/// The functions of all programs' stores are called one at a time in the whole process: programs rely on it.
static ONE_AT_A_TIME: ReentrantMutex<()> = ReentrantMutex::new(());

/// While this is there, one of them is called.
type Alone = (StoreCall, ReentrantMutexGuard<'static, ()>);

/// The application's store for one client.
pub(crate) struct UserStore {
    /// The application's structure, which stays in place until the client is destroyed.
    functions: *const MQTTClient_persistence,
    client_id: CString,
    server: CString,
    /// What the application's open function has set.
    handle: *mut c_void,
}

// SAFETY: the pointers are the application's; it has to expect calls from every thread, one at a time.
unsafe impl Send for UserStore {}

impl UserStore {
    /// `None`: a member of the structure is NULL, or it is NULL itself. `server`: the URI without its scheme.
    ///
    /// # Safety
    /// `functions` is NULL or points to a structure that stays in place until the store is closed.
    pub(crate) unsafe fn new(
        functions: *const MQTTClient_persistence,
        client_id: &[u8],
        server: &OsStr,
    ) -> Option<UserStore> {
        // SAFETY: the caller's promise.
        let members = unsafe { functions.as_ref() }?;
        let functions_set = members.popen.is_some()
            && members.pclose.is_some()
            && members.pput.is_some()
            && members.pget.is_some()
            && members.premove.is_some()
            && members.pkeys.is_some()
            && members.pclear.is_some()
            && members.pcontainskey.is_some();
        let complete = functions_set && !members.context.is_null();
        complete.then_some(())?;
        Some(UserStore {
            functions,
            client_id: CString::new(client_id).ok()?,
            server: CString::new(server.as_bytes()).ok()?,
            handle: ptr::null_mut(),
        })
    }

    /// The application's functions as they are now. No other store's are called meanwhile.
    fn enter(&self) -> (Alone, MQTTClient_persistence) {
        let alone = (StoreCall::begin(), ONE_AT_A_TIME.lock());
        // SAFETY: the structure stays in place until the store is closed.
        (alone, unsafe { *self.functions })
    }
}

/// A function that has become NULL since the client was made.
fn missing() -> StoreError {
    StoreError::new("a function of the store has become NULL")
}

fn check(code: c_int, function: &str) -> Result<(), StoreError> {
    match code {
        0 => Ok(()),
        code => Err(StoreError { code, cause: format!("the application's {function} function failed") }),
    }
}

/// The key as the application's functions take it.
struct KeyText([u8; Key::LONGEST + 1]);

impl KeyText {
    fn new(key: Key) -> KeyText {
        let mut text = [0; Key::LONGEST + 1];
        // No key is longer, and the last byte stays zero.
        text.iter_mut().zip(key.to_string().bytes().take(Key::LONGEST)).for_each(|(to, from)| *to = from);
        KeyText(text)
    }

    fn as_mut_ptr(&mut self) -> *mut c_char {
        self.0.as_mut_ptr().cast()
    }
}

impl Store for UserStore {
    fn open(&mut self) -> Result<Option<String>, StoreError> {
        let (_alone, functions) = self.enter();
        let open = functions.popen.ok_or_else(missing)?;
        let (client_id, server) = (self.client_id.as_ptr(), self.server.as_ptr());
        // SAFETY: a function of the application, with what the interface promises it.
        let code = unsafe { open.call("open", (&raw mut self.handle, client_id, server, functions.context)) };
        check(code, "open").map(|()| None)
    }

    fn put(&mut self, key: Key, pieces: &[&[u8]]) -> Result<(), StoreError> {
        let (_alone, functions) = self.enter();
        let put = functions.pput.ok_or_else(missing)?;
        let mut key = KeyText::new(key);
        let (mut buffers, mut lengths) = arrays(pieces)?;
        let count = c_int::try_from(pieces.len()).map_err(StoreError::new)?;
        let (buffers, lengths) = (buffers.as_mut_ptr(), lengths.as_mut_ptr());
        // SAFETY: a function of the application, with what the interface promises it; both arrays have `count`
        // elements.
        check(unsafe { put.call("put", (self.handle, key.as_mut_ptr(), count, buffers, lengths)) }, "put")
    }

    fn get(&mut self, key: Key) -> Result<Fetched, StoreError> {
        let (_alone, functions) = self.enter();
        let get = functions.pget.ok_or_else(missing)?;
        let mut key = KeyText::new(key);
        let (mut buffer, mut length) = (ptr::null_mut(), 0);
        let arguments = (self.handle, key.as_mut_ptr(), &raw mut buffer, &raw mut length);
        // SAFETY: a function of the application, with what the interface promises it.
        check(unsafe { get.call("get", arguments) }, "get")?;
        let bytes = {
            // SAFETY: the application says that so many bytes are there.
            unsafe { super::text::block(buffer.cast(), length) }.map(<[u8]>::to_vec)
        };
        // SAFETY: the store passes ownership of the memory to the library.
        unsafe { c_heap::release(buffer) };
        Ok(match bytes {
            Some(bytes) => Fetched::Bytes(bytes),
            None => Fetched::Unreadable("the application's get function returned no record".into()),
        })
    }

    fn remove(&mut self, key: Key) -> Result<(), StoreError> {
        let (_alone, functions) = self.enter();
        let remove = functions.premove.ok_or_else(missing)?;
        let mut key = KeyText::new(key);
        // SAFETY: a function of the application, with what the interface promises it.
        check(unsafe { remove.call("remove", (self.handle, key.as_mut_ptr())) }, "remove")
    }

    fn contains(&mut self, key: Key) -> bool {
        let (_alone, functions) = self.enter();
        let Some(contains) = functions.pcontainskey else { return false };
        let mut key = KeyText::new(key);
        // SAFETY: a function of the application, with what the interface promises it.
        unsafe { contains.call("containskey", (self.handle, key.as_mut_ptr())) == 0 }
    }

    fn keys(&mut self) -> Result<Vec<Key>, StoreError> {
        let (_alone, functions) = self.enter();
        let keys = functions.pkeys.ok_or_else(missing)?;
        let (mut list, mut count) = (ptr::null_mut(), 0);
        // SAFETY: a function of the application, with what the interface promises it.
        check(unsafe { keys.call("keys", (self.handle, &raw mut list, &raw mut count)) }, "keys")?;
        // SAFETY: the application says that so many texts of the C heap are there, and gives them away.
        Ok(unsafe { take_keys(list, count) })
    }

    fn clear(&mut self) -> Result<(), StoreError> {
        let (_alone, functions) = self.enter();
        let clear = functions.pclear.ok_or_else(missing)?;
        // SAFETY: a function of the application, with what the interface promises it.
        check(unsafe { clear.call("clear", (self.handle,)) }, "clear")
    }

    fn wants_every_request(&self) -> bool {
        true
    }

    fn close(&mut self) {
        let (_alone, functions) = self.enter();
        if let Some(close) = functions.pclose {
            // SAFETY: a function of the application, with what the interface promises it. Whether it fails makes no
            // difference.
            unsafe { close.call("close", (self.handle,)) };
        }
    }
}

/// The pieces as two arrays in C. A piece without bytes is a NULL pointer.
pub(crate) fn arrays(pieces: &[&[u8]]) -> Result<(Vec<*mut c_char>, Vec<c_int>), StoreError> {
    let buffers = pieces.iter().map(|piece| match piece.is_empty() {
        true => ptr::null_mut(),
        // That the elements are not const is history; the function must not change the bytes.
        false => piece.as_ptr().cast_mut().cast(),
    });
    let lengths: Result<Vec<c_int>, _> = pieces.iter().map(|piece| c_int::try_from(piece.len())).collect();
    Ok((buffers.collect(), lengths.map_err(StoreError::new)?))
}

/// Reads a list of texts, and frees it.
///
/// # Safety
/// `list` is NULL or an array of `count` pointers, each NULL or a text, all in memory of the C heap that no
/// other code uses.
unsafe fn take_keys(list: *mut *mut c_char, count: c_int) -> Vec<Key> {
    let mut keys = Vec::new();
    let length = usize::try_from(count).unwrap_or(0);
    if !list.is_null() {
        // SAFETY: the caller's promise.
        for text in unsafe { slice::from_raw_parts(list, length) }.iter().filter(|text| !text.is_null()) {
            // SAFETY: the caller's promise, and not NULL.
            keys.extend(unsafe { CStr::from_ptr(*text) }.to_str().ok().and_then(Key::parse));
            // SAFETY: the caller's promise; it is not looked at again.
            unsafe { c_heap::release(*text) };
        }
    }
    // SAFETY: the caller's promise; it is not looked at again.
    unsafe { c_heap::release(list) };
    keys
}
