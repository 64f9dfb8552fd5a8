//! Clients held on a dead server, rules that answer because of one, a page that says sorry, two failures in turn.

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
use crate::carrier::Carrier;
use crate::record::now;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(super) const ALL: &[Scenario] = &[
    live(
        "mixed/forced-cookie",
        "A cookie and a rule held clients on a dead server",
        "`force-persist` for one path; other clients with the cookie are moved to `app2`.",
        0,
        forced_cookie,
    ),
    live(
        "mixed/rule-for-a-lost-server",
        "A rule of the backend answers 503 as soon as one server is missing",
        "`http-request return status 503 if { nbsrv lt 2 }`; `app1` crashed.",
        0,
        rule_for_a_lost_server,
    ),
    live(
        "mixed/rate-limit",
        "One client was told 503 for its rate",
        "`http-request deny deny_status 503` by a counter of a stick table; all others were served.",
        0,
        rate_limit,
    ),
    live(
        "mixed/sorry-503",
        "A backend without servers says sorry for a dead pool",
        "`use_backend be_sorry if { nbsrv(be_app) lt 1 }` and an error file for 503.",
        0,
        sorry_503,
    ),
    live(
        "mixed/two-in-turn",
        "The same pool was lost twice for different reasons",
        "First an operator's maintenance, then both services crashed.",
        120,
        two_in_turn,
    ),
];

/// A client that was given a cookie for `app1`.
const PINNED: &str = "www.example.com\r\nCookie: SRV=app1";

fn forced_cookie(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let pool = POOL
        .replace(
            "    default-server",
            "    cookie SRV insert indirect nocache\n    force-persist if { path_beg /preview }\n    retries 1\n    timeout connect 300ms\n    default-server",
        )
        .replace("@app1@ check", "@app1@ check cookie app1")
        .replace("@app2@ check", "@app2@ check cookie app2");
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let mix = [
        ("www.example.com", "/"),
        (PINNED, "/preview/5"),
        (PINNED, "/cart"),
    ];
    let load = scene.load(60, &mix);
    scene.wait(1300);
    crash(scene, "app1", &mut apps[0]);
    scene.wait(3500);
    scene.dump("show servers state", "show-servers-state.txt");
    revive(scene, "app1", &mut apps[0]);
    scene.wait(1800);
    load.stop();
    scene.journal(Carrier::ShortIso, "journal.txt", &[]);
    let fact = Fact {
        servers: &[("app1", "listener-refused")],
        trigger: Some("service-crashed"),
        factors: &["persistence-pinned", "partial-outage"],
        ..over("listener-refused")
    };
    one(scene.measure(fact, |_| true))
}

fn rule_for_a_lost_server(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let pool = POOL.replace(
        "    default-server",
        "    option redispatch 1\n    http-request return status 503 content-type text/plain string busy if { nbsrv lt 2 }\n    default-server",
    );
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    crash(scene, "app1", &mut apps[0]);
    scene.wait(2500);
    revive(scene, "app1", &mut apps[0]);
    scene.wait(1800);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &[]);
    let fact = Fact {
        trigger: Some("service-crashed"),
        also_triggers: &["none-seen"],
        ..over("denied-by-rule")
    };
    one(scene.measure(fact, |_| true))
}

fn rate_limit(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let pool = POOL.replace(
        "    default_backend",
        "    stick-table type string len 40 size 1k expire 1m store http_req_rate(2s)\n    http-request track-sc0 hdr(host)\n    http-request deny deny_status 503 if { sc_http_req_rate(0) gt 20 }\n    default_backend",
    );
    scene.start("haproxy.cfg", &format!("{SHORT}{pool}"));
    let others = scene.load(
        250,
        &[("www.example.com", "/"), ("www.example.com", "/cart")],
    );
    scene.wait(1500);
    let batch = [("batch.example.com", "/export")];
    let fast = scene.load(50, &batch);
    scene.wait(3000);
    fast.stop();
    others.stop();
    scene.journal_of_haproxy(Carrier::Docker, "haproxy-json.log");
    let fact = Fact {
        frontend: "fe_app",
        backend: "fe_app",
        also_backends: &["be_app"],
        also_triggers: &["traffic-surge"],
        factors: &["partial-outage"],
        recovered: false,
        ..over("denied-by-rule")
    };
    one(scene.measure(fact, |_| true))
}

fn sorry_503(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let page = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 6\r\n\r\nsorry\n";
    std::fs::write(scene.dir.path().join("sorry.http"), page).unwrap();
    let pool = POOL
        .replace(
            "    default_backend",
            "    use_backend be_sorry if { nbsrv(be_app) lt 1 }\n    default_backend",
        )
        .replace("inter 400ms fall 2", "inter 200ms fall 1")
        .replace("    option httpchk", "    retries 0\n    option httpchk");
    let sorry = "\nbackend be_sorry\n    errorfile 503 @dir@sorry.http\n";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}{sorry}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    crash_both(scene, &mut apps);
    scene.wait(2500);
    revive_both(scene, &mut apps);
    scene.wait(1500);
    load.stop();
    scene.journal(Carrier::ShortPrecise, "journal.txt", &[]);
    let fact = Fact {
        backend: "be_sorry",
        trigger: Some("service-crashed"),
        also_triggers: &["none-seen"],
        root: Some(("be_app", "listener-refused")),
        ..over("no-servers-configured")
    };
    one(scene.measure(fact, |_| true))
}

/// Failures within such a slot of time are not told apart.
const SLOT_MS: i64 = 16_000;

fn two_in_turn(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(90, &SITE);
    scene.wait(1300);
    scene.admin("set server be_app/app2 state maint");
    scene.admin("set server be_app/app1 state maint");
    scene.wait(1500);
    scene.admin("set server be_app/app1 state ready");
    scene.admin("set server be_app/app2 state ready");
    scene.wait(1300);
    let between = now();
    // Failures are counted in slots of 16 s.
    let slot = SLOT_MS - now().div_euclid(1000).rem_euclid(SLOT_MS);
    scene.wait(u64::try_from(slot).unwrap() + 100);
    crash_both(scene, &mut apps);
    scene.wait(2500);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &[]);
    let ordered = Fact {
        servers: &[("app1", "admin-maintenance"), ("app2", "admin-maintenance")],
        trigger: Some("admin-command"),
        ..over("admin-maintenance")
    };
    let crashed = Fact {
        servers: &[("app1", "listener-refused"), ("app2", "listener-refused")],
        trigger: Some("service-crashed"),
        recovered: false,
        still_down: &["app1", "app2"],
        ..over("listener-refused")
    };
    Truth {
        incidents: vec![
            scene.measure_between(ordered, i64::MIN..between, |_| true),
            scene.measure_between(crashed, between..i64::MAX, |_| true),
        ],
        not_causes: &[],
    }
}
