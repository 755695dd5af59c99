//! Killing a program at one of its system calls, whichever of its threads makes that.

use super::store_client::StoreClient;
use std::collections::HashSet;
use std::ffi::c_void;
use std::fs;
use std::ptr;

/// What happened to a thread.
enum Event {
    /// It is about to enter a system call, or has left it.
    AtSystemCall(i32),
    /// It has stopped for another reason, and is to get this signal (0: none).
    Stopped(i32, i32),
    /// It is gone.
    Ended(i32),
}

fn trace(request: libc::c_uint, thread: i32, data: i32) -> bool {
    let none: *mut c_void = ptr::null_mut();
    // SAFETY: no memory of either process is touched.
    let result = unsafe { libc::ptrace(request, thread, none, data as usize as *mut c_void) };
    // A thread may be gone by now.
    result == 0
}

/// Waits for what happens next to a thread that is traced from this one. The end of the process is only looked at: its
/// number stays taken until its starter has waited for it.
fn next_event(process: i32) -> Event {
    // SAFETY: a structure of numbers.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let what = libc::WEXITED | libc::WSTOPPED | libc::__WALL | libc::__WNOTHREAD;
    // SAFETY: the structure lives through the call.
    let waited = unsafe { libc::waitid(libc::P_ALL, 0, &mut info, what | libc::WNOWAIT) };
    assert_eq!(waited, 0, "waitid: {}", std::io::Error::last_os_error());
    // SAFETY: waitid sets this.
    let thread = unsafe { info.si_pid() };
    // SAFETY: and this.
    let status = unsafe { info.si_status() };
    let stopped = info.si_code == libc::CLD_TRAPPED || info.si_code == libc::CLD_STOPPED;
    if !stopped && thread == process {
        return Event::Ended(thread);
    }
    // SAFETY: no status is wanted.
    unsafe { libc::waitpid(thread, ptr::null_mut(), libc::__WALL) };
    match (stopped, status & 0xFF, status >> 8) {
        (false, ..) => Event::Ended(thread),
        (true, signal, _) if signal == libc::SIGTRAP | 0x80 => Event::AtSystemCall(thread),
        (true, signal, 0) => Event::Stopped(thread, signal),
        (true, ..) => Event::Stopped(thread, 0),
    }
}

/// Traces all threads of a program, and the ones that it will start. They are stopped.
fn seize(process: i32) {
    let options = libc::PTRACE_O_EXITKILL | libc::PTRACE_O_TRACECLONE | libc::PTRACE_O_TRACESYSGOOD;
    let mut seized = HashSet::new();
    loop {
        let before = seized.len();
        for entry in fs::read_dir(format!("/proc/{process}/task")).unwrap() {
            let thread: i32 = entry.unwrap().file_name().to_str().unwrap().parse().unwrap();
            if !seized.contains(&thread) && trace(libc::PTRACE_SEIZE, thread, options) {
                assert!(trace(libc::PTRACE_INTERRUPT, thread, 0));
                seized.insert(thread);
            }
        }
        if seized.len() == before {
            assert!(seized.contains(&process), "ptrace: {}", std::io::Error::last_os_error());
            return;
        }
    }
}

/// Lets the program obey what it has been told, and kills it when one of its threads enters or leaves a system call for
/// the time with this number, all of them counted together. False: it has ended before that.
pub(crate) fn kill_at(client: &mut StoreClient, commands: &[&str], stop: usize) -> bool {
    let process = client.process_id();
    seize(process);
    commands.iter().for_each(|command| client.tell(command));
    client.close_input();
    let mut stops = 0;
    loop {
        match next_event(process) {
            Event::Ended(thread) if thread == process => return stops >= stop,
            Event::Ended(_) => {}
            Event::Stopped(thread, signal) => drop(trace(libc::PTRACE_SYSCALL, thread, signal)),
            Event::AtSystemCall(thread) => {
                stops += 1;
                if stops == stop {
                    // SAFETY: the process is a child that has not been waited for.
                    unsafe { libc::kill(process, libc::SIGKILL) };
                }
                trace(libc::PTRACE_SYSCALL, thread, 0);
            }
        }
    }
}
