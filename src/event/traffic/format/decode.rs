//! What a line's fields say together: one stream, as the built-in decoder gives it.

use super::Format;
use super::date::Date;
use super::program::Fields;
use super::variable::Shape;
use super::variable::Slot;
use crate::base::MINUTE;
use crate::base::decimal;
use crate::event::traffic::Counts;
use crate::event::traffic::Request;
use crate::event::traffic::Source;
use crate::event::traffic::Tail;
use crate::event::traffic::Timers;
use crate::event::traffic::Traffic;
use crate::event::traffic::names::Names;
use crate::event::traffic::tail;
use crate::event::traffic::timers::Number;

/// One stream; `None`: the format or the line names no backend, or tells no outcome.
pub(super) fn traffic<'a>(
    format: &'a Format,
    fields: &Fields<'a>,
    body: &'a [u8],
    source: Source,
) -> Option<Traffic<'a>> {
    if !is_last(fields) {
        return None;
    }
    let frontend = fields.get(Slot::Frontend).or(format.only_frontend());
    let backend = fields.get(Slot::Backend).or(format.only_backend())?;
    let status = fields.get(Slot::Status).filter(|status| *status != b"0");
    let state = fields.get(Slot::State).and_then(state);
    if status.is_none() && state.is_none() {
        return None;
    }
    let timers = timers(format, fields);
    let (accept, offset) = accept(format, fields, &timers);
    Some(Traffic {
        before: fields.get(Slot::Client).unwrap_or_default(),
        is_bare: true,
        accept,
        offset_minutes: offset.and_then(|offset| i16::try_from(offset / MINUTE).ok()),
        names: Names::Apart {
            frontend: frontend.unwrap_or_default(),
            backend,
            server: fields.get(Slot::Server).unwrap_or_default(),
        },
        timers,
        status_code: status.and_then(|s| u16::try_from(decimal(s)?).ok()),
        http: status.is_some(),
        bytes_read: Number::of_some(fields.get(Slot::Bytes).and_then(number)),
        termination_state: state,
        tail: Tail::of_format(body, format),
        source,
        undeclared: false,
    })
}

/// `%OG`: lines of earlier steps of a stream (`log-steps`) tell no outcome yet.
///
/// Source: configuration manual 3.2, "log-steps", "log-profile".
fn is_last(fields: &Fields<'_>) -> bool {
    fields.get(Slot::Origin).is_none_or(|origin| {
        matches!(
            origin,
            b"txn_close" | b"sess_error" | b"sess_killed" | b"unspec"
        )
    })
}

fn state(bytes: &[u8]) -> Option<[u8; 4]> {
    match *bytes {
        [a, b] => Some([a, b, b'-', b'-']),
        [a, b, c, d] => Some([a, b, c, d]),
        _ => None,
    }
}

/// Digits with an optional `+`; a negative number is none.
fn number(bytes: &[u8]) -> Option<u64> {
    decimal(bytes.strip_prefix(b"+").unwrap_or(bytes))
}

fn timer(fields: &Fields<'_>, slot: Slot) -> Option<u32> {
    let value = number(fields.get(slot)?)?;
    Some(u32::try_from(value).unwrap_or(u32::MAX))
}

fn timers(format: &Format, fields: &Fields<'_>) -> Timers {
    let has = |slot| format.program.shape(slot).is_some();
    // `%Tq` of 1.x is the time until the request was there.
    let hdr = [Slot::RequestHeader, Slot::UntilRequest]
        .into_iter()
        .find(|&slot| has(slot));
    let total = [Slot::Active, Slot::User, Slot::Total]
        .into_iter()
        .find_map(|slot| timer(fields, slot));
    Timers::new(
        [
            hdr.and_then(|slot| timer(fields, slot)),
            timer(fields, Slot::Queue),
            timer(fields, Slot::Connect),
            timer(fields, Slot::Response),
            total,
        ],
        [
            hdr.is_some(),
            has(Slot::Queue),
            has(Slot::Connect),
            has(Slot::Response),
        ],
    )
}

/// When the request began, and how far that axis is ahead of UTC where the line says so.
///
/// `%tr` and its kin are the request's own date. `%t` is that of the connection, which on keep-alive may be long before: what
/// passed in between is `%Th` + `%Ti`, `%Tq` - `%TR`, or `%Tt` - `%Ta`, whichever the line has.
fn accept(format: &Format, fields: &Fields<'_>, timers: &Timers) -> (Option<i64>, Option<i64>) {
    if let Some(date) = date(format, fields, Slot::RequestDate) {
        return (Some(date.micros), date.offset);
    }
    let ms = |slot| timer(fields, slot).map(i64::from);
    if let Some(date) = date(format, fields, Slot::AcceptDate) {
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
        let micros = date.micros + before.unwrap_or(0) * 1000;
        return (Some(micros), date.offset);
    }
    match date(format, fields, Slot::LogDate) {
        Some(date) => {
            let total = i64::from(timers.total_ms().unwrap_or(0)) * 1000;
            (Some(date.micros - total), date.offset)
        }
        None => (None, None),
    }
}

fn date(format: &Format, fields: &Fields<'_>, slot: Slot) -> Option<Date> {
    let bytes = fields.get(slot)?;
    let Some(Shape::Date(shape)) = format.program.shape(slot) else {
        return None;
    };
    let (date, _) = shape.read(bytes)?;
    let ms = fields
        .get(Slot::AcceptMs)
        .filter(|_| slot == Slot::AcceptDate);
    // `%ms` stands beside dates of whole seconds.
    let more = match ms.and_then(number) {
        Some(ms) if ms < 1000 && date.micros % 1_000_000 == 0 => i64::try_from(ms).unwrap_or(0),
        _ => 0,
    };
    Some(Date {
        micros: date.micros + more * 1000,
        ..date
    })
}

/// Connection counts and queues; zeros where the format has none.
pub(super) fn counts(fields: &Fields<'_>) -> Counts {
    let count = |slot| timer(fields, slot).unwrap_or(0);
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
