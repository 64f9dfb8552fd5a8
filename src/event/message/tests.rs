//! Words of the tests beside the code, lines of others that must stay foreign, and damaged lines.

use super::*;

pub(super) fn text(value: &str) -> String {
    value.to_owned()
}

pub(super) fn name(full: &str) -> ServerName {
    let (backend, server) = full.split_once('/').unwrap();
    ServerName {
        backend: text(backend),
        server: text(server),
    }
}

#[track_caller]
pub(super) fn check(body: &str, expected: &Message) {
    let (_, found) = decode(body.as_bytes()).unwrap_or_else(|| panic!("not decoded: {body}"));
    assert_eq!(&found, expected, "{body}");
}

#[track_caller]
pub(super) fn process(body: &str, expected: ProcessChange) {
    check(body, &Message::Process(expected));
}

pub(super) fn counts(active: u32, backup: u32) -> Option<Left> {
    Some(Left { active, backup })
}

pub(super) fn reported(
    status: CheckStatus,
    code: Option<u32>,
    info: &str,
    ms: Option<u32>,
) -> CheckReport {
    CheckReport {
        status,
        code,
        info: text(info),
        duration_ms: ms,
    }
}

pub(super) fn refused() -> Message {
    let why = reported(CheckStatus::L4Con, None, "Connection refused", Some(0));
    Message::State(StateChange {
        name: name("be_app/web1"),
        backup: false,
        to: OpState::Down,
        why: Why::Check(why),
        left: counts(1, 0),
    })
}

/// A message with every part.
pub(super) const REFUSED: &str = "Server be_app/web1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.";

#[test]
fn other_programs_and_traffic_stay_foreign() {
    for body in [
        "",
        "   ",
        "[",
        "Server listening on 0.0.0.0 port 22.",
        "sshd[9]: Server listening on :: port 22.",
        "Apache/2.4 Server at www.example.org Port 80",
        "MySQL Server 8.0/x starting",
        "2026/01/02 03:04:05 [error] 9#9: upstream server temporarily disabled, backend http has no server left",
        "[WARNING] Running in \"debug\" mode. Switch to \"release\" mode in production.",
        "handlers.py[WARNING]: failed posting event: start",
        "[NOTICE] core plumbing and management infrastructure ready.",
        "Stopping HAProxy Load Balancer...",
        "Starting haproxy.service - HAProxy Load Balancer...",
        "Reloading HAProxy Load Balancer.",
        "systemd[1]: Reloading HAProxy Load Balancer.",
        "Loading success.",
        "Starting postfix: cannot bind socket",
        "new worker (9) forked",
        "Current worker is busy",
        "backend web has no idea",
        "Proxy 'x' could not be reached",
        "Health check for my heart failed",
        "Layer4 load balancing is faster than Layer7",
        "reason: the server is gone",
        "be/s1 changed its mind",
        "Paused frontend work.  Resumed later",
        "grep 'Server be/s1 is DOWN' /var/log/haproxy.log",
        "Server be/s1 is DOWN means that the check failed",
        "Connect from 192.0.2.10:51234 to 192.0.2.1:80 (fe/HTTP)",
        "192.0.2.10:51234 [22/Nov/2026:07:57:54.867] fe be/s1 0/0/0/1/1 200 938 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"",
        "192.0.2.10:51234 [22/Nov/2026:07:57:54.867] fe be/s1 0/0/0/1/1 200 938 - - ---- 1/1/0/0/0 0/0 {x Server be/s1 is DOWN, reason: Layer4 timeout} \"GET / HTTP/1.1\"",
        "192.0.2.10:51234 [22/Nov/2026:07:57:54.867] fe be/s1 0/0/0/1/1 200 938 x [ALERT]  (1) : backend 'be' has no server available! ---- \"GET / HTTP/1.1\"",
        "haproxy[9]: 192.0.2.10:51234 [22/Nov/2026:07:57:54.867] fe be/s1 1/0/5 9 x Server be/s1 is DOWN, 1/1/1/1/0 0/0",
        "192.0.2.10 - - [22/Nov/2026:07:57:54 +0000] \"GET /?Server be/s1 is DOWN\" 200",
    ] {
        assert_eq!(decode(body.as_bytes()), None, "{body}");
    }
}

/// Longest messages of each room; every prefix, and every copy with one byte changed, goes through the decoder.
#[test]
fn no_cut_and_no_damage_panics() {
    let bodies = [
        REFUSED.to_owned(),
        format!("[WARNING] 325/074604 (324) : config : {REFUSED}"),
        format!("message repeated 3 times: [ {REFUSED}]"),
        text(
            "Server be/s1 ('app.example.org') is UP/READY (resolves again). 1 active and 0 backup servers online.",
        ),
        text(
            "Server be/s1 is going DOWN for maintenance (No IP for server ) via be/t. 0 active and 0 backup servers left.",
        ),
        text(
            "Agent check for backup server be/s1 conditionally succeeded, reason: Layer7 check passed, code: 200, info: \"<3C>x<3E>\", check duration: 3ms, status: 1/1 UP.",
        ),
        text(
            "haproxy-1  | [ALERT]    (9) : config : parsing [/etc/haproxy.cfg:14] : 'server be/s1' : could not resolve address 'x', disabling server.",
        ),
        text(
            "be/s1: IP changed from '192.0.2.7' to '192.0.2.8', port changed from '80' to '81' by 'stats socket command'.",
        ),
        text("192.0.2.10:51234 [22/Nov/2026:07:57:54.867] fe_https/1: SSL handshake failure"),
        text("Current worker #1 (99999999999) exited with code 99999999999 (Segmentation fault)"),
        text("Cannot bind to tproxy source address before connect() for backend be. Aborting."),
        text("\u{1b}[36mlb\u{1b}[0mbackend 'be' has no server available!"),
    ];
    for body in bodies {
        let bytes = body.as_bytes();
        for end in 0..=bytes.len() {
            let _any = decode(&bytes[..end]);
            let _any = decode(&bytes[end..]);
        }
        for at in 0..bytes.len() {
            for damage in [0, b' ', b'/', b'"', b'<', b'\'', b'(', b')', 0xff] {
                let mut copy = bytes.to_vec();
                copy[at] = damage;
                let _any = decode(&copy);
            }
        }
    }
}

#[test]
fn a_message_cut_anywhere_never_becomes_another_state() {
    for end in 0..REFUSED.len() {
        match decode(&REFUSED.as_bytes()[..end]) {
            None => assert!(end < "Server be_app/web1 is DOWN".len(), "{end}"),
            Some((_, Message::State(change))) => {
                assert_eq!(change.name, name("be_app/web1"));
                assert_eq!(change.to, OpState::Down);
                assert!(change.left.is_none() || change.left == counts(1, 0));
            }
            Some(other) => panic!("{end}: {other:?}"),
        }
    }
}
