//! Names that nobody answers for, that never were known, or that are known a moment too late.

use super::SITE;
use super::live;
use super::one;
use super::over;
use crate::carrier::Carrier;
use crate::dns::Dns;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(super) const ALL: &[Scenario] = &[
    live(
        "mixed/silent-name-server",
        "The name server of a server template answers nobody",
        "`hold timeout` ran out for the only slot that had an address. No configuration was saved.",
        0,
        silent_name_server,
    ),
    live(
        "mixed/never-resolved",
        "The servers' names never existed",
        "`init-addr none` lets HAProxy start without any address.",
        60,
        never_resolved,
    ),
    live(
        "mixed/reload-before-names",
        "A reload had to resolve all names again",
        "`init-addr none`: the new worker answers 503 until the first answer of the name server.",
        0,
        reload_before_names,
    ),
];

const RESOLVERS: &str = "
resolvers lan
    nameserver ns1 @ns1@
    resolve_retries 2
    timeout resolve 400ms
    timeout retry 300ms
    hold valid 500ms
    hold timeout 500ms
    hold other 500ms
    hold nx 500ms
    hold obsolete 500ms

frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option httpchk GET /healthz
    default-server inter 500ms resolvers lan resolve-prefer ipv4 init-addr none
";

fn silent_name_server(scene: &mut Scene) -> Truth {
    let app = scene.app("web", 11);
    let name = "web.internal.example.net".to_owned();
    let dns = Dns::start(&scene.ip(53), vec![(name, app.addr.ip())]);
    scene.address("ns1", dns.addr, 53);
    let config = format!(
        "{DEBIAN}{RESOLVERS}    server-template web 1-3 web.internal.example.net:@web.port@ check\n"
    );
    scene.start("not-saved", &config);
    scene.bundle.forget("not-saved");
    scene.wait(1200);
    let load = scene.load(60, &SITE);
    scene.wait(1500);
    dns.fall_silent(true);
    scene.wait(4000);
    dns.fall_silent(false);
    scene.wait(2000);
    load.stop();
    scene.journal(Carrier::ShortIso, "journal.txt", &["proxy01"]);
    let fact = Fact {
        servers: &[("web1", "dns-resolution-failed")],
        also_triggers: &["dns-change"],
        ..over("dns-resolution-failed")
    };
    one(scene.measure(fact, |_| true))
}

fn never_resolved(scene: &mut Scene) -> Truth {
    let app = scene.app("app1", 11);
    let dns = Dns::start(&scene.ip(53), Vec::new());
    scene.address("ns1", dns.addr, 53);
    assert!(app.addr.port() > 0);
    let config = format!(
        "{SHORT}{RESOLVERS}    server app1 app1.internal.example.net:8080 check\n    server app2 app2.internal.example.net:8080 check\n"
    );
    scene.start("haproxy.cfg", &config);
    let load = scene.load(70, &SITE);
    scene.wait(3500);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.rsyslog(Carrier::RsyslogIso, "haproxy.log", "syslog");
    let fact = Fact {
        servers: &[
            ("app1", "dns-resolution-failed"),
            ("app2", "dns-resolution-failed"),
        ],
        also_triggers: &["config-reload"],
        recovered: false,
        still_down: &["app1", "app2"],
        ..over("dns-resolution-failed")
    };
    one(scene.measure(fact, |_| true))
}

fn reload_before_names(scene: &mut Scene) -> Truth {
    let apps = [scene.app("app1", 11), scene.app("app2", 12)];
    let names = apps.iter().enumerate().map(|(index, app)| {
        let name = format!("app{}.internal.example.net", index + 1);
        (name, app.addr.ip())
    });
    let dns = Dns::start(&scene.ip(53), names.collect());
    scene.address("ns1", dns.addr, 53);
    let config = format!(
        "{DEBIAN}{}    server app1 app1.internal.example.net:@app1.port@ check\n    server app2 app2.internal.example.net:@app2.port@ check\n",
        RESOLVERS.replace("timeout resolve 400ms", "timeout resolve 1s")
    );
    scene.start("haproxy.cfg", &config);
    scene.wait(2500);
    let load = scene.load(40, &SITE);
    scene.wait(1500);
    // The new worker asks at once; its name server needs a moment.
    dns.fall_silent(true);
    scene.reload();
    scene.wait(700);
    dns.fall_silent(false);
    scene.wait(2500);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        trigger: Some("config-reload"),
        ..over("startup-window")
    };
    one(scene.measure(fact, |_| true))
}
