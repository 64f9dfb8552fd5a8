//! The kinds of artifacts, one row each.

mod backend;
mod binary;
mod config;
mod config_check;
mod curl;
mod empty;
mod errors;
mod haproxy_version;
mod info;
mod journal;
mod listening;
mod log;
mod lookup;
mod map;
mod other_dump;
mod proc;
mod resolvers;
mod servers_conn;
mod servers_state;
mod sess;
mod socket_command;
mod stat_csv;
mod stat_json;
mod stat_page;
mod stat_typed;
mod systemctl_status;
mod table;
mod transcript;

use crate::artifact::Kind;
use crate::artifact::head::HINT;
use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::artifact::head::WEAK;
use crate::capture::CaptureKind;
use crate::dump::DumpKind;
use crate::dump::Other;

pub(super) use config::is_directive;
pub(super) use config::opens as opens_config;

/// One kind of artifact.
struct Row {
    kind: Kind,
    /// How sure the content makes it.
    looks_like: fn(&Head<'_>) -> Score,
    /// This line, with the next one, opens an output of this kind where several follow each other.
    opens: fn(&[u8], &[u8]) -> bool,
}

/// Every kind that is recognized; of equal scores the first wins. What none recognizes is [`Kind::UnknownText`].
#[rustfmt::skip]
const KINDS: [Row; 40] = [
    Row { kind: Kind::Empty, looks_like: empty::looks_like, opens: never },
    Row { kind: Kind::Journal, looks_like: journal::looks_like, opens: never },
    Row { kind: Kind::Transcript, looks_like: transcript::looks_like, opens: never },
    Row { kind: Kind::Dump(DumpKind::ServersState), looks_like: servers_state::looks_like, opens: servers_state::opens },
    Row { kind: Kind::Dump(DumpKind::StatCsv), looks_like: stat_csv::looks_like, opens: stat_csv::opens },
    Row { kind: Kind::Dump(DumpKind::StatTyped), looks_like: stat_typed::looks_like, opens: stat_typed::opens },
    Row { kind: Kind::Dump(DumpKind::StatJson), looks_like: stat_json::looks_like, opens: stat_json::opens },
    Row { kind: Kind::Dump(DumpKind::Info), looks_like: info::looks_like, opens: info::opens },
    Row { kind: Kind::Dump(DumpKind::Backend), looks_like: backend::looks_like, opens: backend::opens },
    Row { kind: Kind::Dump(DumpKind::Resolvers), looks_like: resolvers::looks_like, opens: resolvers::opens },
    Row { kind: Kind::Dump(DumpKind::Errors), looks_like: errors::looks_like, opens: errors::opens },
    Row { kind: Kind::Dump(DumpKind::Proc), looks_like: proc::looks_like, opens: proc::opens },
    Row { kind: Kind::Dump(DumpKind::StatPage), looks_like: stat_page::looks_like, opens: stat_page::opens },
    Row { kind: Kind::Dump(DumpKind::Sess), looks_like: sess::looks_like, opens: sess::opens },
    Row { kind: Kind::Dump(DumpKind::Table), looks_like: table::looks_like, opens: table::opens },
    Row { kind: Kind::Dump(DumpKind::ServersConn), looks_like: servers_conn::looks_like, opens: servers_conn::opens },
    other(Other::Activity, other_dump::looks_like::<{ other_dump::ACTIVITY }>, other_dump::opens::<{ other_dump::ACTIVITY }>),
    other(Other::CliSockets, other_dump::looks_like::<{ other_dump::CLI_SOCKETS }>, other_dump::opens::<{ other_dump::CLI_SOCKETS }>),
    other(Other::Events, other_dump::looks_like::<{ other_dump::EVENTS }>, other_dump::opens::<{ other_dump::EVENTS }>),
    other(Other::Fd, other_dump::looks_like::<{ other_dump::FD }>, other_dump::opens::<{ other_dump::FD }>),
    other(Other::Maps, other_dump::looks_like::<{ other_dump::MAPS }>, other_dump::opens::<{ other_dump::MAPS }>),
    other(Other::Pools, other_dump::looks_like::<{ other_dump::POOLS }>, other_dump::opens::<{ other_dump::POOLS }>),
    other(Other::Profiling, other_dump::looks_like::<{ other_dump::PROFILING }>, other_dump::opens::<{ other_dump::PROFILING }>),
    other(Other::Schema, other_dump::looks_like::<{ other_dump::SCHEMA }>, other_dump::opens::<{ other_dump::SCHEMA }>),
    other(Other::Tasks, other_dump::looks_like::<{ other_dump::TASKS }>, other_dump::opens::<{ other_dump::TASKS }>),
    other(Other::Threads, other_dump::looks_like::<{ other_dump::THREADS }>, other_dump::opens::<{ other_dump::THREADS }>),
    other(Other::StartupLogs, other_dump::looks_like::<{ other_dump::STARTUP_LOGS }>, other_dump::opens::<{ other_dump::STARTUP_LOGS }>),
    other(Other::Refusal, other_dump::looks_like::<{ other_dump::REFUSAL }>, other_dump::opens::<{ other_dump::REFUSAL }>),
    Row { kind: Kind::Capture(CaptureKind::SystemctlStatus), looks_like: systemctl_status::looks_like, opens: systemctl_status::opens },
    Row { kind: Kind::Capture(CaptureKind::ConfigCheck), looks_like: config_check::looks_like, opens: config_check::opens },
    Row { kind: Kind::Capture(CaptureKind::HaproxyVersion), looks_like: haproxy_version::looks_like, opens: haproxy_version::opens },
    Row { kind: Kind::Capture(CaptureKind::Curl), looks_like: curl::looks_like, opens: curl::opens },
    Row { kind: Kind::Capture(CaptureKind::Lookup), looks_like: lookup::looks_like, opens: lookup::opens },
    Row { kind: Kind::Capture(CaptureKind::Listening), looks_like: listening::looks_like, opens: listening::opens },
    Row { kind: Kind::Capture(CaptureKind::SocketCommand), looks_like: socket_command::looks_like, opens: never },
    Row { kind: Kind::Log, looks_like: log::looks_like, opens: log::opens },
    Row { kind: Kind::Config, looks_like: config::looks_like, opens: config::opens },
    Row { kind: Kind::Map, looks_like: map::looks_like, opens: never },
    Row { kind: Kind::Binary, looks_like: binary::looks_like, opens: never },
    Row { kind: Kind::UnknownText, looks_like: no, opens: never },
];

/// A dump that is named and not read.
const fn other(
    which: Other,
    looks_like: fn(&Head<'_>) -> Score,
    opens: fn(&[u8], &[u8]) -> bool,
) -> Row {
    Row {
        kind: Kind::Dump(DumpKind::Other(which)),
        looks_like,
        opens,
    }
}

/// What is known beside the content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// Nothing.
    None,
    /// The file's name promises this kind: it decides between equals, and where the content is silent.
    Name(Kind),
    /// A command that prints this kind: it decides unless the content is sure of another.
    Command(Kind),
}

/// The kind of a whole artifact.
pub(super) fn of_artifact(head: &Head<'_>, hint: Hint) -> Kind {
    best(head, hint, KINDS.iter())
}

/// The kind of one output, which is no transcript again.
pub(super) fn of_output(head: &Head<'_>, hint: Hint) -> Kind {
    best(
        head,
        hint,
        KINDS.iter().filter(|row| row.kind != Kind::Transcript),
    )
}

/// How sure the content makes one kind.
pub(super) fn score(kind: Kind, head: &Head<'_>) -> Score {
    let mut rows = KINDS.iter().filter(|row| row.kind == kind);
    rows.next().map_or(NO, |row| (row.looks_like)(head))
}

/// The kind of output that this line, with the next one, opens.
pub(super) fn opened(line: &[u8], next: &[u8]) -> Option<Kind> {
    let mut rows = KINDS.iter().filter(|row| (row.opens)(line, next));
    rows.next().map(|row| row.kind)
}

fn best<'r>(head: &Head<'_>, hint: Hint, rows: impl Iterator<Item = &'r Row>) -> Kind {
    let mut winner = (NO, false, Kind::UnknownText);
    for row in rows {
        let score = (row.looks_like)(head);
        let lifted = match hint {
            Hint::Name(kind) if kind == row.kind && score >= HINT => score.max(WEAK),
            Hint::Command(kind) if kind == row.kind && score >= HINT => score.max(SURE - 1),
            Hint::None | Hint::Name(_) | Hint::Command(_) => score,
        };
        let hinted = hint == Hint::Name(row.kind) || hint == Hint::Command(row.kind);
        if lifted >= WEAK && (lifted, hinted) > (winner.0, winner.1) {
            winner = (lifted, hinted, row.kind);
        }
    }
    winner.2
}

fn never(_: &[u8], _: &[u8]) -> bool {
    false
}

fn no(_: &Head<'_>) -> Score {
    NO
}
