//! Flags and their help text; one function per command.

mod analyze;
mod check;
mod explain;
mod moment;
mod output;
mod regress;
mod request;
mod route;
mod stats;
mod target;
mod timeline;
mod value;

use crate::cli::output::Failure;
use crate::cli::output::When;
use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::builder::PossibleValue;
use clap::builder::PossibleValuesParser;
use nosrv::intake::Limits;
use nosrv::report::chronicle::format as chronicle;
use nosrv::report::filter::Moment;
use nosrv::report::format::FORMATS;
use std::path::PathBuf;

/// A report was made.
pub(crate) const DONE: u8 = 0;
/// With `--exit-code`: an incident was found; `check`: findings.
pub(crate) const INCIDENT: u8 = 1;
/// With `regress`: a diagnosis changed.
pub(crate) const CHANGED: u8 = 1;
/// Not all that was asked could be done; wins over the others.
pub(crate) const FAILED: u8 = 2;

/// Says why HAProxy answered 503, from what was saved of the incident.
#[derive(Debug, Parser)]
#[command(name = "nosrv", version, max_term_width = 100)]
#[command(
    after_help = "It reads copies and talks to no proxy, no server and no network. \
                  Exit code 0: done; 2: not all that was asked could be done."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Analyze(Analyze),
    Timeline(Timeline),
    Stats(Stats),
    Explain(Explain),
    Route(route::Route),
    Check(check::Check),
    Regress(Regress),
    /// Prints the JSON Schema of the report
    Schema,
}

/// Finds the cause of the 503s in saved files, and prints a report
#[derive(Args, Debug)]
#[command(
    after_help = "Exit code 0: a report was made; 1: an incident was found (with --exit-code); \
                  2: something that was named could not be read or written."
)]
struct Analyze {
    #[command(flatten)]
    bundle: BundleFlags,

    /// Format of standard output, and of files whose ending names none
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    format: Option<String>,

    /// Exits with 1 when an incident was found
    #[arg(long)]
    exit_code: bool,

    /// Names the archived incidents below this folder that look like each incident found; as `nosrv regress`
    #[arg(long, value_name = "DIR")]
    similar: Option<PathBuf>,
}

/// Prints every availability event of saved files in order: state changes, processes, commands, hosts, snapshots, failures
#[derive(Args, Debug)]
#[command(
    after_help = "Exit code 0: a timeline was made; 2: something that was named could not be read or written."
)]
struct Timeline {
    #[command(flatten)]
    bundle: BundleFlags,

    /// Format of standard output, and of files whose ending names none
    #[arg(long, value_name = "FORMAT", value_parser = timeline_formats())]
    format: Option<String>,
}

/// Prints figures of the traffic in logs: by status, server, termination state, URL and client, timers, gaps
#[derive(Args, Debug)]
#[command(
    after_help = "The filters choose which lines are counted, by accept date. With --since or --until the logs are read twice, \
                  because a line's time needs the clock that all logs together show, unless --tz gives an offset. \
                  Exit code 0: figures were made; 2: something that was named could not be read or written."
)]
struct Stats {
    #[command(flatten)]
    bundle: BundleFlags,

    /// Format of standard output, and of files whose ending names none
    #[arg(long, value_name = "FORMAT", value_parser = stats_formats())]
    format: Option<String>,

    /// Which tables, separated by commas [default: all]
    #[arg(long, value_name = "TABLES", value_delimiter = ',', value_parser = stats_tables())]
    tables: Vec<String>,

    /// Rows of a table [default: 20 of URLs, clients and gaps, all servers]
    #[arg(long, value_name = "N", value_parser = value::rows)]
    top: Option<usize>,

    /// Order of URLs and clients, largest first [default: requests]
    #[arg(long, value_name = "KEY", value_parser = stats_sorts())]
    sort: Option<String>,
}

/// What every command that reads a bundle takes.
#[derive(Args, Debug)]
struct BundleFlags {
    /// Files, folders, tar and zip archives, compressed or not; - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Writes there instead of to standard output; the ending chooses the format, - is standard output; may be given
    /// several times
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,

    /// HAProxy's local time, as an offset from UTC (+02:00) or the name of a zone (Europe/Berlin), when the logs do not
    /// show it or show it wrongly
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true, value_parser = value::zone)]
    tz: Option<value::Zone>,

    /// Year of dates that were written without one
    #[arg(long, value_parser = clap::value_parser!(i64).range(1970..=9999))]
    year: Option<i64>,

    /// Threads [default: one per processor]
    #[arg(short = 'j', long, value_name = "N", value_parser = value::threads)]
    threads: Option<usize>,

    /// Colours on standard output
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    color: When,

    #[command(flatten)]
    filter: FilterFlags,

    #[command(flatten)]
    limits: LimitFlags,
}

/// What is shown. All of the bundle is read all the same, and the counts of an incident stay whole.
#[derive(Args, Debug)]
#[command(next_help_heading = "Filters")]
struct FilterFlags {
    /// Leaves out what ended before: 2026-06-05T21:53:40Z, "2026-06-05 21:53" or 21:53 in the zone of --tz (else UTC),
    /// @1780696420
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    since: Option<Moment>,

    /// Leaves out what began after it
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    until: Option<Moment>,

    /// Only this backend; * stands for any characters; may be given several times
    #[arg(long, value_name = "NAME")]
    backend: Vec<String>,

    /// Only what this frontend sends requests to; as --backend
    #[arg(long, value_name = "NAME")]
    frontend: Vec<String>,
}

/// What a bundle may cost; the report says which limit was hit, and where.
#[derive(Args, Debug)]
#[command(next_help_heading = "Limits")]
struct LimitFlags {
    /// Archives and compressed files within each other
    #[arg(long, value_name = "N", default_value_t = Limits::default().depth, value_parser = clap::value_parser!(u32).range(..=32))]
    max_depth: u32,

    /// Members of one archive, with those of archives inside it
    #[arg(long, value_name = "N", default_value_t = Limits::default().members, value_parser = clap::value_parser!(u32).range(1..=value::COUNT_MAX))]
    max_members: u32,

    /// Bytes out of one compressed byte, beyond the first GiB; a file with all that is inside it
    #[arg(long, value_name = "N", default_value_t = Limits::default().ratio, value_parser = clap::value_parser!(u64).range(1..))]
    max_ratio: u64,

    /// Files found in folders
    #[arg(long, value_name = "N", default_value_t = Limits::default().files, value_parser = value::files)]
    max_files: usize,
}

/// Explains a cause, a trigger or a factor; without ID lists them all
#[derive(Args, Debug)]
struct Explain {
    /// Id as in reports, such as listener-refused
    id: Option<String>,

    /// Colours on standard output
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    color: When,
}

/// Analyzes archived incidents again, and compares each with its expect.json
#[derive(Args, Debug)]
#[command(
    after_help = "An archived incident is a folder that holds bundle/ and expect.json, or NAME.tar.gz beside NAME.expect.json. \
                  Exit code 0: all as expected; 1: a diagnosis changed; 2: something could not be read or written."
)]
struct Regress {
    /// Folder with archived incidents, at any depth
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Writes what is found now where it is not what was expected, or where nothing was
    #[arg(long)]
    bless: bool,

    /// Writes JUnit XML there too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,

    /// Format of standard output
    #[arg(long, value_name = "FORMAT", value_parser = regress_formats())]
    format: Option<String>,

    /// Threads [default: one per processor]
    #[arg(short = 'j', long, value_name = "N", value_parser = value::threads)]
    threads: Option<usize>,
}

/// Does what was asked; the result is the exit code.
///
/// # Errors
/// What could not be done at all.
pub(crate) fn run(cli: &Cli) -> Result<u8, Failure> {
    match &cli.command {
        Command::Analyze(flags) => analyze::run(flags),
        Command::Timeline(flags) => timeline::run(flags),
        Command::Stats(flags) => stats::run(flags),
        Command::Explain(flags) => explain::run(flags),
        Command::Check(flags) => check::run(flags),
        Command::Route(flags) => route::run(flags),
        Command::Regress(flags) => regress::run(flags),
        Command::Schema => {
            output::print(&nosrv::report::format::schema())?;
            Ok(DONE)
        }
    }
}

/// The rows of a table as values of a flag: name and one line for `--help`.
fn values(rows: impl IntoIterator<Item = (&'static str, &'static str)>) -> PossibleValuesParser {
    let value = |(name, about)| PossibleValue::new(name).help(about);
    PossibleValuesParser::new(rows.into_iter().map(value))
}

fn formats() -> PossibleValuesParser {
    values(FORMATS.iter().map(|format| (format.name, format.about)))
}

fn timeline_formats() -> PossibleValuesParser {
    values(
        chronicle::FORMATS
            .iter()
            .map(|format| (format.name, format.about)),
    )
}

fn stats_formats() -> PossibleValuesParser {
    let table = &nosrv::stats::format::FORMATS;
    values(table.iter().map(|format| (format.name, format.about)))
}

fn stats_tables() -> PossibleValuesParser {
    let table = &nosrv::stats::table::TABLES;
    values(table.iter().map(|kind| (kind.name, kind.about)))
}

fn stats_sorts() -> PossibleValuesParser {
    let table = &nosrv::stats::table::SORTS;
    values(table.iter().map(|(name, about, _)| (*name, *about)))
}

fn regress_formats() -> PossibleValuesParser {
    let table = &nosrv::regress::format::FORMATS;
    values(table.iter().map(|format| (format.name, format.about)))
}

impl LimitFlags {
    fn limits(&self) -> Limits {
        Limits {
            depth: self.max_depth,
            members: self.max_members,
            ratio: self.max_ratio,
            files: self.max_files,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
