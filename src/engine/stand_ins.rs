//! For tests: an application without callbacks, and a stream during whose system calls something happens.

use crate::engine::application::Application;
use crate::engine::client::{Client, Guard};
use crate::engine::connecting::plan::ConnectPlan;
use crate::engine::inbox::message::Message;
use crate::engine::runtime::clock;
use crate::locks::Mutex;
use crate::protocol::{Framing, PropertyView, QoS, Version, split_frame};
use crate::session::OutgoingPublish;
use crate::transport::{ServerUri, Stream};
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

/// An application without callbacks.
pub(in crate::engine) struct Nobody;

impl Application for Nobody {
    fn message_arrived(&self, _: &mut Message) -> bool {
        true
    }
}

/// The URI of a server that is never connected to.
pub(in crate::engine) fn server() -> ServerUri {
    ServerUri::parse("tcp://127.0.0.1:1").unwrap()
}

/// What happens during a call.
type Happening = Option<Box<dyn FnOnce() + Send>>;

/// Takes everything, and gives these bytes once.
pub(in crate::engine) struct StandIn {
    bytes: Mutex<Vec<u8>>,
    during_read: Mutex<Happening>,
    during_write: Mutex<Happening>,
    writes: Mutex<Vec<Vec<u8>>>,
    ended: Mutex<Vec<&'static str>>,
    descriptor: OwnedFd,
}

impl StandIn {
    pub(in crate::engine) fn new(bytes: &[u8]) -> Arc<StandIn> {
        Arc::new(StandIn {
            bytes: Mutex::new(bytes.to_vec()),
            during_read: Mutex::new(None),
            during_write: Mutex::new(None),
            writes: Mutex::default(),
            ended: Mutex::default(),
            descriptor: OwnedFd::from(std::fs::File::open("/dev/null").unwrap()),
        })
    }

    /// During the next read.
    pub(in crate::engine) fn happens_during_read(&self, happening: impl FnOnce() + Send + 'static) {
        *self.during_read.lock() = Some(Box::new(happening));
    }

    /// During the next write.
    pub(in crate::engine) fn happens_during_write(&self, happening: impl FnOnce() + Send + 'static) {
        *self.during_write.lock() = Some(Box::new(happening));
    }
}

impl StandIn {
    /// Everything that was written before our direction was ended.
    pub(super) fn written(&self) -> Vec<u8> {
        self.writes().concat()
    }

    /// The same, write by write.
    pub(super) fn writes(&self) -> Vec<Vec<u8>> {
        self.writes.lock().clone()
    }

    /// How it was ended.
    pub(super) fn ended(&self) -> Vec<&'static str> {
        self.ended.lock().clone()
    }
}

fn happen(happening: &Mutex<Happening>) {
    let happening = happening.lock().take();
    if let Some(happening) = happening {
        happening();
    }
}

impl Stream for StandIn {
    fn read(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        happen(&self.during_read);
        let bytes = std::mem::take(&mut *self.bytes.lock());
        buffer.extend_from_slice(&bytes);
        if bytes.is_empty() { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(bytes.len()) }
    }

    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        happen(&self.during_write);
        if self.ended.lock().is_empty() {
            self.writes.lock().push(slices.iter().flat_map(|slice| slice.iter().copied()).collect());
        }
        Ok(slices.iter().map(|slice| slice.len()).sum())
    }

    fn finish(&self) {
        self.ended.lock().push("our direction");
    }

    fn shut_down(&self) {
        self.ended.lock().push("both directions");
    }

    fn descriptor(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// A message to send, without payload.
pub(in crate::engine) fn message(topic: &[u8], qos: QoS) -> OutgoingPublish<'_> {
    OutgoingPublish { topic, payload: b"", qos, retain: false, properties: PropertyView::default() }
}

/// Makes this stream the client's connection, which the server has accepted.
pub(in crate::engine) fn connect(
    client: &Client,
    state: &mut Guard<'_>,
    stream: Arc<StandIn>,
    version: Version,
) {
    let plan = ConnectPlan { version: Some(version), maximum_in_flight: 10, ..ConnectPlan::default() };
    client.close(state);
    client.attach(state, stream);
    state.session.connect(clock::now(), &plan.options(version, false)).unwrap();
    state.session.outgoing().take();
    let connack: &[u8] = if version == Version::V5 { &[0x20, 3, 0, 0, 0] } else { &[0x20, 2, 0, 0] };
    let Ok(Framing::Complete(frame)) = split_frame(connack, u32::MAX) else { panic!("CONNACK is whole") };
    assert!(state.session.receive(clock::now(), frame).is_ok_and(|event| event.is_some()));
    state.session.outgoing().take();
    state.deliveries.resume(false);
    state.connection.as_mut().unwrap().establish();
}
