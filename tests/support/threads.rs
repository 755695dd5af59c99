//! What this process uses: threads, descriptors, memory, processor time.

use std::fs;
use std::time::Duration;

/// The names of this process's threads that begin so.
pub(crate) fn threads(prefix: &str) -> Vec<String> {
    of_each_task(prefix, "comm")
}

/// Whether all threads of this process but the calling one are asleep.
pub(crate) fn others_sleep() -> bool {
    // The name in front of the state may have any characters.
    let sleeps = |line: &String| line.rsplit(')').next().is_some_and(|rest| rest.starts_with(" S"));
    of_each_task("", "stat").iter().filter(|line| !sleeps(line)).count() <= 1
}

/// What stands in this file of each thread with such a name.
fn of_each_task(prefix: &str, file: &str) -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    // A thread may end while one looks.
    let read = |path: std::path::PathBuf| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    tasks
        .filter_map(Result::ok)
        .filter(|task| read(task.path().join("comm")).starts_with(prefix))
        .map(|task| read(task.path().join(file)))
        .collect()
}

/// Processor time that all threads of this process have used.
pub(crate) fn processor_time() -> Duration {
    // SAFETY: all zeros is a value of this type.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the structure lives through the call.
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    let duration = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000);
    duration(usage.ru_utime) + duration(usage.ru_stime)
}

/// Time for which threads of this process were ready to run and had no processor, all of them together. Those that have ended
/// do not count.
pub(crate) fn queued_time() -> Duration {
    let nanoseconds = |line: &String| line.split(' ').nth(1)?.parse::<u64>().ok();
    Duration::from_nanos(of_each_task("", "schedstat").iter().filter_map(nanoseconds).sum())
}

pub(crate) fn open_descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Bytes of this process that are resident.
pub(crate) fn memory() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}
