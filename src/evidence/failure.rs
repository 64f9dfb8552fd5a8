//! Failed requests: at which step, on which server, when, how many, and a few of their lines.

use crate::base::Cite;
use crate::base::SECOND;
use crate::base::Span;
use crate::base::Stamp;
use crate::event::traffic::Traffic;
use crate::evidence::Bottom;
use crate::evidence::STEP;
use crate::evidence::Seen;
use crate::evidence::Tally;
use crate::evidence::bottom;
use crate::evidence::sorted::Sorted;

/// Kinds of failures (step, server, worker) of one cell; with more of them, somebody made up the workers' pids.
const KINDS_MAX: usize = 4096;
/// Routes kept per cell of failures; beyond it their list says that it is not complete.
const ROUTES_MAX: usize = 256;
/// Clients kept per cell of failures; beyond it their number is an estimate, and says so.
const CLIENTS_MAX: usize = 1024;
/// Identities of lines kept per cell, to see that two logs hold the same lines.
const IDENTITIES_MAX: usize = 256;
/// A request that finds no server is answered at once; one that waited longer than this was in a queue, in ms.
const QUICK_MS: u32 = 500;
/// Longest path kept for a route, bytes.
const PATH_BYTES_MAX: usize = 200;

/// The step at which HAProxy or the server gave up, from flags and timers.
///
/// Source: configuration manual 3.2, "Stream state at disconnection"; HAProxy `src/stream.c`, `src/backend.c`, `src/queue.c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// `SC`, `Tw` −1, `TR` present: the backend had no usable server; or none was left for the next attempt (`+` before the retries).
    NoServer,
    /// `SC`, `TR` −1, backend = frontend: no rule chose a backend.
    NoRoute,
    /// `SC`, `TR` −1, backend ≠ frontend: the chosen backend is `disabled`.
    DisabledBackend,
    /// `SC`, `Tw` present, a server named, `Tc` −1: every connection attempt failed at once.
    Refused,
    /// `sC`: no attempt was answered within `timeout connect`.
    ConnectTimeout,
    /// `sQ`: waited longer than `timeout queue`.
    QueueTimeout,
    /// `SQ`: the server's queue was full.
    QueueFull,
    /// `SC` with `<NOSRV>` and `Tw` present: the target of `dispatch` or a transparent proxy.
    Dispatch,
    /// `P…`: a rule, a tarpit or a limit of HAProxy refused the request.
    Denied,
    /// `L…`: HAProxy answered by itself (`return`, a service).
    Local,
    /// `R…`: a resource ran out.
    Resource,
    /// `D…`, `K…`, `U…`: killed because a server changed its state, or by an operator.
    Killed,
    /// `C…`: the client left while queued or connecting (logged as 503 up to 2.4).
    ClientGone,
    /// A server answered 503 by itself, `----`.
    Application,
    /// Any other 503.
    Other,
}

impl Step {
    /// The step of a failed request; `None`: it did not fail in a way that this program explains.
    ///
    /// HTTP: status 503. TCP has no status: there a stream failed when it ended while connecting or queued.
    pub fn of(line: &Traffic<'_>) -> Option<Step> {
        if line.http && line.status_code != Some(503) {
            return None;
        }
        let Some([cond, phase, ..]) = line.termination_state else {
            return line.http.then(|| stateless(line));
        };
        let connecting = matches!(cond, b'S' | b's' | b'R') && matches!(phase, b'C' | b'Q');
        if !line.http && !connecting {
            return None;
        }
        Some(match (cond, phase) {
            (b'P', _) => Step::Denied,
            (b'L', _) => Step::Local,
            (b'R', _) => Step::Resource,
            (b'D' | b'K' | b'U', _) => Step::Killed,
            (b'C', _) => Step::ClientGone,
            (b's', b'Q') => Step::QueueTimeout,
            (b'S', b'Q') => Step::QueueFull,
            (b's', b'C') => Step::ConnectTimeout,
            (b'S', b'C') => not_connected(line),
            (b'-', _) if line.server().starts_with(b"<") => Step::Local,
            (b'-', _) => Step::Application,
            _ => Step::Other,
        })
    }
}

fn not_connected(line: &Traffic<'_>) -> Step {
    let timers = line.timers;
    match (timers.req_timer_queue_ms(), line.is_nosrv()) {
        // A server was tried, and at the redispatch there was none left; the target of `dispatch` is never another one.
        (Some(_), true) if line.tail.counts().redispatched => Step::NoServer,
        (Some(_), true) => Step::Dispatch,
        (Some(_), false) => Step::Refused,
        // A format without `%Tw` tells by the name alone.
        (None, false) if !timers.has_req_timer_queue() && !line.server().is_empty() => {
            Step::Refused
        }
        (None, false) => Step::Other,
        // TCP lines have no `TR`: without a server and without a backend they look the same unless the names tell.
        (None, true) if !timers.has_req_timer_hdr() => Step::NoServer,
        (None, true) if timers.req_timer_hdr_ms().is_some() => Step::NoServer,
        (None, true) if line.backend() == line.frontend() => Step::NoRoute,
        (None, true) => Step::DisabledBackend,
    }
}

/// A 503 in a format without the termination state: only what nothing but one step leaves behind is named.
fn stateless(line: &Traffic<'_>) -> Step {
    let timers = line.timers;
    if line.server().is_empty() {
        return Step::Other;
    }
    if line.is_nosrv() {
        // In a queue the request waits, and a rule of the frontend refuses before a backend is chosen.
        let waited = timers.req_timer_queue_ms().is_some()
            || timers.total_ms().is_some_and(|ms| ms > QUICK_MS);
        return match not_connected(line) {
            Step::Dispatch => Step::Other,
            _ if waited
                || (line.backend() == line.frontend() && timers.req_timer_hdr_ms().is_some()) =>
            {
                Step::Other
            }
            step => step,
        };
    }
    match (line.server().starts_with(b"<"), timers.res_timer_hdr_ms()) {
        (true, _) => Step::Local,
        // Only a server's own answer has response headers.
        (false, Some(_)) => Step::Application,
        (false, None) => Step::Other,
    }
}

/// Failures of one frontend and backend within one slot of time.
#[derive(Clone, Debug, Default)]
pub struct FailCell {
    /// By step, server and worker.
    pub tallies: Sorted<FailKey, FailTally>,
    /// There were more than [`KINDS_MAX`] of them, so that workers are not told apart: all stand under pid 0.
    pub(super) is_without_workers: bool,
    /// Requests by route; the key is captures, authority and path, separated by a unit separator (0x1F).
    pub routes: Bottom<u64, ROUTES_MAX>,
    /// Requests by client address.
    pub clients: Bottom<u64, CLIENTS_MAX>,
    /// Which lines these are, so that a second copy of the log is seen as one.
    pub identities: Bottom<Identity, IDENTITIES_MAX>,
}

/// Lines that are the same request as far as can be told, and what they were counted under.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity {
    /// Lines.
    pub n: u64,
    /// Hash of the server's name.
    pub(super) server: u64,
    /// Hash of the route; `None`: a TCP line has none.
    pub(super) route: Option<u64>,
    /// Hash of the client's address.
    pub(super) client: u64,
    /// Worker.
    pub(super) pid: u32,
    /// The step; `None`: of no line yet.
    pub(super) step: Option<Step>,
}

/// What failures are told apart by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FailKey {
    /// The step.
    pub step: Step,
    /// Server as logged, `<NOSRV>` included.
    pub server: Box<[u8]>,
    /// Worker that wrote the line; 0 when the carrier has no pid.
    pub pid: u32,
}

/// Counts of failures of one kind.
#[derive(Clone, Debug, Default)]
pub struct FailTally {
    /// Failed requests or streams.
    pub n: u64,
    /// Of those, HTTP lines.
    pub n_http: u64,
    /// First and last accept date, and the last end; local axis. `None`: lines without a date.
    pub times: Option<(i64, i64, i64)>,
    /// Longest time in queue, ms (see `%Tw`: includes failed attempts when a redispatch happened).
    pub queue_ms_max: u32,
    /// Shortest and longest total time, ms.
    pub total_ms: Option<(u32, u32)>,
    /// Most retries of one request.
    pub retries_max: u32,
    /// Requests that were redispatched.
    pub n_redispatched: u64,
    /// Requests that had to wait in a queue by their queue positions.
    pub n_queued: u64,
    /// Smallest and largest `%B`.
    pub bytes: Option<(u64, u64)>,
    /// The first line by its place in the log.
    pub first: Option<Cite>,
    /// The last line by its place in the log, unless that is the first: most cells hold one failure of a kind.
    last: Option<Box<(Span, Quote)>>,
}

/// A line to quote.
#[derive(Clone, Debug)]
enum Quote {
    /// As it was read; it is made printable if it is the last one to the end.
    Raw(Vec<u8>),
    /// Of what was the first line until an earlier one was found.
    Printable(Box<str>),
}

impl FailTally {
    fn fold(&mut self, seen: &Seen<'_>, line: &Traffic<'_>) {
        let counts = line.tail.counts();
        self.n += 1;
        self.n_http += u64::from(line.http);
        if let (Some(accept), Some(end)) = (line.accept, line.end()) {
            self.times = join3(self.times, Some((accept, accept, end)));
        }
        self.queue_ms_max = self
            .queue_ms_max
            .max(line.timers.req_timer_queue_ms().unwrap_or(0));
        self.total_ms = join(self.total_ms, line.timers.total_ms().map(|ms| (ms, ms)));
        self.retries_max = self.retries_max.max(counts.retries);
        self.n_redispatched += u64::from(counts.redispatched);
        self.n_queued += u64::from(counts.srv_queue > 0 || counts.backend_queue > 0);
        self.bytes = join(self.bytes, line.bytes_read().map(|n| (n, n)));
        self.quote(seen);
    }

    /// Keeps the line if it is the first or the last one.
    fn quote(&mut self, seen: &Seen<'_>) {
        let is_first = self.first.as_ref().is_none_or(|c| seen.span < c.span);
        if is_first {
            let earlier = self.first.replace(Cite::new(seen.span, seen.quote));
            if self.last.is_none() {
                self.last = earlier.map(Quote::of);
            }
            return;
        }
        match self.last.as_deref_mut() {
            Some((span, _)) if seen.span < *span => {}
            Some((span, Quote::Raw(quote))) => {
                *span = seen.span;
                quote.clear();
                quote.extend_from_slice(seen.quote);
            }
            Some((_, Quote::Printable(_))) | None => {
                self.last = Some(Box::new((seen.span, Quote::Raw(seen.quote.to_vec()))));
            }
        }
    }

    /// The last line by its place in the log.
    pub fn last(&self) -> Option<Cite> {
        let Some((span, quote)) = self.last.as_deref() else {
            return self.first.clone();
        };
        Some(match quote {
            Quote::Raw(line) => Cite::new(*span, line),
            Quote::Printable(text) => Cite {
                span: *span,
                text: text.clone(),
            },
        })
    }
}

impl Quote {
    fn of(cite: Cite) -> Box<(Span, Quote)> {
        Box::new((cite.span, Quote::Printable(cite.text)))
    }
}

impl Tally for FailTally {
    fn add(&mut self, other: Self) {
        let FailTally {
            n,
            n_http,
            times,
            queue_ms_max,
            total_ms,
            retries_max,
            n_redispatched,
            n_queued,
            bytes,
            first,
            last,
        } = other;
        self.n += n;
        self.n_http += n_http;
        self.times = join3(self.times, times);
        self.queue_ms_max = self.queue_ms_max.max(queue_ms_max);
        self.total_ms = join(self.total_ms, total_ms);
        self.retries_max = self.retries_max.max(retries_max);
        self.n_redispatched += n_redispatched;
        self.n_queued += n_queued;
        self.bytes = join(self.bytes, bytes);
        let (first, second) = match (self.first.take(), first) {
            (Some(a), Some(b)) if b < a => (Some(b), Some(a)),
            (Some(a), b) => (Some(a), b),
            (None, b) => (b, None),
        };
        self.first = first;
        let last = [self.last.take(), last, second.map(Quote::of)];
        self.last = last.into_iter().flatten().max_by_key(|last| last.0);
    }
}

fn join<T: Ord + Copy>(a: Option<(T, T)>, b: Option<(T, T)>) -> Option<(T, T)> {
    match (a, b) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (one, other) => one.or(other),
    }
}

fn join3(a: Option<(i64, i64, i64)>, b: Option<(i64, i64, i64)>) -> Option<(i64, i64, i64)> {
    match (a, b) {
        (Some((a, b, c)), Some((d, e, f))) => Some((a.min(d), b.max(e), c.max(f))),
        (one, other) => one.or(other),
    }
}

impl FailCell {
    #[inline(never)]
    pub(super) fn fold(&mut self, seen: &Seen<'_>, line: &Traffic<'_>, step: Step) {
        let key = FailKey {
            step,
            server: line.server().into(),
            pid: seen.record.pid.unwrap_or(0),
        };
        self.update(key, |tally| tally.fold(seen, line));
        let mut route = None;
        if line.http {
            let request = line.tail.request();
            let path = request.path.get(..PATH_BYTES_MAX).unwrap_or(request.path);
            let key = [line.tail.captures(), b"\x1f", request.host, b"\x1f", path].concat();
            route = Some(self.routes.update(&key, |n| *n += 1));
        }
        let client = self.clients.update(line.client(), |n| *n += 1);
        let when = line.accept.or(seen.record.stamp.map(without_zone));
        let accept = when.unwrap_or(0).to_le_bytes();
        // Where the three names stand apart there is no path.
        let names = match line.path() {
            b"" => [line.backend(), line.server()].concat(),
            path => path.to_vec(),
        };
        let identity = [line.client(), &accept, &names, line.tail.request_line()].concat();
        // The hash alone: requests are compared, never shown.
        let identity = bottom::hash(&identity).to_le_bytes();
        let pid = seen.record.pid.unwrap_or(0);
        self.identities.update_unnamed(&identity, |seen| {
            *seen = Identity {
                n: seen.n + 1,
                server: bottom::hash(line.server()),
                route,
                client,
                pid,
                step: Some(step),
            }
        });
    }

    fn update(&mut self, mut key: FailKey, change: impl FnOnce(&mut FailTally)) {
        if self.is_without_workers {
            key.pid = 0;
        }
        self.tallies.update(key, change);
        if self.tallies.len() > KINDS_MAX {
            self.leave_workers_out();
        }
    }

    /// The same whatever the order of lines and cells: the kinds of a part are never more than those of the whole.
    #[cold]
    fn leave_workers_out(&mut self) {
        if !std::mem::replace(&mut self.is_without_workers, true) {
            for (key, tally) in std::mem::take(&mut self.tallies) {
                self.update(key, |mine| mine.add(tally));
            }
        }
    }

    /// Puts the times on another axis.
    pub fn move_times(&mut self, to: impl Fn(i64) -> i64) {
        for (_, tally) in self.tallies.iter_mut() {
            tally.times = tally.times.map(|(a, b, c)| (to(a), to(b), to(c)));
        }
    }

    /// Failures of all kinds in this cell.
    pub fn n(&self) -> u64 {
        self.tallies.values().map(|t| t.n).sum()
    }
}

/// What copies of a line in carriers of any zone and precision agree on.
fn without_zone(stamp: Stamp) -> i64 {
    stamp.micros.rem_euclid(STEP) / SECOND
}

impl Tally for FailCell {
    fn add(&mut self, other: Self) {
        let FailCell {
            tallies,
            is_without_workers,
            routes,
            clients,
            identities,
        } = other;
        if is_without_workers {
            self.leave_workers_out();
        }
        for (key, tally) in tallies {
            self.update(key, |mine| mine.add(tally));
        }
        self.routes.merge(routes, |a, b| *a += b);
        self.clients.merge(clients, |a, b| *a += b);
        self.identities.merge(identities, |a, b| a.n += b.n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_too_many_workers_they_are_not_told_apart_whatever_the_order() {
        let cell = |pids: &mut dyn Iterator<Item = u32>| {
            let mut cell = FailCell::default();
            for pid in pids {
                let key = FailKey {
                    step: Step::NoServer,
                    server: b"<NOSRV>"[..].into(),
                    pid,
                };
                cell.update(key, |tally| tally.n += 1);
            }
            cell
        };
        let said = |cell: &FailCell| (cell.tallies.len(), cell.n(), cell.is_without_workers);
        let most = u32::try_from(KINDS_MAX).unwrap();
        assert_eq!(said(&cell(&mut (0..most))), (KINDS_MAX, most.into(), false));
        let whole = cell(&mut (0..3 * most));
        assert_eq!(said(&whole), (1, u64::from(3 * most), true));
        let parts = || (0..3).map(|part| cell(&mut (part * most..(part + 1) * most)));
        let mut forwards = FailCell::default();
        parts().for_each(|part| forwards.add(part));
        let mut backwards = FailCell::default();
        parts().rev().for_each(|part| backwards.add(part));
        assert_eq!(
            (said(&forwards), said(&backwards)),
            (said(&whole), said(&whole))
        );
    }
}
