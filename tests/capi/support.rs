//! Handles that clean up after themselves, the C initializers, and a server that answers by the book.

use paho_c_rs::capi::client::abi::*;
use paho_c_rs::capi::client::connect::*;
use paho_c_rs::capi::client::create::*;
use paho_c_rs::capi::shared::property_abi::*;
use paho_c_rs::protocol::{
    Acknowledgement, AcknowledgementType, ConnAck, Framing, Packet, Properties, Publish, SubAck, UnsubAck,
    Version, split_frame,
};
use std::ffi::{CStr, CString, c_char, c_int};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::ptr;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

pub(crate) const NONE: c_int = 1;

/// A handle that is destroyed at the end.
pub(crate) struct Handle(pub(crate) MQTTClient);

impl Handle {
    /// A client of this version level for a server that is not there.
    pub(crate) fn new(version: c_int) -> Handle {
        Handle::to(c"tcp://127.0.0.1:1", version)
    }

    pub(crate) fn to(uri: &CStr, version: c_int) -> Handle {
        let mut handle = Handle(ptr::null_mut());
        let mut options = create_options(version);
        let uri = uri.as_ptr();
        let code = unsafe {
            MQTTClient_createWithOptions(
                &raw mut handle.0,
                uri,
                c"capi".as_ptr(),
                NONE,
                ptr::null_mut(),
                &raw mut options,
            )
        };
        assert_eq!((code, handle.0.is_null()), (0, false));
        handle
    }

    /// Connects a client of version 4 or 5.
    pub(crate) fn connect(&self, version: c_int) {
        let mut options = connect_options(version);
        let code = if version == 5 {
            let mut response =
                unsafe { MQTTClient_connect5(self.0, &raw mut options, ptr::null_mut(), ptr::null_mut()) };
            let code = response.reasonCode;
            free(&mut response);
            code
        } else {
            unsafe { MQTTClient_connect(self.0, &raw mut options) }
        };
        assert_eq!(code, 0);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        unsafe { MQTTClient_destroy(&raw mut self.0) };
        assert!(self.0.is_null());
    }
}

pub(crate) fn free(response: &mut MQTTResponse) {
    unsafe { paho_c_rs::capi::client::response::MQTTResponse_free(*response) };
    *response = MQTTResponse { reasonCodeCount: 0, properties: ptr::null_mut(), ..*response };
}

pub(crate) fn struct_id(text: &[u8; 4]) -> [c_char; 4] {
    text.map(|byte| byte as c_char)
}

pub(crate) fn create_options(version: c_int) -> MQTTClient_createOptions {
    MQTTClient_createOptions { struct_id: struct_id(b"MQCO"), struct_version: 0, MQTTVersion: version }
}

/// `MQTTClient_connectOptions_initializer`, or for version 5 `..._initializer5`.
pub(crate) fn connect_options(version: c_int) -> MQTTClient_connectOptions {
    let is_5 = c_int::from(version == 5);
    MQTTClient_connectOptions {
        struct_id: struct_id(b"MQTC"),
        struct_version: 8,
        keepAliveInterval: 60,
        cleansession: 1 - is_5,
        reliable: 1,
        will: ptr::null_mut(),
        username: ptr::null(),
        password: ptr::null(),
        connectTimeout: 30,
        retryInterval: 0,
        ssl: ptr::null_mut(),
        serverURIcount: 0,
        serverURIs: ptr::null(),
        MQTTVersion: version,
        returned: MQTTClient_connectOptions_returned {
            serverURI: ptr::null(),
            MQTTVersion: 0,
            sessionPresent: 0,
        },
        binarypwd: MQTTClient_connectOptions_binarypwd { len: 0, data: ptr::null() },
        maxInflightMessages: -1,
        cleanstart: is_5,
        httpHeaders: ptr::null(),
        httpProxy: ptr::null(),
        httpsProxy: ptr::null(),
    }
}

pub(crate) fn will_options(topic: *const c_char) -> MQTTClient_willOptions {
    MQTTClient_willOptions {
        struct_id: struct_id(b"MQTW"),
        struct_version: 1,
        topicName: topic,
        message: ptr::null(),
        retained: 0,
        qos: 0,
        payload: MQTTClient_willOptions_payload { len: 0, data: ptr::null() },
    }
}

pub(crate) const NO_PROPERTIES: MQTTProperties =
    MQTTProperties { count: 0, max_count: 0, length: 0, array: ptr::null_mut() };

pub(crate) fn message(payload: &[u8], qos: c_int) -> MQTTClient_message {
    MQTTClient_message {
        struct_id: struct_id(b"MQTM"),
        struct_version: 1,
        payloadlen: payload.len() as c_int,
        payload: payload.as_ptr().cast_mut().cast(),
        qos,
        retained: 0,
        dup: 0,
        msgid: 0,
        properties: NO_PROPERTIES,
    }
}

/// What the server does besides answering.
#[derive(Clone, Default)]
pub(crate) struct Script {
    /// Codes of every SUBACK and, for version 5, UNSUBACK.
    pub(crate) codes: Vec<u8>,
    /// Properties of CONNACK, SUBACK and UNSUBACK.
    pub(crate) properties: Properties,
    /// Topic and payload of messages sent behind CONNACK.
    pub(crate) messages: Vec<(Vec<u8>, Vec<u8>)>,
    /// QoS 1 messages stay unacknowledged.
    pub(crate) silent: bool,
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
            if let Ok(packet) = Packet::decode(frame, version) {
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
            ConnAck { session_present: false, code: 0, properties }.encode(version, output).unwrap();
            for (topic, payload) in &script.messages {
                let publish = Publish {
                    dup: false,
                    qos: paho_c_rs::protocol::QoS::AtMostOnce,
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
            SubAck { packet_id, properties, codes: &script.codes }.encode(version, output).unwrap();
        }
        Packet::Unsubscribe(request) => {
            let codes = if version == Version::V5 { script.codes.as_slice() } else { &[] };
            let packet_id = request.packet_id;
            UnsubAck { packet_id, properties, codes }.encode(version, output).unwrap();
        }
        Packet::Publish(publish) if !script.silent => {
            if let Some(id) = publish.packet_id {
                let answer = Acknowledgement::success(AcknowledgementType::PubAck, id);
                answer.encode(version, output).unwrap();
            }
        }
        _ => {}
    }
}
