//! JSON strings on the line path: a key is found by its quoted bytes, which cannot occur inside another string.

use crate::base::decimal;
use memchr::memmem;

/// The inside of the string value of `key` (given with quotes and colon, `"log":`), still escaped.
///
/// An unescaped `"` cannot stand inside a JSON string, so the quoted key is always a key.
pub(super) fn string<'a>(object: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let at = memmem::find(object, key)? + key.len();
    let value = object.get(at..)?.trim_ascii_start().strip_prefix(b"\"")?;
    let mut from = 0;
    loop {
        let at = from + memchr::memchr2(b'"', b'\\', value.get(from..)?)?;
        if value.get(at) == Some(&b'"') {
            return value.get(..at);
        }
        from = at + 2;
    }
}

/// The value of a field of `journalctl -o json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// The inside of a string, still escaped.
    String(&'a [u8]),
    /// The inside of an array of byte values.
    Bytes(&'a [u8]),
    /// `null`.
    Null,
}

impl<'a> Value<'a> {
    /// The inside of a string.
    pub(super) fn string(self) -> Option<&'a [u8]> {
        match self {
            Value::String(inside) => Some(inside),
            Value::Bytes(_) | Value::Null => None,
        }
    }
}

/// The value of `key`; `None`: absent, or of a form that journalctl does not write (a field that occurs twice is an array of strings).
pub(super) fn value<'a>(object: &'a [u8], key: &[u8]) -> Option<Value<'a>> {
    if let Some(inside) = string(object, key) {
        return Some(Value::String(inside));
    }
    let at = memmem::find(object, key)? + key.len();
    let rest = object.get(at..)?.trim_ascii_start();
    if rest.starts_with(b"null") {
        return Some(Value::Null);
    }
    let inside = rest.strip_prefix(b"[")?;
    let inside = inside.get(..memchr::memchr(b']', inside)?)?;
    let numbers = inside
        .iter()
        .all(|c| c.is_ascii_digit() || c.is_ascii_whitespace() || *c == b',');
    numbers.then_some(Value::Bytes(inside))
}

/// Byte values between commas; what is no byte is left out.
pub(in crate::carrier) fn gather(list: &[u8], out: &mut Vec<u8>) {
    for item in list.split(|&c| c == b',') {
        let byte = decimal(item.trim_ascii()).and_then(|byte| u8::try_from(byte).ok());
        out.extend(byte);
    }
}

/// Undoes JSON's escapes; a broken escape is kept as it stands.
pub(in crate::carrier) fn unescape(escaped: &[u8], out: &mut Vec<u8>) {
    let mut rest = escaped;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or(b""));
        rest = rest.get(at + 1..).unwrap_or(b"");
        let Some((&c, tail)) = rest.split_first() else {
            break;
        };
        rest = tail;
        match c {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'u' => rest = unicode(rest, out),
            other => out.push(other),
        }
    }
    out.extend_from_slice(rest);
}

/// `\uXXXX`, with its second half when it is a surrogate.
fn unicode<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let Some((unit, after)) = hex4(rest) else {
        out.extend_from_slice(b"\\u");
        return rest;
    };
    let mut buffer = [0; 4];
    if let Some(c) = char::from_u32(unit) {
        out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        return after;
    }
    let second = after.strip_prefix(b"\\u").and_then(hex4);
    if let Some((low, tail)) = second
        && (0xD800..0xDC00).contains(&unit)
        && (0xDC00..0xE000).contains(&low)
        && let Some(c) = char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
    {
        out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        return tail;
    }
    out.extend_from_slice("\u{FFFD}".as_bytes());
    after
}

fn hex4(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = bytes.split_first_chunk::<4>()?;
    let text = std::str::from_utf8(digits).ok()?;
    Some((u32::from_str_radix(text, 16).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(escaped: &str, want: &str) {
        let mut out = Vec::new();
        unescape(escaped.as_bytes(), &mut out);
        assert_eq!(String::from_utf8_lossy(&out), want);
    }

    #[test]
    fn escapes_are_undone_and_broken_ones_kept() {
        check(r#"\"GET \/ HTTP\/1.1\"\n"#, "\"GET / HTTP/1.1\"\n");
        check(r"gr\u00fcn \ud83d\ude00", "grün \u{1F600}");
        check(r"\ud83dx", "\u{FFFD}x");
        check(r"\u12", r"\u12");
        check(r"end\", "end");
    }

    #[test]
    fn a_message_that_is_not_utf8_is_a_list_of_bytes() {
        let Some(Value::Bytes(list)) = value(
            br#"{"a":1,"M" : [ 72, 255,
 10 ]}"#,
            b"\"M\" :",
        ) else {
            panic!("no list");
        };
        let mut out = Vec::new();
        gather(list, &mut out);
        assert_eq!(out, b"H\xff\n");
        assert_eq!(value(br#"{"M":null}"#, b"\"M\":"), Some(Value::Null));
        assert_eq!(value(br#"{"M":["a","b"]}"#, b"\"M\":"), None);
    }

    #[test]
    fn a_key_inside_a_string_is_no_key() {
        let object = br#"{"a":"x \"log\":\"no\"","log":"yes \" \\"}"#;
        assert_eq!(string(object, b"\"log\":"), Some(&br#"yes \" \\"#[..]));
        assert_eq!(string(br#"{"log":"open"#, b"\"log\":"), None);
    }
}
