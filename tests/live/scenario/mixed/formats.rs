//! The same kinds of failures in logs of other formats: JSON, common log format, a format of one's own, RFC 5424, fewer lines.

use super::POOL;
use super::SITE;
use super::crash_both;
use super::live;
use super::one;
use super::over;
use super::revive_both;
use super::two;
use crate::app::App;
use crate::app::Health;
use crate::carrier::Carrier;
use crate::scenario::DEBIAN;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

pub(super) const ALL: &[Scenario] = &[
    live(
        "mixed/json-format",
        "Readiness failed, the log is JSON",
        "A log-format of JSON objects.",
        0,
        json_format,
    ),
    live(
        "mixed/common-log-format",
        "The servers crashed, the log is in common log format",
        "`option httplog clf`.",
        330,
        common_log_format,
    ),
    live(
        "mixed/own-format",
        "Maintenance, the log has a format of its own",
        "Key and value pairs, kept by a receiver of RFC 5424.",
        0,
        own_format,
    ),
    live(
        "mixed/only-errors",
        "The servers crashed, only failed requests are logged",
        "`option dontlog-normal`.",
        0,
        only_errors,
    ),
    live(
        "mixed/rfc5424",
        "The servers crashed, the log comes as RFC 5424",
        "As a log receiver keeps it.",
        120,
        rfc5424,
    ),
];

/// Crash and return of both servers, with this in place of `option httplog`.
fn crashed(scene: &mut Scene, format: &str) {
    let mut apps = two(scene);
    let global = DEBIAN.replace("option httplog", format);
    scene.start("haproxy.cfg", &format!("{global}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    crash_both(scene, &mut apps);
    scene.wait(2000);
    revive_both(scene, &mut apps);
    scene.wait(1600);
    load.stop();
}

fn refused() -> Fact {
    Fact {
        servers: &[("app1", "listener-refused"), ("app2", "listener-refused")],
        ..over("listener-refused")
    }
}

fn json_format(scene: &mut Scene) -> Truth {
    let apps: [App; 2] = two(scene);
    let global = DEBIAN.replace(
        "option httplog",
        r#"log-format '{"t":"%Tl","client":"%ci","fe":"%ft","be":"%b","srv":"%s","status":%ST,"term":"%ts","tw":%Tw,"tc":%Tc,"tr":%Tr,"ta":%Ta,"req":"%HM %HPO"}'"#,
    );
    scene.start("haproxy.cfg", &format!("{global}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    for app in &apps {
        app.set(|mode| mode.health = Health::Status(404));
    }
    scene.wait(2200);
    for app in &apps {
        app.set(|mode| mode.health = Health::Status(200));
    }
    scene.wait(1500);
    load.stop();
    scene.journal(Carrier::ShortIso, "journal.txt", &["proxy01"]);
    let fact = Fact {
        servers: &[("app1", "check-http-status"), ("app2", "check-http-status")],
        ..over("check-http-status")
    };
    one(scene.measure_marked(fact, r#""srv":"<NOSRV>""#))
}

fn common_log_format(scene: &mut Scene) -> Truth {
    crashed(scene, "option httplog clf");
    scene.journal(Carrier::ShortIso, "journal.txt", &[]);
    let fact = Fact {
        trigger: Some("service-crashed"),
        ..refused()
    };
    one(scene.measure_marked(fact, r#""be_app" "<NOSRV>""#))
}

fn own_format(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let global = DEBIAN.replace(
        "option httplog",
        r#"log-format "date=[%tr] client=%ci:%cp frontend=%f backend=%b server=%s times=%TR/%Tw/%Tc/%Tr/%Ta status=%ST bytes=%B state=%tsc queue=%sq/%bq method=%HM path=%HP""#,
    );
    scene.start("haproxy.cfg", &format!("{global}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    scene.admin("set server be_app/app2 state maint");
    scene.admin("set server be_app/app1 state maint");
    scene.wait(2000);
    scene.admin("set server be_app/app2 state ready");
    scene.admin("set server be_app/app1 state ready");
    scene.wait(1200);
    load.stop();
    scene.journal(Carrier::Rfc5424, "proxy01.log", &["proxy01"]);
    let fact = Fact {
        servers: &[("app1", "admin-maintenance"), ("app2", "admin-maintenance")],
        trigger: Some("admin-command"),
        ..over("admin-maintenance")
    };
    one(scene.measure_marked(fact, "backend=be_app server=<NOSRV>"))
}

fn only_errors(scene: &mut Scene) -> Truth {
    crashed(scene, "option httplog\n    option dontlog-normal");
    scene.rsyslog(Carrier::RsyslogIso, "haproxy.log", "syslog");
    let fact = Fact {
        trigger: Some("service-crashed"),
        ..refused()
    };
    one(scene.measure(fact, |_| true))
}

fn rfc5424(scene: &mut Scene) -> Truth {
    crashed(scene, "option httplog");
    scene.log_where(Carrier::Rfc5424, "proxy01.log", |_| true);
    one(scene.measure(refused(), |_| true))
}
