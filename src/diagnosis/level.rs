//! Request rate and response time of a backend just before its failures and long before them.

use crate::base::MINUTE;
use crate::base::SECOND;
use crate::diagnosis::Case;
use crate::diagnosis::before;
use crate::incident::Load;

/// How far back the usual level is taken from.
const USUAL: i64 = 10 * MINUTE;
/// Requests that the usual level must rest on, and the later one.
const USUAL_MIN: u64 = 10;
const NOW_MIN: u64 = 3;
/// Requests on either side of a rate: with thirty, chance moves it by a third, never by half.
const RATE_MIN: u64 = 30;
/// Fewer before are enough for a rise that chance cannot explain.
const FEW_MIN: u64 = 10;
/// Time after the first failure that still belongs to its beginning.
const BEGINNING: i64 = 10 * SECOND;
/// Slots wider than this cannot tell before from after.
const SLOT_MAX: i64 = 10 * SECOND;

/// A measured level before and at the beginning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Change {
    /// Before.
    pub usual: f64,
    /// At the beginning.
    pub now: f64,
}

impl Change {
    /// How many times the usual level.
    pub(super) fn times(self) -> f64 {
        if self.usual > 0.0 {
            self.now / self.usual
        } else {
            0.0
        }
    }
}

/// Mean `%Tr` in milliseconds: at the beginning, as long as requests failed, against the time before.
pub(super) fn response_ms(case: &Case<'_>) -> Option<Change> {
    let (load, at) = of(case)?;
    let usual = usual_response_ms(case)?;
    let failing = case
        .incident
        .window
        .end
        .map_or(at + BEGINNING, |end| end.clamp(at + SECOND, at + BEGINNING));
    let now = mean_response(load, (at - SECOND, failing), NOW_MIN)?;
    Some(Change { usual, now })
}

/// The usual mean `%Tr` alone, milliseconds. The last seconds before the first failure may be slow already, so they count
/// only when a short log has nothing older.
pub(super) fn usual_response_ms(case: &Case<'_>) -> Option<f64> {
    let (load, at) = of(case)?;
    let until = |seconds: i64| mean_response(load, (at - USUAL, at - seconds * SECOND), USUAL_MIN);
    until(2).or_else(|| until(1))
}

/// Requests per second. Clients that try again raise the rate after a failure, so only its first seconds count.
pub(super) fn rate(case: &Case<'_>) -> Option<Change> {
    let (load, at) = of(case)?;
    let (now, now_span) = counted(load, (at - 3 * SECOND, at + 2 * SECOND));
    // A surge fills the queue for some seconds before a request fails; a short log has nothing older.
    let usual = [10, 2].into_iter().find_map(|seconds| {
        let (n, span) = counted(load, (at - USUAL, at - seconds * SECOND));
        let is_enough = n >= RATE_MIN || rose_surely((n, span), (now, now_span));
        (is_enough && span >= 2 * SECOND).then_some((n, span))
    });
    let (usual, usual_span) = usual.filter(|_| now >= RATE_MIN)?;
    Some(Change {
        usual: per_second(usual, usual_span),
        now: per_second(now, now_span),
    })
}

/// Few requests before, and so many now that even two deviations of chance on either side (the root of a count) leave twice the rate.
fn rose_surely((usual, usual_span): (u64, i64), (now, now_span): (u64, i64)) -> bool {
    let most = usual + 2 * (usual.isqrt() + 1);
    let least = now.saturating_sub(2 * (now.isqrt() + 1));
    usual >= FEW_MIN && per_second(least, now_span) >= 2.0 * per_second(most, usual_span)
}

/// The backend's load, and when the first effect showed.
fn of<'a>(case: &Case<'a>) -> Option<(&'a Load, i64)> {
    let load = case.bundle.loads.get(&case.incident.backend)?;
    let at = before::signs(case).iter().map(|sign| sign.at).min()?;
    Some((load, at))
}

fn mean_response(load: &Load, (from, to): (i64, i64), min: u64) -> Option<f64> {
    let (mut sum, mut n) = (0u64, 0u64);
    for (at, width, second) in &load.seconds {
        if *at >= from && at + width <= to + SECOND && *width <= SLOT_MAX {
            sum += second.response_ms_sum;
            n += second.n_response;
        }
    }
    (n >= min).then(|| as_number(sum) / as_number(n))
}

/// Requests in the slots inside a span, and how much time these slots cover from the first request on.
fn counted(load: &Load, (from, to): (i64, i64)) -> (u64, i64) {
    let (mut n, mut reach) = (0, None::<(i64, i64)>);
    for (at, width, second) in &load.seconds {
        let start = *at;
        let end = start + width;
        if start < from || end > to + SECOND || *width > SLOT_MAX {
            continue;
        }
        n += second.n;
        // The first slot of a log is not full.
        let first = second.good.get().map_or(start, |(first, _)| first);
        reach = Some(reach.map_or((first, end), |(a, b)| (a.min(first), b.max(end))));
    }
    (n, reach.map_or(0, |(start, end)| end - start))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "levels are shown with three digits"
)]
fn as_number(n: u64) -> f64 {
    n as f64
}

fn per_second(n: u64, span: i64) -> f64 {
    let micros = u64::try_from(span.max(1)).unwrap_or(1);
    as_number(n) * 1e6 / as_number(micros)
}
