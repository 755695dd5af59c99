//! Heads of frames.

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The rest of a message.
    Continuation,
    /// The beginning of a message. Text counts as bytes too.
    Data,
    Close,
    Ping,
    Pong,
}

/// The head of a frame from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) kind: Kind,
    /// The last frame of its message.
    pub(super) is_last: bool,
    /// Bits are set that belong to extensions, although there is none: some servers do that.
    pub(super) has_reserved_bits: bool,
    pub(super) length: u64,
}

/// Longest payload of a frame that is about the connection.
const LONGEST_CONTROL: u64 = 125;

/// Bytes of a head as they come, one by one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HeadBytes {
    bytes: [u8; 10],
    count: usize,
}

impl HeadBytes {
    /// Takes the next byte. The head when this was its last; an error as soon as nothing good can come of it.
    pub(super) fn push(&mut self, byte: u8) -> Result<Option<Head>, &'static str> {
        if let Some(place) = self.bytes.get_mut(self.count) {
            *place = byte;
            self.count += 1;
        }
        let [first, second, rest @ ..] = self.bytes;
        let (kind, is_last) = judge_first(first)?;
        let has_reserved_bits = first & 0x70 != 0;
        if self.count < 2 {
            return Ok(None);
        }
        if second & 0x80 != 0 {
            return Err("a frame from the server is masked");
        }
        let [a, b, ..] = rest;
        let (needed, length) = match second {
            126 => (4, u64::from(u16::from_be_bytes([a, b]))),
            127 => (10, u64::from_be_bytes(rest)),
            short => (2, u64::from(short)),
        };
        if self.count < needed {
            return Ok(None);
        }
        let is_control = matches!(kind, Kind::Close | Kind::Ping | Kind::Pong);
        if is_control && length > LONGEST_CONTROL {
            return Err("a control frame is too long");
        }
        if length > i64::MAX as u64 {
            return Err("the length of a frame is out of range");
        }
        *self = HeadBytes::default();
        Ok(Some(Head { kind, is_last, has_reserved_bits, length }))
    }
}

fn judge_first(byte: u8) -> Result<(Kind, bool), &'static str> {
    let is_last = byte & 0x80 != 0;
    let kind = match byte & 0x0F {
        0 => Kind::Continuation,
        1 | 2 => Kind::Data,
        8 => Kind::Close,
        9 => Kind::Ping,
        10 => Kind::Pong,
        _ => return Err("a frame is of an unknown kind"),
    };
    if !is_last && !matches!(kind, Kind::Continuation | Kind::Data) {
        return Err("a control frame is fragmented");
    }
    Ok((kind, is_last))
}

/// The first byte of the frames we send: whole messages.
pub(super) const BINARY: u8 = 0x82;
pub(super) const CLOSE: u8 = 0x88;
pub(super) const PONG: u8 = 0x8A;

/// Appends a frame whose payload is masked, as that of every client has to be.
pub(super) fn append(out: &mut Vec<u8>, first: u8, payload: &[u8], mask: [u8; 4]) {
    append_head(out, first, payload.len(), mask);
    append_masked(out, payload, mask);
}

/// Appends the header of a frame with a payload of this length.
pub(super) fn append_head(out: &mut Vec<u8>, first: u8, length: usize, mask: [u8; 4]) {
    out.push(first);
    match length {
        length @ 0..126 => out.push(0x80 | length as u8),
        length @ 126..65536 => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&mask);
}

/// Appends a part of a payload; the mask is for its first byte.
pub(super) fn append_masked(out: &mut Vec<u8>, payload: &[u8], mask: [u8; 4]) {
    let begin = out.len();
    out.extend_from_slice(payload);
    let masked = out.get_mut(begin..).unwrap_or_default();
    let mut words = masked.chunks_exact_mut(4);
    for word in &mut words {
        word.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
    words.into_remainder().iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(bytes: &[u8]) -> Result<Option<Head>, &'static str> {
        let mut head = HeadBytes::default();
        for (index, byte) in bytes.iter().enumerate() {
            match head.push(*byte)? {
                Some(head) => {
                    assert_eq!(index, bytes.len() - 1, "complete before the end");
                    return Ok(Some(head));
                }
                None => assert!(index < bytes.len()),
            }
        }
        Ok(None)
    }

    #[test]
    fn lengths_of_all_forms() {
        let data =
            |length| Ok(Some(Head { kind: Kind::Data, is_last: true, has_reserved_bits: false, length }));
        assert_eq!(head(&[0x82, 125]), data(125));
        assert_eq!(head(&[0x81, 126, 1, 0]), data(256));
        assert_eq!(head(&[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]), data(65536));
        assert_eq!(head(&[0x82, 126, 0, 5]), data(5), "longer than need be");
        assert_eq!(head(&[0x82, 127, 0, 0, 0, 0, 0, 1, 0]), Ok(None));
        assert!(head(&[0x82, 127, 0x80, 0, 0, 0, 0, 1, 0, 0]).is_err());
    }

    #[test]
    fn what_the_standard_forbids_is_refused_at_once() {
        for first in [0x83, 0x8B, 0xC3, 0x09, 0x08] {
            assert!(head(&[first]).is_err(), "{first:x}");
        }
        for first in [0xC2, 0xA2, 0x92] {
            assert!(matches!(head(&[first, 0]), Ok(Some(head)) if head.has_reserved_bits));
        }
        assert!(head(&[0x82, 0x85]).is_err(), "masked");
        assert!(head(&[0x89, 126, 0, 126]).is_err(), "a long ping");
    }

    #[test]
    fn frames_we_send_are_masked_and_of_the_shortest_form() {
        for (length, head) in [(0, 6), (125, 6), (126, 8), (65535, 8), (65536, 14)] {
            let payload: Vec<u8> = (0..length).map(|index: u32| index as u8).collect();
            let (mask, mut out) = ([1, 2, 3, 4], vec![7]);
            append(&mut out, BINARY, &payload, mask);
            assert_eq!(out.len(), 1 + head + payload.len());
            assert_eq!(out[1 + head - 4..1 + head], mask);
            let unmasked: Vec<u8> =
                out[1 + head..].iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
            assert_eq!(unmasked, payload);
        }
    }
}
