//! Logs of any size for the benches: written by a seed, the same bytes each time.
//!
//! What matters for speed is kept from real logs: lengths and variety of lines, the share of 5xx, retries and queues, an incident
//! in the middle, lines of other programs in between, and several records in one second.

mod carrier;
mod crowd;
mod format;
mod incident;
mod random;
mod traffic;

use std::io::Result;
use std::io::Write;

use carrier::Carrier;
use carrier::Entry;
use carrier::Style;
use crowd::Crowd;
use format::Format;
use incident::Incident;
use random::Random;
use traffic::Traffic;

/// First record: 2026-06-05 00:00:00 UTC, in microseconds since 1970. One-digit days are padded by blanks in syslog.
const START_US: u64 = 1_780_617_600_000_000;
/// Mean time between two requests, in microseconds: 2500 requests a second, a busy proxy.
const PAUSE_MEAN_US: u64 = 400;
/// One line in so many is of another program: about 0.5 %.
const FOREIGN_EVERY: u64 = 200;

/// What a log looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// On the command line.
    pub(crate) name: &'static str,
    style: Style,
    format: Format,
    crowd: Crowd,
}

/// Every kind there is.
pub(crate) const KINDS: &[Kind] = &[
    Kind::httplog("rfc3164", Style::Rfc3164),
    Kind::httplog("iso", Style::Iso),
    Kind::httplog("export", Style::JournalExport),
    Kind::httplog("json", Style::JournalJson),
    Kind::httplog("bare", Style::Bare),
    Kind {
        format: Format::Custom,
        ..Kind::httplog("custom", Style::Rfc3164)
    },
    Kind {
        format: Format::Keyed,
        ..Kind::httplog("keyed", Style::Rfc3164)
    },
    Kind {
        crowd: Crowd::Even,
        ..Kind::httplog("distinct", Style::Rfc3164)
    },
];

impl Kind {
    const fn httplog(name: &'static str, style: Style) -> Kind {
        Kind {
            name,
            style,
            format: Format::Httplog,
            crowd: Crowd::Skewed,
        }
    }
}

/// Writes whole records until at least `bytes` bytes are out; returns how many were written.
///
/// The incident begins at half of `bytes`: two of a backend's servers, all it has, go DOWN by check and come UP again 22 seconds
/// later: at 2500 requests a second that is 11 MB of plain lines, so smaller logs end before the recovery.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write_log(out: &mut impl Write, bytes: u64, seed: u64, kind: Kind) -> Result<u64> {
    let mut random = Random::new(seed);
    let traffic = Traffic::new(&mut random, kind.format, kind.crowd);
    let mut incident = Incident::new(traffic.victim());
    let mut carrier = Carrier::new(kind.style, START_US);
    let mut now_us = START_US;
    let mut written = 0;
    let mut body = String::with_capacity(512);
    let mut record = Vec::with_capacity(2048);
    while written < bytes {
        now_us += random.exponential(PAUSE_MEAN_US);
        body.clear();
        record.clear();
        let entry = if written >= bytes / 2 && incident.message(now_us, &mut body) {
            Entry::HAPROXY
        } else if random.below(FOREIGN_EVERY) == 0 {
            traffic::foreign(&mut random, &mut body)
        } else {
            traffic.line(&mut random, now_us, incident.usable(), &mut body);
            Entry::HAPROXY
        };
        carrier.record(now_us, &entry, &body, &mut record);
        out.write_all(&record)?;
        written += u64::try_from(record.len()).unwrap_or_default();
    }
    Ok(written)
}
