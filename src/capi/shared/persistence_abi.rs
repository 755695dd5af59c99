//! The store a program can supply, and the hooks around stored data (`MQTTClientPersistence.h`).

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_void};

use super::assert_layout;

/// Persistence type: files. The persistence context is the directory (a const char*), or NULL for the
/// working directory.
pub const MQTTCLIENT_PERSISTENCE_DEFAULT: c_int = 0;
/// Persistence type: memory. Messages in flight do not survive the process.
pub const MQTTCLIENT_PERSISTENCE_NONE: c_int = 1;
/// Persistence type: functions of the application. The persistence context points to an
/// MQTTClient_persistence structure.
pub const MQTTCLIENT_PERSISTENCE_USER: c_int = 2;
/// Returned by a persistence function that failed.
pub const MQTTCLIENT_PERSISTENCE_ERROR: c_int = -2;

/// Opens the store of a client.
///
/// @param handle set it to the value that is to be passed to the other functions
/// @param clientID client identifier, which names the store together with serverURI; valid during the
///   call only
/// @param serverURI the server; valid during the call only
/// @param context the context member of MQTTClient_persistence
/// @return 0, or MQTTCLIENT_PERSISTENCE_ERROR
pub type Persistence_open = Option<
    unsafe extern "C" fn(
        handle: *mut *mut c_void,
        clientID: *const c_char,
        serverURI: *const c_char,
        context: *mut c_void,
    ) -> c_int,
>;

/// Closes the store. Its records are kept.
///
/// @param handle as set by the open function
/// @return 0, or MQTTCLIENT_PERSISTENCE_ERROR
pub type Persistence_close = Option<unsafe extern "C" fn(handle: *mut c_void) -> c_int>;

/// Stores a record, replacing any record with the same key. The record is the concatenation of the
/// buffers.
///
/// @param handle as set by the open function
/// @param key key of the record; valid during the call only
/// @param bufcount number of buffers
/// @param buffers the buffers; valid during the call only
/// @param buflens lengths of the buffers; valid during the call only
/// @return 0, or MQTTCLIENT_PERSISTENCE_ERROR
pub type Persistence_put = Option<
    unsafe extern "C" fn(
        handle: *mut c_void,
        key: *mut c_char,
        bufcount: c_int,
        buffers: *mut *mut c_char,
        buflens: *mut c_int,
    ) -> c_int,
>;

/// Reads a record.
///
/// @param handle as set by the open function
/// @param key key of the record
/// @param buffer set it to memory from malloc() that contains the record; the library frees it
/// @param buflen set it to the length of the record
/// @return 0, or MQTTCLIENT_PERSISTENCE_ERROR, for example if there is no such record
pub type Persistence_get = Option<
    unsafe extern "C" fn(
        handle: *mut c_void,
        key: *mut c_char,
        buffer: *mut *mut c_char,
        buflen: *mut c_int,
    ) -> c_int,
>;

/// Removes a record.
///
/// @param handle as set by the open function
/// @param key key of the record
/// @return 0, or MQTTCLIENT_PERSISTENCE_ERROR
pub type Persistence_remove = Option<unsafe extern "C" fn(handle: *mut c_void, key: *mut c_char) -> c_int>;

/// Lists the keys of all records.
///
/// @param handle as set by the open function
/// @param keys set it to an array from malloc() of strings from malloc(), which the library frees, or
///   to NULL if there are none
/// @param nkeys set it to the number of keys
/// @return 0, or MQTTCLIENT_PERSISTENCE_ERROR
pub type Persistence_keys = Option<
    unsafe extern "C" fn(handle: *mut c_void, keys: *mut *mut *mut c_char, nkeys: *mut c_int) -> c_int,
>;

/// Removes all records.
///
/// @param handle as set by the open function
/// @return 0, or MQTTCLIENT_PERSISTENCE_ERROR
pub type Persistence_clear = Option<unsafe extern "C" fn(handle: *mut c_void) -> c_int>;

/// Checks whether a record exists.
///
/// @param handle as set by the open function
/// @param key key of the record
/// @return 0 if it exists, any other value if not
pub type Persistence_containskey =
    Option<unsafe extern "C" fn(handle: *mut c_void, key: *mut c_char) -> c_int>;

/// A store implemented by the application, for MQTTCLIENT_PERSISTENCE_USER. All functions must be set.
/// The structure must stay valid until the client is destroyed.
///
/// The functions may be called on any thread, one at a time in the whole process. They must not call
/// the API: every handle is rejected while they run.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_persistence {
    /// Passed to popen.
    pub context: *mut c_void,
    /// Opens the store.
    pub popen: Persistence_open,
    /// Closes the store.
    pub pclose: Persistence_close,
    /// Stores a record.
    pub pput: Persistence_put,
    /// Reads a record.
    pub pget: Persistence_get,
    /// Removes a record.
    pub premove: Persistence_remove,
    /// Lists the keys.
    pub pkeys: Persistence_keys,
    /// Removes all records.
    pub pclear: Persistence_clear,
    /// Checks whether a record exists.
    pub pcontainskey: Persistence_containskey,
}

/// Called before a record is stored; may transform it, for example encrypt it.
///
/// @param context as passed to MQTTAsync_setBeforePersistenceWrite()
/// @param bufcount number of buffers that make up the record
/// @param buffers the buffers. To change one, replace the pointer with memory from MQTTAsync_malloc(),
///   which the library frees; do not modify or free the original
/// @param buflens lengths of the buffers, to be updated as well
/// @return 0, or another value to cancel the write
/// @note Must not call the API, except MQTTAsync_malloc() and MQTTAsync_free().
pub type MQTTPersistence_beforeWrite = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        bufcount: c_int,
        buffers: *mut *mut c_char,
        buflens: *mut c_int,
    ) -> c_int,
>;

/// Called after a record was read; reverses the transformation done before it was stored.
///
/// @param context as passed to MQTTAsync_setAfterPersistenceRead()
/// @param buffer the record. To change it, free it with MQTTAsync_free() and replace the pointer with
///   memory from MQTTAsync_malloc()
/// @param buflen length of the record, to be updated as well
/// @return 0, or another value to ignore the record
/// @note Must not call the API, except MQTTAsync_malloc() and MQTTAsync_free().
pub type MQTTPersistence_afterRead =
    Option<unsafe extern "C" fn(context: *mut c_void, buffer: *mut *mut c_char, buflen: *mut c_int) -> c_int>;

assert_layout!(
    MQTTClient_persistence, size 72/36, align 8/4,
    context @ 0, popen @ 8/4, pclose @ 16/8, pput @ 24/12, pget @ 32/16, premove @ 40/20, pkeys @ 48/24,
    pclear @ 56/28, pcontainskey @ 64/32,
);
