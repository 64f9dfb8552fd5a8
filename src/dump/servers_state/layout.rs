//! Which word of a row is which column.

use crate::dump::servers_state::words::Word;

/// Names of the columns in HAProxy's order.
///
/// Source: HAProxy `include/haproxy/server-t.h`, `SRV_STATE_FILE_FIELD_NAMES`; management manual 3.2, "show servers state".
const NAMES: [&str; 25] = [
    "be_id",
    "be_name",
    "srv_id",
    "srv_name",
    "srv_addr",
    "srv_op_state",
    "srv_admin_state",
    "srv_uweight",
    "srv_iweight",
    "srv_time_since_last_change",
    "srv_check_status",
    "srv_check_result",
    "srv_check_health",
    "srv_check_state",
    "srv_agent_state",
    "bk_f_forced_id",
    "srv_f_forced_id",
    "srv_fqdn",
    "srv_port",
    "srvrecord",
    "srv_use_ssl",
    "srv_check_port",
    "srv_check_addr",
    "srv_agent_addr",
    "srv_agent_port",
];

/// Numbers of columns that versions of HAProxy write: 1.6, 1.8, 1.9, 2.4.
const WIDTHS: [usize; 4] = [17, 19, 20, 25];

/// Words that a row must have before it says anything: up to `srv_op_state`.
const STATE_WORDS: usize = 6;

/// Columns that this room reads, by their number in [`NAMES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Backend = 1,
    Server = 3,
    Address = 4,
    Op = 5,
    Admin = 6,
    UserWeight = 7,
    SinceChange = 9,
    CheckStatus = 10,
    CheckHealth = 12,
    CheckState = 13,
    AgentState = 14,
    Fqdn = 17,
    Port = 18,
    CheckPort = 21,
}

/// The columns of the rows that follow a header.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Numbers of the columns in the order of the header; `None`: a name that HAProxy does not have.
    columns: Vec<Option<usize>>,
    /// Number of header columns before a snip.
    snip: Option<usize>,
    /// Beginning of a name at which the header's line ends.
    half_name: String,
    /// Length of a line that ends inside a name: rows of that length were cut at the same place. 0: not cut.
    cut_bytes: usize,
}

/// One row, its words assigned to columns.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    values: [Option<&'a str>; NAMES.len()],
    has: [bool; NAMES.len()],
    /// Number of words it took.
    pub(super) n_words: usize,
    /// Nothing is missing at its end.
    pub(super) complete: bool,
}

impl<'a> Row<'a> {
    /// The value of a column; `None` when missing or not to be trusted.
    pub(super) fn value(&self, column: Column) -> Option<&'a str> {
        self.values.get(column as usize).copied().flatten()
    }

    /// The row should have this column.
    pub(super) fn has(&self, column: Column) -> bool {
        self.has.get(column as usize).copied().unwrap_or(false)
    }
}

/// A header starts here: two column names in a row.
pub(super) fn is_header(words: &[Word<'_>]) -> bool {
    let words = match words {
        [Word::Value("#" | "1#"), rest @ ..] => rest,
        all => all,
    };
    let [Word::Value(first), Word::Value(second), ..] = words else {
        return false;
    };
    number_of(first).is_some() && number_of(second).is_some()
}

impl Layout {
    /// No header: HAProxy's order.
    pub(super) fn missing() -> Self {
        Layout {
            columns: Vec::new(),
            snip: None,
            half_name: String::new(),
            cut_bytes: 0,
        }
    }

    /// Takes the header that starts at the first word; returns how many words it has.
    pub(super) fn read_header(&mut self, words: &[Word<'_>], line_bytes: usize) -> usize {
        *self = Layout::missing();
        let n_marks = usize::from(matches!(words.first(), Some(Word::Value("#" | "1#"))));
        let n_used = n_marks + self.take_names(words.get(n_marks..).unwrap_or_default());
        if !self.half_name.is_empty() {
            self.cut_bytes = line_bytes;
        }
        n_used
    }

    /// Takes the rest of a header that was wrapped to the next line; returns how many words of that line belong to it.
    pub(super) fn continue_header(&mut self, words: &[Word<'_>]) -> usize {
        let [Word::Value(first), rest @ ..] = words else {
            return 0;
        };
        if self.half_name.is_empty() {
            return match number_of(first) {
                Some(_) => self.take_names(words),
                None => 0,
            };
        }
        let glued = format!("{}{first}", self.half_name);
        let Some(column) = number_of(&glued) else {
            return 0;
        };
        self.columns.push(Some(column));
        self.half_name.clear();
        self.cut_bytes = 0;
        1 + self.take_names(rest)
    }

    fn take_names(&mut self, words: &[Word<'_>]) -> usize {
        let mut n_used = 0;
        for (index, word) in words.iter().enumerate() {
            match word {
                Word::Snip if self.snip.is_none() => self.snip = Some(self.columns.len()),
                Word::Snip => return n_used,
                Word::Value(name) => {
                    let column = number_of(name);
                    if column.is_none() && index + 1 == words.len() && self.is_half_name(name) {
                        (*name).clone_into(&mut self.half_name);
                    } else if column.is_some() || is_name_like(name) {
                        self.columns.push(column);
                    } else {
                        return n_used;
                    }
                }
            }
            n_used = index + 1;
        }
        n_used
    }

    fn is_half_name(&self, name: &str) -> bool {
        self.snip.is_none()
            && NAMES
                .get(self.columns.len())
                .is_some_and(|expected| expected.starts_with(name))
    }

    /// The header is missing, or a beginning of HAProxy's own: rows may have more columns than it.
    fn is_open(&self) -> bool {
        self.snip.is_none()
            && self.columns.len() < NAMES.len()
            && (self.columns.iter().enumerate()).all(|(index, column)| *column == Some(index))
    }

    fn column(&self, index: usize) -> Option<usize> {
        match self.columns.get(index) {
            Some(column) => *column,
            None => (self.is_open() && index < NAMES.len()).then_some(index),
        }
    }

    fn width_max(&self) -> usize {
        if self.is_open() {
            NAMES.len()
        } else {
            self.columns.len()
        }
    }

    /// A row of so many words may be whole.
    pub(super) fn is_width(&self, n_words: usize) -> bool {
        let own = self.columns.len();
        let wider = n_words > own || !WIDTHS.contains(&own);
        n_words == own && own > 0 || self.is_open() && wider && WIDTHS.contains(&n_words)
    }

    /// The row that starts at the first word, if one does. `line_bytes`: length of its line; 0 when it is not alone on it.
    pub(super) fn row<'a>(&self, all: &[Word<'a>], line_bytes: usize) -> Option<Row<'a>> {
        let head = all.get(..all.len().min(self.width_max() + 1))?;
        let limit = self.next_row(head);
        let words = head.get(..limit)?;
        let snip = words.iter().position(|w| *w == Word::Snip);
        if self.snip.is_some() && snip.is_none() {
            return Layout::missing().row(all, line_bytes); // only the header was snipped
        }
        let n_before = snip.unwrap_or(words.len()).min(self.width_max());
        let values: Vec<&str> = words
            .iter()
            .map_while(|w| w.value())
            .take(n_before)
            .collect();
        if !self.is_row(&values) {
            return None;
        }
        let mut row = Row {
            values: [None; NAMES.len()],
            has: [false; NAMES.len()],
            n_words: n_before,
            complete: snip.is_some() || self.is_width(n_before),
        };
        let n_columns = self.columns.len().max(STATE_WORDS);
        for column in (0..n_columns).filter_map(|index| self.column(index)) {
            row.expect(column);
        }
        let chopped = self.cut_bytes > 0 && line_bytes >= self.cut_bytes;
        for (index, value) in values.iter().enumerate() {
            let last = index + 1 == values.len();
            let column = self.column(index);
            let is_digit = column == Some(Column::Op as usize);
            if last && (chopped || !row.complete) && !is_digit {
                break; // a value that may have lost its end
            }
            row.set(column, value);
        }
        if let Some(snip) = snip {
            let tail = words.get(snip + 1..).unwrap_or_default();
            row.n_words = snip + 1 + self.after_snip(&mut row, n_before, tail, line_bytes > 0);
        }
        Some(row)
    }

    /// Columns after a snip: those that the header names after its own, else, alone on a line, the last ones of a whole header.
    fn after_snip<'a>(
        &self,
        row: &mut Row<'a>,
        n_before: usize,
        tail: &[Word<'a>],
        alone: bool,
    ) -> usize {
        let n_after = match self.snip {
            Some(snip) => self.columns.len().saturating_sub(snip),
            None if self.is_open() || !alone => 0,
            None => tail.len(),
        };
        let tail = tail.get(..n_after.min(tail.len())).unwrap_or_default();
        if tail.len() != n_after || n_before + n_after > self.columns.len() {
            return 0;
        }
        let first = self.columns.len() - n_after;
        for (index, word) in tail.iter().enumerate() {
            if let Some(value) = word.value() {
                row.set(self.column(first + index), value);
            }
        }
        tail.len()
    }

    /// Index of the next word at which another row surely starts; the number of words when none does.
    fn next_row(&self, words: &[Word<'_>]) -> usize {
        let whole = self.columns.len();
        if !self.is_open() && self.snip.is_none() && !words.contains(&Word::Snip) {
            return words.len().min(whole);
        }
        (STATE_WORDS..words.len())
            .find(|at| words.get(*at..).is_some_and(is_surely_row))
            .unwrap_or(words.len())
    }

    /// The words fit the columns, and there are enough of them.
    pub(super) fn is_row(&self, values: &[&str]) -> bool {
        let n_least = if self.columns.is_empty() {
            STATE_WORDS - 1
        } else {
            self.columns.len().min(STATE_WORDS - 1)
        };
        let fits = |(index, value): (usize, &&str)| match self.column(index) {
            Some(0 | 2 | 5..=9 | 11..=16 | 18 | 20 | 21 | 24) => is_number(value),
            _ => true,
        };
        values.len() >= n_least.max(2) && values.iter().enumerate().take(STATE_WORDS).all(fits)
    }

    /// As [`Layout::is_row`], looking at every column.
    pub(super) fn is_whole_row(&self, values: &[&str]) -> bool {
        let fits = |(index, value): (usize, &&str)| match self.column(index) {
            Some(5) => matches!(*value, "0" | "1" | "2" | "3"),
            Some(0 | 2 | 6..=16 | 18 | 20 | 21 | 24) => is_number(value),
            _ => true,
        };
        self.is_width(values.len()) && values.iter().enumerate().all(fits)
    }
}

impl<'a> Row<'a> {
    fn set(&mut self, column: Option<usize>, value: &'a str) {
        if let Some(slot) = column.and_then(|c| self.values.get_mut(c)) {
            *slot = Some(value);
        }
    }

    fn expect(&mut self, column: usize) {
        if let Some(has) = self.has.get_mut(column) {
            *has = true;
        }
    }
}

/// Number of a column name, with or without the header's `#` or `1#` glued to it.
fn number_of(name: &str) -> Option<usize> {
    let name = name.trim_start_matches(['1', '#']);
    NAMES.iter().position(|n| *n == name)
}

/// A name that only tools or later versions write: `bkd_f_forced_id`.
fn is_name_like(name: &str) -> bool {
    ["be_", "bk_", "bkd_", "srv_"]
        .iter()
        .any(|head| name.starts_with(head))
        && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// `3 be_app 1 app1 10.0.10.11 2`: enough to tell a row inside a line without a header's help.
fn is_surely_row(words: &[Word<'_>]) -> bool {
    let state = words.get(STATE_WORDS - 1).copied();
    starts_like_row(words) && matches!(state, Some(Word::Value("0" | "1" | "2" | "3")))
}

/// `3 be_app 1 app1 10.0.10.11`: the words before the state.
pub(super) fn starts_like_row(words: &[Word<'_>]) -> bool {
    let [
        Word::Value(be_id),
        Word::Value(backend),
        Word::Value(srv_id),
        Word::Value(_),
        Word::Value(address),
        ..,
    ] = words
    else {
        return false;
    };
    let is_address = *address == "-" || address.contains(['.', ':', '/']);
    is_number(be_id) && is_number(srv_id) && !is_number(backend) && is_address
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}
