//! Runs a case with one library and writes down what it did.

use crate::case::{Case, ConnectAnswer, Mode, PublishAnswer, Step, hex};
use crate::driver::Driver;
use crate::server::{Plan, Server};
use crate::support::packet;
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

/// How long something that both libraries do at once is waited for.
const PROMPT: Duration = Duration::from_millis(1500);

/// What happened in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) line: String,
    pub(crate) answers: Vec<String>,
    pub(crate) events: Vec<String>,
    pub(crate) packets: Vec<String>,
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
}

impl Run<'_> {
    pub(crate) fn all(case: &Case, driver: &mut Driver, grace: Duration) -> Vec<Record> {
        let server = Server::start(case.level, plan_of(case, None));
        let mut run = Run { case, driver, server, grace };
        let mut records = Vec::new();
        let create = format!("create {} {} case{}", run.server.uri(), case.level, case.seed);
        let answer = run.driver_call(&create);
        records.push(run.record("create", vec![answer]));
        for step in &case.steps {
            if run.driver.lost {
                break;
            }
            let answers = run.carry_out(step);
            let line = format!("{step:?}");
            records.push(run.record(&line, answers));
        }
        let answer = run.driver_call("destroy");
        records.push(run.record("destroy", vec![answer]));
        records
    }

    fn driver_call(&mut self, line: &str) -> String {
        self.driver.call(line)
    }

    fn record(&mut self, line: &str, answers: Vec<String>) -> Record {
        let mut events = self.driver.take_events(self.grace);
        events.retain(|event| event != "! barrier");
        let packets = std::mem::take(&mut self.server.state().received);
        let packets = packets
            .iter()
            .map(|(first, body)| {
                let body = hex(body);
                format!("> {first:02x} {}", body.get(..160).unwrap_or(&body))
            })
            .collect();
        Record { line: line.to_owned(), answers, events, packets }
    }

    fn carry_out(&mut self, step: &Step) -> Vec<String> {
        self.server.state().plan = plan_of(self.case, Some(step));
        let mut answers = Vec::new();
        match step {
            Step::Incoming { packets, piece } => self.server.send(packets, *piece),
            Step::Cut => self.server.cut(),
            Step::Connect { line, .. }
            | Step::Publish { line, .. }
            | Step::Subscribe { line, .. }
            | Step::Unsubscribe { line, .. }
            | Step::Call(line)
            | Step::Disconnect(line) => answers.push(self.driver_call(line)),
        }
        self.await_consequences(step, &mut answers);
        self.settle(&mut answers);
        answers
    }

    /// What the step itself brings about.
    fn await_consequences(&mut self, step: &Step, answers: &mut Vec<String>) {
        let accepted = answers.first().is_some_and(|answer| answer.starts_with("= 0"));
        let asynchronous = self.case.mode == Mode::Asynchronous;
        match step {
            Step::Connect { .. } if asynchronous && accepted => {
                let ends = ["! success connect", "! failure connect"];
                self.driver.wait_for(Duration::from_secs(6), &ends);
            }
            Step::Publish { qos, answer, .. } if accepted => {
                self.server.wait(PROMPT, |state| state.has_received(packet::PUBLISH) || !state.is_open());
                if self.case.mode == Mode::Receive && *qos > 0 {
                    let token = answers[0].rsplit(' ').next().unwrap_or_default().to_owned();
                    answers.push(self.driver_call(&format!("wait {token} 400")));
                } else if *qos == 2 && leads_to_release(answer) {
                    self.server.wait(PROMPT, |state| state.has_received(packet::PUBREL) || !state.is_open());
                }
            }
            Step::Subscribe { .. } if asynchronous && accepted => {
                self.server.wait(PROMPT, |state| state.has_received(packet::SUBSCRIBE) || !state.is_open());
            }
            Step::Unsubscribe { .. } if asynchronous && accepted => {
                self.server.wait(PROMPT, |state| state.has_received(packet::UNSUBSCRIBE) || !state.is_open());
            }
            Step::Disconnect(_) => {
                if asynchronous && accepted {
                    self.driver.wait_for(PROMPT, &["! success disconnect", "! failure disconnect"]);
                }
                self.server.wait(PROMPT, |state| !state.is_open());
            }
            _ => {}
        }
    }

    /// Waits until the library has taken in everything that the server has sent.
    fn settle(&mut self, answers: &mut Vec<String>) {
        if self.case.mode == Mode::Receive {
            self.server.send_barrier();
            answers.push(self.driver_call("receive 300"));
            return;
        }
        if self.server.state().is_open() {
            let before = self.server.state().barriers;
            self.server.send_barrier();
            let acknowledged = self.server.wait(PROMPT, |state| state.barriers > before || !state.is_open());
            let open = self.server.state().is_open();
            if acknowledged && open && self.driver.wait_for(PROMPT, &["! barrier"]) {
                return;
            }
        }
        if !self.server.state().is_open() && self.driver.wait_for(Duration::from_millis(1), &["! barrier"]) {
            return;
        }
        self.driver
            .wait_for(Duration::from_millis(300), &["! lost", "! disconnected", "! success disconnect"]);
    }
}

fn leads_to_release(answer: &PublishAnswer) -> bool {
    match answer {
        PublishAnswer::Normal { rest, .. } => rest.first().is_none_or(|reason| *reason < 0x80),
        _ => false,
    }
}

/// The server answers as the step says, and otherwise as it should.
fn plan_of(case: &Case, step: Option<&Step>) -> Plan {
    let mut plan = Plan {
        connect: ConnectAnswer::Packet(packet::connack(case.level, false, 0, &[]), true),
        publish: PublishAnswer::Normal { rest: Vec::new(), complete: Vec::new() },
        subscribe: [packet::properties(case.level, &[]), vec![0]].concat(),
        unsubscribe: if case.level == 5 { vec![0, 0] } else { Vec::new() },
    };
    match step {
        Some(Step::Connect { answer, .. }) => plan.connect = answer.clone(),
        Some(Step::Publish { answer, .. }) => plan.publish = answer.clone(),
        Some(Step::Subscribe { answer, .. }) => plan.subscribe = answer.clone(),
        Some(Step::Unsubscribe { answer, .. }) => plan.unsubscribe = answer.clone(),
        _ => {}
    }
    plan
}
