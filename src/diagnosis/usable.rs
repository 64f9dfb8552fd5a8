//! A pool's usable servers over time, replayed from HAProxy's messages: when it had none, and who was out when.
//!
//! A message of a change counts the servers that are left (`0 active and 0 backup servers left`), so the replay needs no
//! configuration. What it does not know it leaves out: a time after the start of a process, until the next message; a change
//! without a time; the pool of another host of the same name.
//! Source: HAProxy `src/server.c`, `srv_append_more`; a new process begins with its servers up, and says nothing of it.

use crate::base::Precision;
use crate::base::SECOND;
use crate::base::Span;
use crate::diagnosis::Case;
use crate::diagnosis::before;
use crate::event::message::ProcessChange;
use crate::evidence::Step;
use crate::incident::Basis;
use crate::incident::Change;
use crate::incident::Reason;
use crate::incident::Spell;
use crate::incident::State;
use std::collections::BTreeSet;

/// A stamp of whole seconds may lie this far from the accept date of a request.
const SLACK: i64 = 2 * SECOND;

/// A time from one moment to another, UTC in microseconds; without an end it goes up to `i64::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gap {
    /// From this moment on.
    pub from: i64,
    /// Until just before this one.
    pub to: i64,
}

impl Gap {
    /// All of the time.
    pub(super) const ALWAYS: Gap = Gap {
        from: i64::MIN,
        to: i64::MAX,
    };
}

/// A server that was out.
#[derive(Clone, Debug)]
pub(super) struct Absence {
    /// Its name.
    pub server: String,
    /// When.
    pub gap: Gap,
    /// How far its ends may be off: a second for stamps of whole seconds.
    pub blur: i64,
    /// Why it went.
    pub reason: Reason,
}

/// What the messages tell of a pool.
#[derive(Clone, Debug, Default)]
pub(super) struct Usable {
    /// Times without a usable server, in order, apart from each other.
    pub empty: Vec<Gap>,
    /// The same less what a stamp of whole seconds leaves open: in the second of the message a server may still have been there.
    pub surely_empty: Vec<Gap>,
    /// Absences, in order of their begin.
    pub absences: Vec<Absence>,
}

/// Replays the pool; `None`: no message tells of its servers, or not when.
pub(super) fn usable(case: &Case<'_>) -> Option<Usable> {
    if case.incident.basis != Basis::Requests {
        return None;
    }
    let foreign = foreign(case);
    let changes = changes(case, &foreign)?;
    let starts = starts(case, &foreign);
    let mut out = BTreeSet::new();
    let mut n: Option<u32> = None;
    let mut since: Option<i64> = None;
    let mut replay = Usable::default();
    let mut passed = 0;
    let mut blurred = 0;
    for &(name, change, at) in &changes {
        // A new process knows nothing of what the old one saw.
        for start in starts.iter().skip(passed).take_while(|start| **start <= at) {
            passed += 1;
            n = None;
            out.clear();
            replay.close(&mut since, *start);
        }
        blurred = blurred.max(blur(change.precision));
        if change.to == State::Up {
            out.remove(name);
        } else {
            out.insert(name);
        }
        // The first usable server of a process, or of the log: before it there was none, and no message said so.
        if n.is_none() && change.to == State::Up && change.left == Some(1) {
            let start = passed.checked_sub(1).and_then(|i| starts.get(i));
            since = Some(start.copied().unwrap_or(i64::MIN));
        }
        n = change.left.or_else(|| counted(case, &out));
        match n {
            Some(0) => since = since.or(Some(at)),
            _ => replay.close(&mut since, at),
        }
    }
    let end = starts.get(passed).copied().unwrap_or(i64::MAX);
    replay.close(&mut since, end);
    let later = replay.empty.iter().map(|gap| Gap {
        from: gap.from.saturating_add(blurred),
        ..*gap
    });
    replay.surely_empty = later.filter(|gap| gap.from < gap.to).collect();
    replay.absences = absences(&changes, &starts);
    Some(replay)
}

impl Usable {
    fn close(&mut self, since: &mut Option<i64>, to: i64) {
        if let Some(from) = since.take().filter(|from| *from < to) {
            self.empty.push(Gap { from, to });
        }
    }

    /// All failures of the spell fall in a time without a usable server. Requests that found none do so by what they are, when
    /// the first and the last of them do; of others none may lie between two such times.
    pub(super) fn holds(&self, spell: &Spell) -> bool {
        let (gaps, slack) = match spell.key.step {
            Step::NoServer => (&self.empty, SLACK),
            _ => (&self.surely_empty, 0),
        };
        let gap_of = |at: i64| {
            gaps.iter().position(|gap| {
                gap.from.saturating_sub(slack) <= at && at < gap.to.saturating_add(slack)
            })
        };
        match (gap_of(spell.first), gap_of(spell.last)) {
            (Some(a), Some(b)) => a == b || spell.key.step == Step::NoServer,
            _ => false,
        }
    }

    /// The server was out at some time of the span.
    pub(super) fn is_out(&self, server: &str, span: (i64, i64)) -> bool {
        let mut absences = self.absences.iter();
        absences.any(|a| a.server == server && a.gap.from <= span.1 && span.0 < a.gap.to)
    }

    /// Times without a usable server that had one, had these servers not been lost.
    pub(super) fn spared(&self, kept: impl Fn(&Absence) -> bool) -> Vec<Gap> {
        let mut spared = Vec::new();
        for gap in &self.empty {
            let mut at = gap.from;
            for absence in self.absences.iter().filter(|absence| kept(absence)) {
                let part = Gap {
                    from: absence.gap.from.max(at),
                    to: absence.gap.to.min(gap.to),
                };
                if part.from < part.to {
                    at = part.to;
                    spared.push(part);
                }
            }
        }
        spared
    }
}

/// A server, its change, and when.
type Dated<'a> = (&'a str, &'a Change, i64);

/// Changes of the pool's servers as this incident's host saw them, in order; `None`: none, or some without a time.
fn changes<'a>(case: &Case<'a>, foreign: &BTreeSet<Span>) -> Option<Vec<Dated<'a>>> {
    let mut changes = Vec::new();
    for (name, story) in &case.pool?.servers {
        for change in &story.changes {
            if !foreign.contains(&change.cite.span) {
                changes.push((&**name, change, change.at?));
            }
        }
    }
    changes.sort_by_key(|(_, change, at)| (*at, change.cite.span));
    (!changes.is_empty()).then_some(changes)
}

/// Lines that another host than the incident's wrote.
fn foreign(case: &Case<'_>) -> BTreeSet<Span> {
    let own = &case.incident.host;
    let events = case.bundle.timeline.events.iter();
    let others = events.filter(|e| !own.is_empty() && !e.host.is_empty() && e.host != *own);
    others.map(|event| event.cite.span).collect()
}

/// When processes of HAProxy began, in order.
fn starts(case: &Case<'_>, foreign: &BTreeSet<Span>) -> Vec<i64> {
    let changes = before::process_changes(case, (i64::MIN, i64::MAX));
    let starts = changes.filter(|(_, event, change)| {
        let is_start = matches!(
            change,
            ProcessChange::WorkerForked { .. } | ProcessChange::ProxyStarted { .. }
        );
        is_start && !foreign.contains(&event.cite.span)
    });
    let mut starts: Vec<i64> = starts.map(|(at, ..)| at).collect();
    starts.sort_unstable();
    starts
}

/// Usable servers where the message does not count them: those of the configuration, all but these.
fn counted(case: &Case<'_>, out: &BTreeSet<&str>) -> Option<u32> {
    let servers = &case.proxy?.servers;
    let usable = servers
        .iter()
        .filter(|server| server.disabled.is_none() && !out.contains(server.name.as_str()));
    u32::try_from(usable.count()).ok()
}

fn absences(changes: &[Dated<'_>], starts: &[i64]) -> Vec<Absence> {
    let mut absences: Vec<Absence> = Vec::new();
    let mut open: Vec<Absence> = Vec::new();
    for &(name, change, at) in changes {
        let known = open.iter().position(|absence| absence.server == name);
        let blur = blur(change.precision);
        match (known, change.to) {
            (Some(index), State::Up) => {
                let mut absence = open.swap_remove(index);
                absence.gap.to = at;
                absence.blur = absence.blur.max(blur);
                absences.push(absence);
            }
            (Some(_), _) | (None, State::Up) => {}
            (None, _) => open.push(Absence {
                server: name.to_owned(),
                gap: Gap {
                    from: at,
                    to: i64::MAX,
                },
                blur,
                reason: change.reason.clone(),
            }),
        }
    }
    absences.append(&mut open);
    for absence in &mut absences {
        let restart = starts.iter().find(|start| **start > absence.gap.from);
        absence.gap.to = restart.map_or(absence.gap.to, |start| absence.gap.to.min(*start));
    }
    absences.sort_by(|a, b| (a.gap, &a.server).cmp(&(b.gap, &b.server)));
    absences
}

fn blur(precision: Precision) -> i64 {
    match precision {
        Precision::Second => SECOND,
        Precision::Milli | Precision::Micro => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Gap;
    use crate::base::SECOND;
    use crate::testing;
    use crate::testing::{REFUSED, down, nosrv};

    /// `app1 is UP` at 21:53:<second>, so many usable.
    fn up(second: u32, server: &str, left: u32) -> String {
        down(second, server, "Layer4 check passed")
            .replace("is DOWN", "is UP")
            .replace("0 active", &format!("{left} active"))
            .replace(
                "servers left. 0 sessions active",
                "servers online. 0 sessions",
            )
    }

    /// Times without a usable server, in seconds of 21:53; `-` is open.
    #[track_caller]
    fn check(log: &[String], config: &str, expected: &[&str]) {
        let log = log.concat();
        let mut files = vec![("a.log", &*log)];
        if !config.is_empty() {
            files.push(("haproxy.cfg", config));
        }
        let empty = testing::with_case(&files, |case| case.usable().map(|u| u.empty.clone()));
        let second = |at: i64| match at {
            i64::MIN | i64::MAX => "-".to_owned(),
            _ => (at / SECOND % 60).to_string(),
        };
        let words = |gap: &Gap| format!("{} {}", second(gap.from), second(gap.to));
        let empty: Vec<String> = empty.iter().flatten().map(words).collect();
        assert_eq!(empty, expected);
    }

    #[test]
    fn the_count_of_a_message_tells_when_no_server_was_left() {
        let one_left = down(40, "app2", REFUSED).replace("0 active", "1 active");
        let log = [one_left, down(42, "app1", REFUSED), nosrv(43)];
        check(&log, "", &["42 -"]);
        let back = [log.concat(), up(45, "app2", 1), down(47, "app2", REFUSED)];
        check(&back, "", &["42 45", "47 -"]);
    }

    #[test]
    fn a_message_without_a_count_needs_the_configuration() {
        let bare = |server: &str| {
            let line = down(40, server, REFUSED);
            line.split(" 0 active")
                .next()
                .unwrap_or_default()
                .to_owned()
                + "\n"
        };
        let log = [bare("app1"), nosrv(43)];
        check(&log, "", &[]);
        let config = "backend be_app\n server app1 192.0.2.1:80 check\n";
        check(&log, config, &["40 -"]);
        check(
            &log,
            &format!("{config} server app2 192.0.2.2:80 check\n"),
            &[],
        );
    }

    #[test]
    fn a_new_process_begins_with_nothing_known_unless_its_first_server_comes_up() {
        let fork = testing::host_line(
            44,
            "proxy01",
            "haproxy[3000]: [NOTICE]   (3000) : New worker (3029) forked",
        );
        let before = [down(41, "app1", REFUSED), nosrv(42), fork].concat();
        check(&[before.clone(), nosrv(46)], "", &["41 44"]);
        check(
            &[before, nosrv(46), up(48, "app1", 1)],
            "",
            &["41 44", "44 48"],
        );
        check(&[nosrv(46), up(48, "app1", 1)], "", &["- 48"]);
    }
}
