//! The same bodies as different log daemons hand them out.

use std::io::Write;

/// What stands around a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `Jun  5 21:53:47 proxy01 haproxy[3028]: …`, rsyslog's traditional file format.
    Rfc3164,
    /// `2026-06-05T21:53:47.123456+00:00 proxy01 haproxy[3028]: …`, rsyslog's ISO file format.
    Iso,
    /// `journalctl -o export`.
    JournalExport,
    /// `journalctl -o json`.
    JournalJson,
    /// The body alone, of HAProxy's lines only.
    Bare,
}

/// Who wrote a record.
pub(crate) struct Entry {
    ident: &'static str,
    /// `None`: the kernel has none.
    pid: Option<u64>,
}

impl Entry {
    /// The worker that handles all traffic.
    pub(crate) const HAPROXY: Entry = Entry {
        ident: "haproxy",
        pid: Some(3028),
    };

    pub(crate) fn new(ident: &'static str, pid: Option<u64>) -> Entry {
        Entry { ident, pid }
    }
}

/// Writes records in one style.
pub(crate) struct Carrier {
    style: Style,
    begun_us: u64,
    n_records: u64,
}

const BOOT: &str = "1f2e3d4c5b6a79880123456789abcdef";
const MACHINE: &str = "00112233445566778899aabbccddeeff";

impl Carrier {
    pub(crate) fn new(style: Style, begun_us: u64) -> Carrier {
        Carrier {
            style,
            begun_us,
            n_records: 0,
        }
    }

    /// Appends one record to `out`.
    pub(crate) fn record(&mut self, now_us: u64, entry: &Entry, body: &str, out: &mut Vec<u8>) {
        self.n_records += 1;
        let pid = entry.pid.map(|pid| format!("[{pid}]")).unwrap_or_default();
        let at = civil(now_us);
        let _infallible = match self.style {
            Style::Rfc3164 => writeln!(
                out,
                "{} {:>2} {:02}:{:02}:{:02} proxy01 {}{pid}: {body}",
                at.month_name(),
                at.day,
                at.hour,
                at.minute,
                at.second,
                entry.ident,
            ),
            Style::Iso => writeln!(
                out,
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}+00:00 proxy01 {}{pid}: {body}",
                at.year, at.month, at.day, at.hour, at.minute, at.second, at.micros, entry.ident,
            ),
            Style::JournalExport => {
                for (name, value) in self.fields(now_us, entry, body) {
                    let _infallible = writeln!(out, "{name}={value}");
                }
                writeln!(out)
            }
            Style::JournalJson => {
                let mut head = '{';
                for (name, value) in self.fields(now_us, entry, body) {
                    let _infallible = write!(out, "{head}\"{name}\":\"{}\"", escaped(&value));
                    head = ',';
                }
                writeln!(out, "}}")
            }
            Style::Bare if entry.ident == "haproxy" => writeln!(out, "{body}"),
            Style::Bare => Ok(()),
        };
    }

    /// A journal entry of a syslog message, as journald keeps it.
    fn fields(&self, now_us: u64, entry: &Entry, body: &str) -> Vec<(&'static str, String)> {
        let number = self.n_records;
        let monotonic_us = now_us - self.begun_us + 86_400_000_000;
        let mut fields = vec![
            (
                "__CURSOR",
                format!(
                    "s=0f1e2d3c4b5a69788796a5b4c3d2e1f0;i={number:x};b={BOOT};m={monotonic_us:x};t={now_us:x};x={:016x}",
                    number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
                ),
            ),
            ("__REALTIME_TIMESTAMP", now_us.to_string()),
            ("__MONOTONIC_TIMESTAMP", monotonic_us.to_string()),
            ("_BOOT_ID", BOOT.to_owned()),
            (
                "_TRANSPORT",
                if entry.pid.is_some() {
                    "syslog"
                } else {
                    "kernel"
                }
                .to_owned(),
            ),
            ("PRIORITY", "6".to_owned()),
            ("SYSLOG_IDENTIFIER", entry.ident.to_owned()),
            ("_MACHINE_ID", MACHINE.to_owned()),
            ("_HOSTNAME", "proxy01".to_owned()),
        ];
        if let Some(pid) = entry.pid {
            let at = civil(now_us);
            fields.extend([
                ("SYSLOG_FACILITY", "16".to_owned()),
                ("SYSLOG_PID", pid.to_string()),
                (
                    "SYSLOG_TIMESTAMP",
                    format!(
                        "{} {:>2} {:02}:{:02}:{:02} ",
                        at.month_name(),
                        at.day,
                        at.hour,
                        at.minute,
                        at.second
                    ),
                ),
                ("_PID", pid.to_string()),
                ("_UID", "106".to_owned()),
                ("_GID", "112".to_owned()),
                ("_COMM", entry.ident.to_owned()),
                ("_EXE", format!("/usr/sbin/{}", entry.ident)),
                ("_CAP_EFFECTIVE", "0".to_owned()),
                (
                    "_SYSTEMD_CGROUP",
                    format!("/system.slice/{}.service", entry.ident),
                ),
                ("_SYSTEMD_UNIT", format!("{}.service", entry.ident)),
                ("_SYSTEMD_SLICE", "system.slice".to_owned()),
                ("_SOURCE_REALTIME_TIMESTAMP", (now_us - 40).to_string()),
            ]);
        }
        fields.push(("MESSAGE", body.to_owned()));
        fields
    }
}

/// A JSON string's inside; bodies hold no control characters.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A moment in UTC.
pub(crate) struct Civil {
    pub(crate) year: u64,
    pub(crate) month: u64,
    pub(crate) day: u64,
    pub(crate) hour: u64,
    pub(crate) minute: u64,
    pub(crate) second: u64,
    pub(crate) micros: u64,
}

impl Civil {
    /// As in syslog and HAProxy's accept dates.
    pub(crate) fn month_name(&self) -> &'static str {
        const NAMES: &[&str] = &[
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let index = usize::try_from(self.month.saturating_sub(1)).unwrap_or_default();
        NAMES.get(index).copied().unwrap_or("Dec")
    }
}

/// Microseconds since 1970 as a date (Hinnant, "chrono-compatible low-level date algorithms").
pub(crate) fn civil(us: u64) -> Civil {
    let (days, of_day) = (us / 86_400_000_000, us % 86_400_000_000);
    let shifted = days + 719_468;
    let era_day = shifted % 146_097;
    let era_year = (era_day - era_day / 1_460 + era_day / 36_524 - era_day / 146_096) / 365;
    let year_day = era_day - (365 * era_year + era_year / 4 - era_year / 100);
    let march_month = (5 * year_day + 2) / 153;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let seconds = of_day / 1_000_000;
    Civil {
        year: shifted / 146_097 * 400 + era_year + u64::from(month <= 2),
        month,
        day: year_day - (153 * march_month + 2) / 5 + 1,
        hour: seconds / 3600,
        minute: seconds / 60 % 60,
        second: seconds % 60,
        micros: of_day % 1_000_000,
    }
}
