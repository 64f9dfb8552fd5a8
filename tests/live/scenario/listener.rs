//! Servers on which nothing listens any more.

use crate::carrier::Carrier;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

const SITE: [(&str, &str); 5] = [
    ("www.example.com", "/"),
    ("www.example.com", "/products"),
    ("www.example.com", "/static/site.css"),
    ("www.example.com", "/cart"),
    ("www.example.com", "/products/118"),
];

pub(crate) const LISTENER_REFUSED: Scenario = Scenario {
    folder: "causes/listener-refused",
    title: "Both services stopped, one came back",
    story: "
`app.service` was stopped on `app1` and `app2`. Until the checks noticed, requests failed on the dead servers with
`SC--` and a server's name; then every request got `be_app/<NOSRV>`. `app1` was started again and took over;
`app2` is still down at the end.

Saved: one journal of all three hosts (`journalctl -o short-iso-precise`), `show servers state` three times, curl
to the site and to the readiness endpoint.

To conclude: `listener-refused`, set off by `service-stopped`.",
    zone: 0,
    net: "192.0.2",
    run: listener_refused,
};

fn listener_refused(scene: &mut Scene) -> Truth {
    let mut app1 = scene.app("app1", 11);
    let mut app2 = scene.app("app2", 12);
    let config = "
frontend fe_app
    bind @bind@
    acl host_app hdr(host) -i www.example.com
    use_backend be_app if host_app

backend be_app
    balance roundrobin
    option httpchk GET /healthz
    http-check expect status 200
    server app1 @app1@ check inter 500ms fall 3 rise 2
    server app2 @app2@ check inter 500ms fall 3 rise 2
";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let load = scene.load(60, &SITE);
    scene.wait(1500);
    scene.dump("show servers state be_app", "show-servers-state.txt");
    for (host, app) in [("app1", &mut app1), ("app2", &mut app2)] {
        scene.systemd(host, "Stopping app.service - Example web application...");
        app.stop();
        scene.systemd(host, "app.service: Deactivated successfully.");
        scene.systemd(host, "Stopped app.service - Example web application.");
    }
    scene.wait(3000);
    scene.dump("show servers state be_app", "show-servers-state-2.txt");
    scene.curl("curl-site.txt", "www.example.com", "/");
    scene.curl_server("curl-readiness.txt", app1.addr, "/healthz");
    app1.restart();
    scene.systemd("app1", "Started app.service - Example web application.");
    scene.wait(2200);
    load.stop();
    scene.dump("show servers state be_app", "show-servers-state-3.txt");
    scene.curl_server("curl-readiness-2.txt", app1.addr, "/healthz");
    scene.curl("curl-site-2.txt", "www.example.com", "/");
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &[]);
    let fact = Fact {
        cause: "listener-refused",
        frontend: "fe_app",
        backend: "be_app",
        servers: &[("app1", "listener-refused"), ("app2", "listener-refused")],
        trigger: Some("service-stopped"),
        factors: &["common-failure", "redundancy-lost"],
        also_factors: &["detection-gap", "slow-recovery", "no-redispatch"],
        recovered: true,
        still_down: &["app2"],
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &[
            "connect-timeout",
            "check-http-status",
            "no-route",
            "queue-timeout",
        ],
    }
}

pub(crate) const UNCHECKED_SERVER_FAILED: Scenario = Scenario {
    folder: "causes/unchecked-server-failed",
    title: "A dead server without a health check keeps its share of the traffic",
    story: "
One of two servers stopped listening. Its `server` line has no `check`, so HAProxy kept sending every second
request there; each failed after its retries with `SC--` and the server's name. There is no state change in the log and
no `<NOSRV>`. The service was started again.

Saved: rsyslog's traditional files (HAProxy's compressed), the configuration, `show servers state` during the failure.

To conclude: `unchecked-server-failed`, set off by `service-stopped`.",
    zone: 0,
    net: "198.51.100",
    run: unchecked_server_failed,
};

fn unchecked_server_failed(scene: &mut Scene) -> Truth {
    let mut web1 = scene.app("web-01", 21);
    let web2 = scene.app("web-02", 22);
    let config = "
frontend http-in
    bind @bind@
    default_backend www

backend www
    balance roundrobin
    retries 1
    timeout connect 200ms
    server web-01 @web-01@
    server web-02 @web-02@
";
    scene.start("haproxy.cfg", &format!("{SHORT}{config}"));
    let load = scene.load(70, &SITE);
    scene.wait(1500);
    scene.systemd("web-01", "Stopping nginx.service - nginx web server...");
    web1.stop();
    scene.systemd("web-01", "Stopped nginx.service - nginx web server.");
    scene.wait(2500);
    scene.dump("show servers state", "show-servers-state.txt");
    scene.dump("show stat", "show-stat.csv");
    web1.restart();
    scene.systemd("web-01", "Started nginx.service - nginx web server.");
    scene.wait(1200);
    load.stop();
    drop(web2);
    scene.rsyslog(
        Carrier::RsyslogFile,
        "proxy01/var/log/haproxy.log.gz",
        "proxy01/var/log/syslog",
    );
    let fact = Fact {
        cause: "unchecked-server-failed",
        frontend: "http-in",
        backend: "www",
        servers: &[("web-01", "unchecked-server-failed")],
        trigger: Some("service-stopped"),
        factors: &["checks-disabled", "partial-outage", "no-redispatch"],
        also_factors: &["detection-gap"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["no-route", "queue-timeout", "application-503"],
    }
}

pub(crate) const TRACKED_SERVER_DOWN: Scenario = Scenario {
    folder: "causes/tracked-server-down",
    title: "The pool only mirrors another one",
    story: "
The servers of `be_shop` are not checked themselves, they `track` those of `be_check`. The services behind `be_check`
crashed, and `be_shop` went down with them: its lines say `via be_check/chk1` and give no reason.

Saved: the journal of each host (`-o short-unix`; the proxy's local time is two hours ahead), the configuration, `show stat`.

To conclude: `tracked-server-down` for `be_shop`, whose root is `listener-refused` of `be_check`.",
    zone: 120,
    net: "10.0.30",
    run: tracked_server_down,
};

fn tracked_server_down(scene: &mut Scene) -> Truth {
    let mut app1 = scene.app("app1", 31);
    let mut app2 = scene.app("app2", 32);
    let config = "
frontend fe_shop
    bind @bind@
    default_backend be_shop

backend be_shop
    option redispatch
    server app1 @app1@ track be_check/chk1
    server app2 @app2@ track be_check/chk2

backend be_check
    option httpchk GET /healthz
    default-server inter 400ms fall 2 rise 2
    server chk1 @app1@ check
    server chk2 @app2@ check
";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let load = scene.load(60, &SITE);
    scene.wait(1500);
    for (host, app) in [("app1", &mut app1), ("app2", &mut app2)] {
        app.stop();
        scene.systemd(
            host,
            "shop.service: Main process exited, code=killed, status=11/SEGV",
        );
        scene.systemd(host, "shop.service: Failed with result 'signal'.");
    }
    scene.wait(2500);
    scene.dump("show stat", "show-stat.csv");
    app1.restart();
    app2.restart();
    scene.systemd("app1", "Started shop.service - Example shop.");
    scene.systemd("app2", "Started shop.service - Example shop.");
    scene.wait(2000);
    load.stop();
    for host in ["proxy01", "app1", "app2"] {
        scene.journal(Carrier::ShortUnix, &format!("{host}/journal.txt"), &[host]);
    }
    let fact = Fact {
        cause: "tracked-server-down",
        frontend: "fe_shop",
        backend: "be_shop",
        servers: &[
            ("app1", "tracked-server-down"),
            ("app2", "tracked-server-down"),
        ],
        trigger: Some("service-crashed"),
        factors: &["common-failure"],
        also_factors: &["detection-gap", "slow-recovery", "no-redispatch"],
        recovered: true,
        root: Some(("be_check", "listener-refused")),
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &[
            "admin-maintenance",
            "no-servers-configured",
            "check-http-status",
        ],
    }
}

pub(crate) const REDISPATCHED: Scenario = Scenario {
    folder: "near-misses/redispatched",
    title: "One server lost, every request answered by the other",
    story: "
`app1` was stopped and is still down. Requests that met it were redispatched to `app2` (`+1` in the retries column) and
answered 200; the check then took `app1` out. No client saw an error.

Looks like `listener-refused` of a pool, but the pool never was without a server and there is no 503.",
    zone: 0,
    net: "192.0.2",
    run: redispatched,
};

fn redispatched(scene: &mut Scene) -> Truth {
    let mut app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    let config = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option redispatch
    option httpchk GET /healthz
    server app1 @app1@ check inter 1s fall 3 rise 2
    server app2 @app2@ check inter 1s fall 3 rise 2
";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let load = scene.load(70, &SITE);
    scene.wait(1000);
    app1.stop();
    scene.systemd("app1", "Stopped app.service - Example web application.");
    scene.wait(4500);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.journal(Carrier::Short, "journal.txt", &[]);
    Truth {
        incidents: Vec::new(),
        not_causes: &["listener-refused", "unchecked-server-failed"],
    }
}
