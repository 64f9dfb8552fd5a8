//! What all logs of a pass are read with: formats, the question, and the sinks that blocks are folded into.

use crate::event::traffic::format::Formats;
use crate::evidence::Sink;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Handed to everything that reads a log.
pub(super) struct Reading<'a, S: Sink> {
    /// Formats beside the built-in ones.
    pub(super) formats: &'a Formats,
    /// What is asked.
    pub(super) ask: &'a S::Ask,
    /// Where blocks go.
    pub(super) pool: &'a Pool<S>,
}

impl<'a, S: Sink> Reading<'a, S> {
    /// The same with other formats.
    pub(super) fn with<'b>(&self, formats: &'b Formats) -> Reading<'b, S>
    where
        'a: 'b,
    {
        Reading {
            formats,
            ask: self.ask,
            pool: self.pool,
        }
    }
}

/// Does two things side by side.
pub(super) fn both(one: &mut (dyn FnMut() + Send), other: &mut (dyn FnMut() + Send)) {
    rayon::join(one, other);
}

/// Sinks that are not in use, one per thread: what a thread filled last is still near it. Each takes blocks of any log, and
/// merging them is left to the end.
#[derive(Debug)]
pub(super) struct Pool<S>(Mutex<Vec<(Option<usize>, S)>>);

impl<S: Sink> Pool<S> {
    pub(super) fn new() -> Self {
        Pool(Mutex::new(Vec::new()))
    }

    /// One to fill.
    pub(super) fn take(&self) -> S {
        let thread = rayon::current_thread_index();
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = free.iter().position(|(owner, _)| *owner == thread);
        own.map_or_else(S::default, |index| free.swap_remove(index).1)
    }

    /// Back, filled.
    pub(super) fn give(&self, sink: S) {
        let thread = rayon::current_thread_index();
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        free.push((thread, sink));
    }

    /// Fills one.
    pub(super) fn fill<T>(&self, work: impl FnOnce(&mut S) -> T) -> T {
        let mut sink = self.take();
        let result = work(&mut sink);
        self.give(sink);
        result
    }

    /// All of them in one.
    pub(super) fn joined(self) -> S {
        let all = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut all = all.into_iter();
        let mut first = all.next().map_or_else(S::default, |(_, sink)| sink);
        for (_, more) in all {
            first.merge(more, both);
        }
        first.finish();
        first
    }
}
