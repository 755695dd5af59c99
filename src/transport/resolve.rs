//! Host names to addresses, within a time limit.

use crossbeam_channel::{RecvTimeoutError, bounded};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::thread;
use std::time::Instant;

/// Why a name gave no address.
#[derive(Debug)]
pub enum ResolveError {
    /// The system's resolver said so.
    Failed(String, io::Error),
    /// The resolver gave no answer within the time limit.
    TimedOut(String),
}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResolveError::Failed(host, error) => {
                write!(f, "the host name \"{host}\" cannot be resolved: {error}")
            }
            ResolveError::TimedOut(host) => write!(f, "resolving the host name \"{host}\" timed out"),
        }
    }
}

/// All addresses of the host, IPv4 first, because that is the one that programs have been connecting to.
///
/// The system's resolver cannot be given a time limit, so a name is looked up by a thread that lives as long as the
/// look-up. Addresses and `localhost` need none.
pub(super) fn resolve(host: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, ResolveError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let mut addresses = match host {
        "localhost" => look_up(host, port)?,
        _ => look_up_on_a_thread(host, port, deadline)?,
    };
    addresses.sort_by_key(SocketAddr::is_ipv6);
    Ok(addresses)
}

fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>, ResolveError> {
    match (host, port).to_socket_addrs() {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => Err(ResolveError::Failed(host.to_owned(), error)),
    }
}

fn look_up_on_a_thread(host: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, ResolveError> {
    let (sender, receiver) = bounded(1);
    let name = host.to_owned();
    let work = move || {
        // The receiver is gone when the time limit passed first.
        let _ = sender.send(look_up(&name, port));
    };
    if let Err(error) = thread::Builder::new().name("MQTT_resolve".into()).spawn(work) {
        return Err(ResolveError::Failed(host.to_owned(), error));
    }
    match receiver.recv_deadline(deadline) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            Err(ResolveError::TimedOut(host.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn addresses_are_taken_as_they_are() {
        assert_eq!(resolve("127.0.0.1", 1, soon()).unwrap(), ["127.0.0.1:1".parse().unwrap()]);
        assert_eq!(resolve("::1", 2, soon()).unwrap(), ["[::1]:2".parse().unwrap()]);
    }

    #[test]
    fn ipv4_comes_first() {
        let addresses = resolve("localhost", 1883, soon()).unwrap();
        assert!(addresses[0].is_ipv4(), "{addresses:?}");
    }

    #[test]
    fn a_name_that_is_none_fails() {
        assert!(matches!(resolve("no such host", 1, soon()), Err(ResolveError::Failed(..))));
    }
}
