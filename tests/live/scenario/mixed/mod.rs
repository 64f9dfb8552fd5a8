//! Incidents with more than one failure in them, and incidents of which little was saved.

mod alike;
mod aside;
mod beside;
mod checked;
mod course;
mod formats;
mod little;
mod orders;
mod pairs;
mod pinned;
mod policy;
mod resolved;
mod scarce;
mod several;
mod shapes;

use crate::app::Agent;
use crate::app::App;
use crate::scenario::DEBIAN;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

/// Every one of them.
pub(crate) fn all() -> Vec<Scenario> {
    [
        pairs::ALL,
        shapes::ALL,
        policy::ALL,
        formats::ALL,
        scarce::ALL,
        course::ALL,
        pinned::ALL,
        resolved::ALL,
        orders::ALL,
        checked::ALL,
        alike::ALL,
        aside::ALL,
        beside::ALL,
        several::ALL,
        little::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
    .collect()
}

const SITE: [(&str, &str); 4] = [
    ("www.example.com", "/"),
    ("www.example.com", "/offers"),
    ("www.example.com", "/offers/5"),
    ("www.example.com", "/cart"),
];

/// Two checked servers behind one frontend.
const POOL: &str = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option httpchk GET /healthz
    default-server inter 400ms fall 2 rise 2
    server app1 @app1@ check
    server app2 @app2@ check
";

/// Factors that say how the checks saw it, right wherever servers went down by them.
const CHECKS: &[&str] = &[
    "common-failure",
    "detection-gap",
    "slow-recovery",
    "no-redispatch",
    "partial-outage",
];

const fn live(
    folder: &'static str,
    title: &'static str,
    story: &'static str,
    zone: i64,
    run: fn(&mut Scene) -> Truth,
) -> Scenario {
    Scenario {
        folder,
        title,
        story,
        zone,
        net: "192.0.2",
        run,
    }
}

fn two(scene: &mut Scene) -> [App; 2] {
    [scene.app("app1", 11), scene.app("app2", 12)]
}

/// The service of a host dies by a signal.
fn crash(scene: &Scene, host: &str, app: &mut App) {
    app.stop();
    scene.systemd(
        host,
        "app.service: Main process exited, code=killed, status=11/SEGV",
    );
    scene.systemd(host, "app.service: Failed with result 'signal'.");
}

/// The service of a host is started again.
fn revive(scene: &Scene, host: &str, app: &mut App) {
    app.restart();
    scene.systemd(host, "Started app.service - Example web application.");
}

fn crash_both(scene: &Scene, apps: &mut [App; 2]) {
    for (host, app) in ["app1", "app2"].into_iter().zip(apps) {
        crash(scene, host, app);
    }
}

fn revive_both(scene: &Scene, apps: &mut [App; 2]) {
    for (host, app) in ["app1", "app2"].into_iter().zip(apps) {
        revive(scene, host, app);
    }
}

/// `set server` for both.
fn order_both(scene: &Scene, order: &str) {
    for name in ["app1", "app2"] {
        scene.admin(&format!("set server be_app/{name} {order}"));
    }
}

/// Starts HAProxy with an agent beside each of the two.
fn start_with_agents(scene: &mut Scene) -> [Agent; 2] {
    let agents = [
        scene.agent("agent1", 11, 9707),
        scene.agent("agent2", 12, 9707),
    ];
    let mut pool = POOL.replace("rise 2", "rise 2 agent-inter 400ms");
    for n in 1..=2 {
        pool = pool.replace(
            &format!("@app{n}@ check"),
            &format!("@app{n}@ check agent-check agent-port @agent{n}.port@"),
        );
    }
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}"));
    agents
}

/// An incident of `be_app` that ended.
fn over(cause: &'static str) -> Fact {
    Fact {
        cause,
        frontend: "fe_app",
        backend: "be_app",
        also_factors: CHECKS,
        recovered: true,
        ..Fact::default()
    }
}

fn one(fact: Fact) -> Truth {
    Truth {
        incidents: vec![fact],
        not_causes: &[],
    }
}
