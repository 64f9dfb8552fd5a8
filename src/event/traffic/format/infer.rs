//! A format from the lines of a log alone, when no configuration declares it.
//!
//! Every line that nothing else reads is turned into a format string by the shapes of its words; the string that most lines
//! give is believed only when it tells all that a failure is judged by and nearly all of those lines fit it. A wrong reading
//! is worse than none: where two words could be the status, nothing is inferred.

use super::Format;
use super::Formats;
use super::guess;
use crate::event::message;
use crate::event::traffic::Decoded;
use crate::event::traffic::Memory;
use crate::event::traffic::Source;
use crate::event::traffic::decode;
use std::collections::BTreeMap;

/// Lines of one format before it is believed.
const LINES_MIN: usize = 5;
/// Percent of the lines in no known format that must fit it.
const PERCENT_MIN: usize = 90;

/// The format that the first lines of a log are in; `None`: they do not agree on one, or tell too little.
pub fn infer(bodies: &[&[u8]], known: &Formats) -> Option<Format> {
    let mut memory = Memory::with(known);
    let strangers: Vec<&[u8]> = bodies
        .iter()
        .copied()
        .filter(|body| {
            let is_read = !matches!(
                decode(body, &mut memory, &mut None),
                Decoded::Broken(_) | Decoded::NotTraffic
            );
            !is_read && message::decode(body).is_none()
        })
        .collect();
    let mut texts = BTreeMap::<String, usize>::new();
    for body in &strangers {
        if let Some(text) = guess::format_of(body) {
            *texts.entry(text).or_default() += 1;
        }
    }
    let n_guessed: usize = texts.values().sum();
    let (text, _) = texts
        .iter()
        .max_by_key(|&(text, n)| (*n, std::cmp::Reverse(text)))?;
    let format = Format::new(text, Source::Inferred);
    let n_fit = strangers
        .iter()
        .filter(|body| format.read(body, &mut None) == Some(Decoded::Traffic))
        .count();
    (n_fit >= LINES_MIN && n_fit * 100 >= n_guessed * PERCENT_MIN).then_some(format)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(lines: &[String]) -> Option<String> {
        let bodies: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
        infer(&bodies, &Formats::of(&[])).map(|format| format.text)
    }

    fn lines(n: usize, line: impl Fn(usize) -> String) -> Vec<String> {
        (0..n).map(line).collect()
    }

    #[test]
    fn a_word_between_the_known_ones_and_missing_ones() {
        let text = |n: usize| {
            format!(
                "192.0.2.7:4{n} [22/Nov/2026:07:46:17.27{n}] fe_app~ be_app/app{n} www{n}.example.com 0/0/0/18/18 200 {n}00 ---- 2/2/0/0/0 0/0 \"GET /{n} HTTP/1.1\""
            )
        };
        assert_eq!(
            inferred(&lines(8, text)).unwrap(),
            "%ci:%cp [%tr] %ft %b/%s %[unknown] %TR/%Tw/%Tc/%Tr/%Ta %ST %B %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %{+Q}r"
        );
        assert_eq!(inferred(&lines(4, text)), None);
    }

    #[test]
    fn json_by_its_keys() {
        let text = |n: usize| {
            format!(
                "{{\"time\":\"22/Nov/2026:07:46:17.27{n}\",\"src\":\"192.0.2.{n}\",\"x\":[1,\"a b\"],\"backend_name\":\"be_app\",\"server_name\":\"<NOSRV>\",\"status\":503,\"flags\":\"SC--\"}}"
            )
        };
        assert_eq!(
            inferred(&lines(8, text)).unwrap(),
            "{\"time\":\"%tr\",\"src\":\"%ci\",\"x\":[%[unknown],\"%[unknown]\"],\"backend_name\":\"%b\",\"server_name\":\"%s\",\"status\":%ST,\"flags\":\"%tsc\"}"
        );
    }

    #[test]
    fn what_could_be_two_things_or_tells_too_little_is_not_believed() {
        let two = |n: usize| {
            format!("192.0.2.7 [22/Nov/2026:07:46:17.27{n}] be_app/app1 200 404 ---- x{n}")
        };
        assert_eq!(inferred(&lines(20, two)), None);
        let access = |n: usize| {
            format!(
                "192.0.2.{n} - - [22/Nov/2026:07:46:17 +0000] \"GET /a/b HTTP/1.1\" 200 31{n} \"-\" \"curl/8\""
            )
        };
        assert_eq!(inferred(&lines(20, access)), None);
        let app = |n: usize| format!("worker/{n} took 1/2/3/4/5 steps, code 200 ---- done");
        assert_eq!(inferred(&lines(20, app)), None);
        let json = |n: usize| {
            format!(
                "{{\"level\":\"info\",\"backend\":\"pg\",\"status\":200,\"msg\":\"query {n}\"}}"
            )
        };
        assert_eq!(inferred(&lines(20, json)), None);
    }

    #[test]
    fn lines_of_a_known_format_leave_nothing_to_infer() {
        let text = |n: usize| {
            format!(
                "192.0.2.7:4{n} [22/Nov/2026:07:46:17.27{n}] fe be/s 0/0/0/1/1 200 62 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\""
            )
        };
        assert_eq!(inferred(&lines(20, text)), None);
    }
}
