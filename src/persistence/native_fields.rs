//! Fields of records: native `int` numbers, texts that end with a zero byte, and bytes of a given length.

/// A native `int`, as C programs of this machine keep it.
pub(super) fn int(value: i32) -> [u8; 4] {
    value.to_ne_bytes()
}

/// A length as native `int`. `None`: too long for one.
pub(super) fn length(bytes: &[u8]) -> Option<[u8; 4]> {
    i32::try_from(bytes.len()).ok().map(int)
}

/// A text up to its first zero byte, which is where programs in C see its end.
pub(super) fn up_to_zero(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Takes fields off the front of a record. Each gives `None` when the record is too short.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    left: &'a [u8],
    /// The numbers have the other byte order.
    is_foreign: bool,
}

impl<'a> Fields<'a> {
    /// Reads a whole record with this function: as this machine writes it, or else as one with the other byte order does,
    /// where a store was moved. No record is right in both: one of its numbers is from 1 to 65,535, and that is out of
    /// range when its bytes are reversed.
    pub(super) fn read<T>(record: &'a [u8], read: impl Fn(Fields<'a>) -> Option<T>) -> Option<T> {
        let fields = |is_foreign| Fields { left: record, is_foreign };
        read(fields(false)).or_else(|| read(fields(true)))
    }

    pub(super) fn int(&mut self) -> Option<i32> {
        let (bytes, rest) = self.left.split_first_chunk::<4>()?;
        self.left = rest;
        let value = i32::from_ne_bytes(*bytes);
        Some(if self.is_foreign { value.swap_bytes() } else { value })
    }

    pub(super) fn bytes(&mut self, length: i32) -> Option<&'a [u8]> {
        let (bytes, rest) = self.left.split_at_checked(usize::try_from(length).ok()?)?;
        self.left = rest;
        Some(bytes)
    }

    /// A zero-terminated string, returned without its terminator.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let end = self.left.iter().position(|byte| *byte == 0)?;
        let (text, rest) = self.left.split_at_checked(end)?;
        self.left = rest.get(1..)?;
        Some(text)
    }

    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.left)
    }

    /// The block of MQTT 5 properties that is all the rest: a length and as many bytes. Only these bytes are given.
    pub(super) fn property_block(&mut self) -> Option<&'a [u8]> {
        let (length, width) = super::packet_image::variable_length(self.left)?;
        let block = self.left.get(width..)?;
        self.left = &[];
        (block.len() == length).then_some(block)
    }
}

/// The length in front of a block of MQTT 5 properties.
pub(super) fn property_length(properties: &[u8]) -> Option<Vec<u8>> {
    let mut length = u32::try_from(properties.len()).ok().filter(|length| *length < 1 << 28)?;
    let mut bytes = Vec::with_capacity(4);
    while length > 0x7F {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    Some(bytes)
}
