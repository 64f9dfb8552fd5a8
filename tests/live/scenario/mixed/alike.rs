//! What looks like an incident of HAProxy's and is none: noise, impatience, planned work, errors that are no 503.

use super::POOL;
use super::SITE;
use super::crash;
use super::live;
use super::one;
use super::order_both;
use super::over;
use super::two;
use crate::carrier::Carrier;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

pub(super) const ALL: &[Scenario] = &[
    live(
        "mixed/scanners",
        "Scanners and broken clients, and every real request was served",
        "Bad requests, missing PROXY headers, handshakes on a plain port; `error-log-format`.",
        0,
        scanners,
    ),
    live(
        "mixed/impatient-clients",
        "Clients left the queue before it was their turn",
        "`option abortonclose`: their lines show 503 with `CQ`, but nobody was there to receive it.",
        0,
        impatient_clients,
    ),
    live(
        "mixed/sorry-200",
        "Planned maintenance with a page of its own",
        "While both servers were in maintenance a backend without servers answered 200.",
        0,
        sorry_200,
    ),
    live(
        "mixed/bad-gateway",
        "502 and 504, and no 503",
        "One server answers garbage, the other one too late.",
        0,
        bad_gateway,
    ),
    live(
        "mixed/two-of-three",
        "Two of three servers were lost, and no request failed",
        "One was drained and stopped, one crashed; `option redispatch 1`.",
        0,
        two_of_three,
    ),
    live(
        "mixed/hard-stop",
        "A reload cut slow requests of the old worker",
        "`hard-stop-after 1s`: those clients got no answer, none got a 503.",
        0,
        hard_stop,
    ),
    live(
        "mixed/one-of-two-says-503",
        "One of two applications answers 503 itself",
        "Its readiness stays 200, so HAProxy goes on.",
        0,
        one_of_two_says_503,
    ),
];

/// The truth of a run in which no client received a 503.
pub(super) fn nothing(scene: &Scene, not_causes: &'static [&'static str]) -> Truth {
    let answers = scene.clients.answers();
    assert!(
        answers.iter().all(|answer| answer.status != Some(503)),
        "{answers:#?}"
    );
    Truth {
        incidents: Vec::new(),
        not_causes,
    }
}

fn scanners(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let global = DEBIAN.replace("    option dontlognull\n", "").replace(
        "    option httplog",
        "    option httplog\n    error-log-format \"%ci:%cp [%tr] %ft %[fc_err_str]\"\n    timeout http-request 700ms",
    );
    let pool = POOL.replace(
        "    default_backend",
        "    http-request deny if { path_beg /.env /.git }\n    http-request tarpit deny_status 429 if { path_beg /wp-login }\n    timeout tarpit 200ms\n    default_backend",
    );
    scene.start("haproxy.cfg", &format!("{global}{pool}"));
    let mix = [
        ("www.example.com", "/"),
        ("192.0.2.80", "/.env"),
        ("www.example.com", "/cart"),
        ("192.0.2.80", "/wp-login.php"),
    ];
    let load = scene.load(60, &mix);
    let header = "PROXY TCP4 203.0.113.66 192.0.2.1 41001 80\r\n";
    for _ in 0..3 {
        scene
            .clients
            .say(&format!("{header}\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}"));
        scene.clients.say("GET / HTTP/1.0\r\n\r\n");
        scene
            .clients
            .say(&format!("{header}GET / HTTP/1.1\r\nHost: a b\r\nX\r\n\r\n"));
        scene.clients.say(&format!("{header}GET / HTT"));
        scene.clients.say(header);
    }
    scene.wait(1000);
    load.stop();
    scene.journal(Carrier::ShortIso, "journal.txt", &["proxy01"]);
    nothing(scene, &["no-route", "denied-by-rule"])
}

fn impatient_clients(scene: &mut Scene) -> Truth {
    let app = scene.app("app1", 11);
    app.set(|mode| mode.latency_ms = 250);
    let pool = POOL.replace("    server app2 @app2@ check\n", "").replace(
        "    default-server",
        "    option abortonclose\n    timeout queue 10s\n    default-server maxconn 1",
    );
    scene.start("haproxy.cfg", &format!("{SHORT}{pool}"));
    let load = scene.load(600, &SITE);
    scene.wait(1000);
    for _ in 0..8 {
        let leaving: Vec<_> = (0..4)
            .map(|_| {
                let clients = Arc::clone(&scene.clients);
                thread::spawn(move || clients.leave("/offers", Duration::from_millis(120)))
            })
            .collect();
        for client in leaving {
            client.join().unwrap();
        }
        scene.wait(300);
    }
    scene.wait(1000);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    nothing(scene, &["queue-timeout", "listener-refused"])
}

fn sorry_200(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let pool = POOL.replace(
        "    default_backend",
        "    use_backend be_sorry if { nbsrv(be_app) lt 1 }\n    default_backend",
    );
    let sorry = "\nbackend be_sorry\n    http-request return status 200 content-type text/plain string sorry\n";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}{sorry}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    order_both(scene, "state maint");
    scene.wait(2000);
    scene.dump("show servers state", "show-servers-state.txt");
    order_both(scene, "state ready");
    scene.wait(1300);
    load.stop();
    scene.journal(Carrier::ShortIso, "journal.txt", &["proxy01"]);
    nothing(scene, &["admin-maintenance", "no-servers-configured"])
}

fn bad_gateway(scene: &mut Scene) -> Truth {
    let app = scene.app("app1", 11);
    let _garbage = scene.agent("app2", 12, 8080);
    let pool = POOL.replace("@app2@ check", "@app2@").replace(
        "    default-server",
        "    timeout server 300ms\n    default-server",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1500);
    app.set(|mode| mode.latency_ms = 800);
    scene.wait(2000);
    app.set(|mode| mode.latency_ms = 2);
    scene.wait(1000);
    load.stop();
    scene.dump("show stat", "show-stat.csv");
    scene.journal(Carrier::ShortIso, "journal.txt", &["proxy01"]);
    nothing(
        scene,
        &[
            "application-503",
            "check-response-invalid",
            "unchecked-server-failed",
        ],
    )
}

fn two_of_three(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let _app3 = scene.app("app3", 13);
    let pool = POOL.replace(
        "    default-server",
        "    option redispatch 1\n    default-server",
    );
    let config = format!("{DEBIAN}{pool}    server app3 @app3@ check\n");
    scene.start("haproxy.cfg", &config);
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    scene.admin("set server be_app/app1 state drain");
    scene.wait(500);
    scene.systemd("app1", "Stopping app.service - Example web application...");
    apps[0].stop();
    scene.systemd("app1", "Stopped app.service - Example web application.");
    scene.wait(800);
    crash(scene, "app2", &mut apps[1]);
    // At the worst a request waits a second between its tries.
    scene.wait(2500);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.dump("show stat", "show-stat.csv");
    scene.journal(Carrier::ShortPrecise, "journal.txt", &[]);
    nothing(scene, &["listener-refused", "admin-drain"])
}

fn hard_stop(scene: &mut Scene) -> Truth {
    let apps = two(scene);
    for app in &apps {
        app.set(|mode| mode.latency_ms = 2500);
    }
    let global = DEBIAN.replace(
        "    stats timeout 30s",
        "    stats timeout 30s\n    hard-stop-after 1s",
    );
    scene.start("haproxy.cfg", &format!("{global}{POOL}"));
    let load = scene.load(90, &SITE);
    scene.wait(1500);
    scene.reload();
    for app in &apps {
        app.set(|mode| mode.latency_ms = 2);
    }
    scene.wait(3000);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    nothing(scene, &["stale-process", "haproxy-down", "startup-window"])
}

fn one_of_two_says_503(scene: &mut Scene) -> Truth {
    let apps = two(scene);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1500);
    apps[1].set(|mode| mode.status = 503);
    scene.wait(2000);
    apps[1].set(|mode| mode.status = 200);
    scene.wait(1500);
    load.stop();
    scene.dump("show stat", "show-stat.csv");
    scene.journal(Carrier::Json, "journal.json.gz", &["proxy01"]);
    let fact = Fact {
        servers: &[("app2", "application-503")],
        factors: &["partial-outage"],
        ..over("application-503")
    };
    one(scene.measure(fact, |_| true))
}
