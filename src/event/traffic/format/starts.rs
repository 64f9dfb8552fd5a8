//! Bytes that the lines of a format may begin with.

/// A bit for each byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Starts([u64; 4]);

impl Starts {
    /// Those that `is_it` says.
    pub(super) fn of(is_it: impl Fn(u8) -> bool) -> Starts {
        let mut starts = Starts::default();
        for c in (0..=u8::MAX).filter(|&c| is_it(c)) {
            if let Some(bits) = starts.0.get_mut(usize::from(c >> 6)) {
                *bits |= 1_u64 << (c & 63);
            }
        }
        starts
    }

    /// A line begins with one of them; an empty one may.
    #[inline(always)]
    pub(super) fn may_begin(self, body: &[u8]) -> bool {
        let bits = body
            .first()
            .and_then(|&c| Some(self.0.get(usize::from(c >> 6))? >> (c & 63)));
        bits.is_none_or(|bits| bits & 1 == 1)
    }
}
