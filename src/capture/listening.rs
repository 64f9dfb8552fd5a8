//! `ss` and `netstat`: which local addresses were listened on.

use crate::base::Place;
use crate::base::Text;
use crate::base::printable;

/// Shape: ss `LISTEN 0 128 *:38809 *:* users:(("mysqld",pid=24972,fd=59))`, led by `tcp` with `-u`;
/// netstat `tcp 0 0 0.0.0.0:80 0.0.0.0:* LISTEN 1234/haproxy`.
pub(super) fn parse(text: Text<'_>) -> Vec<(String, Place)> {
    text.lines()
        .filter_map(|line| {
            let line_text = printable(line.bytes);
            let words: Vec<&str> = line_text.split_whitespace().collect();
            Some((local_address(&words)?.to_owned(), line.place))
        })
        .collect()
}

fn local_address<'a>(words: &[&'a str]) -> Option<&'a str> {
    let local = match words {
        ["LISTEN", _, _, local, ..] | [_, "LISTEN", _, _, local, ..] => *local,
        [_, _, _, local, _, "LISTEN", ..] => *local,
        _ => return None,
    };
    (local.contains(':') || local.contains('/')).then_some(local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_both_programs() {
        let text = b"State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n\
            LISTEN 0      128          *:38809                    *:*                   users:((\"mysqld\",pid=24972,fd=59))\n\
            tcp   LISTEN 0 4096 [::]:80 [::]:*\nESTAB 0 0 10.0.0.1:80 10.0.0.2:4000\n\
            tcp        0      0 0.0.0.0:8080            0.0.0.0:*               LISTEN      1234/haproxy\n";
        let got = parse(Text::new(text));
        let addresses: Vec<(&str, u64)> = got.iter().map(|(a, p)| (a.as_str(), p.line)).collect();
        assert_eq!(
            addresses,
            [("*:38809", 2), ("[::]:80", 3), ("0.0.0.0:8080", 5)]
        );
    }
}
