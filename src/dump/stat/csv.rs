//! `show stat` as CSV, with or without its header, cut, wrapped or flowed into one line.

use crate::base::Place;
use crate::base::Text;
use crate::dump::Stat;
use crate::dump::StatRow;
use crate::dump::Tally;
use crate::dump::prompt;
use crate::dump::stat::columns::COLUMNS_1_8;
use crate::dump::stat::columns::SEPARATOR;
use crate::dump::stat::columns::is_column_name;
use crate::dump::stat::record::Source;
use crate::dump::stat::record::cells;
use crate::dump::stat::record::n_cells;
use crate::dump::stat::record::quoted;
use crate::dump::stat::record::sources;
use crate::dump::stat::row;

/// Most lines that a wrapped row may span: the longest rows seen have 700 bytes, on a terminal of 40 columns.
const WRAPPED_LINES_MAX: usize = 20;

/// Cells up to and including `status`. A row without header that has fewer was made with `cut`.
const STATUS_CELLS: usize = 18;

/// Shape: `# pxname,svname,…,` then `be_app,app1,0,0,…,UP,1,1,0,…,`. Columns are found by name; without a header the
/// order of 1.8 holds for the leading ones. A cell is absent when it is empty, or when a cut may have shortened it.
pub(in crate::dump) fn parse(text: Text<'_>, tally: &mut Tally) -> Stat {
    let lines = sources(text);
    let mut reader = Reader {
        header: Header::missing(),
        stat: Stat::default(),
        tally,
    };
    let mut rest = lines.as_slice();
    while let [line, tail @ ..] = rest {
        let n_more = reader.line(line, tail);
        rest = tail.get(n_more..).unwrap_or_default();
    }
    reader.stat
}

struct Reader<'a> {
    header: Header,
    stat: Stat,
    tally: &'a mut Tally,
}

impl Reader<'_> {
    /// Reads what starts on `line`; returns how many lines of `tail` belong to it.
    fn line(&mut self, line: &Source, tail: &[Source]) -> usize {
        let text = line.text.as_str();
        if text.is_empty() || prompt::is_elision(text) {
            return 0;
        }
        if is_header(text) {
            if let Some((header, flowed)) = text.split_once(", ") {
                self.header = Header::new(header, prompt::is_elision(flowed));
                self.flow(line.at, flowed);
                return 0;
            }
            let (header, n_more) = wrapped_header(text, tail);
            self.header = Header::new(&header, false);
            return n_more;
        }
        if prompt::is_command(text) {
            return 0;
        }
        let (record, n_more) = quoted(line, tail);
        let tail = tail.get(n_more..).unwrap_or_default();
        let wrapped = self.wrapped(line.at, &record, tail);
        let n_wrapped = wrapped.as_ref().map_or(0, |(_, n)| *n);
        let row = wrapped
            .map(|(row, _)| row)
            .or_else(|| self.header.row(line.at, &record));
        self.keep(line.at, row);
        n_more + n_wrapped
    }

    fn keep(&mut self, at: Place, row: Option<StatRow>) {
        match row {
            Some(row) => {
                self.stat.rows.push(row);
                self.tally.good();
            }
            None => self.tally.broken(at),
        }
    }

    /// Rows that follow the header on one line: the blank after a trailing comma was a line break.
    fn flow(&mut self, at: Place, flowed: &str) {
        let n_expected = self.header.names.len();
        let mut record = String::new();
        for piece in flowed.split_inclusive(", ") {
            record.push_str(piece);
            let whole = record.trim();
            if n_cells(whole) >= n_expected {
                let row = self.header.row(at, whole);
                self.keep(at, row);
                record.clear();
            }
        }
        let last = record.trim();
        if !last.is_empty() && !prompt::is_elision(last) {
            let row = self.header.row(at, last);
            self.keep(at, row);
        }
    }

    /// A row that a terminal wrapped: accepted only when its pieces make exactly the header's number of cells.
    fn wrapped(&self, at: Place, first: &str, tail: &[Source]) -> Option<(StatRow, usize)> {
        let n_expected = self.header.names.len();
        if self.header.open || n_cells(first) >= n_expected {
            return None;
        }
        let status_index = self.header.names.iter().position(|name| name == "status");
        let n_least = status_index.map_or(2, |index| index + 1);
        let mut record = first.to_owned();
        for (index, next) in tail.iter().take(WRAPPED_LINES_MAX).enumerate() {
            let text = next.text.as_str();
            let is_row = || n_cells(text) >= n_least && self.header.row(at, text).is_some();
            if text.is_empty() || is_header(text) || is_row() {
                return None;
            }
            record.push_str(text);
            let n = n_cells(&record);
            if n > n_expected {
                return None;
            }
            if n == n_expected && record.ends_with(',') {
                return Some((self.header.row(at, &record)?, index + 1));
            }
        }
        None
    }
}

/// What the columns are called.
struct Header {
    names: Vec<String>,
    /// The header is missing or was cut, as its end shows.
    open: bool,
    /// The names begin as those of 1.8 do: cells beyond them have its names.
    standard: bool,
}

impl Header {
    fn missing() -> Self {
        Header {
            names: Vec::new(),
            open: true,
            standard: true,
        }
    }

    fn new(text: &str, elided: bool) -> Self {
        let text = text.trim_start_matches('#').trim();
        let whole = text.ends_with(',') && !elided;
        let mut names = Vec::new();
        let mut cut = false;
        for name in text.split(',').map(str::trim) {
            if name.is_empty() {
                break;
            }
            cut = prompt::is_elision(name) && name != SEPARATOR;
            if cut {
                break;
            }
            names.push(name.to_owned());
        }
        let agrees = |names: &[String]| names.iter().zip(COLUMNS_1_8).all(|(a, b)| a == b);
        if !whole && !cut && !agrees(&names) {
            let last = names.pop(); // half a name, unless HAProxy's order has nothing to say about it
            if !agrees(&names) {
                names.extend(last);
            }
        }
        let standard = agrees(&names);
        let open = (!whole || cut) && standard && names.len() <= COLUMNS_1_8.len();
        Header {
            names,
            open,
            standard,
        }
    }

    fn name(&self, index: usize) -> Option<&str> {
        match self.names.get(index) {
            Some(name) => Some(name),
            None if self.standard => COLUMNS_1_8.get(index).copied(),
            None => None,
        }
    }

    /// A row, if the record is one: it names an object, and `status` is where it should be.
    fn row(&self, at: Place, record: &str) -> Option<StatRow> {
        let mut cells = cells(record);
        if self.names.is_empty() && cells.len() < STATUS_CELLS {
            return short_row(at, &cells);
        }
        let n_expected = self.names.len();
        let elided = cells.iter().position(|c| prompt::is_elision(c));
        if let Some(index) = elided {
            cells.truncate(index);
        } else if !record.ends_with(',') && (self.open || cells.len() < n_expected) {
            cells.pop();
        }
        let full = elided.is_none() && cells.len() == n_expected;
        let mut columns = Vec::new();
        for (index, cell) in cells.iter().enumerate() {
            let Some(name) = self.name(index) else { break };
            if name == "last_chk" && index < n_expected && cells.len() > n_expected {
                break; // a comma that was not quoted shifted what follows
            }
            if !cell.is_empty() && name != SEPARATOR {
                columns.push((name.to_owned(), cell.clone()));
            }
        }
        let row = row::row(at, columns)?;
        let has_status = self.open || self.names.iter().any(|name| name == "status");
        let has_type = matches!(row.column("type"), Some("0" | "1" | "2" | "3"));
        let odd_but_aligned = (full || has_type)
            && row.status.starts_with(|c: char| c.is_ascii_alphabetic())
            && row
                .status
                .chars()
                .all(|c| c.is_ascii_alphabetic() || c == ' ');
        (!has_status || row::is_status(&row.status) || odd_but_aligned).then_some(row)
    }
}

/// A row of an operator's `cut -d, -f1,2,18`: two names, and a status that can be recognized.
fn short_row(at: Place, cells: &[String]) -> Option<StatRow> {
    let [proxy, name, more @ ..] = cells else {
        return None;
    };
    let status = more.iter().find(|cell| row::is_status(cell))?;
    let columns = [("pxname", proxy), ("svname", name), ("status", status)];
    let columns = columns.map(|(name, cell)| (name.to_owned(), cell.clone()));
    row::row(at, columns.to_vec())
}

fn is_header(text: &str) -> bool {
    let names = text.trim_start_matches('#').trim_start();
    names.starts_with("pxname,") || names.starts_with("svname,") && names.contains(",status")
}

/// A header together with the lines that a terminal wrapped it to, and their number.
fn wrapped_header(first: &str, tail: &[Source]) -> (String, usize) {
    let mut header = first.to_owned();
    let mut n_more = 0;
    for next in tail.iter().take(WRAPPED_LINES_MAX) {
        let names = next.text.trim_matches(',');
        let only_names = next.text.contains(',')
            && names
                .split(',')
                .all(|n| is_column_name(n) && !n.bytes().all(|b| b.is_ascii_digit()));
        if !only_names {
            break;
        }
        header.push_str(&next.text);
        n_more += 1;
    }
    (header, n_more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dump::StatKind;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str, &str)], n_broken: u64) -> Stat {
        let mut tally = Tally::default();
        let stat = parse(Text::new(text.as_bytes()), &mut tally);
        let got: Vec<(&str, &str, &str)> = stat
            .rows
            .iter()
            .map(|r| (r.proxy.as_str(), r.name.as_str(), r.status.as_str()))
            .collect();
        assert_eq!(got, expected);
        assert_eq!((tally.n_rows, tally.n_broken), (got.len() as u64, n_broken));
        stat
    }

    fn full_header() -> String {
        format!("# {},", COLUMNS_1_8.join(","))
    }

    fn full_row(proxy: &str, name: &str, status: &str) -> String {
        let cell = |column: &&str| match *column {
            "pxname" => proxy.to_owned(),
            "svname" => name.to_owned(),
            "status" => status.to_owned(),
            "type" => "2".to_owned(),
            "last_chk" => "Connection refused".to_owned(),
            "addr" => "10.0.10.11:8080".to_owned(),
            _ => "0".to_owned(),
        };
        let cells: Vec<String> = COLUMNS_1_8.iter().map(cell).collect();
        format!("{},", cells.join(","))
    }

    #[test]
    fn columns_go_by_name_whatever_their_order() {
        let stat = check(
            "# pxname,svname,type,status,last_chk,-,addr\nbe,app1,2,DOWN,\"refused, \"\"twice\"\"\",-,10.0.10.11:80\nbe,l1,3,OPEN,,,\n",
            &[("be", "app1", "DOWN"), ("be", "l1", "OPEN")],
            0,
        );
        assert_eq!(stat.rows[0].check_info(), "refused, \"twice\"");
        assert_eq!(stat.rows[0].address(), "10.0.10.11:80");
        assert_eq!(stat.rows[0].column("-"), None);
        assert_eq!(stat.rows[1].kind, StatKind::Listener);
    }

    #[test]
    fn rows_without_a_header_have_the_order_of_1_8() {
        let row = full_row("be", "app1", "DOWN");
        let stat = check(&format!("######\n{row}\n"), &[("be", "app1", "DOWN")], 0);
        assert_eq!(stat.rows[0].address(), "10.0.10.11:8080");
        check(
            "be,app1,MAINT (resolution)\n...\nbe,app2,0\n",
            &[("be", "app1", "MAINT (resolution)")],
            1,
        );
    }

    #[test]
    fn a_shifted_or_cut_row_is_broken_and_the_rest_stands() {
        let good = full_row("be", "app1", "UP 1/3");
        let shifted = full_row("be", "app2", "DRAIN (agent)").replacen("),", ")", 1);
        let text = format!(
            "{}\n{good}\n{shifted}\nbe,app3,0,0,0,0\n{good}",
            full_header()
        );
        check(
            &text,
            &[("be", "app1", "UP 1/3"), ("be", "app1", "UP 1/3")],
            2,
        );
    }

    #[test]
    fn the_last_cell_of_a_cut_row_is_not_trusted() {
        let text = "# pxname,svname,status,weight,lastchg,mode,\nbe,app1,UP,1,1234\n";
        let stat = check(text, &[("be", "app1", "UP")], 0);
        assert_eq!(stat.rows[0].number("weight"), Some(1));
        assert_eq!(stat.rows[0].since_change_s(), None);
    }

    #[test]
    fn a_cut_header_is_continued_by_the_known_order() {
        let header: String = full_header().chars().take(150).collect();
        let row = full_row("be", "app1", "DOWN");
        let stat = check(&format!("{header}\n{row}\n"), &[("be", "app1", "DOWN")], 0);
        assert_eq!(stat.rows[0].check_info(), "Connection refused");
    }

    #[test]
    fn wrapped_lines_are_joined() {
        let wrap = |line: String| -> String {
            let chars: Vec<char> = line.chars().collect();
            let lines: Vec<String> = chars.chunks(80).map(|c| c.iter().collect()).collect();
            lines.join("\n")
        };
        let text = format!(
            "{}\n{}\n{}\n",
            wrap(full_header()),
            wrap(full_row("be", "app1", "DOWN")),
            wrap(full_row("be", "app2", "UP"))
        );
        let stat = check(&text, &[("be", "app1", "DOWN"), ("be", "app2", "UP")], 0);
        assert_eq!(stat.rows[1].check_info(), "Connection refused");
    }

    #[test]
    fn a_dump_flowed_into_one_line_is_taken_apart() {
        let (a, b) = (full_row("be", "app1", "DOWN"), full_row("be", "app2", "UP"));
        let stat = check(
            &format!("{} {a} {b}", full_header()),
            &[("be", "app1", "DOWN"), ("be", "app2", "UP")],
            0,
        );
        assert_eq!(stat.rows[1].address(), "10.0.10.11:8080");
    }
}
