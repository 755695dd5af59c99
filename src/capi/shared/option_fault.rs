//! What can be wrong with the options, messages and texts that both interfaces read in the same way.

/// Why something the application passed cannot be used. Each interface has its own number for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OptionFault {
    /// Wrong eyecatcher or version of a structure.
    BadStructure,
    /// A QoS is not 0, 1 or 2.
    BadQoS,
    /// A pointer is NULL.
    NullParameter,
    /// The will has an empty topic.
    EmptyWillTopic,
    /// A text is not UTF-8, or too long for a packet.
    BadUtf8,
    /// Binary data is longer than a packet can carry, or its length is negative.
    BadLength,
    /// Messages are to be stored in files, but the client identifier, which names their directory, is empty.
    NoNameForFiles,
    /// This library does not have the URI's scheme.
    BadProtocol,
}
