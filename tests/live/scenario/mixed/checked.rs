//! Checks that say it in other words, ask something else, or notice too late; and servers that nobody checks.

use super::POOL;
use super::SITE;
use super::crash;
use super::live;
use super::one;
use super::over;
use super::revive;
use super::two;
use crate::app::Health;
use crate::carrier::Carrier;
use crate::filter::Filter;
use crate::port::free_port;
use crate::record::Origin;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(super) const ALL: &[Scenario] = &[
    live(
        "mixed/no-master",
        "The role check found no master any more",
        "`tcp-check expect string master` on a port of its own; in the end the other server became the master.",
        0,
        no_master,
    ),
    live(
        "mixed/own-words",
        "A check that gives its reason in words of its own",
        "`http-check expect … on-error`, `option log-health-checks`.",
        0,
        own_words,
    ),
    live(
        "mixed/wrong-content",
        "Readiness answers 200 with another text",
        "`http-check expect string ready`; a single server, no configuration saved.",
        0,
        wrong_content,
    ),
    live(
        "mixed/hang-then-crash",
        "One server's check hangs, then the other crashed",
        "`option log-separate-errors` and `option log-health-checks`; the log is in two files by severity.",
        0,
        hang_then_crash,
    ),
    live(
        "mixed/observed-connections",
        "Failed connections marked a server down that its check finds well",
        "`observe layer4`, the check asks another port.",
        0,
        observed_connections,
    ),
    live(
        "mixed/sessions-cut",
        "Requests were cut when the server was marked down",
        "`on-marked-down shutdown-sessions` and slow answers.",
        0,
        sessions_cut,
    ),
    live(
        "mixed/slow-to-notice",
        "A crash that the checks noticed late",
        "No redispatch, `fall 3`: requests failed on `app1` until then; `app2` served. The log is in rotated pieces.",
        0,
        slow_to_notice,
    ),
    live(
        "mixed/unchecked-silent",
        "A server without a check does not answer",
        "Packets to `app1` were dropped; half of the requests failed.",
        0,
        unchecked_silent,
    ),
    live(
        "mixed/surge",
        "More requests than the only server takes",
        "The rate rose tenfold; requests waited longer than `timeout queue`.",
        0,
        surge,
    ),
];

fn no_master(scene: &mut Scene) -> Truth {
    let _apps = [scene.app("db1", 21), scene.app("db2", 22)];
    let roles = [
        scene.agent("role1", 21, 8008),
        scene.agent("role2", 22, 8008),
    ];
    roles[0].say("role master");
    roles[1].say("role replica");
    let config = DEBIAN
        .replace("mode http", "mode tcp")
        .replace("option httplog", "option tcplog")
        + "
frontend fe_db
    bind @bind@
    default_backend be_db

backend be_db
    option tcp-check
    tcp-check expect string master
    default-server inter 400ms fall 2 rise 2
    server db1 @db1@ check port @role1.port@
    server db2 @db2@ check port @role2.port@
";
    scene.start("haproxy.cfg", &config);
    scene.wait(600);
    let load = scene.load(70, &SITE);
    scene.wait(1500);
    roles[0].say("role replica");
    scene.wait(2200);
    roles[1].say("role master");
    scene.wait(1800);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        frontend: "fe_db",
        backend: "be_db",
        servers: &[("db1", "check-response-invalid")],
        also_factors: &[
            "role-split-pool",
            "slow-recovery",
            "redundancy-lost",
            "detection-gap",
        ],
        still_down: &["db1"],
        ..over("check-response-invalid")
    };
    one(scene.measure_silence(fact))
}

fn own_words(scene: &mut Scene) -> Truth {
    let apps = two(scene);
    let pool = POOL.replace(
        "    default-server",
        "    option log-health-checks\n    http-check expect rstatus ^2[0-9][0-9] on-error \"readiness says no\"\n    default-server",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    for app in &apps {
        app.set(|mode| mode.health = Health::Status(429));
        scene.wait(700);
    }
    scene.wait(1800);
    for app in &apps {
        app.set(|mode| mode.health = Health::Status(200));
    }
    scene.wait(1500);
    load.stop();
    scene.log_where(Carrier::Rfc5424, "proxy01.log", |_| true);
    let fact = Fact {
        servers: &[("app1", "check-http-status"), ("app2", "check-http-status")],
        ..over("check-http-status")
    };
    one(scene.measure(fact, |_| true))
}

fn wrong_content(scene: &mut Scene) -> Truth {
    let app = scene.app("app1", 11);
    app.set(|mode| mode.health = Health::Says("ready\n"));
    let pool = POOL.replace("    server app2 @app2@ check\n", "").replace(
        "    default-server",
        "    http-check expect string ready\n    default-server",
    );
    scene.start("not-saved", &format!("{SHORT}{pool}"));
    scene.bundle.forget("not-saved");
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    app.set(|mode| mode.health = Health::Says("warming up\n"));
    scene.wait(2500);
    app.set(|mode| mode.health = Health::Says("ready\n"));
    scene.wait(1500);
    load.stop();
    scene.journal_of_haproxy(Carrier::ShortUnix, "haproxy.txt");
    let fact = Fact {
        servers: &[("app1", "check-response-invalid")],
        ..over("check-response-invalid")
    };
    Truth {
        not_causes: &["check-http-status"],
        ..one(scene.measure(fact, |_| true))
    }
}

fn hang_then_crash(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let global = DEBIAN.replace(
        "    option httplog",
        "    option httplog\n    option log-separate-errors\n    option log-health-checks\n    timeout check 400ms",
    );
    scene.start("haproxy.cfg", &format!("{global}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    apps[0].set(|mode| mode.health = Health::Hang);
    scene.wait(2800);
    apps[1].stop();
    scene.wait(2000);
    apps[1].restart();
    scene.wait(1500);
    load.stop();
    // LOG_ERR and what is more severe goes to a file of its own.
    let severe = |origin: Origin| matches!(origin, Origin::Syslog(pri) if pri % 8 <= 3);
    scene.log_where(Carrier::RsyslogFile, "haproxy.log", |entry| {
        !severe(entry.origin)
    });
    scene.log_where(Carrier::RsyslogFile, "haproxy-errors.log", |entry| {
        severe(entry.origin)
    });
    let fact = Fact {
        servers: &[("app1", "check-timeout"), ("app2", "listener-refused")],
        factors: &["redundancy-lost"],
        still_down: &["app1"],
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

fn observed_connections(scene: &mut Scene) -> Truth {
    let mut app = scene.app("app1", 11);
    let _side = scene.agent("side", 11, 9090);
    let config = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    retries 1
    timeout connect 300ms
    server app1 @app1@ check port @side.port@ inter 1s rise 2 observe layer4 error-limit 3 on-error mark-down
";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let load = scene.load(70, &SITE);
    scene.wait(1300);
    crash(scene, "app1", &mut app);
    scene.wait(4000);
    revive(scene, "app1", &mut app);
    scene.wait(3000);
    load.stop();
    scene.journal(Carrier::ShortIso, "journal.txt", &[]);
    let fact = Fact {
        also_causes: &["listener-refused"],
        trigger: Some("service-crashed"),
        also_factors: &[
            "flapping",
            "detection-gap",
            "slow-recovery",
            "no-redispatch",
        ],
        ..over("observe-marked-down")
    };
    Truth {
        not_causes: &["unchecked-server-failed", "check-http-status"],
        ..one(scene.measure(fact, |_| true))
    }
}

fn sessions_cut(scene: &mut Scene) -> Truth {
    let app = scene.app("app1", 11);
    app.set(|mode| mode.latency_ms = 1100);
    let pool = POOL
        .replace("    server app2 @app2@ check\n", "")
        .replace("rise 2", "rise 2 on-marked-down shutdown-sessions");
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(2500);
    app.set(|mode| mode.health = Health::Status(500));
    scene.wait(2500);
    app.set(|mode| mode.health = Health::Status(200));
    scene.wait(2500);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        servers: &[("app1", "check-http-status")],
        ..over("check-http-status")
    };
    one(scene.measure(fact, |_| true))
}

fn slow_to_notice(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let pool = POOL
        .replace(
            "    default-server",
            "    no option redispatch\n    retries 1\n    timeout connect 300ms\n    default-server",
        )
        .replace("inter 400ms fall 2", "inter 900ms fall 3");
    scene.start("haproxy.cfg", &format!("{SHORT}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1500);
    crash(scene, "app1", &mut apps[0]);
    scene.wait(5500);
    load.stop();
    scene.rotated(Carrier::RsyslogIso, "haproxy.log");
    scene.journal(Carrier::Short, "app1.txt", &["app1"]);
    let fact = Fact {
        servers: &[("app1", "listener-refused")],
        trigger: Some("service-crashed"),
        factors: &["detection-gap", "partial-outage"],
        also_factors: &["no-redispatch", "redundancy-lost"],
        still_down: &["app1"],
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

fn unchecked_silent(scene: &mut Scene) -> Truth {
    let app = scene.app("hidden-app1", 111);
    let gate = free_port(&scene.ip(11));
    scene.address("app1", gate, 8080);
    let mut filter = Filter::start(gate, app.addr);
    let _app2 = scene.app("app2", 12);
    let pool = POOL.replace(" check\n", "\n").replace(
        "    option httpchk GET /healthz\n    default-server inter 400ms fall 2 rise 2\n",
        "    retries 1\n    timeout connect 400ms\n",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(70, &SITE);
    scene.wait(1500);
    filter.drop_packets();
    scene.wait(3000);
    filter.let_through();
    scene.wait(2000);
    load.stop();
    scene.journal_of_haproxy(Carrier::Docker, "5f0b7c-json.log");
    let fact = Fact {
        servers: &[("app1", "unchecked-server-failed")],
        factors: &["checks-disabled", "partial-outage"],
        ..over("unchecked-server-failed")
    };
    one(scene.measure(fact, |_| true))
}

fn surge(scene: &mut Scene) -> Truth {
    let app = scene.app("app1", 11);
    app.set(|mode| mode.latency_ms = 80);
    let pool = POOL.replace("    server app2 @app2@ check\n", "").replace(
        "    default-server",
        "    timeout queue 400ms\n    fullconn 4\n    default-server minconn 1 maxconn 2",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let usual = scene.load(250, &SITE);
    scene.wait(5000);
    let more = scene.load(20, &[("www.example.com", "/offers")]);
    scene.wait(2500);
    more.stop();
    scene.wait(2000);
    usual.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        trigger: Some("traffic-surge"),
        ..over("queue-timeout")
    };
    Truth {
        not_causes: &["listener-refused", "check-timeout"],
        ..one(scene.measure(fact, |_| true))
    }
}
