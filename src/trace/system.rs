//! What the log needs of the C library: local time, and the application's own standard output.

use crate::system::standard_output;
use core::ffi::c_char;
use std::ffi::CString;
use std::time::{SystemTime, UNIX_EPOCH};

/// The current local time as `YYYYMMDD HHMMSS.mmm`.
pub(super) fn local_time_stamp() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (time, years) = local_time_until(now.as_secs(), LATEST);
    format!(
        "{:04}{:02}{:02} {:02}{:02}{:02}.{:03}",
        time.tm_year + 1900 + years,
        time.tm_mon + 1,
        time.tm_mday,
        time.tm_hour,
        time.tm_min,
        time.tm_sec,
        now.subsec_millis()
    )
}

/// The latest time that the C library takes, less a day for the time zone: where its type has 32 bits, in 2038.
const LATEST: u64 = (libc::time_t::MAX as u64).saturating_sub(24 * 60 * 60);
/// After so many years the calendar and the rules for summer time repeat, from 1901 to 2099.
const CYCLE_YEARS: i32 = 28;
const CYCLE_SECONDS: u64 = (28 * 365 + 7) * 24 * 60 * 60;

/// Local time, asked for a year that the C library knows and is like the right one, and how many years to add to it.
fn local_time_until(seconds: u64, latest: u64) -> (libc::tm, i32) {
    let cycles = seconds.saturating_sub(latest).div_ceil(CYCLE_SECONDS);
    let known = seconds.saturating_sub(cycles.saturating_mul(CYCLE_SECONDS));
    let years = i32::try_from(cycles).unwrap_or_default().saturating_mul(CYCLE_YEARS);
    (local_time(libc::time_t::try_from(known).unwrap_or_default()), years)
}

fn local_time(seconds: libc::time_t) -> libc::tm {
    // SAFETY: `tm` consists of integers and a pointer, for all of which zero bytes are a value.
    let mut time: libc::tm = unsafe { core::mem::zeroed() };
    // SAFETY: both pointers are to live locals; the function keeps neither.
    unsafe { libc::localtime_r(&raw const seconds, &raw mut time) };
    time
}

/// Writes text to the C library's standard output and flushes it, so that it appears between what the
/// application prints before and after.
pub(super) fn write_standard_output(text: String) {
    let Ok(text) = CString::new(text) else { return };
    let stream = standard_output();
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

    /// The time zone is that of a process, so each has one of its own: this test program again.
    #[cfg(target_pointer_width = "64")]
    #[test]
    fn times_after_2038_are_right_where_the_type_has_32_bits() {
        let name = "trace::system::tests::a_late_time_is_that_of_a_like_year";
        let zones = [
            "UTC",
            "CET-1CEST,M3.5.0,M10.5.0/3",
            "EST5EDT,M3.2.0,M11.1.0",
            "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        ];
        for zone in zones {
            let mut command = std::process::Command::new(std::env::current_exe().unwrap());
            let output = command.args(["--exact", name, "--ignored"]).env("TZ", zone).output().unwrap();
            assert!(output.status.success(), "{zone}: {}", String::from_utf8_lossy(&output.stdout));
            assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{zone}");
        }
    }

    #[cfg(target_pointer_width = "64")]
    #[test]
    #[ignore = "run by another test, in several time zones"]
    fn a_late_time_is_that_of_a_like_year() {
        let latest = u64::from(i32::MAX.unsigned_abs()) - 24 * 60 * 60;
        let end_of_2099 = 4_102_358_400;
        for seconds in (0..end_of_2099).step_by(7 * 60 * 60 + 11).chain(latest - 2..latest + 3) {
            let ((found, years), right) = (local_time_until(seconds, latest), local_time(seconds as i64));
            let fields = |time: &libc::tm| {
                [time.tm_mon, time.tm_mday, time.tm_hour, time.tm_min, time.tm_sec, time.tm_wday]
            };
            assert_eq!(fields(&found), fields(&right), "{seconds}");
            assert_eq!(found.tm_year + years, right.tm_year, "{seconds}");
        }
    }

    #[test]
    fn time_stamp_has_the_known_shape() {
        let stamp = local_time_stamp();
        let shape: String = stamp.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
        assert_eq!(shape, "99999999 999999.999");
    }
}
