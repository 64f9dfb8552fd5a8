//! One configuration in every form.

use super::FORMATS;
use crate::document::Configuration;
use crate::document::Source;
use crate::lint::Finding;
use crate::lint::lint;
use std::collections::BTreeMap;

/// Everything that `check` asks for.
const GOOD: &str = "\
global
    log /dev/log local0
    maxconn 20000

resolvers dns
    nameserver one 192.0.2.53:53

defaults
    mode http
    log global
    option httplog
    option dontlognull
    option redispatch
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout queue 10s

frontend fe_web
    bind :80
    acl api path_beg /api
    use_backend be_api if api
    default_backend be_app

backend be_app
    option httpchk
    http-check send meth GET uri /ready ver HTTP/1.1 hdr Host www.example.com
    cookie SRV insert indirect nocache
    server app1 192.0.2.11:8080 check cookie a maxconn 100
    server app2 192.0.2.12:8080 check cookie b maxconn 100

backend be_api
    balance leastconn
    option httpchk GET /ready
    server api1 api1.example.com:8080 check resolvers dns init-addr last,libc,none
    server api2 api2.example.com:8080 check resolvers dns init-addr last,libc,none
    http-check send meth GET uri /ready hdr Host api.example.com
";

fn found(text: &str) -> Vec<Finding> {
    let source = Source {
        name: "etc/ha proxy.cfg".to_owned(),
        bytes: text.as_bytes().to_vec(),
        line: 1,
    };
    lint(
        &Configuration::new(vec![source], Vec::new()),
        &BTreeMap::new(),
    )
}

fn rendered(text: &str, form: &str) -> String {
    let format = FORMATS.iter().find(|format| format.name == form).unwrap();
    (format.render)(&found(text), 80)
}

#[test]
fn a_good_configuration_is_silent() {
    assert_eq!(rendered(GOOD, "text"), "nothing found\n");
}

#[test]
fn text_points_at_the_word_within_80_columns() {
    let text = GOOD.replace(
        "    server app2 192.0.2.12:8080 check cookie b",
        "    server app2 192.0.2.12:8080 cookie b",
    );
    let expected = "\
warning[server-unchecked]: app2 has no health check
  --> etc/ha proxy.cfg:30:12
30 |     server app2 192.0.2.12:8080 cookie b maxconn 100
   |            ^^^^
   = why: HAProxy never takes an unchecked server out: when it fails, its share
          of the requests fails with it, although others could serve them.
   = fix: add `check` to the server, or to `default-server`

1 warning
";
    assert_eq!(rendered(&text, "text"), expected);
    let long = format!(
        "frontend fe\n bind :80\n acl a path {} b\n use_backend be if nobody\n",
        "/long".repeat(40)
    );
    let text = rendered(&long, "text");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

#[test]
fn secrets_are_in_no_form() {
    let text = "global\n log \"x\n stats auth admin:hunter2 \"\nuserlist u\n user a insecure-password hunter2 \"\nfrontend fe\n \
                acl key hdr(x-api-key) hunter2\n http-request set-header Authorization hunter2 if nobody\n \
                use_backend be if { hdr(x-token) hunter2 } nobody\n";
    for format in &FORMATS {
        let out = rendered(text, format.name);
        assert!(!out.contains("hunter2"), "{}: {out}", format.name);
        assert!(out.contains("acl-unknown"), "{out}");
    }
}

#[test]
fn sarif_names_rules_places_and_fingerprints() {
    let text = GOOD.replace("default_backend be_app", "default_backend be_ap");
    let sarif: serde_json::Value = serde_json::from_str(&rendered(&text, "sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "backend-unknown");
    assert_eq!(result["level"], "error");
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(
        run["tool"]["driver"]["rules"][index]["id"],
        "backend-unknown"
    );
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "etc/ha%20proxy.cfg");
    assert_eq!(place["region"]["startLine"], 23);
    assert_eq!(place["region"]["startColumn"], 21);
    assert_eq!(place["region"]["endColumn"], 26);
    let print = |text: &str| {
        let sarif: serde_json::Value = serde_json::from_str(&rendered(text, "sarif")).unwrap();
        sarif["runs"][0]["results"][0]["partialFingerprints"]["nosrv/v1"].clone()
    };
    assert_eq!(print(&text), print(&format!("# one more line\n{text}")));
}
