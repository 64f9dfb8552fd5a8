//! A request as far as it is known.

use crate::route::Doubt;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// A part of a request that is text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field {
    /// It was not logged.
    #[default]
    Unknown,
    /// The request had none.
    Absent,
    /// Its whole value.
    Is(String),
    /// The value was cut: it begins so.
    Begins(String),
}

/// What is known of one request. The default knows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`; never absent.
    pub method: Field,
    /// The path without query, as the client sent it.
    pub path: Field,
    /// The query without `?`.
    pub query: Field,
    /// `scheme://authority` of an absolute URI (HTTP/2 always has one); absent: the URI is a path.
    pub origin: Field,
    /// `1.0`, `1.1`, `2.0`.
    pub version: Field,
    /// Header lines: name in lower case, value. A name may occur more than once.
    pub headers: Vec<(String, Field)>,
    /// Headers that are not in `headers` were not sent; otherwise they are unknown.
    pub all_headers: bool,
    /// The client's address as HAProxy saw it.
    pub src: Option<IpAddr>,
    /// The client's port.
    pub src_port: Option<u16>,
    /// The address that the client connected to.
    pub dst: Option<IpAddr>,
    /// The port that the client connected to.
    pub dst_port: Option<u16>,
    /// The client's connection is TLS that HAProxy ends.
    pub tls: Option<bool>,
    /// Server name that the TLS client asked for.
    pub sni: Field,
    /// Usable servers by backend, for `nbsrv`.
    pub usable: BTreeMap<String, u32>,
    /// Whether a server (`backend/server`) is up, for `srv_is_up`.
    pub up: BTreeMap<String, bool>,
    /// Lines of pattern files and maps by the path that the configuration uses.
    pub files: Arc<BTreeMap<String, Vec<String>>>,
}

/// Known text with the rest possibly missing: `(text, whole)`.
pub(super) type Piece = (String, bool);

impl Field {
    /// A whole value.
    pub fn is(value: impl Into<String>) -> Field {
        Field::Is(value.into())
    }

    /// The whole value, when it is known.
    pub fn whole(&self) -> Option<&str> {
        match self {
            Field::Is(value) => Some(value),
            Field::Unknown | Field::Absent | Field::Begins(_) => None,
        }
    }

    /// The value; `Ok(None)`: there is none.
    pub(super) fn piece(&self, what: &str) -> Result<Option<Piece>, Doubt> {
        match self {
            Field::Unknown => Err(Doubt::NotLogged(what.to_owned())),
            Field::Absent => Ok(None),
            Field::Is(value) => Ok(Some((value.clone(), true))),
            Field::Begins(value) => Ok(Some((value.clone(), false))),
        }
    }
}

impl Request {
    /// Replaces all lines of a header.
    pub fn set_header(&mut self, name: &str, value: Field) {
        let name = name.to_ascii_lowercase();
        self.headers.retain(|(other, _)| *other != name);
        if value != Field::Absent || !self.all_headers {
            self.headers.push((name, value));
        }
    }

    /// The `Host` header, or the authority of an absolute URI.
    pub fn host(&self) -> Option<&str> {
        let header = self.headers.iter().find(|(name, _)| name == "host");
        match header {
            Some((_, value)) => value.whole(),
            None => self
                .origin
                .whole()
                .and_then(|origin| origin.split_once("://"))
                .map(|(_, authority)| authority),
        }
    }

    /// Replaces host, in the header and in an absolute URI.
    pub fn set_host(&mut self, host: &str) {
        self.set_header("host", Field::is(host));
        if let Some((scheme, _)) = self.origin.whole().and_then(|o| o.split_once("://")) {
            self.origin = Field::Is(format!("{scheme}://{host}"));
        }
    }

    /// Everything that a rewrite may have touched is unknown.
    pub(super) fn forget(&mut self) {
        let Request {
            method,
            path,
            query,
            origin,
            headers,
            all_headers,
            ..
        } = self;
        *method = Field::Unknown;
        *path = Field::Unknown;
        *query = Field::Unknown;
        *origin = Field::Unknown;
        headers.clear();
        *all_headers = false;
        headers.push(("host".to_owned(), Field::Unknown));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_the_header_or_the_authority() {
        let mut request = Request {
            origin: Field::is("https://www.example.com"),
            ..Request::default()
        };
        assert_eq!(request.host(), Some("www.example.com"));
        request.set_host("example.com");
        assert_eq!(request.host(), Some("example.com"));
        assert_eq!(request.origin, Field::is("https://example.com"));
    }

    #[test]
    fn what_was_not_logged_is_unknown() {
        let request = Request::default();
        assert!(request.query.piece("the query").is_err());
        assert_eq!(Field::Absent.piece("the query"), Ok(None));
    }
}
