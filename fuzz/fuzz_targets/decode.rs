//! Any bytes through the decoder, in every version: no panic, and what is accepted is the same after
//! encoding and decoding once more. `cargo fuzz run decode`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use paho_c_rs::protocol::{Decoded, Framing, Packet, PropertyView, Version, split_frame};

fuzz_target!(|input: &[u8]| {
    let _ = PropertyView::parse(input).map(|properties| properties.iter().count());
    for version in [Version::V31, Version::V311, Version::V5] {
        decode_stream(input, version);
    }
});

/// Takes packet after packet from the input, as from a connection.
fn decode_stream(mut input: &[u8], version: Version) {
    while let Ok(Framing::Complete(frame)) = split_frame(input, 0) {
        let Ok(Decoded { packet, .. }) = Packet::decode(frame, version) else { return };
        let mut encoded = Vec::new();
        packet.encode(version, &mut encoded).expect("what was decoded can be encoded");
        let Ok(Framing::Complete(again)) = split_frame(&encoded, 0) else {
            panic!("an encoded packet is a packet")
        };
        assert_eq!(Packet::decode(again, version).map(|decoded| decoded.packet), Ok(packet));
        input = &input[frame.length..];
    }
}
