//! `nosrv route` and `nosrv check` as a user starts them: inputs, forms, exit codes.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const CONFIG: &str = "\
defaults
    mode http
    log global
    option httplog
    timeout connect 5s
    timeout client 5s
    timeout server 5s

frontend fe_web
    bind :80
    acl inside src -f /etc/haproxy/lists/inside.lst
    http-request deny if { path /secret } !inside
    use_backend %[req.hdr(host),lower,map(/etc/haproxy/maps/hosts.map)] if { method GET }
    default_backend be_old
";
const BACKENDS: &str = "\
backend be_shop
    server shop1 192.0.2.31:80 check
    server shop2 192.0.2.32:80 check

backend be_old
    server old1 192.0.2.41:80 check
    server old2 192.0.2.42:80
";

struct Run {
    code: i32,
    out: String,
    err: String,
}

fn nosrv(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_nosrv"))
        .args(arguments)
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder as `/etc/haproxy` is one: two pieces, a map, a list, and an older version.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("haproxy.cfg", CONFIG);
    write("pool.cfg", BACKENDS);
    write("old/haproxy.cfg", &format!("{CONFIG}{BACKENDS}"));
    write("maps/hosts.map", "# hosts\nshop.example.com be_shop\n");
    write("lists/inside.lst", "192.0.2.0/24\n");
    write("journal.txt", "Jun 05 21:53:47 proxy01 kernel: x\n");
    folder
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn a_folder_is_read_as_haproxy_reads_it_with_its_maps_and_lists() {
    let folder = folder();
    let path = shown(folder.path());
    let run = nosrv(&["route", &path, "http://SHOP.example.com/"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.contains("=> backend be_shop, by"), "{}", run.out);
    assert!(
        run.out
            .contains("old/haproxy.cfg is another version: not read"),
        "{}",
        run.out
    );
    let run = nosrv(&[
        "route",
        &path,
        "http://a.example/secret",
        "--src",
        "198.51.100.1",
    ]);
    assert!(
        run.out
            .contains("=> answered by `http-request deny` of fe_web"),
        "{}",
        run.out
    );
    let run = nosrv(&[
        "route",
        &path,
        "http://a.example/secret",
        "--src",
        "192.0.2.9",
        "-X",
        "POST",
    ]);
    assert!(run.out.contains("=> backend be_old"), "{}", run.out);
    let run = nosrv(&["route", &path, "http://a.example/secret"]);
    assert!(run.out.contains("cannot be decided"), "{}", run.out);
}

#[test]
fn files_are_read_in_their_order_and_maps_beside_them() {
    let folder = folder();
    let (main, more) = (
        shown(&folder.path().join("haproxy.cfg")),
        shown(&folder.path().join("pool.cfg")),
    );
    let run = nosrv(&[
        "route",
        &main,
        &more,
        "http://shop.example.com/",
        "--format",
        "json",
    ]);
    let answer: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(answer["schema"], "nosrv.route/1");
    assert_eq!(answer["files_missing"], serde_json::json!([]));
    let way = &answer["ways"][0];
    assert_eq!(
        (way["frontend"].as_str(), way["decided"].as_bool()),
        (Some("fe_web"), Some(true))
    );
    assert_eq!(way["ends"][0]["backend"], "be_shop");
    assert_eq!(way["ends"][0]["by"]["file"], main);
    assert_eq!(way["ends"][0]["by"]["line"], 13);
    let alone = nosrv(&["route", &main, "http://shop.example.com/"]);
    assert_eq!(alone.code, 0);
}

#[test]
fn an_archive_is_a_bundle_too() {
    let folder = folder();
    let archive = folder.path().join("bundle.tar");
    let status = Command::new("tar")
        .args([
            "cf",
            "bundle.tar",
            "haproxy.cfg",
            "pool.cfg",
            "maps",
            "lists",
        ])
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    let run = nosrv(&["route", &shown(&archive), "http://shop.example.com/"]);
    assert!(
        run.out.contains("=> backend be_shop"),
        "{}{}",
        run.out,
        run.err
    );
}

#[test]
fn what_is_no_configuration_is_exit_code_2() {
    let folder = folder();
    for command in ["route", "check"] {
        let path = shown(&folder.path().join("maps"));
        let mut arguments = vec![command, &path];
        if command == "route" {
            arguments.push("http://a.example/");
        }
        let run = nosrv(&arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{}", run.err);
        let absent = shown(&folder.path().join("none.cfg"));
        arguments[1] = &absent;
        assert_eq!(nosrv(&arguments).code, 2);
    }
}

#[test]
fn the_exit_code_of_check_is_chosen_by_severity() {
    let folder = folder();
    let path = shown(folder.path());
    for (least, code) in [("error", 0), ("warning", 1), ("note", 1), ("never", 0)] {
        let run = nosrv(&["check", &path, "--fail-on", least]);
        assert_eq!(run.code, code, "{least}: {}", run.out);
    }
    let run = nosrv(&["check", &path, "--format", "json"]);
    let answer: Value = serde_json::from_str(&run.out).unwrap();
    let findings = answer["findings"].as_array().unwrap();
    let blind = findings
        .iter()
        .find(|f| f["id"] == "server-unchecked")
        .unwrap();
    assert_eq!(blind["file"], shown(&folder.path().join("pool.cfg")));
    assert_eq!(
        (blind["line"].as_u64(), blind["column"].as_u64()),
        (Some(7), Some(12))
    );
    let sarif = nosrv(&["check", &path, "--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&sarif.out).unwrap();
    assert_eq!(
        sarif["runs"][0]["results"].as_array().unwrap().len(),
        findings.len()
    );
}

#[test]
fn secrets_are_shown_by_no_command() {
    let folder = tempfile::tempdir().unwrap();
    let text = "userlist u\n user a insecure-password hunter2\ndefaults\n mode http\nfrontend fe\n bind :80\n stats auth a:hunter2\n \
                acl key hdr(x-api-key) hunter2\n http-request set-header Authorization \"Basic hunter2\" if key\n \
                http-request set-var(txn.secret) hdr(host),map(passwords.map)\n \
                http-request auth if !{ http_auth(u) } nobody\n use_backend be if key\nbackend be\n \
                option httpchk GET /?token=hunter2\n server a 192.0.2.1:80 check\n";
    fs::write(folder.path().join("haproxy.cfg"), text).unwrap();
    fs::write(folder.path().join("passwords.map"), "a.example hunter2\n").unwrap();
    let path = shown(&folder.path().join("haproxy.cfg"));
    for form in ["text", "json"] {
        let run = nosrv(&[
            "route",
            &path,
            "http://a.example/",
            "-H",
            "X-Api-Key: hunter2",
            "--format",
            form,
        ]);
        assert_eq!(run.code, 0);
        assert!(!run.out.contains("hunter2"), "{}", run.out);
    }
    for form in ["text", "json", "sarif"] {
        let run = nosrv(&["check", &path, "--fail-on", "never", "--format", form]);
        assert_eq!(run.code, 0);
        assert!(
            run.out.contains("acl-unknown") && !run.out.contains("hunter2"),
            "{}",
            run.out
        );
    }
}

#[test]
fn findings_are_explained() {
    let run = nosrv(&["explain", "server-unchecked"]);
    assert_eq!(run.code, 0);
    assert!(
        run.out
            .starts_with("server-unchecked (warning of `nosrv check`)"),
        "{}",
        run.out
    );
    let all = nosrv(&["explain"]);
    for rule in &nosrv::lint::rule::RULES {
        assert!(all.out.contains(rule.id), "{}", rule.id);
    }
}
