//! The callbacks of one handle as set by the application.

use core::ffi::c_void;
use core::ptr;

use super::abi::{
    MQTTAsync_connected, MQTTAsync_connectionLost, MQTTAsync_deliveryComplete, MQTTAsync_disconnected,
    MQTTAsync_messageArrived, MQTTAsync_updateConnectOptions,
};
use crate::capi::shared::persistence_abi::{MQTTPersistence_afterRead, MQTTPersistence_beforeWrite};
use crate::capi::shared::user_function::Context;
use crate::engine::Interest;

/// A function of the application, or none, and its context.
#[derive(Clone, Copy)]
pub(crate) struct Slot<F> {
    pub(crate) context: Context,
    pub(crate) function: F,
}

impl<F> Slot<F> {
    pub(crate) const fn new(context: *mut c_void, function: F) -> Slot<F> {
        Slot { context: Context(context), function }
    }
}

/// The callbacks of one handle.
#[derive(Clone, Copy)]
pub(crate) struct Slots {
    pub(crate) connection_lost: Slot<MQTTAsync_connectionLost>,
    pub(crate) message_arrived: Slot<MQTTAsync_messageArrived>,
    pub(crate) delivery_complete: Slot<MQTTAsync_deliveryComplete>,
    pub(crate) connected: Slot<MQTTAsync_connected>,
    pub(crate) disconnected: Slot<MQTTAsync_disconnected>,
    pub(crate) update_connect_options: Slot<MQTTAsync_updateConnectOptions>,
    pub(crate) before_write: Slot<MQTTPersistence_beforeWrite>,
    pub(crate) after_read: Slot<MQTTPersistence_afterRead>,
}

pub(crate) const NOTHING_SET: Slots = Slots {
    connection_lost: Slot::new(ptr::null_mut(), None),
    message_arrived: Slot::new(ptr::null_mut(), None),
    delivery_complete: Slot::new(ptr::null_mut(), None),
    connected: Slot::new(ptr::null_mut(), None),
    disconnected: Slot::new(ptr::null_mut(), None),
    update_connect_options: Slot::new(ptr::null_mut(), None),
    before_write: Slot::new(ptr::null_mut(), None),
    after_read: Slot::new(ptr::null_mut(), None),
};

const DELIVERY_COMPLETE: u8 = 2;
const CONNECTION_LOST: u8 = 4;
const DISCONNECTED: u8 = 8;
const CONNECTED: u8 = 16;
const UPDATE_CREDENTIALS: u8 = 32;

impl Slots {
    /// Which callbacks are set, as bits for [`interest_of`].
    pub(crate) fn bits(&self) -> u8 {
        let bit = |is_set: bool, bit: u8| if is_set { bit } else { 0 };
        bit(self.delivery_complete.function.is_some(), DELIVERY_COMPLETE)
            | bit(self.connection_lost.function.is_some(), CONNECTION_LOST)
            | bit(self.disconnected.function.is_some(), DISCONNECTED)
            | bit(self.connected.function.is_some(), CONNECTED)
            | bit(self.update_connect_options.function.is_some(), UPDATE_CREDENTIALS)
    }
}

/// Which callbacks are set.
pub(crate) fn interest_of(bits: u8) -> Interest {
    Interest {
        delivery_complete: bits & DELIVERY_COMPLETE != 0,
        published: false,
        connection_lost: bits & CONNECTION_LOST != 0,
        disconnected: bits & DISCONNECTED != 0,
        connected: bits & CONNECTED != 0,
        update_credentials: bits & UPDATE_CREDENTIALS != 0,
    }
}
