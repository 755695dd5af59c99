//! What differs on purpose. Each function makes one difference that COMPATIBILITY.md describes equal on both sides.

use crate::incoming::STRAY_IDS;
use crate::run::Record;

pub(crate) fn without_known_differences(mut records: Vec<Record>) -> Vec<Record> {
    for record in &mut records {
        disconnects_of_the_original(record);
        requests_without_result(record);
        packet_type_of_failures(record);
        codes_of_one_unsubscribe(record);
        properties_of_acknowledgements(record);
        stray_acknowledgements(record);
        reason_of_failed_connects(record);
        repeated_completions(record);
    }
    records
}

/// The original answers the server's DISCONNECT with its own and sends one where a connection has failed; but destroy of a
/// connected handle of the synchronous API leaves the connection open.
fn disconnects_of_the_original(record: &mut Record) {
    if !record.line.starts_with("Disconnect") {
        record.packets.retain(|packet| !packet.starts_with("> e0"));
    }
}

/// The original gives no result to some of the requests that a disconnect or the end of a connection overtakes. A message of
/// QoS 0 that is being written when the connection ends may have failed here and been sent there.
fn requests_without_result(record: &mut Record) {
    let cut = record.line.ends_with("Cut }");
    record.events.retain(|event| {
        let failed = event.starts_with("! failure") && event.contains(" code -11 ");
        let sent = cut && event.starts_with("! success publish token 0");
        !failed && !sent
    });
}

/// `packet_type` of MQTTAsync_failureData5: the original does not always set it.
fn packet_type_of_failures(record: &mut Record) {
    for event in &mut record.events {
        if let Some((before, after)) = event.split_once(" type ")
            && before.starts_with("! failure")
        {
            let message = after.find(" message ").map_or("", |at| &after[at..]);
            *event = format!("{before}{message}");
        }
    }
}

/// An UNSUBACK of MQTT 5 for one filter: the original counts no reason codes.
fn codes_of_one_unsubscribe(record: &mut Record) {
    for event in &mut record.events {
        if event.starts_with("! success unsubscribe")
            && let (Some(from), Some(to)) = (event.find(" codes"), event.find(" {"))
            && event[from..to].split(' ').count() <= 3
        {
            event.replace_range(from..to, " codes");
        }
    }
}

/// onSuccess5 of a message: the acknowledgement's properties; in the original those of the message itself.
fn properties_of_acknowledgements(record: &mut Record) {
    for event in &mut record.events {
        if event.starts_with("! success publish")
            && let Some(from) = event.find(" {")
        {
            event.truncate(from);
        }
    }
}

/// Acknowledgements that belong to no message: the original reports a delivery, and says success to any PUBREC.
fn stray_acknowledgements(record: &mut Record) {
    for id in STRAY_IDS {
        let reports = [format!("! delivered {id}"), format!("! published {id} ")];
        record.events.retain(|event| *event != reports[0] && !event.starts_with(&reports[1]));
        let release = format!("> 62 {id:04x}");
        record.packets.retain(|packet| !packet.starts_with(&release));
    }
}

/// A connect of MQTT 5 that the server refuses: 1.3.12 has the server's reason in `code`, 1.3.15 and ours in `reasonCode`.
fn reason_of_failed_connects(record: &mut Record) {
    for event in &mut record.events {
        if event.starts_with("! failure connect")
            && let (Some(from), Some(to)) = (event.find(" reason"), event.find(" message"))
        {
            event.replace_range(from..to, "");
        }
    }
}

/// The server of these tests answers each PUBREC with a PUBREL, also where it has sent one already. It depends on the time
/// when the second one is read.
fn repeated_completions(record: &mut Record) {
    record.packets.retain(|packet| !packet.starts_with("> 70"));
}
