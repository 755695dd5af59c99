//! One random case: a sequence of steps, each a call or what the server does, and how the server answers in it.

use crate::answers::Answers;
use crate::calls::Calls;
use crate::incoming::Incoming;
use crate::random::Random;
use std::fmt::Write;

/// How the library is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Synchronous, with callbacks.
    Callbacks,
    /// Synchronous, without callbacks: messages are received by calls.
    Receive,
    /// Asynchronous.
    Asynchronous,
}

/// What is random above all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// What the server sends, and how it answers; few calls.
    Server,
    /// The calls and their options; a server that mostly does what it should.
    Calls,
}

#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// A line for the driver.
    Call(String),
    /// The server sends these bytes in pieces that begin at these places.
    Send { bytes: Vec<u8>, pieces: Vec<usize> },
    /// The server sends the acknowledgements that it owes.
    AcknowledgeLate,
    /// The server ends the connection.
    Cut,
    /// The client is destroyed, and another one created with the same store.
    Restart,
}

/// How the server answers in a step.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) connect: ConnectAnswer,
    pub(crate) publish: PublishAnswer,
    /// What follows the packet identifier in SUBACK; None: what was asked for is granted.
    pub(crate) subscribe: Option<Vec<u8>>,
    pub(crate) unsubscribe: Option<Vec<u8>>,
}

impl Plan {
    /// DISCONNECT takes the place of CONNACK.
    pub(crate) fn refuses_by_disconnect(&self) -> bool {
        matches!(&self.connect, ConnectAnswer::Refuse(bytes) if bytes.first() == Some(&0xE0))
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) enum ConnectAnswer {
    #[default]
    Usual,
    /// CONNACK, and what comes right after it.
    Accept(Vec<u8>),
    /// This, and the end of the connection.
    Refuse(Vec<u8>),
}

#[derive(Clone, Debug)]
pub(crate) enum PublishAnswer {
    /// The flow of its QoS; `rest` follows the identifier of PUBACK or PUBREC, `complete` that of PUBCOMP.
    Flow {
        rest: Vec<u8>,
        complete: Vec<u8>,
    },
    /// The acknowledgement comes in a later step, or never.
    Late,
    Cut,
}

impl PublishAnswer {
    pub(crate) fn usual() -> PublishAnswer {
        PublishAnswer::Flow { rest: Vec::new(), complete: Vec::new() }
    }
}

impl Default for PublishAnswer {
    fn default() -> PublishAnswer {
        PublishAnswer::usual()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) action: Action,
    pub(crate) plan: Plan,
}

impl Step {
    /// The name of the call; empty for what the server does.
    pub(crate) fn call(&self) -> &str {
        match &self.action {
            Action::Call(line) => line.split(' ').next().unwrap_or_default(),
            _ => "",
        }
    }

    pub(crate) fn has_argument(&self, argument: &str) -> bool {
        matches!(&self.action, Action::Call(line) if line.split(' ').any(|word| word == argument))
    }
}

pub(crate) struct Case {
    pub(crate) seed: u64,
    pub(crate) mode: Mode,
    pub(crate) level: u8,
    /// The client keeps its messages in files.
    pub(crate) stored: bool,
    /// Further arguments of create.
    pub(crate) create: String,
    pub(crate) steps: Vec<Step>,
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

impl Case {
    pub(crate) fn new(mode: Mode, subject: Subject, seed: u64) -> Case {
        let mut random = Random::new(seed);
        let level = random.pick(&[3, 4, 4, 5, 5, 5]);
        let stored = subject == Subject::Calls && random.chance(25);
        let mut calls = Calls { mode, level, subject, automatic: false, narrow: false };
        let create = calls.create(&mut random);
        let mut maker = Maker { mode, subject, stored, calls, level, random, answers: Answers { level } };
        let steps = maker.steps();
        Case { seed, mode, level, stored, create, steps }
    }
}

struct Maker {
    mode: Mode,
    subject: Subject,
    stored: bool,
    level: u8,
    calls: Calls,
    answers: Answers,
    random: Random,
}

impl Maker {
    fn steps(&mut self) -> Vec<Step> {
        let mut steps = vec![self.connect(true)];
        let count = match self.subject {
            Subject::Server => 2 + self.random.below(5),
            Subject::Calls => 5 + self.random.below(9),
        };
        for _ in 0..count {
            let step = self.step();
            if matches!(step.action, Action::Restart) && self.mode != Mode::Asynchronous {
                // The original's destroy leaves the connection open, and with it a clean session.
                let end = if self.random.chance(50) {
                    Action::Cut
                } else {
                    Action::Call("disconnect time=0".to_owned())
                };
                steps.push(self.plain(end));
            }
            let ends = match step.action {
                Action::Cut => !self.calls.automatic,
                Action::Restart => true,
                _ => step.call() == "disconnect",
            };
            steps.push(step);
            if ends {
                if self.random.chance(15) {
                    // A call on a client that is not connected.
                    steps.push(self.request());
                }
                steps.push(self.connect_again(&steps));
            }
        }
        steps
    }

    fn step(&mut self) -> Step {
        let server = self.subject == Subject::Server;
        match self.random.below(100) {
            0..60 if server => self.incoming(),
            0..8 => self.incoming(),
            60..66 if server => self.plain(Action::Cut),
            8..11 => self.plain(Action::Cut),
            11..15 => self.plain(Action::AcknowledgeLate),
            15..18 if self.stored => self.plain(Action::Restart),
            // In the original requests that cannot be sent hold up the end.
            18..26 if self.calls.narrow && self.mode == Mode::Asynchronous => self.plain(Action::Cut),
            18..26 => {
                let line = self.calls.disconnect(&mut self.random);
                self.plain(Action::Call(line))
            }
            26..40 => {
                let line = self.calls.question(&mut self.random);
                self.plain(Action::Call(line))
            }
            _ => self.request(),
        }
    }

    fn plain(&self, action: Action) -> Step {
        Step { action, plan: Plan::default() }
    }

    /// Publish, subscribe or unsubscribe.
    fn request(&mut self) -> Step {
        let odd = self.subject == Subject::Server;
        let (calls, answers, random) = (&mut self.calls, &self.answers, &mut self.random);
        let mut plan = Plan::default();
        let asynchronous = self.mode == Mode::Asynchronous;
        let line = match random.below(10) {
            // Where few messages may be in flight, the original holds back the other requests, too.
            kind if kind < 6 || calls.narrow && asynchronous => {
                // The synchronous calls would wait for the late acknowledgement.
                if !calls.narrow || asynchronous {
                    plan.publish = answers.publish(odd, random);
                }
                calls.publish(random)
            }
            6..8 => {
                let (line, qos) = calls.subscribe(random);
                plan.subscribe = answers.subscribe(odd, &qos, random);
                line
            }
            _ => {
                let (line, count) = calls.unsubscribe(random);
                plan.unsubscribe = answers.unsubscribe(odd, count, random);
                line
            }
        };
        Step { action: Action::Call(line), plan }
    }

    fn connect(&mut self, first: bool) -> Step {
        // The original leaves the records of a clean session in the store.
        let clean = !self.stored && self.random.chance(if first { 70 } else { 30 });
        let line = self.calls.connect(clean, &mut self.random);
        let odd = self.subject == Subject::Server;
        let connect = self.answers.connect(odd, !clean && !first, &mut self.random);
        Step { action: Action::Call(line), plan: Plan { connect, ..Plan::default() } }
    }

    fn connect_again(&mut self, steps: &[Step]) -> Step {
        let cut = steps.last().is_some_and(|step| matches!(step.action, Action::Cut));
        if cut && self.mode == Mode::Asynchronous && self.random.chance(20) {
            return self.plain(Action::Call("reconnect".to_owned()));
        }
        self.connect(false)
    }

    fn incoming(&mut self) -> Step {
        let incoming = Incoming { level: self.level, receive: self.mode == Mode::Receive };
        let bytes = incoming.packets(&mut self.random).concat();
        let mut pieces: Vec<usize> =
            (0..self.random.pick(&[0, 0, 0, 1, 2, 4]))
                // Half of the cuts are in the first header.
                .map(|_| {
                    if self.random.chance(50) { self.random.below(6) } else { self.random.below(bytes.len()) }
                })
                .filter(|place| (1..bytes.len()).contains(place))
                .collect();
        pieces.sort_unstable();
        pieces.dedup();
        self.plain(Action::Send { bytes, pieces })
    }
}
