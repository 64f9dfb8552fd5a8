//! Tries the wordings on a text that starts with the message or with its stderr label.

use crate::event::message::Message;
use crate::event::message::TextPid;
use crate::event::message::address;
use crate::event::message::admin;
use crate::event::message::backend;
use crate::event::message::check;
use crate::event::message::config_error;
use crate::event::message::embryonic;
use crate::event::message::limit;
use crate::event::message::prefix;
use crate::event::message::prefix::Context;
use crate::event::message::prefix::Level;
use crate::event::message::process;
use crate::event::message::state;
use crate::event::message::state_file;
use crate::event::message::text::contains;
use crate::event::message::text::split_once;
use crate::event::message::text::starts_with_any;

/// A message at the start of `body`; a labelled line that no wording fits is `Other`, when the label is HAProxy's for sure.
pub(super) fn at_start(body: &[u8]) -> Option<(TextPid, Message)> {
    if let Some(label) = prefix::label(body) {
        let context = prefix::context(label.text);
        let level = label.sure.then_some(label.level);
        let message = spoken(level, &context).or_else(|| {
            label
                .sure
                .then(|| process::labelled(context.text).unwrap_or(Message::Other))
        })?;
        return Some((label.pid, message));
    }
    if let Some(inner) = repeated(body) {
        return at_start_once(inner);
    }
    at_start_once(body)
}

/// A message that stands there without a label.
fn at_start_once(body: &[u8]) -> Option<(TextPid, Message)> {
    spoken(None, &prefix::context(body)).map(|message| (None, message))
}

/// `message repeated 3 times: [ Server … ]` of rsyslog and others.
fn repeated(body: &[u8]) -> Option<&[u8]> {
    let rest = body.strip_prefix(b"message repeated ")?;
    let (_, inner) = split_once(rest, b" times: [")?;
    let inner = inner.trim_ascii();
    Some(inner.strip_suffix(b"]").unwrap_or(inner).trim_ascii())
}

fn spoken(level: Option<Level>, context: &Context<'_>) -> Option<Message> {
    let text = context.text;
    // The first byte rules out most wordings for most foreign lines.
    let first = text.first()?;
    if !first.is_ascii_alphabetic() && level.is_none() && !context.config && !context.parsing {
        let protocols = *first == b'[';
        return ocsp_update(text)
            .then_some(Message::Other)
            .or_else(|| check::fragment(text))
            .or_else(|| protocols.then(|| config_error::decode(level, context))?)
            .or_else(|| embryonic::decode(text))
            .or_else(|| address::decode(text))
            .or_else(|| state::without_head(text));
    }
    let found = match first {
        b'S' | b'B' | b'L' if starts_with_any(text, &[b"Server ", b"Backup ", b"Load-"]) => {
            server(text)
        }
        b'H' | b'A' => check::line(text),
        b'b' | b'f' | b'p' => backend::decode(text),
        b'P' | b'C' | b's' => limit::decode(text),
        _ => None,
    };
    found
        .or_else(|| starts_in_words(level, context))
        .or_else(|| check::fragment(text))
        .or_else(|| embryonic::decode(text))
        .or_else(|| address::decode(text))
        .or_else(|| state::without_head(text))
}

/// Lines about stapled certificates since 2.8, with and without the head of a traffic line.
fn ocsp_update(text: &[u8]) -> bool {
    text.starts_with(b"<OCSP-UPDATE> ")
        || (text.starts_with(b"-:- [") && contains(text, b"] <OCSP-UPDATE> "))
}

/// State or administration of one server.
pub(super) fn server(text: &[u8]) -> Option<Message> {
    state::decode(text)
        .or_else(|| admin::decode(text))
        .or_else(|| {
            let known = state::subject(text)
                .is_some_and(|subject| matches!(subject.rest, b" deleted." | b" deleted"));
            known.then_some(Message::Other)
        })
}

/// Wordings without a fixed name at their start.
fn starts_in_words(level: Option<Level>, context: &Context<'_>) -> Option<Message> {
    process::decode(context.text)
        .or_else(|| state_file::decode(context.text))
        .or_else(|| config_error::decode(level, context))
        .or_else(|| noise(context.text).then_some(Message::Other))
}

/// Messages that say nothing about availability, by their first words.
fn noise(text: &[u8]) -> bool {
    const STARTS: [&[u8]; 19] = [
        b"path to executable is ",
        b"SIGHUP received, dumping servers states",
        b"SIGHUP: ",
        b"Blocking cacheable cookie in response from instance ",
        b"SPOE: [",
        b"DNS : resolvers '",
        b"DNS : section '",
        b"could not generate a query id for ",
        b"can not build the query message for ",
        b"log format ignored for ",
        b"Some proxies refused to ",
        b"Some tasks resisted to hard-stop",
        b"Scheduling a soft-stop in ",
        b"Grace period expired, proceeding with soft-stop",
        b"Internal error: yield not allowed",
        b"FATAL: bug condition ",
        b"A worker process unexpectedly died and this can only be explained by a bug in haproxy",
        b"missing timeouts for ",
        b"New server registered.",
    ];
    starts_with_any(text, &STARTS)
        || (starts_with_any(text, &[b"Proxy ", b"frontend ", b"backend ", b"proxy "])
            && contains(text, b" failed to enter pause mode"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::tests::check;

    #[test]
    fn messages_without_a_meaning_for_availability() {
        for words in [
            "path to executable is /usr/sbin/haproxy",
            "SIGHUP received, dumping servers states for proxy be.",
            "SIGHUP: Server be/s1 is DOWN. Conn: 0 act, 0 pend, 7 tot.",
            "SIGHUP: Proxy be has no servers. Conn: act(FE+BE): 0+0, 0 pend (0 unass), tot(FE+BE): 0+0.",
            "SIGHUP: Proxy be has no server available ! Conn: act(FE+BE): 0+0, 0 pend (0 unass), tot(FE+BE): 0+0.",
            "Blocking cacheable cookie in response from instance be, server s1.",
            "SPOE: [x] failed to create SPOE context",
            "DNS : resolvers 'r': can't connect socket for nameserver 'ns1'.",
            "DNS : section 'r': can't create socket for nameserver 'ns1'.",
            "could not generate a query id for be/s1, in resolvers r.",
            "can not build the query message for be/s1, in resolvers r.",
            "log format ignored for proxy 'stats' since it has no log address.",
            "Some proxies refused to pause, performing soft stop now.",
            "Some tasks resisted to hard-stop, exiting now.",
            "Scheduling a soft-stop in 100 ms.",
            "Grace period expired, proceeding with soft-stop now.",
            "Proxy 'be': backend ID mismatch: from server state file: '3', from running config '4'",
            "frontend fe failed to enter pause mode.",
            "Server be/s1 deleted.",
            "New server registered.",
            "missing timeouts for frontend 'fe'.",
            "Configuration file is valid",
        ] {
            check(words, &Message::Other);
            check(&format!("[WARNING]  (9) : {words}"), &Message::Other);
            check(
                &format!("[NOTICE] 325/074604 (9) : {words}"),
                &Message::Other,
            );
        }
        for body in [
            "[WARNING]  (9) : config : parsing [h.cfg:3] : a 'http-request' rule placed after a 'use_backend' rule will still be processed before.",
            "[NOTICE]   (9) : Automatically setting global.maxconn to 491.",
            "[NOTICE] 325/074604 (9) : New program 'api' (10) forked",
            "[WARNING]  (9) : 'option forwardfor' ignored for frontend 'fe' as it requires HTTP mode.",
            "[WARNING]  (9) : anything else",
            "[ALERT]    (9) :",
            "<OCSP-UPDATE> /etc/haproxy/site.pem 1 \"Update successful\" 0 1",
            "-:- [22/Nov/2026:07:57:54.867] <OCSP-UPDATE> /etc/haproxy/site.pem 2 \"HTTP error\" 1 0",
        ] {
            check(body, &Message::Other);
        }
    }
}
