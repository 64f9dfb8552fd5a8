//! Snapshots and other captures: what each showed, and when it was taken.

use crate::base::Cite;
use crate::base::DAY;
use crate::base::Place;
use crate::base::Precision;
use crate::base::SECOND;
use crate::base::Zone;
use crate::base::counted;
use crate::capture::Author;
use crate::capture::Capture;
use crate::capture::Curl;
use crate::document::DumpDoc;
use crate::document::How;
use crate::document::Taken;
use crate::dump::Availability;
use crate::dump::Dump;
use crate::dump::StatKind;
use crate::dump::Stream;
use crate::incident::Bundle;
use crate::report::build::Parts;
use crate::report::chronicle::entry::Draft;
use crate::report::chronicle::entry::Track;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Servers that a snapshot names; more are counted.
const NAMED_MAX: usize = 6;

/// Ages in dumps are whole seconds, and so are most stamps of the changes that they are counted from.
const AGE_SLACK: i64 = 2 * SECOND;

/// Outputs of the runtime socket.
pub(super) fn of_dumps(parts: &Parts<'_>) -> Vec<Draft> {
    let bundle = parts.bundle;
    let placed = placed(bundle);
    let dumps = bundle.documents.dumps.iter();
    dumps.map(|doc| dump(bundle, doc, &placed)).collect()
}

/// Times at which rows of dumps were placed, by artifact and offset: also those that only their ages tell.
fn placed(bundle: &Bundle) -> BTreeMap<(u32, u64), i64> {
    let pools = bundle.pools.values();
    let stories = pools.clone().flat_map(|pool| pool.servers.values());
    let servers = stories
        .flat_map(|story| &story.snapshots)
        .map(|s| (s.at, &s.cite));
    let rows = pools.flat_map(|pool| &pool.rows).map(|r| (r.at, &r.cite));
    servers
        .chain(rows)
        .filter_map(|(at, cite)| Some(((cite.span.source, cite.span.offset), at?)))
        .collect()
}

fn dump(bundle: &Bundle, doc: &DumpDoc, placed: &BTreeMap<(u32, u64), i64>) -> Draft {
    let (what, rows) = content(&doc.dump);
    let told = doc.taken.map(|taken| when(bundle, doc.source, taken));
    let guessed = told.is_none();
    let (at, precision, known) = told.unwrap_or_else(|| {
        let next = bundle
            .documents
            .dumps
            .iter()
            .filter(|other| other.source == doc.source && other.at.offset > doc.at.offset);
        let end = next.map(|other| other.at.offset).min().unwrap_or(u64::MAX);
        let within = (doc.source, doc.at.offset)..(doc.source, end);
        let row = placed.range(within).next();
        (
            row.map(|(_, &at)| at),
            Precision::Second,
            bundle.clock.knows_offset(),
        )
    });
    let backends: BTreeSet<&str> = rows.iter().map(|(backend, ..)| *backend).collect();
    let taken_elsewhere = doc.taken.is_none_or(|taken| is_assumed(taken.how));
    Draft {
        precision,
        assumed: !known || taken_elsewhere,
        untied: !known,
        slack: if guessed { AGE_SLACK } else { 0 },
        backends: backends.into_iter().map(str::to_owned).collect(),
        text: format!("{what}{}{}", states(&rows), figures(&doc.dump)),
        cite: Some(bundle.documents.cite(doc.source, doc.at)),
        ..Draft::new("snapshot", at, Track::Capture(doc.source, doc.at.offset))
    }
}

type Row<'a> = (&'a str, &'a str, Availability);

/// The command, and the servers that its output lists.
fn content(dump: &Dump) -> (&'static str, Vec<Row<'_>>) {
    match dump {
        Dump::ServersState(rows) => (
            "show servers state",
            rows.iter()
                .map(|row| {
                    (
                        row.backend.as_str(),
                        row.server.as_str(),
                        row.availability(),
                    )
                })
                .collect(),
        ),
        Dump::Stat(stat) => (
            "show stat",
            stat.rows
                .iter()
                .filter(|row| row.kind == StatKind::Server)
                .map(|row| (row.proxy.as_str(), row.name.as_str(), row.availability()))
                .collect(),
        ),
        Dump::Info(_) => ("show info", Vec::new()),
        Dump::Backends(_) => ("show backend", Vec::new()),
        Dump::Resolvers(_) => ("show resolvers", Vec::new()),
        Dump::Errors(_) => ("show errors", Vec::new()),
        Dump::Procs(_) => ("show proc", Vec::new()),
        Dump::Streams(_) => ("show sess", Vec::new()),
        Dump::Tables(_) => ("show table", Vec::new()),
        Dump::Connections(_) => ("show servers conn", Vec::new()),
        Dump::Other(other) => (other.name(), Vec::new()),
    }
}

/// What dumps without states of servers say: `: 7 streams, 5 of them waiting in a queue (be_app)`.
fn figures(dump: &Dump) -> String {
    let text = match dump {
        Dump::Streams(streams) => {
            let waiting: Vec<&Stream> = streams
                .iter()
                .filter(|stream| stream.queued == Some(true))
                .collect();
            let backends: BTreeSet<&str> = waiting
                .iter()
                .map(|stream| stream.backend.as_str())
                .collect();
            let named: Vec<&str> = backends.into_iter().take(NAMED_MAX).collect();
            match waiting.len() {
                0 => format!(": {}", counted(streams.len() as u64, "stream")),
                n => format!(
                    ": {}, {n} of them waiting in a queue ({})",
                    counted(streams.len() as u64, "stream"),
                    named.join(", ")
                ),
            }
        }
        Dump::Connections(servers) => {
            let used: u64 = servers.iter().map(|server| server.used).sum();
            let idle: u64 = servers.iter().filter_map(|server| server.idle).sum();
            format!(": {} in use, {idle} idle", counted(used, "connection"))
        }
        Dump::Tables(tables) => {
            let tied: u64 = tables.iter().flat_map(|table| table.pinned.values()).sum();
            let used: u64 = tables.iter().filter_map(|table| table.used).sum();
            format!(
                ": {}, entries: {used}, of those shown {tied} tie a client to a server",
                counted(tables.len() as u64, "table")
            )
        }
        Dump::Errors(errors) => format!(": {} captured", counted(errors.total, "event")),
        _ => return String::new(),
    };
    crate::base::printable(text.as_bytes())
}

/// `: 1 of 3 servers usable; not be_app/app1, be_app/app2`.
fn states(rows: &[Row<'_>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let out: Vec<String> = rows
        .iter()
        .filter(|(_, _, availability)| !availability.is_usable())
        .map(|(backend, server, _)| format!("{backend}/{server}"))
        .collect();
    let n = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let mut text = format!(
        ": {} of {} usable",
        rows.len() - out.len(),
        counted(n, "server")
    );
    if !out.is_empty() {
        let named: Vec<&str> = out.iter().take(NAMED_MAX).map(String::as_str).collect();
        text.push_str(&format!("; not {}", named.join(", ")));
        if let Some(more @ 1..) = out.len().checked_sub(NAMED_MAX) {
            text.push_str(&format!(" and {more} more"));
        }
    }
    crate::base::printable(text.as_bytes())
}

/// Outputs of other programs.
pub(super) fn of_captures(parts: &Parts<'_>) -> Vec<Draft> {
    let bundle = parts.bundle;
    let mut drafts = Vec::new();
    for doc in &bundle.documents.captures {
        let Some((kind, at, text)) = told(&doc.capture) else {
            continue;
        };
        let taken = doc.taken.map(|taken| when(bundle, doc.source, taken));
        let (time, precision, known) = taken.unwrap_or((None, Precision::Second, false));
        let cite: Option<Cite> = at.map(|at| bundle.documents.cite(doc.source, at));
        let offset = at.map_or(0, |at| at.offset);
        drafts.push(Draft {
            precision,
            assumed: !known || doc.taken.is_some_and(|taken| is_assumed(taken.how)),
            untied: !known,
            host: doc.host.as_str().into(),
            text: crate::base::printable(text.as_bytes()),
            cite,
            ..Draft::new(kind, time, Track::Capture(doc.source, offset))
        });
    }
    drafts
}

/// Kind, place and content of a capture; `None`: it says nothing about a moment.
fn told(capture: &Capture) -> Option<(&'static str, Option<Place>, String)> {
    Some(match capture {
        Capture::Curl(curl) => ("curl", Some(curl.at), curled(curl)),
        Capture::Lookup(lookup) => (
            "dns-lookup",
            Some(lookup.at),
            format!(
                "{}: {} {}",
                lookup.name,
                lookup.status,
                lookup.addresses.join(", ")
            ),
        ),
        Capture::ConfigCheck(check) => (
            "config-check",
            Some(check.at),
            match (check.valid, check.errors.as_slice()) {
                (Some(true), _) => "haproxy -c: the configuration is valid".to_owned(),
                (_, [(first, _), ..]) => format!("haproxy -c: {first}"),
                (Some(false), []) => "haproxy -c: the configuration is not valid".to_owned(),
                (None, []) => "haproxy -c".to_owned(),
            },
        ),
        Capture::Unit(unit) => (
            "unit-status",
            Some(unit.at),
            format!("systemctl status {}: {}", unit.name, unit.active),
        ),
        Capture::Listening(sockets) => (
            "listening-sockets",
            sockets.first().map(|(_, at)| *at),
            format!(
                "{} in LISTEN",
                counted(u64::try_from(sockets.len()).unwrap_or(u64::MAX), "socket")
            ),
        ),
        Capture::SocketCommand {
            command,
            at,
            answer,
        } => {
            let answer = if answer.is_empty() {
                String::new()
            } else {
                format!(": {answer}")
            };
            ("socket-command", Some(*at), format!("{command}{answer}"))
        }
        Capture::Version(_) => return None,
    })
}

fn curled(curl: &Curl) -> String {
    let url = without_user(&curl.url);
    let whom = if url.is_empty() {
        "curl".to_owned()
    } else {
        format!("curl {url}")
    };
    match (curl.status, &curl.error) {
        (_, Some((number, text))) => format!("{whom}: ({number}) {text}"),
        (Some(status), None) => {
            let by = match curl.author {
                Author::Haproxy => ", HAProxy's own page",
                Author::Server => ", a server's page",
                Author::Unknown => "",
            };
            format!("{whom}: {status}{by}")
        }
        (None, None) => format!("{whom}: no answer shown"),
    }
}

/// The URL without `user:password@`.
fn without_user(url: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = url.split_at(start);
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    format!("{scheme}{host}{path}")
}

/// A prompt shows no date, and an archive's entry has the time of the last change, which a copy may have made.
fn is_assumed(how: How) -> bool {
    matches!(how, How::Prompt | How::Archive)
}

/// UTC of a capture, its precision, and whether its clock is tied to the others.
fn when(bundle: &Bundle, source: u32, taken: Taken) -> (Option<i64>, Precision, bool) {
    let clock = &bundle.clock;
    let stamp = taken.stamp;
    if taken.how == How::Prompt && stamp.micros < DAY {
        let events = bundle.timeline.events.iter();
        let near = events.filter_map(|event| event.at).next_back();
        let at = near.map(|near| clock.time_of_day(stamp, near));
        return (at, stamp.precision, clock.knows_offset());
    }
    let known = match stamp.zone {
        Zone::Utc => true,
        Zone::Local => clock.knows_offset(),
        Zone::NoYear => clock.knows_offset() && clock.knows_year(),
    };
    (Some(clock.stamp(source, stamp)), stamp.precision, known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_urls_are_left_out() {
        assert_eq!(
            without_user("http://u:p@www.example.com/a@b"),
            "http://www.example.com/a@b"
        );
        assert_eq!(without_user("u:p@www.example.com"), "www.example.com");
        assert_eq!(
            without_user("www.example.com/?a=b@c"),
            "www.example.com/?a=b@c"
        );
    }
}
