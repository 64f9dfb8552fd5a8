//! Two failures that meet: each server, or each pool, has a cause of its own.

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
use crate::dns::Dns;
use crate::filter::Filter;
use crate::port::free_port;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(super) const ALL: &[Scenario] = &[
    live(
        "mixed/two-pools",
        "One pool crashed while another was in maintenance",
        "Two pools were lost for different reasons at the same time. Saved: the journal of all hosts, the configuration.",
        0,
        two_pools,
    ),
    live(
        "mixed/drained-then-refused",
        "One server was drained, then the other crashed",
        "The loss of `app2` emptied the pool; `app1` is drained to the end.",
        0,
        drained_then_refused,
    ),
    live(
        "mixed/maintenance-and-hang",
        "One server in maintenance, the check of the other hangs",
        "The hanging readiness of `app2` emptied the pool.",
        0,
        maintenance_and_hang,
    ),
    live(
        "mixed/name-lost-then-maintenance",
        "One server lost its name, the other was put into maintenance",
        "The operator's command emptied the pool.",
        0,
        name_lost_then_maintenance,
    ),
    live(
        "mixed/silent-and-refusing",
        "One server does not answer, the other refuses",
        "Packets to `app1` were dropped and `app2` crashed.",
        0,
        silent_and_refusing,
    ),
    live(
        "mixed/disabled-and-crashed",
        "One server is disabled in the configuration, the other crashed",
        "Nobody had enabled `app1`.",
        0,
        disabled_and_crashed,
    ),
    live(
        "mixed/tracked-drain",
        "The tracked servers were drained",
        "`be_shop` tracks `be_check`, whose servers an operator drained.",
        0,
        tracked_drain,
    ),
];

fn two_pools(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let _img1 = scene.app("img1", 21);
    let config = format!(
        "{}
backend be_img
    option httpchk GET /healthz
    server img1 @img1@ check inter 1s
",
        POOL.replace(
            "    default_backend",
            "    use_backend be_img if { path_beg /img/ }\n    default_backend"
        )
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let mix = [
        ("www.example.com", "/"),
        ("www.example.com", "/img/1.png"),
        ("www.example.com", "/cart"),
    ];
    let load = scene.load(50, &mix);
    scene.wait(1300);
    scene.admin("set server be_img/img1 state maint");
    crash_both(scene, &mut apps);
    scene.wait(2500);
    revive_both(scene, &mut apps);
    scene.admin("set server be_img/img1 state ready");
    scene.wait(1800);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &[]);
    let app = Fact {
        servers: &[("app1", "listener-refused"), ("app2", "listener-refused")],
        trigger: Some("service-crashed"),
        ..over("listener-refused")
    };
    let img = Fact {
        backend: "be_img",
        servers: &[("img1", "admin-maintenance")],
        trigger: Some("admin-command"),
        ..over("admin-maintenance")
    };
    Truth {
        incidents: vec![
            scene.measure(app, |answer| !answer.path.starts_with("/img")),
            scene.measure(img, |answer| answer.path.starts_with("/img")),
        ],
        not_causes: &["no-route"],
    }
}

fn drained_then_refused(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    scene.admin("set server be_app/app1 state drain");
    scene.wait(1000);
    crash(scene, "app2", &mut apps[1]);
    scene.wait(2000);
    revive(scene, "app2", &mut apps[1]);
    scene.wait(1800);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.journal(Carrier::ShortIso, "journal.txt", &[]);
    let fact = Fact {
        servers: &[("app1", "admin-drain"), ("app2", "listener-refused")],
        trigger: Some("service-crashed"),
        also_triggers: &["admin-command"],
        factors: &["redundancy-lost"],
        still_down: &["app1"],
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

fn maintenance_and_hang(scene: &mut Scene) -> Truth {
    let apps = two(scene);
    let pool = POOL.replace(
        "    default-server",
        "    timeout check 300ms\n    default-server",
    );
    scene.start("haproxy.cfg", &format!("{SHORT}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    scene.admin("set server be_app/app1 state maint");
    scene.wait(800);
    apps[1].set(|mode| mode.health = Health::Hang);
    scene.wait(3000);
    apps[1].set(|mode| mode.health = Health::Status(200));
    scene.wait(600);
    scene.admin("set server be_app/app1 state ready");
    scene.wait(1500);
    load.stop();
    scene.rsyslog(Carrier::RsyslogFile, "haproxy.log", "syslog");
    let fact = Fact {
        servers: &[("app1", "admin-maintenance"), ("app2", "check-timeout")],
        also_triggers: &["admin-command"],
        ..over("check-timeout")
    };
    one(scene.measure(fact, |_| true))
}

fn name_lost_then_maintenance(scene: &mut Scene) -> Truth {
    let apps = two(scene);
    let name = "app1.internal.example.net".to_owned();
    let dns = Dns::start(&scene.ip(53), vec![(name, apps[0].addr.ip())]);
    scene.address("ns1", dns.addr, 53);
    let pool = POOL.replace(
        "app1 @app1@ check",
        "app1 app1.internal.example.net:@app1.port@ resolvers lan resolve-prefer ipv4 init-addr none check",
    );
    let config = format!(
        "{SHORT}
resolvers lan
    nameserver ns1 @ns1@
    timeout resolve 300ms
    timeout retry 200ms
    hold valid 300ms
    hold nx 300ms
    hold obsolete 300ms
{pool}"
    );
    scene.start("haproxy.cfg", &config);
    scene.wait(1000);
    let load = scene.load(60, &SITE);
    scene.wait(1200);
    dns.forget(true);
    scene.wait(1800);
    scene.admin("set server be_app/app2 state maint");
    scene.wait(2000);
    scene.admin("set server be_app/app2 state ready");
    scene.wait(1200);
    load.stop();
    scene.journal(Carrier::Json, "journal.json", &["proxy01"]);
    let fact = Fact {
        servers: &[
            ("app1", "dns-resolution-failed"),
            ("app2", "admin-maintenance"),
        ],
        trigger: Some("admin-command"),
        factors: &["redundancy-lost"],
        still_down: &["app1"],
        ..over("admin-maintenance")
    };
    one(scene.measure(fact, |_| true))
}

fn silent_and_refusing(scene: &mut Scene) -> Truth {
    let hidden = scene.app("hidden", 111);
    let gate = free_port(&scene.ip(11));
    scene.address("app1", gate, 8080);
    let mut filter = Filter::start(gate, hidden.addr);
    let mut app2 = scene.app("app2", 12);
    let pool = POOL.replace(
        "    default-server",
        "    timeout connect 300ms\n    retries 1\n    default-server",
    );
    scene.start("haproxy.cfg", &format!("{SHORT}{pool}"));
    let load = scene.load(70, &SITE);
    scene.wait(1500);
    filter.drop_packets();
    crash(scene, "app2", &mut app2);
    scene.wait(3500);
    scene.dump("show servers state", "show-servers-state.txt");
    filter.let_through();
    revive(scene, "app2", &mut app2);
    scene.wait(2000);
    load.stop();
    scene.journal(Carrier::ShortPrecise, "journal.txt", &[]);
    let fact = Fact {
        also_causes: &["listener-refused"],
        servers: &[("app1", "connect-timeout"), ("app2", "listener-refused")],
        trigger: Some("service-crashed"),
        also_triggers: &["none-seen"],
        ..over("connect-timeout")
    };
    one(scene.measure(fact, |_| true))
}

fn disabled_and_crashed(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let pool = POOL.replace(
        "server app1 @app1@ check",
        "server app1 @app1@ check disabled",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1500);
    crash(scene, "app2", &mut apps[1]);
    scene.wait(2000);
    load.stop();
    scene.dump("show stat", "show-stat.csv");
    scene.journal_of_haproxy(Carrier::ShortIso, "haproxy.txt");
    let fact = Fact {
        servers: &[("app1", "admin-maintenance"), ("app2", "listener-refused")],
        recovered: false,
        still_down: &["app1", "app2"],
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

fn tracked_drain(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let config = "
frontend fe_shop
    bind @bind@
    default_backend be_shop

backend be_shop
    server app1 @app1@ track be_check/chk1
    server app2 @app2@ track be_check/chk2

backend be_check
    option httpchk GET /healthz
    server chk1 @app1@ check inter 500ms
    server chk2 @app2@ check inter 500ms
";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    scene.admin("set server be_check/chk1 state drain");
    scene.admin("set server be_check/chk2 state drain");
    scene.wait(2000);
    scene.dump("show servers state", "show-servers-state.txt");
    scene.admin("set server be_check/chk1 state ready");
    scene.admin("set server be_check/chk2 state ready");
    scene.wait(1200);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        cause: "tracked-server-down",
        also_causes: &["admin-drain"],
        frontend: "fe_shop",
        backend: "be_shop",
        trigger: Some("admin-command"),
        also_factors: CHECKS,
        recovered: true,
        root: Some(("be_check", "admin-drain")),
        ..Fact::default()
    };
    one(scene.measure(fact, |_| true))
}
