//! How many threads work.

use std::io;

/// Runs `work` on a pool of that many threads; `None`: one per processor.
///
/// # Errors
/// The system does not give so many threads.
pub fn with_threads<T: Send>(n: Option<usize>, work: impl FnOnce() -> T + Send) -> io::Result<T> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(n.unwrap_or(0))
        .build()
        .map_err(io::Error::other)?;
    Ok(pool.install(work))
}
