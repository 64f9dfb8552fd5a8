//! `journalctl -o json`, `json-sse`, `json-seq` (one object a line) and `json-pretty` (one field a line).
//!
//! Shape: `{"__REALTIME_TIMESTAMP":"1768440566489372","_HOSTNAME":"proxy01","SYSLOG_IDENTIFIER":"haproxy","_PID":"3028","MESSAGE":"…"}`
//! Unit: microseconds since 1970, UTC. Absent: `MESSAGE` is `null` when over-long, an array of bytes when it is not UTF-8.
//! Source: systemd.io, "Journal JSON Format".

use super::Body;
use super::Head;
use super::json;
use crate::base::Precision;
use crate::base::Stamp;
use crate::base::decimal;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    let line = line.strip_prefix(b"data: ").unwrap_or(line);
    let line = line.strip_prefix(b"\x1e").unwrap_or(line);
    if line.first() != Some(&b'{') {
        return None;
    }
    let stamp = json::string(line, b"\"__REALTIME_TIMESTAMP\":")?;
    Some(head(stamp, |key| json::string(line, key.compact)))
}

/// An object spread over lines, with blanks around the colons.
pub(super) fn read_pretty(raw: &[u8]) -> Head<'_> {
    let field =
        |key: &Key| json::string(raw, key.pretty).or_else(|| json::string(raw, key.compact));
    let stamp = field(&Key {
        compact: b"\"__REALTIME_TIMESTAMP\":",
        pretty: b"\"__REALTIME_TIMESTAMP\" :",
    });
    head(stamp.unwrap_or(b""), field)
}

/// A key with its colon as the two styles write it.
struct Key {
    compact: &'static [u8],
    pretty: &'static [u8],
}

const HOST: Key = Key {
    compact: b"\"_HOSTNAME\":",
    pretty: b"\"_HOSTNAME\" :",
};
const IDENT: Key = Key {
    compact: b"\"SYSLOG_IDENTIFIER\":",
    pretty: b"\"SYSLOG_IDENTIFIER\" :",
};
const COMM: Key = Key {
    compact: b"\"_COMM\":",
    pretty: b"\"_COMM\" :",
};
const SYSLOG_PID: Key = Key {
    compact: b"\"SYSLOG_PID\":",
    pretty: b"\"SYSLOG_PID\" :",
};
const PID: Key = Key {
    compact: b"\"_PID\":",
    pretty: b"\"_PID\" :",
};
const MESSAGE: Key = Key {
    compact: b"\"MESSAGE\":",
    pretty: b"\"MESSAGE\" :",
};

fn head<'a>(stamp: &'a [u8], field: impl Fn(&Key) -> Option<&'a [u8]>) -> Head<'a> {
    let micros = decimal(stamp).and_then(|micros| i64::try_from(micros).ok());
    let pid = field(&SYSLOG_PID).or_else(|| field(&PID)).and_then(decimal);
    Head {
        stamp: micros.map(|micros| Stamp::utc(micros, Precision::Micro)),
        host: field(&HOST).unwrap_or(b""),
        ident: field(&IDENT).or_else(|| field(&COMM)).unwrap_or(b""),
        pid: pid.and_then(|pid| u32::try_from(pid).ok()),
        body: Body::Json(field(&MESSAGE).unwrap_or(b"")),
        wraps: false,
    }
}
