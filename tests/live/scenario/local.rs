//! Failures of the proxy's own host: it may not connect, or has no descriptor left. With what looks like them.

use crate::carrier::Carrier;
use crate::client::Idle;
use crate::record::now;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

const SITE: [(&str, &str); 4] = [
    ("www.example.com", "/"),
    ("www.example.com", "/search"),
    ("www.example.com", "/account"),
    ("www.example.com", "/static/app.js"),
];

/// Descriptors for the process itself and some two hundred connections; with fewer, the master itself gives up.
const DESCRIPTORS: u16 = 230;
/// More idle clients than that.
const IDLE: usize = 300;
/// HAProxy would refuse to start with so few for its `maxconn`.
const ALL_THE_SAME: &str = "global\n    maxconn 2000\n    no strict-limits\n";

pub(crate) const CONNECT_NOT_PERMITTED: Scenario = Scenario {
    folder: "causes/connect-not-permitted",
    title: "The proxy's system forbids its connections",
    story: "
HAProxy was started under a policy that does not let it connect to the servers' port (here a seccomp filter; the audit lines are those of SELinux).
`connect()` fails with EACCES before a packet leaves. Requests before the first checks ended spent all their retries in 0 ms
(`SC--` with a server's name); then the checks said \"General socket error (Permission denied)\" and the pool was empty. The servers are fine,
as a curl to one of them from the same host shows.

Saved: the proxy's journal (`-o short-iso-precise`), the configuration, `show servers state`, a curl to a server.

To conclude: `connect-not-permitted`, not the servers'. It was not over when the files were saved.",
    zone: 0,
    net: "10.0.30",
    run: connect_not_permitted,
};

fn connect_not_permitted(scene: &mut Scene) -> Truth {
    let app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    let config = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option httpchk GET /healthz
    default-server inter 800ms fall 2 rise 2
    server app1 @app1@ check
    server app2 @app2@ check
";
    scene.confined = true;
    scene.start("haproxy.cfg", &format!("{SHORT}{config}"));
    let pid = scene.worker();
    let second = now() / 1_000_000;
    for serial in [412, 413, 415] {
        let denied = format!(
            "audit: type=1400 audit({second}.{serial}:{serial}): avc:  denied  {{ name_connect }} for  pid={pid} comm=\"haproxy\" \
             dest=8080 scontext=system_u:system_r:haproxy_t:s0 tcontext=system_u:object_r:http_cache_port_t:s0 tclass=tcp_socket permissive=0"
        );
        scene.host("proxy01", "kernel", 0, &denied);
    }
    let load = scene.load(60, &SITE);
    scene.wait(3000);
    load.stop();
    scene.dump("show servers state be_app", "show-servers-state.txt");
    scene.curl_server("curl-app1.txt", app1.addr, "/healthz");
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        cause: "connect-not-permitted",
        frontend: "fe_app",
        backend: "be_app",
        servers: &[
            ("app1", "connect-not-permitted"),
            ("app2", "connect-not-permitted"),
        ],
        also_triggers: &["config-reload"],
        factors: &["common-failure"],
        also_factors: &["detection-gap", "no-redispatch"],
        recovered: false,
        still_down: &["app1", "app2"],
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &[
            "listener-refused",
            "check-socket-error",
            "local-port-exhaustion",
            "process-limits",
        ],
    }
}

pub(crate) const DENIED_ELSEWHERE: Scenario = Scenario {
    folder: "near-misses/denied-elsewhere",
    title: "SELinux denied HAProxy a file, the servers refused the connections",
    story: "
Both servers were stopped; `option redispatch` tried the other one at once, so failed requests took 0 ms with all their retries spent.
In the same minute SELinux denied HAProxy to read a map file, as it had all day.

Saved: the proxy's journal (`-o short-precise`), the configuration.

Looks like `connect-not-permitted` (denials that name haproxy, retries without a wait). To conclude: `listener-refused`: the checks say who refused.",
    zone: 0,
    net: "192.0.2",
    run: denied_elsewhere,
};

fn denied_elsewhere(scene: &mut Scene) -> Truth {
    let mut apps = [scene.app("app1", 11), scene.app("app2", 12)];
    let config = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option redispatch 1
    option httpchk GET /healthz
    default-server inter 700ms fall 3 rise 2
    server app1 @app1@ check
    server app2 @app2@ check
";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let load = scene.load(60, &SITE);
    scene.wait(1500);
    for app in &mut apps {
        app.stop();
    }
    let pid = scene.worker();
    let denied = format!(
        "audit: type=1400 audit({}.118:530): avc:  denied  {{ read }} for  pid={pid} comm=\"haproxy\" name=\"hosts.map\" dev=\"vda1\" \
         ino=131094 scontext=system_u:system_r:haproxy_t:s0 tcontext=unconfined_u:object_r:user_home_t:s0 tclass=file permissive=0",
        now() / 1_000_000
    );
    scene.host("proxy01", "kernel", 0, &denied);
    scene.wait(2800);
    for app in &mut apps {
        app.restart();
    }
    scene.wait(2200);
    load.stop();
    scene.journal(Carrier::ShortPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        cause: "listener-refused",
        frontend: "fe_app",
        backend: "be_app",
        servers: &[("app1", "listener-refused"), ("app2", "listener-refused")],
        factors: &["common-failure"],
        also_factors: &["detection-gap", "slow-recovery", "no-redispatch"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["connect-not-permitted", "local-port-exhaustion"],
    }
}

pub(crate) const PROCESS_LIMITS: Scenario = Scenario {
    folder: "causes/process-limits",
    title: "Idle clients took the last file descriptors",
    story: "
The unit has `LimitNOFILE=230`, and `no strict-limits` lets HAProxy start with it. Clients that kept their connections open took the last
descriptors: HAProxy said \"reached process FD
limit\", the health checks could open no socket (\"Too many sockets on the process\") and took both healthy servers out, so requests found
an empty pool. The idle clients left, the checks passed again. The servers never failed.

Saved: `journalctl -u haproxy -o short-precise`, the configuration, `show info` after it.

To conclude: `process-limits`; the servers refused nothing.",
    zone: 0,
    net: "192.0.2",
    run: process_limits,
};

fn process_limits(scene: &mut Scene) -> Truth {
    let _app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    let config = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option httpchk GET /healthz
    default-server inter 400ms fall 2 rise 3
    server app1 @app1@ check
    server app2 @app2@ check
";
    let config = format!("{DEBIAN}{config}").replacen("global\n", ALL_THE_SAME, 1);
    scene.descriptors = Some(DESCRIPTORS);
    scene.start("haproxy.cfg", &config);
    let load = scene.load(60, &SITE);
    scene.wait(1500);
    let idle = Idle::open(&scene.clients, IDLE);
    scene.wait(900);
    drop(idle);
    scene.wait(3000);
    load.stop();
    scene.dump("show info", "show-info.txt");
    scene.journal_of_haproxy(Carrier::ShortPrecise, "journal.txt");
    let fact = Fact {
        cause: "process-limits",
        frontend: "fe_app",
        backend: "be_app",
        servers: &[("app1", "process-limits"), ("app2", "process-limits")],
        factors: &["common-failure"],
        also_factors: &["detection-gap", "slow-recovery", "no-redispatch"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &[
            "listener-refused",
            "check-socket-error",
            "connect-not-permitted",
            "local-port-exhaustion",
        ],
    }
}

pub(crate) const LIMIT_OF_CLIENTS: Scenario = Scenario {
    folder: "near-misses/limit-of-clients",
    title: "The limit of descriptors was reached, and no request failed",
    story: "
Idle clients took the last file descriptors for half a second, between two health checks. HAProxy said \"reached process FD limit\" and let new
clients wait in the kernel's backlog; every request was answered 200, some of them late.

Saved: the proxy's journal (`-o short-iso`), the configuration.

Looks like `process-limits`, but on the side of the clients the limit costs time, no 503.",
    zone: 0,
    net: "192.0.2",
    run: limit_of_clients,
};

fn limit_of_clients(scene: &mut Scene) -> Truth {
    let _app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    let config = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option httpchk GET /healthz
    default-server inter 30s
    server app1 @app1@ check
    server app2 @app2@ check
";
    let config = format!("{DEBIAN}{config}").replacen("global\n", ALL_THE_SAME, 1);
    scene.descriptors = Some(DESCRIPTORS);
    scene.start("haproxy.cfg", &config);
    // Both first checks are over by then, which come half an interval apart.
    let load = scene.load(80, &SITE);
    scene.wait(1200);
    load.stop();
    // No request is on its way, so that none needs a descriptor towards a server while there is none.
    let idle = Idle::open(&scene.clients, IDLE);
    scene.wait(600);
    drop(idle);
    scene.wait(300);
    let load = scene.load(80, &SITE);
    scene.wait(1500);
    load.stop();
    scene.journal(Carrier::ShortIso, "journal.txt", &["proxy01"]);
    Truth {
        incidents: Vec::new(),
        not_causes: &["process-limits", "listener-refused"],
    }
}
