//! The requester of a request, as the engine knows it, and the types of `session` that carry it.

use crate::session;
use std::mem::MaybeUninit;

/// Returned to the application with the completion of a request: its functions and their context, of types that only
/// its interface knows. The engine passes it on to [`Application::completed`](super::Application::completed).
#[derive(Clone, Copy, Debug)]
pub struct Requester(pub [MaybeUninit<usize>; 5]);

/// The end of a request of the asynchronous interface.
pub type Completion = session::Completion<Requester>;

pub(in crate::engine) type Session = session::Session<Requester>;
