//! The report as one JSON object, for programs and archives; `schema.rs` describes its keys.

use crate::base::printable;
use crate::report::Report;
use crate::report::format::Style;

/// One object, two blanks per level, a final line feed; the style changes nothing.
pub(super) fn render(report: &Report, _style: &Style) -> String {
    let mut text = match serde_json::to_string_pretty(report) {
        Ok(text) => harmless(&text),
        // Plain structs with text keys always serialize; should that change, the reader is told.
        Err(error) => serde_json::json!({ "error": error.to_string() }).to_string(),
    };
    text.push('\n');
    text
}

/// The same JSON with every character that a terminal obeys or nobody sees written as `\uXXXX`.
///
/// `serde_json` does so below U+0020 only. The others stand in strings alone, where the escape means the same.
pub(crate) fn harmless(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 1);
    let mut rest = json;
    // Nearly all of it is plain, and goes over in one piece.
    while let Some((plain, others)) = rest.split_at_checked(plain_bytes(rest.as_bytes())) {
        out.push_str(plain);
        let mut others = others.chars();
        let Some(other) = others.next() else { break };
        if printable(other.encode_utf8(&mut [0; 4]).as_bytes()) == other.to_string() {
            out.push(other);
        } else {
            for unit in other.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
        rest = others.as_str();
    }
    out
}

/// How many bytes at the start every terminal shows as they are.
fn plain_bytes(text: &[u8]) -> usize {
    let is_other = |c: &u8| !matches!(c, b'\n' | b' '..=b'~');
    // All of a row is looked at, which takes a fraction of the time that it takes to stop at the first.
    let all_plain = |row: &&[u8]| !row.iter().fold(false, |any, c| any | is_other(c));
    let plain: usize = text
        .chunks(256)
        .take_while(all_plain)
        .map(<[u8]>::len)
        .sum();
    let behind = text.get(plain..).unwrap_or_default();
    plain + behind.iter().position(is_other).unwrap_or(behind.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_byte_is_left_and_the_value_is_the_same() {
        let report = Report {
            summary: "a\u{1b}[31m \u{9b}2J \u{7f} \u{202e} \u{e0001} \n ü …".to_owned(),
            ..Report::default()
        };
        let text = render(&report, &Style::default());
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text}");
        assert!(!text.contains('\u{202e}') && !text.contains('\u{e0001}'));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["summary"], report.summary);
    }
}
