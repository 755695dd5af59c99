//! Where the result of a request is reported to.

/// Words the C interface wants back with the result of a request (context, success and failure function). The
/// layers below it never look at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Opaque.
    pub words: [usize; 3],
    /// Opaque too.
    pub tag: u8,
}
