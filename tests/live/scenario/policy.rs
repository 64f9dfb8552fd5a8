//! 503s that somebody chose to send: a rule of the proxy, the application, or traffic errors that took the servers out.

use crate::carrier::Carrier;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(crate) const DENIED_BY_RULE: Scenario = Scenario {
    folder: "causes/denied-by-rule",
    title: "A rule of the frontend answers 503",
    story: "
`http-request deny deny_status 503` closes `/admin` for everybody. The pool is healthy and serves all other paths; the denied
requests show the frontend's name, `<NOSRV>` and `PR--`.

Saved: `journalctl -u haproxy -o short`, the configuration, `show stat`, curl of a denied and of a good request.

To conclude: `denied-by-rule`.",
    zone: 0,
    net: "192.0.2",
    run: denied_by_rule,
};

fn denied_by_rule(scene: &mut Scene) -> Truth {
    let _app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    let config = "
frontend fe_web
    bind @bind@
    acl admin path_beg /admin
    http-request deny deny_status 503 if admin
    default_backend be_web

backend be_web
    option httpchk GET /healthz
    server app1 @app1@ check inter 1s
    server app2 @app2@ check inter 1s
";
    let mix = [
        ("www.example.com", "/"),
        ("www.example.com", "/admin"),
        ("www.example.com", "/prices"),
        ("www.example.com", "/admin/users"),
        ("www.example.com", "/contact"),
    ];
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let load = scene.load(60, &mix);
    scene.wait(4500);
    load.stop();
    scene.dump("show stat", "show-stat.csv");
    scene.curl("curl-admin.txt", "www.example.com", "/admin");
    scene.curl("curl-home.txt", "www.example.com", "/");
    scene.journal_of_haproxy(Carrier::Short, "journal.txt");
    let fact = Fact {
        cause: "denied-by-rule",
        frontend: "fe_web",
        backend: "fe_web",
        also_backends: &["be_web"],
        factors: &["partial-outage"],
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |answer| answer.path.starts_with("/admin"))],
        not_causes: &["no-route", "listener-refused", "application-503"],
    }
}

pub(crate) const APPLICATION_503: Scenario = Scenario {
    folder: "causes/application-503",
    title: "The application itself answers 503",
    story: "
For two seconds the pages of both servers were answered 503 by the application, while its readiness endpoint stayed 200. HAProxy only
passed the answers on: the lines name the server, have all timers and `----`.

Saved: the log of a HAProxy in a container (docker json-file), the configuration, `show servers state` (all UP).

To conclude: `application-503`; HAProxy is not the one to look at.",
    zone: 0,
    net: "10.0.60",
    run: application_503,
};

fn application_503(scene: &mut Scene) -> Truth {
    let apps = [scene.app("app1", 11), scene.app("app2", 12)];
    let config = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option httpchk GET /healthz
    server app1 @app1@ check inter 1s
    server app2 @app2@ check inter 1s
";
    scene.shows("@log@", "stdout format raw");
    scene.start("haproxy.cfg", &format!("{SHORT}{config}"));
    let mix = [("www.example.com", "/"), ("www.example.com", "/checkout")];
    let load = scene.load(70, &mix);
    scene.wait(1500);
    for app in &apps {
        app.set(|mode| mode.status = 503);
    }
    scene.wait(2000);
    scene.dump("show servers state", "show-servers-state.txt");
    for app in &apps {
        app.set(|mode| mode.status = 200);
    }
    scene.wait(1500);
    load.stop();
    scene.journal_of_haproxy(Carrier::Docker, "8c1e04b7d6f2-json.log");
    let fact = Fact {
        cause: "application-503",
        frontend: "fe_app",
        backend: "be_app",
        servers: &[("app1", "application-503"), ("app2", "application-503")],
        also_factors: &["common-failure"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["listener-refused", "check-http-status", "denied-by-rule"],
    }
}

pub(crate) const OBSERVE_MARKED_DOWN: Scenario = Scenario {
    folder: "causes/observe-marked-down",
    title: "Errors in the live traffic took the servers out",
    story: "
`observe layer7` with `on-error mark-down` watches the answers of real requests. The application began to answer 500; after five
errors in a row each server was marked down (`Health analyze`) and clients got 503 until the checks, which ask `/healthz`
and were content, let the servers back in. That repeated until the application was repaired.

Saved: the proxy's journal (`-o short-iso-precise`), the configuration, `show stat`.

To conclude: `observe-marked-down`; the application's errors come first.",
    zone: 0,
    net: "192.0.2",
    run: observe_marked_down,
};

fn observe_marked_down(scene: &mut Scene) -> Truth {
    let apps = [scene.app("app1", 11), scene.app("app2", 12)];
    let config = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option httpchk GET /healthz
    default-server inter 1s fall 3 rise 2 observe layer7 error-limit 5 on-error mark-down
    server app1 @app1@ check
    server app2 @app2@ check
";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let mix = [("www.example.com", "/"), ("www.example.com", "/search?q=a")];
    let load = scene.load(50, &mix);
    scene.wait(1500);
    for app in &apps {
        app.set(|mode| mode.status = 500);
    }
    scene.wait(4000);
    scene.dump("show stat", "show-stat.csv");
    for app in &apps {
        app.set(|mode| mode.status = 200);
    }
    scene.wait(3500);
    load.stop();
    scene.journal(
        Carrier::ShortIsoPrecise,
        "proxy01.journal.txt",
        &["proxy01"],
    );
    let fact = Fact {
        cause: "observe-marked-down",
        frontend: "fe_app",
        backend: "be_app",
        servers: &[
            ("app1", "observe-marked-down"),
            ("app2", "observe-marked-down"),
        ],
        also_factors: &[
            "flapping",
            "common-failure",
            "slow-recovery",
            "check-elsewhere",
        ],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["check-http-status", "application-503", "listener-refused"],
    }
}
