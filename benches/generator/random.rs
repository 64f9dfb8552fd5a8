//! A small generator of numbers (xorshift64*), so that a seed means the same log on every machine.

/// The state; never zero.
pub(crate) struct Random(u64);

impl Random {
    /// Any seed will do, zero too.
    pub(crate) fn new(seed: u64) -> Random {
        // splitmix64: neighbouring seeds must not give neighbouring logs
        let mixed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Random((mixed ^ (mixed >> 31)) | 1)
    }

    /// The next 64 bits (Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Below `limit`; 0 when it is 0. The bias of the remainder does not matter here.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 11).checked_rem(limit).unwrap_or_default()
    }

    /// `one` of `of` times true.
    pub(crate) fn chance(&mut self, one: u64, of: u64) -> bool {
        self.below(of) < one
    }

    /// About an exponential distribution, in whole numbers: each leading zero of a random word adds a halving's worth.
    pub(crate) fn exponential(&mut self, mean: u64) -> u64 {
        let halvings = u64::from(self.next().leading_zeros());
        // halvings are 1 on average, the fraction 0.5: together 1.5 times too much
        (halvings * 1000 + self.below(1000)) * mean / 1500
    }

    /// Few are asked for often and many seldom: the smaller of three draws.
    pub(crate) fn popular(&mut self, limit: u64) -> u64 {
        self.below(limit)
            .min(self.below(limit))
            .min(self.below(limit))
    }

    /// Below `limit`, where the n-th comes about 1/n times as often as the first: all below a random power of two are alike.
    pub(crate) fn favoured(&mut self, limit: u64) -> u64 {
        let halvings = self.below(u64::from(limit.checked_ilog2().unwrap_or_default()) + 1);
        self.below(limit >> halvings)
    }

    /// One of `items`.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let index = self.below(u64::try_from(items.len()).unwrap_or_default());
        items.get(usize::try_from(index).unwrap_or_default())
    }
}
