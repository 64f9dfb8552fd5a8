//! `show servers conn`: connections to each server, used and idle.

use crate::base::Text;
use crate::base::decimal;
use crate::base::printable;
use crate::dump::ServerConnections;
use crate::dump::Tally;
use crate::dump::prompt;

/// Columns of 2.2 to 3.2, for rows whose header is missing.
///
/// Source: HAProxy 2.6 `src/proxy.c`, `dump_servers_state`.
const COLUMNS: [&str; 12] = [
    "bkname/svname",
    "bkid/svid",
    "addr",
    "port",
    "-",
    "purge_delay",
    "used_cur",
    "used_max",
    "need_est",
    "unsafe_nb",
    "safe_nb",
    "idle_lim",
];

/// Shape: `# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb safe_nb idle_lim idle_cur
/// idle_per_thr[2]`, then `be_app/app1 3/1 192.0.2.11 80 - 5000 1 1 1 0 0 -1 0 0 0`. Since 2.2.
pub(super) fn parse(text: Text<'_>, tally: &mut Tally) -> Vec<ServerConnections> {
    let mut names: Vec<String> = COLUMNS.map(str::to_owned).to_vec();
    let mut servers = Vec::new();
    for line in text.lines() {
        let line_text = printable(line.bytes);
        let entry = prompt::strip_prompt(&line_text);
        if entry.is_empty() || prompt::is_elision(entry) || prompt::is_command(entry) {
            continue;
        }
        if let Some(header) = entry.strip_prefix('#') {
            names = header.split_whitespace().map(str::to_owned).collect();
            continue;
        }
        match row(line.place, &names, entry) {
            Some(server) => {
                servers.push(server);
                tally.good();
            }
            None => tally.broken(line.place),
        }
    }
    servers
}

/// `None`: cut before the connections in use, or no row at all.
fn row(at: crate::base::Place, names: &[String], entry: &str) -> Option<ServerConnections> {
    let words: Vec<&str> = entry.split_whitespace().collect();
    let value = |name: &str| {
        let index = names.iter().position(|n| n == name)?;
        words.get(index).copied()
    };
    let (backend, server) = value("bkname/svname")?.split_once('/')?;
    let (_, number) = value("bkid/svid")?.split_once('/')?;
    decimal(number.as_bytes())?;
    let count = |name: &str| value(name).and_then(|v| decimal(v.as_bytes()));
    Some(ServerConnections {
        at,
        backend: backend.to_owned(),
        server: server.to_owned(),
        address: value("addr")
            .filter(|address| *address != "-")
            .unwrap_or_default()
            .to_owned(),
        used: count("used_cur")?,
        used_max: count("used_max"),
        needed: count("need_est"),
        idle: count("idle_cur"),
        served: count("served"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_by_name() {
        let mut tally = Tally::default();
        let text = b"# bkname/svname bkid/svid addr port - purge_delay served used_cur used_max need_est idle_sess unsafe_nb safe_nb idle_lim idle_cur idle_per_thr[1]\n\
            be_app/app1 3/1 192.0.2.11 80 - 5000 7 4 9 5 0 0 0 -1 2 2\nbe_app/app2 3/2 - 80 - 5000\n";
        let servers = parse(Text::new(text), &mut tally);
        assert_eq!(servers.len(), 1);
        assert_eq!(
            (
                servers[0].used,
                servers[0].used_max,
                servers[0].idle,
                servers[0].served
            ),
            (4, Some(9), Some(2), Some(7))
        );
        assert_eq!(tally.n_broken, 1);
    }

    #[test]
    fn a_missing_header_is_that_of_2_2() {
        let mut tally = Tally::default();
        let text = b"be_app/app1 3/1 192.0.2.11 80 - 5000 4 9 5 0 0 -1 2 2\n";
        let servers = parse(Text::new(text), &mut tally);
        assert_eq!((servers[0].used, servers[0].needed), (4, Some(5)));
        assert_eq!(servers[0].address, "192.0.2.11");
    }
}
