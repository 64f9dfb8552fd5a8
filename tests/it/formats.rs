//! Every format sample, decoded with its own configuration: each field of each line is in the snapshot beside it.

use crate::sample;
use nosrv::base::Precision;
use nosrv::base::Text;
use nosrv::base::printable;
use nosrv::base::rfc3339;
use nosrv::carrier::Framing;
use nosrv::carrier::Reader;
use nosrv::config;
use nosrv::event;
use nosrv::event::Event;
use nosrv::event::traffic::Memory;
use nosrv::event::traffic::Source;
use nosrv::event::traffic::Traffic;
use nosrv::event::traffic::format::Formats;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn fields(t: &Traffic<'_>) -> String {
    let text = |bytes: &[u8]| printable(bytes);
    let number = |n: Option<u64>| n.map_or_else(|| "absent".to_owned(), |n| n.to_string());
    let ms = |n: Option<u32>| number(n.map(u64::from));
    let (c, r, m) = (t.tail.counts(), t.tail.request(), t.timers);
    let when = t.accept.map(|at| rfc3339(at, Precision::Milli));
    let hours = t.offset.map(|offset| offset / 60_000_000);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "  {:?}, began {}, zone {hours:?} min",
        t.source,
        when.as_deref().unwrap_or("absent")
    );
    let _ = writeln!(
        out,
        "  client {:?}, frontend {:?}, tls {}, backend {:?}, server {:?}",
        text(t.client()),
        text(t.frontend),
        t.tls,
        text(t.backend),
        text(t.server)
    );
    let _ = writeln!(
        out,
        "  TR {} Tw {} Tc {} Tr {} total {}",
        ms(m.req_timer_hdr_ms),
        ms(m.req_timer_queue_ms),
        ms(m.bc_timer_connect_ms),
        ms(m.res_timer_hdr_ms),
        ms(m.total_ms)
    );
    let _ = writeln!(
        out,
        "  has TR {} has Tw {} http {}",
        m.has_req_timer_hdr, m.has_req_timer_queue, t.http
    );
    let state = t.termination_state.map(|s| text(&s));
    let _ = writeln!(
        out,
        "  status {} bytes {} state {}",
        number(t.status_code.map(u64::from)),
        number(t.bytes_read),
        state.as_deref().unwrap_or("absent")
    );
    let _ = writeln!(
        out,
        "  conn {}/{}/{}/{}/{}{} queue {}/{}",
        c.actconn,
        c.feconn,
        c.beconn,
        c.srv_conn,
        if c.redispatched { "+" } else { "" },
        c.retries,
        c.srv_queue,
        c.backend_queue
    );
    let _ = writeln!(
        out,
        "  captures {:?}, method {:?}, host {:?}, path {:?}",
        text(t.tail.captures()),
        text(r.method),
        text(r.host),
        text(r.path)
    );
    out
}

fn decoded(config: &Path) -> String {
    let bytes = fs::read(config).unwrap();
    let config_read = config::parse(Text::new(&bytes));
    assert_eq!(config_read.problems, [], "{}", config.display());
    let formats = Formats::of(&[&config_read]);
    for format in formats.declared() {
        assert_eq!(format.unknown, [""; 0], "{}", config.display());
    }
    let log = fs::read(config.with_extension("log")).unwrap();
    let mut out = String::new();
    let (mut reader, mut memory) = (Reader::new(Framing::Lines), Memory::with(&formats));
    for line in log.split(|&c| c == b'\n').filter(|line| !line.is_empty()) {
        let record = reader.read(line);
        let _ = writeln!(out, "{}", printable(record.body));
        match event::decode(&record, &mut memory) {
            Event::Traffic(traffic) => {
                assert!(!formats.contradict(&traffic), "{}", config.display());
                assert!(traffic.source != Source::Inferred);
                out.push_str(&fields(&traffic));
            }
            Event::Unjudged => out.push_str("  unjudged\n"),
            Event::Message(..) => out.push_str("  message\n"),
            Event::Foreign => out.push_str("  foreign\n"),
            other => panic!("{}: {other:?}", config.display()),
        }
    }
    out
}

#[test]
fn every_field_of_every_format_is_read() {
    let folder = sample::root().join("samples/formats");
    let mut configs: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "cfg"))
        .collect();
    configs.sort();
    assert!(configs.len() >= 21, "{}", configs.len());
    for config in configs {
        let name = config.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, decoded(&config)));
    }
}
