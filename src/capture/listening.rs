//! `ss`, `netstat` and `lsof`: which local addresses were listened on.

use crate::base::Place;
use crate::base::Text;
use crate::base::printable;

/// Shape: ss `LISTEN 0 128 *:38809 *:* users:(("mysqld",pid=24972,fd=59))`, led by `tcp` with `-u`;
/// netstat `tcp 0 0 0.0.0.0:80 0.0.0.0:* LISTEN 1234/haproxy`, on BSD `tcp4 0 0 *.80 *.* LISTEN`, on Windows
/// `TCP 0.0.0.0:80 0.0.0.0:0 LISTENING`; lsof `haproxy 1234 root 5u IPv4 12345 0t0 TCP *:80 (LISTEN)`.
pub(super) fn parse(text: Text<'_>) -> Vec<(String, Place)> {
    text.lines()
        .filter_map(|line| {
            let line_text = printable(line.bytes);
            let words: Vec<&str> = line_text.split_whitespace().collect();
            Some((local_address(&words)?, line.place))
        })
        .collect()
}

fn local_address(words: &[&str]) -> Option<String> {
    let local = match words {
        ["LISTEN", _, _, local, ..] | [_, "LISTEN", _, _, local, ..] => *local,
        [_, _, _, local, _, "LISTEN", ..] => *local,
        ["TCP", local, _, "LISTENING", ..] | [.., local, "(LISTEN)"] => *local,
        _ => return None,
    };
    if local.contains(':') || local.contains('/') {
        return Some(local.to_owned());
    }
    // BSD puts a dot before the port
    let (host, port) = local.rsplit_once('.')?;
    let is_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_alphanumeric());
    is_port.then(|| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_both_programs() {
        let text = b"State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n\
            LISTEN 0      128          *:38809                    *:*                   users:((\"mysqld\",pid=24972,fd=59))\n\
            tcp   LISTEN 0 4096 [::]:80 [::]:*\nESTAB 0 0 10.0.0.1:80 10.0.0.2:4000\n\
            tcp        0      0 0.0.0.0:8080            0.0.0.0:*               LISTEN      1234/haproxy\n\
            tcp4       0      0  *.443                  *.*                    LISTEN\n\
            haproxy 1234 haproxy 5u IPv4 12345 0t0 TCP 192.0.2.1:8404 (LISTEN)\n\
            haproxy 1234 haproxy 6u IPv4 12346 0t0 TCP 192.0.2.1:8404->192.0.2.9:4000 (ESTABLISHED)\n\
            TCP    0.0.0.0:9000           0.0.0.0:0              LISTENING\n";
        let got = parse(Text::new(text));
        let addresses: Vec<(&str, u64)> = got.iter().map(|(a, p)| (a.as_str(), p.line)).collect();
        assert_eq!(
            addresses,
            [
                ("*:38809", 2),
                ("[::]:80", 3),
                ("0.0.0.0:8080", 5),
                ("*:443", 6),
                ("192.0.2.1:8404", 7),
                ("0.0.0.0:9000", 9)
            ]
        );
    }
}
