//! One fixed report that uses every key, with strings as hostile as they come; every format prints it.

use crate::report::{
    AlsoLine, ArtifactLine, AvoidableLine, BrokenLine, CauseLine, ClockLine, CoverageLine,
    EvidenceLine, FactorLine, FilterLine, FingerprintLine, FixLine, HoleLine, Impact, IncidentLine,
    LookedAt, MissingLine, PossibleLine, Recovery, ReplayLine, Report, RestLine, Route,
    RuledOutLine, ServerLine, SimilarLine, SuppressedLine, TimelineLine, Tool, TransitionLine,
    TriggerLine, Window,
};

/// Two incidents: one that is over and well understood, one that goes on and is not.
pub(super) fn report() -> Report {
    Report {
        schema: "nosrv.report/1",
        tool: Tool {
            name: "nosrv",
            version: "0.0.0",
        },
        verdict: "incident",
        summary: "For 6.9 s three in four requests to the shop got 503: nothing listened on either web server after shop.service was stopped; the ledger's sessions fail still.".into(),
        incidents: vec![shop(), ledger()],
        evidence: evidence(),
        artifacts: artifacts(),
        timeline: timeline(),
        missing: vec![MissingLine {
            artifact: "the journal of db1".into(),
            would_decide: "whether the ledger's database stopped or a firewall dropped its packets".into(),
            capture: "journalctl --since '2026-03-14 09:20:00 UTC' --until '2026-03-14 09:40:00 UTC' -o export > db1.journal-export".into(),
        }],
        clock: ClockLine {
            haproxy_offset: Some("+01:00".into()),
            how: "1,411 traffic lines agree with the stamps of the journal to within a second.".into(),
        },
        warnings: vec![
            "`old.tar.gz`: 4 archives deep, the limit is 3; what is in `inner.tar` was left out.".into(),
            "a name like <img src=x onerror=alert(1)> | @everyone is only a name".into(),
        ],
        looked_at: looked_at(),
        filter: Some(FilterLine {
            since: Some("2026-03-14T09:00:00Z".into()),
            until: Some("2026-03-14T10:00:00Z".into()),
            backends: vec!["be_*".into()],
            frontends: vec!["fe_web".into()],
            incidents_left_out: 2,
            words: "be_* behind fe_web between 2026-03-14T09:00:00Z and 2026-03-14T10:00:00Z".into(),
        }),
    }
}

fn shop() -> IncidentLine {
    IncidentLine {
        id: "I1".into(),
        fault: Some("F1".into()),
        host: Some("lb1".into()),
        frontend: Some("fe_shop".into()),
        backend: Some("be_shop".into()),
        window: Window {
            start: at("09:26:51.204"),
            end: at("09:26:58.120"),
            last_good: at("09:26:51.198"),
            ongoing: false,
        },
        impact: shop_impact(),
        answered_by: "haproxy",
        cause: CauseLine {
            id: "listener-refused".into(),
            confidence: 0.97,
            title: "every server refused connections".into(),
            explanation: "From 09:26:52 on the checks of web1 and web2 were refused: the hosts answered, but nothing listened on port 8080. With both servers DOWN, be_shop had no server left, and HAProxy answered 503 at once.".into(),
            evidence: ids(&["E1", "E3"]),
        },
        servers: shop_servers(),
        trigger: Some(TriggerLine {
            id: "service-stopped".into(),
            confidence: 0.8,
            at: at("09:26:51.190"),
            explanation: "systemd on web1 stopped shop.service 14 ms before the first failure; web2 has no journal here.".into(),
            evidence: ids(&["E2"]),
        }),
        factors: vec![
            FactorLine {
                id: "no-backup".into(),
                explanation: "be_shop has no server with `backup`, and fe_shop no other backend to fall back to".into(),
                evidence: ids(&["E5"]),
                avoidable: vec![AvoidableLine {
                    by: "a backup server".into(),
                    requests: 1234,
                    of: 1237,
                    assuming: "it did not share the fault".into(),
                }],
            },
            FactorLine {
                id: "redundancy-lost".into(),
                explanation: "web2 was still DOWN when the capture ended: one more failure of web1 is a full outage.".into(),
                evidence: vec![],
                avoidable: vec![],
            },
        ],
        ruled_out: vec![RuledOutLine {
            id: "no-route".into(),
            why: "the log names be_shop as the backend of every failure, so a rule or `default_backend` had matched.".into(),
            evidence: ids(&["E1"]),
        }],
        possible: vec![],
        contradictions: vec![RuledOutLine {
            id: "listener-refused".into(),
            why: "3 of the 1,237 failures waited 2 s, which a refused connection does not explain.".into(),
            evidence: ids(&["E4"]),
        }],
        fix: shop_fix(),
        recovered: Some(true),
        recovery: Some(Recovery {
            at: at("09:26:58.120"),
            usable_servers: Some(1),
            still_down: ids(&["web2"]),
        }),
        ..shop_alike()
    }
}

fn shop_alike() -> IncidentLine {
    IncidentLine {
        replay: Some(ReplayLine {
            requests: 1234,
            of: 1237,
            rest: vec![RestLine {
                kind: "queue".into(),
                requests: 3,
                cause: Some("queue-timeout".into()),
            }],
        }),
        also: vec![AlsoLine {
            backend: "be_admin".into(),
            cause: "listener-refused".into(),
            at: at("09:26:52"),
            evidence: ids(&["E3"]),
        }],
        fingerprint: FingerprintLine {
            id: "5f2b7c01d9aa".into(),
            features: ids(&[
                "cause:listener-refused",
                "lost:L4CON:all",
                "order:trigger>lost>failed>back",
            ]),
        },
        similar: vec![SimilarLine {
            name: "2025/q3/web-restart".into(),
            incident: "I1".into(),
            likeness: 0.82,
            common: ids(&["cause:listener-refused", "lost:L4CON:all"]),
            only_new: ids(&["order:trigger>lost>failed>back"]),
            only_archived: ids(&["order:lost>failed>back"]),
        }],
        ..IncidentLine::default()
    }
}

fn shop_impact() -> Impact {
    let route = |host: Option<&str>, path: &str, http_503| Route {
        host: host.map(str::to_owned),
        path: path.to_owned(),
        http_503,
    };
    Impact {
        requests: 1679,
        http_503: 1237,
        nosrv: 1174,
        failed_sessions: None,
        clients: 70_112,
        clients_estimated: true,
        routes: vec![
            route(Some("shop.example"), "/cart", 1100),
            route(
                Some("shop.example"),
                "/catalogue/spring/a-path-that-is-longer-than-any-terminal-is-wide/and-must-stay-whole",
                97,
            ),
            route(None, "/`<script>alert('x|y')</script>`", 3),
        ],
        routes_cut: true,
    }
}

fn shop_servers() -> Vec<ServerLine> {
    let change =
        |clock: &str, from: Option<&str>, to: &str, reason: &str, evidence: &str| TransitionLine {
            at: at(clock),
            from: from.map(str::to_owned),
            to: to.to_owned(),
            reason: reason.to_owned(),
            evidence: evidence.to_owned(),
        };
    vec![
        ServerLine {
            name: "web1".into(),
            address: Some("192.0.2.11:8080".into()),
            cause: Some("listener-refused".into()),
            transitions: vec![
                change(
                    "09:26:52.011",
                    Some("UP"),
                    "DOWN",
                    "Layer4 connection problem, info: \"Connection refused\", check duration: 0ms",
                    "E3",
                ),
                change(
                    "09:26:58.102",
                    Some("DOWN"),
                    "UP",
                    "Layer7 check passed, code: 200",
                    "E6",
                ),
            ],
        },
        ServerLine {
            name: "web2".into(),
            address: Some("192.0.2.12:8080".into()),
            cause: Some("listener-refused".into()),
            transitions: vec![TransitionLine {
                to: "DOWN".into(),
                reason: "state dump, last check L4CON".into(),
                evidence: "E7".into(),
                ..TransitionLine::default()
            }],
        },
        ServerLine {
            name: "web3`|<b>".into(),
            ..ServerLine::default()
        },
    ]
}

fn shop_fix() -> FixLine {
    FixLine {
        steps: vec![
            "On web2, start the service again: `systemctl start shop.service`.".into(),
            "Give be_shop a server of last resort, for example `server sorry 192.0.2.40:8080 check backup`.".into(),
        ],
        verify: vec![
            "curl -sS -o /dev/null -w '%{http_code}\\n' http://192.0.2.12:8080/healthz".into(),
            "echo 'show servers state be_shop' | socat stdio unix-connect:/run/haproxy/admin.sock | awk '$4 == \"web2\" {print $6}'".into(),
        ],
        cautions: vec![
            "Do not force web2 with `set server be_shop/web2 health up`: it would be sent requests while nothing listens.".into(),
        ],
        reload_needed: true,
    }
}

fn ledger() -> IncidentLine {
    IncidentLine {
        id: "I2".into(),
        backend: Some("be_ledger".into()),
        window: Window {
            start: at("09:31:00"),
            ongoing: true,
            ..Window::default()
        },
        impact: Impact {
            requests: 12,
            failed_sessions: Some(12),
            clients: 1,
            ..Impact::default()
        },
        answered_by: "haproxy",
        cause: CauseLine {
            id: "insufficient-evidence".into(),
            confidence: 0.3,
            title: "the artifacts cannot say why".into(),
            explanation: "All 12 sessions ended while HAProxy connected to db1; no line says how the connection failed.".into(),
            evidence: ids(&["E4"]),
        },
        possible: vec![
            PossibleLine {
                id: "listener-refused".into(),
                why: "the sessions ended within 3 ms; the check's own line is missing.".into(),
            },
            PossibleLine {
                id: "connect-not-permitted".into(),
                why: "it ends sessions as fast; audit lines of lb1 are missing.".into(),
            },
        ],
        recovered: Some(false),
        ..IncidentLine::default()
    }
}

fn evidence() -> Vec<EvidenceLine> {
    let line =
        |id: &str, artifact: &str, line, offset, at: Option<String>, text: &str| EvidenceLine {
            id: id.to_owned(),
            artifact: artifact.to_owned(),
            line,
            offset,
            at,
            text: text.to_owned(),
        };
    vec![
        line(
            "E1",
            "A2",
            4711,
            812_345,
            at("09:26:51.204"),
            "2026-03-14T10:26:51.205+01:00 lb1 haproxy[811]: 198.51.100.7:40112 [14/Mar/2026:10:26:51.204] fe_shop be_shop/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 9/9/0/0/0 0/0 {shop.example} \"GET /cart HTTP/1.1\"",
        ),
        line(
            "E2",
            "A4",
            17,
            3010,
            at("09:26:51.190"),
            "Mar 14 10:26:51 web1 systemd[1]: Stopped shop.service - Shop.",
        ),
        line(
            "E3",
            "A2",
            4790,
            829_101,
            at("09:26:52.011"),
            "2026-03-14T10:26:52.011+01:00 lb1 haproxy[811]: Server be_shop/web1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms. 1 active and 0 backup servers left.",
        ),
        line(
            "E4",
            "A2",
            5002,
            861_440,
            at("09:31:00"),
            "a line of a stranger: <script>alert(1)</script> | ``` `x` @everyone \\x1B[2J **bold** https://bad.example/",
        ),
        line("E5", "A1", 31, 940, None, "backend be_shop"),
        line(
            "E6",
            "A2",
            4999,
            860_000,
            at("09:26:58.102"),
            "2026-03-14T10:26:58.102+01:00 lb1 haproxy[811]: Server be_shop/web1 is UP, reason: Layer7 check passed, code: 200",
        ),
        line(
            "E7",
            "A3",
            3,
            204,
            None,
            "3 be_shop 2 web2 192.0.2.12 0 0 1 1 900 6 2 0 6 0 0 0 - 8080 - 0 0 - - 0",
        ),
        line(
            "E8",
            "A2",
            1,
            0,
            at("09:20:00"),
            "2026-03-14T10:20:00.000+01:00 lb1 haproxy[811]: Proxy fe_shop started.",
        ),
    ]
}

fn artifacts() -> Vec<ArtifactLine> {
    let artifact = |id: &str, path: &str, kind: &str, records| ArtifactLine {
        id: id.to_owned(),
        path: path.to_owned(),
        kind: kind.to_owned(),
        host: Some("lb1".into()),
        bytes: 2048,
        sha256: Some("0".repeat(64)),
        records,
        ..ArtifactLine::default()
    };
    vec![
        artifact("A1", "etc/haproxy/haproxy.cfg", "haproxy-config", 40),
        ArtifactLine {
            carrier: Some("rsyslog".into()),
            bytes: 1_234_567_890,
            sha256: None,
            foreign: 10_233,
            broken: 5,
            broken_examples: vec![BrokenLine {
                line: 4802,
                why: "the timers have 4 fields, not 5".into(),
                text: "2026-03-14T10:26:53+01:00 lb1 haproxy[811]: 198.51.100.9:1 [14/Mar/2026:10:26:53.000] fe_shop be_shop/<NOSRV> 0/-1/-1/-1 503".into(),
            }],
            problems: vec!["the last line has no line feed: the file was probably cut while it was written".into()],
            coverage: Some(log_coverage()),
            ..artifact("A2", "logs/haproxy.log", "log", 1_204_511)
        },
        artifact("A3", "show-servers-state.txt", "show-servers-state", 6),
        ArtifactLine {
            carrier: Some("journal-short".into()),
            host: None,
            ..artifact("A4", "a folder/of `strange` <names> | and a very long path that does not fit/journal.txt", "log", 61)
        },
    ]
}

fn log_coverage() -> CoverageLine {
    CoverageLine {
        first: at("09:00:00.012"),
        last: at("09:41:07.500"),
        requests: 1_204_450,
        messages: 61,
        holes: vec![HoleLine {
            from: "2026-03-14T09:31:00Z".into(),
            to: "2026-03-14T09:33:30Z".into(),
        }],
        cuts: vec!["ends in the middle of a line: what came after is missing".into()],
        suppressed: vec![SuppressedLine {
            at: at("09:33:30.001"),
            messages: Some(4711),
            of: Some("haproxy.service".into()),
            line: 900_123,
        }],
    }
}

fn looked_at() -> LookedAt {
    LookedAt {
        requests: 1_204_450,
        failed: 1241,
        other_5xx: 3,
        first: at("09:00:00.011"),
        last: at("09:41:07.498"),
        backends: vec!["be_ledger".into(), "be_shop".into()],
        n_backends: 2,
        messages: 122,
        could_hide: vec![
            "logs/haproxy.log ends in the middle of a line: what came after is missing".into(),
        ],
    }
}

fn timeline() -> Vec<TimelineLine> {
    let event = |at,
                 kind: &str,
                 backend: Option<&str>,
                 server: Option<&str>,
                 text: &str,
                 evidence: Option<&str>| TimelineLine {
        at,
        kind: kind.to_owned(),
        backend: backend.map(str::to_owned),
        server: server.map(str::to_owned),
        text: text.to_owned(),
        evidence: evidence.map(str::to_owned),
    };
    vec![
        event(
            at("09:20:00"),
            "start",
            None,
            None,
            "HAProxy started on lb1.",
            Some("E8"),
        ),
        event(
            at("09:26:51.190"),
            "unit-stopped",
            None,
            None,
            "systemd stopped shop.service on web1.",
            Some("E2"),
        ),
        event(
            at("09:26:51.204"),
            "first-503",
            Some("be_shop"),
            None,
            "The first of 1,237 requests was answered 503.",
            Some("E1"),
        ),
        event(
            at("09:26:52.011"),
            "server-down",
            Some("be_shop"),
            Some("web1"),
            "web1 went DOWN: connection refused, 1 active server left of those that the pool has.",
            Some("E3"),
        ),
        event(
            None,
            "note",
            Some("be_shop"),
            Some("web3`|<b>"),
            "a server that no config knows",
            None,
        ),
    ]
}

fn at(clock: &str) -> Option<String> {
    Some(format!("2026-03-14T{clock}Z"))
}

fn ids(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}
