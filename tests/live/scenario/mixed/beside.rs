//! Checks that pass while the traffic fails: they speak otherwise, or ask another port.

use super::CHECKS;
use super::POOL;
use super::SITE;
use super::crash;
use super::live;
use super::one;
use super::over;
use super::revive;
use super::two;
use crate::carrier::Carrier;
use crate::filter::Filter;
use crate::port::free_port;
use crate::scenario::DEBIAN;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(super) const ALL: &[Scenario] = &[
    live(
        "mixed/tls-to-a-plain-port",
        "Traffic speaks TLS to a plain port, the check does not",
        "`ssl` with `no-check-ssl`: the check passes, every request fails.",
        0,
        tls_to_a_plain_port,
    ),
    live(
        "mixed/filtered-beside-its-check",
        "The traffic's port is filtered, the check asks another one",
        "The server stays UP.",
        0,
        filtered_beside_its_check,
    ),
    live(
        "mixed/refused-beside-its-check",
        "Nobody listens on the traffic's port, the check asks another one",
        "The server stays UP.",
        0,
        refused_beside_its_check,
    ),
];

fn tls_to_a_plain_port(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let pool = POOL
        .replace("rise 2", "rise 2 ssl verify none no-check-ssl")
        .replace(
            "    default-server",
            "    retries 1\n    timeout connect 500ms\n    default-server",
        );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    scene.wait(600);
    let load = scene.load(80, &SITE);
    scene.wait(3000);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        also_causes: &["insufficient-evidence"],
        also_triggers: &["config-reload"],
        recovered: false,
        ..over("check-tls-failure")
    };
    Truth {
        not_causes: &["listener-refused", "unchecked-server-failed"],
        ..one(scene.measure(fact, |_| true))
    }
}

/// One server whose check asks another port, where somebody always listens.
fn beside(scene: &mut Scene, options: &str) {
    let config = format!(
        "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    retries 1
    timeout connect 400ms
    server app1 @app1@ check port @side.port@ inter 400ms {options}
"
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
}

fn filtered_beside_its_check(scene: &mut Scene) -> Truth {
    let app = scene.app("hidden-app1", 111);
    let gate = free_port(&scene.ip(11));
    scene.address("app1", gate, 8080);
    let _side = scene.agent("side", 11, 9090);
    let mut filter = Filter::start(gate, app.addr);
    beside(scene, "fall 2");
    let load = scene.load(90, &SITE);
    scene.wait(1500);
    filter.drop_packets();
    scene.wait(2500);
    scene.dump("show servers state", "show-servers-state.txt");
    filter.let_through();
    scene.wait(2000);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        also_causes: &["insufficient-evidence"],
        ..over("connect-timeout")
    };
    Truth {
        not_causes: &["unchecked-server-failed", "listener-refused"],
        ..one(scene.measure(fact, |_| true))
    }
}

fn refused_beside_its_check(scene: &mut Scene) -> Truth {
    let mut app = scene.app("app1", 11);
    let _side = scene.agent("side", 11, 9090);
    beside(scene, "fall 2");
    let load = scene.load(80, &SITE);
    scene.wait(1500);
    crash(scene, "app1", &mut app);
    scene.wait(2500);
    scene.dump("show stat", "show-stat.csv");
    revive(scene, "app1", &mut app);
    scene.wait(1500);
    load.stop();
    scene.journal(Carrier::ShortIso, "journal.txt", &[]);
    let fact = Fact {
        also_causes: &["insufficient-evidence"],
        trigger: Some("service-crashed"),
        also_triggers: &["none-seen"],
        also_factors: CHECKS,
        ..over("listener-refused")
    };
    Truth {
        not_causes: &["unchecked-server-failed"],
        ..one(scene.measure(fact, |_| true))
    }
}
