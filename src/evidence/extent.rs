//! The first and the last of some times, without a branch per time.

/// First and last of some times, microseconds. On an axis with a change of daylight saving time the last may be before the first.
///
/// Of none, the first is `i64::MAX`, which is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    first: i64,
    last: i64,
}

impl Default for Extent {
    fn default() -> Self {
        Extent {
            first: i64::MAX,
            last: i64::MIN,
        }
    }
}

impl Extent {
    /// One more time.
    #[inline(always)]
    pub(super) fn take(&mut self, at: i64) {
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }

    /// Those of another one, too.
    pub(super) fn add(&mut self, other: Extent) {
        let Extent { first, last } = other;
        self.first = self.first.min(first);
        self.last = self.last.max(last);
    }

    /// First and last; `None`: there are none.
    pub fn get(self) -> Option<(i64, i64)> {
        (self.first != i64::MAX).then_some((self.first, self.last))
    }

    /// The same on another axis.
    pub(super) fn moved(self, to: impl Fn(i64) -> i64) -> Extent {
        self.get()
            .map_or_else(Extent::default, |(first, last)| Extent {
                first: to(first),
                last: to(last),
            })
    }
}
