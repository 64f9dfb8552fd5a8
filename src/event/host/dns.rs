//! Lines of name servers and resolvers: zones, failures, changed servers; the subject is the zone, name or server.
//!
//! systemd-resolved's `mitigating potential DNS violation` names nothing and comes all day on healthy hosts: `None`.

use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::host::Line;
use crate::event::host::scan::after;
use crate::event::host::scan::before;
use crate::event::host::scan::between;
use crate::event::host::scan::event;
use crate::event::host::scan::first_word;
use crate::event::host::scan::has;
use crate::event::host::scan::has_any;
use crate::event::host::scan::last_word;
use crate::event::host::scan::split;
use crate::event::host::scan::starts_with_any;

pub(super) fn claims(program: &[u8]) -> bool {
    matches!(
        program,
        b"named"
            | b"bind9"
            | b"unbound"
            | b"systemd-resolved"
            | b"dnsmasq"
            | b"coredns"
            | b"CoreDNS"
    )
}

pub(super) fn decode(line: &Line<'_>) -> Option<HostEvent> {
    let subject = match line.program {
        b"named" | b"bind9" => named(line.body),
        b"unbound" => unbound(line.body),
        b"systemd-resolved" => resolved(line.body),
        b"dnsmasq" => dnsmasq(line.body),
        _ => coredns(line.body),
    }?;
    event(HostKind::Dns, subject)
}

/// `zone example.com/IN: loaded serial 2026060501`; the built-in reverse zones are loaded at every start.
fn named(body: &[u8]) -> Option<&[u8]> {
    const NEWS: &[&[u8]] = &[
        b"loaded serial",
        b"transferred serial",
        b"not loaded",
        b"loading from master file",
        b"expired",
        b"adding an RR",
        b"deleting",
    ];
    if let Some(rest) = after(body, b"zone ") {
        let zone = rest.strip_prefix(b"'").unwrap_or(rest);
        let zone = before(zone, b"/IN")?;
        let own =
            zone.ends_with(b".arpa") || zone.starts_with(b"localhost") || zone.contains(&b' ');
        return (!own && has_any(rest, NEWS)).then_some(zone);
    }
    if has(body, b"query failed (") || has(body, b"SERVFAIL unexpected RCODE") {
        return between(body, b" for ", b"/").or(Some(b""));
    }
    starts_with_any(
        body,
        &[
            b"reloading configuration",
            b"received control channel command 'reload",
            b"received control channel command 'flush",
            b"shutting down",
        ],
    )
    .then_some(b"")
}

/// `[1234:0] error: SERVFAIL <app.example.com. A IN>: exceeded the maximum nameserver nxdomains`.
fn unbound(body: &[u8]) -> Option<&[u8]> {
    if let Some(question) = between(body, b"SERVFAIL <", b">") {
        return Some(bare(first_word(question)));
    }
    has_any(
        body,
        &[
            b"service stopped",
            b"start of service",
            b"Restart of unbound",
        ],
    )
    .then_some(b"")
}

fn resolved(body: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = body.strip_prefix(b"Switching to ") {
        return between(rest, b"DNS server ", b" ")
            .or_else(|| after(rest, b"DNS server ").map(bare));
    }
    if body.starts_with(b"Using degraded feature set ") {
        return Some(bare(last_word(body)));
    }
    if let Some(rest) = after(body, b"alidation failed for question ") {
        return Some(first_word(rest));
    }
    body.starts_with(b"Flushed all caches").then_some(b"")
}

/// `using nameserver 192.0.2.53#53`, `reply app.example.com is NXDOMAIN`, `read /etc/hosts - 12 addresses`.
fn dnsmasq(body: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = body.strip_prefix(b"using nameserver ") {
        return Some(before(rest, b"#").unwrap_or(rest));
    }
    if let Some((name, answer)) = split(body, b" is ") {
        let failed = starts_with_any(answer, &[b"NXDOMAIN", b"SERVFAIL", b"REFUSED"]);
        return failed.then(|| last_word(name));
    }
    if let Some(rest) = body.strip_prefix(b"read ") {
        return has(rest, b" addresses").then(|| first_word(rest));
    }
    if let Some(rest) = body.strip_prefix(b"nameserver ") {
        return has(rest, b"refused").then(|| first_word(rest));
    }
    body.starts_with(b"Maximum number of concurrent DNS queries")
        .then_some(b"")
}

/// `[ERROR] plugin/errors: 2 app.example.com. A: read udp …: i/o timeout`.
fn coredns(body: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = after(body, b"plugin/errors: ") {
        let (_code, rest) = split(rest, b" ")?;
        return Some(bare(first_word(rest)));
    }
    has_any(body, &[b"Reloading", b"SIGTERM: Shutting down"]).then_some(b"")
}

fn bare(name: &[u8]) -> &[u8] {
    name.strip_suffix(b".").unwrap_or(name)
}
