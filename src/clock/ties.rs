//! Differences between a carrier's stamps and HAProxy's accept dates -> offsets of HAProxy's local time.
//!
//! Two hard facts sort them. No line is written before its request ends, so a difference that is too large by a quarter of an
//! hour is late delivery (a log daemon that was stopped, a file read again), one that is too small cannot be. And zones are
//! what they are: nobody lives 1 h 45 min east of Greenwich, so that is 2 h, and the lines were late.

use crate::base::Zone;
use crate::clock::Pieces;
use crate::evidence::STEP;
use crate::evidence::Tied;
use crate::evidence::Ties;
use std::collections::BTreeMap;

/// Offsets in use that are no whole hours, in steps of a quarter of an hour. Source: tz database 2025b.
const ODD: [i64; 14] = [-38, -14, -10, 14, 18, 22, 23, 26, 35, 38, 42, 51, 55, -18];
/// Daylight saving time moves a clock by an hour, on Lord Howe Island by half of it; in steps.
const DST: [i64; 2] = [4, 2];
/// Whole hours in use, in steps.
const HOURS: std::ops::RangeInclusive<i64> = -48..=56;

/// A zone's offset that exists, in steps.
pub(super) fn exists(offset: i64) -> bool {
    (offset % 4 == 0 && HOURS.contains(&offset)) || ODD.contains(&offset)
}

/// Lines that agree on an offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Agreed {
    /// Microseconds east of UTC.
    pub(super) offset: i64,
    /// Their number, first and last stamp, and how far the carrier's clock is off.
    pub(super) lines: Tied,
}

/// What the lines of one host in one log say about the offset of its local time.
#[derive(Clone, Debug, Default)]
pub(super) struct Offset {
    /// The offset of lines that show this difference, in steps.
    pub(super) by_step: BTreeMap<i64, i64>,
    /// The offsets found, by when they hold.
    pub(super) agreed: Vec<Agreed>,
    /// Lines that were delivered late.
    pub(super) n_late: u64,
}

/// Sorts the differences of UTC stamps into offsets and late delivery.
pub(super) fn read(ties: &Ties) -> Offset {
    let mut found = Offset::default();
    let utc = ties.iter().filter(|((zone, _), _)| *zone == Zone::Utc);
    // Ascending: the earliest delivery first, which late ones are measured by.
    for (&(_, step), &lines) in utc {
        let offset = match real(&found.agreed, step, &lines) {
            Some(offset) => {
                found.agreed.push(Agreed { offset, lines });
                offset
            }
            None => {
                found.n_late += lines.n;
                delivered_late(&found.agreed, step, &lines)
            }
        };
        found.by_step.insert(step, offset);
    }
    found.agreed.sort_by_key(|agreed| agreed.lines.stamps);
    found
}

/// The offset that this difference is by itself; `None`: it is another one's, and the lines were late.
fn real(agreed: &[Agreed], step: i64, lines: &Tied) -> Option<i64> {
    let offset = -step;
    let within = |a: &&Agreed| {
        let (first, last) = a.lines.stamps;
        first <= lines.stamps.0 && lines.stamps.1 <= last
    };
    let dst = |a: &Agreed| DST.contains(&(a.offset / STEP - offset).abs());
    let is_change = agreed.is_empty() || agreed.iter().any(dst);
    let is_late = agreed.iter().any(|a| within(&a));
    (exists(offset) && is_change && !is_late).then_some(offset * STEP)
}

/// The offset in force when the lines were delivered, else the next one to the east that exists.
fn delivered_late(agreed: &[Agreed], step: i64, lines: &Tied) -> i64 {
    let at = lines.stamps.0;
    let distance = |a: &&Agreed| (a.lines.stamps.0 - at).max(at - a.lines.stamps.1).max(0);
    if let Some(near) = agreed.iter().min_by_key(distance) {
        return near.offset;
    }
    let east = (-step..-step + 8).find(|&offset| exists(offset));
    east.unwrap_or(-step) * STEP
}

/// The local time of one host over the whole bundle; `Err`: its offsets do not follow each other in time.
pub(super) fn pieces(agreed: &[Agreed]) -> Result<Pieces, ()> {
    let mut spans = BTreeMap::<i64, Tied>::new();
    for Agreed { offset, lines } in agreed {
        spans
            .entry(*offset)
            .and_modify(|mine| mine.add(*lines))
            .or_insert(*lines);
    }
    let mut spans: Vec<(i64, Tied)> = spans.into_iter().collect();
    spans.sort_by_key(|(offset, lines)| (lines.stamps, *offset));
    let follow = spans
        .iter()
        .zip(spans.iter().skip(1))
        .all(|((_, a), (_, b))| a.stamps.1 <= b.stamps.0);
    if !follow {
        return Err(());
    }
    let mut pieces = Pieces::default();
    let mut before = i64::MIN;
    for (offset, lines) in spans {
        pieces.push(changed(before, lines.stamps.0), offset);
        before = lines.stamps.1;
    }
    Ok(pieces)
}

/// When the clock was changed, between the last line that shows the old offset and the first that shows the new one: clocks
/// are changed at whole or half hours.
fn changed(before: i64, first: i64) -> i64 {
    let even = first.div_euclid(2 * STEP) * 2 * STEP;
    if even > before { even } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::HOUR;

    fn tied(n: u64, first: i64, last: i64) -> Tied {
        Tied {
            n,
            stamps: (first * HOUR, last * HOUR),
            least: 0,
        }
    }

    fn offsets(ties: &[(i64, Tied)]) -> (Vec<(i64, i64)>, u64) {
        let ties = ties
            .iter()
            .map(|&(step, tied)| ((Zone::Utc, step), tied))
            .collect();
        let found = read(&ties);
        let by_step = found.by_step.into_iter();
        (by_step.map(|(s, o)| (s, o / STEP)).collect(), found.n_late)
    }

    #[test]
    fn a_change_of_one_hour_that_stays_is_daylight_saving_time() {
        // Adelaide in April: +10:30 until 16:30 UTC, then +09:30.
        let found = offsets(&[(-42, tied(50, 0, 16)), (-38, tied(9, 17, 40))]);
        assert_eq!(found, (vec![(-42, 42), (-38, 38)], 0));
    }

    #[test]
    fn an_hour_late_while_others_are_in_time_is_late() {
        let found = offsets(&[(-8, tied(50, 0, 40)), (-4, tied(9, 17, 18))]);
        assert_eq!(found, (vec![(-8, 8), (-4, 8)], 9));
    }

    #[test]
    fn a_stopped_log_daemon_delivers_everything_late_by_all_steps() {
        let found = offsets(&[
            (-8, tied(50, 0, 40)),
            (-7, tied(5, 41, 41)),
            (-5, tied(5, 41, 41)),
        ]);
        assert_eq!(found, (vec![(-8, 8), (-7, 8), (-5, 8)], 10));
    }

    #[test]
    fn an_offset_that_no_zone_has_is_the_next_one_to_the_east() {
        assert_eq!(offsets(&[(-7, tied(50, 0, 40))]), (vec![(-7, 8)], 50));
    }

    #[test]
    fn offsets_that_overlap_in_time_are_no_single_local_time() {
        let agreed = |offset, first, last| Agreed {
            offset,
            lines: tied(1, first, last),
        };
        assert!(pieces(&[agreed(0, 0, 10), agreed(4, 5, 12)]).is_err());
        assert!(pieces(&[agreed(0, 0, 10), agreed(4, 11, 12)]).is_ok());
    }
}
