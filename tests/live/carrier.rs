//! The same lines as the tools of a Linux host would print them.

use crate::record::Entry;
use crate::record::MONTHS;
use crate::record::Origin;
use nosrv::base::MINUTE;
use nosrv::base::Precision;
use nosrv::base::rfc3339;
use serde_json::json;
use std::fmt::Write;

/// A form of log file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// `journalctl -o short`
    Short,
    /// `journalctl -o short-precise`
    ShortPrecise,
    /// `journalctl -o short-iso`
    ShortIso,
    /// `journalctl -o short-iso-precise`
    ShortIsoPrecise,
    /// `journalctl -o short-unix`
    ShortUnix,
    /// `journalctl -o json`
    Json,
    /// `journalctl -o export`
    Export,
    /// rsyslog's traditional file format
    RsyslogFile,
    /// rsyslog's default since 8.2210: RFC 3339
    RsyslogIso,
    /// A receiver of RFC 5424 that keeps lines as they come
    Rfc5424,
    /// docker's json-file driver, for a HAProxy that logs to its standard output
    Docker,
    /// The kubelet's files of a container, for a HAProxy that logs to its standard output
    Cri,
}

/// The whole file. `zone`: minutes east of UTC of the host that printed it.
pub(crate) fn render(carrier: Carrier, entries: &[Entry], zone: i64) -> String {
    let mut out = String::new();
    for (index, entry) in entries.iter().enumerate() {
        match carrier {
            Carrier::Json => json_line(&mut out, index, entry),
            Carrier::Export => export_record(&mut out, index, entry),
            Carrier::Docker => docker_line(&mut out, entry),
            Carrier::Cri => {
                let time = rfc3339(entry.at, Precision::Micro).replace('Z', "204Z");
                writeln!(out, "{time} {} F {}", stream(entry.origin), entry.text).unwrap();
            }
            Carrier::Rfc5424 => {
                let stamp = stamp(Carrier::RsyslogIso, entry.at, zone);
                let (host, ident, pid, text) = (&entry.host, &entry.ident, entry.pid, &entry.text);
                writeln!(out, "<134>1 {stamp} {host} {ident} {pid} - - {text}").unwrap();
            }
            _ => {
                let stamp = stamp(carrier, entry.at, zone);
                let (host, text) = (&entry.host, &entry.text);
                let tag = tag(carrier, entry);
                writeln!(out, "{stamp} {host} {tag}: {text}").unwrap();
            }
        }
    }
    out
}

/// `haproxy[2110]`; sudo sends no pid, which only the journal adds.
fn tag(carrier: Carrier, entry: &Entry) -> String {
    let file = matches!(carrier, Carrier::RsyslogFile | Carrier::RsyslogIso);
    match (entry.ident.as_str(), entry.pid) {
        ("sudo", _) if file => "sudo".to_owned(),
        (ident, 0) => ident.to_owned(),
        (ident, pid) => format!("{ident}[{pid}]"),
    }
}

/// The stamp in front of a line of text.
fn stamp(carrier: Carrier, at: i64, zone: i64) -> String {
    let utc = rfc3339(at + zone * MINUTE, Precision::Micro);
    let (date, time) = utc.trim_end_matches('Z').split_once('T').unwrap();
    let (clock, micros) = time.split_once('.').unwrap();
    let mut fields = date.split('-').skip(1);
    let month: usize = fields.next().unwrap().parse().unwrap();
    let month = MONTHS[month - 1];
    let day = fields.next().unwrap();
    let sign = if zone < 0 { '-' } else { '+' };
    let (hours, minutes) = (zone.abs() / 60, zone.abs() % 60);
    match carrier {
        Carrier::Short => format!("{month} {day} {clock}"),
        Carrier::ShortPrecise => format!("{month} {day} {clock}.{micros}"),
        Carrier::ShortIso => format!("{date}T{clock}{sign}{hours:02}{minutes:02}"),
        Carrier::ShortIsoPrecise => format!("{date}T{time}{sign}{hours:02}{minutes:02}"),
        Carrier::ShortUnix => format!("{}.{:06}", at.div_euclid(1_000_000), at % 1_000_000),
        Carrier::RsyslogFile => {
            let day: u32 = day.parse().unwrap();
            format!("{month} {day:>2} {clock}")
        }
        Carrier::RsyslogIso => format!("{date}T{time}{sign}{hours:02}:{minutes:02}"),
        Carrier::Json | Carrier::Export | Carrier::Rfc5424 | Carrier::Docker | Carrier::Cri => {
            String::new()
        }
    }
}

/// The fields of a journal record, in the order that journald happens to print them.
fn fields(index: usize, entry: &Entry) -> Vec<(&'static str, String)> {
    let boot = "5d1f0a7bc3e94d6c8a2b47e0913c6f58";
    let since_boot = entry.at.rem_euclid(86_400_000_000) + 512_000_000_000;
    let (transport, priority) = match entry.origin {
        Origin::Syslog(pri) => ("syslog", (pri % 8).to_string()),
        Origin::Stderr => ("stdout", "6".to_owned()),
        Origin::Host => ("journal", "6".to_owned()),
    };
    let mut fields = vec![
        (
            "__CURSOR",
            format!(
                "s=9be17a5c20d84e3f8a6df1c04b72e953;i={:x};b={boot};m={since_boot:x};t={:x};x={:x}",
                index + 4096,
                entry.at,
                entry.at.rotate_left(17)
            ),
        ),
        ("__REALTIME_TIMESTAMP", entry.at.to_string()),
        ("__MONOTONIC_TIMESTAMP", since_boot.to_string()),
        ("_BOOT_ID", boot.to_owned()),
        ("_TRANSPORT", transport.to_owned()),
        ("PRIORITY", priority),
        ("SYSLOG_IDENTIFIER", entry.ident.clone()),
        ("_HOSTNAME", entry.host.clone()),
        ("_PID", entry.pid.to_string()),
        ("MESSAGE", entry.text.clone()),
    ];
    if let Origin::Syslog(pri) = entry.origin {
        fields.push(("SYSLOG_FACILITY", (pri / 8).to_string()));
        fields.push(("SYSLOG_PID", entry.pid.to_string()));
    }
    let unit = match entry.ident.as_str() {
        "haproxy" => "haproxy.service",
        "systemd" => "init.scope",
        _ => "session-3.scope",
    };
    fields.push(("_SYSTEMD_UNIT", unit.to_owned()));
    fields
}

fn json_line(out: &mut String, index: usize, entry: &Entry) {
    let object: serde_json::Map<_, _> = fields(index, entry)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    writeln!(out, "{}", serde_json::Value::Object(object)).unwrap();
}

fn export_record(out: &mut String, index: usize, entry: &Entry) {
    for (name, value) in fields(index, entry) {
        writeln!(out, "{name}={value}").unwrap();
    }
    out.push('\n');
}

/// The container's stream that a line came from.
fn stream(origin: Origin) -> &'static str {
    match origin {
        Origin::Syslog(_) => "stdout",
        Origin::Stderr | Origin::Host => "stderr",
    }
}

fn docker_line(out: &mut String, entry: &Entry) {
    let stream = stream(entry.origin);
    let time = rfc3339(entry.at, Precision::Micro).replace('Z', "417Z");
    let line = json!({"log": format!("{}\n", entry.text), "stream": stream, "time": time});
    writeln!(out, "{line}").unwrap();
}
