//! Every `show …` of a real HAProxy, read back and held against what the driver did, and against HAProxy's own log.

use crate::client::Clients;
use crate::client::exchange;
use crate::port::free_port;
use crate::scenario::DEBIAN;
use crate::scene::Scene;
use nosrv::base::Text;
use nosrv::dump::Availability;
use nosrv::dump::Dump;
use nosrv::dump::DumpKind;
use nosrv::dump::Stat;
use nosrv::dump::StatRow;
use nosrv::dump::Stream;
use nosrv::dump::parse;
use serde_json::Value;
use std::process::Command;
use std::sync::Arc;
use std::thread;

const CONFIG: &str = "
frontend fe_app
    bind @bind@
    use_backend be_dead if { path /dead }
    use_backend be_own if { path /own }
    http-request set-header X-Late yes
    default_backend be_app

backend be_app
    timeout queue 5s
    server app1 @app1@ maxconn 1
    server app2 @app2@ check inter 100ms rise 2 fall 2
    server app3 @app2@ check disabled
    server app4 @app2@ track be_app/app3

backend be_dead
    timeout connect 100ms
    retries 2
    server dead @app2@

backend be_own
    stick-table type ip size 10 expire 1m
    stick on src
    server own @own@

frontend fe_stats
    bind @stats@
    stats enable
    stats uri /
";

/// Commands, and the kind that the report gives to what they print.
const COMMANDS: [(&str, &str); 16] = [
    ("show stat", "show-stat"),
    ("show stat typed", "show-stat"),
    ("show stat json", "show-stat"),
    ("show info", "show-info"),
    ("show info typed", "show-info"),
    ("show info json", "show-info"),
    ("show servers state", "show-servers-state"),
    ("show servers conn", "show-servers-conn"),
    ("show backend", "show-backend"),
    ("show errors", "show-errors"),
    ("show sess", "show-sess"),
    ("show sess all", "show-sess"),
    ("show table be_own", "show-table"),
    ("show pools", "show-pools"),
    ("show fd", "show-fd"),
    ("show activity", "show-activity"),
];

pub(crate) fn compare() {
    let mut scene = Scene::new(0, "192.0.2");
    let app1 = scene.app("app1", 11);
    let mut app2 = scene.app("app2", 12);
    let own = scene.app("own", 13);
    let stats = free_port(&scene.ip(14));
    scene.address("stats", stats, 8404);
    app2.stop();
    own.set(|mode| mode.status = 503);
    scene.start("haproxy.cfg", &format!("{DEBIAN}{CONFIG}"));
    scene.wait(600);
    for (path, n) in [("/dead", 3), ("/own", 4), ("/", 5)] {
        for _ in 0..n {
            scene.clients.get("192.0.2.50", "www.example.com", path);
        }
    }
    app1.set(|mode| mode.latency_ms = 1500);
    let waiting: Vec<_> = (0..3).map(|_| ask(Arc::clone(&scene.clients))).collect();
    scene.wait(300);
    let answers: Vec<(&str, String)> = COMMANDS
        .iter()
        .map(|(command, _)| (*command, scene.ask_as_is(command)))
        .collect();
    let page = exchange(stats, "GET / HTTP/1.0\r\n\r\n");
    for thread in waiting {
        thread.join().unwrap();
    }
    scene.wait(100);
    let answer = |command: &str| {
        answers
            .iter()
            .find(|(c, _)| *c == command)
            .unwrap()
            .1
            .as_str()
    };
    let csv = stat(DumpKind::StatCsv, answer("show stat"));
    for (kind, text) in [
        (DumpKind::StatTyped, answer("show stat typed")),
        (DumpKind::StatJson, answer("show stat json")),
        (DumpKind::StatPage, page.split_once("\r\n\r\n").unwrap().1),
    ] {
        same_states(&csv, &stat(kind, text));
    }
    states(&csv, answer("show servers state"));
    counters(&csv, &scene);
    streams(answer("show sess"));
    streams(answer("show sess all"));
    others(&answer, scene.worker());
    recognized(&answers, page.split_once("\r\n\r\n").unwrap().1);
}

fn ask(clients: Arc<Clients>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        clients.get("192.0.2.51", "www.example.com", "/");
    })
}

fn read(kind: DumpKind, text: &str) -> Dump {
    let (dump, tally) = parse(kind, Text::new(text.as_bytes()));
    assert_eq!(tally.n_broken, 0, "{kind:?}: {text}");
    dump
}

fn stat(kind: DumpKind, text: &str) -> Stat {
    let Dump::Stat(stat) = read(kind, text) else {
        panic!("no `show stat`");
    };
    assert!(stat.rows.len() > 10, "{kind:?}: {text}");
    stat
}

fn row<'a>(stat: &'a Stat, proxy: &str, name: &str) -> &'a StatRow {
    let mut rows = stat.rows.iter();
    rows.find(|row| row.proxy == proxy && row.name == name)
        .unwrap_or_else(|| panic!("no row {proxy}/{name}"))
}

/// All forms say the same of each row, except what goes on while they are asked for.
fn same_states(csv: &Stat, other: &Stat) {
    for told in &other.rows {
        let known = row(csv, &told.proxy, &told.name);
        assert_eq!(told.status, known.status, "{}/{}", told.proxy, told.name);
        assert_eq!(told.availability(), known.availability(), "{known:?}");
        if told.proxy == "fe_stats" {
            continue;
        }
        for name in [
            "econ", "wretr", "wredis", "chkdown", "weight", "act", "bck", "qcur", "scur", "stot",
            "tracked",
        ] {
            // the page shows `-` for what was never checked
            if let (Some(told), Some(known)) = (told.column(name), known.column(name)) {
                assert_eq!(told, known, "{name}");
            }
        }
    }
}

fn states(csv: &Stat, state: &str) {
    let Dump::ServersState(rows) = read(DumpKind::ServersState, state) else {
        panic!("no `show servers state`");
    };
    for (server, in_state, in_stat) in [
        ("app1", Availability::Unchecked, Availability::Unchecked),
        ("app2", Availability::DownByCheck, Availability::DownByCheck),
        ("app3", Availability::MaintConfigured, Availability::Maint),
        (
            "app4",
            Availability::MaintInherited,
            Availability::MaintInherited,
        ),
    ] {
        let of_state = rows.iter().find(|row| row.server == server).unwrap();
        assert_eq!(of_state.availability(), in_state, "{server}");
        assert_eq!(
            row(csv, "be_app", server).availability(),
            in_stat,
            "{server}"
        );
    }
}

/// What the counters say, what the driver sent, and what HAProxy logged.
fn counters(csv: &Stat, scene: &Scene) {
    let number = |proxy, name, column| row(csv, proxy, name).number(column).unwrap();
    let lines = scene.records.sorted();
    let logged = |what: &str| -> Vec<String> {
        let lines = lines.iter().map(|entry| entry.text.clone());
        lines.filter(|text| text.contains(what)).collect()
    };
    // Each line once over syslog; `5/4/3/2/retries` behind the flags.
    let dead = logged(" be_dead/dead ");
    let dead: Vec<&String> = dead.iter().filter(|text| text.contains("fe_app")).collect();
    let retries = |text: &str| -> u64 {
        let counts = text
            .split(" SC-- ")
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap();
        counts
            .rsplit('/')
            .next()
            .unwrap()
            .trim_start_matches('+')
            .parse()
            .unwrap()
    };
    assert_eq!(dead.len(), 3, "{dead:#?}");
    let n_retries: u64 = dead.iter().map(|text| retries(text)).sum();
    assert_eq!(number("be_dead", "dead", "econ"), 3);
    assert_eq!(number("be_dead", "BACKEND", "wretr"), n_retries);
    assert_eq!(number("be_own", "own", "hrsp_5xx"), 4);
    assert_eq!(
        number("be_own", "own", "stot"),
        logged(" be_own/own ").len() as u64
    );
    assert_eq!(number("be_app", "app2", "chkdown"), 1);
    assert!(number("be_app", "app1", "stot") >= 5);
    assert_eq!(number("be_app", "BACKEND", "qcur"), 2);
    assert_eq!(number("be_app", "app1", "scur"), 1);
}

/// One request is at the server, two wait for its slot.
fn streams(text: &str) {
    let Dump::Streams(all) = read(DumpKind::Sess, text) else {
        panic!("no `show sess`");
    };
    let ours: Vec<&Stream> = all
        .iter()
        .filter(|stream| stream.backend == "be_app")
        .collect();
    assert_eq!(ours.len(), 3, "{text}");
    let waiting = ours.iter().filter(|stream| stream.queued == Some(true));
    assert_eq!(waiting.clone().count(), 2, "{text}");
    assert!(waiting.into_iter().all(|stream| stream.server.is_empty()));
    let served = ours
        .iter()
        .find(|stream| stream.queued == Some(false))
        .unwrap();
    assert_eq!(
        (served.server.as_str(), served.frontend.as_str()),
        ("app1", "fe_app")
    );
}

fn others<'a>(answer: &impl Fn(&str) -> &'a str, worker: u32) {
    for (kind, command) in [
        (DumpKind::Info, "show info"),
        (DumpKind::Info, "show info typed"),
        (DumpKind::Info, "show info json"),
    ] {
        let Dump::Info(figures) = read(kind, answer(command)) else {
            panic!("no `show info`");
        };
        let figure = |name: &str| figures.iter().find(|(n, _)| n == name).unwrap().1.clone();
        assert_eq!(
            (figure("Pid"), figure("Name")),
            (worker.to_string(), "HAProxy".to_owned())
        );
    }
    let Dump::Backends(names) = read(DumpKind::Backend, answer("show backend")) else {
        panic!("no `show backend`");
    };
    assert_eq!(names, ["be_app", "be_dead", "be_own"]);
    let Dump::Connections(servers) = read(DumpKind::ServersConn, answer("show servers conn"))
    else {
        panic!("no `show servers conn`");
    };
    let app1 = servers
        .iter()
        .find(|server| server.server == "app1")
        .unwrap();
    assert_eq!((app1.backend.as_str(), app1.used), ("be_app", 1));
    let Dump::Tables(tables) = read(DumpKind::Table, answer("show table be_own")) else {
        panic!("no `show table`");
    };
    assert_eq!(
        (tables[0].name.as_str(), tables[0].used, tables[0].n_entries),
        ("be_own", Some(1), 1)
    );
    assert_eq!(tables[0].pinned.values().sum::<u64>(), 1, "{:?}", tables[0]);
    let Dump::Errors(errors) = read(DumpKind::Errors, answer("show errors")) else {
        panic!("no `show errors`");
    };
    assert_eq!(errors.total, 0);
}

/// Files without telling names: the report names each by its content, and nothing in them is damaged.
fn recognized(answers: &[(&str, String)], page: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut kinds: Vec<(String, &str)> = Vec::new();
    for ((command, text), (_, kind)) in answers.iter().zip(COMMANDS) {
        let name = format!("saved{:02}", kinds.len());
        std::fs::write(dir.path().join(&name), text).unwrap();
        kinds.push((format!("{name} {command}"), kind));
    }
    std::fs::write(dir.path().join("saved99"), page).unwrap();
    kinds.push(("saved99".to_owned(), "show-stat"));
    let output = Command::new(env!("CARGO_BIN_EXE_nosrv"))
        .args(["analyze", "--format", "json"])
        .arg(dir.path())
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let artifacts = report["artifacts"].as_array().unwrap();
    assert_eq!(artifacts.len(), kinds.len());
    for (artifact, (name, kind)) in artifacts.iter().zip(kinds) {
        assert_eq!(artifact["kind"], kind, "{name}");
        assert_eq!(artifact["broken"], 0, "{name}");
    }
}
