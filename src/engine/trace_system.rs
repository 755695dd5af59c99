//! What the log needs of the C library: local time, and the program's own standard output.

use core::ffi::c_char;
use std::ffi::CString;
use std::time::{SystemTime, UNIX_EPOCH};

unsafe extern "C" {
    /// The C library's stream: shared with the program's `printf`, so that the order of both is kept.
    #[cfg_attr(target_vendor = "apple", link_name = "__stdoutp")]
    static mut stdout: *mut libc::FILE;
}

/// The current local time as `YYYYMMDD HHMMSS.mmm`.
pub(super) fn local_time_stamp() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = libc::time_t::try_from(now.as_secs()).unwrap_or_default();
    let time = local_time(seconds);
    format!(
        "{:04}{:02}{:02} {:02}{:02}{:02}.{:03}",
        time.tm_year + 1900,
        time.tm_mon + 1,
        time.tm_mday,
        time.tm_hour,
        time.tm_min,
        time.tm_sec,
        now.subsec_millis()
    )
}

fn local_time(seconds: libc::time_t) -> libc::tm {
    // SAFETY: `tm` consists of integers and a pointer, for all of which zero bytes are a value.
    let mut time: libc::tm = unsafe { core::mem::zeroed() };
    // SAFETY: both pointers are to live locals; the function keeps neither.
    unsafe { libc::localtime_r(&raw const seconds, &raw mut time) };
    time
}

/// Writes text to the C library's standard output and flushes it, so that it stands between what the program
/// prints before and after.
pub(super) fn write_standard_output(text: String) {
    let Ok(text) = CString::new(text) else { return };
    // SAFETY: reads the pointer only; the C library sets it before `main` and programs do not take it away.
    let stream = unsafe { stdout };
    if stream.is_null() {
        return;
    }
    let start: *const c_char = text.as_ptr();
    // SAFETY: `start` is a zero-ended string alive over the call; `stream` is an open C stream, which locks itself.
    unsafe { libc::fputs(start, stream) };
    // SAFETY: as above.
    unsafe { libc::fflush(stream) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stamp_has_the_known_shape() {
        let stamp = local_time_stamp();
        let shape: String = stamp.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
        assert_eq!(shape, "99999999 999999.999");
    }
}
