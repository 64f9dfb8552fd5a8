//! Incidents of which little was saved: what cannot be known must not be claimed.

use super::CHECKS;
use super::POOL;
use super::SITE;
use super::crash_both;
use super::live;
use super::one;
use super::order_both;
use super::over;
use super::two;
use crate::carrier::Carrier;
use crate::client::Load;
use crate::record::Origin;
use crate::scenario::DEBIAN;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(super) const ALL: &[Scenario] = &[
    live(
        "mixed/alerts-only",
        "The servers crashed, only alerts were logged",
        "No line of a request was kept, no configuration.",
        0,
        alerts_only,
    ),
    live(
        "mixed/dumps-only",
        "The servers crashed, only dumps were saved",
        "Configuration, `show stat` and `show servers state`; no log.",
        0,
        dumps_only,
    ),
    live(
        "mixed/requests-only",
        "The servers crashed, only lines of requests were saved",
        "Nothing says why the pool is empty.",
        0,
        requests_only,
    ),
    live(
        "mixed/other-units-only",
        "The servers crashed, only their own journals were saved",
        "Nothing of HAProxy but one curl.",
        0,
        other_units_only,
    ),
    live(
        "mixed/no-configuration",
        "Maintenance, the saved configuration is none",
        "HAProxy's own lines only.",
        0,
        no_configuration,
    ),
    live(
        "mixed/stat-of-a-drain",
        "Both servers drained, only `show stat` was saved",
        "No log and no configuration.",
        0,
        stat_of_a_drain,
    ),
];

/// Both servers crash and stay so.
fn gone(scene: &mut Scene) {
    let mut apps = two(scene);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    crash_both(scene, &mut apps);
    scene.wait(2300);
    load.stop();
}

fn refused() -> Fact {
    Fact {
        servers: &[("app1", "listener-refused"), ("app2", "listener-refused")],
        recovered: false,
        still_down: &["app1", "app2"],
        unseen: true,
        ..over("listener-refused")
    }
}

fn unknown() -> Fact {
    Fact {
        also_causes: &["insufficient-evidence"],
        servers: &[],
        ..refused()
    }
}

fn alerts_only(scene: &mut Scene) -> Truth {
    gone(scene);
    // LOG_ALERT and what is more severe.
    scene.log_where(
        Carrier::RsyslogFile,
        "haproxy.log",
        |entry| matches!(entry.origin, Origin::Syslog(pri) if pri % 8 <= 1),
    );
    scene.bundle.forget("haproxy.cfg");
    one(scene.measure(refused(), |_| true))
}

fn dumps_only(scene: &mut Scene) -> Truth {
    gone(scene);
    scene.dump("show stat", "show-stat.csv");
    scene.dump("show servers state", "show-servers-state.txt");
    one(scene.measure(refused(), |_| true))
}

fn requests_only(scene: &mut Scene) -> Truth {
    gone(scene);
    scene.log_where(Carrier::RsyslogIso, "haproxy.log", |entry| {
        entry.text.contains("\"GET ")
    });
    scene.bundle.forget("haproxy.cfg");
    let fact = Fact {
        unseen: false,
        ..unknown()
    };
    one(scene.measure(fact, |_| true))
}

fn other_units_only(scene: &mut Scene) -> Truth {
    gone(scene);
    scene.curl("curl.txt", "www.example.com", "/");
    scene.journal(Carrier::Short, "servers.txt", &["app1", "app2"]);
    scene.bundle.forget("haproxy.cfg");
    let fact = Fact {
        trigger: Some("service-crashed"),
        also_triggers: &["none-seen"],
        also_backends: &[""],
        ..unknown()
    };
    one(scene.measure(fact, |_| true))
}

/// Traffic that meets two healthy servers and then this command for each of them.
fn ordered(scene: &mut Scene, state: &str) -> Load {
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    for name in ["app1", "app2"] {
        scene.admin(&format!("set server be_app/{name} state {state}"));
    }
    scene.wait(1800);
    load
}

fn no_configuration(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let load = ordered(scene, "maint");
    order_both(scene, "state ready");
    scene.wait(1200);
    load.stop();
    scene.bundle.forget("haproxy.cfg");
    scene.log_where(Carrier::RsyslogFile, "haproxy.log", |_| true);
    let fact = Fact {
        servers: &[("app1", "admin-maintenance"), ("app2", "admin-maintenance")],
        also_triggers: &["admin-command"],
        ..over("admin-maintenance")
    };
    one(scene.measure(fact, |_| true))
}

fn stat_of_a_drain(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    ordered(scene, "drain").stop();
    scene.bundle.forget("haproxy.cfg");
    scene.dump("show stat", "show-stat.csv");
    let fact = Fact {
        servers: &[("app1", "admin-drain"), ("app2", "admin-drain")],
        also_factors: CHECKS,
        still_down: &["app1", "app2"],
        recovered: false,
        unseen: true,
        ..over("admin-drain")
    };
    one(scene.measure(fact, |_| true))
}
