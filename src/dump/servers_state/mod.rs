//! `show servers state` and state files: one row for each server.

mod layout;
mod words;
mod wrapped;

use crate::base::Place;
use crate::base::Text;
use crate::base::decimal;
use crate::base::printable;
use crate::dump::Admin;
use crate::dump::Op;
use crate::dump::ServerRow;
use crate::dump::Tally;
use crate::dump::check_status_from_number;
use crate::dump::check_status_from_short;
use crate::dump::prompt;
use crate::dump::servers_state::layout::Column;
use crate::dump::servers_state::layout::Layout;
use crate::dump::servers_state::layout::Row;
use crate::dump::servers_state::words::Word;

/// Shape: `1`, `# be_id be_name srv_id srv_name srv_addr srv_op_state …`, `3 be_app 1 app1 10.0.10.11 2 0 1 1 …`.
///
/// Columns are found by the header's names; without a header HAProxy's order holds (17 columns in 1.6, 19 in 1.8, 20 in
/// 1.9, 25 since 2.4). Lines may be cut, wrapped, snipped (`##### snipped`) or flowed into one. Where a cut may have
/// shortened a value, the value is absent.
pub(super) fn parse(text: Text<'_>, tally: &mut Tally) -> Vec<ServerRow> {
    let lines: Vec<Source> = text
        .lines()
        .map(|line| Source {
            at: line.place,
            text: prompt::strip_prompt(&printable(line.bytes)).to_owned(),
        })
        .collect();
    let mut reader = Reader {
        layout: Layout::missing(),
        rows: Vec::new(),
        tally,
    };
    let mut rest = lines.as_slice();
    while let [line, tail @ ..] = rest {
        let n_more = reader.line(line, tail);
        rest = tail.get(n_more..).unwrap_or_default();
    }
    reader.rows
}

/// A line of the dump, without prompt and outer blanks.
struct Source {
    at: Place,
    text: String,
}

struct Reader<'a> {
    layout: Layout,
    rows: Vec<ServerRow>,
    tally: &'a mut Tally,
}

impl Reader<'_> {
    /// Reads what starts on `line`; returns how many lines of `tail` belong to it.
    fn line(&mut self, line: &Source, tail: &[Source]) -> usize {
        let text = line.text.as_str();
        let words = words::split(text);
        if words.is_empty() || text == "1" || prompt::is_elision(text) {
            return 0;
        }
        if let Some(at) = (0..words.len()).find(|at| layout::is_header(from(&words, *at))) {
            let (before, header) = words.split_at(at);
            self.flow(line.at, before);
            return self.header(line, header, tail);
        }
        let whole = self.layout.row(&words, text.len());
        match whole {
            Some(row) if row.complete || row.n_words < words.len() => {
                let rest = from(&words, row.n_words);
                self.keep(line.at, &row);
                self.flow(line.at, rest);
                0
            }
            cut => {
                let texts: Vec<&str> = tail
                    .iter()
                    .take(wrapped::LINES_MAX)
                    .map(|s| s.text.as_str())
                    .collect();
                if let Some((joined, n_more)) = wrapped::join(&self.layout, text, &texts) {
                    let words = words::split(&joined);
                    if let Some(row) = self.layout.row(&words, 0) {
                        self.keep(line.at, &row);
                        return n_more;
                    }
                }
                match cut {
                    Some(row) => self.keep(line.at, &row),
                    None if prompt::is_command(text) => {}
                    None => self.tally.broken(line.at),
                }
                0
            }
        }
    }

    /// A header, the lines it was wrapped to, and rows that follow it on the same line.
    fn header(&mut self, line: &Source, words: &[Word<'_>], tail: &[Source]) -> usize {
        let n_used = self.layout.read_header(words, line.text.len());
        let rest = from(words, n_used);
        if !rest.is_empty() {
            self.flow(line.at, rest);
            return 0;
        }
        let mut n_more = 0;
        for next in tail {
            let words = words::split(&next.text);
            let n_used = self.layout.continue_header(&words);
            if n_used == 0 {
                break;
            }
            n_more += 1;
            if n_used < words.len() {
                self.flow(next.at, from(&words, n_used));
                break;
            }
        }
        n_more
    }

    /// Rows one after the other on one line, with other text before, between and after them.
    fn flow(&mut self, at: Place, words: &[Word<'_>]) {
        let mut rest = words;
        while !rest.is_empty() {
            let n_used = if layout::is_header(rest) {
                self.layout.read_header(rest, 0)
            } else if let Some(row) = self.layout.row(rest, 0) {
                self.keep(at, &row);
                row.n_words
            } else {
                1
            };
            rest = from(rest, n_used.max(1));
        }
    }

    fn keep(&mut self, at: Place, row: &Row<'_>) {
        match server(at, row) {
            Some(server) => {
                self.rows.push(server);
                self.tally.good();
            }
            None => self.tally.broken(at),
        }
    }
}

fn from<'a, 'b>(words: &'a [Word<'b>], index: usize) -> &'a [Word<'b>] {
    words.get(index..).unwrap_or_default()
}

/// `None`: the row was cut before its state, so it says nothing.
fn server(at: Place, row: &Row<'_>) -> Option<ServerRow> {
    let number = |column| row.value(column).and_then(|v| decimal(v.as_bytes()));
    let text = |column| match row.value(column) {
        None | Some("-") => String::new(),
        Some(value) => value.to_owned(),
    };
    let port = |column| {
        number(column)
            .and_then(|n| u16::try_from(n).ok())
            .filter(|n| *n != 0)
    };
    let address = text(Column::Address);
    let (address, port_of_address) = apart(&address);
    let server = row.value(Column::Server)?;
    let op = number(Column::Op);
    if op.is_none() && row.has(Column::Op) {
        return None;
    }
    Some(ServerRow {
        at,
        backend: text(Column::Backend),
        server: server.to_owned(),
        address: address.to_owned(),
        port: port(Column::Port).or(port_of_address),
        op: op.and_then(op_state),
        admin: number(Column::Admin)
            .and_then(|bits| u32::try_from(bits).ok())
            .map(Admin),
        weight: number(Column::UserWeight),
        since_change_s: number(Column::SinceChange),
        check_status: row
            .value(Column::CheckStatus)
            .and_then(|v| match decimal(v.as_bytes()) {
                Some(n) => check_status_from_number(n),
                None => check_status_from_short(v),
            }),
        check_health: number(Column::CheckHealth),
        check_state: number(Column::CheckState),
        agent_state: number(Column::AgentState),
        fqdn: text(Column::Fqdn),
        check_port: port(Column::CheckPort),
    })
}

fn op_state(number: u64) -> Option<Op> {
    match number {
        0 => Some(Op::Stopped),
        1 => Some(Op::Starting),
        2 => Some(Op::Running),
        3 => Some(Op::Stopping),
        _ => None,
    }
}

/// `192.0.2.1:443` apart; HAProxy writes no port there, tools that imitate it do.
fn apart(address: &str) -> (&str, Option<u16>) {
    match address.split_once(':') {
        Some((host, port)) if !host.is_empty() && !port.contains(':') => (host, port.parse().ok()),
        _ => (address, None),
    }
}

#[cfg(test)]
mod tests;
