//! Requests and how they ended, and lines of other programs.

use std::fmt::Write as _;

use super::carrier::Entry;
use super::carrier::civil;
use super::crowd::Crowd;
use super::format::Format;
use super::format::Line;
use super::format::Timers;
use super::random::Random;

const N_BACKENDS: u64 = 40;

/// What the proxy serves, and to whom.
pub(crate) struct Traffic {
    format: Format,
    crowd: Crowd,
    backends: Vec<Backend>,
    urls: Vec<String>,
}

struct Backend {
    name: String,
    n_servers: u64,
    /// Usual time of its answers, in milliseconds.
    answer_ms: u64,
}

impl Traffic {
    /// 40 backends of 3 to 8 servers, and the one that the incident hits, with two.
    pub(crate) fn new(random: &mut Random, format: Format, crowd: Crowd) -> Traffic {
        let mut backends = vec![Backend {
            name: "be_shop".to_owned(),
            n_servers: 2,
            answer_ms: 25,
        }];
        backends.extend((1..N_BACKENDS).map(|number| Backend {
            name: format!("be_service{number:02}"),
            n_servers: 3 + random.below(6),
            answer_ms: 2 + random.below(180),
        }));
        let urls = (0..crowd.n_urls())
            .map(|number| url(random, number))
            .collect();
        Traffic {
            format,
            crowd,
            backends,
            urls,
        }
    }

    /// Name of the backend that the incident hits.
    pub(crate) fn victim(&self) -> String {
        self.backends
            .first()
            .map(|backend| backend.name.clone())
            .unwrap_or_default()
    }

    /// One request that has just ended at `now_us`.
    pub(crate) fn line(
        &self,
        random: &mut Random,
        now_us: u64,
        victim_usable: &[u64],
        body: &mut String,
    ) {
        let index = random.popular(N_BACKENDS);
        let Some(backend) = usize::try_from(index)
            .ok()
            .and_then(|index| self.backends.get(index))
        else {
            return;
        };
        let server = match index {
            0 => random.pick(victim_usable).copied(),
            _ => Some(1 + random.below(backend.n_servers)),
        };
        let answer = match server {
            Some(_) => Answer::draw(random, backend, server),
            None => Answer::none(random),
        };
        let (client, url) = self.crowd.draw(random);
        let url = usize::try_from(url)
            .ok()
            .and_then(|index| self.urls.get(index));
        let method = *random
            .pick(&[
                "GET", "GET", "GET", "GET", "GET", "POST", "POST", "PUT", "HEAD",
            ])
            .unwrap_or(&"GET");
        let port = 1024 + random.below(64_000);
        let beconn = random.below(40);
        let feconn = beconn + random.below(400);
        let line = Line {
            client,
            port,
            begun: civil(now_us.saturating_sub(answer.total_ms() * 1000)),
            is_tls: port % 5 < 4,
            backend: &backend.name,
            server: answer.server,
            timers: answer.timers,
            status: answer.status,
            bytes: answer.bytes,
            flags: answer.flags,
            actconn: feconn + 1 + random.below(50),
            feconn,
            beconn,
            srv_conn: beconn / 3,
            retries: answer.retries,
            srv_queue: answer.srv_queue,
            backend_queue: answer.backend_queue,
            method,
            url: url.map_or("/", String::as_str),
        };
        self.format.write(&line, body);
    }
}

/// How a request ended.
struct Answer {
    /// 1-based; `None` is `<NOSRV>`.
    server: Option<u64>,
    timers: Timers,
    status: u64,
    bytes: u64,
    flags: &'static str,
    /// With its `+` after a redispatch.
    retries: &'static str,
    srv_queue: u64,
    backend_queue: u64,
}

impl Answer {
    /// No server was usable.
    fn none(random: &mut Random) -> Answer {
        let read_ms = random.below(3);
        Answer {
            server: None,
            timers: Timers([Some(read_ms), None, None, None, Some(read_ms)]),
            status: 503,
            bytes: 217,
            flags: "SC--",
            retries: "0",
            srv_queue: 0,
            backend_queue: 0,
        }
    }

    /// About 1 % 5xx, 0.3 % with retries, 1 % through the queue.
    fn draw(random: &mut Random, backend: &Backend, server: Option<u64>) -> Answer {
        let read_ms = random.below(3);
        let queue_ms = if random.chance(1, 100) {
            random.below(900)
        } else {
            0
        };
        let connect_ms = random.below(4);
        let answer_ms = random.exponential(backend.answer_ms);
        let send_ms = random.below(5);
        let until_connected = read_ms + queue_ms + connect_ms;
        let whole = [
            Some(read_ms),
            Some(queue_ms),
            Some(connect_ms),
            Some(answer_ms),
            Some(until_connected + answer_ms + send_ms),
        ];
        let fine = Answer {
            server,
            timers: Timers(whole),
            status: status(random),
            bytes: 150 + random.exponential(9_000),
            flags: "----",
            retries: "0",
            srv_queue: queue_ms / 300,
            backend_queue: queue_ms / 100,
        };
        fine.spoiled(random.below(1000))
    }

    /// About one answer in fifty goes wrong in some way; `lot` is below 1000.
    fn spoiled(self, lot: u64) -> Answer {
        let Timers([read_ms, queue_ms, connect_ms, ..]) = self.timers;
        let waited_ms = read_ms.unwrap_or_default() + queue_ms.unwrap_or_default();
        let fine = self;
        match lot {
            0..4 => Answer {
                status: 500,
                ..fine
            },
            4..7 => Answer {
                status: 502,
                bytes: 209,
                flags: "SH--",
                ..fine
            },
            7..9 => Answer {
                status: 504,
                bytes: 198,
                flags: "sH--",
                timers: Timers([
                    read_ms,
                    queue_ms,
                    connect_ms,
                    None,
                    Some(waited_ms + 30_000),
                ]),
                ..fine
            },
            9 => Answer {
                status: 503,
                bytes: 217,
                flags: "SC--",
                retries: "3",
                timers: Timers([read_ms, queue_ms, None, None, Some(waited_ms + 3004)]),
                ..fine
            },
            10..13 => Answer {
                retries: "+1",
                ..fine
            },
            13..18 => Answer {
                flags: "CD--",
                ..fine
            },
            _ => fine,
        }
    }

    fn total_ms(&self) -> u64 {
        self.timers.0.last().copied().flatten().unwrap_or_default()
    }
}

fn status(random: &mut Random) -> u64 {
    match random.below(100) {
        0..86 => 200,
        86..90 => 304,
        90..93 => 302,
        93..95 => 201,
        95..96 => 204,
        96..98 => 404,
        98 => 401,
        _ => 400,
    }
}

/// A path of one to four parts, sometimes with a query; no two numbers give the same.
fn url(random: &mut Random, number: u64) -> String {
    const PARTS: &[&str] = &[
        "api",
        "v1",
        "v2",
        "orders",
        "customers",
        "items",
        "search",
        "static",
        "images",
        "cart",
        "checkout",
        "login",
        "health",
        "reports",
        "prices",
        "stock",
        "events",
        "profile",
    ];
    let mut url = String::new();
    for _ in 0..=random.below(3) {
        url.push('/');
        url.push_str(random.pick(PARTS).unwrap_or(&"api"));
    }
    match random.below(4) {
        0 => {
            let _infallible = write!(url, "/{number}");
        }
        1 => {
            let _infallible = write!(
                url,
                "?page={}&size=50&session={:09x}{number:07x}",
                random.below(90),
                random.below(1 << 36)
            );
        }
        2 => {
            let _infallible = write!(url, "/{:03x}{number:05x}.js", random.below(1 << 12));
        }
        _ => {
            let _infallible = write!(url, "/{number}.html");
        }
    }
    url
}

/// A line of sshd, cron or the kernel.
pub(crate) fn foreign(random: &mut Random, body: &mut String) -> Entry {
    let host = random.below(250) + 1;
    let port = 1024 + random.below(64_000);
    let (entry, text) = match random.below(6) {
        0 => (
            Entry::new("sshd", Some(9_000 + port % 900)),
            format!(
                "Failed password for invalid user admin from 198.51.100.{host} port {port} ssh2"
            ),
        ),
        1 => (
            Entry::new("sshd", Some(9_000 + port % 900)),
            format!(
                "Connection closed by authenticating user root 203.0.113.{host} port {port} [preauth]"
            ),
        ),
        2 => (
            Entry::new("CRON", Some(20_000 + port % 900)),
            "(root) CMD (   cd / && run-parts --report /etc/cron.hourly)".to_owned(),
        ),
        3 => (
            Entry::new("CRON", Some(20_000 + port % 900)),
            "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)".to_owned(),
        ),
        4 => (
            Entry::new("kernel", None),
            format!(
                "perf: interrupt took too long ({port} > 2500), lowering kernel.perf_event_max_sample_rate to 79500"
            ),
        ),
        _ => (
            Entry::new("systemd", Some(1)),
            "sysstat-collect.service: Deactivated successfully.".to_owned(),
        ),
    };
    body.push_str(&text);
    entry
}
