//! The names of the options, their values, and when they take effect. docs/options.md has the same table; a test compares them.

use super::values::Options;
use std::net::IpAddr;
use std::time::Duration;

/// Seconds and milliseconds that the kernel takes, and more than enough.
const LONGEST_KEEP_ALIVE: u64 = 32_767;
const LONGEST_USER_TIMEOUT: u64 = 2_147_483_647;
const LONGEST_REQUEST_TIMEOUT: u64 = 2_147_483_647;

/// Names of network interfaces are shorter than this.
const LONGEST_INTERFACE_NAME: usize = 15;

/// When a new value takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Effect {
    Now,
    /// Of the connect function.
    NextConnect,
    /// It can only be set before the client is used.
    Create,
}

/// One option.
pub(super) struct Entry {
    pub(super) name: &'static str,
    /// In words.
    pub(super) values: &'static str,
    pub(super) effect: Effect,
    pub(super) read: fn(&Options) -> String,
    /// `None`: the option does not take this value.
    pub(super) write: fn(&mut Options, &str) -> Option<()>,
}

pub(super) fn find(name: &str) -> Option<&'static Entry> {
    TABLE.iter().find(|entry| entry.name == name)
}

/// All options.
pub(super) const TABLE: [Entry; 15] = [
    Entry {
        name: "strict",
        values: "true or false",
        effect: Effect::NextConnect,
        read: |options| options.strict.to_string(),
        write: |options, value| {
            options.strict = value.parse().ok()?;
            Some(())
        },
    },
    Entry {
        name: "acknowledgement",
        values: "auto or manual",
        effect: Effect::NextConnect,
        read: |options| one_of("auto", "manual", options.acknowledges_by_hand),
        write: |options, value| {
            options.acknowledges_by_hand = which("auto", "manual", value)?;
            Some(())
        },
    },
    Entry {
        name: "callback.lane",
        values: "process or client",
        effect: Effect::Create,
        read: |options| one_of("process", "client", options.has_own_lane),
        write: |options, value| {
            options.has_own_lane = which("process", "client", value)?;
            Some(())
        },
    },
    Entry {
        name: "event.loop",
        values: "threads or external",
        effect: Effect::Create,
        read: |options| one_of("threads", "external", options.is_external),
        write: |options, value| {
            options.is_external = which("threads", "external", value)?;
            Some(())
        },
    },
    Entry {
        name: "busy.wait",
        values: "auto or never",
        effect: Effect::Now,
        read: |options| one_of("never", "auto", options.may_spin),
        write: |options, value| {
            options.may_spin = which("never", "auto", value)?;
            Some(())
        },
    },
    Entry {
        name: "tcp.quickack",
        values: "auto or never",
        effect: Effect::NextConnect,
        read: |options| one_of("never", "auto", options.quick_acks),
        write: |options, value| {
            options.quick_acks = which("never", "auto", value)?;
            Some(())
        },
    },
    Entry {
        name: "tcp.keepalive",
        values: "0 to 32767 seconds",
        effect: Effect::NextConnect,
        read: |options| options.socket.keep_alive.unwrap_or_default().as_secs().to_string(),
        write: |options, value| {
            let seconds = number(value, 0, LONGEST_KEEP_ALIVE)?;
            options.socket.keep_alive = Some(Duration::from_secs(seconds)).filter(|time| !time.is_zero());
            Some(())
        },
    },
    Entry {
        name: "tcp.user.timeout",
        values: "0 to 2147483647 milliseconds",
        effect: Effect::NextConnect,
        read: |options| options.socket.user_timeout.unwrap_or_default().as_millis().to_string(),
        write: |options, value| {
            let millis = number(value, 0, LONGEST_USER_TIMEOUT)?;
            options.socket.user_timeout = Some(Duration::from_millis(millis)).filter(|time| !time.is_zero());
            Some(())
        },
    },
    Entry {
        name: "local.address",
        values: "an IPv4 or IPv6 address, or nothing",
        effect: Effect::NextConnect,
        read: |options| options.socket.local_address.map(|address| address.to_string()).unwrap_or_default(),
        write: |options, value| {
            options.socket.local_address = address(value)?;
            Some(())
        },
    },
    Entry {
        name: "local.interface",
        values: "the name of a network interface, or nothing",
        effect: Effect::NextConnect,
        read: |options| options.socket.interface.clone().unwrap_or_default(),
        write: |options, value| {
            options.socket.interface = interface(value)?;
            Some(())
        },
    },
    Entry {
        name: "tls.verify",
        values: "options or required",
        effect: Effect::NextConnect,
        read: |options| one_of("options", "required", options.verifies_tls),
        write: |options, value| {
            options.verifies_tls = which("options", "required", value)?;
            Some(())
        },
    },
    Entry {
        name: "request.timeout",
        values: "0 to 2147483647 milliseconds",
        effect: Effect::Now,
        read: |options| options.request_timeout.to_string(),
        write: |options, value| {
            options.request_timeout = number(value, 0, LONGEST_REQUEST_TIMEOUT)?;
            Some(())
        },
    },
    Entry {
        name: "resubscribe",
        values: "true or false",
        effect: Effect::Now,
        read: |options| options.resubscribes.to_string(),
        write: |options, value| {
            options.resubscribes = value.parse().ok()?;
            Some(())
        },
    },
    Entry {
        name: "receive.queue.messages",
        values: "1 to 1000000",
        effect: Effect::Now,
        read: |options| options.bounds.entries.to_string(),
        write: |options, value| {
            options.bounds.entries = usize::try_from(number(value, 1, 1_000_000)?).ok()?;
            Some(())
        },
    },
    Entry {
        name: "receive.queue.bytes",
        values: "1 to 1073741824",
        effect: Effect::Now,
        read: |options| options.bounds.bytes.to_string(),
        write: |options, value| {
            options.bounds.bytes = usize::try_from(number(value, 1, 1 << 30)?).ok()?;
            Some(())
        },
    },
];

fn one_of(no: &str, yes: &str, value: bool) -> String {
    if value { yes } else { no }.to_owned()
}

fn which(no: &str, yes: &str, value: &str) -> Option<bool> {
    if value == yes { Some(true) } else { (value == no).then_some(false) }
}

/// Digits only, within the limits.
fn number(value: &str, least: u64, most: u64) -> Option<u64> {
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|_| is_number)?;
    (least..=most).contains(&number).then_some(number)
}

fn address(value: &str) -> Option<Option<IpAddr>> {
    if value.is_empty() { Some(None) } else { value.parse().ok().map(Some) }
}

fn interface(value: &str) -> Option<Option<String>> {
    let is_name = value.len() <= LONGEST_INTERFACE_NAME && value.bytes().all(|byte| byte.is_ascii_graphic());
    is_name.then(|| Some(value.to_owned()).filter(|name| !name.is_empty()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a document that cannot be read fails the test")]

    use super::*;

    /// The first four columns of the table in the document.
    fn documented() -> Vec<[String; 4]> {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/options.md")).unwrap();
        let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
        let cells = |row: &str| row.split(" | ").map(|cell| cell.replace('`', "")).collect::<Vec<_>>();
        rows.map(|row| cells(row)[..4].to_vec().try_into().unwrap()).collect()
    }

    #[test]
    fn the_document_lists_the_options_with_values_defaults_and_effects() {
        let defaults = Options::default();
        let options = TABLE.map(|entry| {
            let effect = match entry.effect {
                Effect::Now => "now",
                Effect::NextConnect => "next connect",
                Effect::Create => "create",
            };
            let default = Some((entry.read)(&defaults)).filter(|text| !text.is_empty());
            let default = default.unwrap_or_else(|| "nothing".to_owned());
            [entry.name.to_owned(), entry.values.to_owned(), default, effect.to_owned()]
        });
        assert_eq!(documented(), options);
    }

    #[test]
    fn each_option_takes_the_value_that_it_gives() {
        for entry in TABLE {
            let mut options = Options::default();
            let value = (entry.read)(&options);
            assert_eq!((entry.write)(&mut options, &value), Some(()), "{}", entry.name);
            assert_eq!(options, Options::default());
            assert!((entry.write)(&mut options, "no such value").is_none(), "{}", entry.name);
        }
    }

    #[test]
    fn what_is_set_is_read_again() {
        for (name, value) in [
            ("strict", "true"),
            ("acknowledgement", "manual"),
            ("callback.lane", "client"),
            ("busy.wait", "never"),
            ("tcp.quickack", "never"),
            ("tcp.keepalive", "32767"),
            ("tcp.user.timeout", "2147483647"),
            ("local.address", "::1"),
            ("local.interface", "eth0.100"),
            ("tls.verify", "required"),
            ("request.timeout", "2147483647"),
            ("resubscribe", "true"),
            ("receive.queue.messages", "1"),
            ("receive.queue.bytes", "1073741824"),
        ] {
            let options = Options::default().with(name, value, false).unwrap();
            assert_eq!(options.value_of(name).as_deref(), Some(value));
            assert_ne!(options, Options::default());
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        for (name, value) in [
            ("tcp.keepalive", "32768"),
            ("tcp.keepalive", "1e3"),
            ("tcp.user.timeout", "2147483648"),
            ("request.timeout", "2147483648"),
            ("receive.queue.messages", "0"),
            ("receive.queue.bytes", "99999999999999999999"),
            ("local.interface", "sixteen-letters-"),
            ("local.interface", "eth 0"),
        ] {
            assert!(Options::default().with(name, value, false).is_err(), "{name}={value}");
        }
    }
}
