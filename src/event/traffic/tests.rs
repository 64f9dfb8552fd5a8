//! Lines of every built-in shape, the manual's own examples first.

use super::*;

#[track_caller]
fn check(line: &str) -> Traffic<'_> {
    let mut traffic = None;
    let decoded = decode(line.as_bytes(), &mut Memory::default(), &mut traffic);
    assert_eq!(decoded, Decoded::Traffic, "{line}");
    traffic.unwrap()
}

fn kind(line: &[u8]) -> Decoded {
    decode(line, &mut Memory::default(), &mut None)
}

#[test]
fn the_manuals_httplog_example() {
    let t = check(
        "10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} \"GET /index.html HTTP/1.1\"",
    );
    assert_eq!(
        (t.client(), t.frontend(), t.backend(), t.server()),
        (
            &b"10.0.1.2"[..],
            &b"http-in"[..],
            &b"static"[..],
            &b"srv1"[..]
        )
    );
    assert_eq!(t.timers.res_timer_hdr_ms(), Some(69));
    assert_eq!(
        (t.status_code, t.bytes_read(), t.termination_state),
        (Some(200), Some(2750), Some(*b"----"))
    );
    assert_eq!(t.tail.captures(), b"{1wt.eu} {}");
    assert_eq!(t.tail.request().path, b"/index.html");
    assert_eq!(t.path(), b"http-in static/srv1");
}

#[test]
fn the_manuals_tcplog_example() {
    let t = check(
        "10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0",
    );
    assert!(!t.http);
    assert_eq!(
        (t.status_code, t.timers.total_ms(), t.tail.counts().retries),
        (None, Some(5007), 3)
    );
}

#[test]
fn nosrv_with_its_minus_ones_and_tls_and_ipv6() {
    let t = check(
        "2001:db8::7:33340 [05/Jun/2026:21:53:47.987] fe_app~ be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 \"GET https://www.example.com/a?b HTTP/2.0\"",
    );
    assert!(t.tls() && t.is_nosrv());
    assert_eq!(
        (t.client(), t.frontend()),
        (&b"2001:db8::7"[..], &b"fe_app"[..])
    );
    assert_eq!(
        (t.timers.req_timer_hdr_ms(), t.timers.req_timer_queue_ms()),
        (Some(0), None)
    );
    assert_eq!(
        (t.tail.request().host, t.tail.request().path),
        (&b"www.example.com"[..], &b"/a"[..])
    );
}

#[test]
fn redispatch_queue_and_logasap() {
    let t = check(
        "192.0.2.7:1 [05/Jun/2026:21:53:47.987] f b/s2 0/803/0/1/+804 200 +62 A=b SRV=x y --DI 9/8/7/6/+3 5/4 \"GET / HTTP/1.1\"",
    );
    let counts = t.tail.counts();
    assert_eq!(
        (
            counts.retries,
            counts.redispatched,
            counts.srv_queue,
            counts.backend_queue
        ),
        (3, true, 5, 4)
    );
    assert_eq!(
        (t.timers.total_ms(), t.termination_state),
        (Some(804), Some(*b"--DI"))
    );
}

#[test]
fn a_line_cut_at_the_log_length_keeps_what_it_has() {
    let t = check(
        "192.0.2.7:1 [05/Jun/2026:21:53:47.987] f b/s 0/0/0/1/1 200 62 - - ---- 1/1/0/0/0 0/0 \"GET /very/lo",
    );
    assert_eq!(t.tail.request().path, b"/very/lo");
    let cut = kind(b"192.0.2.7:1 [05/Jun/2026:21:53:47.987] f b/s 0/0/0/1/1 200");
    assert!(matches!(cut, Decoded::Broken(_)));
}

#[test]
fn unknown_prefixes_and_formats_without_a_date_are_found_by_their_shape() {
    let t = check(
        "box local2.info [x@1 a=\"b\"] 192.0.2.9:5 [16/Mar/2020:14:09:49.657] fe be:1/s 0/0/0/37/37 503 266 - - ---- 1/1/1/1/0 0/0 \"GET / HTTP/1.1\"",
    );
    assert_eq!((t.client(), t.backend()), (&b"192.0.2.9"[..], &b"be:1"[..]));
    let t = check(
        "svc: fe fe/<NOSRV> -1/-1/-1/-1/0 503 1271 - - SC-- 0/0/0/0/0 0/0 {-,\"\"} \"GET /x HTTP/1.1\"",
    );
    assert_eq!(
        (t.accept, t.frontend(), t.timers.req_timer_hdr_ms()),
        (None, &b"fe"[..], None)
    );
}

#[test]
fn what_only_looks_alike_is_no_traffic() {
    for line in [
        "192.0.2.10:51234 [22/Nov/2026:07:57:54.867] fe_https/1: SSL handshake failure",
        "192.0.2.10 - - [22/Nov/2026:07:57:54 +0000] \"GET / HTTP/1.1\" 200 12",
        "Server be_app/web1 is DOWN, reason: Layer4 timeout.",
        "",
        "[",
    ] {
        assert_eq!(kind(line.as_bytes()), Decoded::NotTraffic, "{line}");
    }
}

#[test]
fn lines_of_the_first_versions_are_known_as_such() {
    let old = b"192.0.2.7:33319 [15/Oct/2003:08:31:57] relais-http Srv1 9/0/7/147/723 200 243 - - ---- 2/3/3 0/0 \"HEAD / HTTP/1.0\"";
    assert!(matches!(kind(old), Decoded::Broken(_)));
    let embryonic = b"192.0.2.7:33319 [15/Oct/2003:08:31:57.001] fe/1: SSL handshake failure";
    assert_eq!(kind(embryonic), Decoded::NotTraffic);
    let other = b"192.0.2.7:33319 [15/Oct/2003:08:31:57.001] one two three four";
    assert_eq!(kind(other), Decoded::NotTraffic);
}

/// Takes both ways and compares them; says whether the quick one read the line.
#[track_caller]
fn is_quick(line: &[u8]) -> bool {
    let quick = BuiltIn::read(line, &mut Memory::default());
    if let Some(quick) = quick {
        let mut whole = None;
        let decoded = decode(line, &mut Memory::default(), &mut whole);
        let whole = whole.unwrap();
        assert_eq!(decoded, Decoded::Traffic, "{}", line.escape_ascii());
        assert_eq!(
            format!("{quick:?}"),
            format!("{whole:?}"),
            "{}",
            line.escape_ascii()
        );
    }
    quick.is_some()
}

const FINE: &str = "192.0.2.7:33340 [05/Jun/2026:21:53:47.987] fe_app~ be_app/app1 0/0/1/22/23 200 7217 - - ---- 1/1/0/0/0 0/0 \"GET /a?b HTTP/2.0\"";

#[test]
fn a_line_without_a_fault_is_read_quickly() {
    assert!(is_quick(FINE.as_bytes()));
    for (from, to, is) in [
        ("192.0.2.7", "2001:db8::7", true),
        ("app1 ", "app1-of-a-rather-long-name.example ", true),
        (
            "be_app/",
            "be_of-a-name-for-which-there-is-no-room-in-64-bytes/",
            false,
        ),
        ("22/23", "22345678/123456789", false),
        ("7217", "12345678", true),
        ("7217", "123456789", false),
        ("----", "--NI", true),
        ("200", "503", false),
        ("200", "-1", false),
        ("200", "2000", false),
        ("----", "CD--", false),
        ("- - ", "a=b - ", false),
        ("0/0/1", "0/-1/1", false),
        ("/23 ", "/+23 ", false),
        ("be_app/app1", "be_app app1", false),
        ("0/0/1/22/23 200", "0/1/22 ", false),
        ("05/Jun", "35/Jun", false),
        (".987", ".98x", false),
        (":47.", ":77.", false),
    ] {
        assert_eq!(
            is_quick(FINE.replace(from, to).as_bytes()),
            is,
            "{from} {to}"
        );
    }
}

#[test]
fn the_quick_way_says_what_the_whole_one_says() {
    let mut state = 11_u32;
    let mut next = |n: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % n
    };
    let mut n_quick = 0;
    for _ in 0..60_000 {
        let mut line = FINE.as_bytes().to_vec();
        for _ in 0..=next(3) {
            // Bytes that lines have, and a few that they have not.
            let bytes = b"0123456789/ -[]:.+<>SCab\"{\r\0\xff";
            let byte = bytes[next(bytes.len())];
            let at = next(line.len());
            match next(3) {
                0 => line[at] = byte,
                1 => line.insert(at, byte),
                _ => drop(line.remove(at)),
            }
        }
        n_quick += usize::from(is_quick(&line));
    }
    assert!((10_000..50_000).contains(&n_quick), "{n_quick}");
}
