//! Many phrases looked for in one pass: most lines hold none of them, and reading every byte to say so costs too much.
//!
//! The method is Wu and Manber's ("A fast algorithm for multi-pattern searching", 1994): the last four bytes of a window as long
//! as the shortest phrase tell how far the window may move. Measured on a 170-byte line of an unknown program: all of
//! `decode` takes 0.22 µs, where one `memmem` for each beginning of a phrase took 0.72.

/// Bytes that are looked at together.
const BLOCK: usize = 4;
/// Size of the tables, in bits of the hash: 4096 entries stay in the first cache, and few of the blocks collide.
const HASH_BITS: u32 = 12;

/// A set of phrases of at least four bytes, in order of rank.
pub(super) struct Phrases {
    phrases: Vec<&'static [u8]>,
    /// Length of the shortest phrase, in bytes: the window.
    window: usize,
    /// How far the window may move when this block ends it; 0: a phrase may begin at the window.
    shifts: Vec<u8>,
    /// Phrases whose window ends in a block of this hash.
    ending: Vec<Vec<u8>>,
}

impl Phrases {
    /// Built once, in a `LazyLock`. At most 255 phrases count.
    pub(super) fn new(phrases: impl IntoIterator<Item = &'static [u8]>) -> Phrases {
        let phrases: Vec<&'static [u8]> = phrases
            .into_iter()
            .filter(|phrase| phrase.len() >= BLOCK)
            .take(usize::from(u8::MAX))
            .collect();
        let window = phrases.iter().map(|phrase| phrase.len()).min();
        let window = window.unwrap_or(BLOCK);
        let furthest = u8::try_from(window - BLOCK + 1).unwrap_or(u8::MAX);
        let mut shifts = vec![furthest; 1 << HASH_BITS];
        let mut ending = vec![Vec::new(); 1 << HASH_BITS];
        for (phrase, rank) in phrases.iter().zip(0_u8..) {
            for (block, left) in blocks(phrase, window) {
                let at = hash(block);
                if let Some(shift) = shifts.get_mut(at) {
                    *shift = (*shift).min(u8::try_from(left).unwrap_or(u8::MAX));
                }
                if left == 0
                    && let Some(ranks) = ending.get_mut(at)
                {
                    ranks.push(rank);
                }
            }
        }
        Phrases {
            phrases,
            window,
            shifts,
            ending,
        }
    }

    /// The rank of the first phrase of the set, in the set's order, that occurs anywhere in `text`.
    pub(super) fn best(&self, text: &[u8]) -> Option<usize> {
        let mut best = None;
        let mut end = self.window;
        while let Some(block) = end
            .checked_sub(BLOCK)
            .and_then(|start| text.get(start..))
            .and_then(<[u8]>::first_chunk)
        {
            let at = hash(*block);
            let shift = self.shifts.get(at).copied().unwrap_or(1);
            if shift == 0 {
                let found = self.at(text.get(end - self.window..).unwrap_or_default(), at);
                best = match (best, found) {
                    (Some(old), Some(new)) => Some(usize::min(old, new)),
                    (old, new) => old.or(new),
                };
            }
            end += usize::from(shift.max(1));
        }
        best
    }

    /// Whether any phrase occurs.
    pub(super) fn any(&self, text: &[u8]) -> bool {
        self.best(text).is_some()
    }

    /// The first phrase, in rank, that `text` begins with, of those whose window ends in a block of hash `at`.
    fn at(&self, text: &[u8], at: usize) -> Option<usize> {
        let ranks = self.ending.get(at)?.iter().map(|rank| usize::from(*rank));
        ranks.into_iter().find(|rank| {
            self.phrases
                .get(*rank)
                .is_some_and(|phrase| text.starts_with(phrase))
        })
    }
}

/// The blocks in a phrase's window, each with the number of bytes that follow it there.
fn blocks(phrase: &[u8], window: usize) -> impl Iterator<Item = ([u8; BLOCK], usize)> {
    phrase
        .windows(BLOCK)
        .filter_map(|block| block.first_chunk().copied())
        .take(window - BLOCK + 1)
        .enumerate()
        .map(move |(index, block)| (block, window - BLOCK - index))
}

/// Fibonacci hashing: the high bits of a product depend on all four bytes.
fn hash(block: [u8; BLOCK]) -> usize {
    let product = u32::from_le_bytes(block).wrapping_mul(0x9E37_79B1);
    usize::try_from(product >> (u32::BITS - HASH_BITS)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Phrases;

    #[test]
    fn phrases_are_found_wherever_they_stand() {
        let set = Phrases::new([&b"slow query"[..], b"WORKER TIMEOUT (pid:", b"slow"]);
        for (text, rank) in [
            ("slow query", Some(0)),
            ("a slow quarry", Some(2)),
            ("slow, then a slow query", Some(0)),
            ("x WORKER TIMEOUT (pid:1)", Some(1)),
            ("WORKER TIMEOUT (pid", None),
            ("slo", None),
            ("", None),
        ] {
            assert_eq!(set.best(text.as_bytes()), rank, "{text}");
        }
    }

    #[test]
    fn it_finds_what_a_search_for_each_phrase_finds() {
        let phrases = [&b"abab"[..], b"babba", b"aabb", b"bbbbbb"];
        let set = Phrases::new(phrases);
        for seed in 0_u32..4096 {
            let text: Vec<u8> = (0..12)
                .map(|bit| b'a' + u8::from(seed >> bit & 1 == 1))
                .collect();
            let expected = phrases
                .iter()
                .position(|phrase| memchr::memmem::find(&text, phrase).is_some());
            assert_eq!(set.best(&text), expected, "{seed}");
        }
    }

    #[test]
    fn an_empty_set_finds_nothing() {
        assert!(!Phrases::new([]).any(b"anything at all"));
    }
}
