//! Shared by all clients of the process: threads, their poller and alarms, clock, signals, forks, handles, environment.

pub(in crate::engine) mod alarms;
pub(in crate::engine) mod busy_wait;
pub(in crate::engine) mod callback_threads;
pub(in crate::engine) mod clock;
pub mod environment;
pub(in crate::engine) mod handle_memory;
pub(in crate::engine) mod handover;
pub(in crate::engine) mod in_progress;
pub(in crate::engine) mod kept;
pub(in crate::engine) mod lane;
pub(in crate::engine) mod mode;
pub(in crate::engine) mod poller;
pub(in crate::engine) mod pool;
pub(in crate::engine) mod process;
pub(in crate::engine) mod registry;
pub(in crate::engine) mod signals;
pub(in crate::engine) mod stack;
pub(in crate::engine) mod start_log;
pub mod version_info;
pub(in crate::engine) mod watch;
