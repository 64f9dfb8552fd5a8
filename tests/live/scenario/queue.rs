//! Servers that are up but full.

use crate::carrier::Carrier;
use crate::scenario::DEBIAN;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(crate) const QUEUE_TIMEOUT: Scenario = Scenario {
    folder: "causes/queue-timeout",
    title: "Requests waited in the queue for too long",
    story: "
Each server takes two requests at a time (`maxconn 2`). When the application became slow (1.5 s per page), requests piled up in the
backend's queue and were answered 503 after `timeout queue` (500 ms): `be_app/<NOSRV>` with `sQ--`. All servers stayed UP.

Saved: the proxy's journal (`-o short-precise`), the configuration, `show stat` and `show servers state` during the failure.

To conclude: `queue-timeout`, set off by `slow-application`; `<NOSRV>` does not mean that servers were down.",
    zone: 0,
    net: "192.0.2",
    run: queue_timeout,
};

fn queue_timeout(scene: &mut Scene) -> Truth {
    let apps = [scene.app("app1", 11), scene.app("app2", 12)];
    let config = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    timeout queue 500ms
    option httpchk GET /healthz
    default-server maxconn 2 inter 1s
    server app1 @app1@ check
    server app2 @app2@ check
";
    let mix = [
        ("www.example.com", "/"),
        ("www.example.com", "/report"),
        ("www.example.com", "/report/2026"),
    ];
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let load = scene.load(50, &mix);
    // The level before must be seen for some seconds to be called usual.
    scene.wait(4000);
    for app in &apps {
        app.set(|mode| mode.latency_ms = 1500);
    }
    scene.wait(3000);
    scene.dump("show stat", "show-stat.csv");
    scene.dump("show servers state", "show-servers-state.txt");
    for app in &apps {
        app.set(|mode| mode.latency_ms = 2);
    }
    scene.wait(3000);
    load.stop();
    scene.journal(Carrier::ShortPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        cause: "queue-timeout",
        frontend: "fe_app",
        backend: "be_app",
        trigger: Some("slow-application"),
        also_factors: &["partial-outage"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["listener-refused", "check-timeout", "application-503"],
    }
}
