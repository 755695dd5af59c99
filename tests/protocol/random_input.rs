//! Two million random and damaged inputs: the decoder neither panics nor allocates, and what it accepts is
//! the same after encoding and decoding once more.

use crate::support::VERSIONS;
use crate::support::mutate::{Random, next_input};
use crate::support::samples::samples;
use paho_c_rs::protocol::{Framing, Packet, PacketType, PropertyView, Version, split_frame};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

const INPUTS_OF_EACH_TEST: usize = 1_000_000;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, counting for each thread what it is asked for.
struct Counting;

// SAFETY: every call goes on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps to the rules of this same function.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the memory came from `alloc` above.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn first_million() {
    try_inputs(Random(1));
}

#[test]
fn second_million() {
    try_inputs(Random(2));
}

/// Lengths the peer only claims cost nothing either.
#[test]
fn claimed_lengths() {
    for input in
        [&b"\x30\xFF\xFF\xFF\x7F\xFF\xFF"[..], b"\x10\xFF\xFF\xFF\x7F", b"\x82\x80\x80\x80\x40\0\x01"]
    {
        assert_eq!(try_input(input, &mut Vec::new()), [None; 3]);
    }
}

fn try_inputs(mut random: Random) {
    let samples = samples();
    let mut accepted = [0; 16];
    let (mut input, mut encoded) = (Vec::with_capacity(4096), Vec::with_capacity(4096));
    for _ in 0..INPUTS_OF_EACH_TEST {
        next_input(&mut random, &samples, &mut input);
        for packet_type in try_input(&input, &mut encoded).into_iter().flatten() {
            accepted[packet_type as usize] += 1;
        }
    }
    assert!(accepted[1..].iter().all(|&count| count > INPUTS_OF_EACH_TEST / 1000), "{accepted:?}");
}

/// For each version the type of the packet, if one was accepted.
fn try_input(input: &[u8], encoded: &mut Vec<u8>) -> [Option<PacketType>; 3] {
    VERSIONS.map(|version| {
        let before = ALLOCATIONS.get();
        let packet = first_packet(input, version);
        let weight = packet.as_ref().map_or(0, look_through);
        assert_eq!(ALLOCATIONS.get(), before, "decoding allocates");
        let packet = packet?;
        assert!(weight <= input.len());
        encoded.clear();
        packet.encode(version, encoded).expect("what was decoded can be encoded");
        assert_eq!(first_packet(encoded, version), Some(packet), "{version:?} {input:02X?} {encoded:02X?}");
        input.first().copied().and_then(PacketType::of)
    })
}

fn first_packet(input: &[u8], version: Version) -> Option<Packet<'_>> {
    match split_frame(input, 0) {
        Ok(Framing::Complete(frame)) => {
            assert!(frame.length <= input.len() && frame.body.len() < frame.length);
            Packet::decode(frame, version).ok().map(|decoded| decoded.packet)
        }
        _ => None,
    }
}

/// Visits everything in the packet; gives the number of bytes seen.
fn look_through(packet: &Packet<'_>) -> usize {
    match packet {
        Packet::Connect(connect) => {
            let will = connect.will.map_or(0, |will| will.payload.len() + count(will.properties));
            connect.client_id.len() + will + count(connect.properties)
        }
        Packet::ConnAck(connack) => count(connack.properties),
        Packet::Publish(publish) => publish.topic.len() + publish.payload.len() + count(publish.properties),
        Packet::Acknowledgement(acknowledgement) => count(acknowledgement.properties),
        Packet::Subscribe(subscribe) => {
            let filters: usize = subscribe.filters.map(|filter| filter.filter.len()).sum();
            assert!(filters > 0, "SUBSCRIBE has filters");
            filters + count(subscribe.properties)
        }
        Packet::SubAck(suback) => suback.codes.len() + count(suback.properties),
        Packet::Unsubscribe(unsubscribe) => {
            let filters: usize = unsubscribe.filters.map(<[u8]>::len).sum();
            assert!(filters > 0, "UNSUBSCRIBE has filters");
            filters + count(unsubscribe.properties)
        }
        Packet::UnsubAck(unsuback) => unsuback.codes.len() + count(unsuback.properties),
        Packet::PingReq | Packet::PingResp => 0,
        Packet::Disconnect(disconnect) => count(disconnect.properties),
        Packet::Auth(auth) => count(auth.properties),
    }
}

/// Bytes of the list, after a walk through it to the end.
fn count(properties: PropertyView<'_>) -> usize {
    assert_eq!(PropertyView::parse(properties.encoded()), Ok(properties));
    assert_eq!(properties.is_empty(), properties.iter().count() == 0);
    properties.encoded().len()
}
