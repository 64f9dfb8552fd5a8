//! What is of yesterday: an address that a name no longer has, a process that nobody ended. With what looks like them.

use crate::app::App;
use crate::carrier::Carrier;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;

const SHOP: [(&str, &str); 4] = [
    ("shop.example.com", "/"),
    ("shop.example.com", "/basket"),
    ("shop.example.com", "/items/9"),
    ("shop.example.com", "/checkout"),
];

pub(crate) const STALE_ADDRESS: Scenario = Scenario {
    folder: "causes/stale-address",
    title: "The servers' names have moved, HAProxy has not",
    story: "
The servers are named, without `resolvers`; `init-addr last` takes their addresses from the server-state file at every start. The names
have pointed to new machines for some time; HAProxy went on using the old ones until they were switched off.

Saved: the proxy's journal (`-o short-iso-precise`), the configuration, the state file, `show servers state` during the failure, `dig` of
both names.

To conclude: `stale-address`: the checks were refused at addresses that the names no longer have. Without `dig` the refusal is all that is
known, and `listener-refused` a right answer. It was not over when the files were saved.",
    zone: 0,
    net: "10.0.60",
    run: stale_address,
};

fn stale_address(scene: &mut Scene) -> Truth {
    let fact = named(scene, &["10.0.60.21", "10.0.60.22"]);
    let fact = Fact {
        cause: "stale-address",
        also_causes: &["listener-refused"],
        servers: &[("app1", "stale-address"), ("app2", "stale-address")],
        also_triggers: &["dns-change"],
        ..fact
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["dns-resolution-failed", "admin-maintenance"],
    }
}

pub(crate) const NAME_UNCHANGED: Scenario = Scenario {
    folder: "near-misses/name-unchanged",
    title: "The servers refuse at the addresses that their names have",
    story: "
As in `causes/stale-address` the servers are named, without `resolvers`, and their addresses come from a server-state file. Their listeners
were switched off; the names have not moved.

Saved: the same kinds of file.

Looks like `stale-address`. To conclude: `listener-refused`: `dig` shows the addresses that HAProxy uses.",
    zone: 0,
    net: "10.0.60",
    run: name_unchanged,
};

fn name_unchanged(scene: &mut Scene) -> Truth {
    let fact = named(scene, &["10.0.60.11", "10.0.60.12"]);
    let fact = Fact {
        cause: "listener-refused",
        servers: &[("app1", "listener-refused"), ("app2", "listener-refused")],
        ..fact
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["stale-address", "dns-resolution-failed"],
    }
}

/// Two servers known by name, their addresses from a state file; both are switched off, and `dig` answers with `now`.
fn named(scene: &mut Scene, now: &[&str; 2]) -> Fact {
    let mut apps = [scene.app("app1", 11), scene.app("app2", 12)];
    let state = scene.dir.path().join("server-state");
    let shown = "/var/lib/haproxy/server-state";
    scene.disguise.text(state.to_str().unwrap(), shown);
    scene.value("@state@", state.to_str().unwrap(), shown);
    let file = state_file(&apps);
    std::fs::write(&state, &file).unwrap();
    let file = scene.disguise.apply_to_table(&file);
    scene.bundle.add("server-state", file);
    let global = SHORT
        .replace(
            "\ndefaults\n",
            "    server-state-file @state@\n\ndefaults\n",
        )
        .replace(
            "retries 2\n",
            "retries 2\n    load-server-state-from-file global\n",
        );
    let config = "
frontend fe_shop
    bind @bind@
    default_backend be_shop

backend be_shop
    option httpchk GET /healthz
    default-server inter 700ms fall 2 rise 2 init-addr last,none
    server app1 app1.shop.example.net:@app1.port@ check
    server app2 app2.shop.example.net:@app2.port@ check
";
    scene.start("haproxy.cfg", &format!("{global}{config}"));
    let load = scene.load(60, &SHOP);
    scene.wait(1800);
    for app in &mut apps {
        app.stop();
    }
    scene.wait(3000);
    load.stop();
    scene.dump("show servers state be_shop", "show-servers-state.txt");
    let answers = ["app1", "app2"].iter().zip(now);
    let answers: Vec<String> = answers.map(|(name, now)| dig(name, now)).collect();
    scene.bundle.add("dig.txt", answers.concat());
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    Fact {
        frontend: "fe_shop",
        backend: "be_shop",
        factors: &["common-failure"],
        also_factors: &["detection-gap", "no-redispatch"],
        recovered: false,
        still_down: &["app1", "app2"],
        ..Fact::default()
    }
}

/// As `show servers state` of another day printed it: both servers UP.
fn state_file(apps: &[App; 2]) -> String {
    let rows = apps.iter().zip(1..).map(|(app, number)| {
        let (ip, port) = (app.addr.ip(), app.addr.port());
        format!(
            "3 be_shop {number} app{number} {ip} 2 0 1 1 5184000 15 3 4 6 0 0 0 app{number}.shop.example.net {port} - 0 0 - - 0\n"
        )
    });
    let head = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight \
                srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state \
                bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr \
                srv_agent_addr srv_agent_port\n";
    head.to_owned() + &rows.collect::<String>()
}

/// What `dig` prints of one of the names.
fn dig(name: &str, address: &str) -> String {
    let name = format!("{name}.shop.example.net");
    format!(
        "$ dig {name}

; <<>> DiG 9.18.28-1~deb12u2-Debian <<>> {name}
;; global options: +cmd
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 40213
;; flags: qr rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232
;; QUESTION SECTION:
;{name}.\t\tIN\tA

;; ANSWER SECTION:
{name}.\t300\tIN\tA\t{address}

;; Query time: 0 msec
;; SERVER: 10.0.60.53#53(10.0.60.53) (UDP)
;; MSG SIZE  rcvd: 67

"
    )
}

pub(crate) const STALE_PROCESS: Scenario = Scenario {
    folder: "causes/stale-process",
    title: "A forgotten HAProxy shares the port with the new one",
    story: "
HAProxy had been started by hand, outside of systemd. When the service was started later with the servers' new addresses, both processes
listened on port 80 (`SO_REUSEPORT`), and the kernel gave each a share of the connections. Then the old servers were switched off: the
forgotten process lost its pool and answered 503, while the new one answered everything well.

Saved: the proxy's journal (`-o short-precise`), the configuration of the service, `show servers state` of the process that the socket belongs
to: both servers UP.

To conclude: `stale-process`. The runtime socket and the configuration show nothing wrong.",
    zone: 0,
    net: "10.0.70",
    run: stale_process,
};

const POOL: &str = "
frontend fe_shop
    bind @bind@
    default_backend be_shop

backend be_shop
    option httpchk GET /healthz
    default-server inter 600ms fall 2 rise 2
";

fn stale_process(scene: &mut Scene) -> Truth {
    let mut old = [scene.app("old1", 11), scene.app("old2", 12)];
    let _new = [scene.app("app1", 21), scene.app("app2", 22)];
    let servers = |kind: &str| {
        format!("{DEBIAN}{POOL}    server app1 @{kind}1@ check\n    server app2 @{kind}2@ check\n")
    };
    scene.start("not-saved", &servers("old"));
    scene.bundle.forget("not-saved");
    let load = scene.load(60, &SHOP);
    scene.wait(1200);
    scene.forget_proxy();
    // One start takes less than this; what lies closer together is the workers of one process.
    scene.wait(5200);
    scene.start("haproxy.cfg", &servers("app"));
    scene.wait(1500);
    for app in &mut old {
        app.stop();
    }
    scene.wait(3500);
    load.stop();
    scene.dump("show servers state", "show-servers-state.txt");
    scene.journal(Carrier::ShortPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        cause: "stale-process",
        frontend: "fe_shop",
        backend: "be_shop",
        also_triggers: &["config-reload", "config-changed"],
        also_factors: &[
            "stale-worker",
            "common-failure",
            "detection-gap",
            "partial-outage",
            "no-redispatch",
            "artifacts-disagree",
        ],
        recovered: false,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["listener-refused", "startup-window"],
    }
}

pub(crate) const FINISHING_WORKER: Scenario = Scenario {
    folder: "near-misses/finishing-worker",
    title: "An old worker finishes its queue after a reload",
    story: "
The application became slow, requests waited in the queue. A reload in that minute started a new worker, which answered well because the
application had recovered; the old one still answered 503 to those that had waited in its queue.

Saved: the proxy's journal (`-o short-precise`), the configuration.

Looks like `stale-process` (only the older worker fails after the reload). To conclude: `queue-timeout`: it began before the reload, and the
old worker only finished what it had.",
    zone: 0,
    net: "192.0.2",
    run: finishing_worker,
};

fn finishing_worker(scene: &mut Scene) -> Truth {
    let apps = [scene.app("app1", 11), scene.app("app2", 12)];
    let config = "
frontend fe_shop
    bind @bind@
    default_backend be_shop

backend be_shop
    timeout queue 900ms
    option httpchk GET /healthz
    default-server maxconn 2 inter 1s
    server app1 @app1@ check
    server app2 @app2@ check
";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{config}"));
    let load = scene.load(60, &SHOP);
    scene.wait(6000);
    for app in &apps {
        app.set(|mode| mode.latency_ms = 2000);
    }
    scene.wait(1700);
    for app in &apps {
        app.set(|mode| mode.latency_ms = 2);
    }
    scene.reload();
    scene.wait(3000);
    load.stop();
    scene.journal(Carrier::ShortPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        cause: "queue-timeout",
        frontend: "fe_shop",
        backend: "be_shop",
        trigger: Some("slow-application"),
        also_triggers: &["none-seen"],
        also_factors: &["partial-outage", "stale-worker"],
        recovered: true,
        ..Fact::default()
    };
    Truth {
        incidents: vec![scene.measure(fact, |_| true)],
        not_causes: &["stale-process", "startup-window", "listener-refused"],
    }
}
