//! How TCP sockets are made.

use crate::system;
use socket2::{Socket, TcpKeepalive};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// What a TCP socket is given before it connects. The default leaves everything to the system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SocketSettings {
    /// The address of this machine that connections come from; servers of the other kind, IPv4 or IPv6, are not reached.
    pub local_address: Option<IpAddr>,
    /// The only network interface to use.
    pub interface: Option<String>,
    /// Time without traffic after which TCP asks whether the peer is still there, and between such questions.
    pub keep_alive: Option<Duration>,
    /// Time for which what was sent may stay unacknowledged; then the connection ends.
    pub user_timeout: Option<Duration>,
}

impl SocketSettings {
    pub(in crate::transport) fn apply(&self, socket: &Socket) -> io::Result<()> {
        if let Some(name) = &self.interface {
            system::use_interface(socket, name).map_err(|error| of(&format!("interface {name}"), error))?;
        }
        if let Some(time) = self.keep_alive {
            let keep_alive = TcpKeepalive::new().with_time(time).with_interval(time);
            socket.set_tcp_keepalive(&keep_alive).map_err(|error| of("TCP keep-alive", error))?;
        }
        if let Some(time) = self.user_timeout {
            system::set_user_timeout(socket, time).map_err(|error| of("TCP user timeout", error))?;
        }
        if let Some(address) = self.local_address {
            let bound = socket.bind(&SocketAddr::new(address, 0).into());
            bound.map_err(|error| of(&format!("local address {address}"), error))?;
        }
        Ok(())
    }
}

/// The error with what it is about.
fn of(what: &str, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}
