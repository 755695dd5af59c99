//! Several addresses of one host: the first that answers wins.

use super::log;
use super::settings::SocketSettings;
use super::wait::Wait;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// How long an address has the field for itself before the next one is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);

/// Connects to the addresses in order, the next one as soon as all before it have failed or the last one has not answered
/// within its head start.
pub(super) struct Race {
    settings: SocketSettings,
    waiting: std::vec::IntoIter<SocketAddr>,
    running: Vec<Socket>,
    /// When the next address joins in.
    next_start: Option<Instant>,
    last_error: Option<io::Error>,
}

impl Race {
    pub(super) fn new(addresses: Vec<SocketAddr>, settings: &SocketSettings) -> Race {
        Race {
            settings: settings.clone(),
            waiting: addresses.into_iter(),
            running: Vec::new(),
            next_start: None,
            last_error: None,
        }
    }

    /// The connected socket, if one of them is by now. An error when all have failed.
    pub(super) fn advance(&mut self, now: Instant) -> io::Result<Option<Socket>> {
        loop {
            if let Some(socket) = self.winner()? {
                return Ok(Some(socket));
            }
            let next_is_due = self.running.is_empty() || self.next_start.is_some_and(|next| now >= next);
            match if next_is_due { self.waiting.next() } else { None } {
                Some(address) => self.start_one(&address, now),
                None if self.running.is_empty() => {
                    return Err(self.last_error.take().unwrap_or_else(no_address));
                }
                None => return Ok(None),
            }
        }
    }

    fn start_one(&mut self, address: &SocketAddr, now: Instant) {
        self.next_start = Some(now + HEAD_START).filter(|_| self.waiting.len() > 0);
        match start(address, &self.settings) {
            Ok(socket) => self.running.push(socket),
            Err(error) => self.last_error = Some(error),
        }
    }

    /// Looks which of the running connections are made or refused.
    fn winner(&mut self) -> io::Result<Option<Socket>> {
        let mut polled: Vec<PollFd<'_>> =
            self.running.iter().map(|socket| PollFd::new(socket, PollFlags::OUT)).collect();
        match poll(&mut polled, Some(&Timespec::default())) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(None),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let ready: Vec<bool> = polled.iter().map(|entry| !entry.revents().is_empty()).collect();
        let sockets = std::mem::take(&mut self.running);
        let mut winner = None;
        for (socket, ready) in sockets.into_iter().zip(ready) {
            match if ready { socket.take_error() } else { Ok(None) } {
                Ok(None) if ready && winner.is_none() => winner = Some(socket),
                Ok(None) => self.running.push(socket),
                Ok(Some(error)) | Err(error) => self.last_error = Some(error),
            }
        }
        Ok(winner)
    }

    pub(super) fn waits(&self) -> Vec<Wait<'_>> {
        self.running.iter().map(|socket| Wait::to_write(socket.as_fd())).collect()
    }

    pub(super) fn next_moment(&self) -> Option<Instant> {
        self.next_start
    }
}

fn no_address() -> io::Error {
    io::Error::new(io::ErrorKind::AddrNotAvailable, "the host has no address")
}

fn start(address: &SocketAddr, settings: &SocketSettings) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(*address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    if let Err(error) = socket.set_tcp_nodelay(true) {
        log::error(format_args!("TCP_NODELAY cannot be set: {error}. Messages may be delayed"));
    }
    settings.apply(&socket)?;
    match socket.connect(&SockAddr::from(*address)) {
        Ok(()) => Ok(socket),
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => {
            Ok(socket)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    /// A local address without a listener.
    fn deaf() -> SocketAddr {
        listener().1
    }

    /// A listener that answers no one because its queue is full, and the connections that fill it.
    fn silent() -> (Socket, SocketAddr, Vec<Socket>) {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SockAddr::from(SocketAddr::from(([127, 0, 0, 1], 0)))).unwrap();
        socket.listen(0).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let filling = (0..4).map(|_| start(&address, &SocketSettings::default()).unwrap()).collect();
        (socket, address, filling)
    }

    fn connect(addresses: &[SocketAddr]) -> io::Result<Socket> {
        connect_with(addresses, &SocketSettings::default())
    }

    fn connect_with(addresses: &[SocketAddr], settings: &SocketSettings) -> io::Result<Socket> {
        let mut race = Race::new(addresses.to_vec(), settings);
        loop {
            if let Some(socket) = race.advance(Instant::now())? {
                return Ok(socket);
            }
            let timeout = race.next_moment().map(|next| next.saturating_duration_since(Instant::now()));
            let timeout = timeout.map(|left| Timespec { tv_sec: 0, tv_nsec: left.subsec_nanos().into() });
            let waits = race.waits();
            let mut polled: Vec<PollFd<'_>> =
                waits.iter().map(|wait| PollFd::from_borrowed_fd(wait.descriptor, PollFlags::OUT)).collect();
            poll(&mut polled, timeout.as_ref()).unwrap();
        }
    }

    #[test]
    fn a_refused_address_gives_way_to_the_next() {
        let (_listener, address) = listener();
        let socket = connect(&[deaf(), address]).unwrap();
        assert_eq!(socket.peer_addr().unwrap().as_socket(), Some(address));
        assert!(socket.tcp_nodelay().unwrap());
    }

    #[test]
    fn a_silent_address_costs_its_head_start_only() {
        let (_socket, silent, _filling) = silent();
        let (_listener, address) = listener();
        let begin = Instant::now();
        let socket = connect(&[silent, address]).unwrap();
        assert_eq!(socket.peer_addr().unwrap().as_socket(), Some(address));
        assert!(begin.elapsed() < HEAD_START * 2);
    }

    #[test]
    fn a_socket_is_made_as_the_settings_say() {
        let (_listener, address) = listener();
        let settings = SocketSettings {
            local_address: Some([127, 0, 0, 5].into()),
            interface: Some("lo".to_owned()),
            keep_alive: Some(Duration::from_secs(7)),
            user_timeout: Some(Duration::from_millis(4321)),
        };
        let socket = connect_with(&[address], &settings).unwrap();
        assert_eq!(socket.local_addr().unwrap().as_socket().unwrap().ip().to_string(), "127.0.0.5");
        assert_eq!(socket.device().unwrap().unwrap(), b"lo");
        assert!(socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(7));
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(Duration::from_millis(4321)));
    }

    #[test]
    fn what_cannot_be_set_fails_with_its_name() {
        let (_listener, address) = listener();
        let interface = Some("no-such-if".to_owned());
        let error = connect_with(&[address], &SocketSettings { interface, ..SocketSettings::default() });
        assert!(error.unwrap_err().to_string().starts_with("interface no-such-if: "));
        let local_address = Some([192, 0, 2, 1].into());
        let error = connect_with(&[address], &SocketSettings { local_address, ..SocketSettings::default() });
        assert!(error.unwrap_err().to_string().starts_with("local address 192.0.2.1: "));
    }

    #[test]
    fn the_last_error_is_reported() {
        let error = connect(&[deaf(), deaf()]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(connect(&[]).is_err());
    }
}
