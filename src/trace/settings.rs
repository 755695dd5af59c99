//! What the environment and the application ask of the log: levels, target, lines for each file.

use std::ffi::OsString;
use std::path::PathBuf;

use super::output::Stream;

/// How important a line is. The numbers are those of `enum MQTTCLIENT_TRACE_LEVELS` and its asynchronous twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// Everything.
    Maximum = 1,
    /// Kept for the name's sake: nothing is written at this level.
    Medium,
    /// Connections, persistence, callbacks about to be called.
    Minimum,
    /// One line for each MQTT packet.
    Protocol,
    /// Errors.
    Error,
    /// Inconsistencies inside the library.
    Severe,
    /// Inconsistencies after which a client is given up.
    Fatal,
}

const DEFAULT_LINES: u64 = 1000;

/// The values of `MQTT_C_CLIENT_TRACE`, `..._LEVEL` and `..._MAX_LINES`; unset ones are empty.
#[derive(Default)]
pub struct Environment {
    pub(super) target: OsString,
    pub(super) level: OsString,
    pub(super) maximum_lines: OsString,
}

impl Environment {
    /// Reads the variables through `variable`, which gives none in a process that runs with elevated rights: the caller
    /// could have any file overwritten.
    pub fn read(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let variable = |name| variable(name).unwrap_or_default();
        Self {
            target: variable("MQTT_C_CLIENT_TRACE"),
            level: variable("MQTT_C_CLIENT_TRACE_LEVEL"),
            maximum_lines: variable("MQTT_C_CLIENT_TRACE_MAX_LINES"),
        }
    }

    /// The stream that is asked for, if any.
    pub(super) fn open_stream(&self) -> Option<Stream> {
        if self.target.is_empty() {
            None
        } else if self.target == "ON" || self.target == "stdout" {
            Some(Stream::standard_output())
        } else {
            Some(Stream::file(PathBuf::from(&self.target), self.lines_per_file()))
        }
    }

    fn lines_per_file(&self) -> u64 {
        let lines = self.maximum_lines.to_str().and_then(|text| text.trim().parse().ok());
        lines.filter(|&lines| lines > 0).unwrap_or(DEFAULT_LINES)
    }

    fn level(&self) -> Option<Level> {
        let name = self.level.to_str()?;
        match name.strip_prefix("TRACE_").unwrap_or(name) {
            "MAXIMUM" => Some(Level::Maximum),
            "MEDIUM" => Some(Level::Medium),
            "MINIMUM" => Some(Level::Minimum),
            "PROTOCOL" => Some(Level::Protocol),
            "ERROR" => Some(Level::Error),
            "SEVERE" => Some(Level::Severe),
            "FATAL" => Some(Level::Fatal),
            _ => None,
        }
    }
}

/// Two thresholds, of which the higher counts: what would be recorded, and what is put out.
#[derive(Clone, Copy)]
pub(super) struct Thresholds {
    recording: i32,
    output: Option<i32>,
    initialized: bool,
    /// The application chose a level after its first create: the environment has no say any more.
    chosen_by_program: bool,
}

impl Thresholds {
    pub(super) const fn new() -> Self {
        Self { recording: Level::Minimum as i32, output: None, initialized: false, chosen_by_program: false }
    }

    pub(super) fn set_by_program(&mut self, level: i32) {
        self.output = Some(level);
        if level <= Level::Error as i32 {
            self.recording = level;
        }
        self.chosen_by_program = self.initialized;
    }

    pub(super) fn read(&mut self, environment: &Environment) {
        self.initialized = true;
        if self.chosen_by_program {
            return;
        }
        match environment.level() {
            Some(level) if level <= Level::Minimum => self.recording = level as i32,
            Some(level) => self.output = Some(level as i32),
            None => {}
        }
    }

    /// The lowest level that is written; `FATAL` plus one when none is.
    pub(super) fn effective(self) -> u8 {
        let lowest = self.output.unwrap_or(self.recording).max(self.recording);
        u8::try_from(lowest.clamp(0, Level::Fatal as i32 + 1)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(level: &str, lines: &str) -> Environment {
        Environment { target: OsString::new(), level: level.into(), maximum_lines: lines.into() }
    }

    fn with_environment(level: &str) -> u8 {
        let mut thresholds = Thresholds::new();
        thresholds.read(&environment(level, ""));
        thresholds.effective()
    }

    #[test]
    fn levels_of_the_environment() {
        let cases = [
            ("MAXIMUM", 1),
            ("TRACE_MAXIMUM", 1),
            ("TRACE_MEDIUM", 2),
            ("MINIMUM", 3),
            ("PROTOCOL", 4),
            ("TRACE_PROTOCOL", 4),
            ("ERROR", 5),
            ("SEVERE", 6),
            ("FATAL", 7),
            ("protocol", 3),
            ("5", 3),
            ("", 3),
        ];
        for (name, expected) in cases {
            assert_eq!(with_environment(name), expected, "{name}");
        }
    }

    #[test]
    fn level_set_before_create_yields_to_output_levels_only() {
        let mut thresholds = Thresholds::new();
        thresholds.set_by_program(5);
        thresholds.read(&environment("MAXIMUM", ""));
        assert_eq!(thresholds.effective(), 5);
        thresholds.read(&environment("PROTOCOL", ""));
        assert_eq!(thresholds.effective(), 4);
    }

    #[test]
    fn level_set_after_create_wins_and_stays_when_the_library_starts_again() {
        let mut thresholds = Thresholds::new();
        thresholds.read(&environment("PROTOCOL", ""));
        thresholds.set_by_program(1);
        assert_eq!(thresholds.effective(), 1);
        thresholds.read(&environment("ERROR", ""));
        assert_eq!(thresholds.effective(), 1);
    }

    #[test]
    fn values_of_the_program_outside_the_scale() {
        let mut thresholds = Thresholds::new();
        for (level, expected) in [(0, 0), (-1, 0), (6, 6), (7, 7), (99, 8), (i32::MAX, 8), (i32::MIN, 0)] {
            thresholds.set_by_program(level);
            assert_eq!(thresholds.effective(), expected, "{level}");
        }
    }

    #[test]
    fn lines_for_each_file() {
        for (text, lines) in [("10", 10), ("1", 1), ("0", 1000), ("-3", 1000), ("many", 1000), ("", 1000)] {
            assert_eq!(environment("", text).lines_per_file(), lines, "{text}");
        }
    }
}
