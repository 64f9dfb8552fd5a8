//! What the configurations tell of a line's names, asked once per pair of names.

/// Places for pairs found last; a power of two.
const PLACES: usize = 256;

/// What the configurations tell of a frontend and a backend in a line of one format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// They have proxies of these names.
    pub(super) is_named: bool,
    /// This frontend declares this format, and more than that tells that the line is in it.
    pub(super) is_own: bool,
    /// They declare another format for this frontend.
    pub(super) undeclared: bool,
}

/// Answers to the pairs found last.
#[derive(Clone, Debug, Default)]
pub(in crate::event::traffic) struct Known {
    /// By a hash of the names; empty until there is one.
    places: Vec<Option<Box<Pair>>>,
}

#[derive(Clone, Debug)]
struct Pair {
    frontend: Box<[u8]>,
    backend: Box<[u8]>,
    /// Number of the format.
    format: usize,
    told: Told,
}

impl Known {
    /// What was answered for these names, or what `ask` answers.
    #[inline]
    pub(super) fn told(
        &mut self,
        [frontend, backend]: [&[u8]; 2],
        format: usize,
        ask: impl FnOnce() -> Told,
    ) -> Told {
        let mixed = (end(backend) << 20 ^ end(frontend)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let place = usize::try_from(mixed >> (u64::BITS - PLACES.ilog2())).unwrap_or(0);
        if let Some(Some(pair)) = self.places.get(place)
            && *pair.backend == *backend
            && *pair.frontend == *frontend
            && pair.format == format
        {
            return pair.told;
        }
        let told = ask();
        if self.places.is_empty() {
            self.places = vec![None; PLACES];
        }
        if let Some(pair) = self.places.get_mut(place) {
            *pair = Some(Box::new(Pair {
                frontend: frontend.into(),
                backend: backend.into(),
                format,
                told,
            }));
        }
        told
    }
}

/// Names of one site differ at their ends, or in length.
#[inline]
fn end(name: &[u8]) -> u64 {
    let last = name
        .last_chunk()
        .map_or(0, |four| u32::from_le_bytes(*four));
    u64::from(last) + name.len() as u64
}
