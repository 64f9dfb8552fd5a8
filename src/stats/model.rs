//! A table: columns, rows, and what must be known about them.

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Name on the command line and in JSON.
    pub name: &'static str,
    /// Heading of the text.
    pub title: &'static str,
    /// The columns; names come last.
    pub columns: Vec<Column>,
    /// The rows that are shown, in their order.
    pub rows: Vec<Row>,
    /// Rows that there are, shown or not.
    pub n_rows: u64,
    /// There was too much to count exactly: numbers are estimates.
    pub is_estimated: bool,
    /// Sentences under the table.
    pub notes: Vec<String>,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Key in JSON and CSV.
    pub key: &'static str,
    /// Head in the text.
    pub head: &'static str,
    /// Whether the text has it.
    pub in_text: InText,
}

/// When a text of 80 columns shows a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InText {
    /// In any case.
    Always,
    /// When a row has something in it that is not zero.
    Used,
    /// When a row has something in it, zero included.
    Known,
    /// Never: JSON and CSV have it.
    No,
}

/// A row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// One per column.
    pub cells: Vec<Cell>,
    /// The text leaves it out.
    pub is_detail: bool,
}

/// What stands in a row under a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A number of things, milliseconds or bytes.
    Count(u64),
    /// Percent, with one digit behind the point.
    Percent(f64),
    /// A name from a log, not yet safe to print, or a text of our own.
    Text(String),
    /// Nothing to tell.
    None,
}

impl Table {
    /// An empty one with these columns: key, head in the text, and whether the text has it.
    pub(super) fn new(
        name: &'static str,
        title: &'static str,
        columns: &[(&'static str, &'static str, InText)],
    ) -> Table {
        let columns = columns
            .iter()
            .map(|&(key, head, in_text)| Column { key, head, in_text });
        Table {
            name,
            title,
            columns: columns.collect(),
            ..Table::default()
        }
    }

    /// Appends a row.
    pub(super) fn push(&mut self, cells: Vec<Cell>) {
        self.rows.push(Row {
            cells,
            is_detail: false,
        });
        self.n_rows += 1;
    }
}

impl Cell {
    /// The share of a part; nothing of nothing.
    #[expect(
        clippy::cast_precision_loss,
        reason = "shown with one digit after the point"
    )]
    pub(super) fn share(part: u64, whole: u64) -> Cell {
        if whole == 0 {
            return Cell::None;
        }
        // As halog computes and prints it.
        Cell::Percent(part as f64 * 100.0 / whole as f64)
    }

    /// A sum divided as integers, as halog does.
    pub(super) fn average(sum: u64, n: u64) -> Cell {
        sum.checked_div(n).map_or(Cell::None, Cell::Count)
    }

    /// A name.
    pub(super) fn name(bytes: &[u8]) -> Cell {
        Cell::Text(crate::base::printable(bytes))
    }

    /// As a text or a spreadsheet shows it.
    pub(super) fn text(&self) -> String {
        match self {
            Cell::Count(n) => n.to_string(),
            Cell::Percent(percent) => format!("{percent:.1}"),
            Cell::Text(text) => text.clone(),
            Cell::None => String::new(),
        }
    }

    /// Something stands there that is not zero.
    pub(super) fn is_used(&self) -> bool {
        !matches!(self, Cell::None | Cell::Count(0)) && *self != Cell::Text(String::new())
    }
}
