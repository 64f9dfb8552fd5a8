//! The few fields of an entry that a record needs, and a bounded memory of data that many entries share.

use crate::base::decimal;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Objects remembered at most; a service writes about twenty that all of its entries share.
const FACTS_MAX: usize = 16_384;
/// Longest host or program name, bytes; host names end at 64, file names at 255. The rest is cut.
const VALUE_MAX: usize = 256;

/// What a data object says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    /// The message: not kept, it is read again with each entry.
    Message,
    /// `_HOSTNAME`
    Host(Box<[u8]>),
    /// `SYSLOG_IDENTIFIER`
    Ident(Box<[u8]>),
    /// `_COMM`, the name when there is no identifier.
    Comm(Box<[u8]>),
    /// `SYSLOG_PID`; `None`: no number.
    SyslogPid(Option<u32>),
    /// `_PID`
    Pid(Option<u32>),
    /// A field that no record needs.
    Other,
    /// No data object, or one that cannot be read.
    Damaged,
}

/// The message of a payload; `None`: another field.
#[inline]
pub(super) fn message(payload: &[u8]) -> Option<&[u8]> {
    payload.strip_prefix(b"MESSAGE=")
}

impl Fact {
    /// What an uncompressed payload says; its end may be missing.
    #[inline]
    pub(super) fn of(payload: &[u8]) -> Fact {
        // Every field that is wanted begins with one of these.
        match payload {
            [b'M', ..] if message(payload).is_some() => Fact::Message,
            [b'S', b'Y', ..] | [b'_', b'H' | b'C' | b'P', ..] => Fact::small(payload),
            _ => Fact::Other,
        }
    }

    fn small(payload: &[u8]) -> Fact {
        let text = |value: &[u8]| value.get(..VALUE_MAX).unwrap_or(value).into();
        let pid = |value: &[u8]| decimal(value).and_then(|pid| u32::try_from(pid).ok());
        if let Some(value) = payload.strip_prefix(b"_HOSTNAME=") {
            Fact::Host(text(value))
        } else if let Some(value) = payload.strip_prefix(b"SYSLOG_IDENTIFIER=") {
            Fact::Ident(text(value))
        } else if let Some(value) = payload.strip_prefix(b"_COMM=") {
            Fact::Comm(text(value))
        } else if let Some(value) = payload.strip_prefix(b"SYSLOG_PID=") {
            Fact::SyslogPid(pid(value))
        } else if let Some(value) = payload.strip_prefix(b"_PID=") {
            Fact::Pid(pid(value))
        } else {
            Fact::Other
        }
    }
}

/// Number of a remembered fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(usize);

/// What data objects said, by their offset. It only saves work: forgetting changes nothing.
#[derive(Debug, Default)]
pub(super) struct Facts {
    by_offset: HashMap<u64, Id, FixedState>,
    facts: Vec<Fact>,
    /// Object and fact of each item of the entries before: neighbours share most of theirs, in the same order.
    by_item: Vec<(u64, Id)>,
}

impl Facts {
    /// Makes room before an entry is read, so that no number is lost while it is.
    pub(super) fn make_room(&mut self, n_items: usize) {
        if self.facts.len() + n_items > FACTS_MAX {
            self.clear();
        }
    }

    pub(super) fn clear(&mut self) {
        self.by_offset.clear();
        self.facts.clear();
        self.by_item.clear();
    }

    /// The fact of this object if the item before in this position was the same.
    #[inline]
    pub(super) fn at_item(&self, item: usize, offset: u64) -> Option<Id> {
        match self.by_item.get(item) {
            Some((seen, id)) if *seen == offset => Some(*id),
            _ => None,
        }
    }

    #[inline]
    pub(super) fn find(&mut self, item: usize, offset: u64) -> Option<Id> {
        let id = self.by_offset.get(&offset).copied()?;
        self.note(item, offset, id);
        Some(id)
    }

    pub(super) fn keep(&mut self, item: usize, offset: u64, fact: Fact) -> Id {
        let id = Id(self.facts.len());
        self.facts.push(fact);
        self.by_offset.insert(offset, id);
        self.note(item, offset, id);
        id
    }

    #[inline]
    pub(super) fn get(&self, id: Id) -> &Fact {
        self.facts.get(id.0).unwrap_or(&Fact::Damaged)
    }

    fn note(&mut self, item: usize, offset: u64, id: Id) {
        // Offset 0 is the file header: no item of an entry that is read has it.
        if item >= self.by_item.len() {
            self.by_item.resize(item + 1, (0, id));
        }
        if let Some(slot) = self.by_item.get_mut(item) {
            *slot = (offset, id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_only_begin_alike_are_other() {
        assert_eq!(Fact::of(b"MESSAGE=x"), Fact::Message);
        assert_eq!(Fact::of(b"MESSAGE_ID=x"), Fact::Other);
        assert_eq!(Fact::of(b"_PID=12"), Fact::Pid(Some(12)));
        assert_eq!(Fact::of(b"_PID=-1"), Fact::Pid(None));
        assert_eq!(Fact::of(b"_HOSTNAME=a"), Fact::Host((*b"a").into()));
        assert_eq!(Fact::of(b"_CMDLINE=a"), Fact::Other);
        assert_eq!(Fact::of(b""), Fact::Other);
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut facts = Facts::default();
        for at in 1..=3 * FACTS_MAX as u64 {
            facts.make_room(1);
            facts.keep(0, at * 8, Fact::Other);
            assert!(facts.facts.len() <= FACTS_MAX);
        }
        assert_eq!(facts.by_offset.len(), facts.facts.len());
    }
}
