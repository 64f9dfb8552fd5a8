//! What was read of one log, and what was not understood, with examples.

use crate::base::Cite;
use crate::base::Stamp;
use crate::base::Zone;
use crate::carrier::Record;
use crate::carrier::starts_record;
use crate::event::Event;
use crate::event::Note;
use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::traffic::Source;
use crate::event::traffic::Traffic;
use crate::evidence::Seen;
use std::collections::BTreeSet;

/// Examples of damaged lines in the report.
const EXAMPLES: usize = 3;
/// Host names kept per log; a log of more hosts than this is a collector's, and its hosts are counted no further.
const HOSTS_MAX: usize = 256;

/// Counts of one log.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Records of any kind, empty lines left out.
    pub n_records: u64,
    /// Traffic lines of HAProxy.
    pub n_traffic: u64,
    /// Messages of HAProxy.
    pub n_messages: u64,
    /// Lines of other programs that say nothing about availability.
    pub n_foreign: u64,
    /// Traffic lines that could not be read.
    pub n_broken: u64,
    /// Traffic lines in a known format that names no backend, or tells no outcome; among no other count.
    pub n_unjudged: u64,
    /// Traffic lines in a `log-format` of the configurations, among `n_traffic`.
    pub n_declared: u64,
    /// Traffic lines in a format that was inferred from the lines, among `n_traffic`.
    pub n_inferred: u64,
    /// Traffic lines in another format than the configurations declare for their frontend, among `n_traffic`.
    pub n_undeclared: u64,
    /// The first of them.
    pub undeclared: Option<Cite>,
    /// Marks of journalctl between records of different boots.
    pub n_boots: u64,
    /// Lines that a syslog daemon folded into `last message repeated N times`, of any program.
    pub n_repeated: u64,
    /// Lines of log daemons that say that messages are missing (suppressed, lost, dropped).
    pub n_holes: u64,
    /// Messages that those lines say are missing; lines without a number add nothing.
    pub n_lost: u64,
    /// Earliest and latest moment of the journal that was printed, as its header says; not what was printed of it.
    pub journal: Option<(Stamp, Stamp)>,
    /// The first few damaged lines.
    pub broken: BTreeSet<Broken>,
    /// Hosts that HAProxy's own lines name.
    pub haproxy_hosts: BTreeSet<Box<str>>,
    /// Earliest and latest stamp of the carrier, per what the stamps leave out.
    pub stamps: [Option<(Stamp, Stamp)>; 3],
    /// The log begins in the middle of a line.
    pub starts_cut: bool,
    /// The log ends in the middle of a line.
    pub ends_cut: bool,
    last_host: Box<[u8]>,
    last_stamp: Option<Stamp>,
}

/// A damaged line and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// The line.
    pub cite: Cite,
    /// What is wrong.
    pub why: &'static str,
}

impl Coverage {
    /// A traffic line; see [`Coverage::head`].
    #[inline(always)]
    pub(super) fn traffic<'a>(&mut self, seen: impl Fn() -> Seen<'a>, line: Traffic<'a>) {
        self.n_records += 1;
        self.n_traffic += 1;
        match line.source {
            Source::BuiltIn => {}
            Source::Declared => self.n_declared += 1,
            Source::Inferred => self.n_inferred += 1,
        }
        if line.undeclared {
            self.undeclared(&seen());
        }
    }

    /// A traffic line with another stamp or host than the one before it.
    pub(super) fn head(&mut self, record: &Record<'_>) {
        self.stamp_of(record);
        self.host(record.host);
    }

    /// Any other record.
    pub(super) fn other(&mut self, seen: &Seen<'_>, event: &Event<'_>) {
        if seen.record.body.is_empty() {
            return;
        }
        self.n_records += 1;
        self.stamp_of(&seen.record);
        match event {
            Event::Message(..) => {
                self.n_messages += 1;
                self.host(seen.record.host);
            }
            Event::Broken(why) => self.damaged(seen, why),
            Event::Unjudged => self.n_unjudged += 1,
            Event::Host(event) => self.hole(event),
            Event::Note(note) => self.note(*note),
            Event::Foreign | Event::Traffic(_) => self.n_foreign += 1,
        }
    }

    fn stamp_of(&mut self, record: &Record<'_>) {
        if let Some(stamp) = record.stamp {
            self.restamp(stamp);
        }
    }

    /// A traffic line of the same host with this stamp.
    #[inline]
    pub(super) fn restamp(&mut self, stamp: Stamp) {
        if Some(stamp) != self.last_stamp {
            self.last_stamp = Some(stamp);
            self.stamp(stamp);
        }
    }

    fn hole(&mut self, event: &HostEvent) {
        if event.kind == HostKind::LogsSuppressed {
            self.n_holes += 1;
            self.n_lost = self.n_lost.saturating_add(event.count.unwrap_or(0));
        }
    }

    fn note(&mut self, note: Note) {
        match note {
            Note::Boot => self.n_boots += 1,
            Note::Repeated(n) => self.n_repeated = self.n_repeated.saturating_add(n),
            Note::Range(range) => self.journal = widest(self.journal, range),
            Note::NoEntries => {}
        }
    }

    fn damaged(&mut self, seen: &Seen<'_>, why: &'static str) {
        self.n_broken += 1;
        let is_early = self
            .broken
            .last()
            .is_none_or(|last| seen.span < last.cite.span);
        if self.broken.len() < EXAMPLES || is_early {
            self.broken.insert(Broken {
                cite: Cite::new(seen.span, seen.quote),
                why,
            });
        }
        while self.broken.len() > EXAMPLES {
            self.broken.pop_last();
        }
    }

    fn undeclared(&mut self, seen: &Seen<'_>) {
        self.n_undeclared += 1;
        let first = self.undeclared.as_ref();
        if first.is_none_or(|first| seen.span < first.span) {
            self.undeclared = Some(Cite::new(seen.span, seen.quote));
        }
    }

    fn host(&mut self, host: &[u8]) {
        if *self.last_host == *host {
            return;
        }
        self.last_host = host.into();
        if self.haproxy_hosts.len() < HOSTS_MAX {
            self.haproxy_hosts
                .insert(crate::base::printable(host).into_boxed_str());
        }
    }

    fn stamp(&mut self, stamp: Stamp) {
        let index = match stamp.zone {
            Zone::Utc => 0,
            Zone::Local => 1,
            Zone::NoYear => 2,
        };
        let Some(range) = self.stamps.get_mut(index) else {
            return;
        };
        match range {
            Some((first, last)) => {
                *first = (*first).min(stamp);
                *last = (*last).max(stamp);
            }
            None => *range = Some((stamp, stamp)),
        }
    }

    /// Looks at the first two lines of a log: the rest of a line of HAProxy before one that begins as a record does.
    pub fn begins(&mut self, first: &[u8], second: &[u8]) {
        let is_rest =
            first.ends_with(b"\"") || memchr::memmem::find(first, b" servers left.").is_some();
        self.starts_cut = is_rest && !starts_record(first) && starts_record(second);
    }

    /// Looks at the last line of a log, which has no line feed.
    pub fn ends(&mut self, last: &[u8], is_broken: bool) {
        let open_quote = memchr::memchr_iter(b'"', last).count() % 2 == 1;
        self.ends_cut = is_broken || open_quote && starts_record(last);
    }

    pub(super) fn merge(&mut self, other: Coverage) {
        let Coverage {
            n_records,
            n_traffic,
            n_messages,
            n_foreign,
            n_broken,
            n_unjudged,
            n_declared,
            n_inferred,
            n_undeclared,
            undeclared,
            n_boots,
            n_repeated,
            n_holes,
            n_lost,
            journal,
            broken,
            haproxy_hosts,
            stamps,
            starts_cut,
            ends_cut,
            last_host: _,
            last_stamp: _only_saves_work,
        } = other;
        self.n_records += n_records;
        self.n_traffic += n_traffic;
        self.n_messages += n_messages;
        self.n_foreign += n_foreign;
        self.n_broken += n_broken;
        self.starts_cut |= starts_cut;
        self.ends_cut |= ends_cut;
        self.n_unjudged += n_unjudged;
        self.n_declared += n_declared;
        self.n_inferred += n_inferred;
        self.n_undeclared += n_undeclared;
        self.undeclared = [self.undeclared.take(), undeclared]
            .into_iter()
            .flatten()
            .min();
        self.n_boots += n_boots;
        self.n_repeated = self.n_repeated.saturating_add(n_repeated);
        self.n_holes += n_holes;
        self.n_lost = self.n_lost.saturating_add(n_lost);
        self.journal = widest(self.journal, journal);
        self.broken.extend(broken);
        while self.broken.len() > EXAMPLES {
            self.broken.pop_last();
        }
        self.haproxy_hosts.extend(haproxy_hosts);
        while self.haproxy_hosts.len() > HOSTS_MAX {
            self.haproxy_hosts.pop_last();
        }
        for (first, last) in stamps.into_iter().flatten() {
            self.stamp(first);
            self.stamp(last);
        }
    }
}

fn widest(a: Option<(Stamp, Stamp)>, b: Option<(Stamp, Stamp)>) -> Option<(Stamp, Stamp)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &[u8] = b"Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:47.987] fe_app be_app/app1 0/0/1/2/3 200 217 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"";

    fn begins(first: &[u8]) -> bool {
        let mut coverage = Coverage::default();
        coverage.begins(first, LINE);
        coverage.starts_cut
    }

    fn ends(last: &[u8]) -> bool {
        let mut coverage = Coverage::default();
        coverage.ends(last, false);
        coverage.ends_cut
    }

    #[test]
    fn the_rest_of_a_line_is_no_heading() {
        assert!(begins(&LINE[50..]));
        assert!(begins(b"1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue."));
        for whole in [
            LINE,
            b"-- Logs begin at Fri 2026-06-05 21:00:00 UTC. --",
            b"",
            b"$ journalctl -u haproxy",
        ] {
            assert!(!begins(whole), "{}", String::from_utf8_lossy(whole));
        }
    }

    #[test]
    fn a_line_that_ends_within_its_quotes_is_cut() {
        assert!(ends(&LINE[..LINE.len() - 9]));
        assert!(!ends(LINE));
    }
}
