//! What was said during a run, by whom and when: syslog lines, copies on standard error, host events.

use nosrv::base::DAY;
use nosrv::base::Precision;
use nosrv::base::rfc3339;
use std::sync::Mutex;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

/// The names that syslog and HTTP use in every locale.
pub(crate) const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Microseconds since 1970-01-01T00:00:00Z, now.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_micros()).unwrap()
}

/// Now as HTTP writes it: `Fri, 05 Jun 2026 21:54:25 GMT`.
pub(crate) fn http_date() -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let at = now();
    let weekday = usize::try_from(at.div_euclid(DAY) % 7).unwrap();
    let utc = rfc3339(at, Precision::Second);
    let (date, clock) = utc.trim_end_matches('Z').split_once('T').unwrap();
    let fields: Vec<&str> = date.split('-').collect();
    let month = MONTHS[fields[1].parse::<usize>().unwrap() - 1];
    format!(
        "{}, {} {month} {} {clock} GMT",
        DAYS[weekday], fields[2], fields[0]
    )
}

/// How a line reached the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Sent by HAProxy to its `log` target, with this PRI.
    Syslog(u16),
    /// Written by HAProxy to standard error.
    Stderr,
    /// Written by something else on one of the hosts.
    Host,
}

/// One line.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Microseconds since 1970, when the driver received it.
    pub(crate) at: i64,
    pub(crate) host: String,
    pub(crate) ident: String,
    pub(crate) pid: u32,
    pub(crate) origin: Origin,
    pub(crate) text: String,
}

/// All lines of a run, in the order of arrival.
#[derive(Default)]
pub(crate) struct Records(Mutex<Vec<Entry>>);

impl Records {
    /// Notes one line.
    pub(crate) fn push(&self, entry: Entry) {
        self.0.lock().unwrap().push(entry);
    }

    /// All lines so far, by time of arrival.
    pub(crate) fn sorted(&self) -> Vec<Entry> {
        let mut entries = self.0.lock().unwrap().clone();
        entries.sort_by_key(|entry| entry.at);
        entries
    }
}

/// A datagram of HAProxy's `log` target: `<134>Nov 22 08:06:55 haproxy[9448]: text`.
pub(crate) fn from_datagram(at: i64, bytes: &[u8]) -> Option<Entry> {
    let line = String::from_utf8_lossy(bytes);
    let (pri, rest) = line.strip_prefix('<')?.split_once('>')?;
    let (head, text) = rest.split_once("]: ")?;
    let (head, pid) = head.rsplit_once('[')?;
    Some(Entry {
        at,
        host: "proxy01".into(),
        ident: head.rsplit(' ').next()?.to_owned(),
        pid: pid.parse().ok()?,
        origin: Origin::Syslog(pri.parse().ok()?),
        text: text.trim_end_matches(['\n', '\0']).to_owned(),
    })
}
