//! Reports of health checks: `reason: …` in messages, and the lines of `option log-health-checks`.

use crate::base::printable;
use crate::event::message::CheckLine;
use crate::event::message::CheckReport;
use crate::event::message::CheckStatus;
use crate::event::message::Message;
use crate::event::message::status;
use crate::event::message::text::contains;
use crate::event::message::text::left;
use crate::event::message::text::number;
use crate::event::message::text::server_name;
use crate::event::message::text::split_once;
use crate::event::message::text::starts_with_any;
use crate::event::message::text::word;

/// Ways to write the quotes around `info`: HAProxy's own, within JSON, and as word processors and web pages turn them.
const QUOTES: [(&str, &str); 4] = [
    ("\"", "\""),
    ("\\\"", "\\\""),
    ("\u{201c}", "\u{201d}"),
    ("&quot;", "&quot;"),
];

/// Smallest code that is taken from the very end of a line. A shorter one may be a cut HTTP status.
const CODE_AT_END_MIN: u32 = 100;

/// `Health check for [backup ]server b/s failed, reason: …, status: 2/3 UP.`
pub(super) fn line(text: &[u8]) -> Option<Message> {
    let (agent, rest) = match text.strip_prefix(b"Health check for ") {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix(b"Agent check for ")?),
    };
    let rest = rest.strip_prefix(b"backup ").unwrap_or(rest);
    let (token, rest) = word(rest.strip_prefix(b"server ")?);
    let name = server_name(token)?;
    let rest = rest.strip_prefix(b" ")?;
    let rest = rest.strip_prefix(b"conditionally ").unwrap_or(rest);
    let (passed, rest) = match rest.strip_prefix(b"succeeded") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix(b"failed")?),
    };
    let (report, tail) = match reason(rest) {
        Some(text) => report(text),
        None => (empty(), rest),
    };
    Some(Message::Check(CheckLine {
        name,
        agent,
        passed,
        report,
        health: health(tail),
    }))
}

/// What follows `reason:` at the start, after commas and blanks.
pub(super) fn reason(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b",").unwrap_or(text).trim_ascii_start();
    Some(text.strip_prefix(b"reason:")?.trim_ascii_start())
}

/// The report that follows `reason: `, and the rest of the line that holds no text of a stranger.
pub(super) fn report(text: &[u8]) -> (CheckReport, &[u8]) {
    let (status, rest) = match status::leading(text) {
        Some(found) => found,
        None => {
            let comma = memchr::memchr(b',', text).unwrap_or(text.len());
            (CheckStatus::Unknown, text.get(comma..).unwrap_or(&[]))
        }
    };
    rest_of_report(status, rest)
}

fn rest_of_report(status: CheckStatus, rest: &[u8]) -> (CheckReport, &[u8]) {
    let (head, info, tail) = split_info(rest);
    let report = CheckReport {
        status,
        code: code(head),
        info: printable(&unescape(info)),
        duration_ms: duration(tail),
    };
    (report, tail)
}

/// A piece of a message without the server's name: `reason: …`, `Layer4 connection problem …`, `info: "…", check duration: …`.
///
/// The counts at the end of a message, alone on a line, are HAProxy's but say nothing without a name.
pub(super) fn fragment(text: &[u8]) -> Option<Message> {
    if let Some(text) = reason(text) {
        status::leading(text)?;
        return Some(Message::Fragment(report(text).0));
    }
    if text.starts_with(b"Layer") {
        let (_, rest) = status::leading(text)?;
        let ends = matches!(rest, [] | [b',' | b':', ..] | [b'.']) || rest.starts_with(b" at ");
        return ends.then(|| Message::Fragment(report(text).0));
    }
    let after_comma = text.strip_prefix(b", ").unwrap_or(text);
    if starts_with_any(after_comma, &[b"info: ", b"code: "]) {
        let sure = contains(text, b"check duration: ");
        return sure
            .then(|| Message::Fragment(rest_of_report(CheckStatus::Unknown, after_comma).0));
    }
    // Descriptions go on in small letters.
    let small = text.first().is_some_and(u8::is_ascii_lowercase);
    if let Some((status, rest)) = small.then(|| status::trailing(text)).flatten() {
        let sure = contains(rest, b", check duration: ");
        return sure.then(|| Message::Fragment(rest_of_report(status, rest).0));
    }
    let counts = number(text).is_some_and(|(_, rest)| rest.starts_with(b" active and "))
        && left(text).is_some();
    let timing = after_comma.starts_with(b"check duration: ") && duration(text).is_some();
    let queue = starts_with_any(text, &[b"sessions ", b"active, ", b"requeued, "])
        && (contains(text, b" remaining in queue") || contains(text, b" total in queue"));
    (counts || timing || queue).then_some(Message::Other)
}

fn empty() -> CheckReport {
    CheckReport {
        status: CheckStatus::Unknown,
        code: None,
        info: String::new(),
        duration_ms: None,
    }
}

/// Before `info`, its text, and after it. A closing quote that is missing is where the duration starts, or the line's end.
fn split_info(rest: &[u8]) -> (&[u8], &[u8], &[u8]) {
    if let Some(text) = rest.strip_prefix(b": ") {
        let end = memchr::memmem::rfind(text, b", check duration").unwrap_or(text.len());
        let (info, tail) = text.split_at_checked(end).unwrap_or((text, &[]));
        return (&[], info.strip_suffix(b".").unwrap_or(info), tail);
    }
    let Some((head, after)) = split_once(rest, b"info: ") else {
        return (rest, &[], rest);
    };
    let quotes = QUOTES
        .iter()
        .find_map(|(open, close)| Some((after.strip_prefix(open.as_bytes())?, close)));
    let text = quotes.map_or(after, |(text, _)| text);
    if let Some((info, tail)) = quotes.and_then(|(_, close)| split_once(text, close.as_bytes())) {
        return (head, info, tail);
    }
    match memchr::memmem::rfind(text, b", check duration").and_then(|at| text.split_at_checked(at))
    {
        Some((info, tail)) => (head, info, tail),
        None => (head, without_cut_mark(text), &[]),
    }
}

/// A pager's or systemd's mark of a cut line: `>`, `…`, `...`; the `>` that ends an escape is none.
fn without_cut_mark(text: &[u8]) -> &[u8] {
    if let Some(text) = text
        .strip_suffix("…".as_bytes())
        .or_else(|| text.strip_suffix(b"..."))
    {
        return text;
    }
    match text {
        [.., b'<', a, b, b'>'] if hex(*a, *b).is_some() => text,
        [head @ .., b'>'] => head,
        _ => text,
    }
}

/// Undoes `<3C>`: HAProxy writes `<`, `>`, `"` and what is not printable as two hexadecimal digits.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        match rest {
            [b'<', a, b, b'>', tail @ ..] if hex(*a, *b).is_some() => {
                out.extend(hex(*a, *b));
                rest = tail;
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

fn code(head: &[u8]) -> Option<u32> {
    let (_, text) = split_once(head, b"code: ")?;
    let (code, rest) = number(text)?;
    (!rest.is_empty() || code >= CODE_AT_END_MIN).then_some(code)
}

fn duration(tail: &[u8]) -> Option<u32> {
    let (_, text) = split_once(tail, b"duration: ")?;
    let (ms, rest) = number(text)?;
    rest.starts_with(b"ms").then_some(ms)
}

fn health(tail: &[u8]) -> Option<(u32, u32)> {
    let (_, text) = split_once(tail, b"status: ")?;
    let (now, rest) = number(text)?;
    let (full, rest) = number(rest.strip_prefix(b"/")?)?;
    (!rest.is_empty()).then_some((now, full))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::tests::check;
    use crate::event::message::tests::name;
    use crate::event::message::tests::reported;

    #[track_caller]
    fn check_report(
        text: &str,
        status: CheckStatus,
        code: Option<u32>,
        info: &str,
        ms: Option<u32>,
    ) {
        let (found, _) = report(text.as_bytes());
        let expected = CheckReport {
            status,
            code,
            info: info.to_owned(),
            duration_ms: ms,
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn reports_whole_and_mistyped() {
        use CheckStatus as S;
        let refused = "Connection refused";
        check_report(
            "Layer4 timeout, check duration: 2001ms. 0 active",
            S::L4Tout,
            None,
            "",
            Some(2001),
        );
        check_report(
            "Layer7 wrong status, code: 503, info: \"HTTP status check returned code <3C>503<3E>\", check duration: 1ms.",
            S::L7Sts,
            Some(503),
            "HTTP status check returned code <503>",
            Some(1),
        );
        check_report(
            "Layer4 connection problem, info: \"Connection refused\", vcheck duration: 0ms.",
            S::L4Con,
            None,
            refused,
            Some(0),
        );
        check_report(
            "Layer4 connection problem, info: \"Connection refused, check duration: 0ms.",
            S::L4Con,
            None,
            refused,
            Some(0),
        );
        check_report(
            "Layer4 connection problem, info: \"Connection refu",
            S::L4Con,
            None,
            "Connection refu",
            None,
        );
    }

    #[test]
    fn reports_cut_and_quoted_in_other_ways() {
        use CheckStatus as S;
        let refused = "Connection refused";
        check_report(
            "Layer7 wrong status, code: 503, info: \"Service Unavailable>",
            S::L7Sts,
            Some(503),
            "Service Unavailable",
            None,
        );
        check_report(
            "Layer7 wrong status, code: 404, info: \"code <3C>404<3E>",
            S::L7Sts,
            Some(404),
            "code <404>",
            None,
        );
        check_report("Layer7 wrong status, code: 50", S::L7Sts, None, "", None);
        check_report(
            "Layer7 wrong status, code: 503",
            S::L7Sts,
            Some(503),
            "",
            None,
        );
        check_report(
            "Layer4 timeout, check duration: 20",
            S::L4Tout,
            None,
            "",
            None,
        );
        check_report(
            "Layer4 connection problem, info: \\\"Connection refused\\\", check duration: 0ms",
            S::L4Con,
            None,
            refused,
            Some(0),
        );
        check_report(
            "Layer4 connection problem, info: “Connection refused”, check duration: 0ms",
            S::L4Con,
            None,
            refused,
            Some(0),
        );
        check_report(
            "Layer4 check failed, check duration: 5ms",
            S::Unknown,
            None,
            "",
            Some(5),
        );
        check_report("", S::Unknown, None, "", None);
    }

    #[test]
    fn what_the_server_says_is_not_read_as_fields() {
        check_report(
            "Layer7 invalid response, info: \"code: 200, check duration: 9ms. 7 active and 7 backup\", check duration: 3ms. 1 active",
            CheckStatus::L7Rsp,
            None,
            "code: 200, check duration: 9ms. 7 active and 7 backup",
            Some(3),
        );
        check_report(
            "Layer7 invalid response, info: \"a<0D><0A>b<zz>\"",
            CheckStatus::L7Rsp,
            None,
            "a\\x0D\\x0Ab<zz>",
            None,
        );
    }

    #[test]
    fn check_lines() {
        use CheckStatus as S;
        let rows = [
            (
                "Health check for server be/s1 failed, reason: Layer7 timeout, check duration: 201ms, status: 2/3 UP.",
                (false, false, Some((2, 3))),
                reported(S::L7Tout, None, "", Some(201)),
            ),
            (
                "Health check for backup server be/s1 succeeded, reason: Layer4 check passed, check duration: 0ms, status: 3/3 UP.",
                (false, true, Some((3, 3))),
                reported(S::L4Ok, None, "", Some(0)),
            ),
            (
                "Health check for server be/s1 conditionally succeeded, reason: Layer7 check conditionally passed, code: 404, check duration: 1ms, status: 1/2 DRAIN.",
                (false, true, Some((1, 2))),
                reported(S::L7Okc, Some(404), "", Some(1)),
            ),
            (
                "Agent check for server be/s1 failed, reason: Layer7 wrong status, code: 0, info: \"via agent : down (maint, status: 7/7)\", check duration: 3ms, status: 0/1 DOWN.",
                (true, false, Some((0, 1))),
                reported(
                    S::L7Sts,
                    Some(0),
                    "via agent : down (maint, status: 7/7)",
                    Some(3),
                ),
            ),
            (
                "Health check for server be/s1 failed, reason: Socket error, check duration: 0ms, sta",
                (false, false, None),
                reported(S::SockErr, None, "", Some(0)),
            ),
        ];
        for (body, (agent, passed, health), report) in rows {
            let name = name("be/s1");
            let expected = Message::Check(CheckLine {
                name,
                agent,
                passed,
                report,
                health,
            });
            check(body, &expected);
            check(&format!("lb1 | {body}"), &expected);
        }
    }

    #[test]
    fn pieces_of_wrapped_lines() {
        use CheckStatus as S;
        let certificate = "Server presented an SSL certificate different from the expected one";
        let rows = [
            (
                "reason: Layer4 connection problem",
                reported(S::L4Con, None, "", None),
            ),
            (
                ", reason: External check error, code: 1, check duration: 18ms.",
                reported(S::ProcErr, Some(1), "", Some(18)),
            ),
            (
                "Layer4 timeout, check duration: 2003ms.",
                reported(S::L4Tout, None, "", Some(2003)),
            ),
            (
                "info: \"No route to host\", check duration: 9ms. 0 active",
                reported(S::Unknown, None, "No route to host", Some(9)),
            ),
            (
                "connection problem, info: \"Connection refused\", check duration: 0ms.",
                reported(S::L4Con, None, "Connection refused", Some(0)),
            ),
            (
                "wrong status, code: 503, check duration: 1ms.",
                reported(S::L7Sts, Some(503), "", Some(1)),
            ),
        ];
        for (body, report) in rows {
            check(body, &Message::Fragment(report));
        }
        let expected = Message::Fragment(reported(S::L6Rsp, None, certificate, None));
        check(
            &format!("Layer6 invalid response: {certificate}"),
            &expected,
        );
        for body in [
            "check duration: 2003ms. 0 active and 0 backup servers left.",
            "0 active and 0 backup servers left. 0 sessions active,",
            "sessions active, 0 requeued, 0 remaining in queue.",
            "[WARNING] (25) : Server",
        ] {
            check(body, &Message::Other);
        }
    }
}
