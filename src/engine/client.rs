//! One client: the session, its connection and what waits for the application, behind one lock.

use crate::engine::application::Application;
use crate::engine::connecting::Connector;
use crate::engine::connection::Connection;
use crate::engine::inbox::deliveries::Deliveries;
use crate::engine::inbox::waiting_calls::WaitingCalls;
use crate::engine::options::Options;
use crate::engine::requester::Session;
use crate::engine::runtime::busy_wait::BusyWait;
use crate::engine::runtime::clock;
use crate::engine::runtime::in_progress::InProgress;
use crate::engine::runtime::lane;
use crate::engine::runtime::mode;
use crate::engine::runtime::pool;
use crate::engine::runtime::process::Process;
use crate::engine::runtime::registry::Numbered;
use crate::engine::statistics::Counters;
use crate::engine::store::client_store::ClientStore;
use crate::locks::{Condvar, Mutex, MutexGuard};
use crate::session::{BufferOptions, Moment};
use crate::transport::{OpenSettings, ServerUri};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Time that subscribe and unsubscribe wait for their answer by default.
const COMMAND_TIMEOUT_MILLIS: u64 = 10_000;

/// Shared by all clients.
pub(in crate::engine) static PROCESS: Process<Client> = Process::new();

pub(in crate::engine) type Lane = lane::Lane<Client>;
pub(in crate::engine) type Mode = mode::Mode<Client>;
pub(in crate::engine) type Pool = pool::Pool<Client>;

/// An MQTT client. All functions may be called from any thread, callbacks included.
pub struct Client {
    pub(in crate::engine) server: ServerUri,
    pub(in crate::engine) client_id: Box<[u8]>,
    pub(in crate::engine) application: Arc<dyn Application>,
    /// Its mode is that of the asynchronous interface: look-ups of handles ask without the lock.
    asynchronous: bool,
    /// The lane in which its callbacks run, once it is decided which.
    pub(in crate::engine) lane: OnceLock<Arc<Lane>>,
    /// It is one of its own.
    pub(in crate::engine) has_own_lane: AtomicBool,
    index: AtomicUsize,
    version_level: AtomicI32,
    command_timeout: AtomicU64,
    /// One connect at a time.
    pub(in crate::engine) connecting: Mutex<()>,
    /// The process that connected it last, 0 before. After a fork the connection and the threads are the parent's.
    pub(in crate::engine) process: AtomicU32,
    /// A connect or disconnect is under way.
    pub(in crate::engine) busy: InProgress,
    pub(in crate::engine) state: Mutex<State>,
    /// Notified whenever a waiting call may find what it waits for.
    pub(in crate::engine) changed: Condvar,
    /// For calls that do the network work themselves.
    pub(in crate::engine) busy_wait: BusyWait,
    /// Notified when few results are left to be reported.
    pub(in crate::engine) caught_up: Condvar,
}

/// Everything that the client's lock protects.
pub(in crate::engine) struct State {
    pub(in crate::engine) session: Session,
    pub(in crate::engine) connection: Option<Connection>,
    pub(in crate::engine) options: Options,
    pub(in crate::engine) counters: Counters,
    pub(in crate::engine) connector: Connector,
    pub(in crate::engine) deliveries: Deliveries,
    pub(in crate::engine) calls: WaitingCalls,
    pub(in crate::engine) mode: Mode,
    /// The earliest alarm that is set.
    pub(in crate::engine) alarm: Option<Moment>,
    pub(in crate::engine) destroyed: bool,
    pub(in crate::engine) store: ClientStore,
}

/// The client's lock, held.
pub(in crate::engine) type Guard<'a> = MutexGuard<'a, State>;

impl Client {
    /// Makes a client that is not connected. `version_level`: the MQTT version given at create, 0, 3, 4 or 5.
    pub fn new(
        server: ServerUri,
        client_id: &[u8],
        version_level: i32,
        application: Arc<dyn Application>,
    ) -> Arc<Client> {
        let (mode, buffer) = (Mode::Pumped, BufferOptions::default());
        Arc::new(Client::with(server, client_id, version_level, application, mode, buffer))
    }

    fn with(
        server: ServerUri,
        client_id: &[u8],
        version_level: i32,
        application: Arc<dyn Application>,
        mode: Mode,
        buffer: BufferOptions,
    ) -> Client {
        let options = Options::of_new_client();
        Client {
            server,
            client_id: client_id.into(),
            application,
            asynchronous: mode.is_asynchronous(),
            lane: OnceLock::new(),
            has_own_lane: AtomicBool::new(options.has_own_lane()),
            index: AtomicUsize::new(usize::MAX),
            version_level: AtomicI32::new(version_level),
            command_timeout: AtomicU64::new(COMMAND_TIMEOUT_MILLIS),
            connecting: Mutex::new(()),
            process: AtomicU32::new(0),
            busy: InProgress::new(),
            state: Mutex::new(State::new(client_id, options, mode, buffer)),
            changed: Condvar::new(),
            busy_wait: BusyWait::default(),
            caught_up: Condvar::new(),
        }
    }

    /// Makes a client of the asynchronous interface. `options`: what happens to messages sent while there is no connection.
    pub fn new_asynchronous(
        server: ServerUri,
        client_id: &[u8],
        version_level: i32,
        application: Arc<dyn Application>,
        options: BufferOptions,
    ) -> Arc<Client> {
        let mode = Mode::Asynchronous(None);
        Arc::new(Client::with(server, client_id, version_level, application, mode, options))
    }

    /// True for a client of the asynchronous interface.
    #[inline]
    pub fn is_asynchronous(&self) -> bool {
        self.asynchronous
    }

    /// The lane in which its callbacks run. From the first use on it is the same.
    #[inline]
    pub(in crate::engine) fn lane(&self) -> &Arc<Lane> {
        self.lane.get_or_init(|| match self.has_own_lane.load(Ordering::Relaxed) {
            true => Arc::new(Lane::of_a_client()),
            false => PROCESS.lane().clone(),
        })
    }

    /// A connect with these settings begins: the options that were set for it take effect.
    pub(in crate::engine) fn use_options(&self, state: &mut State, settings: Arc<OpenSettings>) {
        self.lane();
        state.session.set_strict(state.options.strict);
        if !state.session.is_connected() {
            state.session.set_manual_acknowledgement(state.options.acknowledges_by_hand);
        }
        let mut settings = state.options.transport(settings);
        #[cfg(feature = "tls")]
        if let (Some(context), Some(_)) = (self.application.tls_context(), &settings.tls) {
            if let Some(tls) = &mut Arc::make_mut(&mut settings).tls {
                tls.context = Some(context);
            }
        }
        if let Some(upgrade) = self.application.upgrade() {
            Arc::make_mut(&mut settings).upgrade = Some(upgrade);
        }
        state.connector.use_transport(settings);
    }

    /// The lane, if it serves this client alone.
    pub(in crate::engine) fn own_lane(&self) -> Option<&Arc<Lane>> {
        self.lane.get().filter(|lane| !lane.is_shared())
    }

    /// The application's callbacks.
    pub fn application(&self) -> &Arc<dyn Application> {
        &self.application
    }

    /// The client identifier given at create.
    pub fn client_id(&self) -> &[u8] {
        &self.client_id
    }

    /// The client identifier for log lines.
    pub(in crate::engine) fn name(&self) -> &str {
        std::str::from_utf8(&self.client_id).unwrap_or_default()
    }

    /// The server given at create.
    pub fn server(&self) -> &ServerUri {
        &self.server
    }

    /// The MQTT version of the handle: as given at create or at the last connect.
    pub fn version_level(&self) -> i32 {
        self.version_level.load(Ordering::Relaxed)
    }

    /// Sets the MQTT version of the handle.
    pub fn set_version_level(&self, level: i32) {
        self.version_level.store(level, Ordering::Relaxed);
    }

    /// True while a connect or disconnect is under way.
    pub fn is_busy(&self) -> bool {
        self.busy.is_any() || self.state.lock().connector.is_busy()
    }

    /// Later connections are served by the library's threads, which run the callbacks.
    pub fn set_callback_mode(&self) {
        self.state.lock().mode.set_callbacks();
    }

    /// Sets how long subscribe and unsubscribe wait for their answer.
    pub fn set_command_timeout(&self, timeout: Duration) {
        self.command_timeout.store(clock::millis(timeout), Ordering::Relaxed);
    }

    pub(in crate::engine) fn command_deadline(&self) -> Moment {
        clock::past(clock::now(), self.command_timeout.load(Ordering::Relaxed))
    }

    /// True from the accepted CONNACK until the end of the connection is known.
    pub fn is_connected(&self) -> bool {
        self.state.lock().is_connected()
    }

    /// The number of the client's place in the registry.
    pub(in crate::engine) fn index(&self) -> usize {
        self.index.load(Ordering::Relaxed)
    }
}

impl Numbered for Client {
    fn number(&self) -> usize {
        self.index()
    }

    fn set_number(&self, number: usize) {
        self.index.store(number, Ordering::Relaxed);
    }
}

/// Gives the client a handle, never 0. `None`: there are as many clients as there can be, a million mostly.
pub fn register(client: Arc<Client>) -> Option<usize> {
    PROCESS.registry.register(client)
}

/// The client of a handle.
#[inline]
pub fn lookup(handle: usize) -> Option<Arc<Client>> {
    PROCESS.registry.lookup(handle)
}

/// Makes the handle stale. The caller destroys the client.
pub fn unregister(handle: usize) -> Option<Arc<Client>> {
    PROCESS.registry.unregister(handle)
}

impl State {
    fn new(client_id: &[u8], options: Options, mode: Mode, buffer: BufferOptions) -> State {
        let mut session = Session::new(client_id, false);
        session.set_buffer_options(buffer);
        session.set_strict(options.strict);
        session.set_keeps_subscriptions(options.resubscribes && mode.is_asynchronous());
        let mut deliveries = Deliveries::default();
        deliveries.bounds = options.bounds;
        State {
            session,
            connection: None,
            connector: Connector::new(!mode.is_asynchronous()),
            deliveries,
            options,
            counters: Counters::default(),
            calls: WaitingCalls::default(),
            mode,
            alarm: None,
            destroyed: false,
            store: ClientStore::default(),
        }
    }

    /// The server has accepted the connection, and its end is not known.
    pub(in crate::engine) fn is_connected(&self) -> bool {
        self.session.is_connected() && !self.connection.as_ref().is_some_and(Connection::is_broken)
    }

    /// The connection of this generation, if it is still the one.
    #[inline]
    pub(in crate::engine) fn connection_of(&mut self, generation: u32) -> Option<&mut Connection> {
        self.connection.as_mut().filter(|connection| connection.generation() == generation)
    }

    /// The number of the socket, for log lines; -1 without one.
    pub(in crate::engine) fn socket(&self) -> i32 {
        self.connection.as_ref().map_or(-1, Connection::descriptor)
    }

    /// The application sends something.
    #[inline]
    pub(in crate::engine) fn note_question(&mut self) {
        self.calls.note_question();
        if let Some(pool) = self.mode.pool() {
            pool.note_question();
        }
    }

    /// Called before a read: true if what comes next may well be an answer to what the application has sent.
    pub(in crate::engine) fn take_note_of_answer(&mut self) -> bool {
        let is_likely = self.calls.take_question() || self.session.has_outgoing_in_flight();
        is_likely && self.options.may_spin
    }
}

/// Counts a connect or disconnect as in progress until this is dropped.
pub(in crate::engine) struct Busy<'a>(&'a Client);

impl<'a> Busy<'a> {
    pub(in crate::engine) fn new(client: &'a Client) -> Busy<'a> {
        client.busy.count_in();
        Busy(client)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.count_out();
    }
}
