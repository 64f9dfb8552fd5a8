//! Rules that end a request: denials, redirects, answers, the monitor and the statistics page.

use crate::config::Proxy;
use crate::route::Field;
use crate::route::Request;
use crate::route::Truth;
use crate::route::fetch::target_piece;
use crate::route::pattern::How;
use crate::route::pattern::matches;

/// What a rule does to a request that it applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// HAProxy answers or closes.
    Answers,
    /// No further rule of this kind is looked at.
    StopsHere,
    /// The next rule follows.
    GoesOn,
}

/// What the rule of those words does.
pub(super) fn end(words: &[String]) -> End {
    let word = |index: usize| words.get(index).map_or("", String::as_str);
    match word(0) {
        "redirect" | "block" | "reqdeny" | "reqideny" | "reqtarpit" | "reqitarpit" => {
            return End::Answers;
        }
        "reqallow" | "reqiallow" | "reqpass" | "reqipass" => return End::StopsHere,
        _ => {}
    }
    let action = match (word(0), word(1)) {
        ("http-request", action) => action,
        ("tcp-request", _) => word(2),
        _ => return End::GoesOn,
    };
    match action {
        "deny" | "reject" | "tarpit" | "redirect" | "return" | "auth" | "silent-drop"
        | "use-service" | "early-hint-end" => End::Answers,
        "allow" | "accept" => End::StopsHere,
        _ => End::GoesOn,
    }
}

/// Whether `monitor-uri` answers the request.
pub(super) fn is_monitored(proxy: &Proxy, request: &Request) -> Truth {
    let Some(uri) = &proxy.monitor_uri else {
        return Truth::False;
    };
    uri_matches(request, How::Str, &uri.value)
}

/// Whether the statistics page answers the request.
pub(super) fn is_stats(proxy: &Proxy, request: &Request) -> Truth {
    if proxy.stats.is_none() {
        return Truth::False;
    }
    let uri = proxy.stats_uri.as_ref().map(|uri| uri.value.as_str());
    uri_matches(request, How::Beg, uri.unwrap_or("/haproxy?stats"))
}

fn uri_matches(request: &Request, how: How, uri: &str) -> Truth {
    let relative = Request {
        origin: Field::Absent,
        ..request.clone()
    };
    match target_piece(&relative, false) {
        Ok(Some((text, whole))) => matches(how, &text, whole, uri, false),
        Ok(None) => Truth::False,
        Err(doubt) => Truth::Undecidable(doubt),
    }
}
