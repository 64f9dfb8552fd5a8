//! How many threads work.

use rayon::iter::IntoParallelRefIterator as _;
use rayon::iter::ParallelIterator as _;
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

/// Frees something large while the caller goes on.
pub fn discard<T: Send + 'static>(large: T) {
    rayon::spawn(move || drop(large));
}

/// Does the same with each of some things, side by side; the results are in the order of the things.
pub fn each<T: Sync, R: Send>(things: &[T], work: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    things.par_iter().map(work).collect()
}
