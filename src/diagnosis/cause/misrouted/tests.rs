//! Requests that were meant for another pool, and those that were not.

use crate::testing;

const CONFIG: &str = "\
frontend fe_app
    mode http
    bind *:80
    capture request header Host len 64
    acl shop hdr(host) www.example.com
    use_backend be_shop if shop
    default_backend be_old
backend be_shop
    mode http
    server shop1 192.0.2.31:80 check
backend be_old
    mode http
    server old1 192.0.2.90:80 check
";
const REFUSED: &str = "Server be_old/old1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms. \
                           0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.";

fn down(time: &str) -> String {
    format!("Jun  5 {time} proxy01 haproxy[12]: {REFUSED}\n")
}

/// Requests of one second each, from that minute on; `<NOSRV>` ones fail.
fn requests(minute: u32, target: &str, host: &str, path: &str) -> String {
    let end = if target.ends_with("<NOSRV>") {
        "0/-1/-1/-1/0 503 217 - - SC--"
    } else {
        "0/0/0/5/5 200 134 - - ----"
    };
    (0..30)
            .map(|second| {
                format!(
                    "Jun  5 10:{minute:02}:{second:02} proxy01 haproxy[12]: 192.0.2.7:40000 [05/Jun/2026:10:{minute:02}:{second:02}.100] \
                     fe_app {target} {end} 1/1/0/0/0 0/0 {{{host}}} \"GET {path} HTTP/1.1\"\n"
                )
            })
            .collect()
}

fn log(parts: &[String]) -> String {
    let mut lines: Vec<&str> = parts.iter().flat_map(|part| part.lines()).collect();
    lines.sort_by_key(|line| line.get(..15));
    lines.join("\n") + "\n"
}

#[test]
fn a_host_in_another_case_falls_to_a_pool_that_is_long_dead() {
    let log = log(&[
        down("09:00:00"),
        requests(10, "be_shop/shop1", "www.example.com", "/"),
        requests(10, "be_old/<NOSRV>", "WWW.Example.com", "/"),
    ]);
    let incident = testing::concludes(
        &[("haproxy.cfg", CONFIG), ("haproxy.log", &log)],
        "misrouted",
    );
    assert!(incident.cause.confidence > 0.9);
    assert!(
        incident.cause.explanation.contains("line 5"),
        "{}",
        incident.cause.explanation
    );
    assert_eq!(
        incident.servers[0].cause.as_deref(),
        Some("listener-refused")
    );
}

#[test]
fn a_port_in_the_host_is_named() {
    let log = log(&[
        down("09:00:00"),
        requests(10, "be_shop/shop1", "www.example.com", "/"),
        requests(10, "be_old/<NOSRV>", "www.example.com:80", "/"),
    ]);
    let incident = testing::concludes(
        &[("haproxy.cfg", CONFIG), ("haproxy.log", &log)],
        "misrouted",
    );
    assert!(
        incident.cause.explanation.contains("carries a port"),
        "{}",
        incident.cause.explanation
    );
}

#[test]
fn a_pool_that_served_the_same_requests_lost_its_servers() {
    let log = log(&[
        requests(10, "be_shop/shop1", "www.example.com", "/"),
        requests(10, "be_old/old1", "WWW.Example.com", "/"),
        down("10:11:50"),
        requests(12, "be_old/<NOSRV>", "WWW.Example.com", "/"),
    ]);
    let incident = testing::rules_out(
        &[("haproxy.cfg", CONFIG), ("haproxy.log", &log)],
        "misrouted",
    );
    assert_eq!(incident.cause.id, "listener-refused");
}

#[test]
fn requests_that_belong_to_the_dead_pool_in_every_spelling_are_not_misrouted() {
    let log = log(&[
        down("10:09:59"),
        requests(10, "be_shop/shop1", "www.example.com", "/"),
        requests(10, "be_old/<NOSRV>", "archive.example.com", "/x"),
    ]);
    let incident = testing::rules_out(
        &[("haproxy.cfg", CONFIG), ("haproxy.log", &log)],
        "misrouted",
    );
    assert_eq!(incident.cause.id, "listener-refused");
}

#[test]
fn without_the_configuration_a_long_dead_pool_leaves_it_open() {
    let log = log(&[
        down("09:00:00"),
        requests(10, "be_shop/shop1", "www.example.com", "/"),
        requests(11, "be_old/<NOSRV>", "WWW.Example.com", "/"),
    ]);
    let incident = testing::concludes(&[("haproxy.log", &log)], "insufficient-evidence");
    assert!(
        incident.possible.iter().any(|p| p.id == "misrouted"),
        "{:#?}",
        incident.possible
    );
}

/// The rule of a list, by its map.
const MAP: &str = "# hosts\nwww.example.com be_shop\nshop.example.com be_shop\n";

#[test]
fn a_key_that_the_map_has_in_another_spelling_is_named() {
    let config = CONFIG.replace(
        "use_backend be_shop if shop",
        "use_backend %[req.hdr(host),map(/etc/haproxy/hosts.map)] if { req.hdr(host),map(/etc/haproxy/hosts.map) -m found }",
    );
    let log = log(&[
        down("09:00:00"),
        requests(10, "be_shop/shop1", "shop.example.com", "/"),
        requests(10, "be_old/<NOSRV>", "SHOP.example.com", "/"),
    ]);
    let files = [
        ("haproxy.cfg", &*config),
        ("hosts.map", MAP),
        ("haproxy.log", &log),
    ];
    let incident = testing::concludes(&files, "misrouted");
    let told = &incident.cause.explanation;
    assert!(
        told.contains("hosts.map") && told.contains("another case"),
        "{told}"
    );
}

#[test]
fn a_narrower_rule_below_a_wider_one_is_named() {
    let config = CONFIG.replace(
        "    acl shop hdr(host) www.example.com\n    use_backend be_shop if shop\n",
        "    use_backend be_old if { path_beg /api }\n    use_backend be_shop if { path_beg /api/v2 }\n    use_backend be_shop if { path_beg /shop }\n",
    );
    let log = log(&[
        down("09:00:00"),
        requests(10, "be_shop/shop1", "www.example.com", "/shop"),
        requests(10, "be_old/<NOSRV>", "www.example.com", "/api/v2/x"),
    ]);
    let files = [("haproxy.cfg", &*config), ("haproxy.log", &*log)];
    let incident = testing::concludes(&files, "misrouted");
    let told = &incident.cause.explanation;
    assert!(
        told.contains("line 6") && told.contains("takes all its requests"),
        "{told}"
    );
    let other = [
        ("haproxy.cfg", &*config),
        ("haproxy.log", &*log.replace("/api/v2/x", "/api/v1/x")),
    ];
    testing::rules_out(&other, "misrouted");
}
