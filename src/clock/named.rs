//! `--tz Europe/Berlin`: local times by the rules of a zone, its changes included.

use crate::base::DAY;
use crate::base::Precision;
use crate::base::Stamp;
use crate::clock::Clock;
use crate::clock::NamedZone;
use crate::clock::Pieces;
use crate::clock::offset_at_local;
use crate::clock::offset_text;
use crate::clock::union;
use crate::clock::zone;
use crate::evidence::Evidence;

impl Clock {
    /// Takes over a zone given by name, for all local times that their own lines do not tie to UTC.
    pub(super) fn follow(&mut self, zone: &NamedZone, evidence: &Evidence) {
        let mut span = self.all;
        if span.is_none() {
            for (&source, log) in &evidence.sources {
                for &(first, last) in log.coverage.stamps.iter().flatten() {
                    let years = (self.with_year(source, first), self.with_year(source, last));
                    span = union(span, years);
                }
            }
        }
        let (first, last) = span.unwrap_or((0, 0));
        let begin = first - DAY;
        let mut pieces = Pieces::constant(offset_at_local(zone, begin).first());
        let changes = zone::changes(zone, begin, last + DAY);
        for &(at, before, after) in &changes {
            pieces.push(at, after);
            // The clocks showed these times twice, or never.
            let (from, to) = (at + before.min(after), at + before.max(after));
            if to < first || last < from {
                continue;
            }
            let text = |local| Stamp::local(local, Precision::Second).to_string();
            let what = if after < before {
                "were shown twice, and are taken as the first where a line does not tell"
            } else {
                "were never shown: a stamp between them is another zone's"
            };
            let text = format!(
                "the clocks of {} changed from {} to {} within the logs: local times from {} to {} {what}",
                zone.name(),
                offset_text(before),
                offset_text(after),
                text(from),
                text(to)
            );
            self.doubt(None, text);
        }
        self.haproxy_offset = Some(offset_at_local(zone, first).first());
        self.how = format!("{} was given on the command line", zone.name());
        if span.is_none() {
            self.how
                .push_str("; no log has a local time, so the offset of 1970 stands here");
        }
        self.hosts.clear();
        self.any = pieces;
    }
}
