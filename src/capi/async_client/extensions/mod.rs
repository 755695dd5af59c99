//! What only `MQTTAsyncExt.h` has.

pub mod event_loop;
