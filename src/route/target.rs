//! A request as a person names it (URL, headers, SNI) -> everything that it says and does not say.

use crate::route::Field;
use crate::route::Request;
use std::net::IpAddr;

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `http://www.example.com:8080/path?query`; without a scheme `http://` is meant, and a path alone leaves the host unknown.
    pub url: String,
    /// Empty: `GET`.
    pub method: String,
    /// `Name: value`, as `curl -H` takes them. `Name:` without a value: the header is not sent.
    pub headers: Vec<String>,
    /// Empty: the URL's host, when the scheme is `https`.
    pub sni: String,
    /// The client's address; `None`: unknown.
    pub src: Option<IpAddr>,
}

/// Headers that clients and proxies on the way add of themselves: what was not named is unknown, not absent.
const USUAL: [&str; 22] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "forwarded",
    "origin",
    "referer",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
    "x-request-id",
];

/// The request that such a client sends. Headers that were not named are not sent, apart from those that most clients send: they
/// are unknown. Of a path alone all of them are unknown.
pub fn asked(asked: &Asked) -> Request {
    let (scheme, rest) = match asked.url.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => (String::new(), asked.url.as_str()),
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Field::is(query)),
        None => (target, Field::Absent),
    };
    let path = if path.is_empty() { "/" } else { path };
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let method = if asked.method.is_empty() {
        "GET"
    } else {
        &asked.method
    };
    let tls = scheme == "https";
    let mut request = Request {
        method: Field::is(method),
        path: Field::is(path),
        query,
        origin: Field::Absent,
        src: asked.src,
        tls: (!scheme.is_empty()).then_some(tls),
        ..Request::default()
    };
    let (name, port) = host_port(authority);
    if !authority.is_empty() {
        request.dst_port = Some(port.unwrap_or(if tls { 443 } else { 80 }));
        let default = port == Some(if tls { 443 } else { 80 });
        let host = if default { name } else { authority };
        request.set_header("host", Field::is(host));
    }
    request.sni = match (asked.sni.is_empty(), tls) {
        (false, _) => Field::is(&asked.sni),
        (true, true) if name.parse::<IpAddr>().is_err() => Field::is(name),
        (true, true) => Field::Absent,
        (true, false) if scheme.is_empty() => Field::Unknown,
        (true, false) => Field::Absent,
    };
    for header in &asked.headers {
        let (name, value) = header.split_once(':').unwrap_or((header, ""));
        let value = match value.trim() {
            "" => Field::Absent,
            value => Field::is(value),
        };
        let name = name.trim().to_ascii_lowercase();
        if name == "host" || value == Field::Absent {
            request.set_header(&name, value);
        } else {
            request.headers.push((name, value));
        }
    }
    for name in USUAL {
        if !request.headers.iter().any(|(other, _)| other == name) {
            request.headers.push(((*name).to_owned(), Field::Unknown));
        }
    }
    request.all_headers = !authority.is_empty();
    request
}

fn host_port(authority: &str) -> (&str, Option<u16>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (authority, None),
        },
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str, headers: &[&str]) -> Request {
        asked(&Asked {
            url: url.to_owned(),
            headers: headers.iter().map(|&h| h.to_owned()).collect(),
            ..Asked::default()
        })
    }

    #[test]
    fn a_url_names_host_port_path_and_query() {
        let request = of("http://www.example.com:8080/a/b?c=d#e", &[]);
        assert_eq!(request.host(), Some("www.example.com:8080"));
        assert_eq!(
            (request.path, request.query),
            (Field::is("/a/b"), Field::is("c=d"))
        );
        assert_eq!((request.dst_port, request.tls), (Some(8080), Some(false)));
        let request = of("https://www.example.com", &[]);
        assert_eq!(
            (request.path, request.sni),
            (Field::is("/"), Field::is("www.example.com"))
        );
        assert_eq!(
            of("https://www.example.com:443/", &[]).host(),
            Some("www.example.com")
        );
    }

    #[test]
    fn a_path_alone_leaves_the_host_unknown_and_headers_are_taken() {
        let request = of("/a", &["X-A: 1", "x-none:"]);
        assert_eq!((request.host(), request.tls), (None, None));
        assert!(
            request
                .headers
                .contains(&("x-a".to_owned(), Field::is("1")))
        );
        assert!(
            request
                .headers
                .contains(&("x-none".to_owned(), Field::Absent))
        );
        assert_eq!(
            of("http://a.example/", &["Host: B.example"]).host(),
            Some("B.example")
        );
    }
}
