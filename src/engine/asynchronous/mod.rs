//! The asynchronous client: the same session and connection, driven by the pool alone. Calls only put requests in; what
//! becomes of them comes through the callback lane.
//!
//! `plan` has the inputs and outputs, `state` the state in between, `attempts` makes connections, `reconnecting` makes
//! them again, `requests` accepts requests to send, `ending` is disconnect and destroy, `patience` the time limit of a
//! disconnect, `stored_requests` keeps requests in a store until they are sent, `results` reports outcomes to the
//! application, `catching_up` lets many be reported at a time.

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
