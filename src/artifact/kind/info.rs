//! `show info`, also typed: `Name: HAProxy`, `Uptime_sec: 12`; `0.Name.1:POS:str:HAProxy`; or as JSON.

use crate::artifact::head::CERTAIN;
use crate::artifact::head::Head;
use crate::artifact::head::LIKELY;
use crate::artifact::head::NO;
use crate::artifact::head::Score;
use crate::artifact::words::starts_with_any;

/// Keys that nothing else prints, for dumps whose start is missing.
const KEYS: [&str; 10] = [
    "Uptime_sec:",
    "Ulimit-n:",
    "Maxsock:",
    "Hard_maxconn:",
    "CurrConns:",
    "CumConns:",
    "CumReq:",
    "Idle_pct:",
    "Run_queue:",
    "SessRate:",
];

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    let keys = head.count(|line| starts_with_any(line.trim_ascii_start(), &KEYS));
    if opens(head.first(), b"") {
        CERTAIN
    } else if keys >= 2 {
        LIKELY
    } else {
        NO
    }
}

pub(super) fn opens(line: &[u8], _: &[u8]) -> bool {
    starts_with_any(
        line.trim_ascii_start(),
        &[
            "Name: HAProxy",
            "Name: HA-Proxy",
            "Name: hapee",
            "0.Name.1:",
            "[{\"field\":{\"pos\":0,\"name\":\"Name\"}",
        ],
    )
}
