//! More than one frontend, more than one process, and ends that are not the usual ones.

use super::CHECKS;
use super::POOL;
use super::SITE;
use super::crash;
use super::crash_both;
use super::live;
use super::one;
use super::over;
use super::revive;
use super::revive_both;
use super::two;
use crate::app::Health;
use crate::carrier::Carrier;
use crate::port::free_port;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(super) const ALL: &[Scenario] = &[
    live(
        "mixed/use-server-persist",
        "A rule for one server survives that server",
        "`use-server` with `option persist` holds one path on the dead server.",
        0,
        use_server_persist,
    ),
    live(
        "mixed/observed-then-refused",
        "Traffic errors took one server out, then the other crashed",
        "`observe layer7` with slow checks on `app1`; `app2` refuses.",
        0,
        observed_then_refused,
    ),
    live(
        "mixed/reload-to-wrong-port",
        "A reload brought a wrong port for both servers",
        "The new configuration names a port on which nobody listens; the old one was put back.",
        0,
        reload_to_wrong_port,
    ),
    live(
        "mixed/two-outages",
        "Two pools were lost one after the other",
        "First the servers of `be_app` crashed, later the one of `be_img` failed its check.",
        0,
        two_outages,
    ),
    live(
        "mixed/application-then-readiness",
        "The application answered 503 and then failed its check as well",
        "First the servers' own 503 were passed on, then the pool went empty.",
        0,
        application_then_readiness,
    ),
    live(
        "mixed/quick-reload",
        "A reload of healthy servers while one is drained",
        "The drain is forgotten by the new worker; nobody saw an error.",
        0,
        quick_reload,
    ),
];

fn use_server_persist(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let pool = POOL.replace(
        "    default-server",
        "    use-server app1 if { path_beg /offers }\n    option persist\n    no option redispatch\n    retries 1\n    timeout connect 300ms\n    default-server",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    crash(scene, "app1", &mut apps[0]);
    scene.wait(2500);
    scene.dump("show servers state", "show-servers-state.txt");
    revive(scene, "app1", &mut apps[0]);
    scene.wait(1500);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &[]);
    let fact = Fact {
        servers: &[("app1", "listener-refused")],
        trigger: Some("service-crashed"),
        factors: &["partial-outage"],
        also_factors: &[
            "persistence-pinned",
            "detection-gap",
            "slow-recovery",
            "no-redispatch",
        ],
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

fn observed_then_refused(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let pool = POOL.replace(
        "@app1@ check",
        "@app1@ check inter 1s rise 50 observe layer7 error-limit 3 on-error mark-down",
    );
    scene.start("haproxy.cfg", &format!("{SHORT}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    apps[0].set(|mode| mode.status = 500);
    scene.wait(1500);
    crash(scene, "app2", &mut apps[1]);
    scene.wait(2000);
    revive(scene, "app2", &mut apps[1]);
    scene.wait(1500);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.journal(Carrier::ShortIso, "journal.txt", &[]);
    let fact = Fact {
        servers: &[
            ("app1", "observe-marked-down"),
            ("app2", "listener-refused"),
        ],
        trigger: Some("service-crashed"),
        factors: &["redundancy-lost"],
        still_down: &["app1"],
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

fn reload_to_wrong_port(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    for (name, last) in [("wrong1", 11), ("wrong2", 12)] {
        let nobody = free_port(&scene.ip(last));
        scene.address(name, nobody, 8090);
    }
    let before = format!("{DEBIAN}{POOL}");
    let after = before
        .replace("@app1@", "@wrong1@")
        .replace("@app2@", "@wrong2@");
    scene.start("haproxy.cfg.bak", &before);
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    scene.configure("haproxy.cfg", &after);
    scene.reload();
    scene.wait(2200);
    scene.configure("not-saved", &before);
    scene.bundle.forget("not-saved");
    scene.reload();
    scene.wait(1300);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        servers: &[("app1", "listener-refused"), ("app2", "listener-refused")],
        trigger: Some("config-changed"),
        also_triggers: &["config-reload"],
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

fn two_outages(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let img1 = scene.app("img1", 21);
    let config = format!(
        "{}
backend be_img
    option httpchk GET /healthz
    server img1 @img1@ check inter 400ms fall 2 rise 2
",
        POOL.replace(
            "    default_backend",
            "    use_backend be_img if { path_beg /img/ }\n    default_backend"
        )
    );
    scene.start("haproxy.cfg", &format!("{SHORT}{config}"));
    let mix = [("www.example.com", "/"), ("www.example.com", "/img/1.png")];
    let load = scene.load(50, &mix);
    scene.wait(1300);
    crash_both(scene, &mut apps);
    scene.wait(1800);
    revive_both(scene, &mut apps);
    scene.wait(1300);
    img1.set(|mode| mode.health = Health::Status(404));
    scene.wait(2000);
    load.stop();
    scene.journal(Carrier::ShortPrecise, "journal.txt", &[]);
    let app = Fact {
        servers: &[("app1", "listener-refused"), ("app2", "listener-refused")],
        trigger: Some("service-crashed"),
        ..over("listener-refused")
    };
    let img = Fact {
        backend: "be_img",
        servers: &[("img1", "check-http-status")],
        recovered: false,
        still_down: &["img1"],
        ..over("check-http-status")
    };
    Truth {
        incidents: vec![
            scene.measure(app, |answer| answer.path == "/"),
            scene.measure(img, |answer| answer.path != "/"),
        ],
        not_causes: &["admin-maintenance"],
    }
}

fn application_then_readiness(scene: &mut Scene) -> Truth {
    let apps = two(scene);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    for app in &apps {
        app.set(|mode| mode.status = 503);
    }
    scene.wait(1200);
    for app in &apps {
        app.set(|mode| mode.health = Health::Status(503));
    }
    scene.wait(2500);
    for app in &apps {
        app.set(|mode| {
            mode.status = 200;
            mode.health = Health::Status(200);
        });
    }
    scene.wait(1500);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        also_causes: &["application-503"],
        also_factors: CHECKS,
        ..over("check-http-status")
    };
    one(scene.measure(fact, |_| true))
}

fn quick_reload(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(70, &SITE);
    scene.wait(1000);
    scene.admin("set server be_app/app1 state drain");
    scene.wait(800);
    scene.reload();
    scene.wait(1500);
    load.stop();
    scene.journal(Carrier::Export, "journal.export", &["proxy01"]);
    Truth {
        incidents: Vec::new(),
        not_causes: &["admin-drain", "startup-window"],
    }
}
