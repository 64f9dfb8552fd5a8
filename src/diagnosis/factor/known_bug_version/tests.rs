//! Each bug is named only with its version and its symptom together.

use super::FACTOR;
use crate::testing;

const HEAD: &str = "2026-06-05T21:53:";
const SRV: &str = "frontend fe_app\n bind :80\n default_backend be_app\nresolvers lan\n nameserver ns 192.0.2.53:53\n\
                   backend be_app\n server-template app 2 _http._tcp.app.example.com resolvers lan check\n";
const COLUMNS: &str = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord\n";

/// A message of HAProxy at 21:53:<second>.
fn said(second: u32, text: &str) -> String {
    format!("{HEAD}{second:02}.000000+00:00 proxy01 haproxy[3028]: {text}\n")
}

fn started(version: &str) -> String {
    said(
        1,
        &format!("[NOTICE]   (3028) : haproxy version is {version}"),
    )
}

fn out(second: u32, why: &str) -> String {
    let left =
        "0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.";
    said(
        second,
        &format!("Server be_app/app1 is going DOWN for maintenance ({why}). {left}"),
    )
}

fn back(second: u32) -> String {
    said(
        second,
        "Server be_app/app1 ('a.example.com') is UP/READY (resolves again).",
    )
}

/// What the factor says of a log and other files.
fn says(log: &[String], files: &[(&str, &str)]) -> Option<String> {
    let log = log.concat();
    let mut all = vec![("journal.txt", &*log)];
    all.extend(files);
    testing::with_case(&all, |case| {
        (FACTOR.find)(case, "dns-resolution-failed").map(|found| found.explanation)
    })
}

#[test]
fn a_flap_of_the_name_is_named_in_the_versions_that_have_it() {
    let flap = |version: &str| {
        let log = [
            started(version),
            out(40, "DNS timeout status"),
            back(40),
            testing::nosrv(42),
        ];
        says(&log, &[])
    };
    let text = flap("3.0.2-a45a8e6").expect("the bug");
    assert!(
        text.contains("looks like")
            && text.contains("fixed in 3.0.3")
            && text.contains("80aba1d28")
    );
    assert!(!text.contains("back-ported"));
    assert_eq!(flap("3.0.3-95a607c"), None);
    assert_eq!(flap("2.8.9-1842fd0"), None);
}

#[test]
fn a_package_may_have_the_fix() {
    let log = [
        started("3.0.2-1ubuntu2"),
        out(40, "DNS timeout status"),
        back(40),
        testing::nosrv(42),
    ];
    assert!(says(&log, &[]).is_some_and(|text| text.contains("back-ported")));
}

#[test]
fn without_the_symptom_or_without_a_version_nothing_is_said() {
    // The name stayed away for ten seconds: an outage of the name server, no bug.
    let slow = [out(40, "DNS timeout status"), testing::nosrv(42), back(50)];
    let log = [&[started("3.0.2-a45a8e6")], &slow[..]].concat();
    assert_eq!(says(&log, &[]), None);
    let log = [out(40, "DNS timeout status"), back(40), testing::nosrv(42)];
    assert_eq!(says(&log, &[]), None);
    // Two captures of different versions: which one ran is not known.
    let both = "HAProxy version 3.0.2-a45a8e6 2024/06/14 - https://haproxy.org/\nHAProxy version 3.0.5-8e879a5 2024/09/19 - https://haproxy.org/\n";
    assert_eq!(says(&log, &[("version.txt", both)]), None);
    let one = "$ haproxy -v\nHAProxy version 3.0.2-a45a8e6 2024/06/14 - https://haproxy.org/\n";
    assert!(says(&log, &[("version.txt", one)]).is_some());
}

#[test]
fn a_server_that_got_its_address_and_stayed_out_is_named() {
    let address = said(
        45,
        "be_app/app1 changed its IP from (none) to 192.0.2.21 by DNS additional record.",
    );
    let stuck = |version: &str, more: String| {
        let log = [
            started(version),
            out(40, "entry removed from SRV record"),
            testing::nosrv(42),
            address.clone(),
            more,
            testing::nosrv(50),
        ];
        says(&log, &[("haproxy.cfg", SRV)])
    };
    assert!(stuck("2.2.2", String::new()).is_some_and(|text| text.contains("#793")));
    assert_eq!(stuck("2.2.3", String::new()), None);
    assert_eq!(stuck("2.2.2", back(46)), None);
}

#[test]
fn servers_that_leave_an_unchanged_record_again_and_again_are_named() {
    let gone = "entry removed from SRV record";
    let cycles = [
        out(10, gone),
        back(12),
        out(40, gone),
        back(44),
        testing::nosrv(41),
    ];
    let flapping = |version: &str| says(&[&[started(version)], &cycles[..]].concat(), &[]);
    assert!(flapping("2.3.6").is_some_and(|text| text.contains("2 times")));
    assert_eq!(flapping("2.3.7"), None);
    let once = [
        started("2.3.6"),
        out(40, gone),
        testing::nosrv(41),
        back(44),
    ];
    assert_eq!(says(&once, &[]), None);
}

#[test]
fn rows_of_a_dump_show_what_an_srv_record_left() {
    let log = [started("2.2.8"), testing::nosrv(42)];
    let up = format!(
        "{COLUMNS}3 be_app 1 app1 - 2 0 1 1 30 1 0 0 6 0 0 0 a.example.com 8080 _http._tcp.app.example.com\n"
    );
    let text = says(&log, &[("haproxy.cfg", SRV), ("state.txt", &up)]).expect("the bug");
    assert!(text.contains("UP without an address"));
    let addressed = up.replace(" - 2 0", " 192.0.2.11 2 0");
    assert_eq!(
        says(&log, &[("haproxy.cfg", SRV), ("state.txt", &addressed)]),
        None
    );
    // Two servers on one host, one of them left at the old address.
    let row = |n: u32, address: &str, op: u32| {
        format!(
            "3 be_app {n} app{n} {address} {op} 0 1 1 30 7 2 0 6 0 0 0 a.example.com 808{n} _http._tcp.app.example.com\n"
        )
    };
    let twins = [COLUMNS, &row(1, "192.0.2.11", 2), &row(2, "192.0.2.99", 0)].concat();
    let dig = "$ dig a.example.com\n\n; <<>> DiG 9.18.1 <<>> a.example.com\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1\n;; QUESTION SECTION:\n;a.example.com.\tIN\tA\n\n;; ANSWER SECTION:\na.example.com.\t60\tIN\tA\t192.0.2.11\n";
    let files = [
        ("haproxy.cfg", SRV),
        ("state.txt", &*twins),
        ("dig.txt", dig),
    ];
    assert!(says(&log, &files).is_some_and(|text| text.contains("#971")));
    let right = dig.replace("\t192.0.2.11", "\t192.0.2.99");
    let files = [
        ("haproxy.cfg", SRV),
        ("state.txt", &*twins),
        ("dig.txt", &*right),
    ];
    assert!(says(&log, &files).is_none_or(|text| !text.contains("app2")));
}

#[test]
fn the_first_server_of_a_record_that_never_had_an_address_is_named() {
    let row = |n: u32, columns: &str| {
        format!(
            "3 be_app {n} app{n} {columns} 1 1 30 1 0 0 6 0 0 0 - 0 _http._tcp.app.example.com\n"
        )
    };
    let state = [COLUMNS, &row(1, "- 0 32"), &row(2, "192.0.2.12 0 0")].concat();
    let seen = |version: &str, state: &str| {
        let log = [started(version), testing::nosrv(42)];
        says(&log, &[("haproxy.cfg", SRV), ("state.txt", state)])
    };
    assert!(seen("2.4.1", &state).is_some_and(|text| text.contains("#1295")));
    assert_eq!(seen("2.4.2", &state), None);
    let second = [COLUMNS, &row(1, "192.0.2.11 0 0"), &row(2, "- 0 32")].concat();
    assert_eq!(seen("2.4.1", &second), None);
}

#[test]
fn a_name_with_a_dot_at_its_end_is_named_where_it_breaks() {
    let dotted = "backend be_app\n server app1 app1.example.com.:8080 check resolvers lan\n";
    let log = |version: &str| {
        [
            started(version),
            out(40, "DNS NX status"),
            testing::nosrv(42),
        ]
    };
    let seen = |version: &str, config: &str| says(&log(version), &[("haproxy.cfg", config)]);
    let text = seen("2.4.9", dotted).expect("the bug");
    assert!(text.contains("update to the latest 2.4"));
    assert_eq!(seen("2.4.9", &dotted.replace(".com.", ".com")), None);
    assert_eq!(seen("2.6.12", dotted), None);
}

#[test]
fn a_refused_line_of_the_state_file_is_named_for_its_backend_alone() {
    let refused = |backend: &str| {
        let text = format!(
            "server-state application failed for server '{backend}/app1', invalid srv_admin_state value '32'"
        );
        says(
            &[started("2.0.20"), said(2, &text), testing::nosrv(42)],
            &[],
        )
    };
    assert!(refused("be_app").is_some_and(|text| text.contains("#576")));
    assert_eq!(refused("be_other"), None);
}

#[test]
fn a_queue_before_idle_servers_is_named_and_a_full_server_is_not() {
    let queued = testing::nosrv(42).replace(
        "0/-1/-1/-1/0 503 217 - - SC--",
        "0/5000/-1/-1/5000 503 217 - - sQ--",
    );
    let stat = |busy: u32| {
        format!(
            "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,\n\
             be_app,app1,0,0,{busy},2,2,90,0,0,,0,,0,0,0,0,UP,1,1,0,\nbe_app,BACKEND,3,9,3,9,200,90,0,0,0,0,,0,0,0,0,UP,1,1,0,\n"
        )
    };
    let seen = |version: &str, busy: u32| {
        says(
            &[started(version), queued.clone()],
            &[("stat.csv", &stat(busy))],
        )
    };
    assert!(seen("3.2.4", 0).is_some_and(|text| text.contains("#3290")));
    assert!(seen("2.8.10", 0).is_some_and(|text| text.contains("fixed in 2.8.11")));
    assert_eq!(seen("2.8.11", 0), None);
    assert_eq!(seen("3.2.4", 2), None);
}

#[test]
fn a_version_alone_is_no_evidence() {
    let log = [
        started("2.2.2"),
        testing::down(41, "app1", testing::REFUSED),
        testing::nosrv(42),
    ];
    assert_eq!(says(&log, &[("haproxy.cfg", SRV)]), None);
}
