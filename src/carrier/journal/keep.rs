//! What is kept of a journal that is read once and in order: entries name data that stand before them, near or far.

use super::field::Fact;
use super::object::Packing;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Facts of the younger generation at most; a service writes about twenty, a host a few for each process that it starts.
const FACTS: usize = 200_000;
/// Bytes of the younger generation of messages that tell the time of day: they do not come again.
const PASSING: usize = 8 << 20;
/// The same for other messages, which journald writes once and names each time they come again.
const LASTING: usize = 24 << 20;
/// What a kept object costs beside its bytes.
const OVERHEAD: usize = 64;

/// A message, or a field whose name shows only when it is decompressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Payload {
    pub(super) packing: Packing,
    /// Of an uncompressed message its text, else the payload.
    pub(super) bytes: Box<[u8]>,
    /// It is longer than what is kept.
    pub(super) cut: bool,
}

/// Data by their offset, each for as long as it is likely to be named again.
#[derive(Debug)]
pub(super) struct Keep {
    facts: Generations<Fact>,
    passing: Generations<Payload>,
    lasting: Generations<Payload>,
}

impl Keep {
    pub(super) fn new() -> Self {
        Keep {
            facts: Generations::new(FACTS),
            passing: Generations::new(PASSING),
            lasting: Generations::new(LASTING),
        }
    }

    pub(super) fn keep_fact(&mut self, at: u64, fact: Fact) {
        self.facts.keep(at, fact, 1);
    }

    pub(super) fn keep_payload(&mut self, at: u64, payload: Payload) {
        let cost = payload.bytes.len() + OVERHEAD;
        let passes = payload.packing == Packing::Plain && tells_time(&payload.bytes);
        let kept = if passes {
            &mut self.passing
        } else {
            &mut self.lasting
        };
        kept.keep(at, payload, cost);
    }

    pub(super) fn fact(&mut self, at: u64) -> Option<&Fact> {
        self.facts.get(at, |_| 1)
    }

    pub(super) fn payload(&mut self, at: u64) -> Option<&Payload> {
        let cost = |payload: &Payload| payload.bytes.len() + OVERHEAD;
        match self.passing.get(at, cost) {
            Some(found) => Some(found),
            None => self.lasting.get(at, cost),
        }
    }

    /// Something was forgotten.
    pub(super) fn has_forgotten(&self) -> bool {
        self.facts.forgot || self.lasting.forgot
    }
}

/// A clock in the text, `21:53:47`: the same text is not written at another time.
fn tells_time(text: &[u8]) -> bool {
    let head = text.get(..256).unwrap_or(text);
    memchr::memchr_iter(b':', head).any(|at| {
        let clock = at.checked_sub(2).and_then(|from| head.get(from..from + 8));
        clock.is_some_and(|clock| {
            clock.iter().enumerate().all(|(i, c)| match i {
                2 | 5 => *c == b':',
                _ => c.is_ascii_digit(),
            })
        })
    })
}

/// What was used lately, in two halves: when the younger is full, the older one is forgotten.
#[derive(Debug)]
struct Generations<T> {
    young: HashMap<u64, T, FixedState>,
    old: HashMap<u64, T, FixedState>,
    cost: usize,
    limit: usize,
    forgot: bool,
}

impl<T> Generations<T> {
    fn new(limit: usize) -> Self {
        Generations {
            young: HashMap::default(),
            old: HashMap::default(),
            cost: 0,
            limit,
            forgot: false,
        }
    }

    fn keep(&mut self, at: u64, value: T, cost: usize) {
        if self.cost + cost > self.limit && self.cost > 0 {
            self.forgot |= !self.old.is_empty();
            self.old = std::mem::take(&mut self.young);
            self.cost = 0;
        }
        self.cost += cost;
        self.young.insert(at, value);
    }

    fn get(&mut self, at: u64, cost: impl FnOnce(&T) -> usize) -> Option<&T> {
        if !self.young.contains_key(&at) {
            let value = self.old.remove(&at)?;
            let cost = cost(&value);
            self.keep(at, value, cost);
        }
        self.young.get(&at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_rest_goes() {
        let mut kept = Generations::new(10);
        for at in 0..100 {
            kept.keep(at, at, 1);
            assert!(at < 1 || kept.get(0, |_| 1) == Some(&0), "{at}");
        }
        assert!(kept.forgot);
        assert_eq!(kept.get(1, |_| 1), None);
        assert!(kept.young.len() + kept.old.len() <= 20);
    }

    #[test]
    fn traffic_passes_and_messages_last() {
        assert!(tells_time(
            b"192.0.2.50:48103 [05/Jun/2026:21:53:46.518] fe_app"
        ));
        assert!(!tells_time(
            b"Server be_app/app1 is DOWN, reason: Layer4 timeout"
        ));
        assert!(!tells_time(b"::1:80 a:1:2"));
    }
}
