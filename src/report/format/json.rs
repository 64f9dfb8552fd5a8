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
    let is_plain = |c: char| c == '\n' || c == ' ' || c.is_ascii_graphic();
    let mut out = String::with_capacity(json.len());
    // Nearly all of it is plain, and goes over in one piece.
    for piece in json.split_inclusive(|c| !is_plain(c)) {
        let mut chars = piece.chars();
        let last = chars.next_back().filter(|&c| !is_plain(c));
        out.push_str(if last.is_some() {
            chars.as_str()
        } else {
            piece
        });
        let Some(last) = last else { continue };
        if printable(last.encode_utf8(&mut [0; 4]).as_bytes()) == last.to_string() {
            out.push(last);
        } else {
            for unit in last.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
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
