//! The only way from bytes of a bundle to text of a report.

use std::fmt::Write as _;

/// Turns any bytes into text that a terminal, a browser or a spreadsheet shows as text.
///
/// Control characters, line separators, bidirectional and other invisible format characters become `\xHH` or `\u{…}`;
/// bytes that are not UTF-8 become `\xHH`; a tab becomes one space.
pub fn printable(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            push(&mut out, c);
        }
        for b in chunk.invalid() {
            let _infallible = write!(out, "\\x{b:02X}");
        }
    }
    out
}

fn push(out: &mut String, c: char) {
    match c {
        '\t' => out.push(' '),
        ' '..='~' => out.push(c),
        c if c.is_control() && u32::from(c) < 256 => {
            let _infallible = write!(out, "\\x{:02X}", u32::from(c));
        }
        c if c.is_control() || invisible(c) => {
            let _infallible = write!(out, "\\u{{{:X}}}", u32::from(c));
        }
        c => out.push(c),
    }
}

/// Characters that change how their neighbours are shown, or cannot be seen at all.
fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn control_codes_and_bidi_never_reach_the_reader() {
        assert_eq!(printable(b"a\x1b[31mb\tc\x00"), "a\\x1B[31mb c\\x00");
        assert_eq!(printable("x\u{202e}y".as_bytes()), "x\\u{202E}y");
        assert_eq!(printable(b"\xff\xfeok"), "\\xFF\\xFEok");
        assert_eq!(printable("grün …".as_bytes()), "grün …");
    }
}
