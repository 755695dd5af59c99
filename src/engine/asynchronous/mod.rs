//! The asynchronous client: the same session and connection, driven by the pool alone. Calls only put requests in; what
//! becomes of them comes through the callback lane.
//!
//! `plan` is what goes in and comes out, `state` what is kept between, `attempts` makes connections, `reconnecting` makes
//! them again, `requests` takes what the program wants sent, `ending` is disconnect and destroy, `patience` the time that
//! a disconnect takes at most, `stored_requests` keeps requests in a store until they are sent, `results` brings outcomes to
//! the program, `catching_up` lets many be told at a time.

mod attempts;
mod catching_up;
mod ending;
mod patience;
mod plan;
mod reconnecting;
mod requests;
mod results;
mod state;
mod stored_requests;

pub(super) use catching_up::CatchingUp;
pub use plan::{AsyncError, Cause, Completion, ConnectPlan, Connection, Outcome, OwnedWill};
pub(super) use results::Conclusion;
pub(super) use state::Asynchronous;
