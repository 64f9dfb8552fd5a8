//! Arguments in, exit code out.

fn main() {
    let args: Vec<std::path::PathBuf> = std::env::args_os().skip(1).map(Into::into).collect();
    let limits = nosrv::intake::Limits::default();
    let (leaves, t) = nosrv::intake::discover(&args, &limits);
    let g = nosrv::run::gather(&leaves, &limits);
    println!("{t:?}");
    for a in &g.artifacts {
        println!("{} {:?} {} {}", a.path, a.kind, a.carrier, a.n_bytes);
    }
    for (s, e) in g.evidence.sources {
        println!(
            "{s:x} records {} traffic {} msg {} foreign {} broken {} offs {:?} lines {}",
            e.coverage.n_records,
            e.coverage.n_traffic,
            e.coverage.n_messages,
            e.coverage.n_foreign,
            e.coverage.n_broken,
            e.offsets.ranked(),
            e.lines.values().map(|x| u64::from(*x)).sum::<u64>()
        );
        for (k, p) in e.traffic.pairs() {
            println!(
                "   {k:?} n {} fails {}",
                p.n,
                p.failures.iter().map(|(_, c)| c.n()).sum::<u64>()
            );
        }
    }
}
