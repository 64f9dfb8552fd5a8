//! What each server answered, by the `frontend backend/server` of its lines.

use crate::event::traffic::Names;
use crate::event::traffic::Traffic;
use crate::evidence::bottom;
use crate::evidence::names::Names as Numbers;

/// Different `frontend backend/server` that are counted; a log with more has names made up by somebody.
const PATHS_MAX: usize = 16_384;
/// Bytes of the three names; longer ones are counted nowhere by name.
const PATH_BYTES_MAX: usize = 1024;

/// Counts of one `frontend backend/server`, as of one row of `halog -srv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// `backend/server` as logged.
    pub name: Box<[u8]>,
    /// Its lines are asked for.
    pub(super) is_wanted: bool,
    /// Requests by the first digit of their status; none, `-1` and other digits under 0.
    pub by_class: [u64; 6],
    /// TCP streams, which have no status.
    pub n_tcp: u64,
    /// Requests and streams with no timer that is −1.
    pub n_ok: u64,
    /// Those with a `%Tc`, and its sum in ms.
    pub connect: (u64, u64),
    /// Those with a `%Tr`, and its sum in ms.
    pub response: (u64, u64),
}

impl Served {
    #[inline(always)]
    pub(super) fn count(&mut self, line: Traffic<'_>, is_ok: bool) {
        if line.http {
            let class = line
                .status_code
                .map_or(0, |status| usize::from(status / 100));
            let class = if class > 5 { 0 } else { class };
            if let Some(n) = self.by_class.get_mut(class) {
                *n += 1;
            }
        } else {
            self.n_tcp += 1;
        }
        self.n_ok += u64::from(is_ok);
        for (sum, timer) in [
            (&mut self.connect, line.timers.bc_timer_connect_ms()),
            (&mut self.response, line.timers.res_timer_hdr_ms()),
        ] {
            if let Some(ms) = timer {
                sum.0 += 1;
                sum.1 += u64::from(ms);
            }
        }
    }

    /// Takes the other's counts in.
    pub fn add(&mut self, other: &Served) {
        let Served {
            name: _,
            is_wanted: _,
            by_class,
            n_tcp,
            n_ok,
            connect,
            response,
        } = other;
        for (mine, theirs) in self.by_class.iter_mut().zip(by_class) {
            *mine += theirs;
        }
        self.n_tcp += n_tcp;
        self.n_ok += n_ok;
        for (mine, theirs) in [(&mut self.connect, connect), (&mut self.response, response)] {
            mine.0 += theirs.0;
            mine.1 += theirs.1;
        }
    }

    /// Requests and streams in all.
    pub fn n(&self) -> u64 {
        self.by_class.iter().sum::<u64>() + self.n_tcp
    }
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths {
    index: Numbers<u32>,
    list: Vec<Served>,
    /// Where the three names of a line are put together that stand apart in its format.
    key: Vec<u8>,
    /// Some were left out.
    pub(super) is_full: bool,
}

impl Paths {
    /// The counts of these names; `None`: they are too long. `is_wanted` is asked when they are new. They are copied where few
    /// lines need them, or those of each line would be put into memory.
    #[inline(always)]
    pub(super) fn of(
        &mut self,
        names: Names<'_>,
        is_wanted: impl FnOnce(&Names<'_>) -> bool,
    ) -> Option<&mut Served> {
        let path = names.path();
        if path.is_empty() {
            return self.of_names(&{ names }, is_wanted);
        }
        let index = match self.index.get(0, path) {
            Some(index) => index,
            None => self.new_path(path, &{ names }, is_wanted)?,
        };
        self.list.get_mut(index as usize)
    }

    #[inline(never)]
    fn of_names(
        &mut self,
        names: &Names<'_>,
        is_wanted: impl FnOnce(&Names<'_>) -> bool,
    ) -> Option<&mut Served> {
        let mut key = std::mem::take(&mut self.key);
        names.join(&mut key);
        let index = match self.index.get(0, &key) {
            Some(index) => Some(index),
            None => self.new_path(&key, names, is_wanted),
        };
        self.key = key;
        self.list.get_mut(index? as usize)
    }

    #[cold]
    fn new_path(
        &mut self,
        path: &[u8],
        names: &Names<'_>,
        is_wanted: impl FnOnce(&Names<'_>) -> bool,
    ) -> Option<u32> {
        if path.len() > PATH_BYTES_MAX {
            return None;
        }
        self.insert(
            path,
            Served {
                name: [names.backend(), b"/", names.server()].concat().into(),
                is_wanted: is_wanted(names),
                ..Served::default()
            },
        );
        self.index.get(0, path)
    }

    fn insert(&mut self, path: &[u8], served: Served) {
        // A path that was just put in may be the one that goes; its line is then counted with no name.
        if self.list.len() >= 2 * PATHS_MAX {
            self.shrink();
        }
        let index = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.index.insert(0, path, index);
        self.list.push(served);
    }

    /// Leaves the paths with the smallest hashes: those never went from any part, so their counts are whole.
    fn shrink(&mut self) {
        if self.list.len() <= PATHS_MAX {
            return;
        }
        self.is_full = true;
        let mut all = self.take();
        all.sort_by_cached_key(|(path, _)| bottom::hash(path));
        all.truncate(PATHS_MAX);
        for (path, served) in all {
            self.insert(&path, served);
        }
    }

    fn take(&mut self) -> Vec<(Box<[u8]>, Served)> {
        let mut list = std::mem::take(&mut self.list);
        let index = std::mem::take(&mut self.index).into_iter();
        let with_path = index.map(|(path, index)| {
            let served = list.get_mut(index as usize).map(std::mem::take);
            (path, served.unwrap_or_default())
        });
        with_path.collect()
    }

    pub(super) fn merge(&mut self, mut other: Paths) {
        self.is_full |= other.is_full;
        for (path, served) in other.take() {
            match self.index.get(0, &path) {
                Some(index) => {
                    if let Some(mine) = self.list.get_mut(index as usize) {
                        mine.add(&served);
                    }
                }
                None => self.insert(&path, served),
            }
        }
    }

    /// One row per `backend/server`, in the order of their names.
    pub(super) fn rows(mut self) -> (Vec<Served>, bool) {
        self.shrink();
        let mut all = self.take();
        all.sort_unstable_by(|(a, x), (b, y)| (&x.name, a).cmp(&(&y.name, b)));
        let mut rows = Vec::<Served>::new();
        for (_, served) in all {
            match rows.last_mut().filter(|last| last.name == served.name) {
                Some(last) => last.add(&served),
                None => rows.push(served),
            }
        }
        rows.retain(|row| row.n() > 0);
        (rows, self.is_full)
    }
}
