//! Applications that run but do not pass their readiness check.

use crate::app::Health;
use crate::carrier::Carrier;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

const SITE: [(&str, &str); 4] = [
    ("www.example.com", "/"),
    ("www.example.com", "/news"),
    ("www.example.com", "/login"),
    ("www.example.com", "/static/app.js"),
];

pub(crate) const HTTP_STATUS: Scenario = Scenario {
    folder: "causes/check-http-status",
    title: "The readiness endpoint answers 503 on every server",
    story: "
All three web servers kept answering pages, but `/healthz` turned to 503 (\"not ready\"), so HAProxy took them out one after the
other: `Layer7 wrong status, code: 503`. When readiness was good again all came back.

Saved: `journalctl -u haproxy -o short-iso` of a host one hour east of UTC, `show stat` and `show servers state` during
the failure, curl to a server's readiness endpoint.

To conclude: `check-http-status`. The 503 that clients saw is HAProxy's own, not the server's.",
    zone: 60,
    net: "198.51.100",
    run: http_status,
};

fn http_status(scene: &mut Scene) -> Truth {
    let apps: Vec<_> = [("web-01", 21), ("web-02", 22), ("web-03", 23)]
        .map(|(name, last)| scene.app(name, last))
        .into();
    let config = "
frontend www-in
    bind @bind@
    default_backend www

backend www
    balance roundrobin
    option httpchk
    http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host www.example.com
    http-check expect status 200
    default-server inter 500ms fall 2 rise 2
    server web-01 @web-01@ check
    server web-02 @web-02@ check
    server web-03 @web-03@ check
";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let load = scene.load(60, &SITE);
    scene.wait(1500);
    for app in &apps {
        app.set(|mode| mode.health = Health::Status(503));
    }
    scene.wait(3000);
    scene.dump("show stat", "show-stat.csv");
    scene.dump("show servers state", "show-servers-state.txt");
    scene.curl_server("curl-readiness.txt", apps[0].addr, "/healthz");
    for app in &apps {
        app.set(|mode| mode.health = Health::Status(200));
    }
    scene.wait(2200);
    load.stop();
    scene.journal_of_haproxy(Carrier::ShortIso, "journalctl-haproxy.txt");
    let fact = Fact {
        cause: "check-http-status",
        frontend: "www-in",
        backend: "www",
        servers: &[
            ("web-01", "check-http-status"),
            ("web-02", "check-http-status"),
            ("web-03", "check-http-status"),
        ],
        factors: &["common-failure"],
        also_factors: &["slow-recovery"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["listener-refused", "application-503", "check-timeout"],
    }
}

pub(crate) const TIMEOUT: Scenario = Scenario {
    folder: "causes/check-timeout",
    title: "The readiness endpoint hangs",
    story: "
`/healthz` of the only server accepted connections and did not answer, while pages were still served. After three checks of
400 ms each the server was DOWN (`Layer7 timeout`). Later the endpoint answered again.

Saved: `journalctl -u haproxy -o json`, compressed; nothing else.

To conclude: `check-timeout`. Without the configuration, not much can be said about the timers.",
    zone: 0,
    net: "192.0.2",
    run: timeout,
};

fn timeout(scene: &mut Scene) -> Truth {
    let app = scene.app("api1", 61);
    let config = "
frontend edge
    bind @bind@
    use_backend api if { hdr(host) -i www.example.com }

backend api
    option httpchk GET /healthz
    timeout check 400ms
    server api1 @api1@ check inter 500ms fall 3 rise 2
";
    scene.start("not-saved", &format!("{SHORT}{config}"));
    let load = scene.load(60, &SITE);
    scene.wait(1500);
    app.set(|mode| mode.health = Health::Hang);
    scene.wait(4800);
    app.set(|mode| mode.health = Health::Status(200));
    scene.wait(2200);
    load.stop();
    scene.journal_of_haproxy(Carrier::Json, "haproxy.journal.json.gz");
    scene.bundle.forget("not-saved");
    let fact = Fact {
        cause: "check-timeout",
        frontend: "edge",
        backend: "api",
        servers: &[("api1", "check-timeout")],
        also_factors: &["slow-recovery", "aggressive-timers"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["connect-timeout", "queue-timeout", "listener-refused"],
    }
}

pub(crate) const RESPONSE_INVALID: Scenario = Scenario {
    folder: "causes/check-response-invalid",
    title: "Something else answers the health check",
    story: "
The port that the check asks began to answer with the greeting of a mail server. HAProxy could not read it as HTTP:
`Layer7 invalid response`. The right service returned later.

Saved: the journal of all hosts in `-o export` form, xz-compressed, and the configuration.

To conclude: `check-response-invalid`.",
    zone: 0,
    net: "203.0.113",
    run: response_invalid,
};

fn response_invalid(scene: &mut Scene) -> Truth {
    let app1 = scene.app("app1", 11);
    let app2 = scene.app("app2", 12);
    let config = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option httpchk GET /healthz
    server app1 @app1@ check inter 400ms fall 3 rise 2
    server app2 @app2@ check inter 400ms fall 3 rise 2
";
    scene.start("etc/haproxy.cfg", &format!("{DEBIAN}{config}"));
    let load = scene.load(70, &SITE);
    scene.wait(1500);
    app1.set(|mode| mode.health = Health::Garbage);
    app2.set(|mode| mode.health = Health::Garbage);
    scene.wait(3000);
    app1.set(|mode| mode.health = Health::Status(200));
    app2.set(|mode| mode.health = Health::Status(200));
    scene.wait(2000);
    load.stop();
    scene.journal(Carrier::Export, "journal.export.xz", &[]);
    let fact = Fact {
        cause: "check-response-invalid",
        frontend: "fe_app",
        backend: "be_app",
        servers: &[
            ("app1", "check-response-invalid"),
            ("app2", "check-response-invalid"),
        ],
        factors: &["common-failure"],
        also_factors: &["slow-recovery"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["check-http-status", "check-tls-failure", "listener-refused"],
    }
}
