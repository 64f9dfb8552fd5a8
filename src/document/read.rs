//! Splitting documents and handing each part to its parser.

use crate::artifact;
use crate::artifact::Kind;
use crate::artifact::Part;
use crate::base::Precision;
use crate::base::SECOND;
use crate::base::Stamp;
use crate::base::Text;
use crate::capture;
use crate::capture::Capture;
use crate::config;
use crate::document::CaptureDoc;
use crate::document::ConfigDoc;
use crate::document::Documents;
use crate::document::DumpDoc;
use crate::document::How;
use crate::document::PartNote;
use crate::document::PatternDoc;
use crate::document::Taken;
use crate::document::pattern_lines;
use crate::dump;
use crate::dump::Dump;
use std::borrow::Cow;

/// One document as it was gathered.
#[derive(Debug)]
pub struct Raw {
    /// Number of the artifact.
    pub source: u32,
    /// Path as the report shows it.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Modification time of an archive's member, seconds since 1970.
    pub modified: Option<i64>,
}

/// Reads every document.
pub fn read(raws: Vec<Raw>) -> Documents {
    let mut documents = Documents::default();
    for raw in raws {
        let named = artifact::stamp_in_name(&raw.path).map(|stamp| Taken {
            stamp,
            how: How::Name,
        });
        let stored = raw.modified.map(|s| Taken {
            stamp: Stamp::utc(s.saturating_mul(SECOND), Precision::Second),
            how: How::Archive,
        });
        for part in artifact::split(raw.kind, Text::new(&raw.bytes)) {
            let lines = broken_up(&part);
            let part = &Part {
                text: Text::at(&lines, part.text.first),
                ..part.clone()
            };
            let prompted = part.at.map(|stamp| Taken {
                stamp,
                how: How::Prompt,
            });
            let taken = named.or(prompted).or(stored);
            let note = documents.part(&raw, part, taken);
            documents.parts.entry(raw.source).or_default().push(note);
        }
        documents.share_time(raw.source);
        documents.texts.insert(raw.source, raw.bytes);
    }
    documents
}

impl Documents {
    /// Outputs that one file holds in a row were asked for together: `show info` among them tells when, where nothing else does.
    fn share_time(&mut self, source: u32) {
        let of_file = self.dumps.iter().filter(|doc| doc.source == source);
        let told: Vec<(u64, Taken)> = of_file
            .filter(|doc| matches!(doc.dump, Dump::Info(_)))
            .filter_map(|doc| Some((doc.at.offset, doc.taken?)))
            .filter(|(_, taken)| taken.how == How::Content)
            .collect();
        let untold = self
            .dumps
            .iter_mut()
            .filter(|doc| doc.source == source && doc.taken.is_none());
        for doc in untold {
            let nearest = told
                .iter()
                .min_by_key(|(offset, _)| offset.abs_diff(doc.at.offset));
            doc.taken = nearest.map(|(_, taken)| *taken);
        }
    }

    fn part(&mut self, raw: &Raw, part: &Part<'_>, taken: Option<Taken>) -> PartNote {
        let mut note = PartNote {
            kind: part.kind,
            at: part.text.first,
            n_records: 0,
            n_broken: 0,
            first_broken: None,
        };
        match part.kind {
            Kind::Config => {
                let config = config::parse(part.text);
                note.n_records = config.n_directives;
                note.n_broken = config.problems.len() as u64;
                note.first_broken = config.problems.first().map(|p| p.at);
                self.configs.push(ConfigDoc {
                    source: raw.source,
                    path: raw.path.clone(),
                    config,
                });
            }
            Kind::Dump(kind) => {
                let (dump, tally) = dump::parse(kind, part.text);
                note.n_records = tally.n_rows;
                note.n_broken = tally.n_broken;
                note.first_broken = tally.first_broken;
                let taken = own_time(&dump).or(taken);
                self.dumps.push(DumpDoc {
                    source: raw.source,
                    at: part.text.first,
                    path: raw.path.clone(),
                    taken,
                    dump,
                });
            }
            Kind::Capture(kind) => {
                for capture in capture::parse(kind, &part.command, part.text) {
                    note.n_records += 1;
                    let taken = capture_time(&capture).or(taken);
                    let host = part.host.clone();
                    self.captures.push(CaptureDoc {
                        source: raw.source,
                        path: raw.path.clone(),
                        host,
                        taken,
                        capture,
                    });
                }
            }
            Kind::Map => {
                let lines = pattern_lines(part.text.bytes);
                note.n_records = lines.len() as u64;
                self.patterns.push(PatternDoc {
                    path: raw.path.clone(),
                    lines,
                });
            }
            _ => {}
        }
        note
    }
}

/// The part's bytes; where lines were run into a paragraph, a line feed takes the place of the blank before each.
fn broken_up<'a>(part: &Part<'a>) -> Cow<'a, [u8]> {
    if part.pieces.is_empty() {
        return Cow::Borrowed(part.text.bytes);
    }
    let mut bytes = part.text.bytes.to_vec();
    for piece in &part.pieces {
        let at = piece
            .first
            .offset
            .checked_sub(part.text.first.offset + 1)
            .and_then(|at| usize::try_from(at).ok());
        if let Some(blank) = at.and_then(|at| bytes.get_mut(at)).filter(|c| **c == b' ') {
            *blank = b'\n';
        }
    }
    Cow::Owned(bytes)
}

/// `show info` knows when its process started and for how long it has run.
fn own_time(dump: &Dump) -> Option<Taken> {
    let Dump::Info(fields) = dump else {
        return None;
    };
    let number = |name: &str| {
        fields
            .iter()
            .find(|(n, _)| n == name)?
            .1
            .parse::<i64>()
            .ok()
    };
    let taken = number("Start_time_sec")?.checked_add(number("Uptime_sec")?)?;
    Some(Taken {
        stamp: Stamp::utc(taken.checked_mul(SECOND)?, Precision::Second),
        how: How::Content,
    })
}

fn capture_time(capture: &Capture) -> Option<Taken> {
    let stamp = match capture {
        Capture::Curl(curl) => curl.date,
        Capture::Lookup(lookup) => lookup.when,
        Capture::ConfigCheck(_)
        | Capture::Version(_)
        | Capture::Unit(_)
        | Capture::Listening(_)
        | Capture::SocketCommand { .. } => None,
    }?;
    Some(Taken {
        stamp,
        how: How::Content,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::recognize;

    fn times(path: &str, text: &str) -> Vec<Option<How>> {
        let raw = Raw {
            source: 1,
            path: path.to_owned(),
            kind: recognize(text.as_bytes(), path),
            bytes: text.as_bytes().to_vec(),
            modified: None,
        };
        let documents = read(vec![raw]);
        let dumps = documents.dumps.iter();
        dumps.map(|doc| doc.taken.map(|taken| taken.how)).collect()
    }

    #[test]
    fn dumps_of_one_file_were_taken_when_its_process_says() {
        let info = "Name: HAProxy\nUptime_sec: 60\nStart_time_sec: 1780696000\n\n";
        let backends = "# name\nbe_app\n\n";
        assert_eq!(
            times("saved.txt", &format!("{info}{backends}")),
            [Some(How::Content), Some(How::Content)]
        );
        assert_eq!(times("saved.txt", backends), [None]);
        assert_eq!(
            times("saved.20260605T220400Z.txt", &format!("{info}{backends}")),
            [Some(How::Content), Some(How::Name)]
        );
        let ageless = "Name: HAProxy\nUptime_sec: 60\n\n";
        assert_eq!(
            times("saved.txt", &format!("{ageless}{backends}")),
            [None, None]
        );
    }
}
