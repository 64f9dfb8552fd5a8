//! What a health check sends and expects: `option httpchk` and its kin, `http-check`, `tcp-check`.
//!
//! How `option httpchk`, `http-check send` and inherited rules replace each other was seen on 2.6.12.

use crate::base::Place;
use crate::base::printable;
use crate::config::Rule;
use crate::config::Setting;
use crate::config::directive::Directive;
use crate::config::directive::number;
use crate::config::directive::text;
use crate::config::directive::texts;
use crate::config::word::Word;

/// The health check of a proxy, shared by its servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// What it speaks.
    pub kind: CheckKind,
    /// The `option …-check`/`option httpchk` line; `None` for a plain TCP connect.
    pub at: Option<Place>,
    /// HTTP method, URI, version as sent (`OPTIONS`, `/`, `HTTP/1.0` by default).
    pub method: String,
    /// Request URI of the check.
    pub uri: String,
    /// HTTP version of the check.
    pub version: String,
    /// `Host` header that the check sends; `None`: none.
    pub host: Option<Setting<String>>,
    /// Other header lines that the check sends.
    pub headers: Vec<(String, String)>,
    /// How many of `headers` stand before `Host`.
    pub n_before_host: usize,
    /// Body of the request; `None`: none, or one that depends on the moment (`body-lf`).
    pub body: Option<String>,
    /// `http-check expect …`, `tcp-check …` (and other `http-check …`) lines in order: words and place. HAProxy ignores
    /// those whose first word does not go with `kind`.
    pub expects: Vec<Rule>,
    /// The check comes from `defaults`, not from the proxy itself.
    pub inherited: bool,
    /// The first `http-check`/`tcp-check` rule of a proxy whose `option` line is inherited. HAProxy since 2.2 then
    /// drops the inherited rules with their request: without `http-check send` nothing is sent, and the check ends
    /// as `L7TOUT` (seen on 2.6.12). Up to 2.1 `method`, `uri` and `version` are sent as inherited.
    pub request_dropped: Option<Place>,
    /// `http-check connect` and `tcp-check connect` rules in order.
    pub connects: Vec<CheckConnect>,
    /// `external-check command`, as written.
    pub external_command: Option<Setting<String>>,
}

/// Which protocol a health check speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named as the `option` that turns each on")]
pub enum CheckKind {
    /// No option: the connection alone.
    #[default]
    Connect,
    Http,
    Tcp,
    Mysql,
    Pgsql,
    Redis,
    Smtp,
    Ldap,
    SslHello,
    Spop,
    External,
}

/// Where a check connects to instead of the server's own address and port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckConnect {
    /// The line.
    pub at: Place,
    /// `port`; `None`: the server's.
    pub port: Option<u16>,
    /// `addr`, as written; empty: the server's.
    pub addr: String,
    /// `ssl`.
    pub ssl: bool,
    /// `sni`, as written; empty: none.
    pub sni: String,
    /// `default`: options of the server line (TLS, PROXY protocol, addresses) hold for this connection too.
    pub default: bool,
    /// `send-proxy`.
    pub send_proxy: bool,
}

/// Which parts of a check a section wrote itself, and not its `defaults`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Own {
    option: bool,
    rules: bool,
    send: bool,
}

/// Applies `option <keyword> …` when the keyword chooses a check; false when it does not.
pub(super) fn apply_option(check: &mut Check, own: &mut Own, d: &Directive) -> bool {
    let kind = match d.word(1) {
        b"httpchk" => CheckKind::Http,
        b"tcp-check" => CheckKind::Tcp,
        b"mysql-check" => CheckKind::Mysql,
        b"pgsql-check" => CheckKind::Pgsql,
        b"redis-check" => CheckKind::Redis,
        b"smtpchk" => CheckKind::Smtp,
        b"ldap-check" => CheckKind::Ldap,
        b"ssl-hello-chk" => CheckKind::SslHello,
        b"spop-check" => CheckKind::Spop,
        b"external-check" => CheckKind::External,
        _ => return false,
    };
    if d.negated {
        return true;
    }
    if !own.rules {
        check.expects.clear();
        check.connects.clear();
        check.host = None;
        check.headers.clear();
    }
    if !own.send {
        check.method.clear();
    }
    check.kind = kind;
    check.at = Some(d.at);
    check.inherited = false;
    check.request_dropped = None;
    own.option = true;
    if kind == CheckKind::Http {
        set_request(check, own, d);
    }
    true
}

/// `option httpchk [[METHOD] URI [VERSION]]`; a `VERSION` of old times carries header lines behind it.
fn set_request(check: &mut Check, own: &Own, d: &Directive) {
    if check.method.is_empty() {
        set_built_in_request(check);
    }
    match d.from(2) {
        [] => {}
        [uri] => check.uri = text(uri),
        [method, uri, version @ ..] => {
            check.method = text(method);
            check.uri = text(uri);
            let version = version
                .iter()
                .map(|w| w.bytes.as_slice())
                .collect::<Vec<_>>()
                .join(&b' ');
            if !version.is_empty() {
                set_version(check, own, &version, d.at);
            }
        }
    }
}

fn set_built_in_request(check: &mut Check) {
    check.method = "OPTIONS".to_owned();
    check.uri = "/".to_owned();
    check.version = "HTTP/1.0".to_owned();
}

/// `HTTP/1.1`, with or without `\r\nHost: …` behind it.
fn set_version(check: &mut Check, own: &Own, version: &[u8], at: Place) {
    let mut lines = version.split(|c| *c == b'\n').map(<[u8]>::trim_ascii);
    check.version = printable(lines.next().unwrap_or_default());
    if own.send {
        return;
    }
    check.host = None;
    check.headers.clear();
    for line in lines {
        let Some(colon) = memchr::memchr(b':', line) else {
            if line.is_empty() {
                continue;
            }
            return;
        };
        let (name, value) = line.split_at_checked(colon).unwrap_or((line, &[]));
        let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii();
        add_header(check, name, printable(value), at);
    }
}

fn add_header(check: &mut Check, name: &[u8], value: String, at: Place) {
    if name.eq_ignore_ascii_case(b"host") {
        check.n_before_host = check.headers.len();
        check.host = Some(Setting {
            value,
            at: Some(at),
        });
    } else {
        check.headers.push((printable(name), value));
    }
}

/// Applies an `http-check …` or `tcp-check …` rule of the check's rule set.
pub(super) fn apply_rule(check: &mut Check, own: &mut Own, d: &Directive) {
    if !own.rules {
        own.rules = true;
        check.expects.clear();
        check.connects.clear();
        if !own.option && check.at.is_some() {
            check.request_dropped = Some(d.at);
        }
    }
    match (d.word(0), d.word(1)) {
        (_, b"comment") => return,
        (_, b"connect") => check.connects.push(connect(d)),
        (b"http-check", b"send") if !own.send => {
            own.send = true;
            send(check, d);
        }
        _ => {}
    }
    check.expects.push(Rule {
        at: d.at,
        words: texts(&d.words),
        condition: Vec::new(),
    });
}

/// `http-check send [meth M] [uri U|uri-lf U] [ver V] [hdr N V]… [body B|body-lf B]`.
fn send(check: &mut Check, d: &Directive) {
    if check.request_dropped.take().is_some() || check.method.is_empty() {
        set_built_in_request(check);
        check.host = None;
        check.headers.clear();
    }
    check.body = None;
    let has_headers = d.from(2).iter().any(is_header);
    if has_headers {
        check.host = None;
        check.headers.clear();
    }
    let mut rest = d.from(2);
    while let [word, tail @ ..] = rest {
        rest = tail;
        match (word.value(), tail) {
            (b"meth", [value, after @ ..]) => {
                check.method = text(value);
                rest = after;
            }
            (b"uri" | b"uri-lf", [value, after @ ..]) => {
                check.uri = text(value);
                rest = after;
            }
            (b"ver", [value, after @ ..]) => {
                check.version = text(value);
                rest = after;
            }
            (b"body", [value, after @ ..]) => {
                check.body = Some(text(value));
                rest = after;
            }
            (b"body-lf", [_, after @ ..]) => rest = after,
            (b"hdr" | b"hdr-lf", [name, value, after @ ..]) => {
                add_header(check, &name.bytes, text(value), d.at);
                rest = after;
            }
            _ => {}
        }
    }
}

fn is_header(word: &Word) -> bool {
    word.bytes == b"hdr" || word.bytes == b"hdr-lf"
}

fn connect(d: &Directive) -> CheckConnect {
    let mut out = CheckConnect {
        at: d.at,
        ..CheckConnect::default()
    };
    let mut rest = d.from(2);
    while let [word, tail @ ..] = rest {
        rest = tail;
        match (word.value(), tail) {
            (b"ssl", _) => out.ssl = true,
            (b"default", _) => out.default = true,
            (b"send-proxy", _) => out.send_proxy = true,
            (b"port", [value, after @ ..]) => {
                out.port = number(value).and_then(|n| u16::try_from(n).ok());
                rest = after;
            }
            (b"addr", [value, after @ ..]) => {
                out.addr = text(value);
                rest = after;
            }
            (b"sni", [value, after @ ..]) => {
                out.sni = text(value);
                rest = after;
            }
            (b"alpn" | b"proto" | b"comment", [_, after @ ..]) => rest = after,
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::base::Text;
    use crate::config::Check;
    use crate::config::CheckKind;
    use crate::config::parse;

    fn check(lines: &str) -> Check {
        let text = format!("backend be_app\n{lines}\n");
        parse(Text::new(text.as_bytes())).proxies[0].check.clone()
    }

    #[track_caller]
    fn request(check: &Check, expected: &str) {
        let host = check.host.as_ref().map_or("-", |h| h.value.as_str());
        let got = format!("{} {} {} {host}", check.method, check.uri, check.version);
        assert_eq!(got, expected);
    }

    #[test]
    fn httpchk_takes_one_two_or_three_words() {
        request(&check("option httpchk"), "OPTIONS / HTTP/1.0 -");
        request(&check("option httpchk /up"), "OPTIONS /up HTTP/1.0 -");
        request(&check("option httpchk HEAD /up"), "HEAD /up HTTP/1.0 -");
        request(
            &check("option httpchk GET /up HTTP/1.1"),
            "GET /up HTTP/1.1 -",
        );
    }

    #[test]
    fn header_lines_behind_the_version_are_headers() {
        let c = check(r"option httpchk GET / HTTP/1.1\r\nHost:\ app.example.com\r\nX-A:\ b");
        request(&c, "GET / HTTP/1.1 app.example.com");
        assert_eq!(c.headers, [("X-A".to_owned(), "b".to_owned())]);
        let c = check(r#"option httpchk GET / "HTTP/1.1\r\nhost: app.example.com""#);
        request(&c, "GET / HTTP/1.1 app.example.com");
    }

    #[test]
    fn send_and_httpchk_complete_each_other_in_any_order() {
        let c = check("option httpchk GET /a\nhttp-check send ver HTTP/1.1 hdr Host b.example.com");
        request(&c, "GET /a HTTP/1.1 b.example.com");
        let c = check("http-check send meth POST uri /own hdr Host x\noption httpchk");
        request(&c, "POST /own HTTP/1.0 x");
        let c = check("http-check send meth POST uri /own hdr Host x\noption httpchk HEAD /opt");
        request(&c, "HEAD /opt HTTP/1.0 x");
        let c = check("option httpchk HEAD /opt\noption httpchk");
        request(&c, "OPTIONS / HTTP/1.0 -");
    }

    #[test]
    fn own_rules_replace_the_inherited_request() {
        let text = "defaults\n option httpchk GET /def HTTP/1.1\n http-check send hdr Host d.example.com\n\
                    backend a\n http-check expect status 200\n\
                    backend b\n http-check send uri /own\n\
                    backend c\n option httpchk\n\
                    backend d\n http-check disable-on-404\n";
        let config = parse(Text::new(text.as_bytes()));
        let checks: Vec<_> = config.proxies.iter().map(|p| &p.check).collect();
        assert_eq!(checks[0].request_dropped.map(|at| at.line), Some(5));
        request(checks[1], "OPTIONS /own HTTP/1.0 -");
        assert_eq!(checks[1].request_dropped, None);
        request(checks[2], "OPTIONS / HTTP/1.0 -");
        assert!(!checks[2].inherited);
        request(checks[3], "GET /def HTTP/1.1 d.example.com");
        assert!(checks[3].inherited);
        assert!(config.proxies[3].http_check_disable_on_404.is_some());
    }

    #[test]
    fn connects_and_expectations_keep_their_order() {
        let c = check(
            "option tcp-check\ntcp-check connect port 6379 ssl\ntcp-check send PING\\r\\n\ntcp-check expect string +PONG",
        );
        assert_eq!(c.kind, CheckKind::Tcp);
        assert_eq!(c.connects[0].port, Some(6379));
        assert!(c.connects[0].ssl);
        assert_eq!(c.expects.len(), 3);
        assert_eq!(
            c.expects[2].words,
            ["tcp-check", "expect", "string", "+PONG"]
        );
    }

    #[test]
    fn every_option_chooses_its_check() {
        for (word, kind) in [
            ("mysql-check user x", CheckKind::Mysql),
            ("pgsql-check user x", CheckKind::Pgsql),
            ("redis-check", CheckKind::Redis),
            ("smtpchk", CheckKind::Smtp),
            ("ldap-check", CheckKind::Ldap),
            ("ssl-hello-chk", CheckKind::SslHello),
            ("spop-check", CheckKind::Spop),
            ("external-check", CheckKind::External),
        ] {
            assert_eq!(check(&format!("option {word}")).kind, kind);
        }
    }
}
