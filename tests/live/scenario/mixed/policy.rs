//! Rules, routes, agents and applications that answer 503 themselves, beside or instead of a real loss.

use super::POOL;
use super::SITE;
use super::crash;
use super::crash_both;
use super::live;
use super::one;
use super::over;
use super::revive;
use super::revive_both;
use super::start_with_agents;
use super::two;
use crate::carrier::Carrier;
use crate::port::free_port;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(super) const ALL: &[Scenario] = &[
    live(
        "mixed/return-beside-outage",
        "A rule answers 503 for one path while the pool is dead",
        "`http-request return status 503` closes `/admin` all the time; then the servers crashed.",
        0,
        return_beside_outage,
    ),
    live(
        "mixed/agent-drain",
        "The agents drained their servers",
        "Both agents said `drain`, later `ready`.",
        0,
        agent_drain,
    ),
    live(
        "mixed/retry-on-503",
        "The application answers 503, HAProxy tries again in vain",
        "`retry-on 503` repeats the request; the last answer is passed on.",
        0,
        retry_on_503,
    ),
    live(
        "mixed/monitor-fail",
        "The monitor answers 503 while users are served",
        "`monitor fail` when fewer than two servers are up; one crashed.",
        0,
        monitor_fail,
    ),
    live(
        "mixed/port-in-host",
        "The port in the Host header misses the rule",
        "`hdr(host) -i shop.example.com` does not match `shop.example.com:8080`.",
        0,
        port_in_host,
    ),
    live(
        "mixed/rule-order",
        "An earlier rule takes the requests of a later one",
        "`path_beg /api` stands before `path_beg /api/v2` and leads to a dead pool.",
        0,
        rule_order,
    ),
    live(
        "mixed/unchecked-sibling",
        "The unchecked one of two servers is dead",
        "`app2` is checked and serves; `app1` has no check, and retries stay on it.",
        0,
        unchecked_sibling,
    ),
];

fn return_beside_outage(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let pool = POOL.replace(
        "    default_backend",
        "    http-request return status 503 content-type text/plain string closed if { path_beg /admin }\n    default_backend",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let mix = [
        ("www.example.com", "/"),
        ("www.example.com", "/cart"),
        ("www.example.com", "/admin"),
    ];
    let load = scene.load(55, &mix);
    scene.wait(1300);
    crash_both(scene, &mut apps);
    scene.wait(2200);
    revive_both(scene, &mut apps);
    scene.wait(1800);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &[]);
    let down = Fact {
        servers: &[("app1", "listener-refused"), ("app2", "listener-refused")],
        trigger: Some("service-crashed"),
        ..over("listener-refused")
    };
    let rule = Fact {
        cause: "denied-by-rule",
        frontend: "fe_app",
        backend: "fe_app",
        also_triggers: &["service-crashed"],
        factors: &["partial-outage"],
        ..Fact::default()
    };
    Truth {
        incidents: vec![
            scene.measure(down, |answer| answer.path != "/admin"),
            scene.measure(rule, |answer| answer.path == "/admin"),
        ],
        not_causes: &[],
    }
}

fn agent_drain(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let agents = start_with_agents(scene);
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    for agent in &agents {
        agent.say("drain");
    }
    scene.wait(2200);
    scene.dump("show servers state", "show-servers-state.txt");
    for agent in &agents {
        agent.say("ready");
    }
    scene.wait(1500);
    load.stop();
    scene.journal(Carrier::ShortIso, "journal.txt", &["proxy01"]);
    let fact = Fact {
        servers: &[("app1", "admin-drain"), ("app2", "admin-drain")],
        ..over("admin-drain")
    };
    one(scene.measure(fact, |_| true))
}

fn retry_on_503(scene: &mut Scene) -> Truth {
    let apps = two(scene);
    let pool = POOL.replace(
        "    default-server",
        "    retry-on 503 conn-failure\n    retries 2\n    option redispatch 1\n    default-server",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    for app in &apps {
        app.set(|mode| mode.status = 503);
    }
    scene.wait(1800);
    for app in &apps {
        app.set(|mode| mode.status = 200);
    }
    scene.wait(1300);
    load.stop();
    scene.dump("show stat", "show-stat.csv");
    scene.journal_of_haproxy(Carrier::ShortPrecise, "haproxy.txt");
    let fact = Fact {
        servers: &[("app1", "application-503"), ("app2", "application-503")],
        ..over("application-503")
    };
    one(scene.measure(fact, |_| true))
}

fn monitor_fail(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let pool = POOL
        .replace(
            "    default_backend",
            "    monitor-uri /alive\n    monitor fail if { nbsrv(be_app) lt 2 }\n    default_backend",
        )
        .replace("    default-server", "    option redispatch 1\n    default-server");
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let mix = [("www.example.com", "/"), ("lb.example.com", "/alive")];
    let load = scene.load(80, &mix);
    scene.wait(1500);
    crash(scene, "app1", &mut apps[0]);
    scene.wait(2500);
    revive(scene, "app1", &mut apps[0]);
    scene.wait(1800);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &[]);
    // HAProxy logs no request of its monitor, and everybody else was served.
    assert!(
        scene
            .clients
            .answers()
            .iter()
            .any(|answer| answer.status == Some(503))
    );
    Truth {
        incidents: Vec::new(),
        not_causes: &["listener-refused"],
    }
}

/// A dead pool of one server that answered last long ago.
const OLD: &str = "
backend be_old
    option httpchk GET /healthz
    server old1 @old1@ check inter 500ms
";

fn dead_pool(scene: &mut Scene) {
    let gone = free_port(&scene.ip(90));
    scene.address("old1", gone, 8080);
}

fn to_old_pool() -> Fact {
    Fact {
        cause: "misrouted",
        frontend: "fe_app",
        backend: "be_old",
        servers: &[("old1", "listener-refused")],
        also_factors: &["partial-outage"],
        still_down: &["old1"],
        ..Fact::default()
    }
}

fn port_in_host(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    dead_pool(scene);
    let pool = POOL.replace(
        "    default_backend be_app",
        "    use_backend be_app if { hdr(host) -i shop.example.com }\n    default_backend be_old\n    capture request header Host len 40",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}{OLD}"));
    scene.wait(1300);
    let mix = [
        ("shop.example.com", "/"),
        ("shop.example.com", "/cart"),
        ("shop.example.com:8080", "/"),
    ];
    let load = scene.load(60, &mix);
    scene.wait(3000);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    one(scene.measure(to_old_pool(), |answer| answer.host.ends_with(":8080")))
}

fn rule_order(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    dead_pool(scene);
    let pool = POOL.replace(
        "    default_backend be_app",
        "    use_backend be_old if { path_beg /api }\n    use_backend be_app if { path_beg /api/v2 }\n    default_backend be_app",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}{OLD}"));
    scene.wait(1300);
    let mix = [
        ("www.example.com", "/"),
        ("www.example.com", "/api/v2/items"),
        ("www.example.com", "/cart"),
    ];
    let load = scene.load(60, &mix);
    scene.wait(3000);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.journal(Carrier::ShortIso, "journal.txt", &["proxy01"]);
    one(scene.measure(to_old_pool(), |answer| answer.path.starts_with("/api")))
}

fn unchecked_sibling(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let pool = POOL.replace("@app1@ check", "@app1@").replace(
        "    default-server",
        "    retries 2\n    timeout connect 300ms\n    default-server",
    );
    scene.start("haproxy.cfg", &format!("{SHORT}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    crash(scene, "app1", &mut apps[0]);
    scene.wait(2200);
    revive(scene, "app1", &mut apps[0]);
    scene.wait(1300);
    load.stop();
    scene.journal(Carrier::ShortUnix, "journal.txt", &[]);
    let fact = Fact {
        servers: &[("app1", "unchecked-server-failed")],
        trigger: Some("service-crashed"),
        factors: &["checks-disabled", "partial-outage"],
        ..over("unchecked-server-failed")
    };
    one(scene.measure(fact, |_| true))
}
