//! Who wrote an HTTP answer: HAProxy's own pages, and what gives others away.

use crate::capture::Author;

/// Status and sentence of HAProxy's built-in pages; the `503` page has 107 bytes.
///
/// Shape: `<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n`.
/// Source: HAProxy `src/http.c`, `http_err_msgs`, 1.8 to 3.4 (`occured` up to 2.0).
const PAGES: [(u16, &str); 20] = [
    (400, "Your browser sent an invalid request."),
    (
        401,
        "You need a valid user and password to access this content.",
    ),
    (403, "Request forbidden by administrative rules."),
    (404, "The resource could not be found."),
    (
        405,
        "A request was made of a resource using a request method not supported by that resource",
    ),
    (
        407,
        "You need a valid user and password to access this content.",
    ),
    (408, "Your browser didn't send a complete request in time."),
    (
        410,
        "The resource is no longer available and will not be available again.",
    ),
    (413, "The request entity exceeds the maximum allowed."),
    (421, "Request sent to a non-authoritative server."),
    (422, "The server cannot process the contained instructions."),
    (425, "Your browser sent early data."),
    (
        429,
        "You have sent too many requests in a given amount of time.",
    ),
    (500, "An internal server error occurred."),
    (500, "An internal server error occured."),
    (
        501,
        "The server does not support the functionality required to fulfill the request.",
    ),
    (
        502,
        "The server returned an invalid or incomplete response.",
    ),
    (503, "No server is available to handle this request."),
    (504, "The server didn't respond in time."),
    (200, "Service ready."),
];

/// Longest built-in page without its tags, in characters, with room for a longer reason phrase.
const PAGE_CHARS_MAX: usize = 200;

/// Headers that the built-in pages and files of `errorfile` have. HAProxy adds neither `date` nor `server` to them.
const PAGE_HEADERS: [&str; 7] = [
    "cache-control",
    "content-length",
    "content-type",
    "connection",
    "retry-after",
    "pragma",
    "expires",
];

/// The status of the built-in page that a body is; `None` for any other body.
pub(super) fn built_in(body: &str) -> Option<u16> {
    let text = without_tags(body);
    let (status, sentence) = PAGES.iter().find(|(status, sentence)| {
        text.strip_prefix(&status.to_string())
            .is_some_and(|rest| rest.starts_with(' ') && rest.ends_with(sentence))
    })?;
    let is_short = text.chars().count() <= PAGE_CHARS_MAX + sentence.len();
    is_short.then_some(*status)
}

/// Who wrote an answer with this status, these headers (names in lower case) and this body.
///
/// A page of HAProxy's may have passed a proxy that added `server` or `date`, so the body goes first. A body that is none
/// of HAProxy's, with no header but those of an error file, may be a custom `errorfile`: unknown. So is an answer without
/// a body that lacks `server` and `date`, unless it is exactly what HAProxy sends.
pub(super) fn author(status: Option<u16>, headers: &[(String, String)], body: &str) -> Author {
    if built_in(body).is_some() {
        return Author::Haproxy;
    }
    let value = |name: &str| {
        headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    };
    if value("server").is_some() {
        return Author::Server;
    }
    let page_headers = headers
        .iter()
        .all(|(name, _)| PAGE_HEADERS.contains(&name.as_str()));
    let no_body = body.trim().is_empty();
    let is_error = status.is_none_or(|s| s >= 400);
    match (headers.is_empty(), no_body) {
        (true, true) => Author::Unknown,
        (true, false) if is_error && reads_like_error_page(body) => Author::Unknown,
        (true, false) => Author::Server,
        (false, true) if status == Some(503) && is_head_of_503(&value) && page_headers => {
            Author::Haproxy
        }
        (false, _) if page_headers && is_error => Author::Unknown,
        (false, _) if value("date").is_some() || !no_body => Author::Server,
        (false, _) => Author::Unknown,
    }
}

/// The headers of HAProxy's own 503, as `curl -I` shows them.
///
/// Since 2.0 the page has a length; up to 1.9 the answer was HTTP/1.0, and the end of the connection was the page's. That
/// form is also that of the error files which HAProxy's packages install.
fn is_head_of_503<'a>(value: &impl Fn(&str) -> Option<&'a str>) -> bool {
    let uncached = value("cache-control") == Some("no-cache");
    let long_enough = match value("content-length") {
        Some(length) => length == "107",
        None => uncached && value("connection") == Some("close"),
    };
    value("content-type") == Some("text/html") && long_enough
}

/// An error page without a word that names the program behind it: it may be an `errorfile`.
fn reads_like_error_page(body: &str) -> bool {
    let body = body.to_ascii_lowercase();
    let names_program = [
        "nginx",
        "apache",
        "tomcat",
        "openresty",
        "envoy",
        "varnish",
        "microsoft",
        "iis",
        "jetty",
        "caddy",
        "traefik",
    ]
    .iter()
    .any(|name| body.contains(name));
    let is_error = [
        "503",
        "502",
        "504",
        "unavailable",
        "bad gateway",
        "maintenance",
        "time-out",
        "timeout",
    ]
    .iter()
    .any(|word| body.contains(word));
    is_error && !names_program
}

/// The text between the tags, blanks folded.
fn without_tags(body: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for c in body.chars() {
        match c {
            '<' => {
                in_tag = true;
                text.push(' ');
            }
            '>' => in_tag = false,
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE_503: &str = "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n";

    fn headers(lines: &[(&str, &str)]) -> Vec<(String, String)> {
        lines
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn built_in_pages_in_any_layout() {
        assert_eq!(PAGE_503.len(), 107);
        assert_eq!(built_in(PAGE_503), Some(503));
        assert_eq!(built_in(&PAGE_503.replace('\n', " ")), Some(503));
        assert_eq!(
            built_in("503 Service Unavailable\nNo server is available to handle this request."),
            Some(503)
        );
        assert_eq!(
            built_in(
                "<html><body><h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.\n</body></html>"
            ),
            Some(504)
        );
        assert_eq!(
            built_in("<h1>503 Service Temporarily Unavailable</h1>"),
            None
        );
    }

    #[test]
    fn a_page_keeps_its_author_behind_another_proxy() {
        let cdn = headers(&[("server", "cdn"), ("date", "x")]);
        assert_eq!(author(Some(503), &cdn, PAGE_503), Author::Haproxy);
        assert_eq!(author(Some(503), &cdn, "<h1>503</h1>"), Author::Server);
    }

    #[test]
    fn custom_error_files_are_not_told_from_servers() {
        let file = headers(&[("cache-control", "no-cache"), ("content-type", "text/html")]);
        assert_eq!(author(Some(503), &file, "<h1>Sorry</h1>"), Author::Unknown);
        assert_eq!(author(None, &[], "Service Unavailable"), Author::Unknown);
        assert_eq!(author(None, &[], "node is not synced"), Author::Server);
        assert_eq!(
            author(None, &[], "<h1>503 Unavailable</h1><hr>nginx/1.22.1"),
            Author::Server
        );
    }

    #[test]
    fn a_head_request_shows_the_headers_only() {
        let head = headers(&[
            ("content-length", "107"),
            ("cache-control", "no-cache"),
            ("content-type", "text/html"),
        ]);
        assert_eq!(author(Some(503), &head, ""), Author::Haproxy);
        assert_eq!(author(Some(200), &head, ""), Author::Unknown);
        assert_eq!(author(Some(503), &head[..1], ""), Author::Unknown);
        let uncounted = headers(&[("content-length", "107"), ("content-type", "text/html")]);
        assert_eq!(author(Some(503), &uncounted, ""), Author::Haproxy);
        let old = headers(&[
            ("cache-control", "no-cache"),
            ("connection", "close"),
            ("content-type", "text/html"),
        ]);
        assert_eq!(author(Some(503), &old, ""), Author::Haproxy);
        assert_eq!(author(Some(503), &old[1..], ""), Author::Unknown);
        let longer = headers(&[("content-length", "162"), ("content-type", "text/html")]);
        assert_eq!(author(Some(503), &longer, ""), Author::Unknown);
        let app = headers(&[("date", "x"), ("content-type", "text/plain")]);
        assert_eq!(author(Some(503), &app, ""), Author::Server);
    }
}
