//! `haproxy -v` and `haproxy -vv`: the version.

use crate::base::Text;
use crate::base::printable;

/// Shape: `HAProxy version 2.6.12-1+deb12u1 2023/12/16 - https://haproxy.org/`, up to 2.3 `HA-Proxy version …`.
pub(super) fn parse(text: Text<'_>) -> Vec<String> {
    text.lines()
        .filter_map(|line| {
            let line_text = printable(line.bytes);
            let (_, rest) = ["HAProxy version ", "HA-Proxy version "]
                .iter()
                .find_map(|mark| line_text.split_once(mark))?;
            let version = rest.split_whitespace().next()?;
            version
                .starts_with(|c: char| c.is_ascii_digit())
                .then(|| version.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings() {
        let text =
            b"$ haproxy -v\nHA-Proxy version 2.2.9-2+deb11u5 2023/04/10\nStatus: long-term\n\
            HAProxy version 3.0.0-5590ada 2024/05/29 - https://haproxy.org/\n";
        assert_eq!(parse(Text::new(text)), ["2.2.9-2+deb11u5", "3.0.0-5590ada"]);
    }
}
