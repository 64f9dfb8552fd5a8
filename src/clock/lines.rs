//! What the traffic lines of each log say about its own clock and HAProxy's.

use crate::base::SECOND;
use crate::base::Zone;
use crate::base::counted;
use crate::clock::ByHost;
use crate::clock::Clock;
use crate::clock::Stamps;
use crate::clock::ties;
use crate::evidence::Evidence;
use crate::evidence::STEP;
use crate::evidence::Tied;
use crate::evidence::Ties;

/// A carrier whose lines all come at least this much after the end of their requests is stamped by a clock that is ahead.
const AHEAD_MIN: i64 = 2 * SECOND;
/// A line before the end of its request by this much is stamped by a clock that is behind; stamps cut to seconds take one.
const BEHIND_MIN: i64 = 3 * SECOND / 2;
/// Lines from which on the smallest distance says something about the clocks.
const SKEW_LINES_MIN: u64 = 20;

impl Clock {
    /// Lines whose stamps are UTC: each tells the offset of its own accept date.
    pub(super) fn tie_lines(&mut self, evidence: &Evidence) -> ByHost {
        let mut by_host = ByHost::new();
        for (&source, log) in &evidence.sources {
            let mut n_late = 0;
            let mut in_time = Vec::new();
            for (host, ties) in log.offsets.by_host() {
                let found = ties::read(&ties);
                n_late += found.n_late;
                in_time.extend(found.agreed.iter().map(|agreed| agreed.lines));
                let mine = self.log(source);
                for (step, offset) in found.by_step {
                    mine.tied.insert((host.clone(), step), offset);
                }
                by_host.entry(host).or_default().extend(found.agreed);
            }
            if n_late > 0 {
                self.doubt(Some(source), format!(
                    "{} were written a quarter of an hour or more after their requests ended: placed by the offset of the lines around them",
                    counted(n_late, "line")
                ));
            }
            self.find_skew(source, &in_time);
        }
        by_host
    }

    /// The clock that stamped a log, against HAProxy's: no line is written before its request ends, and some are at once.
    /// Late lines say nothing of it: how late they are is known to a quarter of an hour only.
    fn find_skew(&mut self, source: u32, in_time: &[Tied]) {
        let n: u64 = in_time.iter().map(|tied| tied.n).sum();
        let Some(least) = in_time.iter().map(|tied| tied.least).min() else {
            return;
        };
        let word = match least {
            _ if n < SKEW_LINES_MIN => return,
            AHEAD_MIN.. => "ahead of",
            _ if least < -BEHIND_MIN => "behind",
            _ => return,
        };
        self.log(source).skew = least;
        let text = format!(
            "the clock that stamped it is {:.1} s {word} HAProxy's own: its messages are moved by that",
            seconds(least.abs())
        );
        self.doubt(Some(source), text);
    }

    /// Logs without a zone: their lines say how far they are from the accept dates.
    pub(super) fn tie_stamps(&mut self, evidence: &Evidence) {
        for (&source, log) in &evidence.sources {
            let by_host = log.offsets.by_host();
            let most = by_host
                .iter()
                .map(|(host, ties)| (host, local(ties)))
                .max_by_key(|(host, lines)| {
                    let n: u64 = lines.iter().map(|(_, tied)| tied.n).sum();
                    (n, std::cmp::Reverse(*host))
                });
            let Some((host, mut lines)) = most.filter(|(_, lines)| !lines.is_empty()) else {
                continue;
            };
            lines.sort_by_key(|(step, tied)| (std::cmp::Reverse(tied.n), *step));
            // Which of these are late no zone tells; most are not.
            let most: Vec<Tied> = lines.iter().take(1).map(|(_, tied)| *tied).collect();
            self.find_skew(source, &most);
            for (step, _) in &mut lines {
                *step *= STEP;
            }
            self.log(source).stamps = Stamps::Beside(host.clone(), lines);
        }
    }
}

/// Differences of stamps without zone.
fn local(ties: &Ties) -> Vec<(i64, Tied)> {
    let local = ties.iter().filter(|((zone, _), _)| *zone != Zone::Utc);
    local.map(|(&(_, step), &tied)| (step, tied)).collect()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "shown with one digit after the point"
)]
fn seconds(micros: i64) -> f64 {
    micros as f64 / SECOND as f64
}
