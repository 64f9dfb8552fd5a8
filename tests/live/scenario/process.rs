//! Failures of the proxy's own process: it dies, or starts with a picture of yesterday.

use crate::carrier::Carrier;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

const SITE: [(&str, &str); 3] = [
    ("www.example.com", "/"),
    ("www.example.com", "/events"),
    ("www.example.com", "/events/31"),
];

const POOL: &str = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option httpchk GET /healthz
    default-server inter 1s rise 3
    server app1 @app1@ check
    server app2 @app2@ check
";

pub(crate) const HAPROXY_DOWN: Scenario = Scenario {
    folder: "causes/haproxy-down",
    title: "HAProxy itself was killed and came back",
    story: "
The kernel killed HAProxy's worker for want of memory, the master ended with it, and the service manager started HAProxy again
two seconds later. In between connections were refused: no 503 was sent and nothing was logged by HAProxy.

Saved: the proxy's journal (`-o short-iso-precise`), the configuration.

To conclude: `haproxy-down`, set off by `oom-kill`.",
    zone: 0,
    net: "192.0.2",
    run: haproxy_down,
};

fn haproxy_down(scene: &mut Scene) -> Truth {
    let _app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(70, &SITE);
    scene.wait(1800);
    scene.kill_worker();
    scene.wait(2000);
    scene.systemd(
        "proxy01",
        "haproxy.service: Scheduled restart job, restart counter is at 1.",
    );
    scene.start_again();
    scene.wait(1800);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        cause: "haproxy-down",
        frontend: "fe_app",
        backend: "be_app",
        also_backends: &["", "fe_app", "haproxy"],
        trigger: Some("oom-kill"),
        also_triggers: &["service-crashed"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure_silence(fact)],
        not_causes: &["listener-refused", "connect-timeout", "startup-window"],
    }
}

pub(crate) const STARTUP_WINDOW: Scenario = Scenario {
    folder: "causes/startup-window",
    title: "A reload restored servers as DOWN",
    story: "
The server-state file was written when the servers were down for a deployment, long ago. A reload loaded it: the new worker started with both
servers DOWN (\"changed from server-state after a reload\") and answered 503 until three checks of each had passed. The servers never
stopped answering.

Saved: the proxy's journal (`-o short-iso-precise`), the configuration, the state file.

To conclude: `startup-window`, set off by `config-reload`.",
    zone: 0,
    net: "192.0.2",
    run: startup_window,
};

fn startup_window(scene: &mut Scene) -> Truth {
    let _app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    let state = scene.dir.path().join("server-state");
    let shown = "/var/lib/haproxy/server-state";
    scene.disguise.text(state.to_str().unwrap(), shown);
    scene.value("@state@", state.to_str().unwrap(), shown);
    let global = SHORT
        .replace("defaults\n", "    server-state-file @state@\n\ndefaults\n")
        .replace("\n\n    server", "\n    server")
        .replace(
            "retries 2\n",
            "retries 2\n    load-server-state-from-file global\n",
        );
    scene.start("haproxy.cfg", &format!("{global}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1500);
    let all_down = scene.state_with_all_servers_down();
    std::fs::write(&state, &all_down).unwrap();
    let all_down = scene.disguise.apply_to_table(&all_down);
    scene.bundle.add("server-state", all_down);
    scene.reload();
    scene.wait(4500);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        cause: "startup-window",
        frontend: "fe_app",
        backend: "be_app",
        trigger: Some("config-reload"),
        also_factors: &["slow-recovery", "common-failure"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["listener-refused", "check-http-status", "haproxy-down"],
    }
}
