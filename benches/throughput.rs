//! Bytes per second of each room; for now only the logs that the rooms will be measured with.

mod generator;

use std::fs::File;
use std::io::BufWriter;
use std::io::Write as _;
use std::process::ExitCode;

use generator::Style;

/// Any fixed number: two runs of a bench must read the same bytes.
const SEED: u64 = 503;

fn main() -> ExitCode {
    // cargo passes `--bench` as well
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["generate", style, bytes, path] => generate(style, bytes, path),
        _ => Ok(usage()),
    };
    match done {
        Ok(text) => say(&text),
        Err(text) => {
            say(&text);
            ExitCode::from(2)
        }
    }
}

/// Writes one log file; the answer says how large it became.
fn generate(style: &str, bytes: &str, path: &str) -> Result<String, String> {
    let (_, style) = Style::ALL
        .iter()
        .find(|(name, _)| *name == style)
        .ok_or_else(|| format!("unknown style `{style}`\n{}", usage()))?;
    let bytes = bytes
        .parse()
        .map_err(|error| format!("`{bytes}` is no number of bytes: {error}"))?;
    let written = File::create(path)
        .map(|file| BufWriter::with_capacity(1 << 20, file))
        .and_then(|mut out| {
            let written = generator::write_log(&mut out, bytes, SEED, *style)?;
            out.flush()?;
            Ok(written)
        })
        .map_err(|error| format!("cannot write {path}: {error}"))?;
    Ok(format!("{path}: {written} bytes"))
}

fn usage() -> String {
    let styles: Vec<&str> = Style::ALL.iter().map(|(name, _)| *name).collect();
    format!(
        "usage: cargo bench -- generate {} BYTES FILE",
        styles.join("|")
    )
}

fn say(text: &str) -> ExitCode {
    match writeln!(std::io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(2),
    }
}
