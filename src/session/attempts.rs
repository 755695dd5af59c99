//! The plan of connecting: which server and which version to try next.

use crate::protocol::Version;

/// One connection to try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// Index of the server URI.
    pub server: usize,
    /// Protocol version to offer.
    pub version: Version,
    /// The attempt has its own time limit; otherwise the rest of the last attempt's limit applies.
    pub new_time_limit: bool,
}

/// How an attempt failed, as far as it matters for the next one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AttemptFailure {
    /// CONNACK with return code 1, unacceptable protocol version.
    VersionRefused,
    /// Anything else.
    Other,
}

/// The attempts to connect, in rounds: in each of them every server in turn, and with automatic version selection 3.1.1
/// and then, where that may help, 3.1.
///
/// One round is the plan of one connect call. A client that connects again by itself begins further ones, and goes round
/// the servers from where it is.
#[derive(Clone, Debug)]
pub struct Attempts {
    servers: usize,
    version: Option<Version>,
    current: Option<Attempt>,
    /// The server of the last attempt.
    last: usize,
    /// Servers of this round after that one.
    left: usize,
    /// Automatic selection: the version with which this server was reached last.
    settled: Option<(usize, Version)>,
}

impl Attempts {
    /// The plan for `servers` URIs. `version` `None`: automatic selection. Its first round begins with the first.
    pub fn new(servers: usize, version: Option<Version>) -> Attempts {
        let mut attempts = Attempts { servers, version, current: None, last: 0, left: 0, settled: None };
        attempts.begin_round_at(0);
        attempts
    }

    /// The attempt to make now; `None` when all of the round have failed.
    pub fn current(&self) -> Option<Attempt> {
        self.current
    }

    /// The current attempt failed, for whatever reason; automatic selection falls back after any. `time_left`: its time
    /// limit has not expired; otherwise no second version is tried on the same server.
    pub fn failed(&mut self, time_left: bool) {
        self.fail(time_left, false);
    }

    /// The current attempt failed; automatic selection falls back after any failure, unless the server is known to speak a
    /// version and has not refused it now. Each attempt has a time limit of its own.
    pub fn failed_with(&mut self, failure: AttemptFailure) {
        let falls_back = failure == AttemptFailure::VersionRefused || self.settled_version().is_none();
        if falls_back {
            self.settled = None;
        }
        self.fail(falls_back, true);
    }

    /// The current attempt led to a connection: if that is lost, its version is the first to be tried on this server.
    pub fn succeeded(&mut self) {
        self.settled = self.current.map(|attempt| (attempt.server, attempt.version));
    }

    /// Starts a new round with the server after the last one tried or connected to, wrapping around.
    pub fn begin_round(&mut self) {
        self.begin_round_at(if self.last + 1 < self.servers { self.last + 1 } else { 0 });
    }

    /// There is another server to go to when the connection to one is lost.
    pub fn has_several_servers(&self) -> bool {
        self.servers > 1
    }

    /// The version with which the server of the last attempt is known to have been reached.
    fn settled_version(&self) -> Option<Version> {
        self.settled.filter(|(server, _)| *server == self.last).map(|(_, version)| version)
    }

    fn begin_round_at(&mut self, server: usize) {
        self.left = self.servers;
        self.go_to(server);
    }

    fn fail(&mut self, falls_back: bool, new_time_limit: bool) {
        let Some(attempt) = self.current else { return };
        if self.version.is_none() && falls_back && attempt.version == Version::V311 {
            self.current = Some(Attempt { version: Version::V31, new_time_limit, ..attempt });
        } else {
            let next = attempt.server + 1;
            self.go_to(if next < self.servers { next } else { 0 });
        }
    }

    /// To that server, unless the round is over.
    fn go_to(&mut self, server: usize) {
        self.current = None;
        let Some(left) = self.left.checked_sub(1) else { return };
        self.left = left;
        self.last = server;
        let version = self.version.or(self.settled_version()).unwrap_or(Version::V311);
        self.current = Some(Attempt { server, version, new_time_limit: true });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(mut attempts: Attempts, time_left: bool) -> Vec<(usize, Version, bool)> {
        let mut plan = Vec::new();
        while let Some(attempt) = attempts.current() {
            plan.push((attempt.server, attempt.version, attempt.new_time_limit));
            attempts.failed(time_left);
        }
        plan
    }

    #[test]
    fn automatic_selection_tries_both_versions_on_each_server() {
        let expected = [
            (0, Version::V311, true),
            (0, Version::V31, false),
            (1, Version::V311, true),
            (1, Version::V31, false),
        ];
        assert_eq!(plan(Attempts::new(2, None), true), expected);
    }

    #[test]
    fn an_attempt_that_used_up_its_time_has_no_second_version() {
        let expected = [(0, Version::V311, true), (1, Version::V311, true)];
        assert_eq!(plan(Attempts::new(2, None), false), expected);
    }

    #[test]
    fn a_given_version_is_tried_once_on_each_server() {
        for version in [Version::V31, Version::V311, Version::V5] {
            let expected = [(0, version, true), (1, version, true), (2, version, true)];
            assert_eq!(plan(Attempts::new(3, Some(version)), true), expected);
        }
    }

    #[test]
    fn no_server_no_attempt_and_failing_at_the_end_changes_nothing() {
        let mut attempts = Attempts::new(0, None);
        assert_eq!(attempts.current(), None);
        attempts.failed(true);
        assert_eq!(attempts.current(), None);
    }

    fn next(attempts: &Attempts) -> Option<(usize, Version)> {
        attempts.current().map(|attempt| (attempt.server, attempt.version))
    }

    #[test]
    fn rounds_go_on_behind_the_last_server() {
        let mut attempts = Attempts::new(3, Some(Version::V5));
        let mut servers = Vec::new();
        for _ in 0..3 {
            while let Some(attempt) = attempts.current() {
                servers.push(attempt.server);
                assert!(attempt.new_time_limit);
                attempts.failed_with(AttemptFailure::Other);
            }
            attempts.begin_round();
        }
        assert_eq!(servers, [0, 1, 2, 0, 1, 2, 0, 1, 2]);
        attempts.failed_with(AttemptFailure::Other);
        attempts.succeeded();
        assert_eq!(next(&attempts), Some((1, Version::V5)));
        let mut after_loss = Vec::new();
        attempts.begin_round();
        while let Some(attempt) = attempts.current() {
            after_loss.push(attempt.server);
            attempts.failed_with(AttemptFailure::Other);
        }
        assert_eq!(after_loss, [2, 0, 1], "all of them, the one that was lost at the end");
    }

    #[test]
    fn the_older_version_is_tried_after_any_failure() {
        for failure in [AttemptFailure::VersionRefused, AttemptFailure::Other] {
            let mut attempts = Attempts::new(2, None);
            for expected in [(0, Version::V311), (0, Version::V31), (1, Version::V311), (1, Version::V31)] {
                assert_eq!(next(&attempts), Some(expected));
                assert!(attempts.current().is_some_and(|attempt| attempt.new_time_limit));
                attempts.failed_with(failure);
            }
            assert_eq!(next(&attempts), None);
        }
        let mut given = Attempts::new(2, Some(Version::V311));
        given.failed_with(AttemptFailure::VersionRefused);
        assert_eq!(next(&given), Some((1, Version::V311)));
    }

    #[test]
    fn a_loss_does_not_change_the_version() {
        let mut attempts = Attempts::new(1, None);
        attempts.succeeded();
        attempts.begin_round();
        assert_eq!(next(&attempts), Some((0, Version::V311)));
        attempts.failed_with(AttemptFailure::Other);
        assert_eq!(next(&attempts), None, "it has answered 3.1.1 before");

        attempts.begin_round();
        attempts.failed_with(AttemptFailure::VersionRefused);
        attempts.succeeded();
        attempts.begin_round();
        assert_eq!(next(&attempts), Some((0, Version::V31)));
        attempts.failed_with(AttemptFailure::Other);
        attempts.begin_round();
        assert_eq!(next(&attempts), Some((0, Version::V31)), "it was only not there");
        attempts.failed_with(AttemptFailure::VersionRefused);
        attempts.begin_round();
        assert_eq!(next(&attempts), Some((0, Version::V311)), "the server was renewed");
    }
}
