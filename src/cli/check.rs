//! `nosrv check`: a configuration in, what may end in 503 out.

use crate::cli::DONE;
use crate::cli::FAILED;
use crate::cli::INCIDENT;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::output::When;
use crate::cli::request::report_troubles;
use crate::cli::values;
use clap::Args;
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use nosrv::intake::Limits;
use nosrv::lint::Severity;
use nosrv::lint::format::FORMATS;
use nosrv::lint::lint;
use std::path::PathBuf;

/// Reads a configuration and says what in it may end in 503, before it does
#[derive(Args, Debug)]
#[command(
    after_help = "Of a bundle the logs are read too: they tell how long answers usually take.\n\
                  Exit code 0: no such finding; 1: findings as bad as --fail-on says; 2: the configuration cannot be read."
)]
pub(crate) struct Check {
    /// Files in HAProxy's order, a folder, or a bundle that holds them; - for standard input
    #[arg(required = true, value_name = "CONFIG")]
    configs: Vec<PathBuf>,

    /// Form of the answer
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    format: Option<String>,

    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "SEVERITY")]
    fail_on: FailOn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// HAProxy refuses it, or requests fail already
    Error,
    /// It ends in 503 sooner or later, or hides why
    Warning,
    /// It may be on purpose
    Note,
    /// Nothing does
    Never,
}

pub(super) fn run(flags: &Check) -> Result<u8, Failure> {
    let settings = nosrv::settings(&flags.configs, &Limits::default());
    let complete = report_troubles(&settings.troubles);
    let Some(configuration) = settings.configuration else {
        return Ok(FAILED);
    };
    for name in &configuration.left_out {
        output::complain(&format!(
            "{name} is another version of the configuration: not read"
        ));
    }
    let usual_ms = nosrv::usual_ms(&flags.configs, &Limits::default());
    let findings = lint(&configuration, &usual_ms);
    let [default, ..] = &FORMATS;
    let named = FORMATS
        .iter()
        .find(|format| Some(format.name) == flags.format.as_deref());
    let columns = output::style(When::Never).columns;
    output::print(&(named.unwrap_or(default).render)(&findings, columns))?;
    let least = match flags.fail_on {
        FailOn::Error => Some(Severity::Error),
        FailOn::Warning => Some(Severity::Warning),
        FailOn::Note => Some(Severity::Note),
        FailOn::Never => None,
    };
    let fails = least.is_some_and(|least| findings.iter().any(|f| f.severity >= least));
    Ok(match (complete, fails) {
        (false, _) => FAILED,
        (true, true) => INCIDENT,
        (true, false) => DONE,
    })
}

fn formats() -> PossibleValuesParser {
    values(FORMATS.iter().map(|format| (format.name, format.about)))
}
