//! Arguments in, exit code out.

fn main() {
    let args: Vec<std::path::PathBuf> = std::env::args_os()
        .skip(1)
        .filter(|a| !a.to_string_lossy().starts_with("--") && a != "analyze" && a != "json")
        .map(Into::into)
        .collect();
    let outcome = nosrv::investigate(&nosrv::Request {
        paths: args,
        ..Default::default()
    });
    println!("{}", serde_json::to_string_pretty(&outcome.report).unwrap());
}
