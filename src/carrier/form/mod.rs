//! The carriers, one file each, and the one table that lists them.

mod bare_tag;
mod compose;
mod cri;
mod docker_json;
mod export;
mod facility;
mod full;
mod iso;
mod journal_json;
mod json;
mod json_lines;
mod kubectl;
mod monotonic;
mod priority;
mod rfc5424;
mod stderr;
mod syslog;
mod unix;
mod verbose;

use crate::base::Stamp;
use crate::carrier::Framing;

pub(super) use json::gather;
pub(super) use json::unescape;

/// What a carrier says about one record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'a> {
    pub(super) stamp: Option<Stamp>,
    pub(super) host: &'a [u8],
    pub(super) ident: &'a [u8],
    pub(super) pid: Option<u32>,
    pub(super) body: Body<'a>,
    /// The body may be a line of another carrier.
    pub(super) wraps: bool,
    /// The body is the first part of a message that the next record goes on with.
    pub(super) more: bool,
}

/// The message, as it stands, as the inside of a JSON string, or as byte values between commas.
#[derive(Clone, Copy, Debug)]
pub(super) enum Body<'a> {
    Plain(&'a [u8]),
    Json(&'a [u8]),
    Bytes(&'a [u8]),
}

/// One carrier whose records are lines.
struct Form {
    /// For the report's list of artifacts.
    name: &'static str,
    /// Reads a line, or says that it is not in this form. The forms exclude each other, so their order only saves time.
    read: fn(&[u8]) -> Option<Head<'_>>,
}

/// The table of line carriers.
const FORMS: [Form; 17] = [
    Form {
        name: "syslog",
        read: syslog::read,
    },
    Form {
        name: "ISO syslog",
        read: iso::read,
    },
    Form {
        name: "CRI",
        read: cri::read,
    },
    Form {
        name: "journalctl short-full",
        read: full::read,
    },
    Form {
        name: "journalctl short-unix",
        read: unix::read,
    },
    Form {
        name: "RFC 5424",
        read: rfc5424::read,
    },
    Form {
        name: "syslog with PRI",
        read: priority::read,
    },
    Form {
        name: "journalctl json",
        read: journal_json::read,
    },
    Form {
        name: "docker json-file",
        read: docker_json::read,
    },
    Form {
        name: "journalctl short-monotonic",
        read: monotonic::read,
    },
    Form {
        name: "HAProxy's stderr",
        read: stderr::read,
    },
    Form {
        name: "docker compose",
        read: compose::read,
    },
    Form {
        name: "kubectl logs",
        read: kubectl::read,
    },
    Form {
        name: "syslog with facility",
        read: facility::read,
    },
    Form {
        name: "tag without stamp",
        read: bare_tag::read,
    },
    Form {
        name: "JSON lines",
        read: json_lines::read,
    },
    Form {
        name: "syslog",
        read: syslog::read_translated,
    },
];

/// Reads one frame in the given framing; `None`: no known carrier.
pub(super) fn read(framing: Framing, raw: &[u8]) -> Option<Head<'_>> {
    match framing {
        Framing::Lines => read_line(raw),
        Framing::Export => Some(export::read(raw)),
        Framing::Verbose => Some(verbose::read(raw)),
        Framing::PrettyJson => Some(journal_json::read_pretty(raw)),
    }
}

/// Reads one line in any form of the table, also where a ticket indents it.
pub(super) fn read_line(raw: &[u8]) -> Option<Head<'_>> {
    let read = |line| FORMS.iter().find_map(|form| (form.read)(line));
    read(raw).or_else(|| {
        let line = raw.trim_ascii_start();
        (line.len() < raw.len()).then(|| read(line)).flatten()
    })
}

/// Name of the form of the first line that has one.
pub(super) fn name(head: &[u8]) -> &'static str {
    head.split(|&c| c == b'\n')
        .take(64)
        .find_map(|line| FORMS.iter().find(|form| (form.read)(line).is_some()))
        .map_or("bare lines", |form| form.name)
}
