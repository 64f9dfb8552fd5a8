//! One line -> the format string it may have been written by, by the shapes of its words and the names of its keys.

use super::date::DateShape;
use crate::event::traffic::accept;

/// Words of a line that are looked at; HAProxy's own formats have fewer.
const WORDS_MAX: usize = 80;
/// What stands where nothing is known.
const UNKNOWN: &str = "%[unknown]";

/// Names of keys in lower case, and the variable they mean when the value has its shape.
const KEYS: [(&[&str], &str); 14] = [
    (
        &[
            "status",
            "status_code",
            "http_status",
            "http_status_code",
            "response_code",
            "st",
        ],
        "%ST",
    ),
    (&["backend", "backend_name", "be", "be_name"], "%b"),
    (&["server", "server_name", "srv", "srv_name"], "%s"),
    (
        &[
            "frontend",
            "frontend_name",
            "fe",
            "fe_name",
            "frontend_name_transport",
        ],
        "%ft",
    ),
    (
        &[
            "term",
            "term_state",
            "termination_state",
            "session_state",
            "tsc",
            "flags",
            "state",
        ],
        "%tsc",
    ),
    (
        &[
            "time",
            "date",
            "timestamp",
            "accept_date",
            "request_date",
            "ts",
        ],
        "%tr",
    ),
    (
        &[
            "src",
            "client",
            "client_ip",
            "c_ip",
            "source_ip",
            "src_ip",
            "ci",
        ],
        "%ci",
    ),
    (&["retries"], "%rc"),
    (&["tr", "tw", "tc", "ta", "tt"], ""),
    (&["time_queue", "tw_ms"], "%Tw"),
    (&["bytes", "bytes_read", "bytes_out"], "%B"),
    (&["request", "req", "http_request"], "%r"),
    (&["method", "http_method"], "%HM"),
    (&["uri", "url", "path", "http_uri"], "%HU"),
];

/// The format string; `None`: the line does not tell where, how and with which outcome a stream ended.
pub(super) fn format_of(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim_end();
    if text.contains('%') && text.len() > 4096 {
        return None;
    }
    let mut guess = Guess::default();
    if text.starts_with('{') && text.ends_with('}') {
        guess.json(text)?;
    } else {
        guess.words(text)?;
    }
    guess.is_enough().then_some(guess.out)
}

#[derive(Default)]
struct Guess {
    out: String,
    seen: Vec<&'static str>,
    /// Numbers that could be a status.
    n_statuses: usize,
    /// Where a value was taken for what its shape and not its key says.
    is_by_key: bool,
}

impl Guess {
    fn has(&self, variable: &str) -> bool {
        self.seen.contains(&variable)
    }

    fn put(&mut self, variable: &'static str, text: &str) {
        self.seen.push(variable);
        self.out.push_str(text);
    }

    /// Server, backend, date, outcome, and one thing more that only HAProxy writes.
    fn is_enough(&self) -> bool {
        let state = self.has("%tsc") || self.has("%ts");
        let outcome = self.has("%ST") || self.has("%ts");
        let names = self.has("%b") && self.has("%s");
        let own = if self.is_by_key {
            state
        } else {
            state && (self.has("timers") || self.has("counts"))
        };
        names && outcome && own && self.has("%tr") && self.n_statuses <= 1
    }

    fn words(&mut self, text: &str) -> Option<()> {
        let mut n = 0;
        let mut rest = text;
        let mut previous: Option<(usize, &str)> = None;
        while !rest.is_empty() {
            n += 1;
            if n > WORDS_MAX {
                return None;
            }
            let (word, after) = next_word(rest);
            let start = self.out.len();
            self.word(word, previous);
            previous = Some((start, word));
            rest = after.trim_start_matches(' ');
            if !rest.is_empty() {
                self.out.push(' ');
            }
        }
        Some(())
    }

    fn word(&mut self, word: &str, previous: Option<(usize, &str)>) {
        if let Some(inside) = word.strip_prefix('[').and_then(|w| w.strip_suffix(']')) {
            if let Some(date) = date(inside).filter(|_| !self.has("%tr")) {
                return self.put("%tr", &format!("[{date}]"));
            }
            return self.out.push_str("[%[unknown]]");
        }
        if let Some(inside) = word.strip_prefix('"').and_then(|w| w.strip_suffix('"')) {
            let is_request = is_request(inside) && !self.has("%r");
            return if is_request {
                self.put("%r", "%{+Q}r");
            } else {
                self.out.push_str("\"%[unknown]\"");
            };
        }
        if word.starts_with('{') && word.ends_with('}') {
            let variable = if self.has("%hr") { "%hs" } else { "%hr" };
            return self.put(variable, variable);
        }
        if let Some((key, value)) = word.split_once('=').filter(|(key, _)| is_key(key)) {
            self.out.push_str(key);
            self.out.push('=');
            return self.value(key, value);
        }
        self.bare(word, previous);
    }

    fn bare(&mut self, word: &str, previous: Option<(usize, &str)>) {
        let parts: Vec<&str> = word.split('/').collect();
        let n_numbers = parts.iter().filter(|p| is_number(p)).count();
        let all_numbers = n_numbers == parts.len();
        match parts.len() {
            5 if all_numbers && !self.has("timers") => {
                return self.put("timers", "%TR/%Tw/%Tc/%Tr/%Ta");
            }
            5 if all_numbers && !self.has("counts") && !word.contains("-1") => {
                return self.put("counts", "%ac/%fc/%bc/%sc/%rc");
            }
            3 if all_numbers && !self.has("timers") => return self.put("timers", "%Tw/%Tc/%Tt"),
            2 if all_numbers && self.has("counts") && !self.has("%sq") => {
                return self.put("%sq", "%sq/%bq");
            }
            2 if n_numbers == 0 && !self.has("%b") && parts.iter().all(|p| is_name(p)) => {
                // The name before it is the frontend's.
                if let Some((start, name)) = previous
                    && is_name(name.trim_end_matches('~'))
                    && self.out.get(start..) == Some("%[unknown] ")
                {
                    self.out.truncate(start);
                    self.put("%ft", "%ft ");
                }
                self.seen.push("%s");
                return self.put("%b", "%b/%s");
            }
            _ => {}
        }
        let after_status = self.out.ends_with("%ST ");
        if is_status(word) {
            self.n_statuses += 1;
            return self.put("%ST", "%ST");
        }
        if after_status && is_number(word) {
            return self.put("%B", "%B");
        }
        if let Some(variable) = state(word).filter(|v| !self.has(v)) {
            return self.put(variable, variable);
        }
        if let Some((address, port)) = word.rsplit_once(':')
            && (is_address(address) || address == "-")
            && is_number(port)
            && !self.has("%ci")
        {
            return self.put("%ci", "%ci:%cp");
        }
        if is_address(word) && !self.has("%ci") {
            return self.put("%ci", "%ci");
        }
        self.out.push_str(UNKNOWN);
    }

    /// A value whose key tells what it is, when it has the shape.
    fn value(&mut self, key: &str, value: &str) {
        let key = key.to_ascii_lowercase();
        let variable = KEYS
            .iter()
            .find(|(names, _)| names.contains(&key.as_str()))
            .map_or("", |(_, variable)| *variable);
        let fits = match variable {
            "%ST" => is_status(value) || value == "-1",
            "%b" | "%s" | "%HM" => is_name(value),
            "%ft" => is_name(value.trim_end_matches('~')),
            "%tsc" => state(value).is_some(),
            "%tr" => date(value).is_some(),
            "%ci" => is_address(value),
            "%rc" | "%B" | "%Tw" => is_number(value),
            "%r" => is_request(value),
            "%HU" => value.starts_with(['/', '*']) || value.contains("://"),
            _ => false,
        };
        if !fits || self.has(variable) {
            return self.out.push_str(UNKNOWN);
        }
        self.is_by_key = true;
        self.n_statuses += usize::from(variable == "%ST");
        let text = match variable {
            "%tr" => date(value).unwrap_or(UNKNOWN),
            "%tsc" => state(value).unwrap_or(UNKNOWN),
            other => other,
        };
        self.put(variable, text);
    }

    /// Everything but strings and numbers is copied; the key before a value names it.
    fn json(&mut self, text: &str) -> Option<()> {
        let mut rest = text;
        let mut key = "";
        while let Some(c) = rest.chars().next() {
            if let Some(inside) = rest.strip_prefix('"') {
                let end = string_end(inside)?;
                let string = inside.get(..end)?;
                rest = inside.get(end + 1..)?;
                self.out.push('"');
                if rest.trim_start().starts_with(':') {
                    key = string;
                    self.out.push_str(string);
                } else {
                    self.value(key, string);
                }
                self.out.push('"');
            } else if c == '-' || c.is_ascii_digit() {
                let end = rest
                    .find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e')))
                    .unwrap_or(rest.len());
                self.value(key, rest.get(..end)?);
                rest = rest.get(end..)?;
            } else if c == '%' {
                return None;
            } else {
                self.out.push(c);
                rest = rest.get(c.len_utf8()..)?;
            }
        }
        Some(())
    }
}

/// Up to the next blank outside quotes, braces and brackets.
fn next_word(text: &str) -> (&str, &str) {
    let close = match text.chars().next() {
        Some('"') => '"',
        Some('{') => '}',
        Some('[') => ']',
        _ => ' ',
    };
    let from = usize::from(close != ' ');
    let end = text
        .get(from..)
        .and_then(|t| t.find(close))
        .map_or(text.len(), |at| at + from + from);
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn string_end(inside: &str) -> Option<usize> {
    let mut escaped = false;
    inside.char_indices().find_map(|(at, c)| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at)
    })
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_number(word: &str) -> bool {
    let digits = word.trim_start_matches(['+', '-']);
    !digits.is_empty() && digits.len() < 12 && digits.bytes().all(|c| c.is_ascii_digit())
}

fn is_name(word: &str) -> bool {
    let name = word
        .strip_prefix('<')
        .and_then(|w| w.strip_suffix('>'))
        .unwrap_or(word);
    let is_known = |c: u8| c.is_ascii_alphanumeric() || b"-_.:".contains(&c);
    !name.is_empty() && name.bytes().all(is_known) && name.bytes().any(|c| c.is_ascii_alphabetic())
}

fn is_status(word: &str) -> bool {
    matches!(word.as_bytes(), [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'])
}

fn is_address(word: &str) -> bool {
    word.parse::<std::net::IpAddr>().is_ok()
}

fn is_request(text: &str) -> bool {
    let mut words = text.split(' ');
    let method = words.next().unwrap_or_default();
    text == "<BADREQ>"
        || (!method.is_empty()
            && method.bytes().all(|c| c.is_ascii_uppercase())
            && words.next_back().is_some_and(|v| v.starts_with("HTTP/")))
}

/// Two or four of the letters that the manual lists.
///
/// Source: configuration manual 3.2, "Stream state at disconnection".
fn state(word: &str) -> Option<&'static str> {
    let (a, b, rest) = match *word.as_bytes() {
        [a, b] => (a, b, None),
        [a, b, c, d] => (a, b, Some((c, d))),
        _ => return None,
    };
    let ends = b"-CSPLRIDUKcs".contains(&a) && b"-RQCHDLT".contains(&b);
    match rest {
        None if ends => Some("%ts"),
        Some((c, d)) if ends && b"-NIDVEOU".contains(&c) && b"-NPIUDR".contains(&d) => Some("%tsc"),
        _ => None,
    }
}

/// The variable for a date in one of HAProxy's shapes.
fn date(text: &str) -> Option<&'static str> {
    let shapes = [
        (DateShape::Local, "%tr"),
        (DateShape::Zone, "%trl"),
        (DateShape::Seconds, "%Ts"),
    ];
    shapes
        .into_iter()
        .find(|(shape, _)| {
            shape
                .read(text.as_bytes(), &mut accept::Memory::default())
                .is_some_and(|(_, n)| n == text.len())
        })
        .map(|(_, variable)| variable)
}
