//! Leaves -> artifacts and evidence, in an order that depends on names alone.

use crate::artifact;
use crate::artifact::Kind;
use crate::base::Text;
use crate::carrier;
use crate::carrier::Framing;
use crate::evidence::Sink;
use crate::intake;
use crate::intake::Content;
use crate::intake::Item;
use crate::intake::Leaf;
use crate::intake::Limits;
use crate::intake::Trouble;
use crate::run::Found;
use crate::run::Gathered;
use crate::run::formats;
use crate::run::formats::Shelf;
use crate::run::journal;
use crate::run::reading::Reading;
use crate::run::scan;
use crate::run::tailed;
use std::io::Read;

/// Bytes that recognition looks at.
const HEAD: u64 = 64 << 10;
/// Largest document that is parsed, bytes; a larger one is no log and is cut here.
const DOCUMENT_MAX: u64 = 64 << 20;

/// Zero bytes in a row that are a hole in a log, and no number of another format.
const HOLE: usize = 16;

/// Reads every leaf. Logs become evidence; the other artifacts come back as documents.
pub fn gather<S: Sink>(leaves: &[Leaf], limits: &Limits, ask: &S::Ask) -> Gathered<S> {
    formats::settled(leaves, ask, |index, leaf, with| {
        one(index, leaf, limits, with)
    })
}

fn one<S: Sink>(index: u32, leaf: &Leaf, limits: &Limits, with: &Reading<'_, S>) -> Shelf {
    let mut shelf = Shelf::default();
    let mut each = |item: Item<'_>| {
        // 65,536 members a file: the limit of `Limits::members` is below it.
        let source = (index << 16) | (item.member & 0xffff);
        let (found, has_logs) = artifact(source, item, with);
        shelf.artifacts.push(found);
        shelf.has_logs |= has_logs;
    };
    let troubles: Vec<Trouble> = intake::visit(leaf, limits, &mut each);
    shelf.troubles = troubles;
    shelf
}

/// Reads one artifact; says whether log lines were found in it.
fn artifact<S: Sink>(source: u32, item: Item<'_>, with: &Reading<'_, S>) -> (Found, bool) {
    let Item {
        name,
        member: _,
        n_bytes,
        sha256,
        modified,
        note,
        content,
    } = item;
    let mut found = Found {
        source,
        path: name,
        kind: Kind::Empty,
        carrier: "",
        n_bytes,
        sha256,
        modified,
        document: Vec::new(),
        notes: note.into_iter().collect(),
        cut: None,
    };
    let content = match tailed::whole_lines(&found.path, content) {
        tailed::Lines::All(content) => content,
        tailed::Lines::FrontCut(content) => {
            found.notes.push(tailed::NOTE.to_owned());
            content
        }
    };
    let (head, content) = match peek(content) {
        Ok(both) => both,
        Err(error) => {
            found.cut = Some(format!("cannot be read: {error}"));
            return (found, false);
        }
    };
    found.kind = recognize(&head, &mut found);
    if found.kind == Kind::Journal {
        found.carrier = carrier::journal::NAME;
        found.cut = journal::content(source, content, with);
        return (found, true);
    }
    let is_log = matches!(found.kind, Kind::Log | Kind::UnknownText);
    let framing = Framing::of(&head);
    let formats = formats::of_log(is_log, &head, framing, with.formats, &mut found.notes);
    let with = &with.with(&formats);
    let cut = match content {
        Content::Whole(bytes) if is_log => {
            scan::whole(source, framing, &bytes, with);
            None
        }
        Content::File(file, n) if is_log => scan::file(source, framing, file, n, with),
        Content::Stream(inner) if is_log => scan::stream(source, framing, inner, with),
        // Nobody looks into it: a sosreport holds hundreds of megabytes of them.
        _ if found.kind == Kind::Binary => None,
        Content::Whole(bytes) => {
            found.document = bytes;
            None
        }
        Content::File(mut file, _) => document(&mut file, &mut found.document),
        Content::Stream(mut inner) => document(&mut inner, &mut found.document),
    };
    found.cut = cut.map(|error| error.to_string());
    if is_log {
        found.carrier = carrier::name(&head);
        return (found, true);
    }
    let has_logs = logs_inside(source, &found, with);
    (found, has_logs)
}

/// What it is. A log that was not closed well has holes of zeros in it: they are not looked at.
fn recognize(head: &[u8], found: &mut Found) -> Kind {
    let kind = artifact::recognize(head, &found.path);
    if kind != Kind::Binary || !head.contains(&0) {
        return kind;
    }
    let text: Vec<u8> = head.iter().copied().filter(|&byte| byte != 0).collect();
    let holes = head
        .split(|&byte| byte != 0)
        .filter(|hole| hole.len() >= HOLE);
    let kind = match artifact::recognize(&text, &found.path) {
        Kind::Log if holes.count() > 0 => Kind::Log,
        _ => return kind,
    };
    found
        .notes
        .push("has holes of zero bytes, which are left out".to_owned());
    kind
}

/// Log lines that an operator pasted into a session; whether there are any.
fn logs_inside<S: Sink>(source: u32, found: &Found, with: &Reading<'_, S>) -> bool {
    let parts = artifact::split(found.kind, Text::new(&found.document)).into_iter();
    let mut logs = parts.filter(|part| part.kind == Kind::Log).peekable();
    let any = logs.peek().is_some();
    for log in logs {
        scan::part(source, log.text, with);
    }
    any
}

fn document(inner: &mut dyn Read, into: &mut Vec<u8>) -> Option<std::io::Error> {
    inner.take(DOCUMENT_MAX).read_to_end(into).err()
}

/// The first bytes, and the content as if they had not been read.
fn peek(content: Content<'_>) -> std::io::Result<(Vec<u8>, Content<'_>)> {
    match content {
        Content::Whole(bytes) => {
            let head = bytes
                .get(..usize::try_from(HEAD).unwrap_or(0))
                .unwrap_or(&bytes)
                .to_vec();
            Ok((head, Content::Whole(bytes)))
        }
        Content::File(file, n) => {
            let mut head = vec![0; usize::try_from(HEAD.min(n)).unwrap_or(0)];
            let got = intake::read_at(file, &mut head, 0)?;
            head.truncate(got);
            Ok((head, Content::File(file, n)))
        }
        Content::Stream(mut inner) => {
            let mut head = Vec::new();
            (&mut inner).take(HEAD).read_to_end(&mut head)?;
            let again = std::io::Cursor::new(head.clone()).chain(inner);
            Ok((head, Content::Stream(Box::new(again))))
        }
    }
}
