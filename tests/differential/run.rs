//! Runs a case with one library and writes down what it did. One thread polls both the driver and the server.

use crate::case::{Action, Case, Mode, Plan, PublishAnswer, Step, hex};
use crate::driver::Driver;
use crate::server::Server;
use crate::support::packet::{self, Packet};
use rustix::event::{PollFlags, Timespec, poll};
use std::fmt::{self, Display, Formatter};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a call may take.
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// How long something that both libraries do at once is waited for, also where many cases run at a time.
const PROMPT: Duration = Duration::from_secs(4);

/// The original looks at its queue every second.
const QUEUE: Duration = Duration::from_millis(1500);

/// The original looks at its timers every 3 s.
const RECONNECT: Duration = Duration::from_secs(9);

/// What happened in a step.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) step: Step,
    pub(crate) answers: Vec<String>,
    pub(crate) events: Vec<String>,
    pub(crate) packets: Vec<String>,
}

impl PartialEq for Record {
    fn eq(&self, other: &Record) -> bool {
        (&self.answers, &self.events, &self.packets) == (&other.answers, &other.events, &other.packets)
    }
}

impl Display for Record {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "    {}", self.answers.join(" "))?;
        for line in self.events.iter().chain(&self.packets) {
            writeln!(formatter, "    {line}")?;
        }
        Ok(())
    }
}

pub(crate) struct Run<'a> {
    case: &'a Case,
    driver: &'a mut Driver,
    server: Server,
    /// How long late callbacks are waited for after each step.
    grace: Duration,
    create: String,
    /// A connect has succeeded, and its end has not been reported.
    connected: bool,
    /// Connects again by itself.
    automatic: bool,
    /// A message has been accepted that cannot be sent at once.
    queued: bool,
}

impl Run<'_> {
    pub(crate) fn all(case: &Case, driver: &mut Driver, store: &Path, grace: Duration) -> Vec<Record> {
        let server = Server::new(case.level);
        let mut create =
            format!("create uri={} version={} id=case{}{}", server.uri(), case.level, case.seed, case.create);
        if case.stored {
            create += &format!(" store={}", store.display());
        }
        let mut run =
            Run { case, driver, server, grace, create, connected: false, automatic: false, queued: false };
        let mut records = Vec::new();
        let (first, last) = (Step::calling("create"), Step::calling("destroy"));
        for step in std::iter::once(&first).chain(&case.steps).chain([&last]) {
            if run.driver.lost {
                break;
            }
            let answers = run.carry_out(step);
            records.push(run.record(step, answers));
        }
        records
    }

    /// Polls until `done` holds; false: it did not within the limit.
    fn poll(&mut self, limit: Duration, done: impl Fn(&Self) -> bool) -> bool {
        let end = Instant::now() + limit;
        while !done(self) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || self.driver.lost {
                return false;
            }
            self.poll_once(left);
        }
        true
    }

    fn poll_once(&mut self, limit: Duration) {
        let mut descriptors = self.server.readiness();
        descriptors.push(self.driver.readiness());
        let limit = Timespec::try_from(limit).unwrap();
        if poll(&mut descriptors, Some(&limit)).is_err() {
            return;
        }
        let ready: Vec<bool> =
            descriptors.iter().map(|descriptor| descriptor.revents() != PollFlags::empty()).collect();
        if ready[ready.len() - 1] {
            self.driver.read();
        }
        if ready.len() == 3 && ready[1] {
            self.server.read();
        }
        if ready[0] {
            self.server.accept();
        }
    }

    fn call(&mut self, line: &str) -> String {
        self.driver.begin(line);
        if !self.poll(CALL_LIMIT, |run| run.driver.answer.is_some()) {
            self.driver.lost = true;
            return "no answer".to_owned();
        }
        self.driver.answer.take().unwrap_or_default()
    }

    fn record(&mut self, step: &Step, answers: Vec<String>) -> Record {
        self.poll(self.grace, |_| false);
        let mut events = std::mem::take(&mut self.driver.events);
        events.retain(|event| event != "! barrier");
        let packets = std::mem::take(&mut self.server.received);
        Record { step: step.clone(), answers, events, packets: packets.iter().map(written).collect() }
    }

    fn carry_out(&mut self, step: &Step) -> Vec<String> {
        self.server.plan = step.plan.clone();
        let mut answers = Vec::new();
        match &step.action {
            Action::Call(line) if step.call() == "connect" => {
                self.automatic = step.has_argument("automatic=1");
                let line = format!("{line} server={}", self.server.uri());
                answers.push(self.call(&line));
            }
            Action::Call(line) if line == "create" => answers.push(self.create()),
            Action::Call(line) => answers.push(self.call(line)),
            Action::Send { bytes, pieces } => self.send(bytes, pieces),
            Action::AcknowledgeLate => self.server.acknowledge_late(),
            Action::Cut => self.server.end(),
            Action::Restart => {
                answers.push(self.call("destroy"));
                self.server.drop_connection();
                self.connected = false;
                answers.push(self.create());
            }
        }
        self.await_consequences(step, &mut answers);
        if self.queued
            && (["connect", "reconnect"].contains(&step.call())
                || matches!(step.action, Action::AcknowledgeLate))
        {
            self.await_queue();
        }
        self.settle(&mut answers);
        answers
    }

    fn create(&mut self) -> String {
        let line = self.create.clone();
        self.call(&line)
    }

    fn send(&mut self, bytes: &[u8], pieces: &[usize]) {
        let mut from = 0;
        for &to in pieces.iter().chain(&[bytes.len()]) {
            self.server.send_piece(&bytes[from..to]);
            from = to;
            if to < bytes.len() {
                // The client reads what there is so far.
                self.poll(Duration::from_millis(1), |_| false);
            }
        }
        self.server.end_pieces();
    }

    /// What the step itself brings about.
    fn await_consequences(&mut self, step: &Step, answers: &mut Vec<String>) {
        let accepted = answers.first().is_some_and(|answer| answer == "= 0" || answer.starts_with("= 0 "));
        let asynchronous = self.case.mode == Mode::Asynchronous;
        match step.call() {
            "connect" if asynchronous && accepted => {
                self.poll(CALL_LIMIT, |run| {
                    run.driver.has_event(&["! success connect", "! failure connect"])
                });
                self.connected =
                    self.driver.has_event(&["! success connect"]) || self.automatic && self.reconnects();
            }
            "connect" => {
                self.connected = accepted;
                if self.case.mode == Mode::Callbacks
                    && self.case.level == 5
                    && step.plan.refuses_by_disconnect()
                {
                    self.poll(PROMPT, |run| run.driver.has_event(&["! disconnected"]));
                }
            }
            "reconnect" => self.connected = accepted && self.reconnects(),
            "publish" if accepted && self.connected => self.await_publish(step, answers),
            "publish" => self.queued |= accepted && asynchronous,
            "subscribe" | "unsubscribe" if asynchronous && accepted => {
                let results = [format!("! success {}", step.call()), format!("! failure {}", step.call())];
                let results = [&results[0][..], &results[1][..]];
                self.poll(PROMPT, |run| run.driver.has_event(&results) || !run.server.is_open());
            }
            "disconnect" => {
                if asynchronous && accepted {
                    let results = ["! success disconnect", "! failure disconnect"];
                    self.poll(RECONNECT, |run| run.driver.has_event(&results));
                }
                self.poll(PROMPT, |run| !run.server.is_open());
                self.connected = false;
            }
            "destroy" => self.connected = false,
            _ => {}
        }
    }

    fn reconnects(&mut self) -> bool {
        self.poll(RECONNECT, |run| run.driver.has_event(&["! connected automatic"]))
    }

    /// Waits until nothing more is sent of what was queued.
    fn await_queue(&mut self) {
        let mut sent = None;
        while self.connected && sent != Some(self.server.received.len()) {
            let before = self.server.received.len();
            sent = Some(before);
            self.poll(QUEUE, |run| run.server.received.len() > before || !run.server.can_send());
        }
    }

    fn await_publish(&mut self, step: &Step, answers: &mut Vec<String>) {
        let answered = matches!(step.plan.publish, PublishAnswer::Flow { .. });
        let qos = (0..3).find(|qos| step.has_argument(&format!("qos={qos}"))).unwrap_or(0);
        if !self.poll(PROMPT, |run| run.server.has_received(packet::PUBLISH) || !run.server.can_send()) {
            self.queued = true;
            return;
        }
        if self.case.mode == Mode::Receive {
            if qos > 0 && !matches!(step.plan.publish, PublishAnswer::Cut) {
                let token = answers[0].rsplit(' ').next().unwrap_or_default().to_owned();
                answers.push(
                    self.call(&format!("wait token={token} time={}", if answered { 10_000 } else { 150 })),
                );
            }
        } else if answered
            && (self.case.mode == Mode::Asynchronous || qos > 0)
            && !step.has_argument("quiet=1")
        {
            let results: &[&str] = match self.case.mode {
                Mode::Asynchronous => &["! success publish", "! failure publish"],
                _ => &["! delivered", "! published"],
            };
            self.poll(PROMPT, |run| run.driver.has_event(results) || !run.server.can_send());
        } else if answered && qos == 2 {
            self.poll(PROMPT, |run| run.server.has_received(packet::PUBREL) || !run.server.can_send());
        }
    }

    /// Waits until the library has taken in everything that the server has sent, and what that has led to.
    fn settle(&mut self, answers: &mut Vec<String>) {
        let (mut before, mut received) = (None, None);
        while self.connected && before != Some(self.server.sent) {
            before = Some(self.server.sent);
            self.server.send_barrier();
            if self.case.mode == Mode::Receive {
                received = Some(self.receive());
            } else {
                self.await_barrier();
            }
        }
        answers.extend(received);
    }

    /// Receives everything up to the barrier.
    fn receive(&mut self) -> String {
        let barriers = self.server.barriers;
        let answer = self.call("receive time=10000");
        self.connected = answer == "= 0";
        self.poll(PROMPT, |run| run.server.barriers > barriers || !run.connected);
        answer
    }

    fn await_barrier(&mut self) {
        let barriers = self.server.barriers;
        let ends = ["! lost", "! disconnected"];
        self.poll(PROMPT, |run| {
            let over = run.server.barriers > barriers && run.driver.has_event(&["! barrier"]);
            over || run.driver.has_event(&ends)
        });
        self.driver.events.retain(|event| event != "! barrier");
        if self.driver.has_event(&ends) {
            self.poll(PROMPT, |run| !run.server.is_open());
            self.connected = self.automatic && self.reconnects();
        }
    }
}

/// A packet in the form in which it is compared.
fn written(packet: &Packet) -> String {
    let body = &packet.body[..];
    let id_at = match packet.kind() {
        packet::PUBLISH if packet.publish().qos > 0 => Some(2 + packet.publish().topic.len()),
        packet::PUBACK..=packet::UNSUBACK => Some(0),
        _ => None,
    };
    match id_at {
        Some(at) => {
            format!(
                "> {:02x} {} id {} {}",
                packet.first,
                hex(&body[..at]),
                packet.id(),
                shown(&body[at + 2..])
            )
        }
        None => format!("> {:02x} {}", packet.first, shown(body)),
    }
}

/// Long ones by their beginning, length and a checksum.
fn shown(bytes: &[u8]) -> String {
    if bytes.len() <= 80 {
        return hex(bytes);
    }
    let sum = bytes.iter().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
    format!("{}..{}:{sum:08x}", hex(&bytes[..40]), bytes.len())
}

impl Step {
    fn calling(line: &str) -> Step {
        Step { action: Action::Call(line.to_owned()), plan: Plan::default() }
    }
}
