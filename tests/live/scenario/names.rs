//! Servers whose names stop resolving.

use crate::carrier::Carrier;
use crate::dns::Dns;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(crate) const DNS_RESOLUTION_FAILED: Scenario = Scenario {
    folder: "causes/dns-resolution-failed",
    title: "The servers' names stopped resolving",
    story: "
Both `server` lines carry names that HAProxy asks a resolver for. The name server began to answer NXDOMAIN; after `hold nx` the servers
went into maintenance by resolution. It knew the names again later, and the servers returned.

Saved: the journal (`-o short-iso-precise`, compressed), the configuration, `show resolvers` and `show servers state` during the failure.

To conclude: `dns-resolution-failed`. Nobody put the servers into maintenance.",
    zone: 0,
    net: "10.0.50",
    run: dns_resolution_failed,
};

fn dns_resolution_failed(scene: &mut Scene) -> Truth {
    let apps = [scene.app("app1", 11), scene.app("app2", 12)];
    let names = apps.iter().enumerate().map(|(index, app)| {
        let name = format!("app{}.internal.example.net", index + 1);
        (name, app.addr.ip())
    });
    let dns = Dns::start(&scene.ip(53), names.collect());
    scene.address("ns1", dns.addr, 53);
    let config = "
resolvers lan
    nameserver ns1 @ns1@
    resolve_retries 2
    timeout resolve 400ms
    timeout retry 300ms
    hold valid 500ms
    hold nx 500ms
    hold obsolete 500ms

frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option httpchk GET /healthz
    default-server inter 1s resolvers lan resolve-prefer ipv4 init-addr none
    server app1 app1.internal.example.net:@app1.port@ check
    server app2 app2.internal.example.net:@app2.port@ check
";
    scene.start("haproxy.cfg", &format!("{SHORT}{config}"));
    scene.wait(1200);
    let mix = [("www.example.com", "/"), ("www.example.com", "/map")];
    let load = scene.load(60, &mix);
    scene.wait(1500);
    dns.forget(true);
    scene.wait(3500);
    scene.dump("show resolvers lan", "show-resolvers.txt");
    scene.dump("show servers state", "show-servers-state.txt");
    dns.forget(false);
    scene.wait(2000);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt.gz", &["proxy01"]);
    let fact = Fact {
        cause: "dns-resolution-failed",
        frontend: "fe_app",
        backend: "be_app",
        servers: &[
            ("app1", "dns-resolution-failed"),
            ("app2", "dns-resolution-failed"),
        ],
        also_triggers: &["dns-change"],
        factors: &["common-failure"],
        recovered: true,
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
