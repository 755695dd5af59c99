//! Opening a stream without blocking: one stage after the other, all inside one time limit.

use super::proxy::{self, Proxy, Tunnel};
use super::race::Race;
use super::resolve::{Lookup, ResolveError};
use super::settings::OpenSettings;
use super::socket_stream::SocketStream;
use super::stage_times::{StageTimes, Timed};
use super::stream::{MessageLength, Stream};
#[cfg(feature = "tls")]
use super::tls::{Handshake, Outcome, TlsFailure};
use super::unix::UnixConnect;
use super::uri::{Scheme, ServerUri};
use super::wait::{Turn, Wait};
use super::websocket::{Upgrade, UpgradeFailure};
use crate::system::Event;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::Socket;
use std::fmt;
use std::io;
use std::ops::DerefMut;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Instant;

/// What may have happened when a server ends a connection without TLS before it has answered.
pub const MAY_EXPECT_TLS: &str = "a port that expects TLS ends connections like this, too";

/// Why no stream could be opened. The text names the cause for a log line.
#[derive(Debug)]
pub enum OpenError {
    /// The name could not be resolved.
    Resolve(ResolveError),
    /// No address accepted the connection; the last error.
    Connect(io::Error),
    /// The socket of this machine takes no connection.
    Unix(io::Error),
    /// The time limit passed first; in which stage.
    TimedOut(&'static str),
    /// It was given up.
    GivenUp,
    /// The URI's port is none.
    BadPort(String),
    /// The HTTP proxy did not make the connection.
    Proxy(String),
    /// The server did not turn the connection into a WebSocket.
    WebSocket(String),
    /// TLS failed: options, handshake, or the identity of the server.
    #[cfg(feature = "tls")]
    Tls(TlsFailure),
    /// This library has no such transport.
    #[cfg(not(feature = "tls"))]
    Unsupported(Scheme),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Resolve(error) => error.fmt(f),
            OpenError::Connect(error) => write!(f, "TCP connect failed: {error}"),
            OpenError::Unix(error) => write!(f, "connecting to the socket failed: {error}"),
            OpenError::TimedOut(stage) => write!(f, "{stage} timed out"),
            OpenError::GivenUp => f.write_str("the connect was ended by a disconnect or destroy"),
            OpenError::BadPort(uri) => write!(f, "the port of {uri} is not a number from 1 to 65535"),
            OpenError::Proxy(cause) => write!(f, "HTTP proxy: {cause}"),
            OpenError::WebSocket(cause) => write!(f, "WebSocket: {cause}"),
            #[cfg(feature = "tls")]
            OpenError::Tls(failure) => failure.fmt(f),
            #[cfg(not(feature = "tls"))]
            OpenError::Unsupported(scheme) => {
                write!(f, "the transport {scheme:?} is not part of this library")
            }
        }
    }
}

/// How far an opening has come.
pub enum Progress {
    /// Something has to happen first: see `waits` and `next_moment`.
    Waiting,
    /// Done.
    Open(Arc<dyn Stream>),
}

/// A stream on its way. Never blocks. Dropping it gives up.
///
/// OpenSSL needs most of a small stack, and is called on the application's threads. So openings and handshakes are in
/// boxes, and a stage that needs much of the stack is a function of its own, which has returned when the next stage
/// begins.
pub struct Opening {
    uri: ServerUri,
    settings: Arc<OpenSettings>,
    message_length: MessageLength,
    deadline: Instant,
    /// What leads to the server, if not the network itself.
    proxy: Option<Proxy>,
    /// A TLS session of an earlier connection may be offered: it has not been refused yet.
    #[cfg(feature = "tls")]
    resumes: bool,
    /// What has come is acknowledged before waiting.
    quick_acks: bool,
    stage: Stage,
    times: StageTimes,
    /// When the stage began.
    since: Instant,
}

enum Stage {
    Failed(OpenError),
    Resolving(Lookup),
    Racing(Box<Race>),
    Unix(Box<UnixConnect>),
    Tunnelling(Box<Tunnel>),
    /// There is a socket that leads to the server.
    Reached(Socket),
    #[cfg(feature = "tls")]
    Tls(Box<Handshake>),
    Upgrading(Box<Upgrade>),
    Over,
}

/// A stage, or the final result.
type Step = Turn<Stage, Next>;

enum Next {
    Stage(Stage),
    Open(Arc<dyn Stream>),
}

impl Opening {
    /// Begins. `deadline` is for all stages together.
    #[inline(never)]
    pub fn start(uri: &ServerUri, settings: &Arc<OpenSettings>, deadline: Instant) -> Box<Opening> {
        let (uri, settings) = (uri.clone(), settings.clone());
        let mut opening = Box::new(Opening {
            uri,
            settings,
            message_length: |_| None,
            deadline,
            proxy: None,
            #[cfg(feature = "tls")]
            resumes: true,
            quick_acks: true,
            stage: Stage::Over,
            times: StageTimes::default(),
            since: Instant::now(),
        });
        opening.stage = opening.first_stage().unwrap_or_else(Stage::Failed);
        opening
    }

    /// OpenSSL will be at work, which needs much of the stack.
    pub fn needs_tls(&self) -> bool {
        self.uri.scheme.needs_tls()
    }

    /// The same. `quick_acks`: whether to have the kernel acknowledge what has come before each wait; it does by
    /// default.
    pub fn with_quick_acks(mut self: Box<Self>, quick_acks: bool) -> Box<Opening> {
        self.quick_acks = quick_acks;
        self
    }

    /// The same, for a stream that carries messages of these lengths, if its kind knows messages.
    pub fn with_messages(mut self: Box<Self>, message_length: MessageLength) -> Box<Opening> {
        self.message_length = message_length;
        self
    }

    fn first_stage(&mut self) -> Result<Stage, OpenError> {
        let uri = &self.uri;
        if uri.scheme == Scheme::Unix {
            let unix = UnixConnect::new(&uri.file).map_err(OpenError::Unix)?;
            return Ok(Stage::Unix(Box::new(unix)));
        }
        if uri.port == 0 {
            return Err(OpenError::BadPort(uri.masked().into_owned()));
        }
        self.proxy = proxy::choose(uri, &self.settings).map_err(OpenError::Proxy)?;
        let (host, port) = match &self.proxy {
            Some(proxy) => (&proxy.host, proxy.port),
            None => (&uri.host, uri.port),
        };
        Ok(Stage::Resolving(Lookup::start(host, port).map_err(OpenError::Resolve)?))
    }

    /// Continues as far as possible without waiting. `Waiting`: call it again when one of `waits` is ready or
    /// `next_moment` has come; calling it earlier is harmless. After a stream or an error it has finished.
    ///
    /// May call the application's TLS functions: the caller must hold no lock.
    pub fn advance(&mut self) -> Result<Progress, OpenError> {
        loop {
            let stage = std::mem::replace(&mut self.stage, Stage::Over);
            if Instant::now() >= self.deadline {
                return Err(OpenError::TimedOut(stage.name()));
            }
            let timed = stage.timed();
            let step = self.step(stage)?;
            if let (Some(timed), Turn::Done(_)) = (timed, &step) {
                let began = std::mem::replace(&mut self.since, Instant::now());
                self.times.add(timed, self.since.saturating_duration_since(began));
            }
            match step {
                Turn::Waiting(stage) => {
                    if self.quick_acks {
                        stage.quick_ack();
                    }
                    self.stage = stage;
                    return Ok(Progress::Waiting);
                }
                Turn::Done(Next::Stage(stage)) => self.stage = stage,
                Turn::Done(Next::Open(stream)) => return Ok(Progress::Open(stream)),
            }
        }
    }

    fn step(&mut self, stage: Stage) -> Result<Step, OpenError> {
        match stage {
            Stage::Failed(error) => Err(error),
            Stage::Resolving(lookup) => resolve(lookup, &self.settings),
            Stage::Racing(race) => self.race(race),
            Stage::Unix(unix) => connect_unix(unix),
            Stage::Tunnelling(tunnel) => tunnel_through(tunnel),
            Stage::Reached(socket) => self.reached(socket).map(Turn::Done),
            #[cfg(feature = "tls")]
            Stage::Tls(handshake) => match handshake.advance().map_err(OpenError::Tls)? {
                Turn::Waiting(handshake) => Ok(Turn::Waiting(Stage::Tls(handshake))),
                Turn::Done(Outcome::Secured(stream)) => self.secured(stream).map(Turn::Done),
                Turn::Done(Outcome::OfferRefused) => self.begin_without_offer().map(Turn::Done),
            },
            Stage::Upgrading(upgrade) => {
                match upgrade.advance().map_err(|failure| self.no_websocket(failure))? {
                    Turn::Waiting(upgrade) => Ok(Turn::Waiting(Stage::Upgrading(upgrade))),
                    Turn::Done(stream) => Ok(Turn::Done(Next::Open(stream))),
                }
            }
            Stage::Over => Err(OpenError::TimedOut("an opening that has ended")),
        }
    }

    /// The server did not want to resume the TLS session of an earlier connection: once more from the beginning.
    #[cfg(feature = "tls")]
    #[inline(never)]
    fn begin_without_offer(&mut self) -> Result<Next, OpenError> {
        self.resumes = false;
        self.first_stage().map(Next::Stage)
    }

    /// The socket that comes out of it leads to the server or to the proxy.
    #[inline(never)]
    fn race(&self, mut race: Box<Race>) -> Result<Step, OpenError> {
        let Some(socket) = race.advance(Instant::now()).map_err(OpenError::Connect)? else {
            return Ok(Turn::Waiting(Stage::Racing(race)));
        };
        let next = match &self.proxy {
            Some(proxy) => {
                let tunnel = Tunnel::start(socket, proxy, &self.uri).map_err(OpenError::Proxy)?;
                Stage::Tunnelling(Box::new(tunnel))
            }
            None => Stage::Reached(socket),
        };
        Ok(Turn::Done(Next::Stage(next)))
    }

    #[inline(never)]
    fn reached(&self, socket: Socket) -> Result<Next, OpenError> {
        if !self.uri.scheme.needs_tls() {
            let is_tcp = self.uri.scheme != Scheme::Unix;
            return self.secured(Arc::new(SocketStream::new(socket, is_tcp)));
        }
        #[cfg(feature = "tls")]
        {
            let handshake = Handshake::start(socket, &self.uri, &self.settings, self.resumes);
            Ok(Next::Stage(Stage::Tls(handshake.map_err(OpenError::Tls)?)))
        }
        #[cfg(not(feature = "tls"))]
        Err(OpenError::Unsupported(self.uri.scheme))
    }

    /// There is a stream of bytes to the server, encrypted if it is to be.
    #[inline(never)]
    fn secured(&self, stream: Arc<dyn Stream>) -> Result<Next, OpenError> {
        if !self.uri.scheme.is_web_socket() {
            return Ok(Next::Open(stream));
        }
        let upgrade = Upgrade::start(stream, &self.uri, &self.settings, self.message_length);
        Ok(Next::Stage(Stage::Upgrading(upgrade.map_err(OpenError::WebSocket)?)))
    }

    #[cold]
    fn no_websocket(&self, failure: UpgradeFailure) -> OpenError {
        let UpgradeFailure { cause, is_unanswered } = failure;
        match is_unanswered && !self.uri.scheme.needs_tls() {
            true => OpenError::WebSocket(format!("{cause}; {MAY_EXPECT_TLS}")),
            false => OpenError::WebSocket(cause),
        }
    }

    /// What to wait for after `advance` gave `Waiting`. It is another after each `advance`.
    pub fn waits(&self) -> Vec<Wait<'_>> {
        match &self.stage {
            Stage::Resolving(lookup) => lookup.wait().into_iter().collect(),
            Stage::Racing(race) => race.waits(),
            #[cfg(feature = "tls")]
            Stage::Tls(handshake) => vec![handshake.wait()],
            Stage::Tunnelling(tunnel) => vec![tunnel.wait()],
            Stage::Upgrading(upgrade) => vec![upgrade.wait()],
            Stage::Failed(_) | Stage::Unix(_) | Stage::Reached(_) | Stage::Over => Vec::new(),
        }
    }

    /// How long its stages took so far.
    pub fn times(&self) -> StageTimes {
        self.times
    }

    /// When `advance` has to be called at the latest; never after the deadline.
    pub fn next_moment(&self) -> Instant {
        match &self.stage {
            Stage::Racing(race) => race.next_moment().map_or(self.deadline, |next| next.min(self.deadline)),
            Stage::Unix(unix) => unix.next_moment().min(self.deadline),
            Stage::Failed(_) | Stage::Reached(_) => Instant::now(),
            _ => self.deadline,
        }
    }
}

#[inline(never)]
fn resolve(mut lookup: Lookup, settings: &OpenSettings) -> Result<Step, OpenError> {
    match lookup.take().map_err(OpenError::Resolve)? {
        Some(addresses) => {
            let race = Box::new(Race::new(addresses, &settings.socket));
            Ok(Turn::Done(Next::Stage(Stage::Racing(race))))
        }
        None => Ok(Turn::Waiting(Stage::Resolving(lookup))),
    }
}

#[inline(never)]
fn connect_unix(mut unix: Box<UnixConnect>) -> Result<Step, OpenError> {
    match unix.advance(Instant::now()).map_err(OpenError::Unix)? {
        Some(socket) => Ok(Turn::Done(Next::Stage(Stage::Reached(socket)))),
        None => Ok(Turn::Waiting(Stage::Unix(unix))),
    }
}

#[inline(never)]
#[allow(clippy::boxed_local, reason = "a copy on the stack would stay below OpenSSL")]
fn tunnel_through(tunnel: Box<Tunnel>) -> Result<Step, OpenError> {
    match tunnel.advance().map_err(OpenError::Proxy)? {
        Turn::Waiting(tunnel) => Ok(Turn::Waiting(Stage::Tunnelling(Box::new(tunnel)))),
        Turn::Done(socket) => Ok(Turn::Done(Next::Stage(Stage::Reached(socket)))),
    }
}

impl Stage {
    fn quick_ack(&self) {
        match self {
            #[cfg(feature = "tls")]
            Stage::Tls(handshake) => handshake.quick_ack(),
            Stage::Tunnelling(tunnel) => tunnel.quick_ack(),
            Stage::Upgrading(upgrade) => upgrade.quick_ack(),
            _ => {}
        }
    }

    /// `None` for what takes no time.
    fn timed(&self) -> Option<Timed> {
        match self {
            Stage::Resolving(_) => Some(Timed::Resolve),
            Stage::Racing(_) | Stage::Unix(_) => Some(Timed::Connect),
            Stage::Tunnelling(_) => Some(Timed::Proxy),
            #[cfg(feature = "tls")]
            Stage::Tls(_) => Some(Timed::Tls),
            Stage::Upgrading(_) => Some(Timed::WebSocket),
            Stage::Failed(_) | Stage::Reached(_) | Stage::Over => None,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Stage::Resolving(_) => "resolving the host name",
            #[cfg(feature = "tls")]
            Stage::Tls(_) => "the TLS handshake",
            Stage::Tunnelling(_) => "the connection through the proxy",
            Stage::Upgrading(_) => "the WebSocket upgrade",
            _ => "TCP connect",
        }
    }
}

/// Drives an opening to its end, unless `give_up` happens. Blocks the calling thread only.
pub fn open(
    mut opening: impl DerefMut<Target = Opening>,
    give_up: &Event,
) -> Result<Arc<dyn Stream>, OpenError> {
    loop {
        if let Progress::Open(stream) = opening.advance()? {
            return Ok(stream);
        }
        wait(&opening, give_up)?;
    }
}

/// Waits until the opening can continue, or is cancelled.
#[inline(never)]
fn wait(opening: &Opening, give_up: &Event) -> Result<(), OpenError> {
    let mut polled = vec![poll_entry(&Wait::to_read(give_up.as_fd()))];
    let waits = opening.waits();
    polled.extend(waits.iter().map(poll_entry));
    let left = opening.next_moment().saturating_duration_since(Instant::now());
    let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
    match poll(&mut polled, Some(&timeout)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(OpenError::Connect(error.into())),
    }
    match polled.first() {
        Some(entry) if !entry.revents().is_empty() => Err(OpenError::GivenUp),
        _ => Ok(()),
    }
}

fn poll_entry<'a>(wait: &Wait<'a>) -> PollFd<'a> {
    let mut flags = PollFlags::empty();
    flags.set(PollFlags::IN, wait.read);
    flags.set(PollFlags::OUT, wait.write);
    PollFd::from_borrowed_fd(wait.descriptor, flags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::time::Duration;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    fn open_uri(uri: &str, deadline: Instant) -> Result<Arc<dyn Stream>, OpenError> {
        let opening = Opening::start(&ServerUri::parse(uri).unwrap(), &Arc::default(), deadline);
        open(opening, &Event::new().unwrap())
    }

    #[test]
    fn a_listener_is_reached_by_address_and_by_name() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["127.0.0.1", "localhost"] {
            open_uri(&format!("tcp://{host}:{port}"), soon()).unwrap();
        }
    }

    #[test]
    fn the_time_limit_is_for_all_stages() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let result = open_uri(&format!("tcp://127.0.0.1:{port}"), Instant::now());
        assert!(matches!(result, Err(OpenError::TimedOut(_))));
    }

    #[test]
    fn an_opening_is_driven_without_blocking() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let uri = ServerUri::parse(listener.local_addr().unwrap().to_string()).unwrap();
        let mut opening = Opening::start(&uri, &Arc::default(), soon());
        while let Progress::Waiting = opening.advance().unwrap() {
            assert!(!opening.waits().is_empty());
            wait(&opening, &Event::new().unwrap()).unwrap();
        }
        assert!(opening.waits().is_empty());
    }

    #[test]
    fn an_opening_that_waits_can_be_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let uri = format!("ws://{}", listener.local_addr().unwrap());
        let (uri, give_up) = (ServerUri::parse(&uri).unwrap(), Event::new().unwrap());
        let result = std::thread::scope(|scope| {
            let opening = Opening::start(&uri, &Arc::default(), soon());
            let opening = scope.spawn(|| open(opening, &give_up));
            // The request for the WebSocket, which is never answered.
            let (mut server, _) = listener.accept().unwrap();
            std::io::Read::read_exact(&mut server, &mut [0]).unwrap();
            give_up.happen();
            opening.join().unwrap()
        });
        assert!(matches!(result, Err(OpenError::GivenUp)));
    }

    #[test]
    fn a_name_that_is_none_fails_with_the_name_in_the_text() {
        let error = open_uri("tcp://no such host:1", soon()).err().unwrap();
        assert!(error.to_string().contains("no such host"), "{error}");
    }
}
