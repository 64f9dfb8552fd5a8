//! Captures that came too late, or of which only one kind was saved, or from another host.

use super::CHECKS;
use super::POOL;
use super::SITE;
use super::crash_both;
use super::live;
use super::one;
use super::over;
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
        "mixed/only-show-stat",
        "One server in maintenance, the check of the other fails, only `show stat` was saved",
        "The later loss emptied the pool: `lastchg` tells the order.",
        0,
        only_show_stat,
    ),
    live(
        "mixed/dumps-after-recovery",
        "Lines of requests, and dumps that were taken when all was well again",
        "Nothing says why the pool was empty.",
        0,
        dumps_after_recovery,
    ),
    live(
        "mixed/configuration-alone",
        "Nothing but a configuration",
        "It can show neither an incident nor that there was none.",
        0,
        configuration_alone,
    ),
    live(
        "mixed/tcp-lines-only",
        "Failed connections of a TCP proxy, only its lines were saved",
        "The server is not checked; nothing in the files says so.",
        0,
        tcp_lines_only,
    ),
    live(
        "mixed/client-side-only",
        "What a user saw, and that HAProxy runs",
        "A curl with HAProxy's own page, and `systemctl status`.",
        0,
        client_side_only,
    ),
    live(
        "mixed/configuration-of-another-host",
        "The servers crashed, the saved configuration is another proxy's",
        "None of its names are those of the log.",
        0,
        configuration_of_another_host,
    ),
];

fn only_show_stat(scene: &mut Scene) -> Truth {
    let apps = two(scene);
    scene.start("not-saved", &format!("{DEBIAN}{POOL}"));
    scene.bundle.forget("not-saved");
    let load = scene.load(80, &SITE);
    scene.wait(1000);
    scene.behind_the_scenes("set server be_app/app1 state maint");
    scene.wait(2500);
    apps[1].set(|mode| mode.health = Health::Status(404));
    scene.wait(3500);
    load.stop();
    scene.dump("show stat", "show-stat.csv");
    let fact = Fact {
        servers: &[("app1", "admin-maintenance"), ("app2", "check-http-status")],
        recovered: false,
        still_down: &["app1", "app2"],
        unseen: true,
        ..over("check-http-status")
    };
    one(scene.measure(fact, |_| true))
}

/// Both services crash and return.
fn gone_and_back(scene: &mut Scene) {
    let mut apps = two(scene);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    crash_both(scene, &mut apps);
    scene.wait(2200);
    revive_both(scene, &mut apps);
    scene.wait(1500);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.dump("show stat", "show-stat.csv");
}

fn dumps_after_recovery(scene: &mut Scene) -> Truth {
    gone_and_back(scene);
    scene.log_where(Carrier::RsyslogFile, "haproxy.log", |entry| {
        entry.text.contains("\"GET ")
    });
    let fact = Fact {
        also_causes: &["insufficient-evidence"],
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

fn configuration_alone(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    Truth {
        incidents: Vec::new(),
        not_causes: &["no-incident"],
    }
}

fn tcp_lines_only(scene: &mut Scene) -> Truth {
    let mut app = scene.app("pg1", 21);
    let config = SHORT
        .replace("mode http", "mode tcp")
        .replace("option httplog", "option tcplog")
        + "
frontend fe_db
    bind @bind@
    default_backend be_db

backend be_db
    timeout connect 300ms
    server pg1 @pg1@
";
    scene.start("not-saved", &config);
    scene.bundle.forget("not-saved");
    let load = scene.load(80, &SITE);
    scene.wait(1300);
    app.stop();
    scene.wait(2500);
    app.restart();
    scene.wait(1500);
    load.stop();
    scene.log_where(Carrier::RsyslogIso, "haproxy.log", |entry| {
        entry.text.contains("be_db/")
    });
    let fact = Fact {
        frontend: "fe_db",
        backend: "be_db",
        also_causes: &["insufficient-evidence"],
        also_factors: CHECKS,
        ..over("unchecked-server-failed")
    };
    one(scene.measure_silence(fact))
}

fn client_side_only(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    scene.start("not-saved", &format!("{DEBIAN}{POOL}"));
    scene.bundle.forget("not-saved");
    scene.wait(800);
    for app in &mut apps {
        app.stop();
    }
    scene.wait(1500);
    scene.curl("curl.txt", "www.example.com", "/cart");
    let status = "$ systemctl status haproxy\n\
        ● haproxy.service - HAProxy Load Balancer\n     \
        Loaded: loaded (/lib/systemd/system/haproxy.service; enabled; preset: enabled)\n     \
        Active: active (running) since Mon 2026-06-01 06:11:02 UTC; 4 days ago\n   \
        Main PID: 912 (haproxy)\n      Tasks: 5 (limit: 4531)\n     Memory: 61.2M\n";
    scene.bundle.add("status.txt", status);
    let fact = Fact {
        also_causes: &["insufficient-evidence"],
        also_backends: &[""],
        recovered: false,
        still_down: &["app1", "app2"],
        unseen: true,
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

fn configuration_of_another_host(scene: &mut Scene) -> Truth {
    gone_and_back(scene);
    for kept in ["haproxy.cfg", "show-servers-state.txt", "show-stat.csv"] {
        scene.bundle.forget(kept);
    }
    let other = "
frontend fe_shop
    bind *:80
    default_backend be_shop

backend be_shop
    option httpchk GET /status
    server shop1 192.0.2.81:8000 check
    server shop2 192.0.2.82:8000 check
";
    let shown = DEBIAN
        .replace("@log@", "/dev/log")
        .replace("@sock@", "/run/haproxy/admin.sock")
        .replace("@root@", "");
    scene.bundle.add("haproxy.cfg", format!("{shown}{other}"));
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &[]);
    let fact = Fact {
        servers: &[("app1", "listener-refused"), ("app2", "listener-refused")],
        trigger: Some("service-crashed"),
        factors: &["artifacts-disagree"],
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}
