//! What stands between two fields: literals and blanks, nearly always printed as they are.

/// One piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// These bytes.
    Literal(Vec<u8>),
    /// One blank; none where nothing was printed since the last one.
    Blank,
}

/// The pieces between two fields, and how they look when each blank is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Glue {
    marks: Vec<Mark>,
    text: Vec<u8>,
    /// `text` of at most eight bytes, and which bits of eight it has; a longer one is no eight bytes' equal under `mask`.
    word: u64,
    mask: u64,
    /// The first eight bytes of a longer one; of another one what no glue begins with.
    first_word: u64,
    /// `word` and `mask` of the second eight bytes.
    second_word: u64,
    second_mask: u64,
}

/// At most sixteen bytes, as those of a glue, its blanks as one each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Joint {
    /// The first eight bytes, and which bits of eight they have.
    first: (u64, u64),
    second: (u64, u64),
    n: u32,
}

impl Joint {
    /// Of these bytes; `None`: they are more.
    pub(super) fn of(text: &[u8]) -> Option<Joint> {
        let mut both = [([0; 8], [0; 8]); 2];
        let (eights, rest) = text.as_chunks::<8>();
        let chunks = eights.iter().map(<[u8; 8]>::as_slice).chain([rest]);
        let n_chunks = text.len().div_ceil(8);
        for ((word, mask), chunk) in both.iter_mut().zip(chunks) {
            for ((word, mask), byte) in word.iter_mut().zip(mask).zip(chunk) {
                (*word, *mask) = (*byte, 0xff);
            }
        }
        let [first, second] =
            both.map(|(word, mask)| (u64::from_le_bytes(word), u64::from_le_bytes(mask)));
        if n_chunks > 2 {
            return None;
        }
        Some(Joint {
            first,
            second,
            n: u32::try_from(text.len()).ok()?,
        })
    }

    /// Where it ends when it stands at `at`; `None`: it does not, or the line ends before eight bytes more, or sixteen.
    #[inline(always)]
    pub(super) fn end(&self, body: &[u8], at: u32) -> Option<u32> {
        let is_at = |at: u32, (word, mask): (u64, u64)| {
            let eight = body.get(at as usize..).and_then(|rest| rest.first_chunk());
            eight.is_some_and(|eight| u64::from_le_bytes(*eight) & mask == word)
        };
        let is_there = is_at(at, self.first) && (self.n <= 8 || is_at(at + 8, self.second));
        is_there.then_some(at + self.n)
    }
}

impl Glue {
    /// `None`: it is longer.
    pub(super) fn joint(&self) -> Option<Joint> {
        Joint::of(&self.text)
    }

    pub(super) fn push(&mut self, mark: Mark) {
        match &mark {
            Mark::Literal(bytes) => self.text.extend_from_slice(bytes),
            Mark::Blank => self.text.push(b' '),
        }
        self.marks.push(mark);
        let mut sixteen = [[0; 16]; 2];
        let [word, mask] = &mut sixteen;
        for ((word, mask), byte) in word.iter_mut().zip(mask).zip(&self.text) {
            (*word, *mask) = (*byte, 0xff);
        }
        let [[word, second_word], [mask, second_mask]] = sixteen.map(|bytes| {
            let (eights, _) = bytes.as_chunks();
            [0, 1].map(|at| eights.get(at).map_or(0, |eight| u64::from_le_bytes(*eight)))
        });
        [self.word, self.mask] = [word, mask];
        [self.second_word, self.second_mask] = [second_word, second_mask];
        if self.text.len() > 8 {
            [self.first_word, self.word, self.mask] = [word, 1, 0];
        }
    }

    /// What follows the field before it.
    pub(super) fn first(&self) -> Option<&Mark> {
        self.marks.first()
    }

    /// The first byte, when it is the same however it is printed.
    pub(super) fn first_byte(&self) -> Option<u8> {
        match self.marks.first()? {
            Mark::Literal(bytes) => bytes.first().copied(),
            Mark::Blank => Some(b' '),
        }
    }

    pub(super) fn is(&self, text: &[u8]) -> bool {
        self.text == text && !self.marks.contains(&Mark::Blank)
    }

    /// Bytes that are always there.
    pub(super) fn n_literal(&self) -> usize {
        let lengths = self.marks.iter().map(|mark| match mark {
            Mark::Literal(bytes) => bytes.len(),
            Mark::Blank => 0,
        });
        lengths.sum()
    }

    /// Where the field behind it begins.
    #[inline]
    pub(super) fn pass(&self, body: &[u8], at: usize) -> Option<usize> {
        if self.is_plainly_at(body, at) {
            Some(at + self.text.len())
        } else {
            self.one_by_one(body, at)
        }
    }

    /// It stands there with each blank as one.
    pub(super) fn is_plainly_at(&self, body: &[u8], at: usize) -> bool {
        body.get(at..)
            .is_some_and(|rest| rest.starts_with(&self.text))
    }

    /// What follows it where it stands at the start of `rest` with each blank as one.
    pub(super) fn strip<'a>(&self, rest: &'a [u8]) -> Option<&'a [u8]> {
        rest.strip_prefix(self.text.as_slice())
    }

    /// The same behind the first `n` bytes of `rest`; `eight` are those behind them. `None`, too: it is very long.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "once per field of each line, a few instructions"
    )]
    pub(super) fn strip_near<'a>(
        &self,
        eight: [u8; 8],
        rest: &'a [u8],
        n: usize,
    ) -> Option<&'a [u8]> {
        let eight = u64::from_le_bytes(eight);
        if eight & self.mask == self.word || self.is_long_at(eight, rest, n) {
            rest.get(n + self.text.len()..)
        } else {
            None
        }
    }

    /// The same for one of at most eight bytes.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "once per number of each line, a few instructions"
    )]
    pub(super) fn strip_short<'a>(
        &self,
        eight: [u8; 8],
        rest: &'a [u8],
        n: usize,
    ) -> Option<&'a [u8]> {
        if u64::from_le_bytes(eight) & self.mask == self.word {
            rest.get(n + self.text.len()..)
        } else {
            None
        }
    }

    /// What follows it at the beginning of a line, however its blanks are printed.
    #[inline]
    pub(super) fn strip_first<'a>(&self, body: &'a [u8]) -> Option<&'a [u8]> {
        let near = body.first_chunk();
        near.and_then(|eight| self.strip_near(*eight, body, 0))
            .or_else(|| body.get(self.pass(body, 0)?..))
    }

    /// It has nine to sixteen bytes, and they stand there.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "nothing is called on the way through a line"
    )]
    fn is_long_at(&self, eight: u64, rest: &[u8], n: usize) -> bool {
        if eight != self.first_word || self.text.len() > 16 {
            return false;
        }
        let second = rest.get(n + 8..).and_then(|rest| rest.first_chunk());
        second.is_some_and(|second| {
            u64::from_le_bytes(*second) & self.second_mask == self.second_word
        })
    }

    /// It with each blank as one.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    #[inline(never)]
    fn one_by_one(&self, body: &[u8], at: usize) -> Option<usize> {
        self.marks.iter().try_fold(at, |at, mark| match mark {
            Mark::Literal(bytes) => {
                let is_there = body.get(at..)?.starts_with(bytes);
                is_there.then_some(at + bytes.len())
            }
            Mark::Blank => blank(body, at),
        })
    }
}

/// One blank; or none, where the output before it ends with one or nothing follows.
pub(super) fn blank(body: &[u8], at: usize) -> Option<usize> {
    let is_blank = |at: usize| matches!(body.get(at), Some(b' ' | b'\t'));
    if is_blank(at) {
        return Some(at + 1);
    }
    let is_merged = at.checked_sub(1).is_none_or(is_blank);
    (is_merged || at >= body.len()).then_some(at)
}
