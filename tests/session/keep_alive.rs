//! Keep-alive over simulated days.

use crate::support::*;
use paho_c_rs::protocol::{PropertyId, PropertyValue, QoS, Version};
use paho_c_rs::session::{ConnectOptions, Failure, Moment};

const DAY: u64 = 86_400_000;
const PINGREQ: [u8; 2] = [0xC0, 0];
const PINGRESP: [u8; 2] = [0xD0, 0];

/// A connected client, the server's answers on their way, and the one alarm that is set after CONNACK and
/// after each time it fires, never by traffic.
struct Link {
    client: Client,
    interval: u64,
    alarm: Option<Moment>,
    last_sent: Moment,
    pings: u64,
}

impl Link {
    fn new(keep_alive: u16, server: Option<u16>) -> Link {
        Link::with(&ConnectOptions { keep_alive, ..options(Version::V5) }, server)
    }

    fn with(options: &ConnectOptions<'_>, server: Option<u16>) -> Link {
        let limits: Vec<_> = server
            .map(|seconds| (PropertyId::ServerKeepAlive, PropertyValue::TwoByteInteger(seconds)))
            .into_iter()
            .collect();
        let mut client = Client::new();
        client.connect(options, false, &limits);
        let (alarm, last_sent) = (client.session.next_deadline(), client.now);
        let interval = u64::from(server.unwrap_or(options.keep_alive)) * 1000;
        Link { client, interval, alarm, last_sent, pings: 0 }
    }

    /// What is queued goes out; gives whether there was a PINGREQ. No gap may be as long as the interval.
    fn flush(&mut self) -> bool {
        let sent = self.client.written();
        if sent.is_empty() {
            return false;
        }
        let gap = self.client.now.millis_since(self.last_sent);
        assert!(gap < self.interval, "nothing was sent for {gap} ms");
        self.last_sent = self.client.now;
        let pinged = packets(&sent).contains(&&PINGREQ[..]);
        self.pings += u64::from(pinged);
        pinged
    }

    fn fire(&mut self) -> Result<bool, Failure> {
        self.client.session.handle_timeout(self.client.now)?;
        self.alarm = self.client.session.next_deadline();
        assert!(self.alarm > Some(self.client.now), "an alarm that does nothing must not fire at once again");
        Ok(self.flush())
    }

    /// Runs for that long; `traffic` happens every `every` milliseconds; PINGRESP comes `latency` after
    /// PINGREQ.
    fn run(
        &mut self,
        duration: u64,
        every: u64,
        latency: Option<u64>,
        mut traffic: impl FnMut(&mut Client),
    ) -> Result<(), Failure> {
        let end = self.client.now.plus_millis(duration);
        let mut next_traffic = self.client.now.plus_millis(every);
        let mut answer: Option<Moment> = None;
        loop {
            let next = [self.alarm, Some(next_traffic), answer, Some(end)].into_iter().flatten().min();
            self.client.now = next.unwrap();
            if next == Some(end) {
                return Ok(());
            } else if next == answer {
                answer = None;
                self.client.receive(&PINGRESP)?;
            } else if next == Some(next_traffic) {
                traffic(&mut self.client);
                next_traffic = next_traffic.plus_millis(every);
                self.flush();
            } else if self.fire()? {
                answer = answer.or(latency.map(|latency| self.client.now.plus_millis(latency)));
            }
        }
    }
}

fn nothing(_: &mut Client) {}

fn send(client: &mut Client) {
    client.publish(QoS::AtMostOnce, b"x").unwrap();
}

fn hear(client: &mut Client) {
    client.receive(&message_from_server(Version::V5, QoS::AtMostOnce, 0, b"x", false)).unwrap();
}

#[test]
fn an_idle_day_is_kept_alive_with_few_pings() {
    for (keep_alive, server) in
        [(1, None), (4, None), (60, None), (65_535, None), (60, Some(3)), (0, Some(20))]
    {
        let mut link = Link::new(keep_alive, server);
        link.run(DAY, DAY * 2, Some(50), nothing).unwrap();
        let least = DAY / link.interval;
        assert!((least..=least * 8 / 7 + 1).contains(&link.pings), "{keep_alive}: {} pings", link.pings);
    }
}

#[test]
fn without_keep_alive_nothing_is_ever_due() {
    for (keep_alive, server) in [(0, None), (60, Some(0))] {
        let mut link = Link::new(keep_alive, server);
        assert_eq!(link.alarm, None);
        link.run(DAY, DAY * 2, None, nothing).unwrap();
        link.client.session.handle_timeout(link.client.now).unwrap();
        assert_eq!(link.pings, 0);
    }
}

#[test]
fn the_servers_interval_holds_for_one_connection() {
    let mut link = Link::new(60, Some(3));
    assert!(link.alarm < Some(link.client.now.plus_millis(3000)));
    link.client.connect(&options(Version::V5), true, &[]);
    let alarm = link.client.session.next_deadline();
    assert!(alarm > Some(link.client.now.plus_millis(50_000)));
}

#[test]
fn a_client_that_only_sends_still_asks_for_a_sign_of_life() {
    let mut link = Link::new(10, None);
    link.run(DAY, 1000, Some(50), send).unwrap();
    let expected = DAY / 10_050;
    assert!((expected..=expected + 1).contains(&link.pings), "{} pings", link.pings);
}

#[test]
fn a_client_that_only_listens_is_kept_alive() {
    let mut link = Link::new(10, None);
    link.run(DAY, 1000, Some(50), hear).unwrap();
    let least = DAY / 10_000;
    assert!((least..=least * 8 / 7 + 1).contains(&link.pings), "{} pings", link.pings);
}

#[test]
fn a_busy_connection_needs_no_pings() {
    let mut link = Link::new(10, None);
    link.run(DAY, 1000, Some(50), |client| {
        send(client);
        hear(client);
    })
    .unwrap();
    assert_eq!(link.pings, 0);
}

#[test]
fn a_silent_server_is_given_up_after_one_and_a_half_intervals() {
    for keep_alive in [2, 60] {
        let mut link = Link::new(keep_alive, None);
        let start = link.client.now;
        assert_eq!(link.run(DAY, DAY * 2, None, nothing), Err(Failure::KeepAlive));
        // PINGREQ after 7/8 of the interval, and 3/2 more without answer.
        assert_eq!(link.client.now.millis_since(start), link.interval * 19 / 8);
        assert!(!link.client.session.is_connected());
        assert!(link.client.written().is_empty(), "no DISCONNECT: the will is to be published");
        assert_eq!(link.client.session.next_deadline(), None);
    }
}

#[test]
fn a_silent_server_is_noticed_although_we_go_on_sending() {
    let mut link = Link::new(10, None);
    let start = link.client.now;
    assert_eq!(link.run(DAY, 1000, None, send), Err(Failure::KeepAlive));
    assert_eq!(link.client.now.millis_since(start), 25_000);
}

#[test]
fn a_missing_pingresp_is_tolerated_while_the_server_talks() {
    let mut link = Link::new(10, None);
    link.run(DAY, 3000, None, hear).unwrap();
    let last = link.client.now;
    assert_eq!(link.run(DAY, DAY * 2, None, nothing), Err(Failure::KeepAlive));
    assert!(link.client.now.millis_since(last) <= 15_000);
}

#[test]
fn a_large_packet_on_a_slow_link_is_not_killed() {
    let mut client = Client::connected(Version::V311);
    let mut left = 1_000_000;
    client.publish(QoS::AtLeastOnce, &vec![0; left]).unwrap();
    let head = client.session.outgoing().take().len() - left;
    client.session.bytes_written(client.now, head);
    // A byte every 50 s, with an interval of 60 s: the silence of the server is no wonder.
    for _ in 0..100 {
        client.pass(50_000);
        client.session.bytes_written(client.now, 1);
        client.session.handle_timeout(client.now).unwrap();
        left -= 1;
    }
    assert_eq!(client.session.outgoing().take().len(), PINGREQ.len(), "one PINGREQ behind it is enough");
    // Once it is out, an answer is due.
    client.session.bytes_written(client.now, left + PINGREQ.len());
    client.pass(89_999);
    client.session.handle_timeout(client.now).unwrap();
    client.pass(1);
    assert_eq!(client.session.handle_timeout(client.now), Err(Failure::KeepAlive));
}

#[test]
fn a_write_without_progress_is_killed() {
    let mut client = Client::connected(Version::V311);
    client.publish(QoS::AtMostOnce, b"stuck").unwrap();
    let start = client.now;
    let failed_at = loop {
        client.now = client.session.next_deadline().unwrap();
        if client.session.handle_timeout(client.now).is_err() {
            break client.now;
        }
    };
    assert_eq!(failed_at.millis_since(start), 52_500 + 90_000);
    assert_eq!(client.session.outgoing().take().len(), 10 + PINGREQ.len());
}

#[test]
fn a_prompt_loss_is_noticed_one_and_a_half_intervals_after_the_last_byte() {
    for keep_alive in [1, 4, 60] {
        let prompt = ConnectOptions { keep_alive, prompt_loss: true, ..options(Version::V5) };
        let mut link = Link::with(&prompt, None);
        link.run(DAY, DAY * 2, Some(link.interval / 4), nothing).unwrap();
        hear(&mut link.client);
        let heard = link.client.now;
        assert!(link.run(DAY, 1000, None, nothing).is_err());
        let silence = link.client.now.millis_since(heard);
        assert!((link.interval * 3 / 2..=link.interval * 3 / 2 + 1000).contains(&silence), "{silence} ms");
    }
}

/// Nothing is read; PINGREQ goes out all the same, and nobody waits for the answer.
#[test]
fn pings_go_on_while_nothing_is_read_and_are_not_judged() {
    for prompt_loss in [false, true] {
        let options = ConnectOptions { prompt_loss, keep_alive: 60, ..options(Version::V311) };
        let mut link = Link::with(&options, None);
        link.client.session.reading_stopped(link.client.now);
        link.alarm = link.client.session.next_deadline();
        link.run(DAY, DAY * 2, None, nothing).unwrap();
        assert!(link.pings >= DAY / 60_000, "{} pings", link.pings);
        // From now on an answer is due.
        link.client.session.reading_resumed(link.client.now);
        link.alarm = link.client.session.next_deadline();
        assert_eq!(link.run(DAY, DAY * 2, None, nothing), Err(Failure::KeepAlive));
    }
}

#[test]
fn a_server_that_is_not_read_from_and_takes_nothing_is_gone_by_keep_alive() {
    let mut client = Client::connected(Version::V311);
    client.publish(QoS::AtMostOnce, b"stuck").unwrap();
    client.session.reading_stopped(client.now);
    let start = client.now;
    let failed_at = loop {
        client.now = client.session.next_deadline().unwrap();
        if client.session.handle_timeout(client.now).is_err() {
            break client.now;
        }
    };
    assert_eq!(failed_at.millis_since(start), 52_500 + 90_000);
}

#[test]
fn without_keep_alive_a_server_that_takes_nothing_has_a_minute() {
    let mut client = Client::new();
    client.connect(&ConnectOptions { keep_alive: 0, ..options(Version::V311) }, false, &[]);
    client.session.reading_stopped(client.now);
    assert_eq!(client.session.next_deadline(), None, "there is nothing that it should take");
    client.publish(QoS::AtMostOnce, b"stuck").unwrap();
    client.pass(1000);
    client.session.outgoing().take();
    client.session.bytes_written(client.now, 1);
    assert_eq!(
        client.session.next_deadline(),
        Some(client.now.plus_millis(60_000)),
        "after the last progress"
    );
    client.pass(59_999);
    assert_eq!(client.session.handle_timeout(client.now), Ok(()));
    client.pass(1);
    assert_eq!(client.session.handle_timeout(client.now), Err(Failure::Stalled));
}

#[test]
fn acknowledgements_that_are_not_written_are_counted_until_they_are() {
    let mut client = Client::connected(Version::V311);
    let message = message_from_server(Version::V311, QoS::AtLeastOnce, 1, b"", false);
    while !client.session.owes_too_much() {
        client.receive(&message).unwrap();
    }
    let owed = client.session.outgoing().take().len();
    assert!((190 << 10..=256 << 10).contains(&owed), "{owed} bytes of acknowledgements");
    assert!(client.session.owes_too_much());
    client.session.bytes_written(client.now, owed);
    assert!(!client.session.owes_too_much());
}

#[test]
fn what_the_application_sends_is_no_debt() {
    let mut client = Client::connected(Version::V311);
    client.publish(QoS::AtLeastOnce, &vec![0; 1 << 20]).unwrap();
    assert!(!client.session.owes_too_much());
    // In a stream that is never written to its end, acknowledgements leave all the same.
    let message = message_from_server(Version::V311, QoS::AtLeastOnce, 1, b"", false);
    client.session.bytes_written(client.now, 1);
    let mut unwritten = client.session.outgoing().take().len() - 1;
    for _ in 0..200_000 {
        client.publish(QoS::AtMostOnce, &[0; 20]).unwrap();
        client.receive(&message).unwrap();
        client.session.bytes_written(client.now, unwritten);
        unwritten = client.session.outgoing().take().len();
        assert!(!client.session.owes_too_much());
    }
}
