//! A store whose records pass through functions of the application, which may change their bytes: to encrypt them,
//! for example.

use core::ffi::c_int;
use core::ptr;
use std::sync::Arc;

use super::c_heap;
use super::persistence_abi::{MQTTPersistence_afterRead, MQTTPersistence_beforeWrite};
use super::program::Slot;
use super::store_calls::StoreCall;
use super::text;
use super::user_function::UserFunction;
use super::user_store::arrays;
use crate::engine::{Fetched, Key, Kind, Store, StoreError};

/// The application's functions: they can be set and removed at any time.
pub(crate) trait Hooks: Send + Sync {
    /// Called before a record is put.
    fn before_write(&self) -> Slot<MQTTPersistence_beforeWrite>;
    /// Called after a record was fetched.
    fn after_read(&self) -> Slot<MQTTPersistence_afterRead>;
}

/// A store with hooks.
pub(crate) struct HookedStore {
    pub(crate) inner: Box<dyn Store>,
    pub(crate) hooks: Arc<dyn Hooks>,
}

impl Store for HookedStore {
    fn open(&mut self) -> Result<Option<String>, StoreError> {
        self.inner.open()
    }

    fn put(&mut self, key: Key, pieces: &[&[u8]]) -> Result<(), StoreError> {
        let Slot { context, function: Some(function) } = self.hooks.before_write() else {
            return self.inner.put(key, pieces);
        };
        let (mut buffers, mut lengths) = arrays(pieces)?;
        let count = c_int::try_from(pieces.len()).map_err(StoreError::new)?;
        let (first, first_length) = (buffers.as_mut_ptr(), lengths.as_mut_ptr());
        let call = StoreCall::begin();
        // SAFETY: a function of the application, with what the interface promises it; both arrays have `count`
        // elements.
        let failed = unsafe { function.call("beforeWrite", (context.0, count, first, first_length)) } != 0;
        drop(call);
        if failed {
            return Err(StoreError::new("the application's beforeWrite function failed"));
        }
        let changed: Option<Vec<&[u8]>> = buffers
            .iter()
            .zip(&lengths)
            .map(|(buffer, length)| {
                // SAFETY: the application has left the buffer, or put one of this length in its place.
                unsafe { text::block(buffer.cast_const().cast(), *length) }
            })
            .collect();
        let put = match changed {
            Some(changed) => self.inner.put(key, &changed),
            None => Err(StoreError::new("the application's beforeWrite function returned a NULL buffer")),
        };
        let original = pieces.last().map_or(ptr::null(), |piece| piece.as_ptr());
        if let Some(last) =
            buffers.last().filter(|last| frees_last(key) && last.cast_const().cast() != original)
        {
            // SAFETY: the application's own, from the C heap, which the interface passes on to the library.
            unsafe { c_heap::release(*last) };
        }
        put
    }

    fn get(&mut self, key: Key) -> Result<Fetched, StoreError> {
        let fetched = self.inner.get(key)?;
        let Slot { context, function: Some(function) } = self.hooks.after_read() else { return Ok(fetched) };
        let Fetched::Bytes(bytes) = fetched else { return Ok(fetched) };
        let Some(copy) = c_heap::copy_bytes(&bytes) else { return Err(StoreError::new("out of memory")) };
        let (mut buffer, mut length) =
            (copy.as_ptr().cast(), c_int::try_from(bytes.len()).map_err(StoreError::new)?);
        let call = StoreCall::begin();
        // SAFETY: a function of the application, with what the interface promises it.
        let code = unsafe { function.call("afterRead", (context.0, &raw mut buffer, &raw mut length)) };
        let failed = code != 0;
        drop(call);
        // SAFETY: the application says that so many bytes are there.
        let bytes = unsafe { text::block(buffer.cast_const().cast(), length) }.map(<[u8]>::to_vec);
        // SAFETY: ours, or one from the C heap that the application has put in its place.
        unsafe { c_heap::release(buffer) };
        Ok(match bytes.filter(|_| !failed) {
            Some(bytes) => Fetched::Bytes(bytes),
            None => Fetched::Unreadable("the application's afterRead function failed".into()),
        })
    }

    fn remove(&mut self, key: Key) -> Result<(), StoreError> {
        self.inner.remove(key)
    }

    fn contains(&mut self, key: Key) -> bool {
        self.inner.contains(key)
    }

    fn keys(&mut self) -> Result<Vec<Key>, StoreError> {
        self.inner.keys()
    }

    fn clear(&mut self) -> Result<(), StoreError> {
        self.inner.clear()
    }

    fn wants_every_request(&self) -> bool {
        self.inner.wants_every_request()
    }

    fn tidy(&mut self) {
        self.inner.tidy();
    }

    fn close(&mut self) {
        self.inner.close();
    }
}

/// The last piece of these records is one that the original has allocated, and frees whatever it has become.
fn frees_last(key: Key) -> bool {
    key.version_5 && matches!(key.kind, Kind::Queued | Kind::Command)
}
