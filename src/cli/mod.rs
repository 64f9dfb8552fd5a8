//! Flags and their help text; one function per command.

mod analyze;
mod check;
mod explain;
mod output;
mod route;
mod value;

use crate::cli::output::Failure;
use crate::cli::output::When;
use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::builder::PossibleValue;
use clap::builder::PossibleValuesParser;
use nosrv::intake::Limits;
use nosrv::report::format::FORMATS;
use std::path::PathBuf;

/// A report was made.
pub(crate) const DONE: u8 = 0;
/// With `--exit-code`: an incident was found; `check`: findings.
pub(crate) const INCIDENT: u8 = 1;
/// Not all that was asked could be done; wins over [`INCIDENT`].
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
    Explain(Explain),
    Route(route::Route),
    Check(check::Check),
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
    /// Files, folders, tar archives, compressed or not; - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Format of standard output, and of files whose ending names none
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    format: Option<String>,

    /// Writes the report there instead of to standard output; the ending chooses the format, - is standard output;
    /// may be given several times
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,

    /// Offset from UTC of HAProxy's local time, such as +02:00, when the logs do not show it or show it wrongly
    #[arg(long, value_name = "OFFSET", allow_hyphen_values = true, value_parser = value::offset)]
    tz: Option<i64>,

    /// Year of dates that were written without one
    #[arg(long, value_parser = clap::value_parser!(i64).range(1970..=9999))]
    year: Option<i64>,

    /// Threads [default: one per processor]
    #[arg(short = 'j', long, value_name = "N", value_parser = value::threads)]
    threads: Option<usize>,

    /// Exits with 1 when an incident was found
    #[arg(long)]
    exit_code: bool,

    /// Colours on standard output
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    color: When,

    #[command(flatten)]
    limits: LimitFlags,
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

    /// Bytes out of one compressed byte, beyond the first GiB
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

/// Does what was asked; the result is the exit code.
///
/// # Errors
/// What could not be done at all.
pub(crate) fn run(cli: &Cli) -> Result<u8, Failure> {
    match &cli.command {
        Command::Analyze(flags) => analyze::run(flags),
        Command::Explain(flags) => explain::run(flags),
        Command::Check(flags) => check::run(flags),
        Command::Route(flags) => route::run(flags),
        Command::Schema => {
            output::print(&nosrv::report::format::schema())?;
            Ok(DONE)
        }
    }
}

/// The table of formats as values of a flag.
fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(
        FORMATS
            .iter()
            .map(|format| PossibleValue::new(format.name).help(format.about)),
    )
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
