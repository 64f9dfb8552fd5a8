//! Who asks, and for what: how clients and URLs are spread over the requests.

use super::random::Random;

/// How many clients and URLs there are, and how alike they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crowd {
    /// Few make most of the traffic, and many come once, as on a public site: the n-th in favour has a share of about 1/n.
    Skewed,
    /// All alike: the worst for tables of URLs and clients. A log of a million lines has most of them, one of five has all.
    Even,
}

impl Crowd {
    /// Numbers of clients are below this.
    pub(crate) fn n_clients(self) -> u64 {
        match self {
            Crowd::Skewed => 200_000,
            Crowd::Even => 1_000_000,
        }
    }

    /// Numbers of URLs are below this.
    pub(crate) fn n_urls(self) -> u64 {
        match self {
            Crowd::Skewed => 300_000,
            Crowd::Even => 1_000_000,
        }
    }

    /// Numbers of a client and of the URL it asks for.
    pub(crate) fn draw(self, random: &mut Random) -> (u64, u64) {
        match self {
            Crowd::Skewed => (
                random.favoured(self.n_clients()),
                random.favoured(self.n_urls()),
            ),
            Crowd::Even => (random.below(self.n_clients()), random.below(self.n_urls())),
        }
    }
}
