//! Which lines are counted: by accept date on the clock's axis, by frontend and backend.

use crate::base::Stamp;
use crate::base::printable;
use crate::clock::Clock;
use crate::evidence::Axis;
use crate::evidence::figures::Keep;
use crate::report::filter;
use crate::report::filter::Filter;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Names that are remembered for the hint after one that no line has.
const NAMES_MAX: usize = 4096;
/// Names that are listed in it.
const LISTED_MAX: usize = 8;

/// A time that was asked for, and what places lines in it.
#[derive(Debug)]
pub struct Window {
    /// From here on, UTC.
    pub since: Option<i64>,
    /// Up to here, UTC.
    pub until: Option<i64>,
    /// Places accept dates, as for every other command.
    pub clock: Clock,
}

/// The lines that were asked for.
#[derive(Clone, Debug)]
pub struct Lines(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    window: Option<Window>,
    frontends: Vec<String>,
    backends: Vec<String>,
    /// Frontends and backends of the lines, for those who mistyped one.
    seen: Mutex<[BTreeSet<String>; 2]>,
}

impl Lines {
    /// Of a filter, with the window that its times became.
    pub fn new(filter: &Filter, window: Option<Window>) -> Lines {
        Lines(Arc::new(Inner {
            window,
            frontends: filter.frontends.clone(),
            backends: filter.backends.clone(),
            seen: Mutex::default(),
        }))
    }

    /// Names that were asked for and that no line has.
    pub fn warnings(&self) -> Vec<String> {
        let seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let [frontends, backends] = &*seen;
        let sides = [
            ("frontend", &self.0.frontends, frontends),
            ("backend", &self.0.backends, backends),
        ];
        let unknown = sides.into_iter().flat_map(|(kind, patterns, names)| {
            let missing = patterns
                .iter()
                .filter(|pattern| !names.iter().any(|name| filter::matches(pattern, name)));
            missing.map(move |pattern| {
                let listed: Vec<&str> = names.iter().take(LISTED_MAX).map(String::as_str).collect();
                let more = names.len().saturating_sub(listed.len());
                let text = match more {
                    _ if listed.is_empty() => "there is no traffic line at all".to_owned(),
                    0 => format!("there are {}", listed.join(", ")),
                    more => format!("there are {} and {more} more", listed.join(", ")),
                };
                printable(format!("no line has the {kind} {pattern}: {text}").as_bytes())
            })
        });
        unknown.collect()
    }
}

impl Keep for Lines {
    fn names(&self, frontend: &[u8], backend: &[u8]) -> bool {
        let names = [frontend, backend].map(printable);
        let is_wanted = [&self.0.frontends, &self.0.backends]
            .into_iter()
            .zip(&names)
            .all(|(patterns, name)| filter::any(patterns, name));
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (seen, name) in seen.iter_mut().zip(names) {
            seen.insert(name);
            // Those first in order stay, so what is listed does not depend on the order.
            if seen.len() > NAMES_MAX {
                seen.pop_last();
            }
        }
        is_wanted
    }

    fn spans(&self, source: u32, host: &[u8], axis: Axis) -> Option<Vec<(i64, i64)>> {
        let window = self.0.window.as_ref()?;
        let times = (window.since, window.until);
        Some(
            window
                .clock
                .local_spans(source, &printable(host), axis, times),
        )
    }

    fn stamp(&self, source: u32, stamp: Stamp) -> bool {
        let Some(window) = &self.0.window else {
            return true;
        };
        let at = window.clock.stamp(source, stamp);
        window.since.is_none_or(|since| since <= at) && window.until.is_none_or(|until| at <= until)
    }
}
