//! What was read and what was not: what each log reaches over, and what all of them together could hide.

use crate::base::Precision;
use crate::base::SECOND;
use crate::base::counted;
use crate::base::printable;
use crate::base::rfc3339;
use crate::base::thousands;
use crate::clock::Clock;
use crate::event::host::HostKind;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::evidence::Slots;
use crate::evidence::What;
use crate::evidence::holes;
use crate::incident::Happening;
use crate::report::build::Listed;
use crate::report::build::Parts;
use crate::report::build::evidence::line_of;
use crate::report::{CoverageLine, HoleLine, LookedAt, SuppressedLine};

/// Names of backends that are listed.
const BACKENDS_MAX: usize = 50;

/// The coverage of one log; `None`: the artifact holds no line of a log.
pub(super) fn line(listed: &Listed, parts: &Parts<'_>) -> Option<CoverageLine> {
    let coverage = listed.coverage.as_ref().filter(|c| c.n_records > 0)?;
    let clock = &parts.bundle.clock;
    let stamps = coverage.stamps.iter().flatten();
    let dated: Vec<(i64, i64, Precision)> = stamps
        .map(|&(first, last)| {
            let utc = |stamp| clock.stamp(listed.source, stamp);
            (utc(first), utc(last), first.precision.min(last.precision))
        })
        .collect();
    let precision = dated.iter().map(|(_, _, p)| *p).min();
    let (runs, width) = runs(listed, &parts.bundle.clock);
    let reach = match (dated.is_empty(), runs.first(), runs.last()) {
        (true, Some((first, _)), Some((_, last))) => Some((*first, last - SECOND)),
        _ => dated
            .iter()
            .map(|(first, last, _)| (*first.min(last), *first.max(last)))
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))),
    };
    let text = |at| rfc3339(at, precision.unwrap_or(Precision::Second));
    let whole = |at| rfc3339(at, Precision::Second);
    let holes = holes(&runs, width);
    Some(CoverageLine {
        first: reach.map(|(first, _)| text(first)),
        last: reach.map(|(_, last)| text(last)),
        requests: coverage.n_traffic,
        messages: coverage.n_messages,
        holes: holes
            .into_iter()
            .map(|(from, to)| HoleLine {
                from: whole(from),
                to: whole(to),
            })
            .collect(),
        cuts: cuts(listed),
        suppressed: suppressed(listed, parts),
    })
}

/// Times with a request in every slot, UTC, sorted and apart, and the width of the widest slot.
fn runs(listed: &Listed, clock: &Clock) -> (Vec<(i64, i64)>, i64) {
    let mut slots: Vec<(i64, i64)> = Vec::new();
    for Slots {
        host,
        axis,
        width,
        starts,
    } in &listed.slots
    {
        let accept = clock.accept(listed.source, host, *axis);
        slots.extend(
            starts
                .iter()
                .map(|&at| accept.utc(at))
                .map(|at| (at, at.saturating_add(*width))),
        );
    }
    slots.sort_unstable();
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for (start, end) in slots {
        match runs.last_mut() {
            Some((_, last)) if start <= *last => *last = end.max(*last),
            _ => runs.push((start, end)),
        }
    }
    let widest = listed.slots.iter().map(|slots| slots.width).max();
    (runs, widest.unwrap_or(1))
}

fn cuts(listed: &Listed) -> Vec<String> {
    let coverage = listed.coverage.as_ref();
    let mut cuts = Vec::new();
    if coverage.is_some_and(|coverage| coverage.starts_cut) {
        cuts.push("begins in the middle of a line: what was before is missing");
    }
    if coverage.is_some_and(|coverage| coverage.ends_cut) {
        cuts.push("ends in the middle of a line: what came after is missing");
    }
    // The name that sosreport gives to the end of a log that is larger than its limit.
    if listed.path.ends_with(".tailed") {
        cuts.push("its name says that only the end of a larger file was saved (.tailed)");
    }
    cuts.into_iter().map(str::to_owned).collect()
}

fn suppressed(listed: &Listed, parts: &Parts<'_>) -> Vec<SuppressedLine> {
    let events = parts.bundle.timeline.events.iter();
    let mut lines: Vec<SuppressedLine> = events
        .filter(|event| event.cite.span.source == listed.source)
        .filter_map(|event| {
            Some(SuppressedLine {
                of: left_out(event)?,
                at: event.at.map(|at| rfc3339(at, event.precision)),
                messages: match &event.what {
                    What::Host(host) => host.count,
                    What::Message(_) => None,
                },
                line: line_of(parts.lines, event.cite.span),
            })
        })
        .collect();
    lines.sort_by_key(|line| line.line);
    lines
}

/// Whose messages an event says were left out; `None`: it says no such thing.
fn left_out(event: &Happening) -> Option<Option<String>> {
    match &event.what {
        What::Host(host) if host.kind == HostKind::LogsSuppressed => {
            Some((!host.subject.is_empty()).then(|| host.subject.clone()))
        }
        What::Message(Message::Process(ProcessChange::LogsLost)) => {
            Some(Some("haproxy".to_owned()))
        }
        _ => None,
    }
}

/// What all artifacts together show, and what they could hide.
pub(super) fn looked_at(parts: &Parts<'_>) -> LookedAt {
    let bundle = parts.bundle;
    let (mut failed, mut other_5xx) = (0, 0);
    for load in bundle.loads.values() {
        let servers = load.servers.values().flatten();
        failed += servers.map(|server| server.n_failed).sum::<u64>();
        let seconds = load.seconds.iter();
        other_5xx += seconds
            .map(|(_, _, second)| second.n_other_5xx)
            .sum::<u64>();
    }
    // The slots of time that requests are counted in are a second wide, or wider.
    let text = |at| rfc3339(at, Precision::Second);
    let names = bundle.loads.keys().filter(|name| !name.is_empty());
    let coverages = parts.artifacts.iter().filter_map(|l| l.coverage.as_ref());
    LookedAt {
        requests: bundle.reach.n,
        failed,
        other_5xx,
        first: bundle.reach.span.map(|(first, _)| text(first)),
        last: bundle.reach.span.map(|(_, last)| text(last)),
        n_backends: u64::try_from(names.clone().count()).unwrap_or(u64::MAX),
        backends: names
            .take(BACKENDS_MAX)
            .map(|name| printable(name.as_bytes()))
            .collect(),
        messages: coverages.map(|coverage| coverage.n_messages).sum(),
        could_hide: could_hide(parts),
    }
}

/// What keeps an incident from being seen.
fn could_hide(parts: &Parts<'_>) -> Vec<String> {
    let mut all = Vec::new();
    if parts.bundle.reach.n == 0 {
        all.push("no traffic line of HAProxy was read: failed requests cannot be seen".to_owned());
    } else if !has_changes(parts) {
        all.push("no log has a change of a server's state: either there was none, or the messages go elsewhere or are kept out by the level of the `log` line (one stricter than `notice` leaves out UP, one stricter than `alert` DOWN)".to_owned());
    }
    all.extend(quiet_proxies(parts));
    for listed in parts.artifacts {
        all.extend(of_artifact(listed, parts));
    }
    if parts.bundle.notices_full {
        all.push("a log holds more state changes and host events than are kept".to_owned());
    }
    all
}

fn has_changes(parts: &Parts<'_>) -> bool {
    let mut events = parts.bundle.timeline.events.iter();
    events.any(|event| {
        matches!(
            event.what,
            What::Message(Message::State(_) | Message::Admin(_) | Message::NoServer { .. })
        )
    })
}

/// `option dontlog-normal` leaves out good requests: rates and the last good request are unknown then.
fn quiet_proxies(parts: &Parts<'_>) -> Option<String> {
    let proxies = parts.bundle.config().into_iter().flat_map(|c| &c.proxies);
    let quiet: Vec<&str> = proxies
        .filter(|proxy| proxy.dontlog_normal.is_some())
        .map(|proxy| proxy.name.as_str())
        .collect();
    if quiet.is_empty() {
        return None;
    }
    let names = printable(quiet.join(", ").as_bytes());
    Some(format!(
        "`option dontlog-normal` in {names}: requests that went well are not logged"
    ))
}

/// What is missing of one artifact, in one sentence each.
fn of_artifact(listed: &Listed, parts: &Parts<'_>) -> Vec<String> {
    let path = printable(listed.path.as_bytes());
    let mut all: Vec<String> = listed
        .problems
        .iter()
        .map(|problem| format!("{path}: {problem}"))
        .collect();
    let broken = listed.coverage.as_ref().map_or(0, |c| c.n_broken);
    if broken > 0 {
        all.push(format!(
            "{path}: {} could not be read",
            counted(broken, "traffic line")
        ));
    }
    let Some(coverage) = line(listed, parts) else {
        return all;
    };
    all.extend(coverage.cuts.iter().map(|cut| format!("{path} {cut}")));
    if let [first, ..] = coverage.holes.as_slice() {
        let more = match coverage.holes.len() {
            1 => String::new(),
            n => format!(" (and {} more holes)", n - 1),
        };
        all.push(format!(
            "{path} has no request from {} to {}{more}",
            first.from, first.to
        ));
    }
    if !coverage.suppressed.is_empty() {
        let known: u64 = coverage.suppressed.iter().filter_map(|s| s.messages).sum();
        let n = if known > 0 {
            format!("{} messages", thousands(known))
        } else {
            "messages".to_owned()
        };
        all.push(format!(
            "{path} says that {n} were left out of it (rate limits, full queues)"
        ));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use std::fmt::Write as _;

    /// Traffic of be_app at these seconds after 21:00:00.
    fn traffic(seconds: impl Iterator<Item = u32>) -> String {
        let mut log = String::new();
        for second in seconds {
            let (m, s) = (second / 60, second % 60);
            let _infallible = writeln!(
                log,
                "2026-06-05T21:{m:02}:{s:02}.100000+00:00 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:{m:02}:{s:02}.000] fe_app be_app/app1 0/0/1/98/99 200 217 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\""
            );
        }
        log
    }

    #[test]
    fn a_hole_a_cut_and_suppressed_messages_are_told_of_a_quiet_bundle() {
        let mut log = traffic((0..600).step_by(2).chain((1200..1800).step_by(2)));
        log.insert_str(
            0,
            "app1 0/0/1/98/99 200 217 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n",
        );
        log.push_str("2026-06-05T21:31:00.100000+00:00 proxy01 systemd-journald[300]: Suppressed 4711 messages from haproxy.service\n");
        log.push_str(traffic([1900].into_iter()).trim_end_matches(|c| c != '/'));
        let report = testing::report(&[("haproxy.log", &log)]);
        assert_eq!(report.verdict, "no-incident");
        let coverage = report.artifacts[0].coverage.as_ref().unwrap();
        assert_eq!(
            coverage.holes,
            [HoleLine {
                from: "2026-06-05T21:09:59Z".to_owned(),
                to: "2026-06-05T21:20:00Z".to_owned()
            }]
        );
        assert_eq!(coverage.cuts.len(), 2, "{:?}", coverage.cuts);
        let [suppressed] = coverage.suppressed.as_slice() else {
            panic!("{:?}", coverage.suppressed)
        };
        assert_eq!((suppressed.messages, suppressed.line), (Some(4711), 602));
        assert_eq!(
            coverage.first.as_deref(),
            Some("2026-06-05T21:00:00.100000Z")
        );
        let hidden = report.looked_at.could_hide.join("\n");
        for told in [
            "change of a server's state",
            "no request from",
            "4,711 messages",
            "middle of a line",
        ] {
            assert!(hidden.contains(told), "{told}: {hidden}");
        }
    }

    #[test]
    fn healthy_traffic_has_nothing_but_the_missing_messages_to_tell() {
        let report = testing::report(&[("haproxy.log", &traffic((0..1800).step_by(7)))]);
        assert_eq!(
            report.looked_at.could_hide.len(),
            1,
            "{:?}",
            report.looked_at.could_hide
        );
        assert_eq!(
            (report.looked_at.requests, report.looked_at.failed),
            (258, 0)
        );
    }
}
