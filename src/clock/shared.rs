//! Logs without zone and without traffic lines: tied to the axis by messages that another log holds too.
//!
//! `/var/log/messages` in local time and a journal in UTC hold the same "Server … is DOWN" lines. Zones differ by quarters of
//! an hour, so a copy is one that lies within seconds of such a difference, and the difference that most copies show is it.

use crate::base::SECOND;
use crate::base::Stamp;
use crate::base::Zone;
use crate::clock::Clock;
use crate::clock::Stamps;
use crate::clock::ties::exists;
use crate::evidence::Evidence;
use crate::evidence::Notice;
use crate::evidence::STEP;
use crate::evidence::SourceEvidence;
use crate::evidence::What;
use std::collections::BTreeMap;

/// Copies of one message are stamped within this time of each other.
const WITHIN: i64 = 2 * SECOND;
/// Repetitions of one message that are compared, per log; a flapping server repeats itself thousands of times.
const REPEATS_MAX: usize = 64;

/// Messages and when they were stamped.
type Stamped<'a> = BTreeMap<&'a What, Vec<i64>>;

pub(super) fn tie(clock: &mut Clock, evidence: &Evidence) {
    if clock.is_given {
        return;
    }
    let mut known = Stamped::new();
    for (&source, log) in &evidence.sources {
        for (what, stamp) in messages(log).filter(|(_, stamp)| stamp.zone == Zone::Utc) {
            let times = known.entry(what).or_default();
            if times.len() < REPEATS_MAX {
                times.push(clock.stamp(source, stamp));
            }
        }
    }
    for (&source, log) in &evidence.sources {
        let free = log.offsets.ends().is_none() && !known.is_empty();
        let offset = free.then(|| offset(clock, source, log, &known)).flatten();
        if let Some(offset) = offset {
            clock.log(source).stamps = Stamps::East(offset);
        }
    }
}

fn messages(log: &SourceEvidence) -> impl Iterator<Item = (&What, Stamp)> {
    let ours = |notice: &&Notice| matches!(notice.what, What::Message(_));
    let mut all: Vec<&Notice> = log.notices.iter().filter(ours).collect();
    all.sort_by_key(|notice| notice.cite.span);
    all.into_iter()
        .filter_map(|notice| Some((&notice.what, notice.stamp?)))
}

/// The offset of the log's stamps; `None`: no message is shared, or they do not agree.
fn offset(clock: &Clock, source: u32, log: &SourceEvidence, known: &Stamped<'_>) -> Option<i64> {
    let mut votes = BTreeMap::<i64, u32>::new();
    let mut seen = BTreeMap::<&What, usize>::new();
    for (what, stamp) in messages(log).filter(|(_, stamp)| stamp.zone != Zone::Utc) {
        let n = seen.entry(what).or_default();
        *n += 1;
        if *n > REPEATS_MAX {
            continue;
        }
        let micros = match stamp.zone {
            Zone::NoYear => clock.with_year(source, stamp),
            Zone::Utc | Zone::Local => stamp.micros,
        };
        for utc in known.get(what).into_iter().flatten() {
            let away = micros - utc;
            let step = (away + STEP / 2).div_euclid(STEP);
            if (away - step * STEP).abs() <= WITHIN && exists(step) {
                *votes.entry(step).or_default() += 1;
            }
        }
    }
    let mut ranked: Vec<(u32, i64)> = votes.into_iter().map(|(step, n)| (n, step)).collect();
    ranked.sort_by_key(|&(n, step)| (std::cmp::Reverse(n), step));
    match ranked.as_slice() {
        [(_, step)] => Some(step * STEP),
        [(n, step), (second, _), ..] if *n > 2 * second => Some(step * STEP),
        _ => None,
    }
}
