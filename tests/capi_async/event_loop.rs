//! Clients without threads of the library: the application calls `MQTTAsyncExt_process` from an event loop of its own.

use crate::async_support::handle::*;
use crate::support::broker::{Broker, Listener, Reaction};
use crate::support::c_interface::*;
use crate::support::packet::{PINGREQ, PUBLISH};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::ffi::{CString, c_char, c_int, c_void};
use std::os::fd::BorrowedFd;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(20);

/// What the callbacks were given, and the threads on which they ran.
#[derive(Default)]
struct Told {
    lines: Mutex<Vec<(String, ThreadId)>>,
}

impl Told {
    fn new() -> &'static Told {
        Box::leak(Box::default())
    }

    fn context(&'static self) -> *mut c_void {
        ptr::from_ref(self).cast_mut().cast()
    }

    fn add(context: *mut c_void, line: &str) {
        let told = unsafe { &*context.cast::<Told>() };
        told.lines.lock().unwrap().push((line.to_owned(), thread::current().id()));
    }

    fn count(&self, line: &str) -> usize {
        self.lines.lock().unwrap().iter().filter(|(told, _)| told == line).count()
    }

    /// Nothing ran on another thread than this one.
    fn assert_on_this_thread(&self) {
        let me = thread::current().id();
        assert!(self.lines.lock().unwrap().iter().all(|(_, thread)| *thread == me));
    }
}

unsafe extern "C" fn succeeded(context: *mut c_void, _: *mut MQTTAsync_successData) {
    Told::add(context, "success");
}

unsafe extern "C" fn failed(context: *mut c_void, _: *mut MQTTAsync_failureData) {
    Told::add(context, "failure");
}

unsafe extern "C" fn lost(context: *mut c_void, _: *mut c_char) {
    Told::add(context, "lost");
}

unsafe extern "C" fn connected(context: *mut c_void, _: *mut c_char) {
    Told::add(context, "connected");
}

unsafe extern "C" fn arrived(
    context: *mut c_void,
    mut topic: *mut c_char,
    _: c_int,
    mut message: *mut MQTTAsync_message,
) -> c_int {
    Told::add(context, "message");
    unsafe { MQTTAsync_freeMessage(&raw mut message) };
    unsafe { MQTTAsync_free(ptr::replace(&raw mut topic, ptr::null_mut()).cast()) };
    1
}

/// A client that the test drives.
fn driven(uri: &str) -> Handle {
    let handle = Handle::to(&CString::new(uri).unwrap(), 4);
    let (name, value) = (c"event.loop".as_ptr(), c"external".as_ptr());
    assert_eq!(unsafe { MQTTAsyncExt_setOption(handle.0, name, value, ptr::null_mut(), 0) }, 0);
    handle
}

fn connect(handle: &Handle, told: &'static Told, keep_alive: c_int, reconnects: bool) {
    let options = MQTTAsync_connectOptions {
        keepAliveInterval: keep_alive,
        automaticReconnect: reconnects.into(),
        onSuccess: Some(succeeded),
        onFailure: Some(failed),
        context: told.context(),
        ..connect_options(4)
    };
    let context = told.context();
    let arrived = Some(arrived as _);
    assert_eq!(unsafe { MQTTAsync_setCallbacks(handle.0, context, Some(lost), arrived, None) }, 0);
    assert_eq!(unsafe { MQTTAsync_setConnected(handle.0, context, Some(connected)) }, 0);
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
}

fn send(handle: &Handle, told: &'static Told, qos: c_int) -> c_int {
    let mut response = MQTTAsync_responseOptions {
        context: told.context(),
        onSuccess: Some(succeeded),
        onFailure: Some(failed),
        ..response_options()
    };
    let (payload, length) = (b"hello".as_ptr().cast(), 5);
    let code = unsafe { MQTTAsync_send(handle.0, c"t".as_ptr(), length, payload, qos, 0, &raw mut response) };
    assert_eq!(code, 0);
    response.token
}

fn descriptor(handle: &Handle) -> c_int {
    let mut descriptor = -1;
    assert_eq!(unsafe { MQTTAsyncExt_getDescriptor(handle.0, &raw mut descriptor) }, 0);
    assert!(descriptor >= 0);
    descriptor
}

/// The event loop: waits as the client says, and lets it work.
#[track_caller]
fn drive(handle: &Handle, what: &str, mut is_over: impl FnMut() -> bool) {
    let (end, socket) = (Instant::now() + LIMIT, descriptor(handle));
    while !is_over() {
        assert!(Instant::now() < end, "{what}");
        let mut left = 0;
        assert_eq!(unsafe { MQTTAsyncExt_nextDeadline(handle.0, &raw mut left) }, 0);
        // The test itself looks now and then.
        let left = if left < 0 { 50 } else { left.min(50) };
        let left = Timespec { tv_sec: 0, tv_nsec: i64::from(left) * 1_000_000 };
        let watched = unsafe { BorrowedFd::borrow_raw(socket) };
        poll(&mut [PollFd::new(&watched, PollFlags::IN)], Some(&left)).unwrap();
        assert_eq!(unsafe { MQTTAsyncExt_process(handle.0) }, 0);
    }
}

#[test]
fn everything_happens_on_the_thread_that_processes() {
    let (broker, told) = (Broker::polite(), Told::new());
    let handle = driven(&broker.uri());
    let first = descriptor(&handle);
    connect(&handle, told, 60, false);
    drive(&handle, "the connection", || told.count("success") == 1);
    for qos in 0..3 {
        send(&handle, told, qos);
    }
    drive(&handle, "the results", || told.count("success") == 4);
    for _ in 0..100 {
        broker.send(0, &[0x30, 5, 0, 1, b't', b'h', b'i']);
    }
    drive(&handle, "the messages", || told.count("message") == 100);
    assert_eq!(descriptor(&handle), first, "it stays the same");
    told.assert_on_this_thread();
}

#[test]
fn a_burst_is_written_by_the_event_loop() {
    let (broker, told) = (Broker::polite(), Told::new());
    let handle = driven(&broker.uri());
    connect(&handle, told, 60, false);
    drive(&handle, "the connection", || told.count("success") == 1);
    for _ in 0..5000 {
        send(&handle, told, 1);
    }
    drive(&handle, "the results", || told.count("success") == 5001);
    told.assert_on_this_thread();
}

#[test]
fn another_thread_may_send_and_wait() {
    let (broker, told) = (Broker::polite(), Told::new());
    let handle = driven(&broker.uri());
    connect(&handle, told, 60, false);
    drive(&handle, "the connection", || told.count("success") == 1);
    let shared = handle.0 as usize;
    let sender = thread::spawn(move || {
        let handle = std::mem::ManuallyDrop::new(Handle(shared as MQTTAsync));
        let token = send(&handle, told, 1);
        unsafe { MQTTAsync_waitForCompletion(handle.0, token, 10_000) }
    });
    drive(&handle, "the end of the thread", || sender.is_finished());
    assert_eq!(sender.join().unwrap(), 0);
}

#[test]
fn a_call_that_waits_does_the_work_itself() {
    let (broker, told) = (Broker::polite(), Told::new());
    let handle = driven(&broker.uri());
    connect(&handle, told, 60, false);
    drive(&handle, "the connection", || told.count("success") == 1);
    let token = send(&handle, told, 2);
    assert_eq!(unsafe { MQTTAsync_waitForCompletion(handle.0, token, 10_000) }, 0);
    assert_eq!(told.count("success"), 2, "its callback has run");
    told.assert_on_this_thread();
}

#[test]
fn pings_are_sent_when_the_deadline_says_so() {
    let (listener, told) = (Listener::new(), Told::new());
    let handle = driven(&listener.uri());
    connect(&handle, told, 1, false);
    let server = thread::spawn(move || {
        let (mut peer, _) = listener.accept_client(false);
        peer.expect(PINGREQ);
    });
    drive(&handle, "PINGREQ", || server.is_finished());
    server.join().unwrap();
}

#[test]
fn a_lost_connection_is_made_again() {
    let (broker, told) = (Broker::polite(), Told::new());
    let handle = driven(&broker.uri());
    connect(&handle, told, 60, true);
    drive(&handle, "the connection", || told.count("connected") == 1);
    broker.cut(0);
    drive(&handle, "the next connection", || told.count("connected") == 2);
    assert_eq!(told.count("lost"), 1);
    told.assert_on_this_thread();
}

#[test]
fn what_is_under_way_at_destroy_gets_its_result_there() {
    let broker = Broker::with(|incoming| match incoming.packet.kind() {
        PUBLISH => Reaction::Silence,
        _ => Reaction::Answer,
    });
    let told = Told::new();
    let handle = driven(&broker.uri());
    connect(&handle, told, 60, false);
    drive(&handle, "the connection", || told.count("success") == 1);
    send(&handle, told, 1);
    let begin = Instant::now();
    drop(handle);
    assert!(begin.elapsed() < Duration::from_millis(250), "it has waited for a thread that is not there");
    assert_eq!(told.count("failure"), 1);
    told.assert_on_this_thread();
}

#[test]
fn a_connect_that_nobody_drives_ends_with_the_client() {
    let (listener, told) = (Listener::new(), Told::new());
    let handle = driven(&listener.uri());
    connect(&handle, told, 60, false);
    drop(handle);
    assert_eq!((told.count("success"), told.count("failure")), (0, 1));
}

/// A client whose callback looks at it and ends it.
static ENDED_IN_CALLBACK: Mutex<Vec<c_int>> = Mutex::new(Vec::new());

unsafe extern "C" fn end_here(context: *mut c_void, _: *mut MQTTAsync_successData) {
    let handle = context.cast::<MQTTAsync>();
    let code = unsafe { MQTTAsyncExt_process(*handle) };
    unsafe { MQTTAsync_destroy(handle) };
    ENDED_IN_CALLBACK.lock().unwrap().push(code);
}

#[test]
fn a_callback_may_destroy_the_client_but_not_process_it() {
    let broker = Broker::polite();
    let handle = std::mem::ManuallyDrop::new(driven(&broker.uri()));
    let own = Box::into_raw(Box::new(handle.0));
    let options =
        MQTTAsync_connectOptions { onSuccess: Some(end_here), context: own.cast(), ..connect_options(4) };
    assert_eq!(unsafe { MQTTAsync_connect(handle.0, &raw const options) }, 0);
    let end = Instant::now() + LIMIT;
    while unsafe { MQTTAsyncExt_process(handle.0) } == 0 {
        assert!(Instant::now() < end);
        thread::yield_now();
    }
    assert_eq!(*ENDED_IN_CALLBACK.lock().unwrap(), [-57]);
    assert!(unsafe { *own }.is_null());
    assert_eq!(unsafe { MQTTAsyncExt_process(handle.0) }, -1, "the handle is stale");
    drop(unsafe { Box::from_raw(own) });
}

static WAITED_IN_CALLBACK: Mutex<Vec<c_int>> = Mutex::new(Vec::new());

unsafe extern "C" fn wait_here(context: *mut c_void, _: *mut MQTTAsync_successData) {
    let handle = std::mem::ManuallyDrop::new(Handle(context));
    let token = send(&handle, Told::new(), 1);
    let code = unsafe { MQTTAsync_waitForCompletion(handle.0, token, 60_000) };
    WAITED_IN_CALLBACK.lock().unwrap().push(code);
}

#[test]
fn a_callback_does_not_wait_for_its_own_event_loop() {
    let (broker, told) = (Broker::polite(), Told::new());
    let handle = driven(&broker.uri());
    connect(&handle, told, 60, false);
    drive(&handle, "the connection", || told.count("success") == 1);
    let mut response =
        MQTTAsync_responseOptions { context: handle.0, onSuccess: Some(wait_here), ..response_options() };
    assert_eq!(unsafe { MQTTAsync_subscribe(handle.0, c"t".as_ptr(), 1, &raw mut response) }, 0);
    drive(&handle, "the callback", || !WAITED_IN_CALLBACK.lock().unwrap().is_empty());
    assert_eq!(*WAITED_IN_CALLBACK.lock().unwrap(), [-1]);
}

/// Each message that is written sends the next one.
static SENT_IN_CHAIN: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" fn send_next(context: *mut c_void, _: *mut MQTTAsync_successData) {
    SENT_IN_CHAIN.fetch_add(1, Ordering::SeqCst);
    let mut response =
        MQTTAsync_responseOptions { context, onSuccess: Some(send_next), ..response_options() };
    let (none, topic) = (ptr::null(), c"t".as_ptr());
    // The client that is being destroyed takes none.
    unsafe { MQTTAsync_send(context, topic, 0, none, 0, 0, &raw mut response) };
}

fn is_readable(handle: &Handle) -> bool {
    let socket = descriptor(handle);
    let watched = unsafe { BorrowedFd::borrow_raw(socket) };
    poll(&mut [PollFd::new(&watched, PollFlags::IN)], Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap() == 1
}

#[test]
fn callbacks_that_make_the_next_one_due_do_not_keep_the_event_loop() {
    let (broker, told) = (Broker::polite(), Told::new());
    let handle = driven(&broker.uri());
    connect(&handle, told, 60, false);
    drive(&handle, "the connection", || told.count("success") == 1);
    unsafe { send_next(handle.0, ptr::null_mut()) };
    for _ in 0..20 {
        let before = SENT_IN_CHAIN.load(Ordering::SeqCst);
        assert_eq!(unsafe { MQTTAsyncExt_process(handle.0) }, 0);
        assert!(SENT_IN_CHAIN.load(Ordering::SeqCst) <= before + 512);
        assert!(is_readable(&handle), "there is more to do");
    }
    let before = SENT_IN_CHAIN.load(Ordering::SeqCst);
    drive(&handle, "the next message", || SENT_IN_CHAIN.load(Ordering::SeqCst) > before);
}

/// What a callback that takes long says, and waits for.
struct Long {
    begun: Sender<()>,
    end: Mutex<Receiver<()>>,
}

unsafe extern "C" fn take_long(context: *mut c_void, _: *mut MQTTAsync_successData) {
    let long = unsafe { &*context.cast::<Long>() };
    long.begun.send(()).unwrap();
    long.end.lock().unwrap().recv().unwrap();
}

#[test]
fn the_event_loop_sleeps_while_a_callback_runs_on_another_thread() {
    let (broker, told) = (Broker::polite(), Told::new());
    let handle = driven(&broker.uri());
    connect(&handle, told, 1, false);
    drive(&handle, "the connection", || told.count("success") == 1);
    let ((begun, has_begun), (ends, end)) = (channel(), channel());
    let long = Box::new(Long { begun, end: Mutex::new(end) });
    let context = ptr::from_ref(&*long).cast_mut().cast();
    let mut response =
        MQTTAsync_responseOptions { context, onSuccess: Some(take_long), ..response_options() };
    let topic = c"t".as_ptr();
    assert_eq!(unsafe { MQTTAsync_send(handle.0, topic, 0, ptr::null(), 1, 0, &raw mut response) }, 0);
    let (shared, token) = (handle.0 as usize, response.token);
    let waiter = thread::spawn(move || unsafe { MQTTAsync_waitForCompletion(shared as _, token, 60_000) });
    has_begun.recv().unwrap();
    broker.send(0, &[0x30, 5, 0, 1, b't', b'h', b'i']);
    // Long enough for a ping to be due as well.
    let (begin, mut rounds) = (Instant::now(), 0);
    while begin.elapsed() < Duration::from_millis(1500) {
        let mut left = 0;
        assert_eq!(unsafe { MQTTAsyncExt_nextDeadline(handle.0, &raw mut left) }, 0);
        let left = if left < 0 { 100 } else { left.min(100) };
        let left = Timespec { tv_sec: 0, tv_nsec: i64::from(left) * 1_000_000 };
        let socket = descriptor(&handle);
        let watched = unsafe { BorrowedFd::borrow_raw(socket) };
        poll(&mut [PollFd::new(&watched, PollFlags::IN)], Some(&left)).unwrap();
        assert_eq!(unsafe { MQTTAsyncExt_process(handle.0) }, 0);
        rounds += 1;
    }
    assert!(rounds <= 100, "{rounds} rounds");
    ends.send(()).unwrap();
    drive(&handle, "what came meanwhile", || told.count("message") == 1 && waiter.is_finished());
    assert_eq!(waiter.join().unwrap(), 0);
}

#[test]
fn misuse_has_its_codes() {
    let (mut number, plain) = (7, Handle::new(4));
    for handle in [plain.0, ptr::null_mut()] {
        let expected = if handle.is_null() { -1 } else { -56 };
        assert_eq!(unsafe { MQTTAsyncExt_getDescriptor(handle, &raw mut number) }, expected);
        assert_eq!(unsafe { MQTTAsyncExt_nextDeadline(handle, &raw mut number) }, expected);
        assert_eq!(unsafe { MQTTAsyncExt_process(handle) }, expected);
    }
    let driven = driven("tcp://127.0.0.1:1");
    assert_eq!(unsafe { MQTTAsyncExt_getDescriptor(driven.0, ptr::null_mut()) }, -6);
    assert_eq!(unsafe { MQTTAsyncExt_nextDeadline(driven.0, ptr::null_mut()) }, -6);
    assert_eq!((number, unsafe { MQTTAsyncExt_process(driven.0) }), (7, 0));
    assert_eq!(unsafe { MQTTAsyncExt_nextDeadline(driven.0, &raw mut number) }, 0);
    assert_eq!(number, -1, "nothing is waited for");
    let (name, value) = (c"event.loop".as_ptr(), c"threads".as_ptr());
    assert_eq!(unsafe { MQTTAsyncExt_setOption(driven.0, name, value, ptr::null_mut(), 0) }, -47);
}
