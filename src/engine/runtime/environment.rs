//! Environment variables that change what the library does, and whether the process may obey them.
//!
//! A set-user-id program runs with rights that its caller does not have, so it must not obey the caller's environment.
//! Every variable of the library is read through [`variable`]; layers that may not name the engine are given the value, or
//! whether the environment is trusted.

use crate::system;
use std::ffi::OsString;
use std::sync::OnceLock;

/// The value of an environment variable; `None` in a privileged process.
pub fn variable(name: &str) -> Option<OsString> {
    if is_privileged() { None } else { std::env::var_os(name) }
}

/// True if the process has rights that its caller does not have.
pub fn is_privileged() -> bool {
    // It stays what it was at the start of the process, and each create asks several times.
    static IS_PRIVILEGED: OnceLock<bool> = OnceLock::new();
    *IS_PRIVILEGED.get_or_init(system::is_privileged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_process_obeys_its_environment() {
        assert!(!is_privileged());
        assert_eq!(variable("PATH"), std::env::var_os("PATH"));
        assert_eq!(variable("PAHO_C_RS_NO_SUCH_VARIABLE"), None);
    }
}
