//! Several addresses of one host: the first that answers wins.

use super::stream::OpenError;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long an address has the field for itself before the next one is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);

/// Connects to the addresses in order, the next one as soon as one fails or has not answered within its head start.
pub(super) fn connect(addresses: &[SocketAddr], deadline: Instant) -> Result<Socket, OpenError> {
    let mut race = Race { waiting: addresses.iter(), running: Vec::new(), last_error: None };
    let mut next_start = Instant::now();
    loop {
        let now = Instant::now();
        if now >= deadline {
            return Err(OpenError::TimedOut);
        }
        if (now >= next_start || race.running.is_empty()) && race.start_next() {
            next_start = now + HEAD_START;
        }
        if race.running.is_empty() {
            if race.waiting.len() == 0 {
                return Err(OpenError::Connect(race.last_error.unwrap_or_else(no_address)));
            }
            continue;
        }
        let until = if race.waiting.len() == 0 { deadline } else { deadline.min(next_start) };
        if let Some(socket) = race.wait(until)? {
            return Ok(socket);
        }
    }
}

fn no_address() -> io::Error {
    io::Error::new(io::ErrorKind::AddrNotAvailable, "the host has no address")
}

struct Race<'a> {
    waiting: std::slice::Iter<'a, SocketAddr>,
    running: Vec<Socket>,
    last_error: Option<io::Error>,
}

impl Race<'_> {
    /// Starts the next connection. False: there was none, or it failed at once.
    fn start_next(&mut self) -> bool {
        let Some(address) = self.waiting.next() else { return false };
        match start(address) {
            Ok(socket) => {
                self.running.push(socket);
                true
            }
            Err(error) => {
                self.last_error = Some(error);
                false
            }
        }
    }

    /// Waits for any of the running connections to be made or refused.
    fn wait(&mut self, until: Instant) -> Result<Option<Socket>, OpenError> {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        let mut polled: Vec<PollFd<'_>> =
            self.running.iter().map(|socket| PollFd::new(socket, PollFlags::OUT)).collect();
        match poll(&mut polled, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(OpenError::Connect(error.into())),
        }
        let ready: Vec<bool> = polled.iter().map(|entry| !entry.revents().is_empty()).collect();
        for index in (0..ready.len()).rev().filter(|&index| ready.get(index) == Some(&true)) {
            let socket = self.running.remove(index);
            match socket.take_error() {
                Ok(None) => return Ok(Some(socket)),
                Ok(Some(error)) | Err(error) => self.last_error = Some(error),
            }
        }
        Ok(None)
    }
}

fn start(address: &SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(*address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
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

    /// An address of this machine where nobody listens.
    fn deaf() -> SocketAddr {
        listener().1
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn a_refused_address_gives_way_to_the_next() {
        let (_listener, address) = listener();
        let socket = connect(&[deaf(), address], soon()).unwrap();
        assert_eq!(socket.peer_addr().unwrap().as_socket(), Some(address));
        assert!(socket.tcp_nodelay().unwrap());
    }

    #[test]
    fn the_last_error_is_reported() {
        assert!(matches!(connect(&[deaf(), deaf()], soon()), Err(OpenError::Connect(error))
            if error.kind() == io::ErrorKind::ConnectionRefused));
        assert!(matches!(connect(&[], soon()), Err(OpenError::Connect(_))));
    }

    #[test]
    fn no_time_is_a_time_out() {
        let (_listener, address) = listener();
        assert!(matches!(connect(&[address], Instant::now()), Err(OpenError::TimedOut)));
    }
}
