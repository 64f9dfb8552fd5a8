//! How far the carrier's clock is from HAProxy's accept dates: a traffic line is written when its request ends.

use crate::base::DAY;
use crate::base::MINUTE;
use crate::base::Stamp;
use crate::base::Zone;
use crate::base::printable;
use crate::base::year_of;
use crate::carrier::Record;
use crate::evidence::second::span;
use std::collections::BTreeMap;

/// Zones differ by multiples of a quarter of an hour, so differences are counted in these steps, microseconds.
pub const STEP: i64 = 15 * MINUTE;
/// No zone is further from UTC than 14 hours; a carrier that differs by more was not written when the requests ended.
const STEPS_AWAY_MAX: i64 = 15 * 4;
/// Distinct differences kept per host; a log has one or two (a DST change), more means late delivery or clocks being set.
const STEPS_MAX: usize = 64;
/// Hosts whose differences are kept per log; those first by name.
const HOSTS_MAX: usize = 256;

/// A yearless stamp this close to an accept date is in the right year, microseconds.
const HALF_A_YEAR: i64 = 182 * DAY;

/// How the accept date of one line is tied to UTC.
///
/// The local time of a host is not enough to tell: after a DST change the same hour comes again, with other requests in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    /// By nothing in the line itself: the carrier has no stamp, or one without zone.
    #[default]
    Free,
    /// The carrier's stamp is UTC, and this many [`STEP`]s after the line's end by HAProxy's clock.
    Tied(i8),
}

impl Axis {
    /// Of a line with this stamp of its carrier and this end by HAProxy's clock.
    pub(super) fn of(stamp: Option<Stamp>, end: Option<i64>) -> Axis {
        match (stamp, end) {
            (Some(stamp), Some(end)) if stamp.zone == Zone::Utc => {
                Axis::at(stamp.zone, (stamp.micros - end + STEP / 2).div_euclid(STEP))
            }
            _ => Axis::Free,
        }
    }

    fn at(zone: Zone, step: i64) -> Axis {
        match (zone, i8::try_from(step)) {
            (Zone::Utc, Ok(near)) if step.abs() <= STEPS_AWAY_MAX => Axis::Tied(near),
            _ => Axis::Free,
        }
    }
}

/// Lines of one host that show the same difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tied {
    /// Lines.
    pub n: u64,
    /// First and last stamp of the carrier, on its own axis (yearless ones: in the year of the accept date).
    pub stamps: (i64, i64),
    /// The smallest of stamp − (accept date + total time) − difference, microseconds: how far the carrier's clock is from
    /// HAProxy's, since no line is written before its request ends and most are written at once.
    pub least: i64,
}

/// What one host's lines show: by what the carrier's stamps leave out, and the difference in steps.
pub type Ties = BTreeMap<(Zone, i64), Tied>;

/// Carrier's stamp minus (accept date + total time), in steps of [`STEP`].
#[derive(Clone, Debug, Default)]
pub struct Offsets {
    hosts: BTreeMap<Box<[u8]>, Ties>,
    ends: Option<(i64, i64)>,
    host: Box<[u8]>,
    open: Option<((Zone, i64), Tied)>,
    window: Window,
    shifted: Option<(Stamp, i64)>,
}

/// Ends of requests that show the same difference as long as the carrier's stamp stays the same, and what was seen of them.
#[derive(Clone, Copy, Debug)]
struct Window {
    from: i64,
    /// Exclusive.
    to: i64,
    axis: Axis,
    /// Stamp − difference.
    base: i64,
    n: u64,
    first: i64,
    last: i64,
}

impl Default for Window {
    fn default() -> Self {
        Window {
            from: 0,
            to: 0,
            axis: Axis::Free,
            base: 0,
            n: 0,
            first: i64::MAX,
            last: i64::MIN,
        }
    }
}

impl Offsets {
    /// Counts a traffic line with the host and stamp of the one before it, if it shows the same difference; `end`: when HAProxy
    /// wrote it by its own clock.
    #[inline(always)]
    pub(super) fn goes_on(&mut self, end: Option<i64>) -> bool {
        let window = &mut self.window;
        let Some(end) = end.filter(|&end| window.from <= end && end < window.to) else {
            return false;
        };
        window.n += 1;
        window.first = window.first.min(end);
        window.last = window.last.max(end);
        true
    }

    /// A traffic line of the host of the one before it, with a stamp in UTC that shows the same difference; `None`: it does not.
    #[inline(always)]
    pub(super) fn restamp(&mut self, stamp: Stamp, end: i64) -> Option<Axis> {
        let ((zone, step), tied) = self.open.as_mut()?;
        let behind = stamp.micros - end - *step * STEP;
        let is_same = *zone == Zone::Utc
            && stamp.zone == Zone::Utc
            && (-STEP / 2..STEP / 2).contains(&behind);
        if !is_same {
            return None;
        }
        tied.add(Tied {
            n: 1,
            stamps: (stamp.micros, stamp.micros),
            least: behind,
        });
        self.ends = span(self.ends, Some((end, end)));
        Some(Axis::at(*zone, *step))
    }

    /// Any other traffic line.
    pub(super) fn turn(&mut self, record: &Record<'_>, end: Option<i64>) -> Axis {
        end.map_or(Axis::Free, |end| {
            self.afresh(record.host, record.stamp, end)
        })
    }

    /// The latest end of those that were counted since the last other one or [`Offsets::pause`].
    pub(super) fn latest(&self) -> Option<(i64, Axis)> {
        let Window { n, last, axis, .. } = self.window;
        (n > 0).then_some((last, axis))
    }

    /// What follows has nothing to do with the lines before.
    pub(super) fn pause(&mut self) {
        self.close_window();
    }

    /// A line whose own date says how far it is from UTC, beside what its carrier says.
    pub(super) fn dated(&mut self, host: &[u8], utc: Stamp, end: i64) -> Axis {
        let axis = self.afresh(host, Some(utc), end);
        self.close_window();
        axis
    }

    fn afresh(&mut self, host: &[u8], stamp: Option<Stamp>, end: i64) -> Axis {
        self.close_window();
        self.ends = span(self.ends, Some((end, end)));
        let Some(stamp) = stamp else {
            return Axis::Free;
        };
        let micros = self.micros(stamp, end);
        let step = (micros - end + STEP / 2).div_euclid(STEP);
        let key = (stamp.zone, step);
        let tied = Tied {
            n: 1,
            stamps: (micros, micros),
            least: micros - end - step * STEP,
        };
        match &mut self.open {
            Some((open, mine)) if *open == key && *self.host == *host => mine.add(tied),
            _ => {
                self.flush();
                self.host = host.into();
                self.open = Some((key, tied));
            }
        }
        let axis = Axis::at(stamp.zone, step);
        // Further away another year may come closer.
        if (micros - end).abs() < HALF_A_YEAR - STEP {
            let base = micros - step * STEP;
            self.window = Window {
                from: base - STEP / 2 + 1,
                to: base + STEP / 2 + 1,
                axis,
                base,
                ..Window::default()
            };
        }
        axis
    }

    /// Puts what was seen through the window with the rest.
    fn close_window(&mut self) {
        let window = std::mem::take(&mut self.window);
        if window.n == 0 {
            return;
        }
        if let Some((_, tied)) = &mut self.open {
            tied.n += window.n;
            tied.least = tied.least.min(window.base - window.last);
        }
        self.ends = span(self.ends, Some((window.first, window.last)));
    }

    /// The stamp's microseconds; a missing year is the one that brings it closest to the accept date.
    fn micros(&mut self, stamp: Stamp, end: i64) -> i64 {
        if stamp.zone != Zone::NoYear {
            return stamp.micros;
        }
        // The year of the last stamp is right for an equal one, unless the accept date lies on the other side of a new year.
        if let Some((last, micros)) = self.shifted
            && last == stamp
            && (micros - end).abs() < HALF_A_YEAR
        {
            return micros;
        }
        let year = year_of(end);
        let nearest = [year - 1, year, year + 1].map(|y| stamp.in_year(y));
        let micros = nearest
            .into_iter()
            .min_by_key(|m| (m - end).abs())
            .unwrap_or(stamp.micros);
        self.shifted = Some((stamp, micros));
        micros
    }

    fn flush(&mut self) {
        self.close_window();
        if let Some((key, tied)) = self.open.take() {
            let host = std::mem::take(&mut self.host);
            self.count(host, key, tied);
        }
    }

    fn count(&mut self, host: Box<[u8]>, key: (Zone, i64), tied: Tied) {
        let ties = self.hosts.entry(host).or_default();
        ties.entry(key)
            .and_modify(|mine| mine.add(tied))
            .or_insert(tied);
        // Which ones go does not matter much: a clock that jumps so often decides nothing. The far ones go first.
        while ties.len() > STEPS_MAX {
            ties.pop_last();
        }
        while self.hosts.len() > HOSTS_MAX {
            self.hosts.pop_last();
        }
    }

    pub(super) fn merge(&mut self, mut other: Offsets) {
        other.flush();
        self.flush();
        let Offsets {
            hosts,
            ends,
            host: _,
            open: _flushed,
            window: _closed,
            shifted: _only_saves_work,
        } = other;
        for (host, ties) in hosts {
            for (key, tied) in ties {
                self.count(host.clone(), key, tied);
            }
        }
        self.ends = span(self.ends, ends);
    }

    /// When the first and the last request ended, local axis.
    pub fn ends(&self) -> Option<(i64, i64)> {
        let Window { first, last, n, .. } = self.window;
        let window = (n > 0).then_some((first, last));
        span(self.ends, window)
    }

    /// What the lines of each host show; the name is empty when the carrier has none.
    pub fn by_host(&self) -> BTreeMap<Box<str>, Ties> {
        let mut all = self.clone();
        all.flush();
        all.hosts
            .into_iter()
            .map(|(host, ties)| (printable(&host).into_boxed_str(), ties))
            .collect()
    }
}

impl Tied {
    /// Takes in what other lines show.
    pub fn add(&mut self, other: Tied) {
        let Tied { n, stamps, least } = other;
        self.n += n;
        self.stamps = (self.stamps.0.min(stamps.0), self.stamps.1.max(stamps.1));
        self.least = self.least.min(least);
    }
}
