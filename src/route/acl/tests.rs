//! ACL lines on one request: every criterion with every match method.

use super::*;
use crate::base::Text;
use crate::config::parse;
use crate::route::Field;
use crate::route::Request;
use crate::route::regex::Regexes;
use std::collections::BTreeMap;
use std::sync::Arc;

fn known() -> Request {
    Request {
        method: Field::is("POST"),
        path: Field::is("/App/items/list.php"),
        query: Field::is("id=7&lang=en"),
        origin: Field::Absent,
        version: Field::is("1.1"),
        headers: vec![
            ("host".to_owned(), Field::is("WWW.Example.com:8080")),
            (
                "x-forwarded-for".to_owned(),
                Field::is("203.0.113.9, 192.0.2.1"),
            ),
            ("cookie".to_owned(), Field::is("stage=beta; SRV=app1")),
        ],
        all_headers: true,
        src: Some("192.0.2.7".parse().unwrap()),
        dst_port: Some(8443),
        tls: Some(true),
        sni: Field::is("www.example.com"),
        ..Request::default()
    }
}

fn value_of(request: &Request, acl: &str) -> Truth {
    let config = format!("frontend fe_app\n mode http\n acl a {acl}\n");
    let config = parse(Text::new(config.as_bytes()));
    let scene = Scene {
        request,
        vars: &BTreeMap::new(),
        regexes: &Regexes::default(),
        frontend: &config.proxies[0],
    };
    evaluate(scene, &config.proxies[0].acls[0].words).0
}

#[track_caller]
fn check(acl: &str, expected: bool) {
    assert_eq!(value_of(&known(), acl), Truth::of(expected), "{acl}");
}

#[test]
fn paths_by_every_method() {
    check("path /App/items/list.php", true);
    check("path /app/items/list.php", false);
    check("path -i /app/items/list.php", true);
    check("path_beg /App", true);
    check("path_beg /app", false);
    check("path_beg -i /app", true);
    check("path_end .php .jsp", true);
    check("path_end .html", false);
    check("path_sub items", true);
    check("path_dir items", true);
    check("path_dir item", false);
    check("path_dom php", true);
    check("path_reg ^/[A-Z][a-z]+/", true);
    check("path_reg -i ^/app", true);
    check("path_reg ^/app", false);
    check("path_len gt 10", true);
    check("path -m beg /App", true);
    check("path -m len lt 5", false);
    check("path -m found", true);
    check("path,lower -m beg /app", true);
    check("path -i -m end .PHP", true);
    check("path -- -i", false);
}

#[test]
fn urls_bases_and_queries() {
    check("url_beg /App/items/list.php?id", true);
    check("url_end lang=en", true);
    check("url_sub id=7", true);
    check("url_reg lang=(en|de)$", true);
    check("url_dir items", true);
    check("url /App/items/list.php?id=7&lang=en", true);
    check("query -m sub lang=", true);
    check("urlp(id) 7 8", true);
    check("urlp(id) -m int gt 6", true);
    check("urlp_reg(lang) ^e", true);
    check("urlp(none) -m found", false);
    check("base_beg WWW.Example.com:8080/App", true);
    check("base_dom example.com", false);
    check("base_dom -i example.com", true);
    check("base -m sub /items/", true);
}

#[test]
fn hosts_and_other_headers() {
    check("hdr(host) www.example.com", false);
    check("hdr(host) -i www.example.com", false);
    check("hdr(host) -i www.example.com:8080", true);
    check("hdr(host),lower,field(1,:) www.example.com", true);
    check("hdr_beg(host) -i www.", true);
    check("hdr_end(host) :8080", true);
    check("hdr_dom(host) -i example.com", true);
    check("hdr_sub(host) Example", true);
    check("hdr_reg(host) -i ^www\\.example\\.com(:[0-9]+)?$", true);
    check("hdr_len(host) 20", true);
    check("hdr_dir(host) x", false);
    check("req.hdr(Host) -m dom -i example.com", true);
    check("hdr_cnt(x-forwarded-for) 2", true);
    check("hdr_ip(x-forwarded-for) 203.0.113.0/24", true);
    check("hdr_ip(x-forwarded-for,-1) 203.0.113.0/24", false);
    check("hdr(x-forwarded-for) 192.0.2.1", true);
    check("fhdr(x-forwarded-for) 192.0.2.1", false);
    check("hdr(x-none) -m found", false);
    check("cook(stage) beta", true);
    check("cook_beg(SRV) app", true);
}

#[test]
fn connection_and_constants() {
    check("method POST PUT", true);
    check("method GET", false);
    check("method -i post", false);
    check("src 192.0.2.0/24", true);
    check("src 10.0.0.0/8 198.51.100.0/24", false);
    check("dst_port 8443", true);
    check("dst_port 1:1023", false);
    check("ssl_fc", true);
    check("ssl_fc_sni www.example.com", true);
    check("ssl_fc_sni_end .example.com", true);
    check("req.ssl_sni -m end example.org", false);
    check("req_ssl_sni -i www.example.com", false);
    check("always_true", true);
    check("always_false", false);
    check("req.ver 1.1", true);
    check("src -m str 192.0.2.7", true);
    check("str(1) -m bool", true);
    check("int(0) -m bool", false);
}

#[test]
fn files_and_variables_decide_only_when_their_content_is_known() {
    let mut request = known();
    let und =
        |request: &Request, acl: &str| matches!(value_of(request, acl), Truth::Undecidable(_));
    assert!(und(&request, "path_beg -f /etc/haproxy/paths.lst"));
    check("path_beg -f /etc/haproxy/paths.lst /App", true);
    assert!(und(&request, "path_beg \"${PREFIX}\""));
    assert!(und(&request, "path -m bin 2F"));
    let lines = vec!["# paths".to_owned(), String::new(), " /App".to_owned()];
    request.files = Arc::new(BTreeMap::from([(
        "/etc/haproxy/paths.lst".to_owned(),
        lines,
    )]));
    assert_eq!(
        value_of(&request, "path_beg -f /etc/haproxy/paths.lst"),
        Truth::True
    );
}

#[test]
fn what_was_not_logged_is_undecidable_and_never_empty() {
    let nothing = Request::default();
    for acl in [
        "hdr(host) www.example.com",
        "path_beg /x",
        "src 192.0.2.1",
        "nbsrv(be_app) lt 1",
        "hdr(x) -m found",
    ] {
        assert!(
            matches!(value_of(&nothing, acl), Truth::Undecidable(_)),
            "{acl}"
        );
    }
}
