//! Servers that somebody took out: an operator on the runtime socket, or the health agent.

use crate::carrier::Carrier;
use crate::scenario::DEBIAN;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

const SITE: [(&str, &str); 4] = [
    ("www.example.com", "/"),
    ("www.example.com", "/blog"),
    ("www.example.com", "/blog/17"),
    ("www.example.com", "/about"),
];

const POOL: &str = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option httpchk GET /healthz
    server app1 @app1@ check inter 1s
    server app2 @app2@ check inter 1s
";

pub(crate) const AGENT_DOWN: Scenario = Scenario {
    folder: "causes/agent-down",
    title: "The agents declared their servers down",
    story: "
Each server has a health agent beside its health check. Both agents began to say `down #disk almost full`; HAProxy marked the
servers DOWN although the readiness endpoint stayed 200. When the agents said `up` again, they returned.

Saved: the journal (`-o short-iso`), `show stat` and `show servers state` during the failure, curl to the readiness endpoint (200).

To conclude: `agent-down`; the service itself answers.",
    zone: 0,
    net: "10.0.20",
    run: agent_down,
};

fn agent_down(scene: &mut Scene) -> Truth {
    let app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    let agents = [
        scene.agent("agent1", 11, 9707),
        scene.agent("agent2", 12, 9707),
    ];
    let config = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option httpchk GET /healthz
    default-server inter 1s agent-inter 500ms
    server app1 @app1@ check agent-check agent-port @agent1.port@
    server app2 @app2@ check agent-check agent-port @agent2.port@
";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let load = scene.load(60, &SITE);
    scene.wait(1500);
    for agent in &agents {
        agent.say("down #disk almost full");
    }
    scene.wait(2500);
    scene.dump("show stat", "show-stat.csv");
    scene.dump("show servers state", "show-servers-state.txt");
    scene.curl_server("curl-readiness.txt", app1.addr, "/healthz");
    for agent in &agents {
        agent.say("up");
    }
    scene.wait(1500);
    load.stop();
    scene.journal(Carrier::ShortIso, "journal.txt", &[]);
    let fact = Fact {
        cause: "agent-down",
        frontend: "fe_app",
        backend: "be_app",
        servers: &[("app1", "agent-down"), ("app2", "agent-down")],
        factors: &["common-failure"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["check-http-status", "listener-refused", "admin-maintenance"],
    }
}

pub(crate) const ADMIN_MAINTENANCE: Scenario = Scenario {
    folder: "causes/admin-maintenance",
    title: "An operator put the whole pool into maintenance",
    story: "
`set server be_app/app1 state maint` was sent on the runtime socket, a second later the same for `app2`, which left nobody to serve.
Both were set to `ready` afterwards.

Saved: the journal of the proxy's host (`-o short-precise`) with the sudo lines, `show servers state` during and after.

To conclude: `admin-maintenance`, set off by `admin-command`.",
    zone: 0,
    net: "192.0.2",
    run: admin_maintenance,
};

fn admin_maintenance(scene: &mut Scene) -> Truth {
    let _app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1500);
    scene.admin("set server be_app/app1 state maint");
    scene.wait(900);
    scene.admin("set server be_app/app2 state maint");
    scene.wait(2200);
    let during = format!("show-servers-state.{}.txt", scene.file_stamp());
    scene.dump("show servers state", &during);
    scene.admin("set server be_app/app1 state ready");
    scene.admin("set server be_app/app2 state ready");
    scene.wait(1500);
    load.stop();
    let after = format!("show-servers-state.{}.txt", scene.file_stamp());
    scene.dump("show servers state", &after);
    scene.journal(Carrier::ShortPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        cause: "admin-maintenance",
        frontend: "fe_app",
        backend: "be_app",
        servers: &[("app1", "admin-maintenance"), ("app2", "admin-maintenance")],
        trigger: Some("admin-command"),
        also_factors: &["common-failure"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["dns-resolution-failed", "listener-refused", "admin-drain"],
    }
}

pub(crate) const ADMIN_DRAIN: Scenario = Scenario {
    folder: "causes/admin-drain",
    title: "Both servers were drained",
    story: "
`state drain` was set for both servers on the runtime socket. They stayed UP for the checks, but took no new request, so every
request got `be_app/<NOSRV>`. Still so when the files were saved.

Saved: rsyslog's traditional files, the configuration, `show servers state`, `show stat`; all in one `.tar.gz`.

To conclude: `admin-drain`, set off by `admin-command`, not over.",
    zone: 0,
    net: "192.0.2",
    run: admin_drain,
};

fn admin_drain(scene: &mut Scene) -> Truth {
    let _app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    scene.start("etc/haproxy/haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1800);
    scene.admin("set server be_app/app2 state drain");
    scene.admin("set server be_app/app1 state drain");
    scene.wait(2500);
    load.stop();
    scene.dump("show servers state be_app", "show-servers-state.txt");
    scene.dump("show stat", "show-stat.csv");
    scene.rsyslog(
        Carrier::RsyslogFile,
        "var/log/haproxy.log",
        "var/log/syslog",
    );
    scene.archive = Some("proxy01-haproxy.tar.gz");
    let fact = Fact {
        cause: "admin-drain",
        frontend: "fe_app",
        backend: "be_app",
        servers: &[("app1", "admin-drain"), ("app2", "admin-drain")],
        trigger: Some("admin-command"),
        also_factors: &["common-failure"],
        recovered: false,
        still_down: &["app1", "app2"],
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &[
            "admin-maintenance",
            "listener-refused",
            "no-servers-configured",
        ],
    }
}
