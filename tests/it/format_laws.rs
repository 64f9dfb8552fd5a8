//! What holds for any format: no text and no line is too odd for it, and what a format prints it reads back.

use nosrv::event::traffic::Decoded;
use nosrv::event::traffic::Source;
use nosrv::event::traffic::format::Format;
use proptest::prelude::*;

/// One request as HAProxy would log it.
#[derive(Clone, Debug)]
struct Event {
    client: String,
    frontend: String,
    backend: String,
    server: String,
    status: u16,
    bytes: u64,
    state: String,
    timers: [i32; 5],
    counts: [u32; 7],
    redispatched: bool,
    path: String,
    captured: String,
    agent: String,
    milli: u32,
}

fn event() -> impl Strategy<Value = Event> {
    let names = (
        "[a-z][a-z0-9_.-]{0,8}",
        "[a-z][a-z0-9_.:-]{0,8}",
        "[a-z][a-z0-9_]{0,8}|<NOSRV>|<STATS>",
    );
    let client = prop_oneof![
        Just("192.0.2.7".to_owned()),
        Just("2001:db8::7".to_owned()),
        Just("::ffff:198.51.100.9".to_owned()),
    ];
    let texts = (
        "/[a-z0-9/_.-]{0,20}",
        "[a-zA-Z0-9 :/.-]{0,12}",
        "[a-zA-Z0-9 :/\\\\\"\\]-]{0,12}",
    );
    let numbers = (
        100_u16..600,
        0_u64..1 << 40,
        prop::array::uniform5(-1_i32..100_000),
        prop::array::uniform7(0_u32..10_000),
    );
    let letters = "[CSPLRIDUKcs-][RQCHDLT-][NIDVEOU-][NPIUDR-]";
    (
        names,
        client,
        texts,
        numbers,
        letters,
        any::<bool>(),
        0_u32..1000,
    )
        .prop_map(
            |(
                (frontend, backend, server),
                client,
                (path, captured, agent),
                (status, bytes, timers, counts),
                state,
                redispatched,
                milli,
            )| Event {
                client,
                frontend,
                backend,
                server,
                status,
                bytes,
                state,
                timers,
                counts,
                redispatched,
                path,
                captured,
                agent,
                milli,
            },
        )
}

/// What a variable prints, and the variable with its flags.
fn item(index: usize, e: &Event) -> (&'static str, String) {
    let escaped = e
        .agent
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace(']', "\\]");
    let [hdr, queue, connect, response, total] = e.timers;
    let [ac, fc, bc, sc, rc, sq, bq] = e.counts;
    let plus = if e.redispatched { "+" } else { "" };
    let dash = |text: &str| {
        if text.is_empty() {
            "-".to_owned()
        } else {
            text.to_owned()
        }
    };
    match index {
        0 => ("%ci", e.client.clone()),
        1 => ("[%tr]", format!("[22/Nov/2026:07:46:17.{:03}]", e.milli)),
        2 => ("%f", e.frontend.clone()),
        3 => ("%{+Q}b", format!("\"{}\"", e.backend)),
        4 => ("%s", e.server.clone()),
        5 => ("st=%ST", format!("st={}", e.status)),
        6 => ("%B", e.bytes.to_string()),
        7 => ("%tsc", e.state.clone()),
        8 => (
            "%TR/%Tw/%Tc/%Tr/%Ta",
            format!("{hdr}/{queue}/{connect}/{response}/{}", total.max(0)),
        ),
        9 => (
            "%ac,%fc,%bc,%sc,%rc",
            format!("{ac},{fc},{bc},{sc},{plus}{rc}"),
        ),
        10 => ("q:%sq:%bq", format!("q:{sq}:{bq}")),
        11 => ("%{+Q}r", format!("\"GET {} HTTP/1.1\"", e.path)),
        12 => ("%hr", format!("{{{}}}", e.captured)),
        13 => ("%{+Q,+E}[var(txn.agent)]", format!("\"{escaped}\"")),
        14 => ("'%[var(txn.x)]'", format!("'{}'", dash(&e.captured))),
        _ => ("%ID", dash("")),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_a_format_prints_it_reads_back(
        e in event(),
        order in Just((0_usize..16).collect::<Vec<_>>()).prop_shuffle(),
        n_left_out in 0_usize..6,
        separator in prop::sample::select(vec![" ", "|", " - ", "; ", "\t"]),
    ) {
        // Backend and status are what makes a line worth reading.
        let kept: Vec<usize> = order.iter().copied().enumerate()
            .filter(|&(at, index)| at >= n_left_out || index == 3 || index == 5)
            .map(|(_, index)| index)
            .collect();
        let has = |index: usize| kept.contains(&index);
        let (texts, values): (Vec<_>, Vec<_>) = kept.iter().map(|&index| item(index, &e)).unzip();
        let format = Format::new(&texts.join(separator), Source::Declared);
        let line = values.join(separator);
        let mut t = None;
        let (Some(Decoded::Traffic), Some(t)) = (format.read(line.as_bytes(), &mut t), t) else {
            return Err(TestCaseError::fail(format!("{}\n{line}", format.text)));
        };
        let note = || format!("{}\n{line}", format.text);
        let bytes = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        prop_assert_eq!(bytes(t.backend()), e.backend.clone(), "{}", note());
        prop_assert_eq!(t.status_code, Some(e.status), "{}", note());
        prop_assert_eq!(bytes(t.client()), if has(0) { e.client.clone() } else { String::new() }, "{}", note());
        prop_assert_eq!(t.accept.map(|at| at.rem_euclid(1_000_000)), has(1).then_some(i64::from(e.milli) * 1000), "{}", note());
        prop_assert_eq!(bytes(t.frontend()), if has(2) { e.frontend.clone() } else { String::new() }, "{}", note());
        prop_assert_eq!(bytes(t.server()), if has(4) { e.server.clone() } else { String::new() }, "{}", note());
        prop_assert_eq!(t.bytes_read(), has(6).then_some(e.bytes), "{}", note());
        prop_assert_eq!(t.termination_state.map(|s| bytes(&s)), has(7).then(|| e.state.clone()), "{}", note());
        let ms = |at: usize| u32::try_from(e.timers[at]).ok().filter(|_| has(8));
        prop_assert_eq!(t.timers.req_timer_hdr_ms(), ms(0), "{}", note());
        prop_assert_eq!(t.timers.req_timer_queue_ms(), ms(1), "{}", note());
        prop_assert_eq!(t.timers.bc_timer_connect_ms(), ms(2), "{}", note());
        prop_assert_eq!(t.timers.res_timer_hdr_ms(), ms(3), "{}", note());
        prop_assert_eq!(t.timers.total_ms(), has(8).then(|| e.timers[4].max(0).cast_unsigned()), "{}", note());
        let c = t.tail.counts();
        let counts = [c.actconn, c.feconn, c.beconn, c.srv_conn, c.retries];
        prop_assert_eq!(counts, if has(9) { [e.counts[0], e.counts[1], e.counts[2], e.counts[3], e.counts[4]] } else { [0; 5] }, "{}", note());
        prop_assert_eq!(c.redispatched, has(9) && e.redispatched, "{}", note());
        prop_assert_eq!([c.srv_queue, c.backend_queue], if has(10) { [e.counts[5], e.counts[6]] } else { [0; 2] }, "{}", note());
        if has(11) {
            prop_assert_eq!(bytes(t.tail.request().path), e.path.clone(), "{}", note());
            prop_assert_eq!(bytes(t.tail.request().method), "GET", "{}", note());
        }
        if has(12) {
            prop_assert_eq!(bytes(t.tail.captures()), format!("{{{}}}", e.captured), "{}", note());
        }
    }

    #[test]
    fn any_format_and_any_line_are_harmless(
        text in prop_oneof![
            any::<String>(),
            "(%[a-zA-Z]{1,3}|%\\{[+QEXM,-]{0,6}\\}[a-z]|%\\[[a-z(),.]{0,9}\\]?|%\\(x:str\\)[A-Z]|%\\{\\+json\\}o|[ \"{}|/:]){0,20}",
        ],
        line in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300),
            "[0-9a-zA-Z \"{}|/:.<>=-]{0,200}".prop_map(String::into_bytes),
        ],
    ) {
        let format = Format::new(&text, Source::Declared);
        let mut t = None;
        if let (Some(Decoded::Traffic), Some(t)) = (format.read(&line, &mut t), t) {
            let _all = (t.client(), t.end(), t.tail.counts(), t.tail.request(), t.tail.captures(), t.tail.request_line());
        }
    }
}
