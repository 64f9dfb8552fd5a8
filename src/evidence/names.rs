//! Numbers of names such as `fe_app be_app/app1`: few different ones, but one with every line.

use crate::base::Parts;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Places for names found last; a log has some hundred different ones, and few of them want the same place. A power of two.
const RECENT: usize = 2048;
/// So many names are looked for before there are places: a short log needs no memory for them.
const SOON: u32 = 4096;

/// Names with a number each, which the caller gives; the same name is another one on another host.
///
/// A name is looked for where one with the same ends was found last, and only if it is another one in the index.
#[derive(Clone, Debug, Default)]
pub(super) struct Names<T> {
    /// By host.
    indexes: Vec<HashMap<Box<[u8]>, T, FixedState>>,
    /// Places by a hash of a name's ends; empty at first.
    recent: Vec<Recent<T>>,
    /// Names found without places.
    n_found: u32,
}

/// One place, which fills a cache line.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Recent<T> {
    parts: Parts,
    host: u32,
    value: T,
}

impl<T: Copy + Default> Names<T> {
    /// What the name has on a host.
    #[inline(always)]
    pub(super) fn get(&mut self, host: u32, name: &[u8]) -> Option<T> {
        let Some(parts) = Parts::of(name) else {
            return self.indexes.get(host as usize)?.get(name).copied();
        };
        let place = parts.hash(RECENT.ilog2());
        if let Some(recent) = self.recent.get(place)
            && recent.parts == parts
            && recent.host == host
        {
            return Some(recent.value);
        }
        self.get_slowly(host, name, parts, place)
    }

    #[inline(never)]
    fn get_slowly(&mut self, host: u32, name: &[u8], parts: Parts, place: usize) -> Option<T> {
        let value = *self.indexes.get(host as usize)?.get(name)?;
        if self.recent.is_empty() {
            self.n_found += 1;
            if self.n_found < SOON {
                return Some(value);
            }
            self.recent = vec![Recent::default(); RECENT];
        }
        if let Some(recent) = self.recent.get_mut(place) {
            *recent = Recent { parts, host, value };
        }
        Some(value)
    }

    /// Gives a new name what it has; hosts are numbered from 0 on.
    pub(super) fn insert(&mut self, host: u32, name: &[u8], value: T) {
        let host = host as usize;
        if self.indexes.len() <= host {
            self.indexes.resize_with(host + 1, HashMap::default);
        }
        if let Some(index) = self.indexes.get_mut(host) {
            index.insert(name.into(), value);
        }
    }

    /// All names with what they have, of all hosts and in no order.
    pub(super) fn into_iter(self) -> impl Iterator<Item = (Box<[u8]>, T)> {
        self.indexes.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_numbers_whatever_was_asked_before() {
        let mut names = Names::default();
        let name = |n: u32| format!("{}be_{}/{}", "fe_app ".repeat((n % 40) as usize), n % 7, n);
        for n in 0..3000 {
            assert_eq!(names.get(0, name(n).as_bytes()), None);
            names.insert(0, name(n).as_bytes(), n);
        }
        for n in (0..3000)
            .chain((0..3000).rev())
            .chain((0..3000).map(|n| n * 7 % 3000))
        {
            assert_eq!(names.get(0, name(n).as_bytes()), Some(n));
            assert_eq!(names.get(0, name(n + 3000).as_bytes()), None);
            assert_eq!(names.get(1, name(n).as_bytes()), None);
        }
        assert_eq!(names.get(0, b""), None);
        names.insert(0, b"", 7);
        assert_eq!((names.get(0, b""), names.get(0, b"")), (Some(7), Some(7)));
        assert_eq!(names.into_iter().count(), 3001);
    }

    #[test]
    fn the_same_name_is_another_on_another_host() {
        let mut names = Names::default();
        let name = b"fe_main be_shop/app1";
        names.insert(2, name, 5);
        names.insert(0, name, 6);
        for _ in 0..2 {
            let all = [0, 1, 2, 3].map(|host| names.get(host, name));
            assert_eq!(all, [Some(6), None, Some(5), None]);
        }
    }
}
