//! The calls of the two APIs: publish, subscribe, receive, wait, disconnect.

mod acknowledge;
pub(in crate::engine) mod authenticate;
pub(in crate::engine) mod disconnect;
pub(in crate::engine) mod event_loop;
pub(in crate::engine) mod options;
pub(in crate::engine) mod publish;
pub(in crate::engine) mod receive;
pub(in crate::engine) mod statistics;
pub(in crate::engine) mod submit;
pub(in crate::engine) mod subscribe;
