//! Checks that are wrong themselves: TLS to a plain port, an external program that fails.

use crate::carrier::Carrier;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const SITE: [(&str, &str); 3] = [
    ("www.example.com", "/"),
    ("www.example.com", "/orders"),
    ("www.example.com", "/orders/2041"),
];

pub(crate) const TLS_FAILURE: Scenario = Scenario {
    folder: "causes/check-tls-failure",
    title: "A reload made the checks speak TLS to a plain port",
    story: "
A new configuration added `check-ssl` to the `server` lines; the servers speak plain HTTP. The reload itself went well; the first check
of each server then failed with `Layer6 invalid response` and the pool went empty. The old configuration was put back and
reloaded again.

Saved: the journal (`-o short`) of the proxy's host, the configuration before (`haproxy.cfg.bak`) and the new one.

To conclude: `check-tls-failure`, set off by `config-changed`.",
    zone: 0,
    net: "192.0.2",
    run: tls_failure,
};

fn tls_failure(scene: &mut Scene) -> Truth {
    let _app1 = scene.app("app1", 11);
    let _app2 = scene.app("app2", 12);
    let config = "
frontend fe_app
    bind @bind@
    default_backend be_app

backend be_app
    option httpchk GET /healthz
    default-server inter 500ms fall 3 rise 2
    server app1 @app1@ check
    server app2 @app2@ check
";
    let before = format!("{DEBIAN}{config}");
    let after = before.replace(" check\n", " check check-ssl verify none\n");
    scene.start("etc/haproxy/haproxy.cfg.bak", &before);
    let load = scene.load(70, &SITE);
    scene.wait(1500);
    scene.configure("etc/haproxy/haproxy.cfg", &after);
    scene.reload();
    scene.wait(3000);
    scene.dump("show servers state", "show-servers-state.txt");
    scene.configure("not-saved", &before);
    scene.bundle.forget("not-saved");
    scene.reload();
    scene.wait(1800);
    load.stop();
    scene.journal(Carrier::Short, "journal.txt", &["proxy01"]);
    let fact = Fact {
        cause: "check-tls-failure",
        frontend: "fe_app",
        backend: "be_app",
        servers: &[("app1", "check-tls-failure"), ("app2", "check-tls-failure")],
        trigger: Some("config-changed"),
        also_triggers: &["config-reload"],
        factors: &["common-failure"],
        also_factors: &["check-elsewhere"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &[
            "listener-refused",
            "startup-window",
            "check-response-invalid",
        ],
    }
}

pub(crate) const EXTERNAL_CHECK_FAILED: Scenario = Scenario {
    folder: "causes/external-check-failed",
    title: "The external check program says no",
    story: "
The servers are judged by a program (`external-check command`). It began to exit with code 1 for all of them, while
they still answered pages: `External check error, code: 1`. Later it was content again.

Saved: `journalctl -u haproxy -o short-iso-precise`, the configuration.

To conclude: `external-check-failed`: look at the program first.",
    zone: -300,
    net: "192.0.2",
    run: external_check_failed,
};

fn external_check_failed(scene: &mut Scene) -> Truth {
    let _app1 = scene.app("db-proxy-1", 51);
    let _app2 = scene.app("db-proxy-2", 52);
    let program = scene.dir.path().join("check-replication");
    let flag = scene.dir.path().join("lagging");
    fs::write(
        &program,
        format!("#!/bin/sh\ntest ! -e {}\n", flag.display()),
    )
    .unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let config = "
frontend fe_reports
    bind @bind@
    default_backend be_reports

backend be_reports
    option external-check
    external-check command @dir@check-replication
    server db-proxy-1 @db-proxy-1@ check inter 500ms fall 2 rise 2
    server db-proxy-2 @db-proxy-2@ check inter 500ms fall 2 rise 2
";
    let global = SHORT.replace(
        "maxconn 2000\n",
        "maxconn 2000\n    external-check\n    insecure-fork-wanted\n",
    );
    scene.start("haproxy.cfg", &format!("{global}{config}"));
    let load = scene.load(70, &SITE);
    scene.wait(1500);
    fs::write(&flag, "").unwrap();
    scene.wait(2500);
    fs::remove_file(&flag).unwrap();
    scene.wait(2000);
    load.stop();
    scene.journal_of_haproxy(Carrier::ShortIsoPrecise, "haproxy-journal.txt.gz");
    let fact = Fact {
        cause: "external-check-failed",
        frontend: "fe_reports",
        backend: "be_reports",
        servers: &[
            ("db-proxy-1", "external-check-failed"),
            ("db-proxy-2", "external-check-failed"),
        ],
        factors: &["common-failure"],
        also_factors: &["slow-recovery"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["listener-refused", "check-http-status", "check-timeout"],
    }
}
