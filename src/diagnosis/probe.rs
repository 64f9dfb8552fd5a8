//! The operator's own request to a server, made during the failure: what a check asks, asked by hand.

use crate::base::Cite;
use crate::capture::Capture;
use crate::diagnosis::Case;

/// Servers of the pool whose address refused a connection made by hand, each with the line that shows it.
///
/// curl's error 7 covers every failed connection: its text, or the time that it took, tells a refusal (one round trip) from an
/// unreachable host (seconds, or another text).
pub(super) fn refused<'a>(case: &Case<'a>) -> Vec<(&'a str, Cite)> {
    let mut probes = Vec::new();
    for doc in &case.bundle.documents.captures {
        let Capture::Curl(curl) = &doc.capture else {
            continue;
        };
        let Some((7, text)) = &curl.error else {
            continue;
        };
        if !is_refusal(text) {
            continue;
        }
        let asked = case.server_names().into_iter().find(|name| {
            let address = case.address(name);
            address.is_some_and(|address| is_address_of(&curl.url, text, &address))
        });
        if let Some(server) = asked {
            probes.push((server, case.bundle.documents.cite(doc.source, curl.at)));
        }
    }
    probes
}

/// Longest round trip of a refusal, ms; an ARP failure takes about three seconds.
const ROUND_TRIP_MS_MAX: u32 = 500;

fn is_refusal(text: &str) -> bool {
    if text.contains("refused") {
        return true;
    }
    let after = text
        .split(" after ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next());
    let quick = after
        .and_then(|ms| ms.parse::<u32>().ok())
        .is_some_and(|ms| ms <= ROUND_TRIP_MS_MAX);
    quick && !text.contains("No route") && !text.contains("unreachable")
}

/// The URL, or curl's `Failed to connect to 192.0.2.11 port 8080`, names this `address:port`.
fn is_address_of(url: &str, text: &str, address: &str) -> bool {
    let after_scheme = url.split("://").nth(1).unwrap_or(url);
    let authority = after_scheme.split('/').next().unwrap_or_default();
    let Some((host, port)) = address.rsplit_once(':') else {
        return false;
    };
    authority == address || text.contains(&format!("connect to {host} port {port} "))
}
