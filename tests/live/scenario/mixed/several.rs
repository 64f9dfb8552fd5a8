//! Several answers of 503 at once, orders on the stats page, servers behind a socket file, reloads that nobody noticed.

use super::POOL;
use super::SITE;
use super::alike::nothing;
use super::crash;
use super::crash_both;
use super::live;
use super::one;
use super::order_both;
use super::over;
use super::revive_both;
use super::two;
use crate::carrier::Carrier;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(super) const ALL: &[Scenario] = &[
    live(
        "mixed/crash-and-own-503",
        "One server crashed, the other answers 503 itself",
        "The pool is never empty.",
        0,
        crash_and_own_503,
    ),
    live(
        "mixed/sorry-server",
        "The backup is a sorry server that answers 503",
        "Both servers were in maintenance.",
        0,
        sorry_server,
    ),
    live(
        "mixed/scanner-beside-outage",
        "Requests for unknown hosts, before and during an outage",
        "No rule matches them, and they are not what happened.",
        0,
        scanner_beside_outage,
    ),
    live(
        "mixed/tcp-drained",
        "Both servers of a TCP service were drained",
        "No configuration was saved.",
        0,
        tcp_drained,
    ),
    live(
        "mixed/stats-page",
        "Maintenance was ordered on the stats page",
        "`stats admin`, a POST for each server.",
        0,
        stats_page,
    ),
    live(
        "mixed/three-reloads",
        "Three reloads in a row, and no request failed",
        "Old workers stop, new ones start.",
        0,
        three_reloads,
    ),
    live(
        "mixed/socket-file-gone",
        "The server is a socket file that is not there",
        "`server app1 unix@…` since the start.",
        0,
        socket_file_gone,
    ),
];

fn crash_and_own_503(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let pool = POOL.replace(
        "    default-server",
        "    option redispatch 1\n    default-server",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    crash(scene, "app1", &mut apps[0]);
    scene.wait(1500);
    apps[1].set(|mode| mode.status = 503);
    scene.wait(2000);
    apps[1].set(|mode| mode.status = 200);
    scene.wait(1500);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &[]);
    let fact = Fact {
        servers: &[("app2", "application-503")],
        also_triggers: &["service-crashed"],
        also_factors: &["redundancy-lost"],
        still_down: &["app1"],
        ..over("application-503")
    };
    Truth {
        not_causes: &["listener-refused"],
        ..one(scene.measure(fact, |_| true))
    }
}

fn sorry_server(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let spare = scene.app("spare", 13);
    spare.set(|mode| mode.status = 503);
    let config = format!("{DEBIAN}{POOL}    server spare @spare@ backup\n");
    scene.start("haproxy.cfg", &config);
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    order_both(scene, "state maint");
    scene.wait(2000);
    scene.dump("show servers state", "show-servers-state.txt");
    order_both(scene, "state ready");
    scene.wait(1300);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        servers: &[("spare", "application-503")],
        also_triggers: &["admin-command"],
        ..over("application-503")
    };
    one(scene.measure(fact, |_| true))
}

fn scanner_beside_outage(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let pool = POOL.replace(
        "    default_backend be_app",
        "    use_backend be_app if { hdr(host) -i www.example.com }",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(
        60,
        &[
            ("www.example.com", "/"),
            ("www.example.com", "/cart"),
            ("www.example.com", "/offers"),
            ("192.0.2.80", "/"),
        ],
    );
    scene.wait(1300);
    crash_both(scene, &mut apps);
    scene.wait(2200);
    revive_both(scene, &mut apps);
    scene.wait(1800);
    load.stop();
    scene.journal(Carrier::ShortIso, "journal.txt", &[]);
    let down = Fact {
        servers: &[("app1", "listener-refused"), ("app2", "listener-refused")],
        trigger: Some("service-crashed"),
        ..over("listener-refused")
    };
    let noise = Fact {
        frontend: "fe_app",
        backend: "fe_app",
        recovered: false,
        ..over("no-route")
    };
    Truth {
        incidents: vec![
            scene.measure(down, |answer| answer.host == "www.example.com"),
            scene.measure(noise, |answer| answer.host != "www.example.com"),
        ],
        not_causes: &[],
    }
}

fn tcp_drained(scene: &mut Scene) -> Truth {
    let _apps = [scene.app("mq1", 21), scene.app("mq2", 22)];
    let config = SHORT
        .replace("mode http", "mode tcp")
        .replace("option httplog", "option tcplog")
        + "
frontend fe_mq
    bind @bind@
    default_backend be_mq

backend be_mq
    balance leastconn
    server mq1 @mq1@ check inter 400ms
    server mq2 @mq2@ check inter 400ms
";
    scene.start("not-saved", &config);
    scene.bundle.forget("not-saved");
    let load = scene.load(70, &SITE);
    scene.wait(1300);
    for name in ["mq1", "mq2"] {
        scene.admin(&format!("set server be_mq/{name} state drain"));
    }
    scene.wait(2000);
    for name in ["mq1", "mq2"] {
        scene.admin(&format!("set server be_mq/{name} state ready"));
    }
    scene.wait(1300);
    load.stop();
    scene.journal(Carrier::ShortUnix, "journal.txt", &["proxy01"]);
    let fact = Fact {
        frontend: "fe_mq",
        backend: "be_mq",
        servers: &[("mq1", "admin-drain"), ("mq2", "admin-drain")],
        trigger: Some("admin-command"),
        ..over("admin-drain")
    };
    one(scene.measure_silence(fact))
}

fn stats_page(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let pool = POOL.replace(
        "    default_backend",
        "    stats enable\n    stats uri /haproxy\n    stats admin if TRUE\n    default_backend",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    let post = |scene: &Scene, name: &str, action: &str| {
        let form = format!("s={name}&action={action}&b=%23{}", 3);
        let answer = scene.clients.say(&format!(
            "PROXY TCP4 198.51.100.9 192.0.2.1 40001 80\r\nPOST /haproxy HTTP/1.1\r\nHost: www.example.com\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}",
            form.len()
        ));
        assert!(answer.contains("DONE"), "{answer}");
    };
    for name in ["app1", "app2"] {
        post(scene, name, "maint");
    }
    scene.wait(2000);
    for name in ["app1", "app2"] {
        post(scene, name, "ready");
    }
    scene.wait(1300);
    load.stop();
    scene.log_where(Carrier::RsyslogIso, "haproxy.log", |_| true);
    let fact = Fact {
        servers: &[("app1", "admin-maintenance"), ("app2", "admin-maintenance")],
        // Orders of this form leave the same message as those of the socket; the POST is logged.
        also_triggers: &["admin-command"],
        ..over("admin-maintenance")
    };
    one(scene.measure(fact, |_| true))
}

fn three_reloads(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(70, &SITE);
    for _ in 0..3 {
        scene.wait(900);
        scene.reload();
    }
    scene.wait(1200);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.journal(Carrier::Short, "journal.txt", &["proxy01"]);
    nothing(scene, &["startup-window", "stale-process", "haproxy-down"])
}

fn socket_file_gone(scene: &mut Scene) -> Truth {
    let config = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    retries 1
    timeout connect 300ms
    server app1 unix@@dir@app.sock check inter 400ms fall 2
";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let load = scene.load(80, &SITE);
    scene.wait(3000);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        servers: &[("app1", "listener-refused")],
        also_triggers: &["config-reload"],
        recovered: false,
        still_down: &["app1"],
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}
