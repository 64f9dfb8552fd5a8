//! What the requests of one slot of time came to: those of a frontend and backend, and those of a server.

use crate::event::traffic::Traffic as Line;
use crate::evidence::Extent;
use crate::evidence::Tally;

/// Requests of one slot of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Second {
    /// Requests.
    pub n: u64,
    /// Requests answered well by a server: status below 500 (or any end of a TCP stream's data phase).
    pub n_good: u64,
    /// 5xx other than 503.
    pub n_other_5xx: u64,
    /// First and last accept date of good ones; local axis.
    pub good: Extent,
    /// Sum of `%Tr` in ms over the requests that have it.
    pub response_ms_sum: u64,
    /// Requests that have it.
    pub n_response: u64,
    /// Longest `%Tw`, ms.
    pub queue_ms_max: u32,
}

/// The shortest interval that holds both.
pub(super) fn span(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (one, other) => one.or(other),
    }
}

impl Second {
    #[inline(always)]
    pub(super) fn fold(&mut self, at: i64, line: Line<'_>, good: bool) {
        self.n += 1;
        if good {
            self.n_good += 1;
            self.good.take(at);
        }
        self.n_other_5xx += u64::from(
            line.status_code
                .is_some_and(|status| status >= 500 && status != 503),
        );
        if let Some(ms) = line.timers.res_timer_hdr_ms() {
            self.response_ms_sum += u64::from(ms);
            self.n_response += 1;
        }
        if line.timers.has_queued() {
            let ms = line.timers.req_timer_queue_ms().unwrap_or(0);
            self.queue_ms_max = self.queue_ms_max.max(ms);
        }
    }
}

impl Second {
    /// The same with its times on another axis.
    pub fn moved(&self, to: impl Fn(i64) -> i64) -> Second {
        Second {
            good: self.good.moved(to),
            ..*self
        }
    }
}

impl Tally for Second {
    fn add(&mut self, other: Self) {
        let Second {
            n,
            n_good,
            n_other_5xx,
            good,
            response_ms_sum,
            n_response,
            queue_ms_max,
        } = other;
        self.n += n;
        self.n_good += n_good;
        self.n_other_5xx += n_other_5xx;
        self.good.add(good);
        self.response_ms_sum += response_ms_sum;
        self.n_response += n_response;
        self.queue_ms_max = self.queue_ms_max.max(queue_ms_max);
    }
}

/// Requests of one server in one slot of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerCell {
    /// Requests answered well.
    pub n_good: u64,
    /// Requests that failed with a 503, or in the TCP way.
    pub n_failed: u64,
    /// `i64::MIN`: none.
    last_good: i64,
}

impl Default for ServerCell {
    fn default() -> Self {
        ServerCell {
            n_good: 0,
            n_failed: 0,
            last_good: i64::MIN,
        }
    }
}

impl ServerCell {
    /// One more that was answered well.
    #[inline(always)]
    pub(super) fn answered(&mut self, at: i64) {
        self.n_good += 1;
        self.last_good = self.last_good.max(at);
    }

    /// Last accept date of those answered well; local axis.
    pub fn last_good(&self) -> Option<i64> {
        Some(self.last_good).filter(|&at| at != i64::MIN)
    }

    /// What `known` does not have; whether that is anything.
    pub(super) fn without(&mut self, known: &ServerCell) -> bool {
        let ServerCell {
            n_good,
            n_failed,
            last_good,
        } = self;
        *n_good = n_good.saturating_sub(known.n_good);
        *n_failed = n_failed.saturating_sub(known.n_failed);
        if *n_good == 0 {
            *last_good = i64::MIN;
        }
        *n_good + *n_failed > 0
    }
}

impl Tally for ServerCell {
    fn add(&mut self, other: Self) {
        let ServerCell {
            n_good,
            n_failed,
            last_good,
        } = other;
        self.last_good = self.last_good.max(last_good);
        self.n_good += n_good;
        self.n_failed += n_failed;
    }
}
