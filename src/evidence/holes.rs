//! Times without records that are too long for their log to be chance: a log that stopped, or a piece of it that is missing.
//!
//! A pause is a hole when it lasts a minute or more, and at least five times as long as every other pause near it. Near is
//! twice its length on either side; there the log must have requests in ten slots of time or more, or nothing could be called
//! usual. So a quiet night has no holes, nor has a log of a request every hour.

use crate::base::MINUTE;
use crate::evidence::Axis;
use crate::evidence::Traffic;

/// Shorter pauses are no holes, microseconds.
const HOLE_MIN: i64 = MINUTE;
/// A hole is so many times as long as any other pause near it.
const TIMES: i64 = 5;
/// Slots with requests that each side of a hole must have.
const SLOTS_MIN: i64 = 10;
/// How far a side reaches, in lengths of the hole.
const SIDE: i64 = 2;

/// Slots of time in which requests of a host were accepted.
#[derive(Clone, Debug)]
pub struct Slots {
    /// Host as logged.
    pub host: Box<str>,
    /// How the accept dates are tied to UTC.
    pub axis: Axis,
    /// Width of a slot, microseconds.
    pub width: i64,
    /// Where the slots begin, in order; local axis.
    pub starts: Vec<i64>,
}

impl Slots {
    /// Times with requests of one log.
    pub fn of(traffic: &Traffic) -> Vec<Slots> {
        let mut all: Vec<Slots> = Vec::new();
        for pair in traffic.peek() {
            let (host, axis, width) = (&pair.key.host, pair.axis, pair.seconds.width());
            let starts = pair.seconds.iter().map(|(at, _)| at);
            let mut known = all.iter_mut();
            match known.find(|s| s.host == *host && s.axis == axis && s.width == width) {
                Some(slots) => slots.add(starts),
                None => all.push(Slots {
                    host: host.clone(),
                    axis,
                    width,
                    starts: starts.collect(),
                }),
            }
        }
        all
    }

    /// Takes in starts in their order; most are there already.
    fn add(&mut self, starts: impl Iterator<Item = i64>) {
        let mut known = self.starts.iter().copied().peekable();
        let mut news = Vec::new();
        for start in starts {
            while known.next_if(|&there| there < start).is_some() {}
            if known.peek() != Some(&start) {
                news.push(start);
            }
        }
        if !news.is_empty() {
            self.starts.append(&mut news);
            self.starts.sort();
        }
    }
}

/// The holes between runs: `runs` are times with requests in every slot, sorted and apart; `width` is that of a slot.
pub fn holes(runs: &[(i64, i64)], width: i64) -> Vec<(i64, i64)> {
    let mut found = Vec::new();
    for (index, pair) in runs.windows(2).enumerate() {
        let [(_, from), (to, _)] = pair else { continue };
        let length = to - from;
        if length < HOLE_MIN.max(3 * width) {
            continue;
        }
        let (before, after) = runs.split_at(index + 1);
        let reach = length.saturating_mul(SIDE);
        let earlier = before
            .iter()
            .rev()
            .map(|&(start, end)| (from - end, from - start));
        let later = after.iter().map(|&(start, end)| (start - to, end - to));
        let usual = |mut side: Box<dyn Iterator<Item = (i64, i64)> + '_>| {
            is_usual(&mut side, reach, length, width.max(1))
        };
        if usual(Box::new(earlier)) && usual(Box::new(later)) {
            found.push((*from, *to));
        }
    }
    found
}

/// A side of a hole, as distances from it: it has enough requests, and no pause near as long as the hole.
fn is_usual(
    side: &mut dyn Iterator<Item = (i64, i64)>,
    reach: i64,
    length: i64,
    width: i64,
) -> bool {
    let mut last_end = 0;
    let mut n_slots = 0;
    for (start, end) in side.take_while(|(start, _)| *start < reach) {
        if (start - last_end).saturating_mul(TIMES) > length {
            return false;
        }
        n_slots += (end - start) / width;
        last_end = end;
    }
    n_slots >= SLOTS_MIN
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::HOUR;
    use crate::base::SECOND;

    /// A request in the second at each of these times.
    fn found(seconds: impl Iterator<Item = i64>) -> Vec<(i64, i64)> {
        let runs: Vec<_> = seconds.map(|s| (s * SECOND, (s + 1) * SECOND)).collect();
        holes(&runs, SECOND)
    }

    #[test]
    fn a_piece_that_is_missing_in_steady_traffic_is_a_hole() {
        let steady = (0..600).step_by(3).filter(|s| !(200..400).contains(s));
        assert_eq!(found(steady), [(199 * SECOND, 402 * SECOND)]);
        let pieces = (0..60).step_by(2).chain((7200..7260).step_by(2));
        assert_eq!(found(pieces).len(), 1);
    }

    #[test]
    fn quiet_logs_and_quiet_hours_have_no_holes() {
        assert_eq!(found((0..50).map(|n| n * 3600)), []);
        // Slower and slower towards the night, and back.
        let slower = (1..40_i64).map(|n| n * n * 3);
        let end = 40 * 40 * 3;
        let faster = (1..40_i64).rev().map(|n| 2 * end - n * n * 3);
        assert_eq!(found(slower.chain(faster)), []);
        // Bursts of a job, every quarter of an hour.
        let bursts = (0..8).flat_map(|n| (0..30).map(move |s| n * 900 + s));
        let within = found(bursts).len();
        assert_eq!(within, 0);
        assert_eq!(holes(&[], HOUR), []);
    }
}
