//! Bytes per second: framing, carrier, event decoding, and the whole analysis, on generated logs of each style.

mod generator;

use std::io::Write as _;
use std::process::ExitCode;

use std::path::PathBuf;
use std::time::Instant;

use generator::KINDS;
use nosrv::carrier::{Framing, Reader, frames};
use nosrv::event;
use nosrv::event::traffic::{BuiltIn, Memory};

/// Any fixed number: two runs of a bench must read the same bytes.
const SEED: u64 = 503;

fn main() -> ExitCode {
    // cargo passes `--bench` as well
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let done = if args.is_empty() {
        measure()
    } else {
        Err("usage: cargo bench --bench throughput".to_owned())
    };
    match done {
        Ok(text) => say(&text),
        Err(text) => {
            say(&text);
            ExitCode::from(2)
        }
    }
}

/// Bytes of the log that is measured: more than the caches, less than a coffee.
const MEASURED_BYTES: u64 = 96 << 20;
/// Each figure is the fastest of so many runs.
const RUNS: usize = 7;

/// Measures every kind: one line each, in MB/s.
fn measure() -> Result<String, String> {
    let mut table = vec![format!(
        "{:<8} {:>9} {:>9} {:>9} {:>9}   MB/s, fastest of {RUNS}",
        "kind", "frames", "records", "events", "analyze"
    )];
    // What lines of these mean is in their configurations, which only the whole analysis reads.
    let is_declared = |kind: &generator::Kind| matches!(kind.name, "custom" | "keyed");
    for kind in KINDS.iter().filter(|kind| !is_declared(kind)) {
        let name = kind.name;
        let mut log = Vec::new();
        generator::write_log(&mut log, MEASURED_BYTES, SEED, *kind)
            .map_err(|error| error.to_string())?;
        let path =
            std::env::temp_dir().join(format!("nosrv-bench-{}-{name}.log", std::process::id()));
        std::fs::write(&path, &log)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        let framing = Framing::of(&log);
        let speeds = [
            speed(&log, || frames(framing, &log).count()),
            speed(&log, || {
                let mut reader = Reader::new(framing);
                frames(framing, &log)
                    .map(|frame| reader.read(frame.raw).body.len())
                    .sum()
            }),
            speed(&log, || {
                let (mut reader, mut memory) = (Reader::new(framing), Memory::default());
                let decoded = frames(framing, &log).map(|frame| {
                    let record = reader.read(frame.raw);
                    let is_quick = event::quickly::<BuiltIn>(&record, &mut memory).is_some();
                    let mut is_traffic = || {
                        let event = event::decode(&record, &mut memory);
                        matches!(event, event::Event::Traffic(_))
                    };
                    usize::from(is_quick || is_traffic())
                });
                decoded.sum()
            }),
            speed(&log, || analyze(&path)),
        ];
        let columns: Vec<String> = speeds.iter().map(|speed| format!("{speed:>9.0}")).collect();
        table.push(format!("{name:<8} {}", columns.join(" ")));
        // A file that cannot be removed from the scratch folder is no failure of the bench.
        let _ = std::fs::remove_file(&path);
    }
    Ok(table.join("\n"))
}

fn analyze(path: &std::path::Path) -> usize {
    let request = nosrv::Request {
        paths: vec![PathBuf::from(path)],
        ..nosrv::Request::default()
    };
    nosrv::investigate(&request).report.incidents.len()
}

/// MB/s of the fastest run; what the work gives is kept, so that it is not optimized away.
fn speed(log: &[u8], mut work: impl FnMut() -> usize) -> f64 {
    let runs = (0..RUNS).map(|_| {
        let start = Instant::now();
        std::hint::black_box(work());
        start.elapsed().as_secs_f64()
    });
    let fastest = runs.fold(f64::INFINITY, f64::min);
    let megabytes =
        u32::try_from(log.len() >> 10).map_or(0.0, |kib| f64::from(kib) / 1000.0 * 1.024);
    megabytes / fastest
}

fn say(text: &str) -> ExitCode {
    match writeln!(std::io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(2),
    }
}
