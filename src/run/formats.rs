//! Which log formats hold for a bundle: those of its configurations, wherever they stand.
//!
//! All logs are read with the same set, whatever the order of the arguments: a leaf that was read before the set was complete
//! is read again. Files that look like configurations by their names go first, so that this is seldom.

use crate::artifact;
use crate::artifact::Kind;
use crate::base::Text;
use crate::carrier::Framing;
use crate::carrier::Reader;
use crate::carrier::frames;
use crate::config;
use crate::config::Config;
use crate::event::traffic::format::Formats;
use crate::event::traffic::format::infer;
use crate::evidence::Sink;
use crate::intake::Leaf;
use crate::intake::Trouble;
use crate::run::Found;
use crate::run::Gathered;
use crate::run::reading;
use crate::run::reading::Pool;
use crate::run::reading::Reading;
use memchr::memmem;
use rayon::prelude::*;
use std::borrow::Cow;

/// Lines at a log's beginning that a format is inferred from.
const LINES_MAX: usize = 400;

/// What one leaf holds beside the records of its logs.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    pub(super) artifacts: Vec<Found>,
    pub(super) troubles: Vec<Trouble>,
    /// Records of it went into a sink.
    pub(super) has_logs: bool,
}

/// Reads every leaf with the formats of the whole bundle.
pub(super) fn settled<S: Sink>(
    leaves: &[Leaf],
    ask: &S::Ask,
    read: impl Fn(u32, &Leaf, &Reading<'_, S>) -> Shelf + Sync,
) -> Gathered<S> {
    let mut formats = Formats::of(&[]);
    let mut done: Vec<Option<Shelf>> = leaves.iter().map(|_| None).collect();
    // What was read of files, and of standard input, which can be read only once.
    let (mut files, once) = (Pool::new(), Pool::new());
    for first in [true, false] {
        let pools = [&files, &once];
        wave(leaves, &mut done, (&formats, ask), pools, &read, |leaf| {
            looks_like_config(leaf) == first
        });
        let more = of(&done);
        let is_other = more != formats && !(more.is_built_in() && formats.is_built_in());
        formats = more;
        if is_other {
            // Documents stay; what holds logs is read again.
            files = Pool::new();
            for (leaf, done) in leaves.iter().zip(&mut done) {
                if leaf.path.is_some() {
                    done.take_if(|shelf| shelf.has_logs);
                }
            }
        }
    }
    let pools = [&files, &once];
    wave(leaves, &mut done, (&formats, ask), pools, &read, |_| true);
    let mut gathered = Gathered {
        artifacts: Vec::new(),
        evidence: files.joined(),
        troubles: Vec::new(),
    };
    gathered.evidence.merge(once.joined(), reading::both);
    for shelf in done.into_iter().flatten() {
        gathered.artifacts.extend(shelf.artifacts);
        gathered.troubles.extend(shelf.troubles);
    }
    gathered
}

/// Reads the leaves that were not read yet and are wanted; standard input goes into the second pool.
fn wave<S: Sink>(
    leaves: &[Leaf],
    done: &mut [Option<Shelf>],
    (formats, ask): (&Formats, &S::Ask),
    [files, once]: [&Pool<S>; 2],
    read: &(impl Fn(u32, &Leaf, &Reading<'_, S>) -> Shelf + Sync),
    is_wanted: impl Fn(&Leaf) -> bool + Sync,
) {
    leaves
        .par_iter()
        .zip(done)
        .enumerate()
        .filter(|(_, (leaf, done))| done.is_none() && is_wanted(leaf))
        .for_each(|(index, (leaf, done))| {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let pool = if leaf.path.is_some() { files } else { once };
            let with = Reading { formats, ask, pool };
            *done = Some(read(index, leaf, &with));
        });
}

/// By its name; a wrong guess costs time only.
fn looks_like_config(leaf: &Leaf) -> bool {
    let name = leaf.name.to_ascii_lowercase();
    [".cfg", ".conf", ".txt", ".md"]
        .iter()
        .any(|end| name.contains(end))
}

/// The formats that the configurations read so far declare.
fn of(done: &[Option<Shelf>]) -> Formats {
    let found = done.iter().flatten().flat_map(|shelf| &shelf.artifacts);
    let documents: Vec<_> = found
        .filter(|found| !matches!(found.kind, Kind::Log | Kind::UnknownText | Kind::Journal))
        .collect();
    let declares = |bytes: &[u8]| {
        memmem::find(bytes, b"log-format").is_some()
            || memmem::find(bytes, b"log-profile").is_some()
    };
    if !documents.iter().any(|found| declares(&found.document)) {
        return Formats::of(&[]);
    }
    let configs: Vec<Config> = documents
        .par_iter()
        .flat_map_iter(|found| artifact::split(found.kind, Text::new(&found.document)))
        .filter(|part| part.kind == Kind::Config)
        .map(|part| config::parse(part.text))
        .collect();
    Formats::of(&configs.iter().collect::<Vec<_>>())
}

/// The set that one artifact is read with.
pub(super) fn of_log<'f>(
    is_log: bool,
    head: &[u8],
    framing: Framing,
    formats: &'f Formats,
    notes: &mut Vec<String>,
) -> Cow<'f, Formats> {
    let more = is_log.then(|| inferred(head, framing, formats, notes));
    more.flatten().map_or(Cow::Borrowed(formats), Cow::Owned)
}

/// The set with a format that the log's first lines show and no configuration declares, and a note about it.
fn inferred(
    head: &[u8],
    framing: Framing,
    formats: &Formats,
    notes: &mut Vec<String>,
) -> Option<Formats> {
    let whole = framing
        .start_after(head, head.len().saturating_sub(1).max(1))
        .unwrap_or(head.len());
    let mut reader = Reader::new(framing);
    let mut bodies = Vec::<Vec<u8>>::new();
    for frame in frames(framing, head.get(..whole).unwrap_or(head)).take(LINES_MAX) {
        let record = reader.read(frame.raw);
        bodies.push(record.body.to_vec());
    }
    let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
    let format = infer(&bodies, formats)?;
    notes.push(format!(
        "no configuration declares the format of these lines, it was inferred from them: {}",
        crate::base::printable(format.text.as_bytes())
    ));
    Some(formats.with(format))
}
