//! When requests were accepted, per host: the first and last of each second, which is enough to find every longer gap.

use crate::base::SECOND;
use crate::evidence::Cells;
use crate::evidence::Tally;

/// Slots of one host: 18 hours of one second each, then two seconds each, and so on.
const SLOTS_MAX: usize = 65_536;
/// Hosts whose gaps are looked for, those first by name; a collector has more.
const HOSTS_MAX: usize = 16;

/// Accept dates of one slot of time; local axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    n: u64,
    first: i64,
    last: i64,
    /// Requests accepted in the first one's millisecond.
    n_first: u64,
}

impl Slot {
    #[inline]
    fn count(&mut self, at: i64) {
        self.add(Slot {
            n: 1,
            first: at,
            last: at,
            n_first: 1,
        });
    }
}

impl Tally for Slot {
    #[inline]
    fn add(&mut self, other: Self) {
        if self.n == 0 {
            *self = other;
            return;
        }
        if other.n == 0 {
            return;
        }
        let Slot {
            n,
            first,
            last,
            n_first,
        } = other;
        self.n += n;
        self.last = self.last.max(last);
        match first.cmp(&self.first) {
            std::cmp::Ordering::Less => (self.first, self.n_first) = (first, n_first),
            std::cmp::Ordering::Equal => self.n_first += n_first,
            std::cmp::Ordering::Greater => {}
        }
    }
}

/// A time without an accepted request, between two; HAProxy's local axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Host as logged; empty when the carrier has none.
    pub host: Box<[u8]>,
    /// Accept date of the last request before it, microseconds.
    pub from: i64,
    /// Accept date of the first one after it.
    pub to: i64,
    /// Requests accepted in that millisecond.
    pub n_then: u64,
}

/// Accept dates by host.
#[derive(Clone, Debug, Default)]
pub(super) struct Accepts {
    hosts: Vec<(Box<[u8]>, Cells<Slot>)>,
    host: usize,
    /// Hosts were left out.
    pub(super) is_full: bool,
}

impl Accepts {
    /// What follows was accepted on this host.
    pub(super) fn turn(&mut self, host: &[u8]) {
        let known = self.hosts.get(self.host);
        if known.is_none_or(|(name, _)| **name != *host) {
            self.host = self.index(host);
        }
    }

    #[inline(always)]
    pub(super) fn count(&mut self, at: i64) {
        if let Some((_, cells)) = self.hosts.get_mut(self.host) {
            cells.count(at, |slot| slot.count(at));
        }
    }

    fn index(&mut self, host: &[u8]) -> usize {
        if let Some(index) = self.hosts.iter().position(|(name, _)| **name == *host) {
            return index;
        }
        let is_late = self.hosts.iter().all(|(name, _)| **name < *host);
        if self.hosts.len() >= HOSTS_MAX && is_late {
            self.is_full = true;
            return usize::MAX;
        }
        self.hosts
            .push((host.into(), Cells::new(SECOND, SLOTS_MAX)));
        self.shrink();
        let mut hosts = self.hosts.iter();
        hosts
            .position(|(name, _)| **name == *host)
            .unwrap_or(usize::MAX)
    }

    /// Leaves the hosts first by name: those are never left out of a part, so their counts are whole.
    fn shrink(&mut self) {
        self.hosts.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.is_full |= self.hosts.len() > HOSTS_MAX;
        self.hosts.truncate(HOSTS_MAX);
    }

    pub(super) fn merge(&mut self, other: Accepts) {
        let Accepts {
            hosts,
            host: _only_saves_work,
            is_full,
        } = other;
        self.is_full |= is_full;
        for (name, cells) in hosts {
            match self.hosts.iter_mut().find(|(mine, _)| *mine == name) {
                Some((_, mine)) => mine.merge(cells),
                None => self.hosts.push((name, cells)),
            }
        }
        self.shrink();
    }

    /// Every gap of at least so many microseconds, or as short as the slots show, whichever is longer: that is returned too.
    pub(super) fn gaps(mut self, at_least: i64) -> (Vec<Gap>, i64) {
        let mut shortest = at_least.max(SECOND);
        let mut found = Vec::new();
        for (host, cells) in &mut self.hosts {
            cells.settle();
            shortest = shortest.max(cells.width());
            let mut last = None;
            for (_, slot) in cells.iter() {
                if let Some(from) = last {
                    found.push(Gap {
                        host: host.clone(),
                        from,
                        to: slot.first,
                        n_then: slot.n_first,
                    });
                }
                last = Some(slot.last);
            }
        }
        found.retain(|gap| gap.to - gap.from >= shortest);
        (found, shortest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(times: impl Iterator<Item = i64>) -> Accepts {
        let mut all = Accepts::default();
        all.turn(b"proxy01");
        times.for_each(|ms| all.count(ms * 1000));
        all
    }

    #[test]
    fn every_gap_of_a_second_is_found_with_its_ends() {
        let times = [100, 950, 1950, 2100, 5000, 5000, 5001];
        let mut parts = of(times.iter().skip(3).copied());
        parts.merge(of(times.iter().take(3).copied()));
        let (gaps, shortest) = parts.gaps(0);
        assert_eq!(shortest, SECOND);
        let ends: Vec<_> = gaps.iter().map(|g| (g.from / 1000, g.to / 1000)).collect();
        assert_eq!(ends, [(950, 1950), (2100, 5000)]);
        assert_eq!(gaps[1].n_then, 2);
        assert_eq!(of(times.into_iter()).gaps(2 * SECOND).0, gaps[1..]);
    }

    #[test]
    fn hosts_first_by_name_are_whole() {
        let mut all = Accepts::default();
        for host in (0..30_u8).rev() {
            all.turn(&[host]);
            all.count(0);
            all.count(9 * SECOND);
        }
        let is_full = all.is_full;
        let (gaps, _) = all.gaps(0);
        let hosts: Vec<u8> = gaps.iter().map(|gap| gap.host[0]).collect();
        assert_eq!((hosts, is_full), ((0..16).collect(), true));
    }
}
