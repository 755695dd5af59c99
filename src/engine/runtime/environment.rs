//! Environment variables that change what the library does, and whether the process may obey them.
//!
//! A set-user-id program runs with rights that its caller does not have, so it must not obey the caller's environment.
//! Every variable of the library is read through [`variable`]; layers that may not name the engine are given the value, or
//! whether the environment is trusted.

use std::ffi::OsString;
#[cfg(target_os = "linux")]
use std::sync::OnceLock;

/// The value of an environment variable; `None` in a privileged process.
pub fn variable(name: &str) -> Option<OsString> {
    if is_privileged() { None } else { std::env::var_os(name) }
}

/// True if the process has rights that its caller does not have: set-user-id, set-group-id, file capabilities.
#[cfg(target_os = "linux")]
pub fn is_privileged() -> bool {
    // It stays what it was at the start of the process, and each create asks several times.
    static IS_PRIVILEGED: OnceLock<bool> = OnceLock::new();
    // SAFETY: reads a value that the kernel gave at the start of the process; takes no pointer.
    *IS_PRIVILEGED.get_or_init(|| unsafe { libc::getauxval(libc::AT_SECURE) != 0 })
}

/// True if the process has rights that its caller does not have: set-user-id, set-group-id.
#[cfg(not(target_os = "linux"))]
pub fn is_privileged() -> bool {
    // SAFETY: `geteuid` takes nothing and cannot fail.
    let effective_user = unsafe { libc::geteuid() };
    // SAFETY: `getuid` takes nothing and cannot fail.
    let user = unsafe { libc::getuid() };
    // SAFETY: `getegid` takes nothing and cannot fail.
    let effective_group = unsafe { libc::getegid() };
    // SAFETY: `getgid` takes nothing and cannot fail.
    let group = unsafe { libc::getgid() };
    effective_user != user || effective_group != group
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
