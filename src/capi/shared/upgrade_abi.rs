//! The structures and the callback for the request of a WebSocket (`MQTTExt.h`).

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use core::ffi::{c_char, c_int, c_void};

use super::structure::assert_layout;

/// A line of an HTTP request.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MQTTExt_header {
    /// Name, without the colon.
    pub name: *const c_char,
    /// Value: one line.
    pub value: *const c_char,
}

/// The request that turns a connection into a WebSocket, as the callback gets it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MQTTExt_upgrade {
    /// Always "MQXU" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// The server URI that is being connected to.
    pub serverURI: *const c_char,
    /// Path and query of the request: at first those of the server URI. The callback may set others, which
    /// begin with "/".
    pub path: *const c_char,
    /// Lines to add to the request, to be set by the callback; at first NULL. Like path they are copied when
    /// the callback has returned and remain the application's.
    pub headers: *const MQTTExt_header,
    /// Number of headers, 100 at most; at first 0.
    pub headerCount: c_int,
}

assert_layout!(MQTTExt_header, size 16/8, align 8/4, name @ 0, value @ 8/4);
assert_layout!(
    MQTTExt_upgrade, size 40/24, align 8/4,
    struct_id @ 0, struct_version @ 4, serverURI @ 8, path @ 16/12, headers @ 24/16, headerCount @ 32/20,
);

/// Called before each request that turns a connection into a WebSocket.
///
/// @param context as passed to MQTTClientExt_setUpgrade() or MQTTAsyncExt_setUpgrade()
/// @param upgrade the request; the callback may set path, headers and headerCount. Valid until the callback
///   returns
/// @return
/// - 0: the request is sent
/// - any other value: it is not, and this attempt to connect fails. It fails as well if path or a header
///   contains what would end its line, or anything else that has no place there
///
/// @note It runs on the thread that makes the connection: with the synchronous API the one that called
///   connect, with the asynchronous API usually one of the library. It may run at the same time as callbacks,
///   and must not connect, disconnect or destroy its client.
pub type MQTTExt_prepareUpgrade =
    Option<unsafe extern "C" fn(context: *mut c_void, upgrade: *mut MQTTExt_upgrade) -> c_int>;
