//! Servers that were told to go: by agents, in a terminal, by a controller, by their weight, by an old state file.

use super::POOL;
use super::SITE;
use super::live;
use super::one;
use super::order_both;
use super::over;
use super::start_with_agents;
use super::two;
use crate::carrier::Carrier;
use crate::port::free_port;
use crate::scenario::DEBIAN;
use crate::scenario::SHORT;
use crate::scenario::Scenario;
use crate::scene::Scene;
use crate::truth::Fact;
use crate::truth::Truth;
use std::fmt::Write;

pub(super) const ALL: &[Scenario] = &[
    live(
        "mixed/agents-disagree",
        "One agent ordered maintenance, the other said down",
        "`maint` of the agent of `app1`, then `down` of that of `app2`.",
        0,
        agents_disagree,
    ),
    live(
        "mixed/maintenance-in-a-terminal",
        "A TCP service was put into maintenance, all of it in one terminal",
        "Commands, dump, journal and configuration were pasted into one file.",
        0,
        maintenance_in_a_terminal,
    ),
    live(
        "mixed/controller-slots",
        "A controller moved a service to other slots and left a gap",
        "As ingress controllers do: addresses and states are set on the runtime socket, the log is the container's.",
        0,
        controller_slots,
    ),
    live(
        "mixed/weight-zero",
        "The weights of both servers were set to zero",
        "`set server … weight 0` leaves no line of HAProxy's own.",
        0,
        weight_zero,
    ),
    live(
        "mixed/backups-dead-before",
        "Maintenance of both servers, whose backups had been dead all along",
        "`option allbackups`; nobody had noticed that no backup listens.",
        -300,
        backups_dead_before,
    ),
    live(
        "mixed/maintenance-of-last-night",
        "A reload brought back last night's maintenance",
        "The server-state file still said so.",
        0,
        maintenance_of_last_night,
    ),
];

fn agents_disagree(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let agents = start_with_agents(scene);
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    agents[0].say("maint");
    scene.wait(1500);
    agents[1].say("down #load");
    scene.wait(2000);
    for agent in &agents {
        agent.say("ready up");
    }
    scene.wait(1500);
    load.stop();
    scene.journal(Carrier::Json, "journal.json", &["proxy01"]);
    let fact = Fact {
        servers: &[("app1", "admin-maintenance"), ("app2", "agent-down")],
        ..over("agent-down")
    };
    one(scene.measure(fact, |_| true))
}

fn maintenance_in_a_terminal(scene: &mut Scene) -> Truth {
    let _apps = [scene.app("pg1", 21), scene.app("pg2", 22)];
    let config = DEBIAN
        .replace("mode http", "mode tcp")
        .replace("option httplog", "option tcplog")
        + "
listen db
    bind @bind@
    server pg1 @pg1@ check inter 400ms
    server pg2 @pg2@ check inter 400ms backup
";
    scene.start("haproxy.cfg", &config);
    let load = scene.load(80, &SITE);
    scene.wait(1300);
    let mut session = String::new();
    for name in ["pg1", "pg2"] {
        let command = format!("set server db/{name} state maint");
        scene.behind_the_scenes(&command);
        writeln!(
            session,
            "root@proxy01:~# echo \"{command}\" | socat stdio /run/haproxy/admin.sock\n"
        )
        .unwrap();
        scene.wait(300);
    }
    scene.wait(2000);
    load.stop();
    let state = scene.ask("show servers state");
    write!(
        session,
        "root@proxy01:~# echo \"show servers state\" | socat stdio /run/haproxy/admin.sock\n{state}"
    )
    .unwrap();
    let journal = scene.printed(Carrier::Short, &["proxy01"]);
    write!(
        session,
        "root@proxy01:~# journalctl -u haproxy --no-pager\n{journal}root@proxy01:~# exit\n"
    )
    .unwrap();
    scene.bundle.add("session.txt", session);
    let fact = Fact {
        frontend: "db",
        backend: "db",
        servers: &[("pg1", "admin-maintenance"), ("pg2", "admin-maintenance")],
        trigger: Some("admin-command"),
        recovered: false,
        still_down: &["pg1", "pg2"],
        ..over("admin-maintenance")
    };
    one(scene.measure_silence(fact))
}

fn controller_slots(scene: &mut Scene) -> Truth {
    let mut apps = two(scene);
    let pods = [scene.app("app3", 13), scene.app("app4", 14)];
    let config = "
frontend http
    bind @bind@
    default_backend shop_web_8080

backend shop_web_8080
    option httpchk GET /healthz
    default-server inter 400ms fall 2 rise 2 check
    server SRV_1 @app1@
    server SRV_2 @app2@
    server SRV_3 127.0.0.1:80 disabled
    server SRV_4 127.0.0.1:80 disabled
";
    scene.start("haproxy.cfg", &format!("{SHORT}{config}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    for (slot, app) in ["SRV_1", "SRV_2"].into_iter().zip(&mut apps) {
        scene.behind_the_scenes(&format!("set server shop_web_8080/{slot} state maint"));
        app.stop();
    }
    scene.wait(2200);
    for (slot, pod) in ["SRV_3", "SRV_4"].into_iter().zip(&pods) {
        let (ip, port) = (pod.addr.ip(), pod.addr.port());
        let slot = format!("shop_web_8080/{slot}");
        scene.behind_the_scenes(&format!("set server {slot} addr {ip} port {port}"));
        scene.behind_the_scenes(&format!("set server {slot} state ready"));
    }
    scene.wait(1800);
    load.stop();
    scene.journal_of_haproxy(Carrier::Cri, "0.log");
    let fact = Fact {
        frontend: "http",
        backend: "shop_web_8080",
        servers: &[
            ("SRV_1", "admin-maintenance"),
            ("SRV_2", "admin-maintenance"),
        ],
        also_triggers: &["admin-command"],
        also_factors: &["common-failure", "redundancy-lost", "slow-recovery"],
        still_down: &["SRV_1", "SRV_2"],
        ..over("admin-maintenance")
    };
    one(scene.measure(fact, |_| true))
}

fn weight_zero(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    order_both(scene, "weight 0");
    scene.wait(2200);
    scene.dump("show stat", "show-stat.csv");
    order_both(scene, "weight 100%");
    scene.wait(1300);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        servers: &[("app1", "admin-drain"), ("app2", "admin-drain")],
        trigger: Some("admin-command"),
        ..over("admin-drain")
    };
    one(scene.measure(fact, |_| true))
}

fn backups_dead_before(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    for (name, last) in [("spare1", 31), ("spare2", 32)] {
        let nobody = free_port(&scene.ip(last));
        scene.address(name, nobody, 8080);
    }
    let pool = POOL.replace(
        "    default-server",
        "    option allbackups\n    default-server",
    );
    let spares =
        "    server spare1 @spare1@ check backup\n    server spare2 @spare2@ check backup\n";
    scene.start("haproxy.cfg", &format!("{DEBIAN}{pool}{spares}"));
    let load = scene.load(60, &SITE);
    scene.wait(1800);
    scene.admin("set server be_app/app1 state maint");
    scene.wait(500);
    scene.admin("set server be_app/app2 state maint");
    scene.wait(2000);
    order_both(scene, "state ready");
    scene.wait(1300);
    load.stop();
    scene.rsyslog(Carrier::RsyslogIso, "haproxy.log", "syslog");
    let fact = Fact {
        servers: &[
            ("app1", "admin-maintenance"),
            ("app2", "admin-maintenance"),
            ("spare1", "listener-refused"),
            ("spare2", "listener-refused"),
        ],
        trigger: Some("admin-command"),
        also_factors: &["common-failure", "redundancy-lost", "backup-down"],
        still_down: &["spare1", "spare2"],
        ..over("admin-maintenance")
    };
    one(scene.measure(fact, |_| true))
}

fn maintenance_of_last_night(scene: &mut Scene) -> Truth {
    let _apps = two(scene);
    let state = scene.dir.path().join("server-state");
    let shown = "/var/lib/haproxy/server-state";
    scene.disguise.text(state.to_str().unwrap(), shown);
    scene.value("@state@", state.to_str().unwrap(), shown);
    let global = DEBIAN
        .replace("defaults\n", "    server-state-file @state@\n\ndefaults\n")
        .replace(
            "    option dontlognull",
            "    option dontlognull\n    load-server-state-from-file global",
        );
    scene.start("haproxy.cfg", &format!("{global}{POOL}"));
    let load = scene.load(60, &SITE);
    scene.wait(1300);
    let now = scene.ask_as_is("show servers state");
    let maintained = now
        .split('\n')
        .map(in_maintenance)
        .collect::<Vec<_>>()
        .join("\n");
    std::fs::write(&state, &maintained).unwrap();
    let shown = scene.disguise.apply_to_table(&maintained);
    scene.bundle.add("server-state", shown);
    scene.reload();
    scene.wait(2500);
    order_both(scene, "state ready");
    scene.wait(1300);
    load.stop();
    scene.journal(Carrier::ShortIsoPrecise, "journal.txt", &["proxy01"]);
    let fact = Fact {
        servers: &[("app1", "admin-maintenance"), ("app2", "admin-maintenance")],
        trigger: Some("config-reload"),
        ..over("admin-maintenance")
    };
    Truth {
        not_causes: &["startup-window"],
        ..one(scene.measure(fact, |_| true))
    }
}

/// A row of `show servers state` with the server stopped and in forced maintenance.
fn in_maintenance(row: &str) -> String {
    let mut columns: Vec<&str> = row.split(' ').collect();
    if columns.len() == 25 && columns[0] != "#" {
        // srv_op_state, srv_admin_state
        columns.splice(5..7, ["0", "1"]);
    }
    columns.join(" ")
}
