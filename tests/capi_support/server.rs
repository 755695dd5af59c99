//! A server that answers by the book, or as it is told.

use paho_c_rs::protocol::{
    Acknowledgement, AcknowledgementType, ConnAck, Decoded, Framing, Packet, Properties, Publish, QoS,
    ReasonCode, SubAck, UnsubAck, Version, split_frame,
};
use std::ffi::CString;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// What the server does besides answering.
#[derive(Clone, Default)]
pub(crate) struct Script {
    /// Codes of every SUBACK and, for version 5, UNSUBACK. None: SUBACK grants QoS 0 to each filter.
    pub(crate) codes: Vec<u8>,
    /// Properties of CONNACK, SUBACK and UNSUBACK.
    pub(crate) properties: Properties,
    /// Topic and payload of messages sent behind CONNACK.
    pub(crate) messages: Vec<(Vec<u8>, Vec<u8>)>,
    /// Messages stay unacknowledged.
    pub(crate) silent: bool,
    /// Code of CONNACK.
    pub(crate) refusal: u8,
    /// Reason of every PUBACK and PUBREC.
    pub(crate) acknowledgement: u8,
    /// Bytes sent before CONNACK.
    pub(crate) early: Vec<u8>,
    /// No CONNACK follows them.
    pub(crate) no_connack: bool,
}

/// A packet the server has read: its first byte and its body.
pub(crate) type Seen = (u8, Vec<u8>);

/// A server for one connection.
pub(crate) struct Server {
    pub(crate) uri: CString,
    pub(crate) seen: Receiver<Seen>,
    listener: TcpListener,
    accepted: Receiver<TcpStream>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(script: Script) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let uri = CString::new(format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
        let (to_test, seen) = channel();
        let (to_owner, accepted) = channel();
        let mine = listener.try_clone().unwrap();
        let thread = std::thread::spawn(move || {
            let Ok((stream, _)) = mine.accept() else { return };
            to_owner.send(stream.try_clone().unwrap()).unwrap();
            serve(stream, &script, &to_test);
        });
        Server { uri, seen, listener, accepted, thread: Some(thread) }
    }

    /// The next packet of this type.
    pub(crate) fn wait_for(&self, packet_type: u8) -> Seen {
        self.seen.iter().find(|(first, _)| first >> 4 == packet_type).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ends an accept that nobody answered, and a connection that a failed test left open.
        let _ = TcpStream::connect(self.listener.local_addr().unwrap());
        if let Ok(stream) = self.accepted.recv() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.thread.take().map(JoinHandle::join);
    }
}

fn serve(mut stream: TcpStream, script: &Script, to_test: &Sender<Seen>) {
    let (mut input, mut version) = (Vec::new(), Version::V311);
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        input.extend_from_slice(&buffer[..count]);
        while let Ok(Framing::Complete(frame)) = split_frame(&input, 0) {
            if frame.first_byte == 0x10 {
                version = Version::from_level(frame.body[2 + usize::from(frame.body[1])]).unwrap();
            }
            let mut output = Vec::new();
            // What the protocol forbids, a publish without topic for instance, is only shown to the test.
            if let Ok(Decoded { packet, .. }) = Packet::decode(frame, version) {
                answer(packet, version, script, &mut output);
            }
            let _ = to_test.send((frame.first_byte, frame.body.to_vec()));
            let length = frame.length;
            input.drain(..length);
            if stream.write_all(&output).is_err() {
                return;
            }
        }
    }
}

fn answer(packet: Packet<'_>, version: Version, script: &Script, output: &mut Vec<u8>) {
    let properties = script.properties.view();
    match packet {
        Packet::Connect(_) => {
            output.extend_from_slice(&script.early);
            if script.no_connack {
                return;
            }
            ConnAck { session_present: false, code: script.refusal, properties }
                .encode(version, output)
                .unwrap();
            for (topic, payload) in &script.messages {
                let publish = Publish {
                    dup: false,
                    qos: QoS::AtMostOnce,
                    retain: false,
                    topic,
                    packet_id: None,
                    properties: paho_c_rs::protocol::PropertyView::empty(),
                    payload,
                };
                publish.encode(version, output).unwrap();
            }
        }
        Packet::Subscribe(request) => {
            let packet_id = request.packet_id;
            let granted = vec![0; request.filters.count()];
            let codes = if script.codes.is_empty() { &granted } else { &script.codes };
            SubAck { packet_id, properties, codes }.encode(version, output).unwrap();
        }
        Packet::Unsubscribe(request) => {
            let codes = if version == Version::V5 { script.codes.as_slice() } else { &[] };
            let packet_id = request.packet_id;
            UnsubAck { packet_id, properties, codes }.encode(version, output).unwrap();
        }
        Packet::Publish(publish) if !script.silent => {
            if let Some(id) = publish.packet_id {
                let packet_type = match publish.qos {
                    QoS::ExactlyOnce => AcknowledgementType::PubRec,
                    _ => AcknowledgementType::PubAck,
                };
                let mut answer = Acknowledgement::success(packet_type, id);
                if version == Version::V5 {
                    (answer.reason, answer.properties) = (ReasonCode(script.acknowledgement), properties);
                }
                answer.encode(version, output).unwrap();
            }
        }
        _ => {}
    }
}
