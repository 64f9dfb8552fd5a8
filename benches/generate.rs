//! Writes a generated log of a chosen kind and size, the same bytes each time.
//!
//! A program of its own, and without the crate inside, so that a script that only needs logs does not wait for it.

mod generator;

use std::fs::File;
use std::io::BufWriter;
use std::io::Write as _;
use std::process::ExitCode;

use generator::KINDS;

/// Any fixed number: two runs of a bench must read the same bytes.
const SEED: u64 = 503;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [kind, bytes, path] => generate(kind, bytes, path),
        _ => Err(usage()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            // Nothing is left to do when standard error is closed.
            let _ = writeln!(std::io::stderr(), "{text}");
            ExitCode::from(2)
        }
    }
}

fn generate(kind: &str, bytes: &str, path: &str) -> Result<(), String> {
    let kind = KINDS
        .iter()
        .find(|known| known.name == kind)
        .ok_or_else(|| format!("unknown kind `{kind}`\n{}", usage()))?;
    let bytes = bytes
        .parse()
        .map_err(|error| format!("`{bytes}` is no number of bytes: {error}"))?;
    File::create(path)
        .map(|file| BufWriter::with_capacity(1 << 20, file))
        .and_then(|mut out| {
            generator::write_log(&mut out, bytes, SEED, *kind)?;
            out.flush()
        })
        .map_err(|error| format!("cannot write {path}: {error}"))
}

fn usage() -> String {
    let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    format!(
        "usage: cargo run --release --example generate -- {} BYTES FILE",
        kinds.join("|")
    )
}
