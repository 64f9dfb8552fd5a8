//! Failures between the proxy and its servers: packets lost, no source address, no source port.

use crate::carrier::Carrier;
use crate::filter::Filter;
use crate::port::free_port;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;
use std::net::SocketAddr;

const API: [(&str, &str); 4] = [
    ("api.example.com", "/v1/items"),
    ("api.example.com", "/v1/items/7"),
    ("api.example.com", "/v1/users/42"),
    ("api.example.com", "/v1/status"),
];

pub(crate) const CONNECT_TIMEOUT: Scenario = Scenario {
    folder: "causes/connect-timeout",
    title: "Connections to the servers are not answered",
    story: "
Packets to both servers were dropped, as by a firewall. Requests already on their way ended with `sC--` after
`timeout connect` and its retries; the checks reported a Layer4 timeout and the pool went empty. Then the path came back.

Saved: rsyslog's ISO files (HAProxy's compressed), the configuration, `show servers state` before, during, after.

To conclude: `connect-timeout`. Nothing saved says who dropped the packets.",
    zone: 60,
    net: "192.0.2",
    run: connect_timeout,
};

fn connect_timeout(scene: &mut Scene) -> Truth {
    let mut filters = Vec::new();
    let mut apps = Vec::new();
    for (name, last) in [("api1", 41), ("api2", 42)] {
        // The application behind the filter listens elsewhere and does not appear in the bundle.
        let app = scene.app(&format!("hidden-{name}"), last + 100);
        let gate = free_port(&scene.ip(last));
        scene.address(name, gate, 8080);
        filters.push(Filter::start(gate, app.addr));
        apps.push(app);
    }
    let config = "
frontend public
    bind @bind@
    default_backend api

backend api
    balance leastconn
    retries 1
    timeout connect 400ms
    option httpchk GET /healthz
    server api1 @api1@ check inter 500ms fall 2 rise 2
    server api2 @api2@ check inter 500ms fall 2 rise 2
";
    scene.start("haproxy.cfg", &format!("{SHORT}{config}"));
    let load = scene.load(80, &API);
    scene.wait(1500);
    scene.dump("show servers state api", "show-servers-state.before.txt");
    for filter in &mut filters {
        filter.drop_packets();
    }
    scene.wait(4500);
    scene.dump("show servers state api", "show-servers-state.during.txt");
    scene.curl("curl.txt", "api.example.com", "/v1/status");
    for filter in &mut filters {
        filter.let_through();
    }
    scene.wait(2500);
    load.stop();
    scene.dump("show servers state api", "show-servers-state.after.txt");
    scene.rsyslog(Carrier::RsyslogIso, "haproxy.log.gz", "syslog");
    let fact = Fact {
        cause: "connect-timeout",
        frontend: "public",
        backend: "api",
        servers: &[("api1", "connect-timeout"), ("api2", "connect-timeout")],
        factors: &["common-failure"],
        also_factors: &["detection-gap", "slow-recovery", "no-redispatch"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["listener-refused", "check-timeout", "queue-timeout"],
    }
}

pub(crate) const SOCKET_ERROR: Scenario = Scenario {
    folder: "causes/check-socket-error",
    title: "The proxy's own source address is missing",
    story: "
The `server` lines bind to a `source` address that this host does not have (any more). Every check fails before a packet
leaves: \"Can't bind to source address\". The servers themselves are fine, as a curl to one of them shows.

Saved: `journalctl -u haproxy -o short-precise`, the configuration, `show servers state`, two curl captures.

To conclude: `check-socket-error`, on the proxy's side; not the servers', and not a lack of ports. It was not over
when the files were saved.",
    zone: 0,
    net: "10.0.40",
    run: socket_error,
};

fn socket_error(scene: &mut Scene) -> Truth {
    let app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    let config = "
frontend fe_api
    bind @bind@
    default_backend be_api

backend be_api
    option httpchk GET /healthz
    source 198.51.100.9
    server app1 @app1@ check inter 500ms
    server app2 @app2@ check inter 500ms
";
    scene.start("haproxy.cfg", &format!("{SHORT}{config}"));
    // The first checks fail within one interval; requests come after them.
    scene.wait(1200);
    let load = scene.load(60, &API);
    scene.wait(2000);
    load.stop();
    scene.dump("show servers state be_api", "show-servers-state.txt");
    scene.curl("curl-site.txt", "api.example.com", "/v1/status");
    scene.curl_server("curl-app1.txt", app1.addr, "/healthz");
    scene.journal_of_haproxy(Carrier::ShortPrecise, "journal.txt");
    let fact = Fact {
        cause: "check-socket-error",
        frontend: "fe_api",
        backend: "be_api",
        servers: &[
            ("app1", "check-socket-error"),
            ("app2", "check-socket-error"),
        ],
        factors: &["common-failure"],
        recovered: false,
        still_down: &["app1", "app2"],
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &[
            "listener-refused",
            "local-port-exhaustion",
            "network-unreachable",
        ],
    }
}

pub(crate) const NETWORK_UNREACHABLE: Scenario = Scenario {
    folder: "causes/network-unreachable",
    title: "The proxy lost its route to the servers",
    story: "
The proxy's interface towards the servers lost its link, and with it the route: connecting failed at once with \"Network is unreachable\", for
checks and for traffic. The link came back.

Saved: the proxy's journal (`-o short-iso-precise`), the configuration, `show servers state` during the failure.

To conclude: `network-unreachable`, set off by `network-change`.",
    zone: 0,
    net: "192.0.2",
    run: network_unreachable,
};

fn network_unreachable(scene: &mut Scene) -> Truth {
    let apps = [scene.app("app1", 11), scene.app("app2", 12)];
    let config = "
frontend fe_api
    bind @bind@
    default_backend be_api

backend be_api
    option httpchk GET /healthz
    default-server inter 500ms fall 3 rise 2
    server app1 @app1@ check
    server app2 @app2@ check
";
    scene.start("haproxy.cfg", &format!("{SHORT}{config}"));
    let load = scene.load(70, &API);
    scene.wait(1500);
    scene.host("proxy01", "systemd-networkd", 612, "eth1: Lost carrier");
    for (index, app) in apps.iter().enumerate() {
        // The kernel refuses a TCP connection to a group address as it refuses one without a route, and sends nothing.
        let group = SocketAddr::from((
            [224, 0, 0, 11 + u8::try_from(index).unwrap()],
            app.addr.port(),
        ));
        scene.address(&format!("group{index}"), group, 8080);
        point_at(scene, index + 1, group);
    }
    scene.wait(2500);
    scene.dump("show servers state", "show-servers-state.txt");
    scene.host("proxy01", "systemd-networkd", 612, "eth1: Gained carrier");
    for (index, app) in apps.iter().enumerate() {
        point_at(scene, index + 1, app.addr);
    }
    scene.wait(2000);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        cause: "network-unreachable",
        frontend: "fe_api",
        backend: "be_api",
        servers: &[
            ("app1", "network-unreachable"),
            ("app2", "network-unreachable"),
        ],
        trigger: Some("network-change"),
        factors: &["common-failure"],
        also_factors: &["detection-gap", "slow-recovery", "no-redispatch"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["listener-refused", "connect-timeout", "check-socket-error"],
    }
}

/// Gives a server of `be_api` another address.
fn point_at(scene: &Scene, number: usize, addr: SocketAddr) {
    let (ip, port) = (addr.ip(), addr.port());
    scene.behind_the_scenes(&format!(
        "set server be_api/app{number} addr {ip} port {port}"
    ));
}

pub(crate) const LOCAL_PORT_EXHAUSTION: Scenario = Scenario {
    folder: "causes/local-port-exhaustion",
    title: "No source port left towards the server",
    story: "
The `source` range of the `server` line has four ports. When the application became slow, five requests at a time needed
five, and the rest were answered 503 at once with `SC--` and the server's name. For a range of its own HAProxy 2.6 does not
say \"no free ports\" but `Cannot bind to source address before connect()`, once per attempt; the requests before and after
show that the address is there. The application became fast again.

Saved: `journalctl -u haproxy -o short-iso`, the configuration.

To conclude: `local-port-exhaustion`; the server refused nothing.",
    zone: 0,
    net: "192.0.2",
    run: local_port_exhaustion,
};

fn local_port_exhaustion(scene: &mut Scene) -> Truth {
    let app = scene.app("app1", 11);
    let source = scene.ip(2);
    let first = 20_000 + u16::try_from(std::process::id() % 40_000).unwrap();
    let range = format!("{source}:{first}-{}", first + 3);
    scene.value("@source@", &range, "192.0.2.2:40000-40003");
    let config = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    retries 1
    option http-server-close
    server app1 @app1@ source @source@
";
    scene.start("haproxy.cfg", &format!("{SHORT}{config}"));
    let load = scene.load(90, &API);
    scene.wait(1500);
    app.set(|mode| mode.latency_ms = 900);
    scene.wait(2500);
    app.set(|mode| mode.latency_ms = 2);
    scene.wait(1800);
    load.stop();
    scene.journal_of_haproxy(Carrier::ShortIso, "journal-haproxy.txt");
    let fact = Fact {
        cause: "local-port-exhaustion",
        frontend: "fe_app",
        backend: "be_app",
        servers: &[("app1", "local-port-exhaustion")],
        trigger: Some("slow-application"),
        also_triggers: &["none-seen"],
        also_factors: &["checks-disabled", "partial-outage", "no-redispatch"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &[
            "listener-refused",
            "unchecked-server-failed",
            "queue-timeout",
        ],
    }
}
