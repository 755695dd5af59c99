//! The handshake, without blocking.

use super::check::Demands;
use super::context::{self, failed};
use super::failure::TlsFailure;
use super::openssl_calls::{clear_errors, offer_session};
use super::settings::TlsSettings;
use super::socket_io::SocketIo;
use super::stream::TlsStream;
use crate::transport::log;
use crate::transport::opening::{Turn, Wait};
use crate::transport::settings::OpenSettings;
use crate::transport::uri::ServerUri;
use openssl::ssl::{
    ErrorCode, Ssl, SslContextBuilder, SslRef, SslSessionCacheMode, SslStream, SslVerifyMode,
};
use parking_lot::Mutex;
use socket2::Socket;
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::sync::Arc;

/// A connected socket on its way to a TLS connection.
pub(in crate::transport) struct Handshake {
    socket: Arc<Socket>,
    stream: SslStream<SocketIo>,
    settings: Arc<OpenSettings>,
    server: (String, u16),
    demands: Demands,
    /// The first thing that was found wrong with the server's certificate.
    distrust: Arc<Mutex<Option<String>>>,
    wants_to_write: bool,
}

impl Handshake {
    pub(in crate::transport) fn start(
        socket: Socket,
        uri: &ServerUri,
        settings: &Arc<OpenSettings>,
    ) -> Result<Handshake, TlsFailure> {
        let Some(tls) = &settings.tls else {
            return Err(TlsFailure::new("there are no TLS options"));
        };
        clear_errors();
        Handshake::prepare(socket, uri, settings, tls).inspect_err(|failure| failure.tell(tls))
    }

    fn prepare(
        socket: Socket,
        uri: &ServerUri,
        settings: &Arc<OpenSettings>,
        tls: &TlsSettings,
    ) -> Result<Handshake, TlsFailure> {
        let server = (uri.host_without_scope().to_owned(), uri.port);
        let (demands, distrust) = (Demands::of(tls), Arc::new(Mutex::new(None)));
        let mut context = context::begin(tls)?;
        verify(&mut context, demands, &distrust);
        keep_sessions(&mut context, tls, &server, &distrust);
        let error = failed("preparing the TLS connection");
        let mut ssl = Ssl::new(&context.build()).map_err(&error)?;
        name_server(&mut ssl, &server.0)?;
        if let Some((session, reason)) = tls.sessions.find(&server)
            && (reason.is_none() || !demands.chain)
        {
            *distrust.lock() = reason;
            offer_session(&mut ssl, &session).map_err(&error)?;
        }
        let socket = Arc::new(socket);
        let stream = SslStream::new(ssl, SocketIo::new(socket.clone())).map_err(&error)?;
        let settings = settings.clone();
        Ok(Handshake { socket, stream, settings, server, demands, distrust, wants_to_write: false })
    }

    /// Goes on as far as it can without waiting. Done: the handshake is over and the server is whom we want.
    pub(in crate::transport) fn advance(mut self) -> Result<Turn<Handshake, TlsStream>, TlsFailure> {
        let done = self.step().inspect_err(|failure| {
            if let Some(tls) = &self.settings.tls {
                failure.tell(tls);
            }
        })?;
        Ok(if done { Turn::Done(TlsStream::new(self.socket, self.stream)) } else { Turn::Waiting(self) })
    }

    /// True: done.
    fn step(&mut self) -> Result<bool, TlsFailure> {
        clear_errors();
        self.stream.get_mut().begin_turn();
        let result = self.stream.connect();
        self.stream.get_mut().end_turn();
        let ssl = self.stream.ssl();
        log::protocol(format_args!("SSL state connect:{}:{}", ssl.state_string_long(), cipher(ssl)));
        match result {
            Ok(()) => self.judge().map(|()| true),
            Err(error) if matches!(error.code(), ErrorCode::WANT_READ | ErrorCode::WANT_WRITE) => {
                self.wants_to_write = error.code() == ErrorCode::WANT_WRITE;
                Ok(false)
            }
            Err(error) => {
                let failure = TlsFailure::of_connection("TLS handshake", &error);
                Err(match self.distrust.lock().as_deref().filter(|_| self.demands.chain) {
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

    pub(in crate::transport) fn wait(&self) -> Wait<'_> {
        let descriptor = self.socket.as_fd();
        if self.wants_to_write { Wait::to_write(descriptor) } else { Wait::to_read(descriptor) }
    }
}

/// Has the certificate looked at, and keeps what is found. Without the demand the connection goes on all the same.
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

/// Keeps the sessions that the server lets us resume: in TLS 1.3 they come when the connection is already in use.
fn keep_sessions(
    context: &mut SslContextBuilder,
    tls: &TlsSettings,
    server: &(String, u16),
    distrust: &Arc<Mutex<Option<String>>>,
) {
    let (cache, server, distrust) = (tls.sessions.clone(), server.clone(), distrust.clone());
    context.set_session_cache_mode(SslSessionCacheMode::CLIENT | SslSessionCacheMode::NO_INTERNAL);
    context.set_new_session_callback(move |_, session| {
        cache.keep(server.clone(), session, distrust.lock().clone());
    });
}

/// Tells the server by which name it is asked for. There is no such thing for numeric addresses.
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
