//! The plan of one connect call: which server and which version to try next.

use crate::protocol::Version;

/// One connection to try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// Index of the server URI.
    pub server: usize,
    /// Protocol version to offer.
    pub version: Version,
    /// The time limit starts anew; otherwise what is left of the last attempt's limit counts.
    pub new_time_limit: bool,
}

/// The attempts of one connect call, in order: each server in turn, and with automatic version selection
/// 3.1.1 and then 3.1 on each of them.
#[derive(Clone, Debug)]
pub struct Attempts {
    servers: usize,
    version: Option<Version>,
    current: Option<Attempt>,
}

impl Attempts {
    /// The plan for `servers` URIs. `version` `None`: automatic selection.
    pub fn new(servers: usize, version: Option<Version>) -> Attempts {
        let mut attempts = Attempts { servers, version, current: None };
        attempts.current = attempts.first_on(0);
        attempts
    }

    /// The attempt to make now; `None` when all have failed.
    pub fn current(&self) -> Option<Attempt> {
        self.current
    }

    /// The current attempt failed, for whatever reason. `time_left`: its time limit is not used up; without
    /// it there is no second version on the same server.
    pub fn failed(&mut self, time_left: bool) {
        let Some(attempt) = self.current else { return };
        let falls_back = self.version.is_none() && attempt.version == Version::V311 && time_left;
        self.current = if falls_back {
            Some(Attempt { version: Version::V31, new_time_limit: false, ..attempt })
        } else {
            self.first_on(attempt.server + 1)
        };
    }

    fn first_on(&self, server: usize) -> Option<Attempt> {
        let version = self.version.unwrap_or(Version::V311);
        (server < self.servers).then_some(Attempt { server, version, new_time_limit: true })
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
}
