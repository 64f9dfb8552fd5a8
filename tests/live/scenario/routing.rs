//! Requests that reach no pool, an empty one, or the wrong one.

use crate::carrier::Carrier;
use crate::port::free_port;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(crate) const NO_ROUTE: Scenario = Scenario {
    folder: "causes/no-route",
    title: "No rule matches the host that clients ask for",
    story: "
The frontend knows `www.example.com` only and has no `default_backend`. Requests for `shop.example.com` got
`fe_app/<NOSRV>` with all timers -1. The pool is healthy and serves the known host.

Saved: `journalctl -u haproxy -o short-iso`, the configuration, curl of both hosts.

To conclude: `no-route`.",
    zone: 0,
    net: "192.0.2",
    run: no_route,
};

fn no_route(scene: &mut Scene) -> Truth {
    let _app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    let config = "
frontend fe_app
    bind @bind@
    acl host_app hdr(host) -i www.example.com
    use_backend be_app if host_app

backend be_app
    option httpchk GET /healthz
    server app1 @app1@ check inter 1s
    server app2 @app2@ check inter 1s
";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let mix = [
        ("www.example.com", "/"),
        ("shop.example.com", "/"),
        ("www.example.com", "/news"),
        ("www.example.com", "/help"),
        ("shop.example.com", "/basket"),
    ];
    let load = scene.load(60, &mix);
    scene.wait(4000);
    load.stop();
    scene.curl("curl-shop.txt", "shop.example.com", "/");
    scene.curl("curl-www.txt", "www.example.com", "/");
    scene.journal_of_haproxy(Carrier::ShortIso, "haproxy.journal.txt");
    let fact = Fact {
        cause: "no-route",
        frontend: "fe_app",
        backend: "fe_app",
        factors: &["partial-outage"],
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |answer| answer.host == "shop.example.com")],
        not_causes: &["listener-refused", "misrouted", "no-servers-configured"],
    }
}

pub(crate) const NO_SERVERS_CONFIGURED: Scenario = Scenario {
    folder: "causes/no-servers-configured",
    title: "The chosen backend has no server at all",
    story: "
`/v2` is routed to `api_v2`, a section that was created without any `server` line. Every such request got `api_v2/<NOSRV>`; there is no
\"has no server available!\" line, because the backend never had one. `/v1` is served as usual.

Saved: rsyslog's traditional file, the configuration, `show stat`, `show backend`.

To conclude: `no-servers-configured`.",
    zone: 0,
    net: "10.0.70",
    run: no_servers_configured,
};

fn no_servers_configured(scene: &mut Scene) -> Truth {
    let _api1 = scene.app("api1", 61);
    let _api2 = scene.app("api2", 62);
    let config = "
frontend edge
    bind @bind@
    use_backend api_v2 if { path_beg /v2/ }
    default_backend api_v1

backend api_v1
    option httpchk GET /healthz
    server api1 @api1@ check inter 1s
    server api2 @api2@ check inter 1s

backend api_v2
    option httpchk GET /healthz
    # servers follow with the rollout
";
    scene.start("haproxy.cfg", &format!("{SHORT}{config}"));
    let mix = [
        ("api.example.com", "/v1/items"),
        ("api.example.com", "/v2/items"),
        ("api.example.com", "/v1/users/5"),
    ];
    let load = scene.load(60, &mix);
    scene.wait(4000);
    load.stop();
    scene.dump("show stat", "show-stat.csv");
    scene.dump("show backend", "show-backend.txt");
    scene.rsyslog(Carrier::RsyslogFile, "haproxy.log", "syslog");
    let fact = Fact {
        cause: "no-servers-configured",
        frontend: "edge",
        backend: "api_v2",
        factors: &["partial-outage"],
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |answer| answer.path.starts_with("/v2/"))],
        not_causes: &["listener-refused", "no-route", "admin-maintenance"],
    }
}

pub(crate) const MISROUTED: Scenario = Scenario {
    folder: "causes/misrouted",
    title: "Requests meant for one pool were sent to a dead one",
    story: "
The path rule of the new shop is case-sensitive (`path_beg /shop`), so `/Shop/...` falls through to `default_backend be_old`, whose only
server was switched off long ago. `/shop/...` is served by the healthy `be_shop`.

Saved: the journal (`-o short-precise`) from HAProxy's start on, the configuration, `show servers state`, curl of both spellings.

To conclude: `misrouted`; `old1` refuses, but the requests should not be there.",
    zone: 0,
    net: "192.0.2",
    run: misrouted,
};

fn misrouted(scene: &mut Scene) -> Truth {
    let _shop1 = scene.app("shop1", 31);
    let _shop2 = scene.app("shop2", 32);
    let gone = free_port(&scene.ip(90));
    scene.address("old1", gone, 8080);
    let config = "
frontend fe_site
    bind @bind@
    acl shop path_beg /shop
    use_backend be_shop if shop
    default_backend be_old

backend be_shop
    option httpchk GET /healthz
    server shop1 @shop1@ check inter 500ms
    server shop2 @shop2@ check inter 500ms

backend be_old
    option httpchk GET /healthz
    server old1 @old1@ check inter 500ms
";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    scene.wait(1300);
    let mix = [
        ("www.example.com", "/shop/"),
        ("www.example.com", "/shop/items"),
        ("www.example.com", "/Shop/items"),
        ("www.example.com", "/shop/cart"),
    ];
    let load = scene.load(60, &mix);
    scene.wait(3500);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.curl("curl-upper.txt", "www.example.com", "/Shop/items");
    scene.curl("curl-lower.txt", "www.example.com", "/shop/items");
    scene.journal(Carrier::ShortPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        cause: "misrouted",
        frontend: "fe_site",
        backend: "be_old",
        servers: &[("old1", "listener-refused")],
        factors: &["partial-outage"],
        still_down: &["old1"],
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |answer| answer.path.starts_with("/Shop"))],
        not_causes: &["listener-refused", "no-route", "check-http-status"],
    }
}
