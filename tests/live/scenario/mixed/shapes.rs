//! One failure in an unusual course: reloads in between, flapping, a backup that is lost as well, a full queue.

use super::CHECKS;
use super::POOL;
use super::SITE;
use super::crash;
use super::crash_both;
use super::live;
use super::one;
use super::over;
use super::revive;
use super::revive_both;
use super::two;
use crate::app::Health;
use crate::carrier::Carrier;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(super) const ALL: &[Scenario] = &[
    live(
        "mixed/reload-during-outage",
        "Somebody reloaded HAProxy while both servers were dead",
        "The reload neither caused nor cured it.",
        0,
        reload_during_outage,
    ),
    live(
        "mixed/flapping-single",
        "The only server crashed three times",
        "Up and down, until the service stayed.",
        -240,
        flapping_single,
    ),
    live(
        "mixed/backup-lost",
        "The backup took over and was lost too",
        "Both servers crashed; the backup served until its readiness turned to 500.",
        0,
        backup_lost,
    ),
    live(
        "mixed/backup-carried",
        "The backup carried the traffic",
        "Both servers were in maintenance; nobody saw an error.",
        0,
        backup_carried,
    ),
    live(
        "mixed/queue-after-crash",
        "One server crashed, the other could not take its share",
        "Requests waited longer than `timeout queue` for the one that was left.",
        0,
        queue_after_crash,
    ),
    live(
        "mixed/tcp-mode",
        "Connections of a TCP proxy were closed",
        "`mode tcp`: the server crashed and clients got no answer at all.",
        0,
        tcp_mode,
    ),
    live(
        "mixed/slowstart",
        "A single server with slowstart crashed",
        "It crashed, returned, and warmed up.",
        0,
        slowstart,
    ),
    live(
        "mixed/stick-pinned",
        "A stick table held one site's clients on a dead server",
        "`option persist` keeps them there although the check has seen it.",
        0,
        stick_pinned,
    ),
];

fn reload_during_outage(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    crash_both(scene, &mut apps);
    scene.wait(1800);
    scene.reload();
    scene.wait(1500);
    revive_both(scene, &mut apps);
    scene.wait(1800);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &[]);
    let fact = Fact {
        servers: &[("app1", "listener-refused"), ("app2", "listener-refused")],
        trigger: Some("service-crashed"),
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

fn flapping_single(scene: &mut Scene) -> Truth {
    let mut app = scene.app("app1", 11);
    let pool = POOL.replace("    server app2 @app2@ check\n", "");
    scene.start("haproxy.cfg", &format!("{SHORT}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    for _ in 0..3 {
        crash(scene, "app1", &mut app);
        scene.wait(1100);
        revive(scene, "app1", &mut app);
        scene.wait(1500);
    }
    load.stop();
    scene.journal(Carrier::Export, "journal.export", &[]);
    let fact = Fact {
        servers: &[("app1", "listener-refused")],
        trigger: Some("service-crashed"),
        factors: &["flapping"],
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

/// Two servers and a third that only steps in.
fn with_backup(scene: &mut Scene) -> crate::app::App {
    let spare = scene.app("spare", 13);
    let config = format!("{DEBIAN}{POOL}    server spare @spare@ check backup\n");
    scene.start("haproxy.cfg", &config);
    spare
}

fn backup_lost(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let spare = with_backup(scene);
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    for (host, app) in ["app1", "app2"].into_iter().zip(&mut apps) {
        scene.admin(&format!("set server be_app/{host} state drain"));
        scene.wait(200);
        crash(scene, host, app);
    }
    scene.wait(1500);
    spare.set(|mode| mode.health = Health::Status(500));
    scene.wait(2200);
    spare.set(|mode| mode.health = Health::Status(200));
    scene.wait(1500);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.journal(Carrier::ShortIso, "journal.txt", &["proxy01"]);
    let fact = Fact {
        servers: &[("spare", "check-http-status")],
        also_triggers: &["admin-command"],
        factors: &["redundancy-lost"],
        still_down: &["app1", "app2"],
        ..over("check-http-status")
    };
    one(scene.measure(fact, |_| true))
}

fn backup_carried(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let _spare = with_backup(scene);
    let load = scene.load(70, &SITE);
    scene.wait(1300);
    scene.admin("set server be_app/app1 state maint");
    scene.admin("set server be_app/app2 state maint");
    scene.wait(2000);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.journal(Carrier::ShortPrecise, "journal.txt", &["proxy01"]);
    Truth {
        incidents: Vec::new(),
        not_causes: &["admin-maintenance"],
    }
}

fn queue_after_crash(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    for app in &apps {
        app.set(|mode| mode.latency_ms = 90);
    }
    let pool = POOL.replace(
        "    default-server",
        "    timeout queue 300ms\n    option redispatch 1\n    default-server maxconn 1",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(65, &SITE);
    scene.wait(2500);
    crash(scene, "app1", &mut apps[0]);
    scene.wait(3000);
    scene.dump("show stat", "show-stat.csv");
    revive(scene, "app1", &mut apps[0]);
    scene.wait(2500);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &[]);
    let fact = Fact {
        trigger: Some("service-crashed"),
        also_triggers: &["none-seen"],
        ..over("queue-timeout")
    };
    one(scene.measure(fact, |_| true))
}

fn tcp_mode(scene: &mut Scene) -> Truth {
    let mut app = scene.app("app1", 11);
    let config = DEBIAN
        .replace("mode http", "mode tcp")
        .replace("option httplog", "option tcplog")
        + "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    server app1 @app1@ check inter 400ms fall 2 rise 2
";
    scene.start("haproxy.cfg", &config);
    let load = scene.load(70, &SITE);
    scene.wait(1300);
    crash(scene, "app1", &mut app);
    scene.wait(2000);
    revive(scene, "app1", &mut app);
    scene.wait(1500);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &[]);
    let fact = Fact {
        servers: &[("app1", "listener-refused")],
        trigger: Some("service-crashed"),
        ..over("listener-refused")
    };
    one(scene.measure_silence(fact))
}

fn slowstart(scene: &mut Scene) -> Truth {
    let mut app = scene.app("app1", 11);
    let pool = POOL
        .replace("    server app2 @app2@ check\n", "")
        .replace("rise 2", "rise 2 maxconn 20 slowstart 3s");
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(70, &SITE);
    scene.wait(1300);
    crash(scene, "app1", &mut app);
    scene.wait(2000);
    revive(scene, "app1", &mut app);
    scene.wait(2500);
    load.stop();
    scene.journal(Carrier::ShortUnix, "journal.txt", &[]);
    let fact = Fact {
        servers: &[("app1", "listener-refused")],
        trigger: Some("service-crashed"),
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

fn stick_pinned(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let pool = POOL.replace(
        "    default-server",
        "    stick-table type string size 1k expire 1h\n    stick on hdr(host)\n    option persist\n    retries 1\n    timeout connect 300ms\n    default-server",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    // Each server gets one of the sites, in this order.
    let mix = [("a.example.com", "/"), ("b.example.com", "/")];
    let load = scene.load(70, &mix);
    scene.wait(1300);
    crash(scene, "app1", &mut apps[0]);
    scene.wait(4500);
    scene.dump("show servers state", "show-servers-state.txt");
    revive(scene, "app1", &mut apps[0]);
    scene.wait(1800);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &[]);
    let fact = Fact {
        servers: &[("app1", "listener-refused")],
        trigger: Some("service-crashed"),
        factors: &["persistence-pinned", "partial-outage"],
        also_factors: CHECKS,
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}
