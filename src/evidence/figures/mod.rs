//! What `halog` counts: requests by status, server, termination state, URL and client, timers, gaps between requests.
//!
//! Everything merges in any order. It is bounded: names, long durations and slots of time by the constants of each file, so one
//! set of figures takes about 60 MB at most while keys are counted exactly, and less beyond.

mod accepts;
mod histogram;
mod keys;
mod ranking;
mod served;
mod sketch;

use crate::base::MINUTE;
use crate::base::Precision;
use crate::base::Span;
use crate::base::Stamp;
use crate::event::Event;
use crate::event::traffic::Names;
use crate::event::traffic::Traffic;
use crate::evidence::Axis;
use crate::evidence::Both;
use crate::evidence::LogSink;
use crate::evidence::Seen;
use crate::evidence::Sink;
use crate::evidence::Spot;
use accepts::Accepts;
use served::Paths;

pub use accepts::Gap;
pub use histogram::Histogram;
pub use ranking::{Asked, EXACT_MAX, Ranking};
pub use served::Served;

/// Which of the figures that cost time are wanted, and of which lines.
#[derive(Default)]
pub struct Ask {
    /// Requests by URL.
    pub urls: bool,
    /// Requests by client.
    pub clients: bool,
    /// Timers.
    pub timers: bool,
    /// Gaps between accept dates.
    pub holes: bool,
    /// Which lines; `None`: all.
    pub keep: Option<Box<dyn Keep>>,
}

/// Which lines are counted. Asked once per name and once per host, not per line.
pub trait Keep: Send + Sync {
    /// Lines of this frontend and backend are.
    fn names(&self, frontend: &[u8], backend: &[u8]) -> bool;

    /// Times on HAProxy's local axis, first and last microsecond, in which lines of this log, host and axis are; `None`: always.
    fn spans(&self, source: u32, host: &[u8], axis: Axis) -> Option<Vec<(i64, i64)>>;

    /// A line without accept date is, by its carrier's stamp.
    fn stamp(&self, source: u32, stamp: Stamp) -> bool;
}

/// Records read, by what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Records of any kind, empty lines left out.
    pub n_records: u64,
    /// Traffic lines.
    pub n_traffic: u64,
    /// Traffic lines that the filter left out.
    pub n_left_out: u64,
    /// Of these, those without any time, where a time was asked for.
    pub n_undated: u64,
    /// TCP streams among the lines counted.
    pub n_tcp: u64,
    /// Traffic lines that could not be read.
    pub n_damaged: u64,
    /// Traffic lines in a known format that names no backend, or tells no outcome.
    pub n_unjudged: u64,
    /// Lines counted with a timer that is −1.
    pub n_err: u64,
    /// Lines counted without a request line, which are in no row of the URLs.
    pub n_without_url: u64,
    /// Lines counted without a client's address.
    pub n_without_client: u64,
}

/// Requests of one status or termination state.
pub type Tally = [u64; 3];

/// Everything that is counted.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Records.
    pub read: Read,
    /// First and last accept date of the lines counted; HAProxy's local axis.
    pub accept: Option<(i64, i64)>,
    /// Requests by status, from 0 to 999; those without one under 1000. Empty: none.
    pub statuses: Vec<u64>,
    /// By the two bytes of `term_cond` and `fin_state`: all, those with a 5xx, those with a 503. Empty: none.
    pub states: Vec<Tally>,
    /// Lines whose format lacks the termination state.
    pub n_stateless: u64,
    /// `%TR`, `%Tw`, `%Tc`, `%Tr`, `%Ta` and what is left of it, of requests with no timer that is −1.
    pub http: [Histogram; 6],
    /// `%Tw`, `%Tc` and `%Tt` of TCP streams, likewise.
    pub tcp: [Histogram; 3],
    /// Requests by URL without its query.
    pub urls: Ranking,
    /// Requests and streams by client's address.
    pub clients: Ranking,
    accepts: Accepts,
    paths: Paths,
    source: u32,
    /// Head and writer of the last line that was counted, see [`crate::carrier::Record`].
    last: (u32, u32),
    hosts: Vec<Host>,
    host: usize,
}

/// When lines of one host are counted.
#[derive(Clone, Debug)]
struct Host {
    source: u32,
    name: Box<[u8]>,
    axis: Axis,
    spans: Option<Vec<(i64, i64)>>,
}

/// Hosts whose times are remembered; they are asked for again beyond it.
const HOSTS_MAX: usize = 256;
/// Statuses have three digits; one more place is for none.
const STATUSES: usize = 1001;

impl Figures {
    #[inline(always)]
    fn line<'a>(&mut self, ask: &Ask, spot: Spot, seen: impl Fn() -> Seen<'a>, line: Traffic<'a>) {
        self.read.n_traffic += 1;
        if let Some(keep) = &ask.keep
            && !self.is_timely(keep.as_ref(), &seen(), &{ line })
        {
            self.read.n_left_out += 1;
            return;
        }
        let is_ok = line.timers.are_whole();
        let is_chosen = |names: &Names<'_>| {
            let keep = ask.keep.as_ref();
            keep.is_none_or(|keep| keep.names(names.frontend(), names.backend()))
        };
        let is_wanted = match self.paths.of(line.names(), is_chosen) {
            Some(served) if served.is_wanted => {
                served.count(line, is_ok);
                true
            }
            Some(_) => false,
            None => is_chosen(&{ line.names() }),
        };
        if !is_wanted {
            self.read.n_left_out += 1;
            return;
        }
        self.read.n_err += u64::from(!is_ok);
        self.outcome(line);
        if let Some(at) = line.accept {
            self.accept = Some(match self.accept {
                Some((first, last)) => (first.min(at), last.max(at)),
                None => (at, at),
            });
            if ask.holes {
                let is_last = |now, last| now != 0 && now == last;
                let (head, writer) = self.last;
                let same_host = is_last(spot.head, head) || is_last(spot.writer, writer);
                self.last = (spot.head, spot.writer);
                if !same_host {
                    self.accepts.turn(seen().record.host);
                }
                self.accepts.count(at);
            }
        }
        if ask.timers && is_ok {
            self.timers(line);
        }
        if ask.urls || ask.clients {
            self.who_asked_what(ask, spot.span, line, is_ok);
        }
    }

    #[inline]
    fn outcome(&mut self, line: Traffic<'_>) {
        if line.http {
            let index = line.status_code.map_or(STATUSES - 1, usize::from);
            if self.statuses.is_empty() {
                self.statuses = vec![0; STATUSES];
            }
            if let Some(n) = self.statuses.get_mut(index) {
                *n += 1;
            }
        } else {
            self.read.n_tcp += 1;
        }
        let Some([term_cond, fin_state, ..]) = line.termination_state else {
            self.n_stateless += 1;
            return;
        };
        if self.states.is_empty() {
            self.states = vec![[0; 3]; 1 << 16];
        }
        let index = usize::from(u16::from_be_bytes([term_cond, fin_state]));
        if let Some([n, n_5xx, n_503]) = self.states.get_mut(index) {
            *n += 1;
            *n_5xx += u64::from(line.status_code.is_some_and(|s| s / 100 == 5));
            *n_503 += u64::from(line.status_code == Some(503));
        }
    }

    #[inline]
    fn timers(&mut self, line: Traffic<'_>) {
        let t = line.timers;
        let all = [
            t.req_timer_hdr_ms(),
            t.req_timer_queue_ms(),
            t.bc_timer_connect_ms(),
            t.res_timer_hdr_ms(),
            t.total_ms(),
        ];
        if !line.http {
            let [_, queue, connect, _, total] = all;
            for (histogram, timer) in self.tcp.iter_mut().zip([queue, connect, total]) {
                if let Some(ms) = timer {
                    histogram.count(ms);
                }
            }
            return;
        }
        // What is left of the whole: sending the answer. Never negative but in damaged clocks, where halog warns.
        let rest = match all {
            [Some(a), Some(b), Some(c), Some(d), Some(total)] => {
                let parts = u64::from(a) + u64::from(b) + u64::from(c) + u64::from(d);
                Some(total.saturating_sub(u32::try_from(parts).unwrap_or(u32::MAX)))
            }
            _ => None,
        };
        let [a, b, c, d, total] = all;
        for (histogram, timer) in self.http.iter_mut().zip([a, b, c, d, total, rest]) {
            if let Some(ms) = timer {
                histogram.count(ms);
            }
        }
    }

    #[inline]
    fn who_asked_what(&mut self, ask: &Ask, span: Span, line: Traffic<'_>, is_ok: bool) {
        let answered = line.timers.res_timer_hdr_ms();
        let asked = Asked {
            n: 1,
            n_err: u64::from(!is_ok),
            n_5xx: u64::from(line.status_code.is_some_and(|s| s / 100 == 5)),
            time_ms: u64::from(answered.or(line.timers.total_ms()).unwrap_or(0)),
            time_ok_ms: u64::from(answered.unwrap_or(0)),
            bytes: line.bytes_read().unwrap_or(0),
        };
        let lot = ranking::lot(span.source, span.offset);
        if ask.urls && line.http {
            match line.tail.url() {
                b"" => self.read.n_without_url += 1,
                url => self.urls.count(url, &asked, lot),
            }
        }
        if ask.clients {
            match line.client() {
                b"" => self.read.n_without_client += 1,
                client => self.clients.count(client, &asked, lot),
            }
        }
    }

    fn is_timely(&mut self, keep: &dyn Keep, seen: &Seen<'_>, line: &Traffic<'_>) -> bool {
        let (host, stamp, end) = (seen.record.host, seen.record.stamp, line.end());
        // As the evidence does: a date with a zone is a stamp of its own.
        let axis = match (end, line.offset_minutes) {
            (Some(end), Some(minutes)) => {
                let utc = Stamp::utc(end - i64::from(minutes) * MINUTE, Precision::Second);
                Axis::of(Some(utc), Some(end))
            }
            _ => Axis::of(stamp, end),
        };
        let source = self.source;
        let current = self.hosts.get(self.host);
        if current.is_none_or(|h| h.source != source || h.axis != axis || *h.name != *host) {
            self.host = self.host_index(keep, host, axis);
        }
        let Some(Some(spans)) = self.hosts.get(self.host).map(|host| &host.spans) else {
            return true;
        };
        if let Some(at) = line.accept {
            return spans.iter().any(|&(from, to)| from <= at && at <= to);
        }
        self.read.n_undated += u64::from(stamp.is_none());
        stamp.is_some_and(|stamp| keep.stamp(source, stamp))
    }

    fn host_index(&mut self, keep: &dyn Keep, name: &[u8], axis: Axis) -> usize {
        let source = self.source;
        let is_it = |h: &Host| h.source == source && h.axis == axis && *h.name == *name;
        if let Some(index) = self.hosts.iter().position(is_it) {
            return index;
        }
        if self.hosts.len() >= HOSTS_MAX {
            self.hosts.clear();
        }
        self.hosts.push(Host {
            source,
            name: name.into(),
            axis,
            spans: keep.spans(source, name, axis),
        });
        self.hosts.len() - 1
    }

    /// One row per `backend/server`; whether there were too many of them.
    pub fn servers(&mut self) -> (Vec<Served>, bool) {
        std::mem::take(&mut self.paths).rows()
    }

    /// Every gap between accept dates of at least so many microseconds; how short a gap was looked for, and whether hosts were
    /// left out.
    pub fn gaps(&mut self, at_least: i64) -> (Vec<Gap>, i64, bool) {
        let accepts = std::mem::take(&mut self.accepts);
        let is_full = accepts.is_full;
        let (gaps, shortest) = accepts.gaps(at_least);
        (gaps, shortest, is_full)
    }
}

impl Sink for Figures {
    type Ask = Ask;
    type Log = Figures;

    fn log(&mut self, source: u32) -> &mut Figures {
        self.source = source;
        self
    }

    fn finish(&mut self) {
        self.urls.settle();
        self.clients.settle();
    }

    fn merge(&mut self, other: Figures, both: Both) {
        let Figures {
            read,
            accept,
            statuses,
            states,
            n_stateless,
            http,
            tcp,
            mut urls,
            mut clients,
            accepts,
            paths,
            source: _,
            last: _,
            hosts: _,
            host: _only_save_work,
        } = other;
        self.read.merge(read);
        self.accept = match (self.accept, accept) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
        self.statuses
            .resize(statuses.len().max(self.statuses.len()), 0);
        for (mine, theirs) in self.statuses.iter_mut().zip(statuses) {
            *mine += theirs;
        }
        self.states
            .resize(states.len().max(self.states.len()), [0; 3]);
        for (mine, theirs) in self.states.iter_mut().zip(states) {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine += theirs;
            }
        }
        self.n_stateless += n_stateless;
        let mine = self.http.iter_mut().chain(&mut self.tcp);
        for (mine, theirs) in mine.zip(http.into_iter().chain(tcp)) {
            mine.merge(theirs);
        }
        let (mine, my_clients) = (&mut self.urls, &mut self.clients);
        both(&mut || mine.merge(std::mem::take(&mut urls)), &mut || {
            my_clients.merge(std::mem::take(&mut clients));
        });
        self.accepts.merge(accepts);
        self.paths.merge(paths);
    }
}

impl LogSink<Ask> for Figures {
    fn start_block(&mut self) {
        self.last = (0, 0);
    }

    #[inline(always)]
    fn traffic<'a>(
        &mut self,
        ask: &Ask,
        spot: Spot,
        seen: impl Fn() -> Seen<'a>,
        line: Traffic<'a>,
    ) {
        self.read.n_records += 1;
        self.line(ask, spot, seen, line);
    }

    fn other(&mut self, _ask: &Ask, seen: &Seen<'_>, event: &Event<'_>) {
        if seen.record.body.is_empty() {
            return;
        }
        self.read.n_records += 1;
        match event {
            Event::Broken(_) => self.read.n_damaged += 1,
            Event::Unjudged => self.read.n_unjudged += 1,
            Event::Traffic(_)
            | Event::Message(..)
            | Event::Host(_)
            | Event::Note(_)
            | Event::Foreign => {}
        }
    }

    fn begins(&mut self, _first: &[u8], _second: &[u8]) {}

    fn ends(&mut self, _raw: &[u8], _broken: bool) {}

    fn end_block(&mut self, _block: u32, _n_lines: u32) {}
}

impl Read {
    fn merge(&mut self, other: Read) {
        let Read {
            n_records,
            n_traffic,
            n_left_out,
            n_undated,
            n_tcp,
            n_damaged,
            n_unjudged,
            n_err,
            n_without_url,
            n_without_client,
        } = other;
        self.n_records += n_records;
        self.n_traffic += n_traffic;
        self.n_left_out += n_left_out;
        self.n_undated += n_undated;
        self.n_tcp += n_tcp;
        self.n_damaged += n_damaged;
        self.n_unjudged += n_unjudged;
        self.n_err += n_err;
        self.n_without_url += n_without_url;
        self.n_without_client += n_without_client;
    }

    /// Traffic lines that were counted.
    pub fn n_counted(&self) -> u64 {
        self.n_traffic.saturating_sub(self.n_left_out)
    }
}
