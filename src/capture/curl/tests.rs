//! Tests of curl's captures: answers, errors, traces, bodies alone, several in a row.

use super::*;
use crate::capture::Author;

const PAGE: &str = "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n";

type Facts<'a> = (&'a str, Option<u16>, Option<u32>, Author, u64);

#[track_caller]
fn check(command: &str, text: &str, expected: &[Facts<'_>]) -> Vec<Curl> {
    let captures = parse(command, Text::new(text.as_bytes()));
    let got: Vec<Facts<'_>> = captures
        .iter()
        .map(|c| {
            (
                c.url.as_str(),
                c.status,
                c.error.as_ref().map(|e| e.0),
                c.author,
                c.at.line,
            )
        })
        .collect();
    assert_eq!(got, expected, "{text}");
    captures
}

#[test]
fn an_answer_of_haproxy_then_one_of_the_server() {
    let text = format!(
        "$ curl -i http://www.example.com/\nHTTP/1.0 503 Service Unavailable\ncache-control: no-cache\r\ncontent-type: text/html\n\n{PAGE}\
        [root@h ~]# curl -i http://10.0.10.11:8080/\nHTTP/1.1 200 OK\nServer: nginx\nDate: Fri, 05 Jun 2026 21:53:47 GMT\n\nok\n[root@h ~]# \n"
    );
    let got = check(
        "",
        &text,
        &[
            (
                "http://www.example.com/",
                Some(503),
                None,
                Author::Haproxy,
                2,
            ),
            (
                "http://10.0.10.11:8080/",
                Some(200),
                None,
                Author::Server,
                10,
            ),
        ],
    );
    assert_eq!(
        got[1].date.map(|d| d.to_string()).as_deref(),
        Some("2026-06-05T21:53:47Z")
    );
    assert_eq!(
        got[0].headers[0],
        ("cache-control".to_owned(), "no-cache".to_owned())
    );
}

#[test]
fn a_page_that_lost_its_line_breaks() {
    let page = PAGE.replace('\n', " ");
    let text = format!(
        "$ curl -i -sS --max-time 5 http://www.example.com/ HTTP/1.1 503 Service Unavailable content-length: 107 cache-control: no-cache content-type: text/html {page} and more text\nUse the real URL.\n\
        $ curl -i http://10.0.10.11:8080/healthz curl: (7) Failed to connect to 10.0.10.11 port 8080 after 0 ms: Could not connect to server\n\
        text $ sudo systemctl restart app.service $ curl -i http://10.0.10.11:8080/healthz HTTP/1.1 200 OK Content-Type: text/plain ok\n"
    );
    let got = check(
        "",
        &text,
        &[
            (
                "http://www.example.com/",
                Some(503),
                None,
                Author::Haproxy,
                1,
            ),
            (
                "http://10.0.10.11:8080/healthz",
                None,
                Some(7),
                Author::Unknown,
                3,
            ),
            (
                "http://10.0.10.11:8080/healthz",
                Some(200),
                None,
                Author::Server,
                4,
            ),
        ],
    );
    assert_eq!(
        got[0].headers[2],
        ("content-type".to_owned(), "text/html".to_owned())
    );
    assert_eq!(got[2].headers[0].1, "text/plain");
}

#[test]
fn bodies_alone() {
    check(
        "",
        &format!("$ curl 10.0.10.1/app2\n{PAGE}"),
        &[("10.0.10.1/app2", Some(503), None, Author::Haproxy, 2)],
    );
    check(
        "curl 10.0.10.1/app2",
        PAGE,
        &[("10.0.10.1/app2", Some(503), None, Author::Haproxy, 1)],
    );
    check("", PAGE, &[("", Some(503), None, Author::Haproxy, 1)]);
    check(
        "",
        "[root@db ~]# uptime\n up 3 days\n[root@db ~]# curl http://127.0.0.1:9200\nNode is not synced.\n\n[root@db ~]# ss -antpl\nLISTEN 0 128 *:1 *:*\n",
        &[("http://127.0.0.1:9200", None, None, Author::Server, 4)],
    );
}

#[test]
fn errors_of_curl() {
    for (error, number) in [
        (
            "curl: (28) Connection timed out after 3001 milliseconds",
            28,
        ),
        ("curl: (52) Empty reply from server", 52),
        ("curl: (56) Recv failure: Connection reset by peer", 56),
        (
            "curl: (60) SSL certificate problem: certificate has expired\nMore details here: https://curl.se/docs/sslcerts.html",
            60,
        ),
    ] {
        check(
            "",
            &format!("$ curl -i http://a/\n{error}\n"),
            &[("http://a/", None, Some(number), Author::Unknown, 2)],
        );
    }
    check(
        "",
        "$ curl -f http://a/\ncurl: (22) The requested URL returned error: 503\n",
        &[("http://a/", Some(503), Some(22), Author::Unknown, 2)],
    );
}

#[test]
fn a_trace_tells_the_error_that_silence_hides() {
    check(
        "curl -sv http://192.0.2.10/",
        "*   Trying 192.0.2.10:80...\n* connect to 192.0.2.10 port 80 failed: Connection refused\n* Failed to connect to 192.0.2.10 port 80 after 0 ms: Couldn't connect to server\n* Closing connection 0\n",
        &[("http://192.0.2.10/", None, Some(7), Author::Unknown, 1)],
    );
}

#[test]
fn a_trace_tells_the_host() {
    let text = format!(
        "*   Trying 192.0.2.10:80...\n* Connected to 192.0.2.10 (192.0.2.10) port 80 (#0)\n> GET / HTTP/1.1\n> Host: www.example.com\n> \n\
        < HTTP/1.1 503 Service Unavailable\n< content-length: 107\n< cache-control: no-cache\n< content-type: text/html\n< \n{PAGE}* Connection #0 to host 192.0.2.10 left intact\n"
    );
    let got = check(
        "curl -v http://192.0.2.10/",
        &text,
        &[("http://192.0.2.10/", Some(503), None, Author::Haproxy, 6)],
    );
    assert_eq!(got[0].host, "www.example.com");
}

#[test]
fn the_last_answer_counts() {
    check(
        "",
        "$ curl -i -x p:3128 https://a/\nHTTP/1.1 200 Connection established\n\nHTTP/1.1 100 Continue\n\nHTTP/2 404\nserver: x\n\nno\n",
        &[("https://a/", Some(404), None, Author::Server, 6)],
    );
    check(
        "",
        "$ curl -iL http://a/\nHTTP/1.1 302 Found\nlocation: https://a/\n\nmoved\nHTTP/1.1 200 OK\ndate: x\n\nok\n",
        &[("http://a/", Some(200), None, Author::Server, 6)],
    );
}

#[test]
fn answers_without_commands_are_kept_apart() {
    check(
        "",
        "HTTP/1.1 200 OK\nserver: a\n\nok\nHTTP/1.1 500 Oops\nserver: a\n\nno\ncurl: (7) Failed\nHTTP/1.1 200 OK\nserver: a\n",
        &[
            ("", Some(200), None, Author::Server, 1),
            ("", Some(500), None, Author::Server, 5),
            ("", None, Some(7), Author::Unknown, 9),
            ("", Some(200), None, Author::Server, 10),
        ],
    );
}

#[test]
fn a_status_that_was_written_out() {
    check(
        "",
        "$ curl -s -o /dev/null -w '%{http_code}\\n' http://a/\n503\n$ curl -s -o /dev/null -w '%{http_code}' http://b/\n000\n",
        &[
            ("http://a/", Some(503), None, Author::Unknown, 2),
            ("http://b/", None, None, Author::Unknown, 4),
        ],
    );
}

#[test]
fn a_head_request() {
    check(
        "curl -I http://a/",
        "HTTP/1.1 503 Service Unavailable\ncontent-length: 107\ncache-control: no-cache\ncontent-type: text/html\n\n",
        &[("http://a/", Some(503), None, Author::Haproxy, 1)],
    );
}
