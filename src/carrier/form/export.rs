//! The journal export format: one field a line, binary fields with a length.
//!
//! Shape: `__REALTIME_TIMESTAMP=1772126712436354`, `_HOSTNAME=proxy01`, `MESSAGE=…`; `MESSAGE`, a line feed, 8 bytes of
//! little-endian length, the data and a line feed for binary data. Unit: microseconds since 1970, UTC.
//! Source: systemd.io, "Journal Export Formats".

use super::Body;
use super::Head;
use crate::base::Precision;
use crate::base::Stamp;
use crate::base::bits_of;
use crate::base::decimal;

pub(super) fn read(raw: &[u8]) -> Head<'_> {
    let mut head = Head {
        stamp: None,
        host: b"",
        ident: b"",
        pid: None,
        body: Body::Plain(b""),
        wraps: false,
        more: false,
    };
    let (mut comm, mut own_pid): (&[u8], _) = (b"", None);
    let mut rest = raw;
    while !rest.is_empty() {
        let (name, value, after) = field(rest);
        rest = after;
        match name {
            b"MESSAGE" => head.body = Body::Plain(value),
            b"_HOSTNAME" => head.host = value,
            b"SYSLOG_IDENTIFIER" => head.ident = value,
            b"_COMM" => comm = value,
            b"SYSLOG_PID" => own_pid = pid(value),
            b"_PID" => head.pid = pid(value),
            b"__REALTIME_TIMESTAMP" => {
                head.stamp = decimal(value)
                    .and_then(|micros| i64::try_from(micros).ok())
                    .map(|micros| Stamp::utc(micros, Precision::Micro));
            }
            _ => {}
        }
    }
    if head.ident.is_empty() {
        head.ident = comm;
    }
    head.pid = own_pid.or(head.pid);
    head
}

/// The next field: name, value and the rest. A length that runs past the end takes what is there.
fn field(bytes: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let (end, equals) = ends(bytes);
    let line = bytes.get(..end).unwrap_or(b"");
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let after = bytes.get(end + 1..).unwrap_or(b"");
    if let Some(equals) = equals {
        return (
            line.get(..equals).unwrap_or(b""),
            line.get(equals + 1..).unwrap_or(b""),
            after,
        );
    }
    let Some((length, data)) = after.split_first_chunk::<8>() else {
        return (line, b"", after);
    };
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    match data.get(..length) {
        Some(value) => (line, value, data.get(length + 1..).unwrap_or(b"")),
        None => (line, data, b""),
    }
}

/// Where the first line ends, and the first `=` in it.
#[inline]
fn ends(bytes: &[u8]) -> (usize, Option<usize>) {
    // Most fields are shorter, and so are nearly all names.
    const NEAR: usize = 32;
    if let Some(near) = bytes.first_chunk::<NEAR>() {
        let end = bits_of(b'\n', near).trailing_zeros() as usize;
        let equals = bits_of(b'=', near).trailing_zeros() as usize;
        if end < NEAR {
            return (end, Some(equals).filter(|&equals| equals < end));
        }
        if equals < NEAR {
            let rest = bytes.get(NEAR..).unwrap_or(b"");
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            return (NEAR + end, Some(equals));
        }
    }
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let line = bytes.get(..end).unwrap_or(b"");
    (end, memchr::memchr(b'=', line))
}

fn pid(value: &[u8]) -> Option<u32> {
    decimal(value).and_then(|pid| u32::try_from(pid).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_binary_fields() {
        let raw = b"__CURSOR=x\n__REALTIME_TIMESTAMP=1000001\n_HOSTNAME=h\nMESSAGE\n\x05\0\0\0\0\0\0\0a\nb\nc\nSYSLOG_IDENTIFIER=haproxy\n_PID=7";
        let head = read(raw);
        assert!(matches!(head.body, Body::Plain(b"a\nb\nc")));
        assert_eq!(
            (head.host, head.ident, head.pid),
            (&b"h"[..], &b"haproxy"[..], Some(7))
        );
        assert_eq!(head.stamp.unwrap().micros, 1_000_001);
    }

    #[test]
    fn a_field_ends_where_its_line_does_however_long_it_is() {
        for length in 0..200 {
            for equals in [0, 5, length / 2, 31, 32, 33, 63, 64, 65, length] {
                let mut text = vec![b'a'; length];
                if let Some(byte) = text.get_mut(equals) {
                    *byte = b'=';
                }
                let want = (length, text.iter().position(|&c| c == b'='));
                assert_eq!(ends(&text), want);
                text.extend_from_slice(b"\n=\n");
                text.resize(text.len() + 70, b'=');
                assert_eq!(ends(&text), want);
            }
        }
    }

    #[test]
    fn a_length_that_lies_ends_the_record() {
        let head = read(b"MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffabc\n_PID=7");
        assert!(matches!(head.body, Body::Plain(b"abc\n_PID=7")));
    }
}
