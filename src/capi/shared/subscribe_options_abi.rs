//! The options of one MQTT 5.0 subscription (`MQTTSubscribeOpts.h`).

#![allow(non_camel_case_types, non_snake_case, reason = "the names are those of the C interface")]

use std::ffi::{c_char, c_int, c_uchar};

use super::assert_layout;

/// The MQTT 5.0 options of one subscription. Start from MQTTSubscribe_options_initializer, which
/// is what MQTT 3.1.1 does. Earlier protocol versions have no such options.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MQTTSubscribe_options {
    /// Always "MQSO" (no terminating zero).
    pub struct_id: [c_char; 4],
    /// Version of this structure: 0.
    pub struct_version: c_int,
    /// 1: messages this client publishes itself are not sent back to it. 0: they are.
    pub noLocal: c_uchar,
    /// 1: the retained flag of a message arrives as its publisher set it. 0: it is set only on
    /// messages sent because the subscription is new.
    pub retainAsPublished: c_uchar,
    /// What happens to retained messages when the subscription is made: 0 they are sent, 1 they are
    /// sent if the subscription did not exist before, 2 they are not sent.
    pub retainHandling: c_uchar,
}

assert_layout!(
    MQTTSubscribe_options, size 12, align 4,
    struct_id @ 0, struct_version @ 4, noLocal @ 8, retainAsPublished @ 9, retainHandling @ 10,
);
