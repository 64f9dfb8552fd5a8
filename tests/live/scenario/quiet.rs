//! Times without an incident: nothing may be found in them.

use crate::carrier::Carrier;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Truth;

const SITE: [(&str, &str); 4] = [
    ("www.example.com", "/"),
    ("www.example.com", "/products"),
    ("www.example.com", "/cart"),
    ("www.example.com", "/static/site.css"),
];

const POOL: &str = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option redispatch
    option httpchk GET /healthz
    server app1 @app1@ check inter 500ms rise 2
    server app2 @app2@ check inter 500ms rise 2
";

pub(crate) const HEALTHY: Scenario = Scenario {
    folder: "quiet/healthy-traffic",
    title: "A start and healthy traffic",
    story: "
HAProxy was started and served every request with 200. Saved: the journal (`-o short-iso`), the configuration, all dumps, one curl.",
    zone: 0,
    net: "192.0.2",
    run: healthy,
};

fn healthy(scene: &mut Scene) -> Truth {
    let _app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(70, &SITE);
    scene.wait(4000);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.dump("show stat", "show-stat.csv");
    scene.dump("show info", "show-info.txt");
    scene.curl("curl.txt", "www.example.com", "/");
    scene.journal(Carrier::ShortIso, "journal.txt", &[]);
    Truth {
        incidents: Vec::new(),
        not_causes: &["listener-refused", "startup-window"],
    }
}

pub(crate) const ROLLING_RESTART: Scenario = Scenario {
    folder: "quiet/rolling-restart",
    title: "A rolling restart that nobody noticed",
    story: "
One server after the other was put into maintenance, its service restarted, and set to ready again. The pool always had a server; every
request was answered 200. Saved: the journal of all hosts (`-o json`), the configuration.",
    zone: 0,
    net: "192.0.2",
    run: rolling_restart,
};

fn rolling_restart(scene: &mut Scene) -> Truth {
    let mut app1 = scene.app("app1", 11);
    let mut app2 = scene.app("app2", 12);
    scene.start("haproxy.cfg", &format!("{SHORT}{POOL}"));
    let load = scene.load(90, &SITE);
    scene.wait(1200);
    for (host, app) in [("app1", &mut app1), ("app2", &mut app2)] {
        scene.admin(&format!("set server be_app/{host} state maint"));
        scene.wait(300);
        scene.systemd(host, "Stopping app.service - Example web application...");
        app.stop();
        scene.systemd(host, "Stopped app.service - Example web application.");
        scene.wait(700);
        app.restart();
        scene.systemd(host, "Started app.service - Example web application.");
        scene.wait(200);
        scene.admin(&format!("set server be_app/{host} state ready"));
        scene.wait(800);
    }
    load.stop();
    scene.journal(Carrier::Json, "journal.json.gz", &[]);
    Truth {
        incidents: Vec::new(),
        not_causes: &["admin-maintenance", "listener-refused"],
    }
}

pub(crate) const RELOAD_REJECTED: Scenario = Scenario {
    folder: "near-misses/reload-rejected",
    title: "A reload was refused, the old worker served on",
    story: "
The new configuration has a misspelt keyword. The master refused it and kept its worker: every request before and after was
answered 200. Saved: the proxy's journal (`-o short-iso-precise`), the refused configuration.

Looks like `haproxy-down`, but the process never stopped; the running configuration is not the saved one.",
    zone: 0,
    net: "192.0.2",
    run: reload_rejected,
};

fn reload_rejected(scene: &mut Scene) -> Truth {
    let _app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    let good = format!("{DEBIAN}{POOL}");
    scene.start("not-saved", &good);
    scene.bundle.forget("not-saved");
    let load = scene.load(80, &SITE);
    scene.wait(1500);
    let bad = good.replace("option redispatch", "option redispach");
    scene.configure("haproxy.cfg", &bad);
    scene.reload_in_vain();
    scene.wait(2000);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    Truth {
        incidents: Vec::new(),
        not_causes: &["haproxy-down", "startup-window", "stale-process"],
    }
}

pub(crate) const BENIGN_NOSRV: Scenario = Scenario {
    folder: "quiet/benign-nosrv",
    title: "Lines with <NOSRV> that are no failure",
    story: "
Redirects, `return status 204`, the statistics page and denials with 403 are answered by HAProxy itself, so their lines show `<NOSRV>`
or an applet's name. No client got a 503. Saved: rsyslog's ISO file, the configuration, `show stat`.",
    zone: 0,
    net: "192.0.2",
    run: benign_nosrv,
};

fn benign_nosrv(scene: &mut Scene) -> Truth {
    let _app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    let config = POOL.replace(
        "    default_backend",
        "    http-request redirect location /login code 302 if { path /account }
    http-request return status 204 if { path /favicon.ico }
    http-request deny if { path_beg /.env /.git }
    stats enable
    stats uri /haproxy-status
    default_backend",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let mix = [
        ("www.example.com", "/"),
        ("www.example.com", "/account"),
        ("www.example.com", "/favicon.ico"),
        ("www.example.com", "/.env"),
        ("www.example.com", "/products"),
        ("www.example.com", "/haproxy-status"),
    ];
    let load = scene.load(60, &mix);
    scene.wait(4000);
    load.stop();
    scene.dump("show stat", "show-stat.csv");
    scene.rsyslog(Carrier::RsyslogIso, "haproxy.log", "syslog");
    Truth {
        incidents: Vec::new(),
        not_causes: &["no-route", "denied-by-rule", "no-servers-configured"],
    }
}
