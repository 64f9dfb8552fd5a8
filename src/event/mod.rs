//! Record bodies become events: traffic lines, HAProxy's own messages, lines of the rest of the host.
//!
//! Nothing here fails: what is not ours is [`Event::Foreign`], what is ours and damaged is [`Event::Broken`].

pub mod host;
pub mod message;
mod note;
pub mod traffic;

use crate::carrier::Record;

pub use note::Note;

/// What one record says.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A traffic line: one stream of HTTP or TCP.
    Traffic(traffic::Traffic<'a>),
    /// A message of HAProxy, and the pid in its text when it carries one.
    Message(message::TextPid, Box<message::Message>),
    /// A line of another program that bears on availability.
    Host(Box<host::HostEvent>),
    /// A line about the log that it stands in.
    Note(Note),
    /// Somebody else's line that says nothing here.
    Foreign,
    /// A traffic line that is damaged, and how.
    Broken(&'static str),
    /// A traffic line in a known format that names no backend, or tells no outcome.
    Unjudged,
}

/// Identifiers whose lines never are HAProxy's, whatever they look like.
fn is_another_program(ident: &[u8]) -> bool {
    matches!(
        ident,
        b"systemd"
            | b"kernel"
            | b"sudo"
            | b"sshd"
            | b"CRON"
            | b"systemd-logind"
            | b"systemd-networkd"
    )
}

/// Start of the line that a frontend without any log format writes at accept: no status, no backend, no server.
///
/// Source: configuration manual 3.2, "Default log format".
const CONNECT: &[u8] = b"Connect from ";

/// The traffic line in a record like nearly all, see [`traffic::Quick`]; `None`: it is to be decoded.
#[inline(always)]
pub fn quickly<'a, 'f: 'a, Q: traffic::Quick>(
    record: &Record<'a>,
    memory: &mut traffic::Memory<'f>,
) -> Option<traffic::Traffic<'a>> {
    if memory.is_foreign(record, is_another_program) {
        return None;
    }
    Q::read(record.body, memory)
}

/// Decodes one record.
pub fn decode<'a, 'f: 'a>(record: &Record<'a>, memory: &mut traffic::Memory<'f>) -> Event<'a> {
    if memory.is_foreign(record, is_another_program) {
        return other(record);
    }
    let mut line = None;
    match traffic::decode(record.body, memory, &mut line) {
        traffic::Decoded::Traffic => line.map_or(Event::Foreign, Event::Traffic),
        traffic::Decoded::Broken(why) => Event::Broken(why),
        traffic::Decoded::Unjudged => Event::Unjudged,
        traffic::Decoded::NotTraffic => message(record),
    }
}

/// A line without traffic, perhaps a message of HAProxy.
#[inline(never)]
fn message<'l>(record: &Record<'_>) -> Event<'l> {
    if record.body.starts_with(CONNECT) {
        return Event::Message(None, Box::new(message::Message::Other));
    }
    match message::decode(record.body) {
        Some((pid, message)) => Event::Message(pid, Box::new(message)),
        None => other(record),
    }
}

/// A line that is not HAProxy's.
#[inline(never)]
fn other<'l>(record: &Record<'_>) -> Event<'l> {
    if let Some(note) = note::read(record) {
        return Event::Note(note);
    }
    if let Some(why) = note::not_printed(record) {
        return Event::Broken(why);
    }
    match host::decode(record.ident, record.body) {
        Some(event) => Event::Host(Box::new(event)),
        None => Event::Foreign,
    }
}
