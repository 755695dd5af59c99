//! What differs on purpose. Each function makes one difference that COMPATIBILITY.md describes, under the number in front
//! of it, equal on both sides.

use crate::case::Action;
use crate::incoming::STRAY_IDS;
use crate::run::Record;

/// What both did in a case, without the known differences.
pub(crate) fn without_known_differences(theirs: &mut Vec<Record>, ours: &mut Vec<Record>) {
    clean_connects_that_fail(theirs, ours);
    for record in theirs.iter_mut().chain(&mut *ours) {
        disconnects_of_the_original(record);
        packet_type_of_failures(record);
        codes_of_one_unsubscribe(record);
        properties_of_acknowledgements(record);
        stray_acknowledgements(record);
        reason_of_failed_connects(record);
        repeated_completions(record);
        order_on_resumption(record);
        properties_of_disconnects(record);
        messages_that_made_room(record);
    }
    messages_without_acknowledgement(theirs, ours);
    identifiers_beyond_a_session(theirs);
    identifiers_beyond_a_session(ours);
    requests_without_result(theirs, ours);
}

/// No. 1: The original answers the server's DISCONNECT with its own and sends one where a connection has failed; but destroy of
/// a connected handle of the synchronous API leaves the connection open.
fn disconnects_of_the_original(record: &mut Record) {
    if record.step.call() != "disconnect" {
        record.packets.retain(|packet| !packet.starts_with("> e0"));
    }
}

/// No. 2: The original gives no result to some of the requests that a disconnect or the end of a connection overtakes; what it
/// reports, we report too, not always in the same step.
fn requests_without_result(theirs: &mut [Record], ours: &mut [Record]) {
    let overtaken = |event: &String| event.starts_with("! failure") && event.contains(" code -11 ");
    let mut reported: Vec<String> = Vec::new();
    for record in ours {
        reported.extend(record.events.iter().filter(|event| overtaken(event)).cloned());
        record.events.retain(|event| !overtaken(event));
    }
    for record in theirs {
        record.events.retain(|event| {
            let equal = reported.iter().position(|reported| overtaken(event) && reported == event);
            equal.map(|index| reported.swap_remove(index)).is_none()
        });
    }
}

/// No. 2, too: A message of QoS 0 that is being written when the connection ends may have failed here and been sent there.
fn messages_without_acknowledgement(theirs: &mut [Record], ours: &mut [Record]) {
    for (theirs, ours) in theirs.iter_mut().zip(ours) {
        remove_both(theirs, "! success publish token 0", ours, "! failure publish token 0");
        remove_both(theirs, "! failure publish token 0", ours, "! success publish token 0");
    }
}

/// Removes one event that begins so from each, if both have one.
fn remove_both(one: &mut Record, beginning: &str, other: &mut Record, other_beginning: &str) {
    let place =
        |record: &Record, beginning| record.events.iter().position(|event| event.starts_with(beginning));
    if let (Some(index), Some(other_index)) = (place(one, beginning), place(other, other_beginning)) {
        one.events.remove(index);
        other.events.remove(other_index);
    }
}

/// No. 3: `packet_type` of MQTTAsync_failureData5: the original does not always set it.
fn packet_type_of_failures(record: &mut Record) {
    for event in &mut record.events {
        let Some((before, after)) = event.split_once(" type ") else { continue };
        if before.starts_with("! failure") {
            let message = after.find(" message ").map_or("", |at| &after[at..]);
            *event = format!("{before}{message}");
        }
    }
}

/// No. 4: An UNSUBACK of MQTT 5 for one filter: the original counts no reason codes.
fn codes_of_one_unsubscribe(record: &mut Record) {
    for event in &mut record.events {
        if !event.starts_with("! success unsubscribe") {
            continue;
        }
        let (Some(from), Some(to)) = (event.find(" codes"), event.find(" {")) else { continue };
        if event[from..to].split(' ').count() <= 3 {
            event.replace_range(from..to, " codes");
        }
    }
}

/// No. 5: onSuccess5 of a message: the acknowledgement's properties; in the original those of the message itself.
fn properties_of_acknowledgements(record: &mut Record) {
    for event in &mut record.events {
        if !event.starts_with("! success publish") {
            continue;
        }
        if let Some(from) = event.find(" {") {
            event.truncate(from);
        }
    }
}

/// No. 6: Acknowledgements that belong to no message: the original reports a delivery, and says success to any PUBREC.
fn stray_acknowledgements(record: &mut Record) {
    for id in STRAY_IDS {
        let reports = [format!("! delivered token {id}"), format!("! published token {id} ")];
        record.events.retain(|event| *event != reports[0] && !event.starts_with(&reports[1]));
        let release = format!("> 62  id {id} ");
        record.packets.retain(|packet| !packet.starts_with(&release));
    }
}

/// No. 7: A connect of MQTT 5 that the server refuses: 1.3.12 has the server's reason in `code`, 1.3.15 and ours in
/// `reasonCode`; the properties of CONNACK are in ours only.
fn reason_of_failed_connects(record: &mut Record) {
    for event in &mut record.events {
        if !event.starts_with("! failure connect") {
            continue;
        }
        if let (Some(from), Some(to)) = (event.find(" reason"), event.find(" message")) {
            event.replace_range(from..to, "");
            event.truncate(event.find(" {").unwrap_or(event.len()));
        }
    }
}

/// No. 8: The server of these tests answers each PUBREC with a PUBREL, also where it has sent one already. It depends on the
/// time when the second one is read.
fn repeated_completions(record: &mut Record) {
    record.packets.retain(|packet| !packet.starts_with("> 70"));
}

/// No. 9: What the session sends again, the acknowledgements of messages and PUBRELs right after CONNACK, and what was queued:
/// in the original several threads send them, in any order, and so come the results.
fn order_on_resumption(record: &mut Record) {
    if !record.packets.iter().any(|packet| packet.starts_with("> 10")) {
        return;
    }
    let acknowledgements = ["> 40", "> 50", "> 62"];
    record.packets.sort_by_key(|packet| acknowledgements.iter().any(|kind| packet.starts_with(kind)));
    let results = ["! delivered", "! published", "! success publish"];
    let result =
        |event: &String| results.iter().any(|result| event.starts_with(result)).then(|| event.clone());
    record.events.sort_by_key(result);
}

/// No. 10: The properties of an asynchronous disconnect: in the original they are freed before they are sent. Compared are the
/// reason and the length.
fn properties_of_disconnects(record: &mut Record) {
    for packet in &mut record.packets {
        if packet.starts_with("> e0") {
            packet.truncate(9);
        }
    }
}

/// No. 11: The packet identifiers of the original begin at 1 after a restart with messages in flight, and where a session
/// begins, or is to begin, while messages wait; here they follow those of the messages. A message that is refused
/// because too many wait takes one in the original.
fn identifiers_beyond_a_session(records: &mut [Record]) {
    let goes_on = |record: &Record| {
        let connects = record.packets.iter().any(|packet| packet.starts_with("> 10"));
        let waited = connects && record.packets.iter().any(|packet| packet.starts_with("> 3"));
        let refused = record.events.iter().any(|event| event.starts_with("! failure connect"));
        let to_begin = refused && record.step.has_argument("clean=1");
        let too_many = record.answers.iter().any(|answer| answer.starts_with("= -12"));
        waited || to_begin || too_many || matches!(record.step.action, Action::Restart)
    };
    let from = records.iter().position(goes_on).unwrap_or(usize::MAX);
    for record in records.iter_mut().skip(from) {
        for line in record.answers.iter_mut().chain(&mut record.events).chain(&mut record.packets) {
            for name in [" token ", " id "] {
                if let Some((before, after)) = line.split_once(name) {
                    let rest = after.find(' ').map_or("", |at| &after[at..]);
                    *line = format!("{before}{name}#{rest}");
                }
            }
        }
    }
}

/// No. 12: A message that makes room for a newer one (deleteOldestMessages): 1.3.12 does not report it, 1.3.15 and ours do.
fn messages_that_made_room(record: &mut Record) {
    record.events.retain(|event| !(event.starts_with("! failure publish") && event.contains(" code -12 ")));
}

/// No. 13: A connect with a clean session that fails ends the earlier session in the original: of the asynchronous API at
/// once, of the synchronous one when disconnect is called. Here only one that succeeds does. From there on the libraries go
/// different ways.
fn clean_connects_that_fail(theirs: &mut Vec<Record>, ours: &mut Vec<Record>) {
    let overtaken = |event: &String| event.starts_with("! failure") && event.contains(" code -11 ");
    let mut failed = false;
    let end = theirs.iter().position(|record| match record.step.call() {
        "connect" => {
            let refused = record.answers.first().is_some_and(|answer| !answer.starts_with("= 0"));
            failed = record.step.has_argument("clean=1")
                && (refused || record.events.iter().any(|event| event.starts_with("! failure connect")));
            failed && record.events.iter().any(overtaken)
        }
        "disconnect" => failed,
        _ => false,
    });
    if let Some(index) = end {
        theirs.truncate(index);
        ours.truncate(index);
    }
}
