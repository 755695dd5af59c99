//! Host names to addresses, without blocking.

use super::uri::masked;
use super::wait::Wait;
use crate::system::Event;
use crossbeam_channel::{Receiver, bounded};
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread;

/// Why a name gave no address.
#[derive(Debug)]
pub struct ResolveError {
    host: String,
    error: io::Error,
}

impl ResolveError {
    fn new(host: &str, error: io::Error) -> ResolveError {
        ResolveError { host: masked(host).into_owned(), error }
    }
}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the host name \"{}\" cannot be resolved: {}", self.host, self.error)
    }
}

type Addresses = Result<Vec<SocketAddr>, ResolveError>;

/// A name on its way to addresses: all of the host's, IPv4 first, because that is the one that applications have been
/// connecting to.
///
/// The system's resolver only blocks, so a name is looked up by a thread that ends with the look-up. Addresses and
/// `localhost` need none.
pub(super) enum Lookup {
    Done(Option<Addresses>),
    Running {
        answer: Receiver<Addresses>,
        /// The answer is there.
        answered: Arc<Event>,
    },
}

impl Lookup {
    pub(super) fn start(host: &str, port: u16) -> Result<Lookup, ResolveError> {
        if needs_no_network(host) {
            return Ok(Lookup::Done(Some(look_up(host, port))));
        }
        let failed = |error: io::Error| ResolveError::new(host, error);
        let answered = Arc::new(Event::new().map_err(failed)?);
        let (sender, answer) = bounded(1);
        // The thread keeps a receiver, too. So that of a forked child is never the last one, whose drop waits for a
        // send that is under way: in the child it would never end.
        let (name, event, kept) = (host.to_owned(), answered.clone(), answer.clone());
        let work = move || {
            let _ = sender.send(look_up(&name, port));
            event.happen();
            drop(kept);
        };
        thread::Builder::new().name("MQTT_resolve".into()).spawn(work).map_err(failed)?;
        Ok(Lookup::Running { answer, answered })
    }

    /// The addresses, once; None as long as there are none.
    pub(super) fn take(&mut self) -> Result<Option<Vec<SocketAddr>>, ResolveError> {
        match self {
            Lookup::Done(result) => result.take().transpose(),
            Lookup::Running { answer, .. } => answer.try_recv().ok().transpose(),
        }
    }

    pub(super) fn wait(&self) -> Option<Wait<'_>> {
        match self {
            Lookup::Done(_) => None,
            Lookup::Running { answered, .. } => Some(Wait::to_read(answered.as_fd())),
        }
    }
}

/// Numeric addresses, IPv6 ones also with a scope (`fe80::1%eth0`), and the name of this machine.
fn needs_no_network(host: &str) -> bool {
    let address = host.split_once('%').map_or(host, |(address, _)| address);
    host == "localhost" || host.parse::<IpAddr>().is_ok() || address.parse::<Ipv6Addr>().is_ok()
}

fn look_up(host: &str, port: u16) -> Addresses {
    match (host, port).to_socket_addrs() {
        Ok(found) => {
            let (mut addresses, others): (Vec<SocketAddr>, Vec<_>) = found.partition(SocketAddr::is_ipv4);
            addresses.extend(others);
            Ok(addresses)
        }
        Err(error) => Err(ResolveError::new(host, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{PollFd, PollFlags, poll};

    fn resolve(host: &str, port: u16) -> Addresses {
        let mut lookup = Lookup::start(host, port)?;
        loop {
            if let Some(addresses) = lookup.take()? {
                return Ok(addresses);
            }
            let wait = lookup.wait().unwrap();
            poll(&mut [PollFd::from_borrowed_fd(wait.descriptor, PollFlags::IN)], None).unwrap();
        }
    }

    #[test]
    fn addresses_are_taken_as_they_are() {
        assert_eq!(resolve("127.0.0.1", 1).unwrap(), ["127.0.0.1:1".parse().unwrap()]);
        assert_eq!(resolve("::1", 2).unwrap(), ["[::1]:2".parse().unwrap()]);
    }

    #[test]
    fn a_scope_is_kept() {
        let addresses = resolve("fe80::1%lo", 1).unwrap();
        assert!(
            matches!(addresses[..], [SocketAddr::V6(address)] if address.scope_id() != 0),
            "{addresses:?}"
        );
    }

    #[test]
    fn ipv4_comes_first() {
        let addresses = resolve("localhost", 1883).unwrap();
        assert!(addresses[0].is_ipv4(), "{addresses:?}");
    }

    #[test]
    fn a_name_is_looked_up_by_a_thread() {
        let lookup = Lookup::start("no such host", 1).unwrap();
        assert!(lookup.wait().is_some());
        assert!(resolve("no such host", 1).is_err());
    }
}
