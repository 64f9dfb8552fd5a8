//! Servers changed at run time, agents, names made of headers, logs that begin too late, and more that is no incident.

use super::POOL;
use super::SITE;
use super::alike::nothing;
use super::crash;
use super::live;
use super::one;
use super::over;
use super::revive;
use super::start_with_agents;
use super::two;
use crate::app::Health;
use crate::carrier::Carrier;
use crate::port::free_port;
use crate::record::now;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(super) const ALL: &[Scenario] = &[
    live(
        "mixed/below-fall",
        "Checks failed now and then, no server went down",
        "`option log-health-checks`, `fall 3`.",
        0,
        below_fall,
    ),
    live(
        "mixed/agent-weight",
        "The agents set the weights to zero",
        "Both said `0%`, later `100%`.",
        0,
        agent_weight,
    ),
    live(
        "mixed/moved-by-command",
        "A command moved the only server to an address where nobody listens",
        "`set server … addr … port …`, and back.",
        0,
        moved_by_command,
    ),
    live(
        "mixed/check-switched-off",
        "An operator switched a check off, then that server crashed",
        "`disable health`: HAProxy goes on with the dead server.",
        0,
        check_switched_off,
    ),
    live(
        "mixed/disable-on-404",
        "Both applications asked to be left alone",
        "`http-check disable-on-404`, both answered 404.",
        0,
        disable_on_404,
    ),
    live(
        "mixed/dead-at-start",
        "HAProxy came up before its servers",
        "Nobody listened when it was started.",
        0,
        dead_at_start,
    ),
    live(
        "mixed/unknown-tenant",
        "A backend's name was made of a header, and there is none of that name",
        "`use_backend be_%[req.hdr(x-tenant)]` without a default.",
        0,
        unknown_tenant,
    ),
    live(
        "mixed/dead-spare",
        "A backup that never listened, and all is well",
        "Nobody needed it.",
        0,
        dead_spare,
    ),
    live(
        "mixed/number-in-paths",
        "Pages about 503, answered with 200",
        "The number stands in paths and captured headers only.",
        0,
        number_in_paths,
    ),
    live(
        "mixed/late-captures",
        "A curl of the outage, dumps of the time after it",
        "No log, no configuration.",
        0,
        late_captures,
    ),
    live(
        "mixed/log-begins-late",
        "The saved log begins in the middle of the outage",
        "Why the servers went is in a piece that was not saved.",
        0,
        log_begins_late,
    ),
];

fn below_fall(scene: &mut Scene) -> Truth {
    let apps = two(scene);
    let pool = POOL
        .replace("inter 400ms fall 2", "inter 400ms fall 4")
        .replace(
            "    option httpchk",
            "    option log-health-checks\n    option httpchk",
        );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(70, &SITE);
    scene.wait(1200);
    for app in &apps {
        app.set(|mode| mode.health = Health::Status(500));
        scene.wait(600);
        app.set(|mode| mode.health = Health::Status(200));
        scene.wait(900);
    }
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    nothing(scene, &["check-http-status"])
}

fn agent_weight(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let agents = start_with_agents(scene);
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    for agent in &agents {
        agent.say("0%");
    }
    scene.wait(2200);
    scene.dump("show servers state", "show-servers-state.txt");
    for agent in &agents {
        agent.say("100%");
    }
    scene.wait(1500);
    load.stop();
    scene.journal(Carrier::ShortPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        servers: &[("app1", "admin-drain"), ("app2", "admin-drain")],
        ..over("admin-drain")
    };
    one(scene.measure(fact, |_| true))
}

fn moved_by_command(scene: &mut Scene) -> Truth {
    let app = scene.app("app1", 11);
    let nobody = free_port(&scene.ip(77));
    scene.address("gone", nobody, 8080);
    let pool = POOL.replace("    server app2 @app2@ check\n", "");
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    let moved = |to: std::net::SocketAddr| {
        format!("set server be_app/app1 addr {} port {}", to.ip(), to.port())
    };
    scene.admin(&moved(nobody));
    scene.wait(2500);
    scene.admin(&moved(app.addr));
    scene.wait(2000);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        servers: &[("app1", "listener-refused")],
        trigger: Some("admin-command"),
        // The socket writes no line of the new address.
        also_triggers: &["none-seen"],
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

fn check_switched_off(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let pool = POOL.replace(
        "    default-server",
        "    retries 1\n    timeout connect 300ms\n    default-server",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    scene.admin("disable health be_app/app1");
    scene.wait(600);
    crash(scene, "app1", &mut apps[0]);
    scene.wait(2500);
    scene.dump("show servers state", "show-servers-state.txt");
    revive(scene, "app1", &mut apps[0]);
    scene.wait(1300);
    load.stop();
    scene.journal(Carrier::ShortIso, "journal.txt", &[]);
    let fact = Fact {
        also_causes: &["listener-refused"],
        trigger: Some("service-crashed"),
        factors: &["partial-outage"],
        also_factors: &[
            "no-redispatch",
            "forced-up",
            "checks-disabled",
            "detection-gap",
        ],
        ..over("unchecked-server-failed")
    };
    one(scene.measure(fact, |_| true))
}

fn disable_on_404(scene: &mut Scene) -> Truth {
    let apps = two(scene);
    let pool = POOL.replace(
        "    default-server",
        "    http-check disable-on-404\n    default-server",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    for app in &apps {
        app.set(|mode| mode.health = Health::Status(404));
    }
    scene.wait(2500);
    for app in &apps {
        app.set(|mode| mode.health = Health::Status(200));
    }
    scene.wait(1500);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        also_causes: &["admin-drain"],
        ..over("check-http-status")
    };
    one(scene.measure(fact, |_| true))
}

fn dead_at_start(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    for app in &mut apps {
        app.stop();
    }
    scene.start("haproxy.cfg", &format!("{SHORT}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(3000);
    for app in &mut apps {
        app.restart();
    }
    scene.wait(1800);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        servers: &[("app1", "listener-refused"), ("app2", "listener-refused")],
        also_triggers: &["config-reload"],
        ..over("listener-refused")
    };
    Truth {
        not_causes: &["startup-window"],
        ..one(scene.measure(fact, |_| true))
    }
}

fn unknown_tenant(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let pool = POOL.replace(
        "    default_backend be_app",
        "    use_backend be_%[req.hdr(x-tenant)]",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let mix = [
        ("www.example.com\r\nX-Tenant: app", "/"),
        ("www.example.com\r\nX-Tenant: app", "/cart"),
        ("www.example.com\r\nX-Tenant: shop", "/offers"),
    ];
    let load = scene.load(60, &mix);
    scene.wait(3500);
    load.stop();
    scene.journal(Carrier::ShortIso, "journal.txt", &["proxy01"]);
    let fact = Fact {
        frontend: "fe_app",
        backend: "fe_app",
        factors: &["partial-outage"],
        recovered: false,
        ..over("no-route")
    };
    one(scene.measure(fact, |_| true))
}

fn dead_spare(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let nobody = free_port(&scene.ip(31));
    scene.address("spare", nobody, 8080);
    let config = format!("{DEBIAN}{POOL}    server spare @spare@ check backup\n");
    scene.start("haproxy.cfg", &config);
    let load = scene.load(70, &SITE);
    scene.wait(3000);
    load.stop();
    scene.dump("show stat", "show-stat.csv");
    scene.rsyslog(Carrier::RsyslogFile, "haproxy.log", "syslog");
    nothing(scene, &["listener-refused"])
}

fn number_in_paths(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let pool = POOL.replace(
        "    default_backend",
        "    capture request header Host len 30\n    capture request header X-Ref len 30\n    default_backend",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let mix = [
        ("www.example.com\r\nX-Ref: error 503 SC", "/errors/503"),
        ("www.example.com", "/docs/haproxy-503-service-unavailable"),
        (
            "www.example.com\r\nX-Ref: be_app/<NOSRV>",
            "/?code=503&state=SC--",
        ),
    ];
    let load = scene.load(60, &mix);
    scene.wait(3000);
    load.stop();
    scene.journal(Carrier::Short, "journal.txt", &["proxy01"]);
    nothing(scene, &["application-503", "listener-refused"])
}

fn late_captures(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    scene.start("not-saved", &format!("{DEBIAN}{POOL}"));
    scene.bundle.forget("not-saved");
    scene.wait(800);
    for app in &mut apps {
        app.stop();
    }
    scene.wait(1500);
    scene.curl("curl.txt", "www.example.com", "/cart");
    for app in &mut apps {
        app.restart();
    }
    scene.wait(1500);
    scene.dump("show info", "show-info.txt");
    scene.dump("show stat", "show-stat.csv");
    let fact = Fact {
        also_causes: &["insufficient-evidence"],
        also_backends: &[""],
        recovered: false,
        unseen: true,
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

fn log_begins_late(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    // Without retries no request that began before the saved piece ends in it.
    let pool = POOL.replace("    default-server", "    retries 0\n    default-server");
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1000);
    for app in &mut apps {
        app.stop();
    }
    scene.wait(3000);
    let from = now();
    scene.wait(1200);
    for app in &mut apps {
        app.restart();
    }
    scene.wait(1500);
    load.stop();
    scene.log_where(Carrier::RsyslogIso, "haproxy.log", |entry| entry.at >= from);
    let fact = Fact {
        also_causes: &["insufficient-evidence"],
        ..over("listener-refused")
    };
    one(scene.measure_between(fact, from..i64::MAX, |_| true))
}
