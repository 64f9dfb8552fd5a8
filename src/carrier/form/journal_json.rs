//! `journalctl -o json`, `json-sse`, `json-seq` (one object a line) and `json-pretty` (one field a line).
//!
//! Shape: `{"__REALTIME_TIMESTAMP":"1768440566489372","_HOSTNAME":"proxy01","SYSLOG_IDENTIFIER":"haproxy","_PID":"3028","MESSAGE":"…"}`
//! Unit: microseconds since 1970, UTC. Absent: `MESSAGE` is `null` over 4096 bytes without `--all`, an array of bytes when it is not UTF-8.
//! Source: systemd.io, "Journal JSON Format".

use super::Body;
use super::Head;
use super::json;
use crate::base::Precision;
use crate::base::Stamp;
use crate::base::decimal;
use crate::carrier::LEFT_OUT;

/// One object on a line; systemd up to 242 writes blanks around the colons there too.
pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    let line = line.strip_prefix(b"data: ").unwrap_or(line);
    let line = line.strip_prefix(b"\x1e").unwrap_or(line);
    if line.first() != Some(&b'{') {
        return None;
    }
    if line.starts_with(b"{ ") {
        let stamp = json::string(line, STAMP.pretty)?;
        return Some(head(stamp, |key| json::value(line, key.pretty)));
    }
    let stamp = json::string(line, STAMP.compact)?;
    Some(head(stamp, |key| json::value(line, key.compact)))
}

/// An object spread over lines, with blanks around the colons.
pub(super) fn read_pretty(raw: &[u8]) -> Head<'_> {
    let field = |key: &Key| json::value(raw, key.pretty).or_else(|| json::value(raw, key.compact));
    let stamp = field(&STAMP).and_then(json::Value::string);
    head(stamp.unwrap_or(b""), field)
}

/// A key with its colon as the two styles write it.
struct Key {
    compact: &'static [u8],
    pretty: &'static [u8],
}

const STAMP: Key = Key {
    compact: b"\"__REALTIME_TIMESTAMP\":",
    pretty: b"\"__REALTIME_TIMESTAMP\" :",
};
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

fn head<'a>(stamp: &'a [u8], field: impl Fn(&Key) -> Option<json::Value<'a>>) -> Head<'a> {
    let text = |key| field(key).and_then(json::Value::string);
    let micros = decimal(stamp).and_then(|micros| i64::try_from(micros).ok());
    let pid = text(&SYSLOG_PID).or_else(|| text(&PID)).and_then(decimal);
    Head {
        stamp: micros.map(|micros| Stamp::utc(micros, Precision::Micro)),
        host: text(&HOST).unwrap_or(b""),
        ident: text(&IDENT).or_else(|| text(&COMM)).unwrap_or(b""),
        pid: pid.and_then(|pid| u32::try_from(pid).ok()),
        body: match field(&MESSAGE) {
            Some(json::Value::String(text)) => Body::Json(text),
            Some(json::Value::Bytes(list)) => Body::Bytes(list),
            Some(json::Value::Null) => Body::Plain(LEFT_OUT),
            None => Body::Plain(b""),
        },
        wraps: false,
        more: false,
    }
}
