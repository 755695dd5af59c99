//! What can be set of a client by name: by a function of the C interface, and by the environment for programs that cannot be
//! changed. `table` has the names, `environment` reads the variables.

mod environment;
mod set;
mod table;
mod values;

pub(in crate::engine) use environment::settle;
pub use set::OptionFault;
pub(in crate::engine) use values::Options;
