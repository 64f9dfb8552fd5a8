//! The statistics page as a browser or curl saved it, with or without the administrator's check boxes.

use crate::base::Place;
use crate::base::Text;
use crate::base::printable;
use crate::dump::Stat;
use crate::dump::StatRow;
use crate::dump::Tally;
use crate::dump::human;
use crate::dump::stat::markup;
use crate::dump::stat::markup::Token;
use crate::dump::stat::row;
use std::collections::BTreeSet;

/// Column of the CSV behind each heading of the page's tables.
///
/// Source: HAProxy `src/stats.c`, `stats_dump_html_px_hdr` (1.4 to 3.4).
#[rustfmt::skip]
const HEADINGS: [(&str, &str, &str); 31] = [
    ("Queue", "Cur", "qcur"), ("Queue", "Max", "qmax"), ("Queue", "Limit", "qlimit"),
    ("Session rate", "Cur", "rate"), ("Session rate", "Max", "rate_max"), ("Session rate", "Limit", "rate_lim"),
    ("Sessions", "Cur", "scur"), ("Sessions", "Max", "smax"), ("Sessions", "Limit", "slim"),
    ("Sessions", "Total", "stot"), ("Sessions", "LbTot", "lbtot"), ("Sessions", "Last", "lastsess"),
    ("Bytes", "In", "bin"), ("Bytes", "Out", "bout"),
    ("Denied", "Req", "dreq"), ("Denied", "Resp", "dresp"),
    ("Errors", "Req", "ereq"), ("Errors", "Conn", "econ"), ("Errors", "Resp", "eresp"),
    ("Warnings", "Retr", "wretr"), ("Warnings", "Redis", "wredis"),
    ("Server", "Status", "status"), ("Server", "LastChk", "last_chk"), ("Server", "Wght", "weight"),
    ("Server", "Act", "act"), ("Server", "Bck", "bck"), ("Server", "Chk", "chkfail"), ("Server", "Check", "chkfail"),
    ("Server", "Dwn", "chkdown"), ("Server", "Down", "chkdown"), ("Server", "Dwntme", "downtime"),
];

/// Shape: a table for each proxy: two rows of headings, then `<tr class="active_up"><td class=ac><a name="be_app/app1"></a>…`.
///
/// What a page shows for people only is dropped: an age of `1d2h` may be an hour more, so there is no `lastchg` then.
pub(in crate::dump) fn parse(text: Text<'_>, tally: &mut Tally) -> Stat {
    let mut reader = Reader::default();
    let mut stat = Stat {
        rows: Vec::new(),
        process: process(text.bytes),
    };
    let mut lines = (0, text.first.line);
    let mut place = |offset: usize| {
        let passed = text.bytes.get(lines.0..offset).unwrap_or_default();
        lines = (
            offset,
            lines.1 + memchr::memchr_iter(b'\n', passed).count() as u64,
        );
        Place {
            line: lines.1,
            offset: text.first.offset + offset as u64,
        }
    };
    for (offset, token) in markup::tokens(text.bytes) {
        let Some(done) = reader.take(offset, token) else {
            continue;
        };
        let at = place(done.offset);
        match done
            .columns(&reader)
            .and_then(|columns| row::row(at, columns))
        {
            Some(row) if row::is_status(&row.status) => {
                stat.rows.push(row);
                tally.good();
            }
            _ => tally.broken(at),
        }
    }
    inherit(&mut stat);
    if let Some(cut) = reader.row.filter(|row| !row.class.is_empty()) {
        tally.broken(place(cut.offset));
    }
    stat
}

/// The page leaves out what the CSV says of a server that follows another into maintenance: `MAINT (via be_app/app1)`.
fn inherit(stat: &mut Stat) {
    let in_maintenance = |row: &&StatRow| row.status.starts_with("MAINT");
    let names: BTreeSet<String> = stat
        .rows
        .iter()
        .filter(in_maintenance)
        .map(|row| format!("{}/{}", row.proxy, row.name))
        .collect();
    for row in stat.rows.iter_mut().filter(|row| row.status == "MAINT") {
        let tracked = row.column("tracked").filter(|name| names.contains(*name));
        if let Some(name) = tracked {
            row.status = format!("MAINT (via {name})");
        }
    }
}

/// One row of a table while it is read.
#[derive(Clone, Debug, Default)]
struct Row {
    offset: usize,
    /// `active_up`, `frontend`, `titre` …
    class: String,
    /// `be_app/app1`; empty in the oldest pages.
    anchor: String,
    /// Text, columns that the cell spans, and the text that shows when the mouse rests on it.
    cells: Vec<Cell>,
}

#[derive(Clone, Debug, Default)]
struct Cell {
    text: String,
    span: usize,
    tip: String,
    /// It runs over both rows of headings.
    tall: bool,
}

#[derive(Debug, Default)]
struct Reader {
    proxy: String,
    /// Groups of the upper headings with the number of columns that they span; empty names lead.
    groups: Vec<Cell>,
    names: Vec<Option<&'static str>>,
    n_lead: usize,
    row: Option<Row>,
    in_tip: bool,
}

impl Reader {
    /// Takes a piece in; a row of an object that it ends.
    fn take(&mut self, offset: usize, token: Token<'_>) -> Option<Row> {
        let tag = match token {
            Token::Text(text) => {
                self.text(&printable(text));
                return None;
            }
            Token::Tag(tag) => tag,
        };
        match markup::name(tag).as_str() {
            "div" => self.in_tip |= self.row.is_some(),
            "/div" => self.in_tip = false,
            "tr" | "/tr" | "/table" if !self.in_tip => {
                let done = self.row.take();
                if markup::name(tag) == "tr" {
                    let class = markup::attribute(tag, "class").map(printable);
                    self.row = Some(Row {
                        offset,
                        class: class.unwrap_or_default(),
                        ..Row::default()
                    });
                }
                return done.and_then(|row| self.done(row));
            }
            "td" | "th" if !self.in_tip => {
                let number = |name| {
                    let value = markup::attribute(tag, name)?;
                    printable(value).parse::<usize>().ok()
                };
                let cell = Cell {
                    span: number("colspan").unwrap_or(1).clamp(1, HEADINGS.len()),
                    tall: number("rowspan").is_some(),
                    ..Cell::default()
                };
                let is_proxy = markup::attribute(tag, "class") == Some(b"pxname");
                if let Some(row) = &mut self.row {
                    row.cells.push(cell);
                    if is_proxy {
                        row.class = "pxname".to_owned();
                    }
                }
            }
            "a" => {
                if let (Some(row), Some(name)) =
                    (&mut self.row, markup::attribute(tag, "name").map(printable))
                    && (name.contains('/') || row.class == "pxname")
                {
                    row.anchor = markup::plain(&name);
                }
            }
            _ => {}
        }
        None
    }

    fn text(&mut self, text: &str) {
        let cell = self.row.as_mut().and_then(|row| row.cells.last_mut());
        if let Some(cell) = cell {
            let target = if self.in_tip {
                &mut cell.tip
            } else {
                &mut cell.text
            };
            target.push_str(text);
            if self.in_tip {
                target.push(' ');
            }
        }
    }

    /// Headings stay here; a row of an object goes on.
    fn done(&mut self, row: Row) -> Option<Row> {
        match row.class.as_str() {
            "pxname" => {
                let shown = row.cells.first().map(|cell| markup::plain(&cell.text));
                self.proxy = if row.anchor.is_empty() {
                    shown.unwrap_or_default()
                } else {
                    row.anchor
                };
                self.names.clear();
                None
            }
            "titre" if row.cells.iter().any(|cell| cell.tall) => {
                self.n_lead = row.cells.iter().filter(|cell| cell.tall).count();
                self.groups = row.cells.into_iter().filter(|cell| !cell.tall).collect();
                None
            }
            "titre" => {
                self.head(&row);
                None
            }
            _ if self.names.is_empty() || row.cells.len() < 2 => None,
            _ => Some(row),
        }
    }

    fn head(&mut self, row: &Row) {
        let groups = self
            .groups
            .iter()
            .flat_map(|group| std::iter::repeat_n(markup::plain(&group.text), group.span));
        self.names = groups
            .zip(&row.cells)
            .map(|(group, cell)| {
                let name = markup::plain(&cell.text);
                HEADINGS
                    .iter()
                    .find(|(g, n, _)| *g == group && *n == name)
                    .map(|(_, _, column)| *column)
            })
            .collect();
    }
}

impl Row {
    /// The row as columns of the CSV; `None` when it names no object.
    fn columns(&self, reader: &Reader) -> Option<Vec<(String, String)>> {
        let lead = self.cells.get(..reader.n_lead.min(self.cells.len()))?;
        let shown = lead.last().map(|cell| markup::plain(&cell.text))?;
        let (proxy, name) = match self.anchor.split_once('/') {
            Some((proxy, name)) => (proxy.to_owned(), name.trim_start_matches('+').to_owned()),
            None => (reader.proxy.clone(), shown),
        };
        let (name, kind) = match (self.class.as_str(), name.as_str()) {
            ("frontend", _) | (_, "Frontend") => ("FRONTEND".to_owned(), "0"),
            ("backend", _) | (_, "Backend") => ("BACKEND".to_owned(), "1"),
            ("socket", _) => (name, "3"),
            _ => (name, "2"),
        };
        if proxy.is_empty() || name.is_empty() {
            return None;
        }
        let mut columns = vec![
            ("pxname".to_owned(), proxy),
            ("svname".to_owned(), name),
            ("type".to_owned(), kind.to_owned()),
        ];
        let mut put = |name: &str, value: String| columns.push((name.to_owned(), value));
        let mut index = 0;
        for cell in self.cells.iter().skip(reader.n_lead) {
            let column = reader.names.get(index).copied().flatten();
            let text = markup::plain(&cell.text);
            match column {
                Some("status") => state(&text, &mut put),
                Some("last_chk") => check(&text, &markup::plain(&cell.tip), &mut put),
                Some("chkfail") if text.starts_with("via ") => {
                    put("tracked", text.trim_start_matches("via ").to_owned());
                }
                Some(column) => {
                    if let Some(value) = value(column, &text) {
                        put(column, value);
                    }
                }
                None => {}
            }
            if column == Some("stot")
                && let Some((_, rest)) = markup::plain(&cell.tip).split_once("HTTP 5xx responses: ")
            {
                let count = rest.split(' ').next().unwrap_or_default();
                put("hrsp_5xx", count.to_owned());
            }
            index += cell.span;
        }
        Some(columns)
    }
}

/// A plain column; `None` for those that are empty, and for durations that were cut.
fn value(column: &str, text: &str) -> Option<String> {
    match (column, text) {
        (_, "" | "-" | "?") if !matches!(column, "act" | "bck") => None,
        ("act" | "bck", "Y") => Some("1".to_owned()),
        ("act" | "bck", "-") => Some("0".to_owned()),
        ("act" | "bck", "") => None,
        // `effective/user` since 2.3
        ("weight", text) => Some(text.split('/').next().unwrap_or(text).to_owned()),
        ("lastsess" | "downtime", text) => {
            human::exact_seconds(text).map(|seconds| seconds.to_string())
        }
        (_, text) => Some(text.to_owned()),
    }
}

/// `2s DOWN`, `1h4m UP 1/3 ↓`, `no check`, `OPEN`; old pages write `DN 1/2 ↑` for a server that comes back.
fn state(text: &str, put: &mut impl FnMut(&str, String)) {
    let text = text.trim_end_matches(['\u{2191}', '\u{2193}']).trim_end();
    let (age, status) = match text.split_once(' ') {
        Some((age, status)) if human::seconds(age).is_some() => (Some(age), status),
        _ => (None, text),
    };
    let status = match status.strip_prefix("DN ") {
        Some(health) => format!("DOWN {health}"),
        None => status.to_owned(),
    };
    put("status", status);
    if let Some(seconds) = age.and_then(human::exact_seconds) {
        put("lastchg", seconds.to_string());
    }
}

/// `* L7STS/503 in 1ms`, with the words behind it in the tip.
fn check(text: &str, tip: &str, put: &mut impl FnMut(&str, String)) {
    let (running, text) = match text.strip_prefix("* ") {
        Some(text) => ("* ", text),
        None => ("", text),
    };
    let (result, duration) = match text.split_once(" in ") {
        Some((result, duration)) => (result, Some(duration)),
        None => (text, None),
    };
    let (status, code) = match result.split_once('/') {
        Some((status, code)) => (status, Some(code)),
        None => (result, None),
    };
    if status.is_empty() {
        return;
    }
    put("check_status", format!("{running}{status}"));
    if let Some(code) = code {
        put("check_code", code.to_owned());
    }
    if let Some(ms) = duration.and_then(|d| d.strip_suffix("ms")) {
        put("check_duration", ms.to_owned());
    }
    if let Some((_, info)) = tip.split_once(": ") {
        put("last_chk", info.to_owned());
    }
}

/// `HAProxy version 2.6.12, released …`, `pid = </b> 12111 (…`, `uptime = </b> 0d 0h00m02s<br>`.
fn process(page: &[u8]) -> Vec<(String, String)> {
    let marks: [(&str, &[u8]); 4] = [
        ("Version", b"HAProxy version "),
        ("Version", b"HAProxy, version "),
        ("Pid", b"Statistics Report for pid "),
        ("Uptime", b"uptime = </b> "),
    ];
    let mut facts = Vec::new();
    for (name, mark) in marks {
        let Some(start) = memchr::memmem::find(page, mark) else {
            continue;
        };
        let rest = page.get(start + mark.len()..).unwrap_or_default();
        let end = rest.iter().position(|b| b"<,\n".contains(b)).unwrap_or(0);
        let value = printable(rest.get(..end).unwrap_or_default());
        let value = match name {
            "Pid" => value.split(' ').next().unwrap_or_default().to_owned(),
            _ => value.trim().to_owned(),
        };
        facts.push((name.to_owned(), value));
    }
    facts
}

#[cfg(test)]
mod tests;
