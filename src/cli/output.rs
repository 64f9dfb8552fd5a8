//! Where text goes: standard output, standard error, files; how wide it is, and whether in colour.

use clap::ValueEnum;
use nosrv::report::format::Style;
use std::io;
use std::io::IsTerminal as _;
use std::io::Write as _;
use std::path::PathBuf;

/// What could not be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A file that was asked for.
    #[error("cannot write {}", printed(.path))]
    Write {
        /// Where to.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Standard output.
    #[error("cannot write to standard output")]
    Print(#[source] io::Error),
    /// Threads.
    #[error("cannot start {n} threads (-j)")]
    Threads {
        /// How many.
        n: usize,
        /// Why not.
        source: io::Error,
    },
    /// A file's ending that says no format.
    #[error("cannot tell the format of {}: end it with one of {endings}, or give --format", printed(.path))]
    Ending {
        /// Which file.
        path: PathBuf,
        /// What would do.
        endings: String,
    },
    /// An output that is an input too.
    #[error("{} is one of the files to read: it is not overwritten", printed(.path))]
    Input {
        /// Which file.
        path: PathBuf,
    },
    /// A filter that does not say what is meant.
    #[error("{why}")]
    Filter {
        /// What is unclear, and what to give instead.
        why: String,
    },
    /// An id that the catalogue does not have.
    #[error("no cause, trigger or factor has the id {id}; {hint}")]
    UnknownId {
        /// As given, printable.
        id: String,
        /// What comes close, or how to list them.
        hint: String,
    },
}

/// A flag with three states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Also into a pipe
    Always,
    /// Nowhere
    Never,
}

/// Prints to standard output. Nobody reading on is no failure: `nosrv … | head` ends quietly.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Print(error)),
        _ => Ok(()),
    }
}

/// A value as JSON text.
pub(super) fn json<T: serde::Serialize>(value: &T) -> String {
    // These values hold strings, numbers and lists alone: nothing in them can fail to be written.
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    format!("{text}\n")
}

/// One line to standard error; when that is closed there is nobody to tell.
pub(super) fn complain(text: &str) {
    let line = nosrv::base::printable(text.as_bytes());
    let _unread = writeln!(io::stderr().lock(), "nosrv: {line}");
}

/// How text for standard output is laid out.
pub(super) fn style(when: When) -> Style {
    let terminal = io::stdout().is_terminal();
    let wide = terminal.then(columns).flatten();
    let auto =
        || terminal && !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|t| t != "dumb");
    Style {
        columns: wide.unwrap_or(Style::default().columns),
        colour: when == When::Always || when == When::Auto && auto(),
    }
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Columns of the terminal; `COLUMNS` wins, as in most tools.
fn columns() -> Option<usize> {
    let given = std::env::var("COLUMNS").ok().and_then(|n| n.parse().ok());
    given.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
}

/// A path in a message.
fn printed(path: &std::path::Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    nosrv::base::printable(path.as_os_str().as_bytes())
}
