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
use nosrv::event::traffic::Decoded;
use nosrv::event::traffic::Memory;
use nosrv::event::traffic::Source;
use nosrv::event::traffic::Traffic;
use nosrv::event::traffic::decode;
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
    let hours = t.offset_minutes;
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
        text(t.frontend()),
        t.tls(),
        text(t.backend()),
        text(t.server())
    );
    let _ = writeln!(
        out,
        "  TR {} Tw {} Tc {} Tr {} total {}",
        ms(m.req_timer_hdr_ms()),
        ms(m.req_timer_queue_ms()),
        ms(m.bc_timer_connect_ms()),
        ms(m.res_timer_hdr_ms()),
        ms(m.total_ms())
    );
    let _ = writeln!(
        out,
        "  has TR {} has Tw {} http {}",
        m.has_req_timer_hdr(),
        m.has_req_timer_queue(),
        t.http
    );
    let state = t.termination_state.map(|s| text(&s));
    let _ = writeln!(
        out,
        "  status {} bytes {} state {}",
        number(t.status_code.map(u64::from)),
        number(t.bytes_read()),
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
                assert!(!traffic.undeclared, "{}", config.display());
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

/// A line of `option httplog` as another `log-format` would have printed it; other lines as they are. `None`: it cannot be done.
fn rewritten(line: &[u8], json: bool) -> Option<Vec<u8>> {
    let mut memory = Memory::default();
    let record = Reader::new(Framing::Lines).read(line).body.to_vec();
    let mut t = None;
    let (Decoded::Traffic, Some(t)) = (decode(&record, &mut memory, &mut t), t) else {
        return Some(line.to_vec());
    };
    if !t.http {
        return Some(line.to_vec());
    }
    let at = line.windows(record.len()).position(|w| w == record);
    // Carriers that escape the body are left alone.
    let head = line.get(..at?)?;
    let body = printable(&record);
    let (before, rest) = body.split_once(" [").unwrap();
    let (date, rest) = rest.split_once("] ").unwrap();
    let words: Vec<&str> = rest.splitn(10, ' ').collect();
    let (backend, server) = words[1].split_once('/').unwrap();
    let client = printable(t.client());
    let (front, timers, status, bytes, state) = (words[0], words[2], words[3], words[4], words[7]);
    let request = printable(t.tail.request_line());
    let captures = printable(t.tail.captures());
    let (conn, queue) = (words[8], words[9].split(' ').next().unwrap());
    let text = if json {
        let t: Vec<&str> = timers.split('/').collect();
        let c: Vec<&str> = conn.split('/').collect();
        format!(
            "{{\"at\":\"{date}\",\"fe\":\"{front}\",\"st\":{status},\"be\":\"{backend}\",\"srv\":\"{server}\",\"t\":[{},{},{},{},{}],\"flags\":\"{state}\",\"ci\":\"{client}\",\"bytes\":{bytes},\"fc\":{},\"retries\":\"{}\",\"hr\":\"{captures}\",\"r\":\"{request}\"}}",
            t[0], t[1], t[2], t[3], t[4], c[1], c[4]
        )
    } else {
        format!("{status} {state} {timers} {queue} {conn} be={backend} srv={server} fe={front} {bytes} from {before} at {date} '{request}' {captures}").trim_end().to_owned()
    };
    Some([head, text.as_bytes()].concat())
}

/// The same incident in another log format has the same conclusion.
#[test]
fn a_conclusion_does_not_depend_on_the_log_format() {
    const JSON: &str = r#"log-format '{"at":"%tr","fe":"%ft","st":%ST,"be":"%b","srv":"%s","t":[%TR,%Tw,%Tc,%Tr,%Ta],"flags":"%tsc","ci":"%ci","bytes":%B,"fc":%fc,"retries":"%rc","hr":"%hr","r":"%r"}'"#;
    const TEXT: &str = r#"log-format "%ST %tsc %TR/%Tw/%Tc/%Tr/%Ta %sq/%bq %ac/%fc/%bc/%sc/%rc be=%b srv=%s fe=%ft %B from %ci:%cp at %tr '%r' %hr""#;
    let mut n_compared = 0;
    for (index, one) in sample::all().into_iter().enumerate() {
        let of_turn = if index % 2 == 0 {
            (JSON, true)
        } else {
            (TEXT, false)
        };
        for (format, json) in [of_turn] {
            let folder = tempfile::tempdir().unwrap();
            let (mut n_declared, mut n_rewritten) = (0, 0);
            for path in sample::files(&one.bundle()) {
                let bytes = fs::read(&path).unwrap();
                let text = String::from_utf8_lossy(&bytes);
                let n = text.matches("option httplog").count();
                let lines = bytes.split(|&c| c == b'\n');
                let is_plain = Framing::of(&bytes) == Framing::Lines;
                let changed: Option<Vec<_>> = if n > 0 {
                    n_declared += n;
                    Some(vec![text.replace("option httplog", format).into_bytes()])
                } else {
                    lines.map(|line| rewritten(line, json)).collect()
                };
                let Some(changed) = changed.filter(|_| is_plain) else {
                    n_declared = 0;
                    break;
                };
                n_rewritten += usize::from(n == 0 && changed.join(&b'\n') != bytes);
                let to = folder.path().join(path.strip_prefix(one.bundle()).unwrap());
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::write(to, changed.join(&b'\n')).unwrap();
            }
            // Compressed logs are left alone too.
            if n_declared == 0 || n_rewritten == 0 {
                continue;
            }
            let before = conclusions(&one.bundle());
            let after = conclusions(folder.path());
            assert_eq!(before, after, "{} in {format}", one.name);
            n_compared += 1;
        }
    }
    assert!(n_compared > 10, "{n_compared}");
}

/// Cause, window, impact and triggers of every incident.
fn conclusions(bundle: &Path) -> Vec<String> {
    let request = nosrv::Request {
        paths: vec![bundle.to_owned()],
        ..nosrv::Request::default()
    };
    let report = nosrv::investigate(&request).report;
    let incidents = report.incidents.iter();
    incidents
        .map(|i| {
            let trigger = i.trigger.as_ref().map(|t| &t.id);
            let factors: Vec<_> = i.factors.iter().map(|f| &f.id).collect();
            format!(
                "{} {:?} {:?} {trigger:?} {factors:?}",
                i.cause.id, i.window, i.impact
            )
        })
        .collect()
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

/// Log and configuration of a format sample, side by side or in an archive, in any order and with any number of threads.
#[test]
fn the_configuration_may_stand_anywhere() {
    let folder = sample::root().join("samples/formats");
    let [config, log] =
        ["cfg", "log"].map(|end| fs::read(folder.join(format!("format-pipes.{end}"))).unwrap());
    let archive = |files: &[(&str, &[u8])]| {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, name, *bytes).unwrap();
        }
        tar.into_inner().unwrap()
    };
    let plain = tempfile::tempdir().unwrap();
    let [config_path, log_path] = ["a.cfg", "b.log"].map(|name| plain.path().join(name));
    let tars = ["late.tar", "early.tar", "log.tar"].map(|name| plain.path().join(name));
    fs::write(&config_path, &config).unwrap();
    fs::write(&log_path, &log).unwrap();
    fs::write(&tars[0], archive(&[("b.log", &log), ("haproxy", &config)])).unwrap();
    fs::write(&tars[1], archive(&[("a.cfg", &config), ("b.log", &log)])).unwrap();
    fs::write(&tars[2], archive(&[("b.log", &log)])).unwrap();
    for paths in [
        vec![&config_path, &log_path],
        vec![&log_path, &config_path],
        vec![&tars[0]],
        vec![&tars[1]],
        vec![&config_path, &tars[2]],
    ] {
        for threads in [1, 3] {
            let request = nosrv::Request {
                paths: paths.iter().map(|path| path.to_path_buf()).collect(),
                ..nosrv::Request::default()
            };
            let report =
                nosrv::run::with_threads(Some(threads), || nosrv::investigate(&request).report)
                    .unwrap();
            let n: Vec<u64> = report.incidents.iter().map(|i| i.impact.http_503).collect();
            assert_eq!(n, [1], "{paths:?}");
            assert_eq!(
                report
                    .artifacts
                    .iter()
                    .map(|a| a.broken + a.foreign)
                    .sum::<u64>(),
                0
            );
        }
    }
    // Without the configuration nothing says what the lines mean.
    let request = nosrv::Request {
        paths: vec![log_path],
        ..nosrv::Request::default()
    };
    let report = nosrv::investigate(&request).report;
    assert_eq!(
        (report.incidents.len(), report.artifacts[0].foreign),
        (0, 2)
    );
}
