//! The log of the library: levels, listeners, and the way of a line to the stream and to the application.
//!
//! A line is formatted and stamped where it arises and written to the stream at once. For the application's
//! callback it is only queued, because the place where it arises usually holds a client's lock; code that has
//! just released such a lock calls [`deliver`]. So a callback runs with no lock of the library held, one line
//! at a time, and may use the API.

use core::ffi::CStr;
use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::cell::Cell;
use std::collections::VecDeque;
use std::ffi::CString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::locks::{Hold, Mutex};

use super::message::message;
use super::output::Stream;
use super::settings::{Environment, Level, Thresholds};
use super::system::local_time_stamp;

/// The application's listener: level and text without a line end. Runs on the thread that called [`deliver`], never
/// twice at once, with no lock held. Lines which its own calls into the library cause go to the stream only.
pub type Callback = Arc<dyn Fn(Level, &CStr) + Send + Sync>;

/// Names and values that say which library this is.
pub type ProductEntries = Vec<(&'static CStr, &'static CStr)>;

/// Lines waiting for a callback that is slower than the library; beyond it lines are counted and left out.
const QUEUE_LIMIT: usize = 10_000;
/// [`Tracer::threshold`] without listeners: above every level.
const NOBODY_LISTENS: u8 = u8::MAX;
const BAR: &str = "=========================================================";

/// The trace of this process.
pub static TRACER: Tracer = Tracer::new();

thread_local! {
    static INSIDE_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

/// Whether a line of this level would reach anybody. One relaxed load.
#[inline(always)]
pub fn enabled(level: Level) -> bool {
    TRACER.enabled(level)
}

/// Whether the lines of packets would: a library may be built without them.
#[inline(always)]
pub fn shows_packets() -> bool {
    cfg!(feature = "trace-packets") && enabled(Level::Protocol)
}

/// Hands the queued lines to the application's callback. To be called wherever a lock of the library was just let go,
/// and at the end of each API call; never with a lock held. Costs one relaxed load when nothing is queued.
#[inline(always)]
pub fn deliver() {
    if TRACER.pending.load(Ordering::Relaxed) {
        TRACER.deliver();
    }
}

/// Whether [`deliver`] has something to do.
#[inline(always)]
pub fn is_pending() -> bool {
    TRACER.pending.load(Ordering::Relaxed)
}

/// Takes the lock of the log for a fork.
pub fn hold(hold: &mut Hold) {
    hold.take(&TRACER.state);
}

/// In a forked child: the queued lines are handed over in the parent.
pub fn begin_in_child() {
    let Some(mut state) = TRACER.state.try_lock() else { return };
    state.queue.clear();
    state.left_out = 0;
    state.delivering &= INSIDE_CALLBACK.get();
    TRACER.pending.store(false, Ordering::Relaxed);
}

/// All state of one library's trace.
pub struct Tracer {
    /// Lowest level that has a listener.
    threshold: AtomicU8,
    /// Whether `deliver` has something to do.
    pending: AtomicBool,
    state: Mutex<State>,
}

struct State {
    thresholds: Thresholds,
    stream: Option<Stream>,
    callback: Option<Callback>,
    queue: VecDeque<(Level, CString)>,
    left_out: usize,
    /// Some thread is handing lines to the callback.
    delivering: bool,
}

impl Tracer {
    const fn new() -> Self {
        let state = State {
            thresholds: Thresholds::new(),
            stream: None,
            callback: None,
            queue: VecDeque::new(),
            left_out: 0,
            delivering: false,
        };
        Self {
            threshold: AtomicU8::new(NOBODY_LISTENS),
            pending: AtomicBool::new(false),
            state: Mutex::new(state),
        }
    }

    #[inline(always)]
    fn enabled(&self, level: Level) -> bool {
        level as u8 >= self.threshold.load(Ordering::Relaxed)
    }

    fn update_threshold(&self, state: &State) {
        let listened = state.stream.is_some() || state.callback.is_some();
        let threshold = if listened { state.thresholds.effective() } else { NOBODY_LISTENS };
        self.threshold.store(threshold, Ordering::Relaxed);
    }

    /// Sets or clears the process-wide callback. It stays over the end of the last handle.
    pub fn set_callback(&self, callback: Option<Callback>) {
        let mut state = self.state.lock();
        if callback.is_none() {
            state.queue.clear();
        }
        let replaced = core::mem::replace(&mut state.callback, callback);
        self.update_threshold(&state);
        drop(state);
        drop(replaced);
    }

    /// Sets the lowest level that is written; see `MQTTClient_setTraceLevel`.
    pub fn set_level(&self, level: i32) {
        let mut state = self.state.lock();
        state.thresholds.set_by_program(level);
        self.update_threshold(&state);
    }

    /// The first handle of the process, or the first after the last one went, is being created: reads the
    /// environment and writes the start-up block, in which `product` says what the library is. To be called without a
    /// lock held.
    pub fn initialize(&self, environment: &Environment, product: impl FnOnce() -> ProductEntries) {
        let mut state = self.state.lock();
        state.thresholds.read(environment);
        state.stream = environment.open_stream();
        if state.stream.is_some() || state.callback.is_some() {
            self.start_up_block(&mut state, product());
        }
        self.update_threshold(&state);
        drop(state);
        self.deliver();
    }

    /// The last handle was destroyed: closes the stream. Callback and level stay.
    pub fn shutdown(&self) {
        let mut state = self.state.lock();
        state.stream = None;
        self.update_threshold(&state);
        drop(state);
        self.deliver();
    }

    /// Goes to every listener whatever the level: applications print it as a banner.
    fn start_up_block(&self, state: &mut State, product: ProductEntries) {
        self.emit(state, Level::Minimum, BAR.to_owned());
        self.emit(state, Level::Minimum, format!("{:19}Trace Output", ""));
        for (name, value) in product {
            let text = format!("{}: {}", name.to_string_lossy(), value.to_string_lossy());
            self.emit(state, Level::Minimum, text);
        }
        if let Ok(version) = std::fs::read_to_string("/proc/version") {
            let first = version.lines().next().unwrap_or_default();
            // Its extra line end, which leaves an empty line after it, belongs to the block's known shape.
            self.emit(state, Level::Minimum, format!("/proc/version: {first}\n"));
        }
        self.emit(state, Level::Minimum, BAR.to_owned());
    }

    /// Writes one line; see [`trace!`], which asks [`enabled`] first. May be called with any client's lock held.
    #[cold]
    pub fn line(&self, level: Level, text: fmt::Arguments<'_>) {
        let message = message(text);
        let mut state = self.state.lock();
        // Stamped under the lock, so that the stream's times never go back.
        let stamped = format!("{} {message}", local_time_stamp());
        self.emit(&mut state, level, stamped);
    }

    fn emit(&self, state: &mut State, level: Level, mut text: String) {
        if state.callback.is_some() && !INSIDE_CALLBACK.get() {
            state.enqueue(level, &text);
            self.pending.store(true, Ordering::Relaxed);
        }
        if let Some(stream) = &mut state.stream {
            text.push('\n');
            stream.write_line(text);
        }
    }

    #[cold]
    fn deliver(&self) {
        let mut state = self.state.lock();
        if state.delivering {
            return;
        }
        state.delivering = true;
        while let Some((callback, level, text)) = state.next_for_callback() {
            drop(state);
            call(&callback, level, &text);
            drop(callback);
            state = self.state.lock();
        }
        self.pending.store(false, Ordering::Relaxed);
        state.delivering = false;
    }
}

fn call(callback: &Callback, level: Level, text: &CStr) {
    INSIDE_CALLBACK.set(true);
    // A listener that panics must not stop the log for the rest of the process.
    let _ = catch_unwind(AssertUnwindSafe(|| callback(level, text)));
    INSIDE_CALLBACK.set(false);
}

impl State {
    fn enqueue(&mut self, level: Level, text: &str) {
        if self.queue.len() >= QUEUE_LIMIT {
            self.left_out += 1;
        } else if let Ok(text) = CString::new(text) {
            self.queue.push_back((level, text));
        }
    }

    fn next_for_callback(&mut self) -> Option<(Callback, Level, CString)> {
        let callback = self.callback.clone();
        let Some((level, text)) = self.queue.pop_front() else {
            return self.notice_of_left_out(callback?);
        };
        Some((callback?, level, text))
    }

    fn notice_of_left_out(&mut self, callback: Callback) -> Option<(Callback, Level, CString)> {
        let count = core::mem::take(&mut self.left_out);
        if count == 0 {
            return None;
        }
        let text = format!("{} {count} lines left out, the trace callback is too slow", local_time_stamp());
        Some((callback, Level::Error, CString::new(text).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;
    use std::sync::Barrier;
    use std::thread;

    type Lines = Arc<Mutex<Vec<(Level, String)>>>;

    fn collector() -> (Lines, Callback) {
        let lines = Lines::default();
        let kept = Arc::clone(&lines);
        let callback: Callback =
            Arc::new(move |level, text| kept.lock().push((level, text.to_str().unwrap().to_owned())));
        (lines, callback)
    }

    /// A tracer whose lines are collected; then the callback does something more.
    fn listened(then: impl Fn(&Tracer) + Send + Sync + 'static) -> (&'static Tracer, Lines) {
        let tracer: &Tracer = Box::leak(Box::new(Tracer::new()));
        let (lines, collect) = collector();
        tracer.set_callback(Some(Arc::new(move |level, text| {
            collect(level, text);
            then(tracer);
        })));
        (tracer, lines)
    }

    /// Writes lines at the level of errors, each of which is delivered before the next.
    fn write(tracer: &Tracer, lines: &[&str]) {
        for line in lines {
            tracer.line(Level::Error, format_args!("{line}"));
            tracer.deliver();
        }
    }

    fn messages(lines: &Lines) -> Vec<String> {
        lines.lock().iter().map(|(_, text)| text.get(20..).unwrap_or_default().to_owned()).collect()
    }

    fn log_to(path: &std::path::Path) -> Environment {
        Environment { target: OsString::from(path), ..Environment::default() }
    }

    fn product() -> ProductEntries {
        vec![
            (c"Product name", c"Eclipse Paho of a test"),
            (c"Version", c"1.3.15"),
            (c"Build level", c"today"),
        ]
    }

    #[test]
    fn nothing_is_wanted_while_nobody_listens() {
        let tracer = Tracer::new();
        assert!(!tracer.enabled(Level::Fatal));
        tracer.set_level(1);
        assert!(!tracer.enabled(Level::Fatal));
        let (_, callback) = collector();
        tracer.set_callback(Some(callback));
        assert!(tracer.enabled(Level::Maximum));
        tracer.set_callback(None);
        assert!(!tracer.enabled(Level::Fatal));
    }

    #[test]
    fn line_reaches_the_callback_with_level_and_time() {
        let (tracer, lines) = listened(|_| ());
        tracer.line(Level::Protocol, format_args!("3 cid -> PINGREQ (0)"));
        assert!(lines.lock().is_empty(), "only queued until the caller holds no lock");
        tracer.deliver();
        let (level, text) = lines.lock().remove(0);
        assert_eq!((level, text.get(20..)), (Level::Protocol, Some("3 cid -> PINGREQ (0)")));
        assert!(text.as_bytes()[..8].iter().all(u8::is_ascii_digit));
    }

    #[test]
    fn start_up_block_ignores_the_level() {
        let (tracer, lines) = listened(|_| ());
        tracer.set_level(7);
        tracer.initialize(&Environment::default(), product);
        let lines = lines.lock();
        assert!(lines.iter().all(|(level, _)| *level == Level::Minimum));
        let texts: Vec<&str> = lines.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts[0], "=".repeat(57));
        assert_eq!(texts[1], format!("{}Trace Output", " ".repeat(19)));
        assert!(texts[2].starts_with("Product name: Eclipse Paho "));
        assert_eq!(texts[3], "Version: 1.3.15");
        assert!(texts[4].starts_with("Build level: "));
        assert_eq!(texts.last(), Some(&"=".repeat(57).as_str()));
    }

    #[test]
    fn callback_may_use_the_library_and_is_not_fed_by_itself() {
        let (tracer, lines) = listened(|tracer| {
            write(tracer, &["caused inside"]);
            tracer.set_level(3);
        });
        write(tracer, &["first", "second"]);
        assert_eq!(messages(&lines), ["first", "second"]);
    }

    #[test]
    fn callback_that_panics_does_not_end_the_log() {
        let (tracer, lines) = listened(|_| panic!("expected by this test"));
        write(tracer, &["first", "second"]);
        assert_eq!(messages(&lines), ["first", "second"]);
    }

    #[test]
    fn lines_of_several_threads_arrive_whole_one_at_a_time_and_in_order() {
        const THREADS: usize = 4;
        const LINES: usize = 500;
        let busy = Mutex::new(());
        let (tracer, lines) = listened(move |_| {
            let _alone = busy.try_lock().expect("two callbacks at once");
            thread::yield_now();
        });
        let start = Barrier::new(THREADS);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    for number in 0..LINES {
                        tracer.line(Level::Error, format_args!("{thread} {number} end"));
                        tracer.deliver();
                    }
                });
            }
        });
        let found = messages(&lines);
        for thread in 0..THREADS {
            let own: Vec<_> = found.iter().filter(|text| text.starts_with(&format!("{thread} "))).collect();
            let expected: Vec<_> = (0..LINES).map(|number| format!("{thread} {number} end")).collect();
            assert!(own.into_iter().eq(expected.iter()));
        }
    }

    #[test]
    fn lines_beyond_the_queue_are_counted() {
        let (tracer, lines) = listened(|_| ());
        for number in 0..QUEUE_LIMIT + 5 {
            tracer.line(Level::Error, format_args!("{number}"));
        }
        tracer.deliver();
        let found = messages(&lines);
        assert_eq!(found.len(), QUEUE_LIMIT + 1);
        assert!(found[QUEUE_LIMIT].starts_with("5 lines left out"));
    }

    #[test]
    fn stream_and_callback_get_the_same_text_and_end_with_the_last_handle() {
        let path = std::env::temp_dir().join(format!("paho-trace-both-{}", std::process::id()));
        let tracer = Tracer::new();
        let (lines, callback) = collector();
        tracer.initialize(&log_to(&path), product);
        tracer.set_callback(Some(callback));
        write(&tracer, &["to both"]);
        tracer.shutdown();
        write(&tracer, &["to the callback"]);
        let file = std::fs::read_to_string(&path).unwrap();
        let _ = std::fs::remove_file(&path);
        let written: Vec<&str> = file.lines().collect();
        assert_eq!(written.last().copied(), Some(lines.lock()[0].1.as_str()));
        assert!(!file.contains("to the callback"));
        assert_eq!(messages(&lines), ["to both", "to the callback"]);
        if cfg!(target_os = "linux") {
            assert!(file.contains("\n\n=="), "the line of the system's version leaves an empty line");
        }
    }
}
