//! From a time in UTC back to HAProxy's local axis: where the lines of one host lie that belong to it.

use crate::clock::Clock;
use crate::evidence::Axis;

impl Clock {
    /// The local times, first and last microsecond, whose [`Clock::accept`] is within some times of UTC, both ends included.
    ///
    /// There are several where the host's clock was set back: what was shown twice is placed as `accept` places it.
    pub fn local_spans(
        &self,
        source: u32,
        host: &str,
        axis: Axis,
        (since, until): (Option<i64>, Option<i64>),
    ) -> Vec<(i64, i64)> {
        let accept = self.accept(source, host, axis);
        let within = |from: i64, to: i64| {
            let offset = from.saturating_sub(accept.utc(from));
            let earliest = since.map_or(from, |at| from.max(at.saturating_add(offset)));
            let latest = until.map_or(to, |at| to.min(at.saturating_add(offset)));
            (earliest <= latest).then_some((earliest, latest))
        };
        // The offset only changes where a change of the clock begins to show, by the old offset or the new one.
        let mut borders = vec![FIRST];
        let changes: Vec<_> = self.local(host).changes().collect();
        for pair in changes.windows(2) {
            let &[(_, before), (at, after)] = pair else {
                continue;
            };
            borders.extend([at.saturating_add(before), at.saturating_add(after)]);
        }
        borders.sort_unstable();
        borders.dedup();
        let ends = borders.iter().skip(1).map(|next| next - 1).chain([LAST]);
        let pieces = borders.iter().zip(ends);
        pieces.filter_map(|(&from, to)| within(from, to)).collect()
    }
}

/// Before any time that a log can have, with room for offsets.
const FIRST: i64 = i64::MIN / 4;
/// After any.
const LAST: i64 = i64::MAX / 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::HOUR;
    use crate::base::MINUTE;
    use crate::clock::Pieces;

    #[test]
    fn every_local_time_is_within_just_when_its_utc_is() {
        let mut any = Pieces::default();
        any.push(-100 * HOUR, 2 * HOUR);
        any.push(10 * HOUR, HOUR);
        any.push(40 * HOUR, 2 * HOUR);
        let clock = Clock {
            any,
            ..Clock::default()
        };
        let step = usize::try_from(7 * MINUTE).unwrap();
        for since in (0..60).step_by(3).map(|h| h * HOUR) {
            let until = since + 5 * HOUR;
            for axis in [Axis::Free, Axis::Tied(-8)] {
                let spans = clock.local_spans(0, "", axis, (Some(since), Some(until)));
                for local in (-5 * HOUR..70 * HOUR).step_by(step) {
                    let at = clock.accept(0, "", axis).utc(local);
                    let inside = spans.iter().any(|&(a, b)| a <= local && local <= b);
                    assert_eq!(
                        inside,
                        since <= at && at <= until,
                        "{local} {axis:?} {since}"
                    );
                }
            }
        }
    }
}
