//! `journalctl -o verbose`: a dated line, then indented fields.
//!
//! Shape: `Mon 2026-01-05 07:48:11.791353 UTC [s=…;i=1;…;t=6479f47e477f9;x=…]`, `    MESSAGE=…`.
//! Unit: `t=` is microseconds since 1970 in hexadecimal, UTC. Source: systemd `src/shared/logs-show.c`.

use super::Body;
use super::Head;
use crate::base::Precision;
use crate::base::Stamp;
use crate::base::decimal;
use crate::carrier::instant;
use memchr::memmem;

pub(super) fn read(raw: &[u8]) -> Head<'_> {
    let mut lines = raw.split(|&c| c == b'\n');
    let first = lines.next().unwrap_or(b"").trim_ascii_end();
    let stamp = cursor_time(first)
        .or_else(|| instant::weekday_date_time_zone(first).map(|(stamp, _)| stamp));
    let mut head = Head {
        stamp,
        host: b"",
        ident: b"",
        pid: None,
        body: Body::Plain(b""),
        wraps: false,
        more: false,
    };
    let (mut comm, mut own_pid): (&[u8], _) = (b"", None);
    if first.starts_with(b"-- ") {
        head.body = Body::Plain(first);
    }
    for line in lines {
        // Five blanks: a further line of a message, which may hold anything.
        if line.starts_with(b"     ") {
            continue;
        }
        let line = line.trim_ascii();
        let Some(equals) = memchr::memchr(b'=', line) else {
            continue;
        };
        let value = line.get(equals + 1..).unwrap_or(b"");
        let number = || decimal(value).and_then(|pid| u32::try_from(pid).ok());
        match line.get(..equals).unwrap_or(b"") {
            b"MESSAGE" => head.body = Body::Plain(value),
            b"_HOSTNAME" => head.host = value,
            b"SYSLOG_IDENTIFIER" => head.ident = value,
            b"_COMM" => comm = value,
            b"SYSLOG_PID" => own_pid = number(),
            b"_PID" => head.pid = number(),
            _ => {}
        }
    }
    if head.ident.is_empty() {
        head.ident = comm;
    }
    head.pid = own_pid.or(head.pid);
    head
}

/// The `t=` of the cursor: the entry's own time, whatever zone the date was printed in.
fn cursor_time(line: &[u8]) -> Option<Stamp> {
    let at = memmem::find(line, b";t=")? + 3;
    let value = line.get(at..)?;
    let digits = value.get(..memchr::memchr2(b';', b']', value)?)?;
    let micros = i64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some(Stamp::utc(micros, Precision::Micro))
}
