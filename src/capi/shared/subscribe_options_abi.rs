//! The options of one MQTT 5.0 subscription (`MQTTSubscribeOpts.h`).

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_uchar};

use super::assert_layout;

/// MQTT 5.0 options of a subscription. Initialize with MQTTSubscribe_options_initializer, which sets
/// the behaviour of MQTT 3.1.1. Ignored with earlier versions.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTSubscribe_options {
    /// Always "MQSO" (not zero-terminated).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// 1: messages published by this client are not sent back to it. 0: they are.
    pub noLocal: c_uchar,
    /// 1: the server keeps the retained flag as set by the publisher. 0: the flag is set only on
    /// messages sent because the subscription is new.
    pub retainAsPublished: c_uchar,
    /// When the server sends retained messages: 0 at every subscribe, 1 only if the subscription is
    /// new, 2 never.
    pub retainHandling: c_uchar,
}

assert_layout!(
    MQTTSubscribe_options, size 12, align 4,
    struct_id @ 0, struct_version @ 4, noLocal @ 8, retainAsPublished @ 9, retainHandling @ 10,
);
