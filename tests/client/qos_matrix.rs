//! Every message arrives once, at the lower of its own QoS and the subscription's maximum: each QoS, each
//! maximum, each function that subscribes, each MQTT version, with and without callbacks.

use crate::support::abi::{V3_1, V3_1_1, V5};
use crate::support::callbacks::Events;
use crate::support::client::{Answer, Client, Owner};
use crate::support::message::Delivered;
use crate::support::mosquitto::Mosquitto;
use crate::support::options::version;
use crate::support::wait::LIMIT;
use std::ffi::c_int;

const MAXIMA: [c_int; 3] = [0, 1, 2];
const END: &str = "end";

#[derive(Clone, Copy, Debug)]
enum Mode {
    SingleThreaded,
    Callbacks,
}

#[derive(Clone, Copy, Debug)]
enum Call {
    Subscribe,
    SubscribeMany,
    Subscribe5,
    SubscribeMany5,
}

struct Subscriber {
    client: Owner,
    events: Option<Events>,
}

impl Subscriber {
    fn connect(broker: &Mosquitto, level: c_int, mode: Mode) -> Subscriber {
        let client = Client::new(&broker.uri(), level);
        let events = matches!(mode, Mode::Callbacks).then(|| client.events());
        client.connect_ok(&version(level));
        Subscriber { client, events }
    }

    fn next(&self) -> Delivered {
        match &self.events {
            Some(events) => events.message(),
            None => self.client.receive_ok(),
        }
    }

    fn until_end(&self) -> Vec<Delivered> {
        let mut messages = Vec::new();
        loop {
            let message = self.next();
            if message.topic == END.as_bytes() {
                return messages;
            }
            messages.push(message);
        }
    }

    fn subscribe(&self, level: c_int, call: Call, filters: &[&str]) {
        match call {
            Call::Subscribe => {
                for (filter, maximum) in filters.iter().zip(MAXIMA) {
                    assert_eq!(self.client.subscribe3(filter, maximum), 0);
                }
            }
            Call::SubscribeMany => {
                let mut qos = MAXIMA;
                assert_eq!(self.client.subscribe_many3(filters, &mut qos), 0);
                assert_eq!(qos, MAXIMA, "the granted values");
            }
            Call::Subscribe5 => {
                for (filter, maximum) in filters.iter().zip(MAXIMA) {
                    let code = if level == V5 { maximum } else { 0 };
                    let count = c_int::from(level == V5);
                    let expected = Answer { code, count, codes: None, properties: None };
                    assert_eq!(self.client.subscribe5(filter, maximum, None, &[]), expected);
                }
            }
            Call::SubscribeMany5 => {
                let mut qos = MAXIMA;
                let answer = self.client.subscribe_many5(filters, &mut qos, None, &[]);
                assert_eq!(answer.code, 0, "the first topic is granted QoS 0");
                assert_eq!(qos, MAXIMA, "granted as asked (3.x), or untouched (5.0)");
                assert_eq!(answer.codes, (level == V5).then(|| MAXIMA.to_vec()));
            }
        }
    }
}

fn publish_everything(broker: &Mosquitto, level: c_int, mode: Mode, filters: &[&str]) {
    let publisher = Client::new(&broker.uri(), level);
    let _events = matches!(mode, Mode::Callbacks).then(|| publisher.events());
    publisher.connect_ok(&version(level).in_flight(20));
    for topic in filters {
        for qos in 0..3 {
            let token = publisher.publish_ok(topic, qos, format!("{qos}").as_bytes());
            assert_eq!(publisher.wait(token, LIMIT), 0, "completion");
        }
    }
    let token = publisher.publish_ok(END, 2, b"");
    assert_eq!(publisher.wait(token, LIMIT), 0, "completion");
    assert_eq!(publisher.disconnect(10_000), 0);
}

fn check(level: c_int, mode: Mode, calls: &[Call]) {
    let broker = Mosquitto::start();
    for call in calls {
        let case = format!("{level} {mode:?} {call:?}");
        let topics: Vec<String> = MAXIMA.iter().map(|maximum| format!("{call:?}/{maximum}")).collect();
        let filters: Vec<&str> = topics.iter().map(String::as_str).collect();
        let subscriber = Subscriber::connect(&broker, level, mode);
        subscriber.subscribe(level, *call, &filters);
        subscriber.client.subscribe_ok(END, 2);
        publish_everything(&broker, level, mode, &filters);

        let mut arrived: Vec<(String, String, c_int)> = Vec::new();
        for message in subscriber.until_end() {
            assert_eq!((message.retained, message.dup), (0, 0), "{case}");
            let topic = String::from_utf8(message.topic.clone()).unwrap();
            arrived.push((topic, message.payload_text(), message.qos));
        }
        arrived.sort();
        let mut expected = Vec::new();
        for (topic, maximum) in topics.iter().zip(MAXIMA) {
            expected.extend((0..3).map(|qos| (topic.clone(), qos.to_string(), maximum.min(qos))));
        }
        assert_eq!(arrived, expected, "{case}");
        assert_eq!(subscriber.client.disconnect(1000), 0);
    }
}

const ALL: [Call; 4] = [Call::Subscribe, Call::SubscribeMany, Call::Subscribe5, Call::SubscribeMany5];
const FIVE: [Call; 2] = [Call::Subscribe5, Call::SubscribeMany5];

#[test]
fn version_3_1_single_threaded() {
    check(V3_1, Mode::SingleThreaded, &ALL);
}

#[test]
fn version_3_1_with_callbacks() {
    check(V3_1, Mode::Callbacks, &ALL);
}

#[test]
fn version_3_1_1_single_threaded() {
    check(V3_1_1, Mode::SingleThreaded, &ALL);
}

#[test]
fn version_3_1_1_with_callbacks() {
    check(V3_1_1, Mode::Callbacks, &ALL);
}

#[test]
fn version_5_single_threaded() {
    check(V5, Mode::SingleThreaded, &FIVE);
}

#[test]
fn version_5_with_callbacks() {
    check(V5, Mode::Callbacks, &FIVE);
}
