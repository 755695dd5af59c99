//! Time as the session sees it.

/// Milliseconds on a monotonic clock whose zero means nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Moment(pub u64);

impl Moment {
    /// The moment `millis` milliseconds later.
    #[inline]
    pub fn plus_millis(self, millis: u64) -> Moment {
        Moment(self.0.saturating_add(millis))
    }

    /// The earlier of two moments, or the one that there is.
    #[inline]
    pub fn earlier(one: Option<Moment>, other: Option<Moment>) -> Option<Moment> {
        match (one, other) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// Milliseconds from `earlier` to this moment; 0 if `earlier` is in fact later.
    #[inline]
    pub fn millis_since(self, earlier: Moment) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
