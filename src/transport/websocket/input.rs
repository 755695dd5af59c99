//! Frames from the server, cut at any byte, down to the bytes of MQTT in them.

use super::frame::{Head, HeadBytes, Kind};

/// Where in the stream of frames we are.
#[derive(Default)]
pub(super) struct Input {
    head: HeadBytes,
    frame: Option<Frame>,
    /// The payload of a frame about the connection, as far as it has come.
    control: Vec<u8>,
    /// A message has begun and its last frame has not.
    is_in_message: bool,
    /// Bits of extensions that are not there are an error.
    strict: bool,
    /// They are to be, or were, mentioned.
    reserved_bits: ReservedBits,
}

/// Whether a frame came with bits of extensions that are not there.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum ReservedBits {
    #[default]
    Unseen,
    Seen,
    Mentioned,
}

struct Frame {
    head: Head,
    missing: u64,
}

/// What the server wants besides handing over bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Pong(Vec<u8>),
    /// The end; with what the server sent about it.
    Close(Vec<u8>),
}

impl Input {
    pub(super) fn new(strict: bool) -> Input {
        Input { strict, ..Input::default() }
    }

    /// A frame came with bits of extensions that are not there, for the first time.
    pub(super) fn has_new_reserved_bits(&mut self) -> bool {
        let is_new = self.reserved_bits == ReservedBits::Seen;
        if is_new {
            self.reserved_bits = ReservedBits::Mentioned;
        }
        is_new
    }

    /// Replaces the raw bytes of a buffer after `from` with the MQTT bytes they contain. Ends early with a close or an
    /// error: nothing after it counts.
    pub(super) fn take(
        &mut self,
        buffer: &mut Vec<u8>,
        from: usize,
        wishes: &mut Vec<Wish>,
    ) -> Result<(), &'static str> {
        let (mut read, mut kept) = (from, from);
        let result = loop {
            match self.step(buffer, &mut read, &mut kept, wishes) {
                Ok(true) if !matches!(wishes.last(), Some(Wish::Close(_))) => {}
                Ok(_) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        buffer.truncate(kept);
        result
    }

    /// The next byte of a header, or the next piece of a payload. False: there are no more bytes.
    fn step(
        &mut self,
        buffer: &mut [u8],
        read: &mut usize,
        kept: &mut usize,
        wishes: &mut Vec<Wish>,
    ) -> Result<bool, &'static str> {
        let Some(frame) = &mut self.frame else {
            let Some(&byte) = buffer.get(*read) else { return Ok(false) };
            *read += 1;
            if let Some(head) = self.head.push(byte)? {
                self.begin(head, wishes)?;
            }
            return Ok(true);
        };
        let there = buffer.len() - *read;
        let count = usize::try_from(frame.missing).unwrap_or(usize::MAX).min(there);
        if count == 0 {
            return Ok(false);
        }
        match frame.head.kind {
            Kind::Continuation | Kind::Data => {
                buffer.copy_within(*read..*read + count, *kept);
                *kept += count;
            }
            _ => self.control.extend_from_slice(buffer.get(*read..*read + count).unwrap_or_default()),
        }
        *read += count;
        frame.missing -= count as u64;
        if frame.missing == 0 {
            self.end(wishes);
        }
        Ok(true)
    }

    fn begin(&mut self, head: Head, wishes: &mut Vec<Wish>) -> Result<(), &'static str> {
        if head.has_reserved_bits {
            self.take_reserved_bits()?;
        }
        match head.kind {
            Kind::Data if self.is_in_message => return Err("a message begins inside of another"),
            Kind::Data | Kind::Continuation => self.is_in_message = !head.is_last,
            _ => {}
        }
        self.frame = Some(Frame { head, missing: head.length });
        if head.length == 0 {
            self.end(wishes);
        }
        Ok(())
    }

    #[cold]
    fn take_reserved_bits(&mut self) -> Result<(), &'static str> {
        if self.strict {
            return Err("a frame has reserved bits set");
        }
        if self.reserved_bits == ReservedBits::Unseen {
            self.reserved_bits = ReservedBits::Seen;
        }
        Ok(())
    }

    fn end(&mut self, wishes: &mut Vec<Wish>) {
        let Some(frame) = self.frame.take() else { return };
        let payload = std::mem::take(&mut self.control);
        match frame.head.kind {
            // Of several that come at once the last one is answered, as the standard allows: a server could have us send an
            // answer for every two bytes.
            Kind::Ping => match wishes.last_mut() {
                Some(Wish::Pong(last)) => *last = payload,
                _ => wishes.push(Wish::Pong(payload)),
            },
            Kind::Close => wishes.push(Wish::Close(payload)),
            Kind::Continuation | Kind::Data | Kind::Pong => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data message in two pieces with a ping between them, an empty message, text, and a close.
    const STREAM: &[u8] =
        b"\x02\x03abc\x89\x02hi\x80\x02de\x82\x00\x81\x7E\x00\x01f\x8A\x01x\x88\x02\x03\xE8\x82\x01z";

    fn run(cuts: &[usize]) -> (Vec<u8>, Vec<Wish>) {
        let (mut input, mut bytes, mut wishes) = (Input::default(), b"head".to_vec(), Vec::new());
        let mut begin = 0;
        for end in cuts.iter().copied().chain([STREAM.len()]) {
            let from = bytes.len();
            bytes.extend_from_slice(&STREAM[begin..end]);
            input.take(&mut bytes, from, &mut wishes).unwrap();
            if matches!(wishes.last(), Some(Wish::Close(_))) {
                break;
            }
            begin = end;
        }
        (bytes, wishes)
    }

    #[test]
    fn any_cut_gives_the_same() {
        let expected =
            (b"headabcdef".to_vec(), vec![Wish::Pong(b"hi".to_vec()), Wish::Close(b"\x03\xE8".to_vec())]);
        for first in 0..STREAM.len() {
            for second in first..STREAM.len() {
                assert_eq!(run(&[first, second]), expected, "cut at {first} and {second}");
            }
        }
        let all: Vec<usize> = (0..STREAM.len()).collect();
        assert_eq!(run(&all), expected);
    }

    #[test]
    fn of_several_pings_the_last_one_is_answered() {
        let (mut input, mut wishes) = (Input::default(), Vec::new());
        let mut bytes = b"\x89\x01a\x89\x00\x82\x01x\x89\x01b\x88\x00".to_vec();
        assert_eq!(input.take(&mut bytes, 0, &mut wishes), Ok(()));
        assert_eq!(wishes, [Wish::Pong(b"b".to_vec()), Wish::Close(Vec::new())]);
    }

    #[test]
    fn a_message_inside_of_another_is_an_error() {
        let mut bytes = b"\x02\x01a\x82\x01b".to_vec();
        assert!(Input::default().take(&mut bytes, 0, &mut Vec::new()).is_err());
        assert_eq!(bytes, b"a");
    }

    #[test]
    fn bits_of_extensions_say_nothing_unless_the_client_is_strict() {
        let frames = b"\xC2\x01a\xB2\x01b\x82\x01c";
        let (mut input, mut bytes) = (Input::default(), frames.to_vec());
        assert_eq!(input.take(&mut bytes, 0, &mut Vec::new()), Ok(()));
        assert_eq!(bytes, b"abc");
        assert!(input.has_new_reserved_bits() && !input.has_new_reserved_bits(), "mentioned once");
        assert!(Input::new(true).take(&mut frames.to_vec(), 0, &mut Vec::new()).is_err());
    }

    #[test]
    fn a_rest_without_beginning_is_taken() {
        let mut bytes = b"\x80\x01a".to_vec();
        assert_eq!(Input::default().take(&mut bytes, 0, &mut Vec::new()), Ok(()));
        assert_eq!(bytes, b"a");
    }
}
