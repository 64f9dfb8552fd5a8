//! Arguments in, exit code out.

mod cli;

use clap::Parser as _;
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(text) => {
            // Help goes to standard output, complaints to standard error; when nobody reads them there is nobody to tell.
            let _unread = text.print();
            return ExitCode::from(u8::try_from(text.exit_code()).unwrap_or(cli::FAILED));
        }
    };
    match cli::run(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _unread = writeln!(
                std::io::stderr().lock(),
                "nosrv: {:#}",
                anyhow::Error::from(error)
            );
            ExitCode::from(cli::FAILED)
        }
    }
}
