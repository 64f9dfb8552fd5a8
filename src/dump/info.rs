//! `show info`: figures of the process, plain, typed or as JSON.

use serde_json::Value;

use crate::base::Text;
use crate::base::printable;
use crate::dump::Tally;
use crate::dump::prompt;

/// Longest name of a figure, in bytes; the longest of 3.4 has 27 (`SslFrontendSessionReuse_pct`).
const NAME_BYTES_MAX: usize = 48;

/// Shape: `Uptime_sec: 168`, typed `7.Uptime_sec.1:MDP:u32:168`, or the JSON array of `show info json`.
///
/// With several processes (`nbproc`) a name stands once for each.
pub(super) fn parse(text: Text<'_>, tally: &mut Tally) -> Vec<(String, String)> {
    if text.bytes.trim_ascii_start().starts_with(b"[") {
        return parse_json(text, tally);
    }
    let mut figures = Vec::new();
    for line in text.lines() {
        let line_text = printable(line.bytes);
        let entry = prompt::strip_prompt(&line_text);
        if entry.starts_with("# pxname") {
            break; // `show info;show stat` in one answer
        }
        if entry.is_empty() || entry.starts_with('#') || prompt::is_elision(entry) {
            continue;
        }
        match typed(entry).or_else(|| plain(entry)) {
            Some(figure) => {
                figures.push(figure);
                tally.good();
            }
            None if prompt::is_command(entry) => {}
            None => tally.broken(line.place),
        }
    }
    figures
}

fn plain(entry: &str) -> Option<(String, String)> {
    let (name, value) = entry.split_once(':')?;
    let is_name = !name.is_empty()
        && name.len() <= NAME_BYTES_MAX
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b' '));
    is_name.then(|| (name.to_owned(), value.trim().to_owned()))
}

fn typed(entry: &str) -> Option<(String, String)> {
    let mut parts = entry.splitn(4, ':');
    let mut id = parts.next()?.split('.');
    let (_tags, _type) = (parts.next()?, parts.next()?);
    let value = parts.next()?;
    let (position, name, process) = (id.next()?, id.next()?, id.next()?);
    let is_typed = is_number(position) && is_number(process) && id.next().is_none();
    is_typed.then(|| (name.to_owned(), value.trim().to_owned()))
}

fn parse_json(text: Text<'_>, tally: &mut Tally) -> Vec<(String, String)> {
    let mut figures = Vec::new();
    let Ok(Value::Array(fields)) = serde_json::from_slice::<Value>(text.bytes) else {
        tally.broken(text.first);
        return figures;
    };
    for field in &fields {
        let name = field.pointer("/field/name").and_then(Value::as_str);
        let value = field.pointer("/value/value");
        let (Some(name), Some(value)) = (name, value) else {
            tally.broken(text.first);
            continue;
        };
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        figures.push((printable(name.as_bytes()), printable(value.as_bytes())));
        tally.good();
    }
    figures
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)], n_broken: u64) {
        let mut tally = Tally::default();
        let figures = parse(Text::new(text.as_bytes()), &mut tally);
        let got: Vec<(&str, &str)> = figures
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(got, expected);
        assert_eq!(tally.n_broken, n_broken);
    }

    #[test]
    fn names_may_hold_spaces_and_values_may_be_empty() {
        check(
            "Name: HAProxy\nUnstoppable Jobs: 1\n.....\ndescription:\nUptime: 0d 0h00m04s\nIdle_",
            &[
                ("Name", "HAProxy"),
                ("Unstoppable Jobs", "1"),
                ("description", ""),
                ("Uptime", "0d 0h00m04s"),
            ],
            1,
        );
    }

    #[test]
    fn typed_and_json_give_the_same_names() {
        check("7.Uptime_sec.1:MDP:u32:168\n", &[("Uptime_sec", "168")], 0);
        check(
            r#"[{"field":{"pos":7,"name":"Uptime_sec"},"processNum":1,"value":{"type":"u32","value":168}}]"#,
            &[("Uptime_sec", "168")],
            0,
        );
    }
}
