//! Readiness of sockets: several threads wait together, each event goes to exactly one of them.
//!
//! On Linux they wait on one epoll instance. Elsewhere one of them leads: it waits for all (`portable`).

#[cfg(not(portable))]
mod epoll;
#[cfg(portable)]
mod portable;
#[cfg(test)]
mod tests;
mod wakeup;

#[cfg(not(portable))]
pub(in crate::engine) use epoll::Poller;
#[cfg(portable)]
pub(in crate::engine) use portable::Poller;
pub(in crate::engine) use wakeup::{Readiness, Token, Wakeup};
