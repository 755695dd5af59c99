//! What waits for the application - messages, notices and results - and the callbacks it gets them by.

pub(in crate::engine) mod callbacks;
pub(in crate::engine) mod catching_up;
pub(in crate::engine) mod deliveries;
pub(in crate::engine) mod lane;
pub(in crate::engine) mod results;
