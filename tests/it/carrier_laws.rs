//! What holds for any log line: no bytes panic in any form, and a record that was written in a carrier is read back from it.

use crate::sample;
use nosrv::base::Precision;
use nosrv::base::rfc3339;
use nosrv::carrier::Framing;
use nosrv::carrier::Reader;
use nosrv::carrier::frames;
use nosrv::event;
use nosrv::event::traffic::Memory;
use proptest::prelude::*;
use serde_json::json;
use std::fs;
use std::sync::LazyLock;

/// The sample logs of every carrier.
static LOGS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let files = sample::entries(&sample::root().join("samples/formats"));
    files.iter().map(|path| fs::read(path).unwrap()).collect()
});

/// One record.
#[derive(Clone, Debug)]
struct Said {
    /// Microseconds since 1970.
    at: i64,
    host: String,
    ident: String,
    pid: u32,
    body: String,
}

impl Said {
    /// `2026-06-05T21:53:47.123456Z`.
    fn utc(&self) -> String {
        rfc3339(self.at, Precision::Micro)
    }

    /// Date, clock and microseconds in UTC.
    fn parts(&self) -> (String, String, String) {
        let utc = self.utc();
        (
            utc[..10].to_owned(),
            utc[11..19].to_owned(),
            utc[20..26].to_owned(),
        )
    }

    /// `Jun  5`.
    fn day(&self) -> String {
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let utc = self.utc();
        let month: usize = utc[5..7].parse().unwrap();
        let day: u32 = utc[8..10].parse().unwrap();
        format!("{} {day:>2}", MONTHS[month - 1])
    }

    /// `haproxy[3141]: MSG`.
    fn tagged(&self) -> String {
        format!("{}[{}]: {}", self.ident, self.pid, self.body)
    }
}

/// What a carrier keeps of the moment, of 26 bytes and a `Z`.
type Kept = fn(&str) -> String;

fn micros(utc: &str) -> String {
    utc.to_owned()
}

fn seconds(utc: &str) -> String {
    format!("{}Z", &utc[..19])
}

fn seconds_without_year(utc: &str) -> String {
    utc[5..19].to_owned()
}

fn nothing(_: &str) -> String {
    String::new()
}

/// Name, framing, what is kept of the moment, whether the host is kept, and how it is written.
type Form = (&'static str, Framing, Kept, bool, fn(&Said) -> String);

const FORMS: [Form; 21] = [
    (
        "short",
        Framing::Lines,
        seconds_without_year,
        true,
        |said| {
            format!(
                "{} {} {} {}\n",
                said.day(),
                said.parts().1,
                said.host,
                said.tagged()
            )
        },
    ),
    (
        "no host",
        Framing::Lines,
        seconds_without_year,
        false,
        |said| format!("{} {} {}\n", said.day(), said.parts().1, said.tagged()),
    ),
    (
        "short-precise",
        Framing::Lines,
        |utc| utc[5..26].to_owned(),
        true,
        |said| {
            let (_, clock, micros) = said.parts();
            format!(
                "{} {clock}.{micros} {} {}\n",
                said.day(),
                said.host,
                said.tagged()
            )
        },
    ),
    ("short-full", Framing::Lines, seconds, true, |said| {
        let (date, clock, _) = said.parts();
        format!("Fri {date} {clock} UTC {} {}\n", said.host, said.tagged())
    }),
    ("short-iso", Framing::Lines, seconds, true, |said| {
        let (date, clock, _) = said.parts();
        format!("{date}T{clock}+0000 {} {}\n", said.host, said.tagged())
    }),
    ("RFC 3339", Framing::Lines, micros, true, |said| {
        let (date, clock, micros) = said.parts();
        format!(
            "{date}T{clock}.{micros}+00:00 {} {}\n",
            said.host,
            said.tagged()
        )
    }),
    ("without colon", Framing::Lines, micros, true, |said| {
        let tag = said.tagged().replacen("]:", "]", 1);
        format!("{} {} {tag}\n", said.utc(), said.host)
    }),
    ("PRI", Framing::Lines, seconds_without_year, true, |said| {
        format!(
            "<134>{} {} {} {}\n",
            said.day(),
            said.parts().1,
            said.host,
            said.tagged()
        )
    }),
    (
        "facility",
        Framing::Lines,
        seconds_without_year,
        true,
        |said| {
            format!(
                "{} {} {} local0.info {}\n",
                said.day(),
                said.parts().1,
                said.host,
                said.tagged()
            )
        },
    ),
    ("RFC 5424", Framing::Lines, micros, true, |said| {
        let Said {
            host,
            ident,
            pid,
            body,
            ..
        } = said;
        format!(
            "<134>1 {} {host} {ident} {pid} - [x@1 y=\"a]\\\"b\"][z@1] {body}\n",
            said.utc()
        )
    }),
    ("short-unix", Framing::Lines, micros, true, |said| {
        let (whole, part) = (said.at.div_euclid(1_000_000), said.at.rem_euclid(1_000_000));
        format!("{whole}.{part:06} {} {}\n", said.host, said.tagged())
    }),
    ("short-monotonic", Framing::Lines, nothing, true, |said| {
        format!(
            "[{:5}.{:06}] {} {}\n",
            said.pid,
            17,
            said.host,
            said.tagged()
        )
    }),
    ("short-delta", Framing::Lines, nothing, true, |said| {
        format!(
            "[{:5}.{:06} <    0.000017*>] {} {}\n",
            said.pid,
            17,
            said.host,
            said.tagged()
        )
    }),
    (
        "socklog",
        Framing::Lines,
        seconds_without_year,
        true,
        |said| {
            format!(
                "{}: local0.info: {} {} {}\n",
                said.host,
                said.day(),
                said.parts().1,
                said.tagged()
            )
        },
    ),
    ("tag", Framing::Lines, nothing, false, |said| {
        format!("{}\n", said.tagged())
    }),
    (
        "docker around syslog",
        Framing::Lines,
        micros,
        true,
        |said| {
            let inner = format!(
                "{} {} {} {}\n",
                said.day(),
                said.parts().1,
                said.host,
                said.tagged()
            );
            format!(
                "{}\n",
                json!({"log": inner, "stream": "stdout", "time": said.utc()})
            )
        },
    ),
    ("CRI around syslog", Framing::Lines, micros, true, |said| {
        let inner = format!(
            "{} {} {} {}",
            said.day(),
            said.parts().1,
            said.host,
            said.tagged()
        );
        format!("{} stdout F {inner}\n", said.utc().replace('Z', "789Z"))
    }),
    ("json", Framing::Lines, micros, true, |said| {
        format!(
            "{}\n",
            json!({
                "__REALTIME_TIMESTAMP": said.at.to_string(), "_HOSTNAME": said.host, "SYSLOG_IDENTIFIER": said.ident,
                "_PID": said.pid.to_string(), "MESSAGE": said.body,
            })
        )
    }),
    (
        "json with a list of bytes",
        Framing::Lines,
        micros,
        true,
        |said| {
            format!(
                "{}\n",
                json!({
                    "__REALTIME_TIMESTAMP": said.at.to_string(), "_HOSTNAME": said.host, "SYSLOG_IDENTIFIER": said.ident,
                    "_PID": said.pid.to_string(), "MESSAGE": said.body.as_bytes(),
                })
            )
        },
    ),
    ("export", Framing::Export, micros, true, |said| {
        let Said {
            at,
            host,
            ident,
            pid,
            body,
        } = said;
        format!(
            "__CURSOR=x\n__REALTIME_TIMESTAMP={at}\n_HOSTNAME={host}\nSYSLOG_IDENTIFIER={ident}\n_PID={pid}\nMESSAGE={body}\n\n"
        )
    }),
    ("verbose", Framing::Verbose, micros, true, |said| {
        let Said {
            at,
            host,
            ident,
            pid,
            body,
        } = said;
        format!(
            "Fri 2026-06-05 21:53:47.1 UTC [s=1;t={at:x};x=1]\n    MESSAGE={body}\n    _HOSTNAME={host}\n    SYSLOG_IDENTIFIER={ident}\n    _PID={pid}\n"
        )
    }),
];

/// Few hosts, programs and seconds, so that the reader's memory of prefixes is used.
fn said() -> impl Strategy<Value = Said> {
    let at = prop_oneof![
        1_780_696_427_000_000_i64..1_780_696_428_000_000,
        1_000_000_000_000_000_i64..4_000_000_000_000_000
    ];
    (
        at,
        "lb[12](\\.example)?",
        "haproxy|app|a-b",
        1_u32..9,
        "[!-z][ -~]{0,60}[!-~]",
    )
        .prop_map(|(at, host, ident, pid, body)| Said {
            at,
            host,
            ident,
            pid,
            body,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_record_written_in_a_carrier_is_read_back(all in proptest::collection::vec(said(), 1..12)) {
        for (name, framing, kept, has_host, write) in FORMS {
            let text: String = all.iter().map(write).collect();
            let mut reader = Reader::new(framing);
            let mut n = 0;
            for (frame, said) in frames(framing, text.as_bytes()).zip(&all) {
                let record = reader.read(frame.raw);
                let stamp = record.stamp.map(|stamp| stamp.to_string()).unwrap_or_default();
                prop_assert_eq!(stamp, kept(&said.utc()), "{}: {:?}", name, text);
                prop_assert_eq!(record.host, if has_host { said.host.as_bytes() } else { b"" }, "{}: {:?}", name, text);
                prop_assert_eq!(record.ident, said.ident.as_bytes(), "{}: {:?}", name, text);
                prop_assert_eq!(record.pid, Some(said.pid), "{}: {:?}", name, text);
                prop_assert_eq!(record.body, said.body.as_bytes(), "{}: {:?}", name, text);
                n += 1;
            }
            prop_assert_eq!(n, all.len(), "{}", name);
        }
    }

    #[test]
    fn no_bytes_panic_in_any_form(
        log in any::<prop::sample::Index>(),
        start in any::<prop::sample::Index>(),
        length in 0_usize..600,
        noise in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
    ) {
        let log = log.get(&LOGS);
        let start = start.index(log.len());
        let mut bytes = log[start..log.len().min(start + length)].to_vec();
        for (at, byte) in noise {
            let at = at.index(bytes.len() + 1);
            bytes.insert(at, byte);
        }
        let mut memory = Memory::default();
        for framing in [Framing::Lines, Framing::Export, Framing::Verbose, Framing::PrettyJson, Framing::of(&bytes)] {
            let mut reader = Reader::new(framing);
            for frame in frames(framing, &bytes) {
                let record = reader.read(frame.raw);
                let _any = event::decode(&record, &mut memory);
            }
        }
    }
}
