//! The store a program can supply, and the hooks around stored data (`MQTTClientPersistence.h`).

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_void};

use super::assert_layout;

/// Persistence type: files, in the directory that the persistence context names (a const char*), or in
/// the working directory if it is NULL.
pub const MQTTCLIENT_PERSISTENCE_DEFAULT: c_int = 0;
/// Persistence type: memory only. Messages in flight do not survive the end of the program.
pub const MQTTCLIENT_PERSISTENCE_NONE: c_int = 1;
/// Persistence type: functions of the program, in the MQTTClient_persistence object that the persistence
/// context points to.
pub const MQTTCLIENT_PERSISTENCE_USER: c_int = 2;
/// What a persistence function returns when it failed.
pub const MQTTCLIENT_PERSISTENCE_ERROR: c_int = -2;

/// Opens the store of one client.
///
/// handle: set it to whatever the other functions shall be given. clientID, serverURI: together they name
/// the store; valid during the call only. context: the member of MQTTClient_persistence.
/// Returns 0, or MQTTCLIENT_PERSISTENCE_ERROR.
pub type Persistence_open = Option<
    unsafe extern "C" fn(
        handle: *mut *mut c_void,
        clientID: *const c_char,
        serverURI: *const c_char,
        context: *mut c_void,
    ) -> c_int,
>;

/// Closes the store; what it holds stays.
///
/// Returns 0, or MQTTCLIENT_PERSISTENCE_ERROR.
pub type Persistence_close = Option<unsafe extern "C" fn(handle: *mut c_void) -> c_int>;

/// Stores one record under a key, replacing an earlier record of that key.
///
/// The record is the bufcount buffers put together; buflens holds their lengths. All arguments are valid
/// during the call only.
/// Returns 0, or MQTTCLIENT_PERSISTENCE_ERROR.
pub type Persistence_put = Option<
    unsafe extern "C" fn(
        handle: *mut c_void,
        key: *mut c_char,
        bufcount: c_int,
        buffers: *mut *mut c_char,
        buflens: *mut c_int,
    ) -> c_int,
>;

/// Fetches one record.
///
/// buffer: set it to memory from malloc() that holds the record; the library frees it. buflen: set it to
/// the length of the record.
/// Returns 0, or MQTTCLIENT_PERSISTENCE_ERROR, for example when there is no such key.
pub type Persistence_get = Option<
    unsafe extern "C" fn(
        handle: *mut c_void,
        key: *mut c_char,
        buffer: *mut *mut c_char,
        buflen: *mut c_int,
    ) -> c_int,
>;

/// Removes one record.
///
/// Returns 0, or MQTTCLIENT_PERSISTENCE_ERROR.
pub type Persistence_remove = Option<unsafe extern "C" fn(handle: *mut c_void, key: *mut c_char) -> c_int>;

/// Lists the keys in the store.
///
/// keys: set it to an array from malloc() of texts from malloc(), or to NULL when there are none; the
/// library frees them. nkeys: set it to their number.
/// Returns 0, or MQTTCLIENT_PERSISTENCE_ERROR.
pub type Persistence_keys = Option<
    unsafe extern "C" fn(handle: *mut c_void, keys: *mut *mut *mut c_char, nkeys: *mut c_int) -> c_int,
>;

/// Removes all records.
///
/// Returns 0, or MQTTCLIENT_PERSISTENCE_ERROR.
pub type Persistence_clear = Option<unsafe extern "C" fn(handle: *mut c_void) -> c_int>;

/// Tells whether there is a record of this key.
///
/// Returns 0 if there is, anything else if not.
pub type Persistence_containskey =
    Option<unsafe extern "C" fn(handle: *mut c_void, key: *mut c_char) -> c_int>;

/// A store that the program supplies, for MQTTCLIENT_PERSISTENCE_USER. No member may be NULL.
/// The object must stay in place until the client is destroyed.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTClient_persistence {
    /// The program's own; handed to popen.
    pub context: *mut c_void,
    /// Opens the store.
    pub popen: Persistence_open,
    /// Closes it.
    pub pclose: Persistence_close,
    /// Stores a record.
    pub pput: Persistence_put,
    /// Fetches a record.
    pub pget: Persistence_get,
    /// Removes a record.
    pub premove: Persistence_remove,
    /// Lists the keys.
    pub pkeys: Persistence_keys,
    /// Removes all records.
    pub pclear: Persistence_clear,
    /// Tells whether a record exists.
    pub pcontainskey: Persistence_containskey,
}

/// Called before a record is stored: may change the bytes, for example to encrypt them.
///
/// buffers, buflens: bufcount buffers with their lengths. To change one, put another pointer, to memory from
/// MQTTAsync_malloc(), and another length in its place; the bytes the old one points to must stay as they are.
/// Returns 0, or another value to give the write up.
pub type MQTTPersistence_beforeWrite = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        bufcount: c_int,
        buffers: *mut *mut c_char,
        buflens: *mut c_int,
    ) -> c_int,
>;

/// Called after a record was fetched: undoes what the function called before storing did.
///
/// buffer, buflen: the record. To change it, replace the pointer by memory from MQTTAsync_malloc(), free the
/// old one with MQTTAsync_free(), and set the length.
/// Returns 0, or another value to have the record ignored.
pub type MQTTPersistence_afterRead =
    Option<unsafe extern "C" fn(context: *mut c_void, buffer: *mut *mut c_char, buflen: *mut c_int) -> c_int>;

assert_layout!(
    MQTTClient_persistence, size 72, align 8,
    context @ 0, popen @ 8, pclose @ 16, pput @ 24, pget @ 32, premove @ 40, pkeys @ 48, pclear @ 56,
    pcontainskey @ 64,
);
