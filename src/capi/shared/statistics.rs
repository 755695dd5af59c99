//! Numbers about a client in the form of the C interface.

use core::ffi::{c_char, c_int};
use std::time::Duration;

use super::faults::Fault;
use super::statistics_abi::{MQTTExt_statistics, MQTTExt_traffic, NEWEST_STATISTICS, STATISTICS_ID};
use crate::engine::{Cause, LastFailure, Statistics, Traffic};

/// In place of what is not known.
const NONE: c_int = -1;

/// The structure for these numbers.
pub(crate) fn of(statistics: &Statistics) -> MQTTExt_statistics {
    let Statistics { connects, stages, announced, .. } = statistics;
    MQTTExt_statistics {
        struct_id: STATISTICS_ID.map(|byte| byte as c_char),
        struct_version: NEWEST_STATISTICS,
        sent: traffic(&statistics.sent),
        received: traffic(&statistics.received),
        attempts: connects.attempts,
        failedAttempts: connects.failed,
        connects: connects.accepted,
        reconnects: connects.automatic,
        losses: connects.lost,
        lossesByServer: connects.lost_by_server,
        lossesByKeepAlive: connects.lost_by_silence,
        lossesByViolation: connects.lost_by_violation,
        pingTime: time(statistics.last_ping),
        resolveTime: time(stages.resolve),
        connectTime: time(stages.connect),
        proxyTime: time(stages.proxy),
        tlsTime: time(stages.tls),
        webSocketTime: time(stages.websocket),
        connackTime: time(statistics.answered_after),
        inFlight: count(statistics.in_flight),
        queued: count(statistics.queued),
        waiting: count(statistics.waiting),
        stored: count(statistics.stored),
        connected: statistics.is_connected.into(),
        MQTTVersion: statistics.version.level().into(),
        sessionPresent: announced.session_present.into(),
        serverKeepAlive: number(announced.keep_alive),
        sessionExpiryInterval: announced.session_expiry.map_or(NONE.into(), i64::from),
        maximumPacketSize: announced.maximum_packet_size.map_or(NONE.into(), i64::from),
        receiveMaximum: number(announced.receive_maximum),
        maximumQoS: number(announced.maximum_qos),
        topicAliasMaximum: number(announced.topic_alias_maximum),
        retainAvailable: number(announced.retain_available),
        wildcardSubscriptionAvailable: number(announced.wildcards_available),
        subscriptionIdentifiersAvailable: number(announced.subscription_ids_available),
        sharedSubscriptionAvailable: number(announced.shared_available),
        reserved: 0,
    }
}

/// The code for the last failure of a connection.
pub(crate) fn code_of_failure(failure: &LastFailure) -> c_int {
    match failure.cause {
        Cause::ConnectRefused(code) => code.into(),
        Cause::ServerDisconnected => failure.reason.0.into(),
        Cause::NotCleared(code) => code,
        Cause::NotConnected => Fault::DISCONNECTED.code(),
        _ => Fault::FAILURE.code(),
    }
}

fn traffic(traffic: &Traffic) -> MQTTExt_traffic {
    let Traffic { packets, bytes, messages, message_bytes } = *traffic;
    MQTTExt_traffic { packets, bytes, messages, messageBytes: message_bytes }
}

/// Microseconds.
fn time(time: Option<Duration>) -> i64 {
    time.map_or(NONE.into(), |time| i64::try_from(time.as_micros()).unwrap_or(i64::MAX))
}

fn count(count: usize) -> c_int {
    c_int::try_from(count).unwrap_or(c_int::MAX)
}

fn number(number: Option<u32>) -> c_int {
    number.map_or(NONE, |number| c_int::try_from(number).unwrap_or(c_int::MAX))
}
