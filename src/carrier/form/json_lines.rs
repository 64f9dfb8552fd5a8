//! One JSON object a line, as rsyslog's `RSYSLOG_StdJSONFmt` and log shippers write them.
//!
//! Shape: `{"message":" MSG","fromhost":"proxy01","timereported":"2026-06-05T21:53:47.123456+00:00",…}`; `@timestamp`, `timestamp`;
//! `host`, `hostname`; `program`, `programname`. MSG may be a line of another carrier. Absent: pid.
//! An object without message and time is left to others: HAProxy itself writes JSON when its `log-format` says so.
//! Source: rsyslog documentation, "Reserved Template Names".

use super::Body;
use super::Head;
use super::json;
use crate::carrier::instant;

const MESSAGE: [&[u8]; 2] = [b"\"message\":", b"\"msg\":"];
const TIME: [&[u8]; 5] = [
    b"\"timereported\":",
    b"\"@timestamp\":",
    b"\"timestamp\":",
    b"\"time\":",
    b"\"ts\":",
];
const HOST: [&[u8]; 3] = [b"\"fromhost\":", b"\"hostname\":", b"\"host\":"];
const IDENT: [&[u8]; 3] = [
    b"\"programname\":",
    b"\"program\":",
    b"\"syslog_identifier\":",
];

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    if line.first() != Some(&b'{') {
        return None;
    }
    let first = |keys: &[&[u8]]| keys.iter().find_map(|key| json::string(line, key));
    let message = first(&MESSAGE)?;
    let (stamp, _) = TIME
        .iter()
        .filter_map(|key| json::string(line, key))
        .find_map(instant::iso)?;
    Some(Head {
        stamp: Some(stamp),
        host: first(&HOST).unwrap_or(b""),
        ident: first(&IDENT).unwrap_or(b""),
        pid: None,
        body: Body::Json(message.trim_ascii_start()),
        wraps: true,
        more: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_and_time_make_a_record() {
        let line = br#"{"message":" MSG \"x\"","fromhost":"proxy01","facility":"local0","timereported":"2026-06-05T21:53:47.123456+02:00"}"#;
        let head = read(line).unwrap();
        assert_eq!(head.host, b"proxy01");
        assert_eq!(
            head.stamp.unwrap().to_string(),
            "2026-06-05T19:53:47.123456Z"
        );
        assert!(matches!(head.body, Body::Json(br#"MSG \"x\""#)));
        assert!(
            read(br#"{"host":"www.example.com","status":503,"time":"2026-06-05T21:53:47Z"}"#)
                .is_none()
        );
    }
}
