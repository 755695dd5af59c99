//! The connection of a client, on which its session works: the stream, who reads and writes, what is half read and half
//! written, what the poller was asked for, the acknowledgements of TCP, bursts. It makes no system call that waits and knows
//! neither the session nor the lock: `drivers` reads and writes.

pub(in crate::engine) mod gathering;
mod held;
mod joined;
mod open_connection;
mod quick_ack;

pub(in crate::engine) use held::LONGEST_HELD;
pub(in crate::engine) use open_connection::Connection;
