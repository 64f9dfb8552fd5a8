//! `show sess`: the streams that were open, in one line each or in full (`show sess all`).

use crate::base::Text;
use crate::base::printable;
use crate::dump::Stream;
use crate::dump::Tally;
use crate::dump::prompt;

/// `state=` of a server side that waits in a queue, and its number in the short form (`scb=[2,…]`, up to 2.5 `s1=[2,…]`).
///
/// Source: HAProxy `include/haproxy/stconn-t.h`, `SC_ST_QUE`; the number is the same since 1.3.
const QUEUED: (&str, &str) = ("QUE", "2");

/// Shape: `0x55…: proto=tcpv4 src=192.0.2.1:4000 fe=fe_app be=be_app srv=<none> ts=00 … age=2s calls=1 … scb=[2,11h,fd=-1] …`.
///
/// The full form has a block for each stream: its first line, then indented ones (`backend=be_app (id=3 mode=http)`,
/// `pend_pos=0x…`). A terminal may have wrapped the short form: a line without a pointer goes on with the one before it.
pub(super) fn parse(text: Text<'_>, tally: &mut Tally) -> Vec<Stream> {
    let mut streams: Vec<Stream> = Vec::new();
    let mut entry: Option<(crate::base::Place, String)> = None;
    let mut close = |entry: Option<(crate::base::Place, String)>, tally: &mut Tally| {
        let Some((at, words)) = entry else { return };
        match stream(at, &words) {
            Some(stream) => {
                streams.push(stream);
                tally.good();
            }
            None => tally.broken(at),
        }
    };
    for line in text.lines() {
        let line_text = printable(line.bytes);
        let shown = prompt::strip_prompt(&line_text);
        if shown.is_empty() || prompt::is_elision(shown) {
            continue;
        }
        if is_start(shown) {
            close(entry.take(), tally);
            entry = Some((line.place, shown.to_owned()));
        } else if let Some((_, words)) = &mut entry {
            // the full form is indented; a wrapped line is not, and may break within a word
            if line_text.starts_with(' ') {
                words.push(' ');
            }
            words.push_str(shown);
        } else if !prompt::is_command(shown) {
            tally.broken(line.place);
        }
    }
    close(entry, tally);
    streams
}

/// `0x55710aaa7090: proto=…` or, in full, `0x55710aaa7090: [22/Nov/2026:13:48:22.656207] id=0 proto=…`.
fn is_start(line: &str) -> bool {
    line.strip_prefix("0x")
        .and_then(|rest| rest.split_once(": "))
        .is_some_and(|(pointer, rest)| {
            !pointer.is_empty()
                && pointer.bytes().all(|b| b.is_ascii_hexdigit())
                && (rest.starts_with("proto=") || rest.starts_with('['))
        })
}

/// `None`: the block was cut before it names a backend.
fn stream(at: crate::base::Place, words: &str) -> Option<Stream> {
    let value = |names: &[&str]| {
        words
            .split([' ', ','])
            .find_map(|word| names.iter().find_map(|name| word.strip_prefix(name)))
    };
    let name = |names: &[&str]| value(names).map(named).unwrap_or_default();
    value(&["be=", "backend="])?;
    let full = value(&["pend_pos="]);
    let server_side = words
        .split_once(" scb=[")
        .or_else(|| words.split_once(" s1=["));
    let state = server_side.and_then(|(_, rest)| rest.split(',').next());
    let queued = match (full, state) {
        (Some(position), _) => {
            Some(position != "(nil)" || words.contains(&format!("state={}", QUEUED.0)))
        }
        (None, Some(state)) => Some(state == QUEUED.1),
        (None, None) => None,
    };
    Some(Stream {
        at,
        client: value(&["src=", "source="]).unwrap_or_default().to_owned(),
        frontend: name(&["fe=", "frontend="]),
        backend: name(&["be=", "backend="]),
        server: name(&["srv=", "server="]),
        age_s: value(&["age="]).and_then(seconds),
        queued,
    })
}

/// HAProxy writes `<NONE>`, `<none>` or `-` where there is none.
fn named(name: &str) -> String {
    match name {
        "<NONE>" | "<none>" | "-" | "?" => String::new(),
        name => name.to_owned(),
    }
}

/// `1d2h`, `1h4m`, `2m5s`, `3s`: HAProxy's `human_time`, cut after the second unit.
fn seconds(age: &str) -> Option<u64> {
    crate::dump::human::seconds(age.trim_end_matches(')'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, n_broken: u64) -> Vec<Stream> {
        let mut tally = Tally::default();
        let streams = parse(Text::new(text.as_bytes()), &mut tally);
        assert_eq!(tally.n_broken, n_broken);
        assert_eq!(tally.n_rows, streams.len() as u64);
        streams
    }

    const SHORT: &str = "0x55aa7090: proto=tcpv4 src=192.0.2.50:60270 fe=fe_app be=be_app srv=app1 ts=00 epoch=0 age=1m5s calls=2 rate=0 \
        rq[f=49c4h,i=0,an=8000h,rx=,wx=,ax=] rp[f=8h,i=0,an=14h,rx=4s,wx=,ax=] scf=[8,80h,fd=16] scb=[8,11h,fd=17] exp=0s rc=0 c_exp=\n\
        0x55bc1d40: proto=tcpv4 src=192.0.2.51:60294 fe=fe_app be=be_app srv=<none> ts=00 age=2s calls=1 scf=[8,280h,fd=19] scb=[2,11h,fd=-1] exp=3s rc=0\n\
        0x55bc26e0: proto=unix_stream src=unix:1 fe=GLOBAL be=<NONE> srv=<none> ts=00 age=0s calls=1 s0=[7,8h,fd=1,ex=] s1=[7,18h,fd=-1,ex=] exp=\n";

    #[test]
    fn streams_tell_who_waits_for_a_slot() {
        let streams = read(SHORT, 0);
        assert_eq!(streams.len(), 3);
        assert_eq!(
            (
                streams[0].backend.as_str(),
                streams[0].server.as_str(),
                streams[0].queued,
                streams[0].age_s
            ),
            ("be_app", "app1", Some(false), Some(65))
        );
        assert_eq!(
            (streams[1].server.as_str(), streams[1].queued),
            ("", Some(true))
        );
        assert_eq!(streams[1].client, "192.0.2.51:60294");
        assert_eq!(
            (streams[2].backend.as_str(), streams[2].queued),
            ("", Some(false))
        );
    }

    #[test]
    fn the_full_form_says_the_same() {
        let text = "0x55aa7090: [05/Jun/2026:21:53:22.656207] id=0 proto=tcpv4 source=192.0.2.50:60270\n  \
            flags=0xc4a, conn_retries=0, conn_exp=<NEVER> conn_et=0x000 srv_conn=0x55a9db7c0, pend_pos=(nil) waiting=0 epoch=0\n  \
            frontend=fe_app (id=2 mode=http), listener=? (id=1) addr=192.0.2.1:80\n  backend=be_app (id=3 mode=http) addr=192.0.2.1:5\n  \
            server=app1 (id=1) addr=192.0.2.11:80\n  task=0x55c0f40 (state=0x00 nice=0 calls=2 exp=0s tmask=0x1 age=3s)\n\
            0x55bc1d40: [05/Jun/2026:21:53:22.663836] id=1 proto=tcpv4 source=192.0.2.51:60294\n  \
            flags=0xc08, conn_retries=0, srv_conn=(nil), pend_pos=0x55aadae60 waiting=0\n  frontend=fe_app (id=2 mode=http)\n  \
            backend=be_app (id=3 mode=http)\n  server=<none> (id=0)\n0x55bc1d41: [05/Jun/2026:21:53:2\n";
        let streams = read(text, 1);
        assert_eq!(
            (
                streams[0].server.as_str(),
                streams[0].queued,
                streams[0].age_s
            ),
            ("app1", Some(false), Some(3))
        );
        assert_eq!(
            (streams[1].server.as_str(), streams[1].queued),
            ("", Some(true))
        );
    }

    #[test]
    fn a_wrapped_line_goes_on() {
        let wrapped: Vec<String> = SHORT
            .lines()
            .flat_map(|line| {
                let chars: Vec<char> = line.chars().collect();
                let pieces: Vec<String> = chars.chunks(80).map(|c| c.iter().collect()).collect();
                pieces
            })
            .collect();
        let streams = read(&wrapped.join("\n"), 0);
        assert_eq!(streams[1].queued, Some(true));
    }
}
