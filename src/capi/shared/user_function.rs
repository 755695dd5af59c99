//! Calls of the application's functions, and the contexts they get. None of them may be left by `pthread_exit`, by `pthread_cancel` or by a C++
//! exception: the threads that call them have work to finish, and nothing can pass through the frames of the library.
//! Where that happens the process ends with a message.

use core::ffi::c_void;
use core::mem::{forget, transmute};
use core::ptr;
use std::io::{Write, stderr};
use std::panic::{catch_unwind, resume_unwind};
use std::process::abort;
use std::sync::Once;

/// A pointer that the application set with a callback and gets back with each call.
///
/// The library never dereferences it and passes it to whichever thread runs the callback, as documented.
#[derive(Clone, Copy)]
pub(crate) struct Context(pub(crate) *mut c_void);

// SAFETY: only a value to the library; what it points to is the application's business.
unsafe impl Send for Context {}
// SAFETY: as above; nothing is ever changed.
unsafe impl Sync for Context {}

/// A function of the application, or none, and its context.
#[derive(Clone, Copy)]
pub(crate) struct Slot<F> {
    pub(crate) context: Context,
    pub(crate) function: F,
}

impl<F> Slot<F> {
    pub(crate) const fn new(context: *mut c_void, function: F) -> Slot<F> {
        Slot { context: Context(context), function }
    }
}

impl<F> Slot<Option<F>> {
    pub(crate) const EMPTY: Slot<Option<F>> = Slot::new(ptr::null_mut(), None);

    pub(crate) fn is_set(&self) -> bool {
        self.function.is_some()
    }
}

/// A function of the application.
pub(crate) trait UserFunction<Arguments> {
    type Result;

    /// Calls it. `name`: what it is called where a program sets it.
    ///
    /// # Safety
    /// The arguments are what the interface promises to this function.
    unsafe fn call(self, name: &'static str, arguments: Arguments) -> Self::Result;
}

/// Must have been called before such a call: the C library unwinds with its own copy of the unwinder, and what it then asks of
/// the library's copy takes for granted that this one has been at work before.
pub(crate) fn prepare() {
    static UNWINDER: Once = Once::new();
    UNWINDER.call_once(|| drop(catch_unwind(|| resume_unwind(Box::new(())))));
}

macro_rules! callable {
    ($($argument:ident: $type:ident),*) => {
        impl<$($type,)* R> UserFunction<($($type,)*)> for unsafe extern "C" fn($($type),*) -> R {
            type Result = R;

            #[inline]
            unsafe fn call(self, name: &'static str, ($($argument,)*): ($($type,)*)) -> R {
                // SAFETY: the same function; the type only adds that it may be left by unwinding.
                let function: unsafe extern "C-unwind" fn($($type),*) -> R = unsafe { transmute(self) };
                let call = Call(name);
                // SAFETY: the caller's promise.
                let result = unsafe { function($($argument),*) };
                forget(call);
                result
            }
        }
    };
}

callable!(a: A);
callable!(a: A, b: B);
callable!(a: A, b: B, c: C);
callable!(a: A, b: B, c: C, d: D);
callable!(a: A, b: B, c: C, d: D, e: E);
callable!(a: A, b: B, c: C, d: D, e: E, f: F);

/// A call under way. It is dropped only where the function is left in another way than by returning.
struct Call(&'static str);

impl Drop for Call {
    #[cold]
    #[allow(clippy::disallowed_methods, reason = "the program itself has taken away the thread")]
    fn drop(&mut self) {
        let name = self.0;
        let text = format!(
            "MQTT: the program's {name} function was left by pthread_exit, pthread_cancel or an exception: cannot continue\n"
        );
        // Nothing is left to be done where that does not work.
        let _ = stderr().write_all(text.as_bytes());
        abort();
    }
}
