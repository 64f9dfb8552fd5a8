//! What a line's fields say together: one stream, as the built-in decoder gives it.

use super::Format;
use super::date::Date;
use super::fields::Fields;
use super::fields::Values;
use super::program::Program;
use super::variable::Slot;
use crate::event::traffic::Counts;
use crate::event::traffic::Request;
use crate::event::traffic::Tail;
use crate::event::traffic::Timers;
use crate::event::traffic::Traffic;
use crate::event::traffic::names::Names;
use crate::event::traffic::tail;
use crate::event::traffic::timers::Number;

/// What a format's fields tell of its streams' timers, the same for all lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clocks {
    /// `%TR`, or `%Tq`: of 1.x, the time until the request was there.
    header: Option<Slot>,
    /// Which of `%TR`, `%Tw`, `%Tc`, `%Tr` it has.
    has: [bool; 4],
}

impl Clocks {
    pub(super) fn of(program: &Program) -> Clocks {
        let has = |slot| program.shape(slot).is_some();
        let header = [Slot::RequestHeader, Slot::UntilRequest]
            .into_iter()
            .find(|&slot| has(slot));
        Clocks {
            header,
            has: [
                header.is_some(),
                has(Slot::Queue),
                has(Slot::Connect),
                has(Slot::Response),
            ],
        }
    }

    #[inline(always)]
    fn timers<'a>(&self, fields: &impl Values<'a>) -> Timers {
        let totals = [Slot::Active, Slot::User, Slot::Total];
        let total = totals.map(|slot| fields.number(slot));
        let all = [
            self.header.map_or(Number::NONE, |slot| fields.number(slot)),
            fields.number(Slot::Queue),
            fields.number(Slot::Connect),
            fields.number(Slot::Response),
            total
                .into_iter()
                .find(|total| total.is_some())
                .unwrap_or(Number::NONE),
        ];
        Timers::of_format(all, self.has)
    }
}

/// One stream; `None`: the format or the line names no backend, or tells no outcome.
#[inline(always)]
pub(super) fn traffic<'a>(format: &'a Format, fields: &impl Values<'a>) -> Option<Traffic<'a>> {
    if !is_last(fields) {
        return None;
    }
    let backend = fields
        .get(Slot::Backend)
        .or_else(|| format.only_backend())?;
    let status = fields.status();
    let state = fields.get(Slot::State).and_then(state);
    if status.is_none() && state.is_none() {
        return None;
    }
    let timers = format.clocks.timers(fields);
    let (accept, offset_minutes) = accept(fields, timers);
    Some(Traffic {
        before: fields.get(Slot::Client).unwrap_or_default(),
        is_bare: true,
        accept,
        offset_minutes,
        names: names(format, fields, backend),
        timers,
        status_code: status
            .and_then(Number::get)
            .and_then(|status| u16::try_from(status).ok()),
        http: status.is_some(),
        bytes_read: fields.number(Slot::Bytes),
        termination_state: state,
        tail: Tail::of_format(fields.body(), format),
        source: format.source,
        undeclared: false,
    })
}

#[inline(always)]
fn names<'a>(format: &'a Format, fields: &impl Values<'a>, backend: &'a [u8]) -> Names<'a> {
    let frontend = fields.get(Slot::Frontend);
    let server = fields.get(Slot::Server);
    Names::Apart {
        key: if format.is_keyed {
            fields.between(Slot::Frontend, Slot::Server)
        } else {
            b""
        },
        frontend: frontend
            .or_else(|| format.only_frontend())
            .unwrap_or_default(),
        backend,
        server: server.unwrap_or_default(),
    }
}

/// `%OG`: lines of earlier steps of a stream (`log-steps`) tell no outcome yet.
///
/// Source: configuration manual 3.2, "log-steps", "log-profile".
#[inline(always)]
fn is_last<'a>(fields: &impl Values<'a>) -> bool {
    fields.get(Slot::Origin).is_none_or(|origin| {
        matches!(
            origin,
            b"txn_close" | b"sess_error" | b"sess_killed" | b"unspec"
        )
    })
}

#[inline(always)]
fn state(bytes: &[u8]) -> Option<[u8; 4]> {
    match *bytes {
        [a, b] => Some([a, b, b'-', b'-']),
        [a, b, c, d] => Some([a, b, c, d]),
        _ => None,
    }
}

/// When the request began, and how far that axis is ahead of UTC where the line says so.
///
/// `%tr` and its kin are the request's own date. `%t` is that of the connection, which on keep-alive may be long before: what
/// passed in between is `%Th` + `%Ti`, `%Tq` - `%TR`, or `%Tt` - `%Ta`, whichever the line has.
#[inline(always)]
fn accept<'a>(fields: &impl Values<'a>, timers: Timers) -> (Option<i64>, Option<i16>) {
    match fields.date(Slot::RequestDate) {
        Some(date) => (Some(date.micros), date.offset),
        None => from_other_dates(fields, timers.total_ms()),
    }
}

#[inline(never)]
fn from_other_dates<'a>(
    fields: &impl Values<'a>,
    total_ms: Option<u32>,
) -> (Option<i64>, Option<i16>) {
    let ms = |slot| fields.number(slot).ms().map(i64::from);
    if let Some(date) = fields.date(Slot::AcceptDate) {
        let before = match (ms(Slot::Handshake), ms(Slot::Idle)) {
            (Some(handshake), Some(idle)) => Some(handshake + idle),
            _ => {
                let pairs = [
                    (Slot::UntilRequest, Slot::RequestHeader),
                    (Slot::Total, Slot::Active),
                ];
                pairs
                    .into_iter()
                    .find_map(|(all, part)| Some((ms(all)? - ms(part)?).max(0)))
            }
        };
        let within = within_second(fields, date);
        let micros = date.micros + (within + before.unwrap_or(0)) * 1000;
        return (Some(micros), date.offset);
    }
    match fields.date(Slot::LogDate) {
        Some(date) => {
            let total = i64::from(total_ms.unwrap_or(0)) * 1000;
            (Some(date.micros - total), date.offset)
        }
        None => (None, None),
    }
}

/// `%ms`, which stands beside accept dates of whole seconds; 0 beside others.
fn within_second<'a>(fields: &impl Values<'a>, accept: Date) -> i64 {
    match fields.number(Slot::AcceptMs).get() {
        Some(ms) if ms < 1000 && accept.micros % 1_000_000 == 0 => i64::try_from(ms).unwrap_or(0),
        _ => 0,
    }
}

/// Connection counts and queues; zeros where the format has none.
pub(super) fn counts(fields: &Fields<'_>) -> Counts {
    let count = |slot| fields.number(slot).ms().unwrap_or(0);
    Counts {
        actconn: count(Slot::ActConn),
        feconn: count(Slot::FeConn),
        beconn: count(Slot::BeConn),
        srv_conn: count(Slot::SrvConn),
        retries: count(Slot::Retries),
        redispatched: fields
            .get(Slot::Retries)
            .is_some_and(|retries| retries.starts_with(b"+")),
        srv_queue: count(Slot::SrvQueue),
        backend_queue: count(Slot::BackendQueue),
    }
}

/// The request line in its parts, from `%r` or from the parts that the format has.
pub(super) fn request<'a>(fields: &Fields<'a>) -> Request<'a> {
    let mut request = match fields.get(Slot::Request) {
        Some(line) => tail::parts_of(line),
        None => {
            let uri = [Slot::Uri, Slot::Path]
                .into_iter()
                .find_map(|slot| fields.get(slot));
            Request {
                method: fields.get(Slot::Method).unwrap_or_default(),
                ..tail::parts_of_uri(uri.unwrap_or_default())
            }
        }
    };
    if request.host.is_empty() {
        request.host = fields.get(Slot::Host).unwrap_or_default();
    }
    request
}
