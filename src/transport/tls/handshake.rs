//! The handshake, without blocking.

use super::check::Demands;
use super::context::{self, failed};
use super::failure::TlsFailure;
use super::loaded;
use super::openssl_calls::{allow_moving_writes, clear_errors, offer_session};

use super::socket_io::SocketIo;
use super::stream::TlsStream;
use crate::locks::{Foreign, ForeignWork, Mutex};
use crate::transport::log;
use crate::transport::settings::{Offer, OpenSettings, Origin, TlsSettings};
use crate::transport::uri::ServerUri;
use crate::transport::wait::{Turn, Wait};
use openssl::ssl::{
    self, ErrorCode, Ssl, SslContext, SslContextBuilder, SslRef, SslSessionCacheMode, SslStream,
    SslVerifyMode,
};
use socket2::Socket;
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::sync::{Arc, OnceLock};

/// A connected socket on its way to a TLS connection.
pub(in crate::transport) struct Handshake {
    socket: Arc<Socket>,
    stream: Foreign<SslStream<SocketIo>>,
    settings: Arc<OpenSettings>,
    server: (String, u16),
    demands: Demands,
    /// The first thing that was found wrong with the server's certificate.
    distrust: Arc<Mutex<Option<String>>>,
    /// A session that the server was asked to resume.
    offer: Option<Offer>,
    /// What the server's first bytes are.
    answer: FirstAnswer,
}

/// What a server answers first.
#[derive(Clone, Copy)]
enum FirstAnswer {
    Nothing,
    Tls,
    Http,
    Other,
}

impl FirstAnswer {
    fn of(bytes: &[u8]) -> FirstAnswer {
        match bytes {
            [] => FirstAnswer::Nothing,
            // The types of TLS records.
            [20..=24, ..] => FirstAnswer::Tls,
            _ if bytes.starts_with(b"HTTP/") => FirstAnswer::Http,
            _ => FirstAnswer::Other,
        }
    }

    /// Why a handshake came to nothing, if it is because of the port.
    fn cause(self) -> Option<&'static str> {
        match self {
            FirstAnswer::Nothing => Some("it sent nothing, so this port may be one without TLS"),
            FirstAnswer::Tls => None,
            FirstAnswer::Http => Some("the server speaks HTTP without TLS on this port"),
            FirstAnswer::Other => Some("the server does not speak TLS on this port"),
        }
    }
}

/// What a handshake came to.
pub(in crate::transport) enum Outcome {
    /// The handshake is complete and the server's identity is accepted.
    Secured(Arc<TlsStream>),
    /// The server ended the connection when it was offered a session: a new one without an offer may succeed.
    OfferRefused,
}

impl Handshake {
    /// Begins. `resumes`: if an earlier connection has left a session, the server is offered to resume it.
    pub(in crate::transport) fn start(
        socket: Socket,
        uri: &ServerUri,
        settings: &Arc<OpenSettings>,
        resumes: bool,
    ) -> Result<Box<Handshake>, TlsFailure> {
        let Some(tls) = &settings.tls else {
            return Err(TlsFailure::new("there are no TLS options"));
        };
        let started = Handshake::prepare(socket, uri, settings, tls, resumes);
        started.inspect_err(|failure| failure.tell(tls))
    }

    fn prepare(
        socket: Socket,
        uri: &ServerUri,
        settings: &Arc<OpenSettings>,
        tls: &TlsSettings,
        resumes: bool,
    ) -> Result<Box<Handshake>, TlsFailure> {
        let _work = ForeignWork::begin();
        clear_errors();
        let server = (uri.host_without_scope().to_owned(), uri.port);
        let (demands, distrust) = (Demands::of(tls), Arc::new(Mutex::new(None)));
        let (context, origin) = make_context(tls, &server, demands, &distrust)?;
        let origin = origin.filter(|_| resumes);
        let (ssl, offer) = make_connection(&context, origin, tls, &server.0, demands, &distrust)?;
        let socket = Arc::new(socket);
        let stream = make_stream(ssl, &socket)?;
        let settings = settings.clone();
        let answer = FirstAnswer::Nothing;
        Ok(Box::new(Handshake { socket, stream, settings, server, demands, distrust, offer, answer }))
    }

    /// Continues as far as possible without waiting.
    #[inline(never)]
    pub(in crate::transport) fn advance(
        mut self: Box<Self>,
    ) -> Result<Turn<Box<Handshake>, Outcome>, TlsFailure> {
        match self.step() {
            Ok(false) => Ok(Turn::Waiting(self)),
            Ok(true) => Ok(Turn::Done(Outcome::Secured(self.into_stream()))),
            Err(failure) => self.fail(failure).map(Turn::Done),
        }
    }

    #[inline(never)]
    #[allow(clippy::boxed_local, reason = "a copy on the stack would stay below OpenSSL")]
    fn into_stream(mut self: Box<Self>) -> Arc<TlsStream> {
        self.offer.iter_mut().for_each(Offer::settle);
        Arc::new(TlsStream::new(self.socket, self.stream, self.settings))
    }

    #[inline(never)]
    fn fail(&self, failure: TlsFailure) -> Result<Outcome, TlsFailure> {
        if self.is_refusal_of_offer() {
            log::protocol(format_args!("The TLS session of an earlier connection was refused: {failure}"));
            return Ok(Outcome::OfferRefused);
        }
        if let Some(tls) = &self.settings.tls {
            failure.tell(tls);
        }
        Err(failure)
    }

    /// What the handshake has failed with may be due to the offer: nothing was found wrong with the server on our side.
    fn is_refusal_of_offer(&self) -> bool {
        let is_distrusted = self.demands.chain && self.distrust.lock().is_some();
        self.offer.is_some() && !is_distrusted && !self.stream.ssl().is_init_finished()
    }

    /// True: done.
    #[inline(never)]
    fn step(&mut self) -> Result<bool, TlsFailure> {
        let _work = ForeignWork::begin();
        clear_errors();
        self.stream.get_mut().begin_turn();
        // If nothing can be sent any more, reading gives the reason.
        let _ = self.stream.get_mut().send_rest();
        let result = self.stream.connect();
        if matches!(self.answer, FirstAnswer::Nothing) {
            self.answer = FirstAnswer::of(self.stream.get_ref().last_read());
        }
        self.stream.get_mut().end_turn();
        self.take_result(result)
    }

    /// True: done.
    #[inline(never)]
    fn take_result(&self, result: Result<(), ssl::Error>) -> Result<bool, TlsFailure> {
        let ssl = self.stream.ssl();
        log::protocol(format_args!("SSL state connect:{}:{}", ssl.state_string_long(), cipher(ssl)));
        match result {
            Ok(()) => self.judge().map(|()| true),
            Err(error) if error.code() == ErrorCode::WANT_READ => Ok(false),
            Err(error) => {
                let failure = TlsFailure::of_connection("TLS handshake", &error);
                let distrust = self.distrust.lock();
                let reason = distrust.as_deref().filter(|_| self.demands.chain);
                Err(match reason.or(self.answer.cause()) {
                    Some(reason) => failure.with_detail(reason),
                    None => failure,
                })
            }
        }
    }

    fn judge(&self) -> Result<(), TlsFailure> {
        let ssl = self.stream.ssl();
        log::protocol(format_args!("SSL handshake done {}:{}", ssl.version_str(), cipher(ssl)));
        let Some(tls) = &self.settings.tls else { return Ok(()) };
        let distrust = self.distrust.lock().clone();
        log::protocol(format_args!(
            "SSL certificate verification: {}",
            distrust.as_deref().unwrap_or("X509_V_OK")
        ));
        self.demands.judge(ssl, tls, &self.server.0, distrust.as_deref())
    }

    /// Before `wait`: servers send long chains of certificates in pieces.
    pub(in crate::transport) fn quick_ack(&self) {
        self.stream.get_ref().quick_ack();
    }

    pub(in crate::transport) fn wait(&self) -> Wait<'_> {
        Wait { write: self.stream.get_ref().has_unsent(), ..Wait::to_read(self.socket.as_fd()) }
    }
}

/// Checks the certificate and keeps the result. If checks are not required, the connection continues anyway.
#[inline(never)]
fn verify(context: &mut SslContextBuilder, demands: Demands, distrust: &Arc<Mutex<Option<String>>>) {
    let mode = if demands.chain { SslVerifyMode::PEER } else { SslVerifyMode::NONE };
    let distrust = distrust.clone();
    context.set_verify_callback(mode, move |is_right, store| {
        if !is_right {
            distrust.lock().get_or_insert_with(|| store.error().error_string().to_owned());
        }
        is_right || !demands.chain
    });
}

/// The same for a connection with the application's context, which may demand more by itself.
#[inline(never)]
fn verify_too(ssl: &mut SslRef, demands: Demands, distrust: &Arc<Mutex<Option<String>>>) {
    if !demands.chain {
        return;
    }
    let distrust = distrust.clone();
    ssl.set_verify_callback(SslVerifyMode::PEER, move |is_right, store| {
        if !is_right {
            distrust.lock().get_or_insert_with(|| store.error().error_string().to_owned());
        }
        is_right
    });
}

/// The context of one connection, and where its sessions will come from. None: they cannot be kept.
#[inline(never)]
fn make_context(
    tls: &TlsSettings,
    server: &(String, u16),
    demands: Demands,
    distrust: &Arc<Mutex<Option<String>>>,
) -> Result<(SslContext, Option<Origin>), TlsFailure> {
    if let Some(given) = &tls.context {
        // Its sessions are the application's business.
        return Ok((given.0.clone(), None));
    }
    let mut context = context::begin(tls)?;
    verify(&mut context, demands, distrust);
    let origin = Arc::new(OnceLock::new());
    keep_sessions(&mut context, tls, &origin, distrust);
    let context = context.build();
    if let Ok(loaded) = loaded::digest(&context, tls) {
        origin.get_or_init(|| Origin { server: server.clone(), loaded });
    }
    Ok((context, origin.get().cloned()))
}

/// OpenSSL's part of a connection, and the session that is offered to the server. `origin`: where such a session comes from.
#[inline(never)]
fn make_connection(
    context: &SslContext,
    origin: Option<Origin>,
    tls: &TlsSettings,
    host: &str,
    demands: Demands,
    distrust: &Arc<Mutex<Option<String>>>,
) -> Result<(Ssl, Option<Offer>), TlsFailure> {
    let mut ssl = Ssl::new(context).map_err(failed("preparing the TLS connection"))?;
    if tls.context.is_some() {
        allow_moving_writes(&mut ssl);
        verify_too(&mut ssl, demands, distrust);
    }
    name_server(&mut ssl, host)?;
    let Some(origin) = origin else { return Ok((ssl, None)) };
    let offer = offer(&mut ssl, tls, &origin, demands, distrust)?;
    Ok((ssl, offer))
}

#[inline(never)]
fn make_stream(ssl: Ssl, socket: &Arc<Socket>) -> Result<Foreign<SslStream<SocketIo>>, TlsFailure> {
    let stream = SslStream::new(ssl, SocketIo::new(socket.clone()));
    stream.map(Foreign::new).map_err(failed("preparing the TLS connection"))
}

/// Keeps the sessions that the server lets us resume: in TLS 1.3 they come when the connection is already in use.
#[inline(never)]
fn keep_sessions(
    context: &mut SslContextBuilder,
    tls: &TlsSettings,
    origin: &Arc<OnceLock<Origin>>,
    distrust: &Arc<Mutex<Option<String>>>,
) {
    let (cache, origin, distrust) = (tls.sessions.clone(), origin.clone(), distrust.clone());
    context.set_session_cache_mode(SslSessionCacheMode::CLIENT | SslSessionCacheMode::NO_INTERNAL);
    context.set_new_session_callback(move |_, session| {
        if let Some(origin) = origin.get() {
            cache.keep(origin.clone(), session, distrust.lock().clone());
        }
    });
}

/// Offers the server to resume a session, if there is one that is good enough.
fn offer(
    ssl: &mut SslRef,
    tls: &TlsSettings,
    origin: &Origin,
    demands: Demands,
    distrust: &Mutex<Option<String>>,
) -> Result<Option<Offer>, TlsFailure> {
    let Some((session, reason)) = tls.sessions.find(origin) else { return Ok(None) };
    if reason.is_some() && demands.chain {
        return Ok(None);
    }
    *distrust.lock() = reason;
    offer_session(ssl, &session).map_err(failed("offering a TLS session"))?;
    Ok(Some(Offer::new(&tls.sessions, origin)))
}

/// Sends the server name (SNI). Numeric addresses have none.
fn name_server(ssl: &mut SslRef, host: &str) -> Result<(), TlsFailure> {
    let name = host.strip_suffix('.').unwrap_or(host);
    if name.parse::<IpAddr>().is_ok() || name.is_empty() || name.contains('\0') {
        return Ok(());
    }
    ssl.set_hostname(name).map_err(failed("naming the server"))
}

fn cipher(ssl: &SslRef) -> &'static str {
    ssl.current_cipher().map_or("(NONE)", |cipher| cipher.name())
}
