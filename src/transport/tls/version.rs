//! Which OpenSSL this is.

use openssl::version;

/// Version, compiler flags, build time, platform and directory, in the words of the OpenSSL that was loaded.
pub fn texts() -> [&'static str; 5] {
    [version::version(), version::c_flags(), version::built_on(), version::platform(), version::dir()]
}
