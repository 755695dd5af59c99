//! Thread helpers that the original library exports by accident and its test programs use. They are in
//! no header.

use core::ffi::{c_int, c_void};
use core::mem::MaybeUninit;
use core::ptr;

use super::boundary::entry;
use super::c_heap;

/// A thread's function in C.
type ThreadFunction = extern "C" fn(*mut c_void) -> *mut c_void;

/// Runs `function(parameter)` on a new detached thread. A failure to start it is not reported.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Paho_thread_start(function: Option<ThreadFunction>, parameter: *mut c_void) {
    entry!("Paho_thread_start", (), {
        if let Some(function) = function {
            start(function, parameter);
        }
    });
}

/// Older spelling of [`Paho_thread_start`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Thread_start(function: Option<ThreadFunction>, parameter: *mut c_void) {
    // SAFETY: the same demands.
    unsafe { Paho_thread_start(function, parameter) };
}

fn start(function: ThreadFunction, parameter: *mut c_void) {
    let mut thread = MaybeUninit::uninit();
    // SAFETY: `thread` takes the identifier; no attributes; the C library runs the function, not we.
    let started = unsafe { libc::pthread_create(thread.as_mut_ptr(), ptr::null(), function, parameter) };
    if started == 0 {
        // SAFETY: pthread_create succeeded and wrote the identifier.
        let thread = unsafe { thread.assume_init() };
        // SAFETY: the thread is joinable and only we know its identifier. Should it have ended, its rest goes now.
        unsafe { libc::pthread_detach(thread) };
    }
}

/// A new mutex with default attributes, NULL if out of memory. `*rc` becomes 0, or -1 on failure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Paho_thread_create_mutex(rc: *mut c_int) -> *mut libc::pthread_mutex_t {
    entry!("Paho_thread_create_mutex", ptr::null_mut(), {
        let mutex = c_heap::allocate_value(libc::PTHREAD_MUTEX_INITIALIZER);
        if !rc.is_null() {
            // SAFETY: not NULL, so the application's variable.
            unsafe { rc.write(if mutex.is_some() { 0 } else { -1 }) };
        }
        mutex.map_or(ptr::null_mut(), ptr::NonNull::as_ptr)
    })
}

/// Older spelling of [`Paho_thread_create_mutex`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Thread_create_mutex(rc: *mut c_int) -> *mut libc::pthread_mutex_t {
    // SAFETY: the same demands.
    unsafe { Paho_thread_create_mutex(rc) }
}

/// Locks a mutex made by `Paho_thread_create_mutex`. The result is that of `pthread_mutex_lock`,
/// `EINVAL` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Paho_thread_lock_mutex(mutex: *mut libc::pthread_mutex_t) -> c_int {
    if mutex.is_null() {
        return libc::EINVAL;
    }
    // SAFETY: a mutex of the application.
    unsafe { libc::pthread_mutex_lock(mutex) }
}

/// Older spelling of [`Paho_thread_lock_mutex`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Thread_lock_mutex(mutex: *mut libc::pthread_mutex_t) -> c_int {
    // SAFETY: the same demands.
    unsafe { Paho_thread_lock_mutex(mutex) }
}

/// Unlocks a mutex. The result is that of `pthread_mutex_unlock`, `EINVAL` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Paho_thread_unlock_mutex(mutex: *mut libc::pthread_mutex_t) -> c_int {
    if mutex.is_null() {
        return libc::EINVAL;
    }
    // SAFETY: a mutex of the application.
    unsafe { libc::pthread_mutex_unlock(mutex) }
}

/// Older spelling of [`Paho_thread_unlock_mutex`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Thread_unlock_mutex(mutex: *mut libc::pthread_mutex_t) -> c_int {
    // SAFETY: the same demands.
    unsafe { Paho_thread_unlock_mutex(mutex) }
}

/// The calling thread, as `pthread_self` names it.
#[unsafe(no_mangle)]
pub extern "C" fn Paho_thread_getid() -> libc::pthread_t {
    // SAFETY: pthread_self has no demands.
    unsafe { libc::pthread_self() }
}

/// Older spelling of [`Paho_thread_getid`].
#[unsafe(no_mangle)]
pub extern "C" fn Thread_getid() -> libc::pthread_t {
    Paho_thread_getid()
}

#[cfg(test)]
#[allow(clippy::multiple_unsafe_ops_per_block, reason = "all calls of a test rely on the same fact")]
mod tests {
    use super::*;

    extern "C" fn send_on(sender: *mut c_void) -> *mut c_void {
        // SAFETY: the test passes a boxed sender and gives it up.
        let sender = unsafe { Box::from_raw(sender.cast::<std::sync::mpsc::Sender<libc::pthread_t>>()) };
        sender.send(Thread_getid()).unwrap();
        ptr::null_mut()
    }

    #[test]
    fn started_threads_run_the_function() {
        let (sender, receiver) = std::sync::mpsc::channel::<libc::pthread_t>();
        // SAFETY: the function takes exactly this box.
        unsafe { Thread_start(Some(send_on), Box::into_raw(Box::new(sender)).cast()) };
        assert_ne!(receiver.recv().unwrap(), Paho_thread_getid());
    }

    #[test]
    fn mutexes_lock_and_unlock() {
        let mut rc = 7;
        // SAFETY: a mutex of our own, freed once at the end.
        unsafe {
            let mutex = Thread_create_mutex(&raw mut rc);
            assert_eq!((rc, mutex.is_null()), (0, false));
            assert_eq!((Thread_lock_mutex(mutex), Thread_unlock_mutex(mutex)), (0, 0));
            assert_eq!(Paho_thread_lock_mutex(ptr::null_mut()), libc::EINVAL);
            assert_eq!(Paho_thread_unlock_mutex(ptr::null_mut()), libc::EINVAL);
            assert!(!Paho_thread_create_mutex(ptr::null_mut()).is_null());
            c_heap::release(mutex);
        }
    }
}
