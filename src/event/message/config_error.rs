//! What HAProxy says while it reads its configuration and binds its listeners.

use crate::base::printable;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::event::message::prefix::Context;
use crate::event::message::prefix::Level;
use crate::event::message::text::contains;
use crate::event::message::text::split_once;
use crate::event::message::text::starts_with_any;

/// A line of the start: refused configuration, failed bind, name that did not resolve. Warnings about style are `Other`.
///
/// `level`: of the label; `None` for a line without one.
pub(super) fn decode(level: Option<Level>, context: &Context<'_>) -> Option<Message> {
    let text = context.text;
    if let Some(rest) = text.strip_prefix(b"could not resolve address '") {
        return unresolved(context.server, rest);
    }
    if bind_failed(level, text) {
        return Some(Message::Process(ProcessChange::BindError {
            text: printable(context.whole),
        }));
    }
    if refused(level, context) {
        return Some(Message::Process(ProcessChange::ConfigError {
            text: printable(context.whole),
        }));
    }
    let known = context.parsing || text.starts_with(b"Configuration file is valid");
    known.then_some(Message::Other)
}

/// `…', disabling server.`; with `falling back to …` the server has an address, and nothing is wrong.
fn unresolved(server: &[u8], rest: &[u8]) -> Option<Message> {
    let (host, after) = split_once(rest, b"'").unwrap_or((rest, &[]));
    if contains(after, b"falling back") {
        return Some(Message::Other);
    }
    Some(Message::Process(ProcessChange::UnresolvedAtStart {
        server: printable(server),
        host: printable(host),
    }))
}

fn bind_failed(level: Option<Level>, text: &[u8]) -> bool {
    const KINDS: [&[u8]; 5] = [
        b"Starting frontend ",
        b"Starting proxy ",
        b"Starting backend ",
        b"Starting [",
        b"Binding [",
    ];
    let listener =
        starts_with_any(text, &KINDS) || (level.is_some() && text.starts_with(b"Starting "));
    let resumed = starts_with_any(text, &[b"Port ", b"Bind on socket "]);
    let socket = || contains(text, b"cannot ") && contains(text, b" socket");
    (listener && socket())
        || (resumed && contains(text, b" busy while trying to enable "))
        || (starts_with_any(text, &[b"[", b"Some protocols"])
            && contains(text, b"Some protocols failed to start"))
}

fn refused(level: Option<Level>, context: &Context<'_>) -> bool {
    const ALWAYS: [&[u8]; 5] = [
        b"Fatal errors found in configuration",
        b"Error(s) found in configuration file",
        b"Some warnings were found and 'zero-warning' is set",
        b"Failed to initialize server(s) addr",
        b"Configuration file has no error but will not start",
    ];
    let text = context.text;
    match level {
        Some(Level::Alert) => {
            context.config
                || context.parsing
                || starts_with_any(text, &ALWAYS)
                || starts_with_any(text, &[b"Proxy '", b"resolvers '"])
                || (text.starts_with(b"[") && contains(text, b"main()]"))
                || contains(text, b"unable to find required ")
        }
        Some(Level::Warning | Level::Notice | Level::Diag) => starts_with_any(text, &ALWAYS),
        None => {
            starts_with_any(text, &ALWAYS)
                || (context.parsing
                    && (contains(text, b"unknown keyword")
                        || contains(text, b"error detected")
                        || contains(text, b"Missing LF on last line")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::tests::check;
    use crate::event::message::tests::process;
    use crate::event::message::tests::text;

    #[test]
    fn refused_configurations() {
        let rows = [
            "parsing [/etc/haproxy/haproxy.cfg:14] : unknown keyword 'foo' in 'backend' section; did you mean 'fow' maybe ?",
            "parsing [/etc/haproxy/haproxy.cfg:14] : error detected while parsing an ACL: x",
            "parsing [/etc/haproxy/haproxy.cfg:14]: Missing LF on last line, file might have been truncated at position 9.",
            "Error(s) found in configuration file : /etc/haproxy/haproxy.cfg",
            "Fatal errors found in configuration.",
            "Some warnings were found and 'zero-warning' is set. Aborting.",
            "Failed to initialize server(s) addr.",
            "Configuration file has no error but will not start (no listener) => exit(2).",
        ];
        for words in rows {
            let expected = ProcessChange::ConfigError { text: text(words) };
            process(words, expected.clone());
            process(
                &format!("[ALERT] 325/074604 (9) : {words}"),
                expected.clone(),
            );
            process(&format!("[ALERT]    (9) : config : {words}"), expected);
        }
        for words in [
            "Proxy 'fe': unable to find required default_backend: 'be'.",
            "backend 'be', server 's': unable to use be/t for tracking as it does not have any check nor agent enabled.",
            "unable to find required proxy 'be' for tracking.",
            "[haproxy.main()] Cannot raise FD limit to 4096, limit is 1024.",
        ] {
            let expected = ProcessChange::ConfigError { text: text(words) };
            process(&format!("[ALERT]    (9) : config : {words}"), expected);
        }
    }

    #[test]
    fn listeners_that_do_not_bind() {
        for words in [
            "Starting frontend fe: cannot bind socket [0.0.0.0:80]",
            "Starting frontend fe: cannot bind socket (Address already in use) [0.0.0.0:80]",
            "Binding [/etc/haproxy/haproxy.cfg:20] for frontend fe: cannot bind socket (Address already in use) for [0.0.0.0:80]",
            "Binding [h.cfg:20] for proxy fe: protocol tcpv4: cannot bind socket (Permission denied) for [0.0.0.0:80].",
            "[/usr/sbin/haproxy.main()] Some protocols failed to start their listeners! Exiting.",
            "Port 80 busy while trying to enable frontend fe.",
            "Bind on socket 4 busy while trying to enable frontend fe.",
        ] {
            let expected = ProcessChange::BindError { text: text(words) };
            process(words, expected.clone());
            process(&format!("[ALERT]    (9) : {words}"), expected);
        }
    }

    #[test]
    fn names_that_do_not_resolve() {
        let unresolved = |server: &str| ProcessChange::UnresolvedAtStart {
            server: text(server),
            host: text("app.example.org"),
        };
        process(
            "[WARNING] 325/074604 (9) : parsing [h.cfg:3] : 'server s1' : could not resolve address 'app.example.org', disabling server.",
            unresolved("s1"),
        );
        process(
            "[ALERT]    (9) : config : [h.cfg:3] : 'server be/s1' : could not resolve address 'app.example.org'.",
            unresolved("be/s1"),
        );
        process(
            "[NOTICE]   (9) : config : could not resolve address 'app.example.org', disabling server.",
            unresolved(""),
        );
        check(
            "[WARNING]  (9) : config : [h.cfg:3] : 'server be/s1' : could not resolve address 'app.example.org', falling back to configured address.",
            &Message::Other,
        );
    }
}
