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
}

impl Glue {
    pub(super) fn push(&mut self, mark: Mark) {
        match &mark {
            Mark::Literal(bytes) => self.text.extend_from_slice(bytes),
            Mark::Blank => self.text.push(b' '),
        }
        self.marks.push(mark);
        if self.text.len() > 8 {
            [self.word, self.mask] = [1, 0];
            return;
        }
        let mut eight = [[0; 8]; 2];
        let [word, mask] = &mut eight;
        for ((word, mask), byte) in word.iter_mut().zip(mask).zip(&self.text) {
            (*word, *mask) = (*byte, 0xff);
        }
        [self.word, self.mask] = eight.map(u64::from_le_bytes);
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
    #[inline]
    pub(super) fn is_plainly_at(&self, body: &[u8], at: usize) -> bool {
        let Some(rest) = body.get(at..) else {
            return false;
        };
        match rest.first_chunk() {
            Some(eight) if self.is_short_at(*eight) => true,
            _ => rest.starts_with(&self.text),
        }
    }

    /// It is short, and these bytes begin with it.
    #[inline]
    pub(super) fn is_short_at(&self, eight: [u8; 8]) -> bool {
        u64::from_le_bytes(eight) & self.mask == self.word
    }

    /// Bytes of it with each blank as one.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.text.len()
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
