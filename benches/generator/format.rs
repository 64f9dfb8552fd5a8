//! Bodies of traffic lines: HAProxy's httplog format, and two that somebody wrote.

use std::fmt::Write as _;

use super::carrier::Civil;

/// What a line tells in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// `option httplog`.
    Httplog,
    /// The `log-format` of `custom.cfg` beside this file: without the captured cookies, as many that begin with the built-in one.
    Custom,
    /// That of `keyed.cfg`: the same facts with keys, so nothing is found without the configuration.
    Keyed,
}

/// What HAProxy knows of a request when it logs it.
pub(crate) struct Line<'a> {
    pub(crate) client: u64,
    pub(crate) port: u64,
    pub(crate) begun: Civil,
    /// Marks the frontend with `~`.
    pub(crate) is_tls: bool,
    pub(crate) backend: &'a str,
    /// 1-based; `None` is `<NOSRV>`.
    pub(crate) server: Option<u64>,
    pub(crate) timers: Timers,
    pub(crate) status: u64,
    pub(crate) bytes: u64,
    pub(crate) flags: &'static str,
    pub(crate) actconn: u64,
    pub(crate) feconn: u64,
    pub(crate) beconn: u64,
    pub(crate) srv_conn: u64,
    /// With its `+` after a redispatch.
    pub(crate) retries: &'static str,
    pub(crate) srv_queue: u64,
    pub(crate) backend_queue: u64,
    pub(crate) method: &'static str,
    pub(crate) url: &'a str,
}

/// TR, Tw, Tc, Tr, Ta, in milliseconds; `None` is `-1`.
pub(crate) struct Timers(pub(crate) [Option<u64>; 5]);

impl Format {
    /// Appends the line without its end.
    pub(crate) fn write(self, line: &Line<'_>, body: &mut String) {
        let _infallible = match self {
            Format::Httplog => httplog(line, " - -", body),
            Format::Custom => httplog(line, "", body),
            Format::Keyed => keyed(line, body),
        };
    }
}

fn httplog(line: &Line<'_>, cookies: &str, body: &mut String) -> std::fmt::Result {
    client(line, body)?;
    body.push_str(" [");
    accept_date(line, body)?;
    write!(body, "] fe_main{} {}/", tls(line), line.backend)?;
    server(line, body)?;
    body.push(' ');
    for (index, ms) in line.timers.0.iter().enumerate() {
        if index > 0 {
            body.push('/');
        }
        timer(*ms, body)?;
    }
    write!(
        body,
        " {} {}{cookies} {} {}/{}/{}/{}/{} {}/{} \"{} {} {}\"",
        line.status,
        line.bytes,
        line.flags,
        line.actconn,
        line.feconn,
        line.beconn,
        line.srv_conn,
        line.retries,
        line.srv_queue,
        line.backend_queue,
        line.method,
        line.url,
        version(line),
    )
}

fn keyed(line: &Line<'_>, body: &mut String) -> std::fmt::Result {
    body.push_str("src=");
    client(line, body)?;
    body.push_str(" at=[");
    accept_date(line, body)?;
    write!(body, "] fe=fe_main{} be={} srv=", tls(line), line.backend)?;
    server(line, body)?;
    for (name, ms) in ["TR", "Tw", "Tc", "Tr", "Ta"].iter().zip(line.timers.0) {
        write!(body, " {name}=")?;
        timer(ms, body)?;
    }
    write!(
        body,
        " st={} bytes={} term={} conn={}/{}/{}/{} retries={} queue={}/{} req=\"{} {} {}\"",
        line.status,
        line.bytes,
        line.flags.get(..2).unwrap_or_default(),
        line.actconn,
        line.feconn,
        line.beconn,
        line.srv_conn,
        line.retries,
        line.srv_queue,
        line.backend_queue,
        line.method,
        line.url,
        version(line),
    )
}

/// `%ci:%cp`; a network of 250 by 250 by 250 holds every client.
fn client(line: &Line<'_>, body: &mut String) -> std::fmt::Result {
    write!(
        body,
        "10.{}.{}.{}:{}",
        1 + line.client / 62_500,
        line.client / 250 % 250,
        1 + line.client % 250,
        line.port,
    )
}

/// `%tr`.
fn accept_date(line: &Line<'_>, body: &mut String) -> std::fmt::Result {
    let begun = &line.begun;
    write!(
        body,
        "{:02}/{}/{:04}:{:02}:{:02}:{:02}.{:03}",
        begun.day,
        begun.month_name(),
        begun.year,
        begun.hour,
        begun.minute,
        begun.second,
        begun.micros / 1000,
    )
}

/// What `%ft` puts behind the name.
fn tls(line: &Line<'_>) -> &'static str {
    if line.is_tls { "~" } else { "" }
}

/// `%s`.
fn server(line: &Line<'_>, body: &mut String) -> std::fmt::Result {
    match line.server {
        Some(number) => write!(body, "app{number}"),
        None => body.write_str("<NOSRV>"),
    }
}

fn timer(ms: Option<u64>, body: &mut String) -> std::fmt::Result {
    match ms {
        Some(ms) => write!(body, "{ms}"),
        None => body.write_str("-1"),
    }
}

fn version(line: &Line<'_>) -> &'static str {
    if line.is_tls { "HTTP/2.0" } else { "HTTP/1.1" }
}
