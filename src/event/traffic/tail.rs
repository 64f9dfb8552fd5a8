//! The rest of a traffic line behind its termination state, decoded only for lines that a question asks about.

use crate::base::find;
use crate::base::leading_decimal;
use crate::event::traffic::format::Format;

/// Bytes in which the quote before the request stands in nearly all lines, and the method behind it.
const NEAR: usize = 64;

/// Connection counts, queues, captures and request line, still as bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tail<'a> {
    bytes: &'a [u8],
    /// The format of the whole line that `bytes` are then; `None`: a built-in one.
    format: Option<&'a Format>,
}

/// `%ac/%fc/%bc/%sc/%rc %sq/%bq`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections of the process.
    pub actconn: u32,
    /// Connections of the frontend.
    pub feconn: u32,
    /// Connections of the backend.
    pub beconn: u32,
    /// Connections of the server.
    pub srv_conn: u32,
    /// Connection attempts after the first.
    pub retries: u32,
    /// The `+` before the retries: at least one of them went to another server.
    pub redispatched: bool,
    /// Position in the server's queue; 0: never queued there.
    pub srv_queue: u32,
    /// Position in the backend's queue; 0: never queued there.
    pub backend_queue: u32,
}

/// The request line, as far as it was logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request<'a> {
    /// Method; empty for `<BADREQ>`.
    pub method: &'a [u8],
    /// Path or absolute URI without its query.
    pub path: &'a [u8],
    /// Authority of an absolute URI (HTTP/2 requests are logged so); empty otherwise.
    pub host: &'a [u8],
}

impl<'a> Tail<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Tail {
            bytes,
            format: None,
        }
    }

    pub(super) fn of_format(line: &'a [u8], format: &'a Format) -> Self {
        Tail {
            bytes: line,
            format: Some(format),
        }
    }

    /// The numbers; zeros where the line was cut or its format lacks them.
    pub fn counts(&self) -> Counts {
        if let Some(format) = self.format {
            return format.counts(self.bytes);
        }
        let mut counts = Counts::default();
        let redispatched;
        let mut rest = self.bytes;
        for slot in [
            &mut counts.actconn,
            &mut counts.feconn,
            &mut counts.beconn,
            &mut counts.srv_conn,
        ] {
            rest = number(rest, slot);
        }
        (redispatched, rest) = match rest {
            [b'+', tail @ ..] => (true, tail),
            _ => (false, rest),
        };
        for slot in [
            &mut counts.retries,
            &mut counts.srv_queue,
            &mut counts.backend_queue,
        ] {
            rest = number(rest, slot);
        }
        counts.redispatched = redispatched;
        counts
    }

    /// The captured request and response headers with their braces: `{www.example.com|} {}`; empty when none.
    pub fn captures(&self) -> &'a [u8] {
        if let Some(format) = self.format {
            return format.captures(self.bytes);
        }
        let open = memchr::memchr(b'{', self.bytes);
        let quote = memchr::memchr(b'"', self.bytes).unwrap_or(self.bytes.len());
        match open {
            Some(at) if at < quote => self.bytes.get(at..quote).unwrap_or(b"").trim_ascii_end(),
            _ => b"",
        }
    }

    /// Everything between the quotes; the closing one may be missing when the line was cut at the log length.
    pub fn request_line(&self) -> &'a [u8] {
        if let Some(format) = self.format {
            return format.request_line(self.bytes);
        }
        let Some(open) = memchr::memchr(b'"', self.bytes) else {
            return b"";
        };
        let inside = self.bytes.get(open + 1..).unwrap_or(b"");
        match memchr::memchr(b'"', inside) {
            Some(close) => inside.get(..close).unwrap_or(b""),
            None => inside,
        }
    }

    /// The URL as `halog -u` tells URLs apart: with its authority if logged, without what follows a `?` or a `;`. Of a request
    /// line without blanks (`<BADREQ>`) all of it; empty when nothing of it was logged.
    #[inline]
    pub fn url(&self) -> &'a [u8] {
        self.plain_url().unwrap_or_else(|| self.any_url())
    }

    /// Of a line like most, `… "GET /path HTTP/1.1"`, where only the URL has to be searched through.
    #[inline]
    fn plain_url(&self) -> Option<&'a [u8]> {
        if self.format.is_some() {
            return None;
        }
        let near = self.bytes.get(..NEAR).unwrap_or(self.bytes);
        let request = self.bytes.get(find(b'"', near)? + 1..)?;
        let near = request.get(..NEAR).unwrap_or(request);
        let (method, uri) = request.split_at_checked(find(b' ', near)?)?;
        let uri = uri.get(1..)?;
        let url = uri.get(..memchr::memchr3(b' ', b'?', b';', uri)?)?;
        let ends_before = find(b'"', method).is_some() || find(b'"', url).is_some();
        (url.starts_with(b"/") && !ends_before).then_some(url)
    }

    fn any_url(&self) -> &'a [u8] {
        let line = self.request_line();
        if line.is_empty() {
            // A format may have the path and no request line.
            let path = self.request().path;
            let end = memchr::memchr(b';', path).unwrap_or(path.len());
            return path.get(..end).unwrap_or(path);
        }
        let Some(blank) = memchr::memchr(b' ', line) else {
            return line;
        };
        let uri = line.get(blank..).unwrap_or(b"").trim_ascii_start();
        let end = memchr::memchr3(b' ', b'?', b';', uri).unwrap_or(uri.len());
        uri.get(..end).unwrap_or(uri)
    }

    /// The request line in its parts.
    pub fn request(&self) -> Request<'a> {
        match self.format {
            Some(format) => format.request(self.bytes),
            None => parts_of(self.request_line()),
        }
    }
}

/// The parts of a request line; empty for `<BADREQ>`.
pub(super) fn parts_of(line: &[u8]) -> Request<'_> {
    let Some(blank) = memchr::memchr(b' ', line) else {
        return Request::default();
    };
    let uri = line.get(blank + 1..).unwrap_or(b"");
    let uri = memchr::memchr(b' ', uri)
        .and_then(|end| uri.get(..end))
        .unwrap_or(uri);
    Request {
        method: line.get(..blank).unwrap_or(b""),
        ..parts_of_uri(uri)
    }
}

/// The parts of a path, with or without authority and query.
pub(super) fn parts_of_uri(uri: &[u8]) -> Request<'_> {
    let (host, path) = split_authority(uri);
    let path = memchr::memchr(b'?', path)
        .and_then(|end| path.get(..end))
        .unwrap_or(path);
    Request {
        method: b"",
        path,
        host,
    }
}

/// `https://host/path` in its two halves; a relative URI has no host.
fn split_authority(uri: &[u8]) -> (&[u8], &[u8]) {
    let Some(after) = uri
        .strip_prefix(b"http://")
        .or_else(|| uri.strip_prefix(b"https://"))
    else {
        return (b"", uri);
    };
    match memchr::memchr(b'/', after) {
        Some(slash) => (
            after.get(..slash).unwrap_or(b""),
            after.get(slash..).unwrap_or(b"/"),
        ),
        None => (after, b"/"),
    }
}

/// Reads one number and the separator after it.
fn number<'a>(bytes: &'a [u8], slot: &mut u32) -> &'a [u8] {
    match leading_decimal(bytes) {
        Some((value, rest)) => {
            *slot = u32::try_from(value).unwrap_or(u32::MAX);
            rest.get(1..).unwrap_or(b"")
        }
        None => b"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_way_to_a_url_never_says_anything_else() {
        let mut state = 7_u32;
        let mut n_plain = 0;
        for _ in 0..20_000 {
            let mut tail = b"1/1/0/0/0 0/0 ".to_vec();
            for _ in 0..12 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let parts = [
                    "\"",
                    "\"GET ",
                    " ",
                    "/",
                    "/a",
                    "?",
                    ";",
                    "b",
                    " HTTP/1.1\"",
                    "{x}",
                ];
                tail.extend_from_slice(parts[(state >> 24) as usize % parts.len()].as_bytes());
            }
            let tail = Tail::new(&tail);
            if let Some(url) = tail.plain_url() {
                n_plain += 1;
                assert_eq!(url, tail.any_url(), "{}", tail.bytes.escape_ascii());
            }
        }
        assert!(n_plain > 500, "{n_plain}");
    }
}
