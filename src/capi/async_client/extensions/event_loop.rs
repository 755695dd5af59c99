//! `MQTTAsyncExt_getDescriptor`, `MQTTAsyncExt_nextDeadline`, `MQTTAsyncExt_process`.

use core::ffi::c_int;

use crate::capi::async_client::abi::MQTTAsync;
use crate::capi::async_client::handle;
use crate::capi::shared::boundary::client_entry;
use crate::capi::shared::extension_codes::{MQTTEXT_BUSY, MQTTEXT_NO_EVENT_LOOP};
use crate::capi::shared::faults::{Fault, code_of};
use crate::engine::EventLoopFault;

/// Returns the descriptor of a client that an event loop of the application drives. The option event.loop
/// of such a client is "external"; docs/event-loop.md has complete programs.
///
/// The descriptor is readable while MQTTAsyncExt_process() has something to do. It is to be watched for
/// reading only, by select(), poll(), epoll, kqueue or a library that uses them, and is never read, written
/// or closed by the application. It stays the same until the client is destroyed.
///
/// @param handle the client; it need not be connected
/// @param descriptor set to the descriptor
/// @return
/// - 0 (MQTTEXT_SUCCESS): descriptor was set
/// - -1 (MQTTEXT_FAILURE): handle is not a valid client handle, or the system gives no descriptor
/// - -6 (MQTTEXT_NULL_PARAMETER): descriptor is NULL
/// - -56 (MQTTEXT_NO_EVENT_LOOP): the option event.loop of the client is not "external"
///
/// @note The client is in use from this call on. In a forked child it has another descriptor.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsyncExt_getDescriptor(
    handle: MQTTAsync,
    descriptor: *mut c_int,
) -> c_int {
    client_entry!("MQTTAsyncExt_getDescriptor", Fault::FAILURE.code(), {
        // SAFETY: NULL or the application's variable.
        code_of(unsafe { set(handle, descriptor, |client| client.descriptor()) })
    })
}

/// Returns how long MQTTAsyncExt_process() has nothing to do, unless the descriptor becomes readable
/// before: until the next ping or reconnect, for instance.
///
/// @param handle the client
/// @param milliseconds set to the time until MQTTAsyncExt_process() has to be called, 0 if at once; to -1
///   if nothing is waited for but the descriptor
/// @return
/// - 0 (MQTTEXT_SUCCESS): milliseconds was set
/// - -1 (MQTTEXT_FAILURE): handle is not a valid client handle, or the system gives no descriptor
/// - -6 (MQTTEXT_NULL_PARAMETER): milliseconds is NULL
/// - -56 (MQTTEXT_NO_EVENT_LOOP): the option event.loop of the client is not "external"
///
/// @note It changes with each call of MQTTAsyncExt_process(), and when the descriptor becomes readable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsyncExt_nextDeadline(
    handle: MQTTAsync,
    milliseconds: *mut c_int,
) -> c_int {
    client_entry!("MQTTAsyncExt_nextDeadline", Fault::FAILURE.code(), {
        let left =
            |millis: Option<u64>| millis.map_or(-1, |millis| c_int::try_from(millis).unwrap_or(c_int::MAX));
        // SAFETY: NULL or the application's variable.
        code_of(unsafe { set(handle, milliseconds, |client| client.time_left().map(left)) })
    })
}

/// Does what a client has to do now, and runs its callbacks: reads what has come, writes what waits, and
/// does what is due. It does not wait. One call runs some hundred callbacks at most: if more are due, the
/// descriptor stays readable.
///
/// @param handle the client
/// @return
/// - 0 (MQTTEXT_SUCCESS): it was done
/// - -1 (MQTTEXT_FAILURE): handle is not a valid client handle, or the system gives no descriptor
/// - -56 (MQTTEXT_NO_EVENT_LOOP): the option event.loop of the client is not "external"
/// - -57 (MQTTEXT_BUSY): it is being done already, by the caller of this callback
///
/// @note The callbacks of this client run only here, and in calls that wait: MQTTAsync_destroy() and
/// MQTTAsync_waitForCompletion(). All functions may be called in them, also MQTTAsync_destroy().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MQTTAsyncExt_process(handle: MQTTAsync) -> c_int {
    client_entry!("MQTTAsyncExt_process", Fault::FAILURE.code(), {
        code_of(handle::find_or_fail(handle).and_then(|client| Ok(client.process()?)))
    })
}

/// # Safety
/// `variable` is NULL or the application's.
unsafe fn set(
    handle: MQTTAsync,
    variable: *mut c_int,
    get: impl FnOnce(&crate::engine::Client) -> Result<c_int, EventLoopFault>,
) -> Result<(), Fault> {
    let client = handle::find_or_fail(handle)?;
    // SAFETY: the caller's promise.
    let variable = unsafe { variable.as_mut() }.ok_or(Fault::NULL_PARAMETER)?;
    *variable = get(&client)?;
    Ok(())
}

impl From<EventLoopFault> for Fault {
    fn from(fault: EventLoopFault) -> Self {
        match fault {
            EventLoopFault::NotExternal => Fault(MQTTEXT_NO_EVENT_LOOP),
            EventLoopFault::InCallback => Fault(MQTTEXT_BUSY),
            EventLoopFault::NoDescriptor => Fault::FAILURE,
        }
    }
}
